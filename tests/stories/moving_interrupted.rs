//! What comes between while a teamspace is copied: colleagues who go on working, a place that is full, Ctrl-C, and a
//! process that is killed. Whatever it was, nothing is moved by halves, and the same command goes on.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use next_desktop::app::{CopyReport, RecordingEdit};
use next_desktop::error::{Code, UserResult};
use next_desktop::events::Event;
use next_desktop::import::JobState;
use next_desktop::teamspace::{Entry, Location};
use s3_servers::{Fault, Proxy, Seen};
use tokio::sync::broadcast::Receiver;
use zoom_sim::{FileSpec, MeetingSpec, ZoomSim};

use super::buckets::{SECRET, draft, parts_noted};
use super::harness::{MAYA, World, files_below, sample};
use super::moving::{MOVE, colleague, import_talks, recordings, text};
use super::nextctl::{Machine, ended};

/// Lets a copy work until it has told what is waited for. Then it stands still, as long as nobody goes on with it.
async fn until(
    copying: &mut (impl Future<Output = UserResult<CopyReport>> + Unpin),
    events: &mut Receiver<Event>,
    reached: impl Fn(u64, u64) -> bool,
) {
    loop {
        tokio::select! {
            done = &mut *copying => panic!("it was over before: {done:?}"),
            event = events.recv() => {
                if let Ok(Event::CopyProgress { files, files_total, .. }) = event
                    && reached(files, files_total)
                {
                    return;
                }
            }
        }
    }
}

/// The entries of the log in a folder, in order.
fn log(folder: &Path) -> Vec<Entry> {
    let files = files_below(&folder.join("log"));
    let mut entries: Vec<Entry> =
        files.iter().map(|(_, bytes)| serde_json::from_slice(bytes).unwrap()).collect();
    entries.sort_by_key(|entry| entry.n);
    entries
}

#[tokio::test]
async fn what_colleagues_do_during_a_copy_stands_at_the_new_place_before_it_is_moved() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let talks = import_talks(&world, &maya, &research, &["One", "Two"]).await;
    let jonas = colleague(&world, &research).await;
    let (old, new) = (world.folder("research"), world.folder("archive"));
    let own = jonas.dir.path().join("Focus group.mp4");
    std::fs::write(&own, sample("sync.mp4")).unwrap();
    let title = |title: &str| RecordingEdit { title: Some(title.to_owned()), ..RecordingEdit::default() };

    let mut events = maya.app.events().subscribe();
    let place = text(&new);
    let copying = maya.app.copy_to_folder(&research.id, &place, MOVE);
    tokio::pin!(copying);
    until(&mut copying, &mut events, |files, _| files == 0).await;
    jonas.app.edit_recording(&research.id, &talks[0].recording_id, title("Early")).await.unwrap();
    // All files and the log have been copied once.
    let was_copied = |files, total| files == total && new.join("log/00000000/001.json").exists();
    until(&mut copying, &mut events, was_copied).await;
    let before = log(&new).len();
    jonas.app.edit_recording(&research.id, &talks[1].recording_id, title("Late")).await.unwrap();
    let job = jonas.app.import_file(&research.id, &own, None).await.unwrap();
    jonas.app.start_worker();
    jonas.settled(&[job]).await;
    assert_eq!(recordings(&jonas, &research).await.len(), 3);
    let report = copying.await.unwrap();

    assert!(report.moved && report.files > 6, "{report:?}");
    let (old, new) = (log(&old), log(&new));
    let (moved, arrived) = (old.last().unwrap(), new.last().unwrap());
    assert!(moved.n as usize > before + 1, "there was something to catch up with");
    assert_eq!(
        old[..old.len() - 1],
        new[..new.len() - 1],
        "what came before it was moved is there, in order"
    );
    assert!(serde_json::to_string(&moved.ops).unwrap().contains("\"moved\""), "{moved:?}");
    assert!(serde_json::to_string(&arrived.ops).unwrap().contains("\"arrived\""), "{arrived:?}");
    let mut titles: Vec<String> =
        recordings(&maya, &research).await.into_iter().map(|one| one.title).collect();
    titles.sort();
    assert_eq!(titles, ["Early", "Focus group", "Late"]);
    let verified = maya.app.verify_teamspace(&research.id, true).await.unwrap();
    assert_eq!((verified.checked, verified.damaged.len()), (3, 0), "{verified:?}");
}

