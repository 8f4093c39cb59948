//! Moving a teamspace in the window: the dialog, how far it is, its end, and the library at the new place.

use serde_json::json;

use super::home::Home;
use super::window::Window;
use super::{screens, steps};

/// Notes whether progress was shown, however short.
const WATCH: &str = "window.progressShown = 0;
    new MutationObserver(() => {
        if (document.querySelector('[data-testid=move-progress] [role=progressbar]')) window.progressShown += 1;
    }).observe(document.body, { subtree: true, childList: true })";

/// Moves the only teamspace to another folder, and leaves the window at its library there. Nothing is left at the old
/// place.
pub async fn to_another_folder(window: &Window, home: &Home) {
    let new = home.folder("Archive").join("Research");
    window.press("profile-menu").await;
    window.press("menu-settings").await;
    window.press("move-open").await;
    window.write("move-folder", &new.display().to_string()).await;
    screens::take(window, "move").await;
    window.ask(WATCH, Vec::new()).await;
    window.press("move-begin").await;
    window.see("move-done").await;
    assert!(
        window.ask("return window.progressShown > 0", Vec::new()).await == json!(true),
        "it said how far it was"
    );
    let said = window.text_of("move-result").await;
    assert!(said.contains("has moved") && said.contains(&new.display().to_string()), "{said}");
    screens::take(window, "move-done").await;
    window.press("move-done").await;
    window.see_gone("move-dialog").await;
    window.read(&new.display().to_string()).await;
    // Whatever is shown from here on stands at the new place.
    std::fs::remove_dir_all(home.recordings()).expect("the old place can be removed");
    steps::library(window).await;
}
