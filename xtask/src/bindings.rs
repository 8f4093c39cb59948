//! The TypeScript types that come from Rust: writes them, and tells when the checked-in ones are stale.
//!
//! Stale means: what Rust gives now differs from the folder. That is compared directly, so it needs no git, and a
//! developer's uncommitted but right types pass.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{Failure, Result, attempt, run};
use crate::project;

/// The variable that tells ts-rs where to write.
pub const EXPORT_DIR: &str = "TS_RS_EXPORT_DIR";

fn checked_in() -> PathBuf {
    project::root().join("ui/src/lib/bindings")
}

/// An empty folder into which a test run writes the types afresh.
pub fn fresh_folder() -> Result<PathBuf> {
    let folder = project::memory("bindings");
    if folder.exists() {
        attempt("cannot empty the folder of fresh types", fs::remove_dir_all(&folder))?;
    }
    attempt("cannot make the folder of fresh types", fs::create_dir_all(&folder))?;
    Ok(folder)
}

/// Writes `ui/src/lib/bindings` again.
pub fn write() -> Result {
    let fresh = fresh_folder()?;
    run(project::cargo()
        .args(["test", "--quiet", "--workspace", "--lib"])
        .args(project::FEATURES)
        .arg("export_bindings")
        .env(EXPORT_DIR, &fresh))?;
    let types = files(&fresh)?;
    if types.is_empty() {
        return Err(Failure::new("no types were written: is there a test that exports them?"));
    }
    let what = "cannot write ui/src/lib/bindings";
    for name in files(&checked_in())?.keys() {
        attempt(what, fs::remove_file(checked_in().join(name)))?;
    }
    for (name, content) in &types {
        let path = checked_in().join(name);
        if let Some(folder) = path.parent() {
            attempt(what, fs::create_dir_all(folder))?;
        }
        attempt(what, fs::write(path, content))?;
    }
    println!("{} types written to ui/src/lib/bindings", types.len());
    Ok(())
}

/// Fails when the checked-in types differ from those that the last test run wrote.
pub fn check_fresh() -> Result {
    let differences = differences(&files(&checked_in())?, &files(&project::memory("bindings"))?);
    if differences.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "ui/src/lib/bindings is stale; `cargo xtask bindings` writes it again:\n  {}",
        differences.join("\n  ")
    )))
}

type Files = BTreeMap<String, Vec<u8>>;

fn differences(checked_in: &Files, fresh: &Files) -> Vec<String> {
    let changed = fresh.iter().filter_map(|(name, content)| match checked_in.get(name) {
        None => Some(format!("{name} is missing")),
        Some(other) if other != content => Some(format!("{name} differs")),
        Some(_) => None,
    });
    let gone = checked_in
        .keys()
        .filter(|name| !fresh.contains_key(*name))
        .map(|name| format!("{name} is left over"));
    changed.chain(gone).collect()
}

fn files(folder: &Path) -> Result<Files> {
    fn walk(folder: &Path, prefix: &str, files: &mut Files) -> std::io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                walk(&entry.path(), &format!("{name}/"), files)?;
            } else if name.ends_with(".ts") {
                files.insert(name, fs::read(entry.path())?);
            }
        }
        Ok(())
    }
    let mut found = Files::new();
    if folder.exists() {
        attempt(&format!("cannot read {}", folder.display()), walk(folder, "", &mut found))?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(files: &[(&str, &str)]) -> Files {
        files.iter().map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec())).collect()
    }

    #[test]
    fn a_changed_a_new_and_a_removed_type_are_each_stale() {
        let checked_in = some(&[("A.ts", "1"), ("Old.ts", "1"), ("Same.ts", "1")]);
        let fresh = some(&[("A.ts", "2"), ("New.ts", "1"), ("Same.ts", "1")]);
        let said = differences(&checked_in, &fresh);
        assert_eq!(said, ["A.ts differs", "New.ts is missing", "Old.ts is left over"]);
    }
}
