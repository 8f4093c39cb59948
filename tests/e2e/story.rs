//! The main job, end to end: from the first start to playing after disconnecting.

use fantoccini::key::Key;
use zoom_sim::{Fault, FaultRule, Place};

use super::browser::Browser;
use super::home::Home;
use super::window::Window;
use super::{desktop, screens, secrets, steps};

const DANA: &str = "Interview with Dana (checkout flow)";
const SIGN_UP: &str = "Usability test 4: mobile sign-up";

#[tokio::test(flavor = "multi_thread")]
async fn a_person_connects_zoom_imports_two_recordings_and_plays_them() {
    let home = Home::new().await;
    let window = home.start().await;

    begin(&window, &home).await;
    connect(&window, &home).await;
    import(&window, &home).await;
    play(&window, &home).await;
    look_around(&window).await;

    // A restart keeps everything, and a link opens its moment from cold …
    let link = link_to(&window, DANA, 7).await;
    window.quit().await;
    let window = home.start_by_link(&link).await;
    steps::see_media(&window).await;
    steps::media_until(&window, "the link's moment is there", "Math.abs(media.currentTime - 7) < 1").await;
    steps::library(&window).await;
    steps::see_recordings(&window, 2).await;
    steps::edit_profile(&window).await;
    steps::see_connected(&window).await;
    // … and while the app runs, in the window that is there.
    let process = window.process();
    desktop::open_link(&link.replace("t=7", "t=12"), &home.environment());
    steps::see_media(&window).await;
    steps::media_until(&window, "the link's moment is there", "Math.abs(media.currentTime - 12) < 1").await;
    assert_eq!(window.process(), process, "it is still the same app");

    disconnect(&window, &home).await;
    window.quit().await;
    let window = home.start().await;
    steps::library(&window).await;
    steps::open_recording(&window, DANA).await;
    steps::see_it_play(&window).await;
    window.quit().await;
    secrets::assert_in_no_file(&home);
}

/// First start: who, and where recordings live.
async fn begin(window: &Window, home: &Home) {
    window.resize(screens::WIDE.0, screens::WIDE.1).await;
    window.see("first-start-name").await;
    steps::fill_in_first_start(window, home).await;
    screens::take(window, "first-start").await;
    window.press("first-start-submit").await;
    // It goes on to Zoom by itself; this person first wants to look around.
    window.press("zoom-close").await;
    window.see_gone("zoom-dialog").await;
    window.see("practice-banner").await;
    screens::take(window, "library-empty").await;
    assert!(home.recordings().join("teamspace.json").is_file(), "the folder is a teamspace now");

    window.resize(screens::NARROW.0, screens::NARROW.1).await;
    // Below 720 pixels the navigation is folded away.
    window.see_gone("profile-menu").await;
    window.press("nav-hamburger").await;
    window.see("profile-menu").await;
    screens::take_one(window, "navigation-narrow").await;
    steps::press_key(window, Key::Escape).await;
    window.see_gone("profile-menu").await;
    window.resize(screens::WIDE.0, screens::WIDE.1).await;
}

/// Connects through a real page in a real browser.
async fn connect(window: &Window, home: &Home) {
    steps::edit_profile(window).await;
    window.press("zoom-connect").await;
    window.see("zoom-continue").await;
    screens::take(window, "connect").await;
    window.press("zoom-continue").await;
    let address = home.desktop.next_opened().await;
    window.see("zoom-cancel").await;
    screens::take(window, "connect-waiting").await;
    for part in ["code_challenge_method=S256", "state=", "redirect_uri=http%3A%2F%2F127.0.0.1"] {
        assert!(address.contains(part), "{part} is in {address}");
    }

    let browser = Browser::open().await;
    browser.go(&address).await;
    screens::keep("browser-authorize", &browser.screenshot().await);
    browser.press("authorize").await;
    window.see("confirm-account-yes").await;
    screens::keep("browser-returned", &browser.screenshot().await);
    assert!(browser.text().await.contains("NEXT"), "the browser says where to go on");
    screens::take(window, "connect-confirm").await;
    window.press("confirm-account-yes").await;
    window.see("zoom-done").await;
    screens::take(window, "connect-done").await;
    window.press("zoom-done").await;
    window.see_gone("zoom-dialog").await;
    steps::see_connected(window).await;
    screens::take(window, "edit-profile").await;
    assert!(home.sim.is_authorised(steps::ZOOM_EMAIL), "Zoom sees it the same way");

    let kept = secrets::in_keyring();
    let issued = home.sim.issued_secrets();
    let token = |secret: &String| issued.iter().any(|token| secret.contains(token.as_str()));
    assert!(kept.iter().any(token), "the tokens are in the keyring of the desktop");
}

