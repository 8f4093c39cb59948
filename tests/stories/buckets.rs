//! Teamspaces in buckets, with whole apps and a real S3 server.

use std::path::Path;
use std::time::Duration;

use next_desktop::app::BucketDraft;
use next_desktop::error::Code;
use next_desktop::import::JobState;
use next_desktop::teamspace::{Bucket, Credentials, Location, TeamspaceState};
use s3_servers::{Fault, Proxy, Seen, shared_moto};
use zoom_sim::{FileSpec, MeetingSpec};

use super::harness::{MAYA, World, sha256};
use super::nextctl::Machine;
use super::proxies::{Ca, Tls};

pub const SECRET: &str = "the-secret-of-the-access-key";

/// A fresh bucket behind a proxy, as a person enters it. None where the server is not installed.
pub fn draft() -> Option<(BucketDraft, Proxy)> {
    let server = shared_moto()?;
    let proxy = Proxy::before(server.address());
    let bucket = Bucket {
        endpoint: Some(proxy.endpoint()),
        region: "us-east-1".to_owned(),
        bucket: server.fresh_bucket(),
        prefix: "next".to_owned(),
        credentials: Credentials::AccessKey { id: "AKIATEAM".to_owned() },
    };
    Some((BucketDraft { bucket, secret: Some(SECRET.to_owned()) }, proxy))
}

#[tokio::test]
async fn what_one_brings_into_a_bucket_the_other_sees_and_the_bucket_says_its_name() {
    let Some((draft, _)) = draft() else { return };
    let world = World::empty().await;
    let meeting = world.sim.add_meeting(MeetingSpec::talk("Interview with Dana", "checkout").days_ago(2));
    let maya = world.person("Maya Lindqvist", MAYA).await;
    maya.connect(&world.sim, MAYA).await.unwrap();
    assert_eq!(maya.app.test_bucket(draft.clone()).await.unwrap().teamspace, None);
    let research = maya.add_bucket("Research", draft.clone()).await.unwrap();
    let jobs = maya.import(&research, &[&meeting.uuid]).await;
    assert_eq!(jobs[0].state, JobState::Done, "{:?}", jobs[0].error);

    let jonas = world.person("Jonas", "jonas@example.com").await;
    let tested = jonas.app.test_bucket(draft.clone()).await.unwrap();
    assert_eq!(tested.teamspace.as_deref(), Some("Research"));
    let members: Vec<&str> = tested.members.iter().map(|member| member.name.as_str()).collect();
    assert_eq!((members, tested.more_members), (vec!["Maya Lindqvist"], false), "before he joins");
    let joined = jonas.add_bucket("Whatever", draft).await.unwrap();
    assert_eq!((&joined.id, joined.name.as_str()), (&research.id, "Research"));
    let seen = jonas.app.recordings(&joined.id).await.unwrap();
    assert_eq!(seen[0].recording.title, "Interview with Dana");
    assert_eq!(seen[0].recording.imported_by, "Maya Lindqvist");

    let recording = &seen[0].recording;
    let opened = jonas.app.open_recording(&joined.id, &recording.recording_id).await.unwrap();
    assert!(!opened.transcript[0].is_empty());
    let video = recording.files.iter().position(|file| file.media_type == "video/mp4").unwrap();
    let client = reqwest::Client::new();
    let answer = client.get(&opened.urls[video]).header("range", "bytes=100-199").send().await.unwrap();
    assert_eq!(answer.status(), 206);
    let part = answer.bytes().await.unwrap();
    let whole = client.get(&opened.urls[video]).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(whole.len() as u64, recording.files[video].size);
    assert_eq!(part, whole.slice(100..200));
}

