//! Dependencies flow one way: a module of the core uses only modules that stand above it in `lib.rs`.
//!
//! The list in `lib.rs` is the order; a new module joins it where it belongs. The core knows no Tauri and no
//! screen, and nobody but `database` opens SQLite.

use std::fs;
use std::path::{Path, PathBuf};

fn core() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src-tauri/src")
}

/// The modules from bottom to top, as `lib.rs` lists them.
fn order() -> Vec<String> {
    let lib = fs::read_to_string(core().join("lib.rs")).unwrap();
    lib.lines()
        .filter_map(|line| line.trim().strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

/// Every Rust file of a module, with its text.
fn sources(module: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![core().join(module)];
    let file = core().join(format!("{module}.rs"));
    if file.exists() {
        found.push((file.clone(), fs::read_to_string(file).unwrap()));
    }
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push((path.clone(), fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "module {module} of lib.rs has no file");
    found
}

/// The modules that a text names: `crate::name`, also inside `use crate::{a::…, b}`.
fn used(text: &str) -> Vec<String> {
    let code: String =
        text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let mut names = Vec::new();
    for after in code.split("crate::").skip(1) {
        if let Some(group) = after.strip_prefix('{') {
            let (mut depth, mut start) = (0_i32, true);
            let mut name = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    _ if depth == 0 && start && (c.is_alphanumeric() || c == '_') => {
                        name.push(c);
                        continue;
                    }
                    _ => {}
                }
                if !name.is_empty() {
                    names.push(std::mem::take(&mut name));
                    start = c == ',';
                }
            }
            names.extend((!name.is_empty()).then_some(name));
        } else {
            names.push(after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    names
}

#[test]
fn a_module_uses_only_what_stands_above_it_in_the_list() {
    let order = order();
    let rank = |name: &str| order.iter().position(|module| module == name);
    for (place, module) in order.iter().enumerate() {
        for (path, text) in sources(module) {
            for name in used(&text) {
                if let Some(other) = rank(&name) {
                    assert!(
                        other <= place,
                        "{} uses `{name}`, which stands below `{module}` in lib.rs",
                        path.display()
                    );
                }
            }
        }
    }
}

#[test]
fn the_core_knows_no_tauri_and_no_screen() {
    for module in order() {
        for (path, text) in sources(&module) {
            assert!(!text.contains("tauri::"), "{} names Tauri", path.display());
            assert!(!text.contains("println!"), "{} prints: only doors talk to people", path.display());
        }
    }
}

#[test]
fn only_database_opens_sqlite() {
    for module in order().into_iter().filter(|module| module != "database") {
        for (path, text) in sources(&module) {
            assert!(!text.contains("Connection::open"), "{} opens SQLite", path.display());
        }
    }
}

#[test]
fn secrets_are_read_in_one_place_and_the_environment_at_the_doors() {
    for module in order() {
        for (path, text) in sources(&module) {
            let reads = text.contains("env::var");
            assert!(
                !reads || path.ends_with("settings/environment.rs"),
                "{} reads the environment; it is an argument",
                path.display()
            );
        }
    }
}

#[test]
fn the_reader_of_use_lines_understands_groups() {
    assert_eq!(used("use crate::{error::{Code, UserError}, events};"), ["error", "events"]);
    assert_eq!(used("use crate::zoom::api;\n// crate::app"), ["zoom"]);
}
