//! The bandwidth limit of a running process: what the settings say, also when another process changed them.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::database::Database;
use crate::settings;
use crate::zoom::Zoom;

/// How often the settings are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Takes the limit from the settings. What cannot be read leaves it as it is.
pub(super) fn apply(state: &Database, zoom: &Zoom) {
    if let Ok(settings) = settings::load(state) {
        zoom.set_bandwidth_limit(settings.bandwidth_limit);
    }
}

/// Does so again and again, until it is stopped.
pub(super) async fn watch(state: Database, zoom: Zoom, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
        apply(&state, &zoom);
    }
}
