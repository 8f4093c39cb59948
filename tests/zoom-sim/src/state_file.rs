//! What survives a restart of the practice mode: users, clients, tokens, who is signed in, and when it all began.
//!
//! Meetings are not kept: the samples follow from the beginning, with the same ids at every start.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::{Client, User};
use crate::state::State;
use crate::tokens::TokenBook;

#[derive(Serialize, Deserialize)]
struct Saved {
    format: u32,
    created: Timestamp,
    users: Vec<User>,
    clients: Vec<Client>,
    browser: Vec<String>,
    tokens: TokenBook,
}

const FORMAT: u32 = 1;

impl State {
    /// Takes over what an earlier run left in its state file, if there is one, and keeps writing there.
    pub(crate) fn keep_in(&mut self, path: &Path) -> std::io::Result<()> {
        self.state_file = Some(path.to_owned());
        match fs::read(path) {
            Ok(text) => {
                let saved: Saved = serde_json::from_slice(&text).map_err(|error| {
                    std::io::Error::other(format!(
                        "{} is not a state file of the simulator: {error}",
                        path.display()
                    ))
                })?;
                if saved.format != FORMAT {
                    return Err(std::io::Error::other(format!("{} has an unknown format", path.display())));
                }
                self.created = saved.created;
                self.users = saved.users;
                self.clients = saved.clients;
                self.browser = saved.browser;
                self.tokens = saved.tokens;
                let now = self.now();
                self.tokens.prune(now);
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        self.write_state()
    }

    /// Writes the state file, if there is one. A failure is said on stderr: the simulator goes on in memory.
    pub(crate) fn save(&self) {
        if let Err(error) = self.write_state() {
            eprintln!("zoom-sim: the state file cannot be written: {error}");
        }
    }

    fn write_state(&self) -> std::io::Result<()> {
        let Some(path) = &self.state_file else {
            return Ok(());
        };
        let saved = Saved {
            format: FORMAT,
            created: self.created,
            users: self.users.clone(),
            clients: self.clients.clone(),
            browser: self.browser.clone(),
            tokens: self.tokens.clone(),
        };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let fresh = path.with_extension("new");
        let mut file = fs::File::create(&fresh)?;
        file.write_all(&serde_json::to_vec_pretty(&saved)?)?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    }
}
