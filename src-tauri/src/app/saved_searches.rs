//! Searches that a person saved under a name.

use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::App;
use crate::database::{Error, to_text};
use crate::error::{Code, UserError, UserResult};
use crate::query::Query;

/// Characters of a name at most.
const LONGEST_NAME: usize = 80;
/// Searches that are kept at most: more than anybody finds again in a list.
const MOST: usize = 200;

/// A search that a person saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SavedSearch {
    /// Its number; never used twice.
    #[ts(type = "number")]
    pub id: i64,
    /// Its name; no two are the same, whatever their case.
    pub name: String,
    /// What is searched for, in the query language.
    pub text: String,
    /// Only in this teamspace: its id. None: in all.
    pub teamspace: Option<String>,
}

/// A search to be saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SearchDraft {
    /// Its name.
    pub name: String,
    /// What is searched for, in the query language.
    pub text: String,
    /// Only in this teamspace: its id. None: in all.
    pub teamspace: Option<String>,
}

impl App {
    /// The saved searches, by name.
    pub async fn saved_searches(&self) -> UserResult<Vec<SavedSearch>> {
        let mut all = self.0.state.read(|c| {
            let mut statement = c.prepare_cached("SELECT id, name, text, teamspace FROM saved_search")?;
            Ok(statement.query_map([], read)?.collect::<Result<Vec<_>, _>>()?)
        })?;
        all.sort_by_key(|search| (search.name.to_lowercase(), search.id));
        Ok(all)
    }

    /// Saves a search.
    pub async fn save_search(&self, draft: SearchDraft) -> UserResult<SavedSearch> {
        let name = checked(&draft.name)?;
        let text = Query::parse(&draft.text).to_string().trim().to_owned();
        if text.is_empty() {
            return Err(UserError::new(
                Code::Usage,
                "There is nothing to search for",
                "type some words first",
            ));
        }
        if let Some(id) = &draft.teamspace {
            self.0.spaces.one(id)?;
        }
        if self.saved_searches().await?.len() >= MOST {
            return Err(UserError::new(
                Code::Usage,
                format!("There are {MOST} saved searches already"),
                "delete one that nobody needs any more",
            ));
        }
        let now = to_text(self.0.clock.now());
        let saved = self.0.state.write(|t| {
            if taken(t, &name, None)? {
                return Ok(None);
            }
            t.execute(
                "INSERT INTO saved_search (name, folded, text, teamspace, saved_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![name, name.to_lowercase(), text, draft.teamspace, now],
            )?;
            let id = t.last_insert_rowid();
            Ok(Some(SavedSearch { id, name: name.clone(), text, teamspace: draft.teamspace }))
        })?;
        self.back_up();
        saved.ok_or_else(|| name_taken(&name))
    }

    /// Gives a saved search another name.
    pub async fn rename_search(&self, id: i64, name: &str) -> UserResult<SavedSearch> {
        let name = checked(name)?;
        let renamed = self.0.state.write(|t| {
            if taken(t, &name, Some(id))? {
                return Ok(Err(name_taken(&name)));
            }
            let sql = "UPDATE saved_search SET name = ?2, folded = ?3 WHERE id = ?1
                       RETURNING id, name, text, teamspace";
            let renamed = t.query_row(sql, params![id, name, name.to_lowercase()], read).optional()?;
            Ok(renamed.ok_or_else(not_saved))
        })??;
        self.back_up();
        Ok(renamed)
    }

    /// Forgets a saved search.
    pub async fn delete_search(&self, id: i64) -> UserResult<()> {
        let gone = self.0.state.write(|t| Ok(t.execute("DELETE FROM saved_search WHERE id = ?1", [id])?))?;
        if gone == 0 { Err(not_saved()) } else { Ok(()) }
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<SavedSearch> {
    Ok(SavedSearch { id: row.get(0)?, name: row.get(1)?, text: row.get(2)?, teamspace: row.get(3)? })
}

/// Whether another search has this name, whatever its case.
fn taken(t: &rusqlite::Transaction<'_>, name: &str, besides: Option<i64>) -> Result<bool, Error> {
    let sql = "SELECT count(*) FROM saved_search WHERE folded = ?1 AND id IS NOT ?2";
    Ok(t.query_row(sql, params![name.to_lowercase(), besides], |row| row.get::<_, i64>(0))? > 0)
}

fn checked(name: &str) -> UserResult<String> {
    let plain: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let plain = plain.trim();
    if plain.is_empty() || plain.chars().count() > LONGEST_NAME {
        return Err(UserError::new(
            Code::Usage,
            format!("A name has 1 to {LONGEST_NAME} characters"),
            "choose another name",
        ));
    }
    Ok(plain.to_owned())
}

fn name_taken(name: &str) -> UserError {
    UserError::new(
        Code::Usage,
        format!("Another saved search is called {name}"),
        "choose another name, or delete the other one first",
    )
}

fn not_saved() -> UserError {
    UserError::new(Code::NotFound, "This search is not saved", "look at the list of saved searches")
}
