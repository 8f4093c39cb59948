//! Where secrets are, and where they are not: in the real Secret Service, and in no file of the app.

use std::process::Command;

use super::home::{Home, files_below};

/// What the keyring holds for the app: every secret that it answers for our service.
pub fn in_keyring() -> Vec<String> {
    let output = Command::new("secret-tool")
        .args(["search", "--all", "--unlock", "service", SERVICE])
        .output()
        .expect("secret-tool runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().filter_map(|line| line.strip_prefix("secret = ")).map(str::to_owned).collect()
}

/// The service under which the app keeps its secrets.
const SERVICE: &str = "next-desktop";

/// Fails when a token, code or signature that the simulated Zoom ever gave out stands in a file of the app, in
/// the teamspace, in the log, or anywhere else in this run's home.
pub fn assert_in_no_file(home: &Home) {
    let secrets = home.sim.issued_secrets();
    assert!(secrets.len() >= 3, "there are secrets to look for: a code and two tokens at least");
    let (data, recordings) = (home.data(), home.recordings());
    let files = files_below(&[&data, &recordings]);
    let log = files.iter().find(|(path, _)| path.starts_with(data.join("logs")));
    assert!(log.is_some_and(|(_, text)| !text.is_empty()), "the log is among what is looked through");
    for (path, bytes) in files {
        for secret in &secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds a secret that begins with {:.6}…", path.display(), secret);
        }
    }
}
