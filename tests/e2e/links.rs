//! Coming back from Zoom by a link: through the relay page, to the running app and to one that has to start.

use super::browser::Browser;
use super::driver::until;
use super::home::{Home, RELAY};
use super::{desktop, secrets, steps};

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_page_hands_the_sign_in_to_the_running_app() {
    let home = Home::with_relay().await;
    let window = home.start().await;
    steps::first_start(&window, &home).await;
    steps::edit_profile(&window).await;
    let address = steps::begin_to_connect(&window, &home).await;
    let link = authorize_through_relay(&address).await;

    let process = window.process();
    open_once_registered(&link, &home).await;
    steps::confirm_account(&window).await;
    assert_eq!(window.process(), process, "the second start handed its link over and ended");

    // The same link again is refused with a sentence of its own, and changes nothing.
    desktop::open_link(&link, &home.environment());
    window.see("toast-error").await;
    steps::see_connected(&window).await;
    window.quit().await;
    secrets::assert_in_no_file(&home);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_page_starts_the_app_when_it_was_closed_meanwhile() {
    let home = Home::with_relay().await;
    let window = home.start().await;
    steps::first_start(&window, &home).await;
    steps::edit_profile(&window).await;
    let address = steps::begin_to_connect(&window, &home).await;
    window.quit().await;

    let link = authorize_through_relay(&address).await;
    let window = home.start_by_link(&link).await;
    window.press("confirm-account-yes").await;
    window.press("zoom-done").await;
    steps::edit_profile(&window).await;
    steps::see_connected(&window).await;
    window.quit().await;
    secrets::assert_in_no_file(&home);
}

/// Authorizes in the browser and lets the relay page make its link. The page stands where no test may go, so the
/// same file is opened with the same query.
async fn authorize_through_relay(address: &str) -> String {
    let browser = Browser::open().await;
    browser.go(address).await;
    browser.press("authorize").await;
    let redirect = until("Zoom sends the browser to the relay page", || async {
        Some(browser.address().await).filter(|address| address.starts_with(RELAY))
    });
    let redirect = redirect.await;
    let query = redirect.split_once('?').map(|(_, query)| query).expect("the redirect has a query");
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/relay/index.html");
    browser.go(&format!("file://{page}?{query}")).await;
    browser.attribute("open", "href").await.expect("the relay page has its button")
}

/// Opens a link as soon as the app has registered itself for it.
async fn open_once_registered(link: &str, home: &Home) {
    until("the app is the handler of its links", || async {
        Some(desktop::link_handler()).filter(|handler| handler == "next-desktop-handler.desktop")
    })
    .await;
    desktop::open_link(link, &home.environment());
}
