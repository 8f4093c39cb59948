//! Large files: several connections where they help, one where the server wants it, and little twice after a crash.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use next_desktop::zoom::{DownloadError, Patience, Zoom};
use zoom_sim::{Content, Fault, FaultRule, MeetingHandle, MeetingSpec, Place, RequestRecord, ZoomSim};

use super::downloading::{fetch, fetch_through, is_whole, part, video};
use super::nextctl::{Machine, ended};
use super::signing::{Signer, maya_connected};

const MIB: u64 = 1 << 20;
/// Enough for several connections.
const LARGE: u64 = 48 * MIB;

/// A server that gives each connection this much, and Maya who wants a large video from it.
async fn slow_zoom(bytes_per_second: u64) -> (ZoomSim, Signer, MeetingHandle) {
    let (sim, maya) = maya_connected().await;
    let handle = video(&sim, LARGE);
    sim.fault(FaultRule::always(Place::Storage, Fault::Throttle { bytes_per_second }));
    (sim, maya, handle)
}

/// What the storage host was asked for, and how much of it went out.
fn asked(sim: &ZoomSim) -> Vec<RequestRecord> {
    sim.requests_at(Place::Storage)
}

fn sent(sim: &ZoomSim) -> u64 {
    asked(sim).iter().map(|request| request.sent).sum()
}