#[tokio::test]
async fn the_secret_key_is_in_the_secret_store_alone_and_goes_with_the_teamspace() {
    let Some((draft, _)) = draft() else { return };
    let world = World::empty().await;
    let maya = world.person("Maya", MAYA).await;
    let research = maya.add_bucket("Research", draft.clone()).await.unwrap();
    let name = draft.bucket.checked().unwrap().secret_name().unwrap();

    let maya = maya.reopen().await;
    let info = maya.app.refresh_teamspace(&research.id).await.unwrap();
    assert_eq!((info.state, &info.error), (TeamspaceState::Ready, &None), "it is opened again by itself");
    assert!(maya.secrets.get(&name).await.unwrap().is_some());
    assert_eq!(maya.files_with(&[SECRET.to_owned()]), []);
    let shown = serde_json::to_string(&maya.app.teamspaces().await.unwrap()).unwrap();
    assert!(!shown.contains(SECRET) && shown.contains("AKIATEAM"), "{shown}");

    maya.app.forget_teamspace(&research.id).await.unwrap();
    assert_eq!(maya.secrets.get(&name).await.unwrap(), None);
}

#[tokio::test]
async fn a_new_key_takes_the_place_of_the_former_one() {
    let Some((draft, _)) = draft() else { return };
    let world = World::empty().await;
    let maya = world.person("Maya", MAYA).await;
    let research = maya.add_bucket("Research", draft.clone()).await.unwrap();
    let former = draft.bucket.checked().unwrap().secret_name().unwrap();
    let credentials = Credentials::AccessKey { id: "AKIANEW".to_owned() };
    let bucket = Bucket { credentials, ..draft.bucket };
    let renewed = maya.add_bucket("Research", BucketDraft { bucket, ..draft }).await.unwrap();
    assert_eq!(renewed.id, research.id);
    assert_eq!(maya.app.teamspaces().await.unwrap().len(), 1);
    assert_eq!(maya.secrets.get(&former).await.unwrap(), None);
    let Location::Bucket(bucket) = &renewed.location else { panic!("{renewed:?}") };
    assert!(maya.secrets.get(&bucket.secret_name().unwrap()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_bucket_that_fails_its_test_is_not_added_and_its_key_is_not_kept() {
    let Some((draft, proxy)) = draft() else { return };
    let world = World::empty().await;
    let maya = world.person("Maya", MAYA).await;
    proxy.on("GET", "", Fault::Instead(403, "<Error><Code>InvalidAccessKeyId</Code></Error>"), usize::MAX);
    let refused = maya.app.add_bucket("Research", draft.clone()).await.unwrap_err();
    assert_eq!(refused.code, Code::BucketRefused);
    assert!(maya.app.teamspaces().await.unwrap().is_empty());
    let name = draft.bucket.checked().unwrap().secret_name().unwrap();
    assert_eq!(maya.secrets.get(&name).await.unwrap(), None);
}

#[tokio::test]
async fn a_key_that_is_revoked_is_said_and_the_import_goes_on_with_the_next_one() {
    let Some((draft, proxy)) = draft() else { return };
    let world = World::empty().await;
    let meeting = world.sim.add_meeting(MeetingSpec::talk("Interview", "checkout").days_ago(2));
    let maya = world.person("Maya", MAYA).await;
    maya.connect(&world.sim, MAYA).await.unwrap();
    let research = maya.add_bucket("Research", draft.clone()).await.unwrap();
    let revoked = Fault::Instead(403, "<Error><Code>InvalidAccessKeyId</Code></Error>");
    for method in ["GET", "PUT", "POST", "HEAD"] {
        proxy.on(method, "recordings/", revoked.clone(), usize::MAX);
    }
    let jobs = maya.import(&research, &[&meeting.uuid]).await;
    assert_eq!(jobs[0].state, JobState::Waiting, "{:?}", jobs[0]);
    assert_eq!(jobs[0].error.as_ref().map(|error| error.code), Some(Code::BucketRefused));

    proxy.heal();
    maya.add_bucket("Research", draft).await.unwrap();
    let jobs = maya.jobs_until(&jobs, |job| job.state == JobState::Done).await;
    assert_eq!(jobs[0].error, None);
}

#[tokio::test]
async fn nextctl_adds_tests_and_joins_a_bucket_without_its_secret_among_the_arguments() {
    let Some((draft, _)) = draft() else { return };
    let world = World::empty().await;
    let mut machine = Machine::of(&world.sim);
    machine.json(&["profile", "set", "--name", "Maya", "--email", "maya@example.com"]).await;
    let endpoint = draft.bucket.endpoint.unwrap();
    let place = ["--bucket", &draft.bucket.bucket, "--prefix", "next", "--endpoint", &endpoint];
    let key = ["--access-key-id", "AKIATEAM"];

    let without = machine.run(&[&["teamspace", "test"], &place[..], &key].concat()).await;
    without.assert_fails(3, "no secret key");
    let arguments = [&["--json", "teamspace", "add", "Research"], &place[..], &key, &["--secret-from-stdin"]];
    let added = machine.run_with_input(&arguments.concat(), SECRET).await;
    assert_eq!(added.code, Some(0), "{added:?}");
    let info = &added.document()["teamspace"];
    assert_eq!(
        (info["name"].as_str(), info["location"]["kind"].as_str()),
        (Some("Research"), Some("bucket"))
    );

    let listed = machine.run(&["teamspace", "list"]).await;
    assert!(listed.stdout.contains(&format!("s3://{}/next", draft.bucket.bucket)), "{listed:?}");
    machine.json(&["teamspace", "refresh", "Research"]).await;

    let other = Machine::of(&world.sim);
    other.json(&["profile", "set", "--name", "Jonas", "--email", "jonas@example.com"]).await;
    machine = other;
    machine.set("NEXT_BUCKET_SECRET", SECRET);
    let tested = machine.json(&[&["teamspace", "test"], &place[..], &key].concat()).await;
    assert_eq!(tested["tested"]["teamspace"], "Research");
    machine.set("AWS_ACCESS_KEY_ID", "AKIAENV");
    machine.set("AWS_SECRET_ACCESS_KEY", SECRET);
    let at = format!("s3://{}/next", draft.bucket.bucket);
    let joined = machine.json(&["teamspace", "add", "Mine", "--at", &at, "--endpoint", &endpoint]).await;
    assert_eq!(joined["teamspace"]["name"], "Research");
    assert_eq!(joined["teamspace"]["location"]["credentials"]["kind"], "aws");
}

#[tokio::test]
async fn nextctl_says_what_is_wrong_with_a_place() {
    let world = World::empty().await;
    let machine = Machine::of(&world.sim);
    machine.json(&["profile", "set", "--name", "Maya", "--email", "maya@example.com"]).await;
    let open = ["teamspace", "add", "R", "--bucket", "team", "--endpoint", "http://s3.example.com"];
    machine.run(&open).await.assert_fails(2, "over https only");
    let both = machine.run(&["teamspace", "add", "R", "--bucket", "team", "--at", "/tmp/x"]).await;
    assert_eq!(both.code, Some(2), "{both:?}");
    let test = machine.run(&["teamspace", "test", "--region", "us-east-1"]).await;
    test.assert_fails(2, "--bucket");
}

/// How many bytes of media were asked for in which request: the key's requests alone, whoever else asks.
fn of_video<'a>(seen: &'a [Seen], method: &str) -> Vec<&'a Seen> {
    seen.iter().filter(|seen| seen.method == method && seen.target.contains("/video")).collect()
}

#[tokio::test]
async fn playing_begins_with_a_piece_reads_ahead_and_asks_the_bucket_for_nothing_twice() {
    let Some((draft, proxy)) = draft() else { return };
    let world = World::empty().await;
    let spec = MeetingSpec::new("Long interview").file(FileSpec::video_of_size(12_000_000, 7));
    let meeting = world.sim.add_meeting(spec);
    let maya = world.person("Maya", MAYA).await;
    maya.connect(&world.sim, MAYA).await.unwrap();
    let research = maya.add_bucket("Research", draft).await.unwrap();
    let jobs = maya.import(&research, &[&meeting.uuid]).await;
    assert_eq!(jobs[0].state, JobState::Done, "{:?}", jobs[0].error);
    let recording = maya.app.recordings(&research.id).await.unwrap().remove(0).recording;
    let opened = maya.app.open_recording(&research.id, &recording.recording_id).await.unwrap();
    let client = reqwest::Client::new();
    proxy.take_seen();

    let answer = client.get(&opened.urls[0]).header("range", "bytes=0-99").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.bytes().await.unwrap().len()), (206, 100));
    let mut ahead = Vec::new();
    for _ in 0..200 {
        ahead.extend(proxy.take_seen());
        if of_video(&ahead, "GET").len() == 4 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(of_video(&ahead, "GET").len(), 4, "the piece that is played and three ahead of it: {ahead:?}");

    let whole = client.get(&opened.urls[0]).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(sha256(&whole), recording.files[0].sha256);
    let rest = proxy.take_seen();
    assert_eq!(of_video(&rest, "GET").len(), 2, "the other two of six pieces: {rest:?}");
    assert_eq!(of_video(&rest, "HEAD").len(), 0);

    let again = client.get(&opened.urls[0]).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(again, whole);
    let part = client.get(&opened.urls[0]).header("range", "bytes=11999000-").send().await.unwrap();
    assert_eq!(part.bytes().await.unwrap(), whole.slice(11_999_000..));
    let seen = proxy.take_seen();
    assert!(seen.iter().all(|seen| !seen.target.contains("recordings/")), "{seen:?}");
}

