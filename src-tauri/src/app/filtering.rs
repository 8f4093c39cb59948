//! Narrowing a library: by whoever hosted, imported or speaks, by tags, days, length, and by what a recording has. In the
//! query language of the search, of which only what is about recordings as a whole counts here.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::App;
use crate::catalog::{PersonCount, Search};
use crate::error::{UserError, UserResult};
use crate::query::{Query, QueryPart};
use crate::recording::RecordingId;

/// People that are offered at most.
const MOST_PEOPLE: usize = 500;

/// A library, narrowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Filtered {
    /// Which recordings are left, newest first; none where the query asks for nothing.
    pub recordings: Vec<RecordingId>,
    /// The query as it was understood.
    pub query: Vec<QueryPart>,
}

impl App {
    /// The recordings of a teamspace that a query asks for, from the catalog, with the teamspace there or away.
    pub async fn filter_recordings(&self, teamspace: &str, text: &str) -> UserResult<Filtered> {
        self.0.spaces.one(teamspace)?;
        let around = self.around()?;
        let query = Query::parse(text);
        let search = Search { query, teamspace: Some(teamspace.to_owned()), skip: 0, limit: usize::MAX };
        let catalog = self.0.catalog.clone();
        tokio::task::spawn_blocking(move || {
            let recordings = catalog.matching(&search, &around)?;
            Ok(Filtered { recordings, query: search.query.shown() })
        })
        .await
        .map_err(|panic| UserError::unexpected("narrow the library", panic))?
    }

    /// Who hosted, imported or speaks in a teamspace's recordings, the most frequent first.
    pub async fn people_in(&self, teamspace: &str) -> UserResult<Vec<PersonCount>> {
        let (catalog, id) = (self.0.catalog.clone(), teamspace.to_owned());
        tokio::task::spawn_blocking(move || Ok(catalog.people_in(&id, MOST_PEOPLE)?))
            .await
            .map_err(|panic| UserError::unexpected("list people", panic))?
    }
}
