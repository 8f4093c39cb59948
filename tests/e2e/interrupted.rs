//! A machine that fails in the middle of an import.

use zoom_sim::{Fault, FaultRule, Place};

use super::home::Home;
use super::{secrets, steps};

const DANA: &str = "Interview with Dana (checkout flow)";
const SIGN_UP: &str = "Usability test 4: mobile sign-up";

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_of_an_import_the_app_goes_on_by_itself_and_plays_what_came() {
    let home = Home::new().await;
    let window = home.start().await;
    steps::first_start(&window, &home).await;
    steps::connect(&window, &home).await;
    steps::import(&window, &[DANA]).await;

    home.sim.fault(FaultRule::always(Place::Storage, Fault::Throttle { bytes_per_second: 5_000 }));
    steps::open_import(&window).await;
    steps::choose(&window, &[SIGN_UP]).await;
    window.press("import-submit").await;
    window.see_css("[data-testid='import-row'][data-state='running']").await;
    window.kill();
    home.sim.clear_faults();

    let window = home.start().await;
    steps::library(&window).await;
    steps::see_recordings(&window, 2).await;
    steps::edit_profile(&window).await;
    steps::see_connected(&window).await;
    steps::library(&window).await;
    steps::open_recording(&window, SIGN_UP).await;
    steps::see_it_play(&window).await;
    window.quit().await;
    secrets::assert_in_no_file(&home);
}
