//! The second start: how the library looked is on the screen before the page has drawn it.

use std::time::Duration;

use super::home::Home;
use super::steps;
use super::window::Window;

/// Rests in the library until how it looks was kept, ends the app and starts it again.
pub async fn of_a_second_start(window: Window, home: &Home, title: &str) -> Window {
    let kept = home.data().join("last-look.json");
    let _ = std::fs::remove_file(&kept);
    steps::library(&window).await;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while !kept.is_file() {
        assert!(tokio::time::Instant::now() < deadline, "how the library looks is not kept");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    window.quit().await;
    let window = home.start().await;
    // It has given way to the page's own library by now; that it was given says that all of it is true.
    let given = format!("return window.__NEXT_LAST_LOOK__?.html.includes('{title}') === true");
    window.until("the page was given how it looked", &given).await;
    window
}
