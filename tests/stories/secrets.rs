//! Secrets stay in their place: not in files, not in logs, not in what is printed.

use std::io::Write;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};

use next_desktop::app::{SecretsChoice, SecretsStore};
use next_desktop::error::Code;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use zoom_sim::{Fault, FaultRule, MeetingSpec, Place};

use super::harness::{MAYA, World, files_below};

/// A log in memory.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// What was written.
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Connects, imports, fails, is revoked, connects again and disconnects; what could be printed on the way.
async fn a_whole_life(world: &World) -> (super::harness::Person, String) {
    let good = world.sim.add_meeting(MeetingSpec::talk("Interview", "checkout")).uuid;
    let bad = world.sim.add_meeting(MeetingSpec::talk("Refused", "sync")).uuid;
    world.sim.change_meeting(&bad, |meeting| meeting.forbidden = true);
    let (maya, research) = world.importer().await;
    let mut printed = String::new();
    let mut events = maya.app.events().subscribe();
    world.sim.fault(FaultRule::times(Place::Storage, 1, Fault::Cut { after: 1000 }));
    printed += &format!("{:?}", maya.import(&research, &[&good, &bad]).await);
    let (from, to) = ("2026-01-01".parse().unwrap(), "2026-01-02".parse().unwrap());
    printed += &format!("{:?}", maya.app.cloud_recordings(from, to).await);
    world.sim.expire_access_tokens();
    printed += &format!("{:?}", maya.app.cloud_recordings(from, to).await);
    printed += &format!("{:?}", maya.app.doctor().await);
    world.sim.revoke_tokens(MAYA);
    printed += &format!("{:?}", maya.app.cloud_recordings(from, to).await);
    printed += &format!("{:?}", maya.app.account_status().await);
    printed += &format!("{:?}", maya.connect(&world.sim, MAYA).await);
    while let Ok(event) = events.try_recv() {
        printed += &format!("{event:?}");
    }
    printed += &format!("{:?} {:?}", maya.app.settings().await, maya.app.zoom_client().await);
    printed += &format!("{:?} {:?}", maya.app.app_info().await, maya.secrets);
    printed += &format!("{:?}", maya.app.recordings(&research.id).await);
    (maya, printed)
}

#[tokio::test]
async fn no_secret_is_in_a_file_a_log_or_anything_printed() {
    let log = Log::default();
    let writer = log.clone();
    let ours = filter_fn(|metadata| {
        *metadata.level() <= tracing::Level::INFO || metadata.target().starts_with("next_desktop")
    });
    let subscriber = tracing_subscriber::registry()
        .with(ours)
        .with(tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone()));
    // All tasks of this test run on its own thread.
    let _logging = tracing::subscriber::set_default(subscriber);
    let world = World::empty().await;

    let (maya, printed) = a_whole_life(&world).await;
    let while_connected = maya.files_with(&world.sim.issued_secrets());
    maya.app.disconnect_zoom().await.unwrap();

    let secrets = world.sim.issued_secrets();
    assert!(secrets.len() > 8, "codes, tokens and signatures were given out");
    assert_eq!(while_connected, []);
    assert_eq!(maya.files_with(&secrets), []);
    let shared: Vec<_> = super::harness::files_with(&world.folder("research"), &secrets);
    assert_eq!(shared, [], "nor in the teamspace");
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("an import stopped"), "the log was written: {log}");
    for secret in &secrets {
        assert!(!log.contains(secret.as_str()), "in the log: {secret}");
        assert!(!printed.contains(secret.as_str()), "printed: {secret}");
    }
}

#[tokio::test]
async fn words_of_a_transcript_are_in_no_log_line() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let (world, uuid) = World::with_talk("Interview").await;
    let (maya, research) = world.importer().await;

    maya.import(&research, &[&uuid]).await;

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let recording = maya.app.recordings(&research.id).await.unwrap().remove(0).recording;
    let opened = maya.app.open_recording(&research.id, &recording.recording_id).await.unwrap();
    assert!(!log.is_empty());
    for cue in opened.transcript.iter().flatten() {
        assert!(!log.contains(&cue.text), "{}", cue.text);
    }
}

#[tokio::test]
async fn the_encrypted_file_is_its_owners_alone_and_keeps_the_sign_in() {
    let world = World::empty().await;
    let maya = world.person("Maya Lindqvist", MAYA).await;
    let passphrase = || "correct horse battery".to_owned();

    maya.app.use_secrets_store(SecretsChoice::File { passphrase: passphrase() }).await.unwrap();
    maya.connect(&world.sim, MAYA).await.unwrap();

    assert_eq!(maya.app.app_info().await.unwrap().secrets.store, SecretsStore::File);
    let path = maya.data().join("secrets.age");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let mut secrets = world.sim.issued_secrets();
    secrets.push(passphrase());
    assert_eq!(maya.files_with(&secrets), [], "it is encrypted");
    assert!(
        files_below(&maya.data()).iter().any(|(file, bytes)| *file == path && bytes.starts_with(b"age-"))
    );
}

#[tokio::test]
async fn a_wrong_passphrase_is_said_and_changes_nothing() {
    let world = World::empty().await;
    let maya = world.person("Maya Lindqvist", MAYA).await;
    let choose =
        |passphrase: &str| maya.app.use_secrets_store(SecretsChoice::File { passphrase: passphrase.into() });
    choose("correct horse battery").await.unwrap();
    maya.connect(&world.sim, MAYA).await.unwrap();
    let before = files_below(&maya.data()).into_iter().find(|(path, _)| path.ends_with("secrets.age"));

    let error = choose("wrong horse").await.unwrap_err();

    assert_eq!(error.code, Code::KeyringUnavailable);
    assert!(error.message.contains("passphrase"), "{error}");
    let after = files_below(&maya.data()).into_iter().find(|(path, _)| path.ends_with("secrets.age"));
    assert_eq!(after, before);
    assert!(choose("").await.is_err(), "an empty one is no passphrase");
    let (from, to) = ("2026-01-01".parse().unwrap(), "2026-01-02".parse().unwrap());
    assert!(maya.app.cloud_recordings(from, to).await.is_ok(), "the store that was open is still used");
}