/// Keys of files that were sent whole, and the numbers of parts, below recordings.
fn sent(seen: &[Seen]) -> (BTreeSet<String>, Vec<String>) {
    let puts = seen.iter().filter(|seen| seen.method == "PUT" && seen.target.contains("/recordings/"));
    let (parts, whole): (Vec<_>, Vec<_>) = puts.partition(|seen| seen.target.contains("partNumber="));
    let number = |seen: &&Seen| {
        let (_, rest) = seen.target.split_once("partNumber=").unwrap();
        rest.split('&').next().unwrap().to_owned()
    };
    (whole.iter().map(|seen| seen.target.clone()).collect(), parts.iter().map(number).collect())
}

#[tokio::test]
async fn a_bucket_that_is_full_in_the_middle_is_said_in_one_sentence_and_it_goes_on_when_there_is_room() {
    let Some((to, proxy)) = draft() else { return };
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let talks = import_talks(&world, &maya, &research, &["One", "Two"]).await;
    let full = Fault::Instead(403, "<Error><Code>QuotaExceeded</Code></Error>");
    proxy.on("PUT", "video-0.mp4", full, usize::MAX);

    let refused = maya.app.copy_to_bucket(&research.id, to.clone(), MOVE).await.unwrap_err();

    let trouble = refused.params.get("trouble").map(String::as_str);
    assert_eq!((refused.code, trouble), (Code::BucketRefused, Some("full")), "{refused:?}");
    assert!(refused.code.needs_person() && refused.message.contains("is full"), "{refused}");
    assert!(refused.action.contains("it goes on where it stopped"), "{refused}");
    assert_eq!(maya.app.teamspaces().await.unwrap()[0].location, research.location);
    let (before, _) = sent(&proxy.take_seen());
    let before: Vec<_> = before.into_iter().filter(|key| !key.ends_with("video-0.mp4")).collect();
    assert!(!before.is_empty(), "it was in the middle");

    proxy.heal();
    let report = maya.app.copy_to_bucket(&research.id, to.clone(), MOVE).await.unwrap();
    assert!(report.moved && report.damaged.is_empty(), "{report:?}");
    let (after, _) = sent(&proxy.take_seen());
    assert!(before.iter().all(|key| !after.contains(key)), "sent again: {before:?} {after:?}");
    assert_eq!(recordings(&maya, &research).await, talks);
}

/// What files of a folder are on its disk: a file that is written anew is another one.
fn on_disk(folder: &Path) -> Vec<(PathBuf, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let whole = |path: &PathBuf| !path.to_str().unwrap().contains('#');
    let paths = files_below(folder).into_iter().map(|(path, _)| path).filter(whole);
    paths.map(|path| (path.clone(), std::fs::metadata(&path).unwrap().ino())).collect()
}

/// Needs the right to mount a file system: `cargo test -- --ignored a_disk_that_is_full_in_the_middle`.
#[tokio::test]
#[ignore = "mounts a small disk, which only root may"]
async fn a_disk_that_is_full_in_the_middle_is_said_in_one_sentence_and_it_goes_on_when_there_is_room() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let spec =
        |n: usize| MeetingSpec::new(&format!("Talk {n}")).file(FileSpec::video_of_size(3_000_000, n as u64));
    let uuids: Vec<String> = (0..3).map(|n| world.sim.add_meeting(spec(n)).uuid).collect();
    let uuids: Vec<&str> = uuids.iter().map(String::as_str).collect();
    let jobs = maya.import(&research, &uuids).await;
    assert!(jobs.iter().all(|job| job.state == JobState::Done), "{jobs:?}");
    let new = world.folder("archive");
    std::fs::create_dir(&new).unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let done = std::process::Command::new(program).args(arguments).arg(&new).status().unwrap();
        assert!(done.success(), "{program} {arguments:?}");
    };
    run("mount", &["-t", "tmpfs", "-o", "size=5m", "tmpfs"]);

    let refused = maya.app.copy_to_folder(&research.id, &text(&new), MOVE).await.unwrap_err();

    assert_eq!(refused.code, Code::DiskFull, "{refused}");
    assert!(refused.message.contains("is full"), "{refused}");
    assert!(refused.action.contains("it goes on where it stopped"), "{refused}");
    assert_eq!(maya.app.teamspaces().await.unwrap()[0].location, research.location);
    let before = on_disk(&new);
    assert!(before.iter().any(|(path, _)| path.ends_with("video-0.mp4")), "in the middle: {before:?}");

    run("mount", &["-o", "remount,size=64m"]);
    let report = maya.app.copy_to_folder(&research.id, &text(&new), MOVE).await.unwrap();
    let after = on_disk(&new);
    let verified = maya.app.verify_teamspace(&research.id, true).await.unwrap();
    maya.app.close().await;
    run("umount", &["--lazy"]);
    assert!(report.moved && report.damaged.is_empty(), "{report:?}");
    let marker = |path: &Path| path.ends_with("copying.json");
    assert!(before.iter().all(|file| after.contains(file) || marker(&file.0)), "{before:?} {after:?}");
    assert_eq!((verified.checked, verified.damaged.len()), (3, 0), "{verified:?}");
}