/// Imports two recordings, slowly enough to be watched.
async fn import(window: &Window, home: &Home) {
    home.sim.fault(FaultRule::always(Place::Storage, Fault::Throttle { bytes_per_second: 10_000 }));
    steps::open_import(window).await;
    steps::choose(window, &[DANA, SIGN_UP]).await;
    screens::take(window, "import").await;
    window.press("import-submit").await;
    window.see_css("[data-testid='import-row'][data-state='running']").await;
    screens::take_one(window, "importing-dialog").await;
    window.press("import-close").await;
    window.press("nav-imports").await;
    window.see_css("[data-testid='job-row'][data-state='running']").await;
    screens::take(window, "importing").await;
    home.sim.clear_faults();
    let done = "return document.querySelectorAll('[data-testid=job-row][data-state=done]').length === 2";
    window.until("both imports are done", done).await;
    screens::take(window, "imports").await;

    steps::library(window).await;
    steps::see_recordings(window, 2).await;
    let posters = "const pictures = [...document.querySelectorAll('[data-testid=recording-card] img')];
        return pictures.length === 2 && pictures.every(picture => picture.complete && picture.naturalWidth > 100)";
    window.until("both recordings show a frame of their video", posters).await;
    screens::take(window, "library").await;

    window.write("library-search", "dana").await;
    steps::see_recordings(window, 1).await;
    window.read(DANA).await;
    window.write("library-search", "zebra").await;
    steps::see_recordings(window, 0).await;
    window.write("library-search", "").await;
    steps::press_key(window, Key::Escape).await;
    steps::see_recordings(window, 2).await;
}

/// Plays, seeks, follows the transcript, and hands a file to the system's player.
async fn play(window: &Window, home: &Home) {
    steps::open_recording(window, DANA).await;
    steps::see_it_play(window).await;

    // The middle of the bar is the middle of the recording.
    window.press_css("media-time-range").await;
    let middle = "Math.abs(media.currentTime - media.duration / 2) < 1 && !media.seeking";
    steps::media_until(window, "a press on the bar lands there", middle).await;

    let starts = window.attributes("[data-testid='transcript-cue']", "data-start").await;
    assert!(starts.len() >= 4, "the transcript stands beside it: {starts:?}");
    let start = &starts[1];
    window.press_css(&format!("[data-testid='transcript-cue'][data-start='{start}']")).await;
    let there = format!("media.currentTime >= {start} - 0.1 && media.currentTime < {start} + 3");
    steps::media_until(window, "a press on a line of the transcript plays it", &there).await;
    let current = format!("[data-testid='transcript-cue'][data-start='{start}'][aria-current='true']");
    window.see_css(&current).await;
    screens::take(window, "recording").await;

    // After the change of width the details are made anew; what stands below moves until they have all been read.
    window.see("recording-verify").await;
    window.press("open-in-system-player").await;
    let file = home.desktop.next_opened().await;
    let bytes = std::fs::read(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert_eq!(bytes.get(4..8), Some(&b"ftyp"[..]), "the system's player gets an MP4: {file}");
    window.press("show-in-folder").await;
    let folder = home.desktop.next_opened().await;
    let folder = folder.strip_prefix("file://").unwrap_or(&folder);
    assert!(std::path::Path::new(folder).is_dir(), "the file manager gets a folder: {folder}");
}

/// The remaining views, for their pictures.
async fn look_around(window: &Window) {
    window.press("profile-menu").await;
    window.see("menu-settings").await;
    screens::take_wide(window, "profile-menu").await;
    window.press("menu-settings").await;
    window.see("settings-theme").await;
    screens::take(window, "settings").await;
    window.press("profile-menu").await;
    window.press("menu-help").await;
    window.see_gone("settings-theme").await;
    screens::take(window, "help").await;
}

/// Disconnects: what was imported stays and plays.
async fn disconnect(window: &Window, home: &Home) {
    steps::edit_profile(window).await;
    window.press("zoom-disconnect").await;
    window.see("zoom-disconnect-confirm").await;
    screens::take(window, "disconnect").await;
    window.press("zoom-disconnect-confirm").await;
    window.see("zoom-connect").await;
    window.see_gone("disconnect-dialog").await;
    assert!(!home.sim.is_authorised(steps::ZOOM_EMAIL), "access is revoked at Zoom");
    let issued = home.sim.issued_secrets();
    for secret in secrets::in_keyring() {
        assert!(
            !issued.iter().any(|token| secret.contains(token.as_str())),
            "no token is left in the keyring"
        );
    }
    steps::library(window).await;
    steps::see_recordings(window, 2).await;
    steps::open_recording(window, SIGN_UP).await;
    steps::see_it_play(window).await;
}

/// The link to a moment of the recording with this title.
async fn link_to(window: &Window, title: &str, second: u32) -> String {
    let teamspaces = window.invoke("teamspaces", serde_json::json!({})).await.expect("there are teamspaces");
    let teamspace = teamspaces[0]["id"].as_str().expect("it has an id").to_owned();
    let given = serde_json::json!({ "teamspace": teamspace, "after": null, "limit": 100 });
    let page = window.invoke("recordings_page", given).await.expect("it has recordings");
    let found =
        page["recordings"].as_array().into_iter().flatten().find(|recording| recording["title"] == title);
    let id = found.and_then(|recording| recording["recording_id"].as_str()).expect("it is among them");
    format!("next-desktop://recording/{teamspace}/{id}?t={second}")
}
