//! One Zoom account belongs to one profile: what a second person on the same machine sees.

use super::home::Home;
use super::{screens, steps};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_profile_is_told_whose_the_account_is_and_moving_it_is_said_to_the_first() {
    let home = Home::new().await;
    let first = home.start().await;
    steps::first_start(&first, &home).await;
    steps::connect(&first, &home).await;
    first.quit().await;

    let second = home.start_as_second_person().await;
    second.resize(screens::WIDE.0, screens::WIDE.1).await;
    steps::fill_in_first_start_as(&second, &home, "Jonas Weber", "jonas@next.example").await;
    second.press("first-start-skip").await;
    // Before anything is joined, it says whose teamspace stands there.
    let there = second.text_of("first-start-tested").await;
    assert!(there.contains(steps::NAME), "its members are named: {there}");
    second.press("first-start-skip").await;
    second.see("import-button").await;
    steps::authorize(&second, &home).await;
    second.press("confirm-account-yes").await;
    let holder = second.text_of("claim-holder").await;
    assert!(holder.contains(steps::NAME), "it says whose the account is: {holder}");
    screens::take(&second, "claim").await;
    second.press("claim-cancel").await;
    second.see_gone("claim-holder").await;
    second.press("zoom-close").await;
    second.see_gone("zoom-dialog").await;

    steps::authorize(&second, &home).await;
    second.press("confirm-account-yes").await;
    second.press("claim-move").await;
    second.press("zoom-done").await;
    steps::see_connected(&second).await;
    second.quit().await;

    // The first is told so, once, and is asked to act.
    let first = home.start().await;
    first.resize(screens::WIDE.0, screens::WIDE.1).await;
    steps::edit_profile(&first).await;
    first.see_css("[data-testid='zoom-state'][data-state='needs_reauthorization']").await;
    let told = first.text_of("zoom-error").await;
    assert!(told.contains("Jonas Weber"), "it says who has the account now: {told}");
    screens::take(&first, "claim-lost").await;
    first.quit().await;
}
