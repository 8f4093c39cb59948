//! Life in the tray: the window goes with all that it costs, recordings go on arriving, and one comes back by a click.

use std::process::Command;

use jiff::SignedDuration;
use zoom_sim::MeetingSpec;

use super::driver::until;
use super::home::Home;
use super::session::{Notifications, Panel};
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

    // Closing the window lets its page go, and the app stays and says so, once.
    let process = window.process();
    assert!(web_processes(process) > 0, "the window has a web process");
    desktop::close_window().await;
    until("the page's process is gone", || async { (web_processes(process) == 0).then_some(()) }).await;
    let said = notifications.see("NEXT goes on in the tray").await;
    assert_eq!(said.actions, ["default", "Settings", "open", "Settings"]);
    assert!(said.body.contains("Quit from the tray"), "{said:?}");

    // What is recorded now comes by itself and is said, in words that no markup can break, and a click opens it.
    let start = home.sim.now() + SignedDuration::from_secs(1);
    home.sim.add_meeting(MeetingSpec::talk(DANA, "checkout").start(start));
    icon.choose("Check now").await;
    let arrived = notifications.see(&format!("{DANA} was imported to Research")).await;
    assert_eq!(arrived.actions, ["default", "Open", "open", "Open"]);
    assert_eq!((arrived.replaces, arrived.app.as_str()), (0, "next-desktop"), "{arrived:?}");
    // The notification may be a moment earlier than the menu.
    let menu = until("what arrived stands in the menu", || async {
        let menu = icon.menu().await;
        menu.iter().any(|line| line == DANA).then_some(menu)
    })
    .await;
    assert_eq!(menu.first().map(String::as_str), Some("Open NEXT"), "{menu:?}");
    assert_eq!(menu.last().map(String::as_str), Some("Quit"), "{menu:?}");
    notifications.click(arrived.id, "default").await;
    window.follow().await;
    steps::see_media(&window).await;
    window.read(DANA).await;
    assert_eq!(window.process(), process, "it is still the same app");

    // The same again without a word, and back by the menu.
    desktop::close_window().await;
    until("the page's process is gone", || async { (web_processes(process) == 0).then_some(()) }).await;
    icon.click().await;
    window.follow().await;
    window.see("import-button").await;
    icon.choose("Settings").await;
    window.see("settings-keep-in-tray").await;
    assert_eq!(notifications.all().len(), 2, "nothing is said twice: {:?}", notifications.all());

    // Switched off, or by Quit, the app ends.
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

/// Web processes below the app's own.
fn web_processes(app: u32) -> usize {
    let found =
        Command::new("ps").args(["-o", "comm=", "--ppid", &app.to_string()]).output().expect("ps runs");
    let found = String::from_utf8_lossy(&found.stdout).into_owned();
    found.lines().filter(|name| name.starts_with("WebKitWebProces")).count()
}