/// A machine with a long interview and its transcript in a folder, and the command that moves it into a bucket. The third
/// part of a large file never arrives there, until the proxy is healed.
struct Moving {
    sim: ZoomSim,
    machine: Machine,
    proxy: Proxy,
    copy: Vec<String>,
}

impl Moving {
    async fn new() -> Option<Self> {
        let (to, proxy) = draft()?;
        let sim = ZoomSim::start(zoom_sim::Options::default()).await.unwrap();
        let video = FileSpec::video_of_size(20_000_003, 7);
        sim.add_meeting(
            MeetingSpec::new("Long interview").file(video).file(FileSpec::transcript("checkout")),
        );
        let mut machine = Machine::connected(&sim).await;
        machine.set("NEXT_BUCKET_SECRET", SECRET);
        let ran = machine.run(&["--json", "import", "--teamspace", "Research", "--all", "--wait"]).await;
        assert_eq!((ran.code, &ran.summary()["imported"]), (Some(0), &1.into()), "{ran:?}");
        let (place, endpoint) =
            (format!("s3://{}/next", to.bucket.bucket), to.bucket.endpoint.clone().unwrap());
        let copy = ["teamspace", "copy", "Research", &place, "--endpoint", &endpoint];
        let copy = [&copy[..], &["--access-key-id", "AKIATEAM"]].concat();
        let copy = copy.into_iter().map(str::to_owned).collect();
        proxy.on("PUT", "partNumber=3", Fault::LostRequest, usize::MAX);
        Some(Self { sim, machine, proxy, copy })
    }

    fn arguments(&self) -> Vec<&str> {
        self.copy.iter().map(String::as_str).collect()
    }

