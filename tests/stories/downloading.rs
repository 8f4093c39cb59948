//! Downloading one file: what is called whole is whole, and the token goes to Zoom alone.

use next_desktop::error::{Code, UserError};
use next_desktop::recording::FileKind;
use next_desktop::zoom::{AccessTokens as _, DownloadError, Downloaded, Expected, Meeting, Zoom};
use tokio_util::sync::CancellationToken;
use zoom_sim::{Content, Fault, FaultRule, FileSpec, HtmlPage, MeetingHandle, MeetingSpec, Place, ZoomSim};

use super::signing::{Signer, maya_connected};

/// A meeting with one video of this size.
pub fn video(sim: &ZoomSim, size: u64) -> MeetingHandle {
    sim.add_meeting(MeetingSpec::new("Interview").file(FileSpec::video_of_size(size, 7)))
}

/// Fetches the meeting's first file into the data directory.
pub async fn fetch(maya: &Signer, handle: &MeetingHandle) -> Result<Downloaded, DownloadError> {
    let meeting = maya.zoom.meeting(&maya.accounts, &handle.uuid).await.unwrap();
    fetch_again(maya, &meeting).await
}

/// The same on another way to Zoom, telling its progress.
pub async fn fetch_through(
    zoom: &Zoom,
    maya: &Signer,
    handle: &MeetingHandle,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Downloaded, DownloadError> {
    let meeting = maya.zoom.meeting(&maya.accounts, &handle.uuid).await.unwrap();
    fetch_file(zoom, maya, &meeting, progress).await
}

async fn fetch_again(maya: &Signer, meeting: &Meeting) -> Result<Downloaded, DownloadError> {
    fetch_file(&maya.zoom, maya, meeting, &|_| {}).await
}

async fn fetch_file(
    zoom: &Zoom,
    maya: &Signer,
    meeting: &Meeting,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Downloaded, DownloadError> {
    let file = &meeting.recording.files[0];
    let expected = Expected {
        kind: file.kind,
        extension: file.extension.clone(),
        size: meeting.stated_size(&file.id).filter(|size| *size > 0),
    };
    let token = maya.accounts.access_token().await.unwrap();
    let link = meeting.link(&file.id).unwrap();
    let stop = CancellationToken::new();
    zoom.download(link, &token, &part(maya), &expected, progress, &stop).await
}

pub fn part(maya: &Signer) -> std::path::PathBuf {
    maya.data().join("file.part")
}

pub fn is_whole(sim: &ZoomSim, maya: &Signer, handle: &MeetingHandle, downloaded: &Downloaded) {
    let content = sim.content(&handle.files[0]).unwrap();
    assert_eq!((downloaded.size, &downloaded.sha256), (content.len(), &content.sha256()));
    assert_eq!(std::fs::metadata(part(maya)).unwrap().len(), content.len());
}

#[tokio::test]
async fn a_file_comes_whole_and_the_token_stays_with_zoom() {
    let (sim, maya) = maya_connected().await;
    let handle = video(&sim, 5_000_000);
    let downloaded = fetch(&maya, &handle).await.unwrap();
    is_whole(&sim, &maya, &handle, &downloaded);
    assert_eq!(downloaded.media_type, "video/mp4");
    assert!(sim.requests_at(Place::Download).iter().all(|request| request.authorization));
    assert!(sim.leaked_authorizations().is_empty());
    assert!(sim.requests().iter().all(|request| !request.query.contains("access_token=")));
}

#[tokio::test]
async fn a_download_that_is_cut_goes_on_where_it_stopped() {
    let (sim, maya) = maya_connected().await;
    let handle = video(&sim, 4_000_000);
    sim.fault_once(Place::Storage, Fault::Cut { after: 1_500_000 });
    assert!(fetch(&maya, &handle).await.is_err());
    let here = std::fs::metadata(part(&maya)).unwrap().len();
    assert!(here > 0 && here <= 1_500_000, "{here}");
    let downloaded = fetch(&maya, &handle).await.unwrap();
    is_whole(&sim, &maya, &handle, &downloaded);
    let last = sim.requests_at(Place::Storage).pop().unwrap();
    assert_eq!(last.range, Some(format!("bytes={here}-")));
    assert!(last.if_range.is_some());
}

#[tokio::test]
async fn a_file_that_changed_meanwhile_is_fetched_anew() {
    let (sim, maya) = maya_connected().await;
    let handle = video(&sim, 4_000_000);
    sim.fault_once(Place::Storage, Fault::Cut { after: 1_500_000 });
    assert!(fetch(&maya, &handle).await.is_err());
    sim.replace_content(&handle.files[0], Content::video_of_size(4_000_000, 8));
    let downloaded = fetch(&maya, &handle).await.unwrap();
    is_whole(&sim, &maya, &handle, &downloaded);
}

#[tokio::test]
async fn a_server_without_ranges_is_asked_for_everything_again() {
    let (sim, maya) = maya_connected().await;
    for fault in [Fault::NoRanges, Fault::ChangingEtag, Fault::RangeRefused, Fault::NoEtag] {
        let handle = video(&sim, 3_000_000);
        sim.fault_once(Place::Storage, Fault::Cut { after: 1_000_000 });
        sim.fault(FaultRule::always(Place::Storage, fault.clone()));
        assert!(fetch(&maya, &handle).await.is_err(), "{fault:?}");
        sim.clear_faults();
        sim.fault(FaultRule::times(Place::Storage, 1, fault.clone()));
        let downloaded = fetch(&maya, &handle).await.unwrap();
        is_whole(&sim, &maya, &handle, &downloaded);
        std::fs::remove_file(part(&maya)).unwrap();
    }
}

#[tokio::test]
async fn what_is_not_the_file_is_refused_and_not_kept() {
    let (sim, maya) = maya_connected().await;
    let handle = video(&sim, 3_000_000);
    for (place, fault) in [
        (Place::Download, Fault::Html { page: HtmlPage::OnlyTheHost }),
        (Place::Download, Fault::Html { page: HtmlPage::SignIn }),
        (Place::Download, Fault::Html { page: HtmlPage::Passcode }),
        (Place::Download, Fault::ErrorCode124),
        (Place::Storage, Fault::Html { page: HtmlPage::SignIn }),
        (Place::Storage, Fault::ErrorCode124),
        (Place::Storage, Fault::WrongContainer),
        (Place::Storage, Fault::Short { after: 59 }),
        (Place::Storage, Fault::Short { after: 2_000_000 }),
        (Place::Storage, Fault::Long { extra: 2_000_000 }),
    ] {
        sim.fault(FaultRule::always(place, fault.clone()));
        let error = UserError::from(fetch(&maya, &handle).await.unwrap_err());
        assert!(matches!(error.code, Code::FileRefused | Code::ZoomRefused), "{fault:?}: {error:?}");
        assert!(!part(&maya).exists(), "{fault:?}: nothing of it is kept");
        sim.clear_faults();
    }
    let downloaded = fetch(&maya, &handle).await.unwrap();
    is_whole(&sim, &maya, &handle, &downloaded);
}

#[tokio::test]
async fn a_body_that_ends_early_in_silence_is_not_taken_for_the_file() {
    let (sim, maya) = maya_connected().await;
    let handle = video(&sim, 3_000_000);
    sim.fault_once(Place::Storage, Fault::Truncated { after: 2_000_000 });
    assert!(fetch(&maya, &handle).await.is_err());
    let downloaded = fetch(&maya, &handle).await.unwrap();
    is_whole(&sim, &maya, &handle, &downloaded);
}

#[tokio::test]
async fn a_size_that_is_slightly_wrong_in_the_list_does_no_harm() {
    let (sim, maya) = maya_connected().await;
    let file = FileSpec::video_of_size(3_000_000, 7).claims(3_030_000);
    let handle = sim.add_meeting(MeetingSpec::new("Interview").file(file));
    let downloaded = fetch(&maya, &handle).await.unwrap();
    is_whole(&sim, &maya, &handle, &downloaded);
}

#[tokio::test]
async fn the_token_is_not_sent_to_an_unknown_host_and_redirects_end() {
    let (sim, maya) = maya_connected().await;
    let handle = video(&sim, 1_000_000);
    sim.fault(FaultRule::always(
        Place::Download,
        Fault::RedirectTo { location: "http://storage.example.com/x".to_owned() },
    ));
    assert!(matches!(fetch(&maya, &handle).await, Err(DownloadError::Insecure)));
    sim.clear_faults();
    sim.fault(FaultRule::always(Place::Download, Fault::RedirectLoop));
    assert!(matches!(fetch(&maya, &handle).await, Err(DownloadError::TooManyRedirects)));
}

#[tokio::test]
async fn an_address_that_is_too_old_and_a_token_that_is_over_are_told_apart() {
    let (sim, maya) = maya_connected().await;
    let handle = video(&sim, 1_000_000);
    let meeting = maya.zoom.meeting(&maya.accounts, &handle.uuid).await.unwrap();
    sim.expire_download_urls();
    assert!(matches!(
        fetch_again(&maya, &meeting).await,
        Err(DownloadError::Gone | DownloadError::LinkExpired)
    ));
    fetch(&maya, &handle).await.unwrap();
}

#[tokio::test]
async fn a_download_that_wants_the_meetings_own_token_gets_it() {
    let (sim, maya) = maya_connected().await;
    let handle = video(&sim, 1_000_000);
    sim.set_downloads_need_own_token(true);
    let downloaded = fetch(&maya, &handle).await.unwrap();
    is_whole(&sim, &maya, &handle, &downloaded);
    assert!(sim.leaked_authorizations().is_empty());
}

#[tokio::test]
async fn texts_come_as_texts() {
    let (sim, maya) = maya_connected().await;
    for (file, kind, media_type) in [
        (FileSpec::transcript("sync"), FileKind::Transcript, "text/vtt"),
        (FileSpec::chat("sync"), FileKind::Chat, "text/plain"),
        (FileSpec::timeline("sync"), FileKind::Timeline, "application/json"),
        (FileSpec::summary("sync"), FileKind::Summary, "application/json"),
    ] {
        let handle = sim.add_meeting(MeetingSpec::new("Texts").file(file));
        let meeting = maya.zoom.meeting(&maya.accounts, &handle.uuid).await.unwrap();
        assert_eq!(meeting.recording.files[0].kind, kind);
        let downloaded = fetch_again(&maya, &meeting).await.unwrap();
        is_whole(&sim, &maya, &handle, &downloaded);
        assert_eq!(downloaded.media_type, media_type);
        std::fs::remove_file(part(&maya)).unwrap();
    }
}
