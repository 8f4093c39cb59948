//! Lets Tauri generate its context, for the desktop shell only.

fn main() {
    #[cfg(feature = "desktop")]
    tauri_build::try_build(
        tauri_build::Attributes::new().capabilities_path_pattern("src-tauri/capabilities/**/*"),
    )
    .expect("the Tauri build step reads tauri.conf.json and src-tauri/capabilities");
}