    /// The copy, when the transcript and two parts of the video have arrived.
    async fn in_the_middle(&self) -> Child {
        let child = self.machine.start(&self.arguments());
        for _ in 0..1200 {
            if parts_noted(&self.machine.data()) == 2 {
                return child;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("never in the middle: {:?}", ended(child).await);
    }

    /// Where the machine knows the teamspace to be.
    async fn location(&self) -> Location {
        let listed = self.machine.json(&["teamspace", "list"]).await;
        serde_json::from_value(listed["teamspaces"][0]["location"].clone()).unwrap()
    }

    /// Runs the same command again, and sees that only what lacked was sent, and that all of it is there.
    async fn goes_on(&self) {
        assert_eq!(
            self.location().await,
            Location::folder(self.machine.path("research")),
            "nothing is moved"
        );
        let (before, _) = sent(&self.proxy.take_seen());
        assert_eq!(before.len(), 1, "the transcript: {before:?}");
        self.proxy.heal();

        let ran = self.machine.run(&self.arguments()).await;

        assert_eq!(ran.code, Some(0), "{ran:?}");
        let (after, parts) = sent(&self.proxy.take_seen());
        assert!(before.is_disjoint(&after), "sent again: {before:?} {after:?}");
        assert_eq!(parts, ["3"], "of the video only what lacked");
        assert_eq!(parts_noted(&self.machine.data()), 0);
        assert!(self.location().await.is_remote());
        let verified = self.machine.run(&["--json", "teamspace", "verify", "Research"]).await;
        let last = verified.events().pop().unwrap();
        assert_eq!((verified.code, &last["checked"]), (Some(0), &1.into()), "{last}");
        assert_eq!(self.sim.leaked_authorizations(), []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_whose_process_is_killed_goes_on_and_sends_no_file_and_no_part_again() {
    let Some(moving) = Moving::new().await else { return };
    let mut child = moving.in_the_middle().await;

    child.kill().unwrap();

    assert_eq!(ended(child).await.code, None, "it was killed");
    moving.goes_on().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_ends_a_copy_at_once_with_a_sentence_that_says_how_to_go_on() {
    let Some(moving) = Moving::new().await else { return };
    let child = moving.in_the_middle().await;

    // The store does not answer, and is asked for minutes: nobody has to wait for that.
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());

    let ran = ended(child).await;
    ran.assert_fails(
        1,
        "error: Copying was stopped; run the same command again: it goes on where it stopped",
    );
    moving.goes_on().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_crashes_while_it_copies_from_bucket_to_bucket_goes_on_with_the_parts_that_lack() {
    let Some((from, _)) = draft() else { return };
    let Some((to, proxy)) = draft() else { return };
    let world = World::empty().await;
    let maya = world.person("Maya Lindqvist", MAYA).await;
    maya.connect(&world.sim, MAYA).await.unwrap();
    let research = maya.app.add_bucket("Research", from).await.unwrap();
    let spec = MeetingSpec::new("Long interview").file(FileSpec::video_of_size(20_000_003, 7));
    let uuid = world.sim.add_meeting(spec).uuid;
    let jobs = maya.import(&research, &[&uuid]).await;
    assert_eq!(jobs[0].state, JobState::Done, "{jobs:?}");
    proxy.on("PUT", "partNumber=3", Fault::LostRequest, usize::MAX);
    {
        let copying = maya.app.copy_to_bucket(&research.id, to.clone(), MOVE);
        tokio::pin!(copying);
        while parts_noted(&maya.data()) < 2 {
            tokio::select! {
                done = &mut copying => panic!("it was over before: {done:?}"),
                () = tokio::time::sleep(Duration::from_millis(25)) => {}
            }
        }
    }

    // What nobody works on is given up at a start, at the place where the teamspace stands. A copy is somewhere else.
    let maya = maya.try_reopen().await.unwrap();
    maya.app.start_worker();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(parts_noted(&maya.data()), 2);
    proxy.heal();
    proxy.take_seen();
    let report = maya.app.copy_to_bucket(&research.id, to, MOVE).await.unwrap();

    assert!(report.moved && report.damaged.is_empty(), "{report:?}");
    assert_eq!(sent(&proxy.take_seen()).1, ["3"]);
    assert_eq!(parts_noted(&maya.data()), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_into_a_folder_whose_process_is_killed_goes_on_and_writes_no_file_again() {
    let sim = ZoomSim::start(zoom_sim::Options::default()).await.unwrap();
    let video = FileSpec::video_of_size(60_000_000, 7);
    sim.add_meeting(MeetingSpec::new("Long interview").file(video).file(FileSpec::transcript("checkout")));
    let machine = Machine::connected(&sim).await;
    let ran = machine.run(&["--json", "import", "--teamspace", "Research", "--all", "--wait"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let new = machine.path("archive");
    let copy = ["--json", "teamspace", "copy", "Research", new.to_str().unwrap()];
    let mut child = machine.start(&copy);
    let is_at_work = || {
        let folder = new.join("recordings");
        folder.exists()
            && files_below_so_far(&folder).iter().any(|path| path.to_string_lossy().contains("mp4#"))
    };
    while !is_at_work() && child.try_wait().unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    child.kill().unwrap();

    assert_eq!(ended(child).await.code, None, "it was killed in the middle");
    assert!(!new.join("teamspace.json").exists());
    let before = on_disk(&new.join("recordings"));
    assert!(!before.is_empty(), "the transcript was there");
    let ran = machine.run(&copy).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let after = on_disk(&new.join("recordings"));
    assert!(before.iter().all(|file| after.contains(file)), "{before:?} {after:?}");
    let left = files_below(&new).into_iter().filter(|(path, _)| path.to_string_lossy().contains('#'));
    assert_eq!(left.count(), 0, "and nothing lies beside them");
    let verified = machine.run(&["--json", "teamspace", "verify", "Research"]).await;
    assert_eq!((verified.code, &verified.events().pop().unwrap()["checked"]), (Some(0), &1.into()));
}

/// Paths below a folder in which somebody works.
fn files_below_so_far(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files_below_so_far(&path)) } else { found.push(path) }
    }
    found
}
