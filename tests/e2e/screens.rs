//! Screenshots of every view: light, dark, and as narrow as 600 pixels. They are looked at by people, and go
//! into the README; here it is only seen to that none is blank.

use std::path::PathBuf;

use serde_json::json;

use super::window::Window;

/// The window's usual size.
pub const WIDE: (u32, u32) = (1200, 800);
/// Where the navigation has folded away.
pub const NARROW: (u32, u32) = (600, 800);

/// Takes the three pictures of a view that is on the screen now.
pub async fn take(window: &Window, view: &str) {
    take_wide(window, view).await;
    window.resize(NARROW.0, NARROW.1).await;
    photograph(window, &format!("{view}-narrow")).await;
    window.resize(WIDE.0, WIDE.1).await;
}

/// Takes the pictures of a view that resizing would close.
pub async fn take_wide(window: &Window, view: &str) {
    for theme in ["dark", "light"] {
        let script = "document.documentElement.dataset.theme = arguments[0]";
        window.ask(script, vec![json!(theme)]).await;
        photograph(window, &format!("{view}-{theme}")).await;
    }
}

/// Takes one picture of a view that exists in one form only, or not for long.
pub async fn take_one(window: &Window, view: &str) {
    photograph(window, view).await;
}

async fn photograph(window: &Window, name: &str) {
    // What slides or fades in is let come to its end: a picture shows a view, not the way to it.
    let script = "return document.getAnimations()
        .every(animation => animation.playState !== 'running' || animation.effect?.getTiming().iterations === Infinity)";
    window.until("everything has come to rest", script).await;
    let png = window.screenshot().await;
    keep(name, &png);
    assert!(colours(&png) > 8, "{name}.png is blank");
}

/// Writes a picture beside the others.
pub fn keep(name: &str, png: &[u8]) {
    std::fs::write(folder().join(format!("{name}.png")), png).expect("pictures can be written");
}

/// Where `cargo xtask e2e` wants the pictures.
pub fn folder() -> PathBuf {
    let folder = std::env::var_os("NEXT_E2E_ARTIFACTS");
    PathBuf::from(
        folder.expect("the end-to-end run is started by `cargo xtask e2e`, which gives it a desktop"),
    )
}

/// How many colours a picture has, as far as it matters.
fn colours(png: &[u8]) -> usize {
    let picture = image::load_from_memory(png).expect("WebDriver takes PNG").to_rgb8();
    picture.pixels().step_by(37).map(|pixel| pixel.0).collect::<std::collections::HashSet<_>>().len()
}
