//! What a person does in the window, step by step; the stories are made of these.

use fantoccini::key::Key;
use serde_json::json;

use super::browser::Browser;
use super::home::Home;
use super::window::Window;

/// Who the person is here. Another address than at Zoom, so that the app asks whether the account is right.
pub const NAME: &str = "Maya Lindqvist";
/// The e-mail address of the profile.
pub const EMAIL: &str = "maya@next.example";
/// The e-mail address of the Zoom account.
pub const ZOOM_EMAIL: &str = "maya@example.com";

/// Fills in the first screen and leaves Zoom for later.
pub async fn first_start(window: &Window, home: &Home) {
    fill_in_first_start(window, home).await;
    window.press("first-start-skip").await;
    window.see("import-button").await;
}

/// Fills in the first screen.
pub async fn fill_in_first_start(window: &Window, home: &Home) {
    fill_in_first_start_as(window, home, NAME, EMAIL).await;
}

/// Fills in the first screen as somebody else; the folder may be one in which a colleague works already.
pub async fn fill_in_first_start_as(window: &Window, home: &Home, name: &str, email: &str) {
    window.write("first-start-name", name).await;
    window.write("first-start-email", email).await;
    window.write("first-start-folder", &home.recordings().display().to_string()).await;
}

/// Opens Edit profile from the menu at the profile's picture.
pub async fn edit_profile(window: &Window) {
    window.press("profile-menu").await;
    window.press("menu-edit-profile").await;
    window.see("integrations-zoom").await;
}

/// Begins to connect Zoom; answers the address that the system's browser was asked to open.
pub async fn begin_to_connect(window: &Window, home: &Home) -> String {
    window.press("zoom-connect").await;
    window.press("zoom-continue").await;
    let address = home.desktop.next_opened().await;
    window.see("zoom-cancel").await;
    assert!(address.starts_with(&home.sim.oauth_url()), "the browser is sent to Zoom: {address}");
    address
}

/// Authorizes in the browser, comes back by loopback, and says that the account is right.
pub async fn connect(window: &Window, home: &Home) {
    authorize(window, home).await;
    confirm_account(window).await;
}

/// Authorizes in the browser and comes back by loopback: the app asks next whether the account is right.
pub async fn authorize(window: &Window, home: &Home) {
    edit_profile(window).await;
    let address = begin_to_connect(window, home).await;
    let browser = Browser::open().await;
    browser.go(&address).await;
    browser.press("authorize").await;
    // It closes with this step: before it is back at the app, nobody would come back.
    browser.see("main .well").await;
}

/// Says that the Zoom account is the right one, and sees it connected.
pub async fn confirm_account(window: &Window) {
    window.press("confirm-account-yes").await;
    window.press("zoom-done").await;
    window.see_gone("zoom-dialog").await;
    see_connected(window).await;
}

/// Switches auto-import on from the profile: Zoom, the checkbox (the only teamspace is chosen by it), close.
pub async fn switch_on_auto_import(window: &Window) {
    window.press("zoom-manage").await;
    window.press("auto-import-checkbox").await;
    window.see("auto-import-standing").await;
    window.press("integration-close").await;
    window.see_gone("integration-dialog").await;
    let said = window.text_of("auto-import-summary").await;
    assert!(said.contains("new recordings go to Research"), "where they go is said: {said}");
}

/// Sees which account is connected.
pub async fn see_connected(window: &Window) {
    let who = window.text_of("zoom-connected-email").await;
    assert!(who.contains(ZOOM_EMAIL), "the connected account is named: {who}");
}

/// Goes to the recordings of the first teamspace.
pub async fn library(window: &Window) {
    window.press("nav-library").await;
    window.see("import-button").await;
}

/// Opens the list of Zoom's recordings.
pub async fn open_import(window: &Window) {
    library(window).await;
    window.press("import-button").await;
    window.press("import-zoom").await;
    window.see("import-row").await;
}

