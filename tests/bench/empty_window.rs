//! The peer of the start benchmark: a Tauri window with an empty page, built from the same crates with the same
//! profile. Its page comes from the program itself and it is shown when that has loaded, as ours is. The page is empty
//! but for its colour, by which it is seen when it has been painted.

use tauri::http::{Response, header};
use tauri::webview::PageLoadEvent;
use tauri::{WebviewUrl, WebviewWindowBuilder};

const PAGE: &[u8] =
    b"<!doctype html><html lang=\"en\" style=\"background:#2f6f4f\"><title>Empty window</title></html>";

fn main() {
    let mut context = tauri::generate_context!();
    context.config_mut().identifier = "app.next.empty-window".to_owned();
    tauri::Builder::default()
        .register_uri_scheme_protocol("empty", |_, _| {
            let mut response = Response::new(PAGE);
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/html"));
            response
        })
        .setup(|app| {
            let page = WebviewUrl::CustomProtocol("empty://localhost/".parse()?);
            WebviewWindowBuilder::new(app, "empty", page)
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
