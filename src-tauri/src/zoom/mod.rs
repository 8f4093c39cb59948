//! Zoom as it really is: signing in, listing, downloading. Everything others may use is in this file.
//!
//! What Zoom sends enters through here once and becomes our types; its own shapes, its download addresses and
//! its tokens never leave. Facts about Zoom carry their source where they are used.

mod api;
mod bandwidth;
mod download;
mod error;
mod failure;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod http;
mod kinds;
mod lenient;
mod limiter;
mod listing;
mod meeting;
mod oauth;
mod reach;
mod redirect;
mod retry;
mod scopes;
mod tokens;
mod trash;
mod trouble;
mod way;
mod wire;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::clock::Clock;
use crate::settings::Endpoints;
use bandwidth::Bandwidth;
use way::Ways;

pub use api::User;
pub use download::{DownloadLink, Downloaded, Error as DownloadError, Expected, staged_bytes};
pub use error::Error;
pub use limiter::{Category, Limiter};
pub use listing::{Days, Listing, Window};
pub use meeting::Meeting;
pub use oauth::{Authorization, ClientCheck, Tokens};
pub use reach::Reached;
pub use redirect::{Answer, Callback, Listener, Outcome};
pub use scopes::{lacks_trash, missing as missing_scopes, with_trash};
pub use tokens::{AccessTokens, OneToken};
pub use trouble::{CertificateTrouble, ProxyTrouble, untrusted};
pub use way::Network;

/// How long we are willing to wait for Zoom.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the whole answer to one API call.
    pub answer: Duration,
    /// For a connection to be made.
    pub connect: Duration,
    /// For the next byte of a download, and for more than a trickle.
    pub stall: Duration,
    /// Before the first repetition of a failed call; doubled each time.
    pub backoff: Duration,
    /// How often a call that failed in passing is repeated.
    pub repetitions: u32,
    /// For a rate limit to pass before the caller is told instead.
    pub rate_limit: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(60),
            connect: Duration::from_secs(15),
            stall: Duration::from_secs(60),
            backoff: Duration::from_millis(500),
            repetitions: 3,
            rate_limit: Duration::from_secs(20),
        }
    }
}

/// The way to Zoom. Cheap to clone; all clones share one rate limiter and one pool of connections.
#[derive(Debug, Clone)]
pub struct Zoom(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ways: Ways,
    bandwidth: Bandwidth,
    endpoints: Endpoints,
    limiter: Limiter,
    clock: Clock,
    patience: Patience,
    /// The time by Zoom's clock when it last answered.
    answered: Mutex<Option<Timestamp>>,
}

impl Zoom {
    /// A way to the Zoom at these endpoints, as the system goes and at a pace of its own.
    pub fn new(endpoints: Endpoints, clock: Clock, patience: Patience) -> Self {
        Self::over(Network::default(), endpoints, clock, patience, Limiter::default())
    }

    /// The same, over a network with its proxy setting and at a pace that others share.
    pub fn over(
        network: Network,
        endpoints: Endpoints,
        clock: Clock,
        patience: Patience,
        limiter: Limiter,
    ) -> Self {
        let (ways, bandwidth) = (Ways::new(network), Bandwidth::default());
        Self(Arc::new(Inner {
            ways,
            bandwidth,
            endpoints,
            limiter,
            clock,
            patience,
            answered: Mutex::default(),
        }))
    }

    /// The time by Zoom's own clock when it last answered a call, to the second; none before, or where it does not
    /// say. Whoever remembers how far he has looked must not believe the clock of this machine.
    pub fn answered_at(&self) -> Option<Timestamp> {
        *self.0.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All downloads together take at most so many bytes per second, from now on; none: as fast as it comes.
    pub fn set_bandwidth_limit(&self, limit: Option<u64>) {
        self.0.bandwidth.set(limit);
    }
}
