//! The bandwidth limit and the cache's budget of a running process: what the settings say, also when another process
//! changed them.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::cache::Cache;
use crate::database::Database;
use crate::settings;
use crate::zoom::Zoom;

/// How often the settings are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Takes the limits from the settings. What cannot be read leaves them as they are.
pub(super) fn apply(state: &Database, zoom: &Zoom, cache: &Cache) {
    let Ok(settings) = settings::load(state) else { return };
    zoom.set_bandwidth_limit(settings.bandwidth_limit);
    if let Err(error) = cache.set_budget(settings.cache_budget) {
        tracing::warn!(%error, "the cache is trimmed when something is played next");
    }
}

/// Does so again and again, until it is stopped.
pub(super) async fn watch(state: Database, zoom: Zoom, cache: Cache, stop: CancellationToken) {
    let mut seen = None;
    while stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
        let now = state.changes().ok();
        if now.is_none() || now != seen {
            apply(&state, &zoom, &cache);
        }
        seen = now;
    }
}
