//! Searching in the window: as one types, and to the moment that was found.

use super::window::Window;
use super::{screens, steps};

/// Looks for what Dana said in the only recording and opens it at that line; an excluded word finds nothing, and what
/// would help is said.
pub async fn to_what_was_said(window: &Window) {
    window.press("nav-search").await;
    // Without its last letters: it is found while it is typed.
    window.write("search-field", "desk lam").await;
    window.see_css("[data-testid='search-hit'][data-kind='transcript'] mark").await;
    let marked =
        "return [...document.querySelectorAll('[data-testid=search-hit] mark')].map(mark => mark.innerText)";
    let marked = window.ask(marked, Vec::new()).await.to_string();
    assert!(marked.contains("desk") && marked.contains("lamp"), "the words are marked: {marked}");
    screens::take(window, "search").await;

    window.write("search-field", "desk lamp -sure").await;
    window.see("search-nothing").await;
    window.press("search-drop").await;
    open_the_line(window).await;
    screens::take(window, "search-opened").await;
    steps::library(window).await;
}

/// Finds it again, and opens the recording there.
pub async fn to_the_line(window: &Window) {
    window.press("nav-search").await;
    window.write("search-field", "desk lamp").await;
    open_the_line(window).await;
}

async fn open_the_line(window: &Window) {
    window.press_css("[data-testid='search-hit'][data-kind='transcript']").await;
    let current = window.see_css("[data-testid='transcript-cue'][aria-current='true']").await;
    let line = current.text().await.unwrap_or_default();
    assert!(line.contains("It was a desk lamp."), "the recording opens at the line: {line}");
}