/// Waits until the storage host looks as wanted.
async fn until(sim: &ZoomSim, wanted: impl Fn(&[RequestRecord]) -> bool) {
    for _ in 0..1200 {
        if wanted(&asked(sim)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("never as wanted: {:?}", asked(sim));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_file_comes_over_several_connections_and_nothing_of_it_twice() {
    let (sim, maya, handle) = slow_zoom(4 * MIB).await;
    let downloaded = fetch(&maya, &handle).await.unwrap();
    is_whole(&sim, &maya, &handle, &downloaded);
    let asked = asked(&sim);
    assert!(asked.len() >= 3, "{asked:?}");
    assert!(asked.iter().skip(1).all(|request| request.range.is_some() && request.if_range.is_some()));
    assert!(sent(&sim) <= LARGE + LARGE / 10, "{} bytes for {LARGE}", sent(&sim));
    assert!(sim.leaked_authorizations().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_file_from_a_server_without_ranges_comes_over_one_connection() {
    let (sim, maya, handle) = slow_zoom(16 * MIB).await;
    sim.fault(FaultRule::always(Place::Storage, Fault::NoRanges));
    let downloaded = fetch(&maya, &handle).await.unwrap();
    is_whole(&sim, &maya, &handle, &downloaded);
    assert_eq!(asked(&sim).len(), 1);
}

/// A server that gives ranges until it is asked for one: the first connection brings everything, and no third
/// one is tried.
async fn goes_on_with_one(fault: Fault) {
    let (sim, maya, handle) = slow_zoom(12 * MIB).await;
    sim.fault(FaultRule::always(Place::Storage, fault).skipping(1));
    let downloaded = fetch(&maya, &handle).await.unwrap();
    is_whole(&sim, &maya, &handle, &downloaded);
    let asked = asked(&sim);
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert_eq!(asked[0].sent, LARGE, "{asked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_wants_no_second_connection_is_not_asked_for_a_third() {
    goes_on_with_one(Fault::TooManyRequests { retry_after: zoom_sim::RetryAfter::Seconds(1) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_range_that_is_answered_with_everything_is_not_read() {
    goes_on_with_one(Fault::NoRanges).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_range_of_another_version_is_not_mixed_in() {
    goes_on_with_one(Fault::ChangingEtag).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_changes_while_it_comes_on_several_connections_is_fetched_anew() {
    let (sim, maya, handle) = slow_zoom(4 * MIB).await;
    // What is missing in the end has to be asked for once more, and is of the new version.
    sim.fault_once(Place::Storage, Fault::Cut { after: 12 * MIB });
    let coming = fetch(&maya, &handle);
    let changing = async {
        until(&sim, |asked| asked.len() >= 2).await;
        sim.replace_content(&handle.files[0], Content::video_of_size(LARGE, 8));
        sim.clear_faults();
    };
    let (downloaded, ()) = tokio::join!(coming, changing);
    is_whole(&sim, &maya, &handle, &downloaded.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_on_several_connections_before_it_was_cut_is_kept() {
    let (sim, maya, handle) = slow_zoom(4 * MIB).await;
    let coming = fetch(&maya, &handle);
    let cutting = async {
        until(&sim, |asked| asked.len() >= 3 && asked.iter().map(|r| r.sent).sum::<u64>() > LARGE / 2).await;
        sim.set_offline(true);
    };
    let (failed, ()) = tokio::join!(coming, cutting);
    failed.unwrap_err();
    let here = next_desktop::zoom::staged_bytes(&part(&maya));
    assert!(here > LARGE / 3 && here < LARGE, "{here} bytes are here");
    sim.set_offline(false);
    let downloaded = fetch(&maya, &handle).await.unwrap();
    is_whole(&sim, &maya, &handle, &downloaded);
    assert!(sent(&sim) <= LARGE + LARGE / 10, "{} bytes for {LARGE}", sent(&sim));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_in_the_middle_fetches_little_twice() {
    let sim = ZoomSim::start(zoom_sim::Options::default()).await.unwrap();
    let file = zoom_sim::FileSpec::video_of_size(LARGE, 7);
    let handle = sim.add_meeting(MeetingSpec::new("Long interview").file(file));
    let machine = Machine::connected(&sim).await;
    let arguments = ["--json", "import", "--teamspace", "Research", "--wait", handle.uuid.as_str()];
    sim.fault(FaultRule::always(Place::Storage, Fault::Throttle { bytes_per_second: 4 * MIB }));
    let mut child = machine.start(&arguments);
    until(&sim, |asked| asked.len() >= 3 && asked.iter().map(|r| r.sent).sum::<u64>() > LARGE / 2).await;
    child.kill().unwrap();
    ended(child).await;

    let ran = machine.run(&arguments).await;

    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(sent(&sim) <= LARGE + LARGE / 10, "{} bytes for {LARGE}", sent(&sim));
    let recordings = machine.json(&["recordings"]).await;
    let sha256 = &recordings["recordings"][0]["files"][0]["sha256"];
    assert_eq!(*sha256, sim.content(&handle.files[0]).unwrap().sha256());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bandwidth_limit_holds_and_is_lifted_while_a_download_runs() {
    let (sim, maya) = maya_connected().await;
    let handle = video(&sim, 10 * MIB);
    maya.zoom.set_bandwidth_limit(Some(200_000));
    let (told, here) = (AtomicU64::new(0), AtomicU64::new(0));
    let tell = |bytes| {
        told.fetch_add(1, Ordering::Relaxed);
        here.store(bytes, Ordering::Relaxed);
    };
    let coming = fetch_through(&maya.zoom, &maya, &handle, &tell);
    let lifting = async {
        // Without a limit it would be here before progress was told so often.
        while told.load(Ordering::Relaxed) < 8 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let before = here.load(Ordering::Relaxed);
        maya.zoom.set_bandwidth_limit(None);
        before
    };
    let (downloaded, before) = tokio::join!(coming, lifting);
    is_whole(&sim, &maya, &handle, &downloaded.unwrap());
    assert!(before < 5 * MIB, "{before} bytes came under the limit");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trickle_counts_as_a_stall_and_what_came_is_kept() {
    let (sim, maya) = maya_connected().await;
    let handle = video(&sim, 2 * MIB);
    sim.fault(FaultRule::times(Place::Storage, 1, Fault::Throttle { bytes_per_second: 400 }));
    let patience = Patience { stall: Duration::from_secs(1), ..Patience::default() };
    let impatient = Zoom::new(maya.configuration.endpoints().clone(), maya.clock.clone(), patience);
    let error = fetch_through(&impatient, &maya, &handle, &|_| {}).await.unwrap_err();
    assert!(matches!(error, DownloadError::Stalled), "{error:?}");
    let kept = std::fs::metadata(part(&maya)).unwrap().len();
    assert!(kept > 0, "something came");

    let downloaded = fetch(&maya, &handle).await.unwrap();

    is_whole(&sim, &maya, &handle, &downloaded);
    assert_eq!(asked(&sim)[1].range, Some(format!("bytes={kept}-")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_that_another_process_changes_counts_at_once() {
    let sim = ZoomSim::start(zoom_sim::Options::default()).await.unwrap();
    let file = zoom_sim::FileSpec::video_of_size(40 * MIB, 7);
    let handle = sim.add_meeting(MeetingSpec::new("Long interview").file(file));
    let machine = Machine::connected(&sim).await;
    let limited = machine.json(&["settings", "set", "bandwidth-limit", "50kB"]).await;
    assert_eq!(limited["settings"]["bandwidth_limit"], 50_000);
    let mut child = machine.start(&["--json", "import", "--teamspace", "Research", "--wait", &handle.uuid]);
    until(&sim, |asked| asked.iter().any(|request| request.sent > 0)).await;
    assert!(child.try_wait().unwrap().is_none(), "at this speed it would take a quarter of an hour");

    let lifted = machine.json(&["settings", "set", "bandwidth-limit", "off"]).await;

    assert!(lifted["settings"]["bandwidth_limit"].is_null());
    let ran = ended(child).await;
    assert_eq!(ran.summary()["imported"], 1, "{ran:?}");
}
