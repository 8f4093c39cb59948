//! Lets Tauri generate its context, for the desktop shell only.

fn main() {
    // Without a line like this Cargo runs the script again, and compiles the package again, whenever any file
    // of the repository changes: a picture in docs/, a module below ui/node_modules/.
    println!("cargo::rerun-if-changed=src-tauri/build.rs");
    #[cfg(feature = "desktop")]
    tauri_build::try_build(
        tauri_build::Attributes::new().capabilities_path_pattern("src-tauri/capabilities/**/*"),
    )
    .expect("the Tauri build step reads tauri.conf.json and src-tauri/capabilities");
}
