//! Searching all that the teamspaces hold.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::App;
use crate::catalog::{Around, Hits, Search};
use crate::error::{Code, UserError, UserResult};
use crate::query::Query;

/// Hits of one answer, where nobody says how many.
const HITS: u32 = 50;
/// Hits of one answer at most, with those that are left out before them.
const MOST_HITS: u32 = 1_000;

/// A search, as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SearchWish {
    /// What somebody typed, in the query language: any text.
    pub text: String,
    /// Only in this teamspace: its id. None: in all.
    pub teamspace: Option<String>,
    /// Hits that are left out at the beginning: those of earlier answers.
    pub skip: u32,
    /// Hits at most; together with `skip` not more than 1,000.
    pub limit: u32,
}

impl App {
    /// Searches titles, people, tags, transcripts and chats, in one teamspace or all: the first 50 hits.
    pub async fn search(&self, text: &str, teamspace: Option<&str>) -> UserResult<Hits> {
        let teamspace = teamspace.map(str::to_owned);
        self.search_for(SearchWish { text: text.to_owned(), teamspace, skip: 0, limit: HITS }).await
    }

    /// The same, as it is wished.
    pub async fn search_for(&self, wish: SearchWish) -> UserResult<Hits> {
        let SearchWish { text, teamspace, skip, limit } = wish;
        if limit == 0 || skip.saturating_add(limit) > MOST_HITS {
            return Err(UserError::new(
                Code::Usage,
                format!("A search returns 1 to {MOST_HITS} hits"),
                "ask for fewer, and for a narrower search",
            ));
        }
        if let Some(id) = &teamspace {
            self.0.spaces.one(id)?;
        }
        let around = self.around()?;
        let search =
            Search { query: Query::parse(&text), teamspace, skip: skip as usize, limit: limit as usize };
        let catalog = self.0.catalog.clone();
        tokio::task::spawn_blocking(move || Ok(catalog.find(&search, &around)?))
            .await
            .map_err(|panic| UserError::unexpected("search", panic))?
    }

    /// What a query may mean beside its words.
    pub(super) fn around(&self) -> UserResult<Around> {
        Ok(Around {
            now: self.0.clock.now(),
            zone: TimeZone::system(),
            teamspaces: self.0.spaces.known()?.into_iter().map(|known| (known.id, known.name)).collect(),
        })
    }
}
