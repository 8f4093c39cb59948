//! What goes wrong around signing in and starting, as the window says it.

use super::browser::Browser;
use super::home::Home;
use super::window::Window;
use super::{desktop, screens, steps};

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_with_a_wrong_state_is_refused_and_the_right_one_still_works() {
    let home = Home::new().await;
    let window = home.start().await;
    steps::first_start(&window, &home).await;
    steps::edit_profile(&window).await;
    let address = steps::begin_to_connect(&window, &home).await;
    let url = url::Url::parse(&address).expect("an address");
    let redirect =
        url.query_pairs().find(|(name, _)| name == "redirect_uri").expect("it says where to return");

    let browser = Browser::open().await;
    browser.go(&format!("{}?code=stolen&state=guessed", redirect.1)).await;
    screens::keep("browser-wrong-state", &browser.screenshot().await);
    assert!(!home.sim.is_authorised(steps::ZOOM_EMAIL), "nobody is connected by it");
    assert!(window.sees("zoom-cancel").await, "the app still waits for the true answer");

    desktop::open_link("next-desktop://oauth/zoom?code=stolen&state=guessed", &home.environment());
    window.see("toast-error").await;
    assert!(window.sees("zoom-cancel").await, "the app still waits for the true answer");

    browser.go(&address).await;
    browser.press("authorize").await;
    steps::confirm_account(&window).await;
    window.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn declining_at_zoom_is_said_and_can_be_tried_again() {
    let home = Home::new().await;
    let window = home.start().await;
    window.resize(screens::WIDE.0, screens::WIDE.1).await;
    steps::first_start(&window, &home).await;
    steps::edit_profile(&window).await;
    let address = steps::begin_to_connect(&window, &home).await;
    let browser = Browser::open().await;
    browser.go(&address).await;
    browser.press("decline").await;
    window.see("zoom-failure").await;
    screens::take(&window, "connect-declined").await;

    window.press("zoom-continue").await;
    let again = home.desktop.next_opened().await;
    assert_ne!(again, address, "each attempt has a state of its own");
    window.press("zoom-cancel").await;
    window.see_gone("zoom-cancel").await;
    window.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_that_cannot_be_used_is_said_in_the_window() {
    let home = Home::new().await;
    std::fs::write(home.data(), "a file in its place").expect("a file can be written");
    let window: Window = home.start().await;
    window.resize(screens::WIDE.0, screens::WIDE.1).await;
    window.read("is not a folder").await;
    screens::take(&window, "cannot-start").await;
    window.quit().await;
    assert_eq!(std::fs::read(home.data()).expect("it is still there"), b"a file in its place");
}
