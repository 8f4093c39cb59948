//! Exporting in the window, into a folder that is chosen in the system's dialog.

use super::home::{Home, files_below};
use super::window::Window;
use super::{desktop, screens};

/// Exports the recording whose page is shown, and sees its files where they were wanted.
pub async fn to_a_folder(window: &Window, home: &Home, endings: &[&str]) {
    let folder = home.folder("For the workshop");
    std::fs::create_dir_all(&folder).expect("a folder");
    // As if an export had gone there before: the dialog begins there.
    let before = "localStorage.setItem('next.export.folder', arguments[0])";
    window.ask(before, vec![serde_json::json!(folder)]).await;
    window.press("export").await;
    window.see("export-choose").await;
    screens::take_one(window, "export").await;
    window.press("export-choose").await;
    desktop::take_shown_folder("Choose a folder").await;
    window.see("export-result").await;
    screens::take_one(window, "export-done").await;
    let files = files_below(&[&folder]);
    for ending in endings {
        let found =
            files.iter().any(|(path, bytes)| path.to_string_lossy().ends_with(ending) && !bytes.is_empty());
        assert!(found, "{ending} is among {:?}", files.iter().map(|(path, _)| path).collect::<Vec<_>>());
    }
    assert_eq!(files.len(), endings.len(), "and nothing else");
    window.press("export-close").await;
    window.see_gone("export-dialog").await;
    // For a moment longer the page behind it takes no clicks.
    let free = "return getComputedStyle(document.body).pointerEvents !== 'none'";
    window.until("the page takes clicks again", free).await;
}
