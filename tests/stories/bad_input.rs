//! Bad input: what cannot be used is said in a sentence with what to do, and nothing is lost.

use std::path::Path;

use next_desktop::error::{Code, UserError};
use next_desktop::import::JobState;
use next_desktop::ledger::Problem;
use next_desktop::teamspace::{TeamspaceInfo, TeamspaceState};
use zoom_sim::{Choice, MeetingSpec, Place, ZoomSim};

use super::harness::{MAYA, Person, World, files_below};
use super::nextctl::{Machine, set_writable};

async fn zoom() -> ZoomSim {
    ZoomSim::start(zoom_sim::Options::default()).await.unwrap()
}

/// Somebody with one recording.
async fn with_a_recording() -> (World, Person, TeamspaceInfo) {
    let (world, uuid) = World::with_talk("Interview with Dana").await;
    let (maya, research) = world.importer().await;
    assert_eq!(maya.import(&research, &[&uuid]).await[0].state, JobState::Done);
    (world, maya, research)
}

/// Titles of what a teamspace is listed to hold.
async fn titles(maya: &Person, teamspace: &TeamspaceInfo) -> Vec<String> {
    let items = maya.app.recordings(&teamspace.id).await.unwrap();
    items.into_iter().map(|item| item.recording.title).collect()
}

