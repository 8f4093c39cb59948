//! The library on a train: Zoom and the team's store are gone, and what is kept here is found and played.

use super::home::Home;
use super::window::Window;
use super::{screens, searching, steps};

/// Keeps a recording of the bucket on this computer, from its page, and waits until all of it is here.
pub async fn keep(window: &Window, title: &str) {
    steps::open_recording(window, title).await;
    window.press("keep-this").await;
    window.see_css("[data-testid='keep-this'][aria-pressed='true']").await;
    steps::library(window).await;
    window.see_css("[data-testid='here-mark'][data-here='true']").await;
}

/// Starts the app where nothing can be reached: everything is listed and found, and what is kept plays.
pub async fn without_a_network(home: &Home, recordings: usize, kept: &str) {
    home.sim.set_offline(true);
    let window = home.start().await;
    window.resize(screens::WIDE.0, screens::WIDE.1).await;
    steps::see_recordings(&window, recordings).await;
    window.see("offline-banner").await;
    let calm = "return document.querySelectorAll('[role=dialog], [role=alert]').length === 0";
    window.until("nothing warns", calm).await;
    screens::take(&window, "offline-library").await;

    searching::to_the_line(&window).await;
    window.read(kept).await;
    steps::see_media(&window).await;
    steps::see_it_play(&window).await;
    screens::take_one(&window, "offline-recording").await;
    window.quit().await;
}
