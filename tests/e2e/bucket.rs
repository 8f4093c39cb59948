//! A team with a bucket: begun in the window, shared with a colleague, and what each does seen by the other.

use serde_json::json;

use super::colleague::Colleague;
use super::home::Home;
use super::window::Window;
use super::{offline, screens, secrets, steps};

const DANA: &str = "Interview with Dana (checkout flow)";
/// The secret of the bucket's access key.
pub const SECRET: &str = "the-secret-of-the-access-key";
const KEY_ID: &str = "AKIATEAM";
const TEAM: &str = "Field research";

#[tokio::test(flavor = "multi_thread")]
async fn a_team_shares_a_bucket_and_each_sees_what_the_other_does() {
    let store = s3_servers::moto().expect("moto is installed by `cargo xtask setup`");
    let bucket = store.fresh_bucket();
    let home = Home::new().await;
    let window = home.start().await;
    window.resize(screens::WIDE.0, screens::WIDE.1).await;

    begin_in_a_bucket(&window, &store.endpoint(), &bucket).await;
    steps::connect(&window, &home).await;
    steps::import(&window, &[DANA]).await;
    steps::open_recording(&window, DANA).await;
    steps::see_it_play(&window).await;
    screens::take_one(&window, "bucket-recording").await;
    steps::library(&window).await;

    // A colleague joins by the bucket alone, brings two of his, throws one away, and tags what we brought.
    let jonas = Colleague::new(&home, "Jonas Weber", "jonas@next.example");
    jonas.join(&store.endpoint(), &bucket, KEY_ID);
    jonas.import(TEAM, &home.own_file("pricing.mp4"));
    let findings = jonas.import(TEAM, &home.own_file("findings.mp4"));
    jonas.run(&["recordings", "trash", &findings]);
    let library = jonas.library();
    let (_, dana) = library.iter().find(|(title, _)| title == DANA).expect("he sees what we brought");
    jonas.run(&["recordings", "set", dana, "--add-tag", "checkout"]);

    steps::see_recordings(&window, 2).await;
    let tagged = "return [...document.querySelectorAll('[data-testid=recording-card]')].length === 1";
    window.press_css("[data-testid='recording-tag']").await;
    window.until("only what has the tag is listed", tagged).await;
    screens::take_one(&window, "bucket-tag").await;
    window.press("filter-remove").await;
    steps::see_recordings(&window, 2).await;
    window.press("members").await;
    window.read("Jonas Weber").await;
    steps::press_key(&window, fantoccini::key::Key::Escape).await;

    // What the colleague threw away is in the trash here, and comes back for both.
    window.press("nav-trash").await;
    window.see("trashed").await;
    window.read("findings").await;
    screens::take_one(&window, "bucket-trash").await;
    window.press("trash-restore").await;
    window.see_gone("trashed").await;
    steps::library(&window).await;
    steps::see_recordings(&window, 3).await;
    screens::take(&window, "bucket-library").await;
    assert_eq!(jonas.library().len(), 3, "it is back for the colleague too");

    offline::keep(&window, DANA).await;
    window.quit().await;
    drop(store);
    offline::without_a_network(&home, 3, DANA).await;
    secrets::assert_in_no_file(&home);
    let kept = secrets::in_keyring();
    assert!(kept.iter().any(|secret| secret.contains(SECRET)), "the bucket's secret is in the keyring");
}

/// The first start of somebody whose team has a bucket.
async fn begin_in_a_bucket(window: &Window, endpoint: &str, bucket: &str) {
    window.write("first-start-name", steps::NAME).await;
    window.write("first-start-email", steps::EMAIL).await;
    window.press("first-start-where-bucket").await;
    window.write("first-start-teamspace", TEAM).await;
    for (field, text) in [
        ("bucket-endpoint", endpoint),
        ("bucket-name", bucket),
        ("bucket-prefix", "next"),
        ("bucket-key-id", KEY_ID),
        ("bucket-secret", SECRET),
    ] {
        window.write(field, text).await;
    }
    window.press("first-start-test").await;
    window.see("first-start-tested").await;
    screens::take(window, "first-start-bucket").await;
    window.press("first-start-skip").await;
    window.see("import-button").await;
    let shown =
        window.ask("return document.body.innerText.includes(arguments[0])", vec![json!(SECRET)]).await;
    assert_eq!(shown, json!(false), "the secret is on no screen");
}