fn assert_says_what_to_do(error: &UserError) {
    assert!(!error.message.is_empty() && !error.action.is_empty(), "{error:?}");
    assert_ne!(error.code, Code::Unexpected, "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_data_directory_that_is_a_file_or_cannot_be_written_is_said() {
    let sim = zoom().await;
    let mut machine = Machine::of_nobody(&sim);
    std::fs::write(machine.path("a-file"), "Dear Dana").unwrap();
    std::fs::create_dir(machine.path("locked")).unwrap();
    set_writable(&machine.path("locked"), false);
    for (place, words) in
        [("a-file", "is not a folder"), ("locked/data", "cannot be written"), ("locked", "cannot be written")]
    {
        machine.set("NEXT_DATA_DIR", machine.path(place).to_str().unwrap());

        let ran = machine.run(&["jobs"]).await;

        ran.assert_fails(1, words);
        assert!(ran.stderr.contains("NEXT_DATA_DIR"), "and what to do: {ran:?}");
    }
    assert_eq!(std::fs::read_to_string(machine.path("a-file")).unwrap(), "Dear Dana");
}

#[tokio::test]
async fn a_damaged_state_is_kept_aside_restored_and_said_until_it_is_put_away() {
    let (world, maya, research) = with_a_recording().await;
    let profile = maya.app.profile().await.unwrap();
    let maya = maya.reopen().await;
    maya.app.close().await;
    let data = maya.data();
    for companion in ["state.db-wal", "state.db-shm"] {
        let _ = std::fs::remove_file(data.join(companion));
    }
    std::fs::write(data.join("state.db"), "this was a database once; now it is a letter to nobody at all")
        .unwrap();

    let maya = maya.try_reopen().await.unwrap();

    assert_eq!(maya.app.profile().await.unwrap(), profile);
    assert_eq!(maya.app.teamspaces().await.unwrap()[0].id, research.id);
    assert_eq!(maya.app.account_status().await.unwrap().account.unwrap().email, MAYA);
    let notices = maya.app.app_info().await.unwrap().notices;
    assert_eq!(notices.len(), 1);
    assert_says_what_to_do(&notices[0]);
    let kept = Path::new(&notices[0].params["path"]);
    assert!(std::fs::read_to_string(kept).unwrap().contains("letter to nobody"), "nothing is thrown away");
    maya.app.dismiss_notice(&notices[0].code.name()).await.unwrap();
    assert_eq!(maya.app.app_info().await.unwrap().notices, []);
    let maya = maya.reopen().await;
    assert_eq!(maya.app.app_info().await.unwrap().notices, [], "and it stays away");
    drop(world);
}

#[tokio::test]
async fn a_catalog_damaged_while_closed_is_rebuilt() {
    let (_world, maya, research) = with_a_recording().await;
    maya.app.close().await;
    let catalog = maya.data().join("catalog.db");
    let _ = std::fs::remove_file(maya.data().join("catalog.db-wal"));
    std::fs::write(&catalog, "no catalog, but long enough to look like a file with something in it").unwrap();

    let maya = maya.try_reopen().await.unwrap();

    maya.app.refresh_teamspace(&research.id).await.unwrap();
    assert_eq!(titles(&maya, &research).await, ["Interview with Dana"]);
    assert!(!maya.app.search("Dana", None).await.unwrap().hits.is_empty(), "its words are found again");
}

#[tokio::test]
async fn a_catalog_deleted_while_open_is_rebuilt_at_the_next_start() {
    let (_world, maya, research) = with_a_recording().await;
    for name in ["catalog.db", "catalog.db-wal", "catalog.db-shm"] {
        let _ = std::fs::remove_file(maya.data().join(name));
    }
    assert_eq!(titles(&maya, &research).await, ["Interview with Dana"], "what is open goes on");

    let maya = maya.reopen().await;

    maya.app.refresh_teamspace(&research.id).await.unwrap();
    assert_eq!(titles(&maya, &research).await, ["Interview with Dana"]);
}

#[tokio::test]
async fn a_teamspace_that_is_missing_at_start_is_said_listed_and_not_made_anew() {
    let (world, maya, research) = with_a_recording().await;
    std::fs::rename(world.folder("research"), world.folder("unplugged")).unwrap();

    let maya = maya.reopen().await;

    let info = maya.app.teamspaces().await.unwrap().remove(0);
    assert_eq!(info.state, TeamspaceState::Unreachable);
    let error = info.error.unwrap();
    assert_eq!(error.code, Code::TeamspaceUnreachable);
    assert_says_what_to_do(&error);
    assert_eq!(titles(&maya, &research).await, ["Interview with Dana"], "its list is still there");
    assert!(!world.folder("research").exists());
    std::fs::rename(world.folder("unplugged"), world.folder("research")).unwrap();
    assert_eq!(maya.app.refresh_teamspace(&research.id).await.unwrap().state, TeamspaceState::Ready);
}

#[tokio::test]
async fn an_empty_mount_point_in_its_place_is_not_taken_for_the_teamspace() {
    let (world, maya, research) = with_a_recording().await;
    std::fs::rename(world.folder("research"), world.folder("unplugged")).unwrap();
    std::fs::create_dir(world.folder("research")).unwrap();
    let uuid = world.sim.add_meeting(MeetingSpec::talk("Another", "sync")).uuid;

    let error = maya.ask(&research, &[&uuid]).await.unwrap_err();

    assert_eq!(error.code, Code::TeamspaceUnreachable);
    assert_eq!(files_below(&world.folder("research")), [], "nothing is written there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_teamspace_that_is_read_only_lists_exports_and_takes_nothing_in() {
    let sim = zoom().await;
    let uuid = sim.add_meeting(MeetingSpec::talk("Interview", "checkout")).uuid;
    let other = sim.add_meeting(MeetingSpec::talk("Another", "sync")).uuid;
    let machine = Machine::of_nobody(&sim);
    machine.connect_all(&sim).await;
    let import = |uuid: String| {
        let machine = &machine;
        async move { machine.run(&["--json", "import", "--teamspace", "Research", "--wait", &uuid]).await }
    };
    assert_eq!(import(uuid).await.code, Some(0));
    let research = machine.path("research");
    set_writable(&research, false);
    let before = files_below(&research);

    let listed = machine.json(&["teamspace", "list"]).await;
    assert_eq!(listed["teamspaces"][0]["state"], "read_only", "{listed}");
    let recordings = machine.json(&["recordings"]).await;
    let id = recordings["recordings"][0]["recording_id"].as_str().unwrap();
    assert_eq!(machine.run(&["recordings", "export", id, "--to", "out"]).await.code, Some(0));
    sim.clear_requests();
    let ran = import(other.clone()).await;
    ran.assert_fails(3, "read-only");
    assert_eq!(ran.summary()["waiting"], 1);
    assert_eq!(sim.count(Place::Download), 0, "nothing is downloaded that has no place");
    assert_eq!(files_below(&research), before);

    set_writable(&research, true);
    assert_eq!(import(other).await.summary()["imported"], 1);
}

#[tokio::test]
async fn a_teamspace_of_a_newer_format_damaged_or_exchanged_is_refused_and_left_alone() {
    let (world, maya, research) = with_a_recording().await;
    let about = world.folder("research/teamspace.json");
    let good = std::fs::read_to_string(&about).unwrap();
    let other = good.replace(&research.id, "01890000-0000-7000-8000-000000000000");
    for (text, code) in [
        (good.replace("\"format\": 1", "\"format\": 2"), Code::FormatTooNew),
        (good.replace("\"features\": []", "\"features\": [\"encryption\"]"), Code::FormatTooNew),
        (good[..good.len() / 2].to_owned(), Code::FileDamaged),
        ("<html>Sign in</html>".to_owned(), Code::FileDamaged),
        (String::new(), Code::FileDamaged),
        (other, Code::TeamspaceUnreachable),
    ] {
        assert_ne!(text, good);
        std::fs::write(&about, &text).unwrap();
        let maya = world.another_start(&maya).await;

        let info = maya.app.refresh_teamspace(&research.id).await.unwrap();

        let error = info.error.unwrap_or_else(|| panic!("{text} is refused"));
        assert_eq!(error.code, code, "{text}: {error:?}");
        assert_says_what_to_do(&error);
        assert_eq!(titles(&maya, &research).await, ["Interview with Dana"], "the list stays");
        assert_eq!(maya.ask(&research, &["x"]).await.unwrap_err().code, code);
        assert_eq!(std::fs::read_to_string(&about).unwrap(), text, "it is left alone");
        std::fs::write(&about, &good).unwrap();
        assert_eq!(maya.app.refresh_teamspace(&research.id).await.unwrap().state, TeamspaceState::Ready);
        maya.app.close().await;
    }
}

#[tokio::test]
async fn a_manifest_that_names_a_file_that_is_not_there_costs_only_that_file() {
    let (world, maya, research) = with_a_recording().await;
    let recording = maya.app.recordings(&research.id).await.unwrap().remove(0).recording;
    let id = &recording.recording_id;
    let video = recording.files.iter().position(|file| file.media_type == "video/mp4").unwrap();
    let key = format!("research/recordings/{}/{id}/{}", id.shard(), recording.files[video].key);
    std::fs::remove_file(world.folder(&key)).unwrap();

    let maya = maya.reopen().await;

    maya.app.refresh_teamspace(&research.id).await.unwrap();
    let opened = maya.app.open_recording(&research.id, id).await.unwrap();
    assert!(!opened.transcript[0].is_empty(), "its words are there");
    for (place, url) in opened.urls.iter().enumerate() {
        let wanted = if place == video { 404 } else { 200 };
        assert_eq!(reqwest::get(url).await.unwrap().status(), wanted, "{url}");
    }
    assert!(!maya.app.search("Dana", None).await.unwrap().hits.is_empty());
    let report = maya.app.verify_teamspace(&research.id, true).await.unwrap();
    assert_eq!((report.damaged.len(), report.damaged[0].problem), (1, Problem::Missing));
}

#[tokio::test]
async fn a_manifest_that_is_damaged_or_newer_is_said_and_the_others_are_listed() {
    for newer in [false, true] {
        let (world, maya, research) = with_a_recording().await;
        let bad = world.sim.add_meeting(MeetingSpec::talk("Budget", "pricing")).uuid;
        maya.import(&research, &[&bad]).await;
        let id = next_desktop::recording::RecordingId::of_zoom_meeting(&bad);
        let manifest = files_below(&world.folder("research"))
            .into_iter()
            .find(|(path, _)| path.ends_with(format!("{id}/manifest.json")))
            .unwrap();
        let text = String::from_utf8(manifest.1).unwrap();
        let changed =
            if newer { text.replacen("\"format\": 1", "\"format\": 7", 1) } else { text[..40].to_owned() };
        assert_ne!(changed, text);
        std::fs::write(&manifest.0, &changed).unwrap();
        let jonas = world.person("Jonas Weber", super::harness::JONAS).await;

        let his = jonas.add_teamspace("Research", &world.folder("research")).await.unwrap();

        assert_eq!(titles(&jonas, &his).await, ["Interview with Dana"]);
        let checks = jonas.app.doctor().await.unwrap();
        let check = checks.iter().find(|check| check.name.starts_with("teamspace")).unwrap();
        assert!(!check.ok && check.action.is_some(), "{check:?}");
        assert!(check.message.contains(if newer { "newer" } else { "damaged" }), "{check:?}");
        std::fs::write(&manifest.0, &text).unwrap();
        jonas.app.refresh_teamspace(&his.id).await.unwrap();
        assert_eq!(titles(&jonas, &his).await.len(), 2, "put back, it is listed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_that_makes_no_sense_is_named() {
    let sim = zoom().await;
    for (name, value) in [
        ("NEXT_SECRETS", "vault"),
        ("NEXT_ZOOM_OAUTH_URL", "zoom"),
        ("NEXT_ZOOM_OAUTH_URL", "http://zoom.example.com"),
        ("NEXT_ZOOM_API_URL", "ftp://api.zoom.us"),
        ("NEXT_ZOOM_REDIRECT_URI", "http://localhost/oauth/zoom"),
        ("NEXT_ZOOM_REDIRECT_URI", "nonsense"),
        ("NEXT_ZOOM_CLIENT_ID", "two words"),
        ("NEXT_SECRETS_PASSPHRASE", ""),
    ] {
        let mut machine = Machine::of(&sim);
        machine.set(name, value);

        let ran = machine.run(&["jobs"]).await;

        assert!(matches!(ran.code, Some(2 | 3)), "{name}={value}: {ran:?}");
        let code = ran.code.unwrap_or_default();
        ran.assert_fails(code, name);
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_and_freed_it_works() {
    let world = World::empty().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut environment = world.environment();
    environment.zoom_redirect_uri = Some(format!("http://127.0.0.1:{port}/oauth/zoom"));
    let maya = world.newcomer_with(environment).await.unwrap();
    let draft = next_desktop::profile::ProfileDraft {
        name: "Maya".to_owned(),
        email: MAYA.to_owned(),
        photo: Default::default(),
    };
    maya.app.save_profile(draft).await.unwrap();

    let error = maya.app.connect_zoom().await.unwrap_err();

    assert_eq!(error.code, Code::Busy);
    assert!(error.message.contains(&port.to_string()), "{error}");
    assert_eq!(maya.desktop.addresses.lock().unwrap().len(), 0, "no browser is opened");
    drop(taken);
    assert!(maya.connect(&world.sim, MAYA).await.unwrap().account.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_keyring_is_said_before_any_browser_is_opened() {
    let sim = zoom().await;
    let mut machine = Machine::of(&sim);
    machine.set_up().await;
    machine.set("NEXT_SECRETS", "keyring");

    let ran = machine.run(&["--json", "zoom", "connect"]).await;

    ran.assert_fails(3, "keyring");
    assert_eq!(ran.document()["error"]["code"], "keyring_unavailable");
    assert_eq!(sim.requests(), [], "nobody was sent to Zoom");
    machine.set("NEXT_SECRETS", "memory");
    let ran = machine.connect(&sim, &Choice::authorize(MAYA), &[]).await;
    assert_eq!(ran.code, Some(0), "for this run only: {ran:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_secrets_file_without_or_with_a_wrong_passphrase_is_said() {
    let sim = zoom().await;
    let mut machine = Machine::connected(&sim).await;
    machine.set("NEXT_SECRETS_PASSPHRASE", "wrong horse");

    machine.run(&["zoom", "recordings"]).await.assert_fails(3, "passphrase");

    machine.set("NEXT_SECRETS_PASSPHRASE", "correct horse battery");
    assert_eq!(machine.run(&["zoom", "recordings"]).await.code, Some(0));
}
