//! A person's own audio file: chosen in the system's dialog, imported, heard, and moved with the library that it is in.

use super::home::Home;
use super::{desktop, exporting, last_look, moving, screens, searching, steps};

#[tokio::test(flavor = "multi_thread")]
async fn an_audio_file_and_its_transcript_are_chosen_imported_played_and_moved_with_the_library() {
    let home = Home::new().await;
    let [audio, words] = ["checkout.m4a", "checkout.vtt"].map(|name| home.own_file(name));
    let window = home.start().await;
    window.resize(screens::WIDE.0, screens::WIDE.1).await;
    steps::first_start(&window, &home).await;
    window.press("import-button").await;
    window.press("import-files").await;
    window.press("choose-media").await;
    desktop::choose_file("Choose a video or audio file", &audio).await;
    window.press("choose-transcript").await;
    desktop::choose_file("Choose a transcript", &words).await;
    window.read("checkout.vtt").await;
    screens::take(&window, "import-file").await;
    window.press("import-submit").await;
    steps::see_recordings(&window, 1).await;

    steps::open_recording(&window, "checkout").await;
    steps::see_it_go_on(&window).await;
    window.see("transcript-cue").await;
    screens::take(&window, "recording-audio").await;
    assert!(audio.is_file(), "the original stays where it is");
    exporting::to_a_folder(&window, &home, &[".m4a", ".vtt", ".txt", ".md"]).await;
    steps::library(&window).await;

    searching::to_what_was_said(&window).await;
    moving::to_another_folder(&window, &home).await;
    steps::see_recordings(&window, 1).await;
    steps::open_recording(&window, "checkout").await;
    steps::see_it_go_on(&window).await;

    let window = last_look::of_a_second_start(window, &home, "checkout").await;
    steps::see_recordings(&window, 1).await;
    steps::open_recording(&window, "checkout").await;
    steps::see_it_go_on(&window).await;
    window.quit().await;
}
