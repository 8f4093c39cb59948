//! Life in the tray: the window goes with all that it costs, recordings go on arriving, and one comes back by a click.

use jiff::SignedDuration;
use zoom_sim::MeetingSpec;

use super::driver::until;
use super::home::Home;
use super::session::{Notifications, Panel};
use super::window::ended;
use super::{desktop, steps};

const DANA: &str = "Interview with Dana & <Sam>";

#[tokio::test(flavor = "multi_thread")]
async fn recordings_arrive_while_the_app_is_in_the_tray() {
    let (panel, notifications) = (Panel::begin().await, Notifications::begin().await);
    let home = Home::new().await;
    let window = home.start().await;
    steps::first_start(&window, &home).await;
    steps::connect(&window, &home).await;
    steps::switch_on_auto_import(&window).await;
    let icon = panel.icon().await;
    icon.see_tooltip("NEXT: everything is imported").await;
    let idle = icon.picture().await;
    assert_eq!(idle.0, 64);

    // The window is closed, and the app stays and says so, once. The page is gone with all that it had.
    let process = window.process();
    let held = window.hold().await;
    desktop::close_window().await;
    held.see_gone().await;
    let said = notifications.see("NEXT goes on in the tray").await;
    assert_eq!(said.actions, ["default", "Settings", "open", "Settings"]);
    assert!(said.body.contains("Quit from the tray"), "{said:?}");

    // Held for an hour, the icon says so, and is as before when it goes on.
    icon.choose("Pause for an hour").await;
    until("the icon shows the pause", || async { (icon.picture().await != idle).then_some(()) }).await;
    assert!(icon.tooltip().await.starts_with("NEXT: Paused until "), "{}", icon.tooltip().await);
    icon.choose("Resume").await;
    icon.see_tooltip("NEXT: everything is imported").await;
    until("the icon is as before", || async { (icon.picture().await == idle).then_some(()) }).await;

    // What is recorded now comes by itself and is said, in words that no markup can break, and a click opens it.
    let start = home.sim.now() + SignedDuration::from_secs(1);
    home.sim.add_meeting(MeetingSpec::talk(DANA, "checkout").start(start));
    icon.choose("Check now").await;
    let arrived = notifications.see(&format!("{DANA} was imported to Research")).await;
    assert_eq!(arrived.actions, ["default", "Open", "open", "Open"]);
    assert_eq!((arrived.replaces, arrived.app.as_str()), (0, "next-desktop"), "{arrived:?}");
    let picture = arrived.picture.strip_prefix("file://").unwrap_or_default();
    assert!(std::path::Path::new(picture).is_file(), "it has a picture of the video: {arrived:?}");
    // The notification may be a moment earlier than the menu.
    let menu = until("what arrived stands in the menu", || async {
        let menu = icon.menu().await;
        menu.iter().any(|line| line == DANA).then_some(menu)
    })
    .await;
    assert_eq!(menu.first().map(String::as_str), Some("Open NEXT"), "{menu:?}");
    assert_eq!(menu.last().map(String::as_str), Some("Quit"), "{menu:?}");
    notifications.click(arrived.id, "default").await;
    // WebDriver's session belongs to the page that is gone; what the new one shows stands in the window's frame.
    desktop::see_window_of(DANA).await;
    assert_eq!(window.process(), process, "it is still the same app");

    // The same again without a word, and back by a click on the icon.
    desktop::close_window().await;
    icon.click().await;
    desktop::see_window().await;
    assert_eq!(notifications.all().len(), 2, "nothing is said twice: {:?}", notifications.all());

    // What waits for review is counted in the menu, which leads there also when the window was closed.
    desktop::close_window().await;
    home.nextctl(&["auto-import", "rules", "--set", "review=on"]);
    let start = home.sim.now() + SignedDuration::from_secs(1);
    home.sim.add_meeting(MeetingSpec::talk("Interview with Noor", "checkout").start(start));
    icon.choose("Check now").await;
    const WAITS: &str = "1 recording waits to be kept or discarded";
    notifications.see(WAITS).await;
    icon.choose(WAITS).await;
    desktop::see_window_of("Review").await;

    // By Quit, the app ends.
    icon.choose("Quit").await;
    window.see_end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_tray_closing_the_window_ends_the_app() {
    let home = Home::new().await;
    let window = home.start().await;
    steps::first_start(&window, &home).await;
    window.see("import-button").await;
    window.press("profile-menu").await;
    window.press("menu-settings").await;
    window.see("settings-no-tray").await;
    window.see("settings-no-notifications").await;
    desktop::close_window().await;
    window.see_end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn started_hidden_there_is_an_icon_and_no_window_until_somebody_wants_one() {
    let panel = Panel::begin().await;
    let home = Home::new().await;
    let app = home.start_hidden();
    let icon = panel.icon().await;
    icon.see_tooltip("NEXT: everything is imported").await;
    // The session starts it once more, hidden: nothing comes of it. A person starts it: there is the window.
    assert!(home.start_hidden().0.wait().expect("it ends").success(), "it leaves the work to the first");
    assert!(!desktop::has_window(), "nobody asked for a window");
    icon.click().await;
    desktop::see_window().await;

    // A person who does not want it to stay has closing the window end it.
    home.nextctl(&["settings", "set", "keep-in-tray", "off"]);
    desktop::close_window().await;
    ended(app.0.id()).await;
}