/// Parts that a machine knows to be in the bucket.
pub fn parts_noted(data: &Path) -> i64 {
    let state = rusqlite::Connection::open(data.join("state.db")).unwrap();
    state.query_row("SELECT count(*) FROM upload_part", [], |row| row.get(0)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_crashes_while_it_sends_a_large_video_goes_on_with_the_parts_that_lack() {
    let Some((draft, proxy)) = draft() else { return };
    let world = World::empty().await;
    let spec = MeetingSpec::new("Long interview").file(FileSpec::video_of_size(20_000_003, 7));
    let meeting = world.sim.add_meeting(spec);
    let maya = world.person("Maya", MAYA).await;
    maya.connect(&world.sim, MAYA).await.unwrap();
    let research = maya.add_bucket("Research", draft).await.unwrap();
    proxy.on("PUT", "partNumber=3", Fault::LostRequest, usize::MAX);
    let jobs = maya.ask(&research, &[&meeting.uuid]).await.unwrap();
    maya.app.start_worker();
    for _ in 0..1200 {
        if parts_noted(&maya.data()) == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(parts_noted(&maya.data()), 2);

    let maya = maya.try_reopen().await.unwrap();
    proxy.heal();
    proxy.take_seen();
    maya.app.start_worker();
    maya.app.retry_job(jobs[0].id).await.ok();
    let jobs = maya.jobs_until(&jobs, |job| job.state == JobState::Done).await;

    assert_eq!(jobs[0].error, None);
    let seen = proxy.take_seen();
    let sent: Vec<_> = seen.iter().filter(|seen| seen.target.contains("partNumber=")).collect();
    assert!(sent.iter().all(|seen| seen.target.contains("partNumber=3")), "{sent:?}");
    let recording = maya.app.recordings(&research.id).await.unwrap().remove(0).recording;
    assert_eq!(recording.files[0].sha256, world.sim.content(&meeting.files[0]).unwrap().sha256());
    assert_eq!(parts_noted(&maya.data()), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_whose_certificate_is_not_trusted_is_not_given_our_key() {
    let world = World::empty().await;
    let tls = Tls::before(&world.sim, &Ca::new("The Company's CA"), &["127.0.0.1"]).await;
    let mut machine = Machine::of(&world.sim);
    std::fs::write(machine.path("others.pem"), Ca::new("Another CA").pem()).unwrap();
    let others = machine.path("others.pem").to_str().unwrap().to_owned();
    machine.set("SSL_CERT_FILE", &others);
    machine.set("NEXT_BUCKET_SECRET", SECRET);
    let endpoint = format!("https://{}", tls.address);
    let place = ["--bucket", "team", "--endpoint", &endpoint, "--access-key-id", "AKIATEAM"];
    let tested = machine.run(&[&["teamspace", "test"], &place[..]].concat()).await;
    tested.assert_fails(3, "certificate of 127.0.0.1 is not trusted");
}
