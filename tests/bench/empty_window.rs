//! The peer of the start benchmark: a Tauri window with an empty page, built from the same crates with the same
//! profile. It is shown when its page has loaded, as ours is.

use tauri::webview::PageLoadEvent;
use tauri::{WebviewUrl, WebviewWindowBuilder};

fn main() {
    let mut context = tauri::generate_context!();
    context.config_mut().identifier = "app.next.empty-window".to_owned();
    tauri::Builder::default()
        .setup(|app| {
            let page = "about:blank".parse()?;
            WebviewWindowBuilder::new(app, "main", WebviewUrl::External(page))
                .title("Empty window")
                .inner_size(1200.0, 800.0)
                .visible(false)
                .on_page_load(|window, load| {
                    if load.event() == PageLoadEvent::Finished {
                        let _ = window.show();
                    }
                })
                .build()?;
            Ok(())
        })
        .run(context)
        .expect("a window can be shown");
}