/// Chooses the recordings with these titles in the list.
pub async fn choose(window: &Window, titles: &[&str]) {
    for title in titles {
        let uuid = id_of(window, "import-row", "data-uuid", title).await;
        window.press_css(&format!("[data-testid='import-row'][data-uuid='{uuid}']")).await;
    }
}

/// The id of the row or card that shows this title.
async fn id_of(window: &Window, name: &str, attribute: &str, title: &str) -> String {
    let selector = format!("[data-testid='{name}']");
    let script = "return [...document.querySelectorAll(arguments[0])]
        .some(element => element.textContent.includes(arguments[1]))";
    window.until_with(&format!("“{title}” is listed"), script, vec![json!(selector), json!(title)]).await;
    let script = "return [...document.querySelectorAll(arguments[0])]
        .find(element => element.textContent.includes(arguments[1])).getAttribute(arguments[2])";
    let id = window.ask(script, vec![json!(selector), json!(title), json!(attribute)]).await;
    id.as_str().unwrap_or_default().to_owned()
}

/// Imports the recordings with these titles and waits until they are in the library.
pub async fn import(window: &Window, titles: &[&str]) {
    open_import(window).await;
    choose(window, titles).await;
    window.press("import-submit").await;
    // Until it is said that they are coming, the dialog's buttons still move: a press would miss.
    window.see_css("[data-testid='import-dialog'] [role='status'] button").await;
    window.press("import-close").await;
    window.see_gone("import-dialog").await;
    see_recordings(window, titles.len()).await;
}

/// Waits until the library shows so many recordings.
pub async fn see_recordings(window: &Window, count: usize) {
    let script = "return document.querySelectorAll('[data-testid=recording-card]').length === arguments[0]";
    window.until_with(&format!("{count} recordings are in the library"), script, vec![json!(count)]).await;
}

/// Opens the recording with this title.
pub async fn open_recording(window: &Window, title: &str) {
    let id = id_of(window, "recording-card", "data-recording-id", title).await;
    window.press_css(&format!("[data-testid='recording-card'][data-recording-id='{id}']")).await;
    see_media(window).await;
}

/// Waits until the player knows what it plays.
pub async fn see_media(window: &Window) {
    window.see("player-video").await;
    media_until(window, "the media is loaded", "media.readyState >= 2 && media.duration > 5").await;
}

/// Waits until this is true of the media element, called `media`.
pub async fn media_until(window: &Window, what: &str, condition: &str) {
    let script = format!(
        "const media = document.querySelector('[data-testid=player-video]'); return Boolean(media && ({condition}))"
    );
    window.until(what, &script).await;
}

/// A number about the media element, called `media`.
pub async fn media(window: &Window, expression: &str) -> f64 {
    let script = format!(
        "const media = document.querySelector('[data-testid=player-video]'); return Number({expression})"
    );
    window.ask(&script, Vec::new()).await.as_f64().unwrap_or(f64::NAN)
}

/// Plays, and sees that the time advances.
pub async fn see_it_go_on(window: &Window) {
    window.press_css("media-play-button").await;
    let from = media(window, "media.currentTime").await;
    let what = format!("playing goes on from {from} s");
    media_until(window, &what, &format!("!media.paused && media.currentTime > {from} + 1.5")).await;
}

/// Plays, and sees and hears that it goes on: the time advances and new pictures come.
pub async fn see_it_play(window: &Window) {
    see_it_go_on(window).await;
    assert!(media(window, "media.videoWidth").await >= 320.0, "there is a picture");
    assert!(media(window, "media.webkitDecodedFrameCount ?? 99").await > 5.0, "pictures follow each other");
    window.press_css("media-play-button").await;
    media_until(window, "it pauses", "media.paused").await;
}

/// Presses a key.
pub async fn press_key(window: &Window, key: Key) {
    let body = window.see_css("body").await;
    body.send_keys(&char::from(key).to_string()).await.expect("the window takes keys");
}
