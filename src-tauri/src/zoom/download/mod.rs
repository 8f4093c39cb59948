//! Downloading one file from Zoom into a staged file, so that what is called whole is whole.
//!
//! The first host must be Zoom's own, and gets the bearer token in the header; every hop is https; a hop to
//! another host goes without the token (zoom-facts §3). A download that was cut goes on where it stopped when
//! the ETag or the length still agrees. What comes back is believed only after its type, its length and its
//! container were checked: Zoom answers 200 with web pages and error notes.
//!
//! Receiving, hashing and writing overlap; memory does not grow with the file. A large file comes on several
//! connections where that is faster.

mod blocks;
mod boot;
mod check;
mod error;
mod fetch;
mod flush;
mod hash;
mod hosts;
mod part;
mod plan;
mod ramp;
mod spans;
mod watch;
mod write;

use std::path::Path;

use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Response, StatusCode};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::Zoom;
use super::limiter::retry_after;
use crate::recording::FileKind;
use crate::secret::Secret;

pub use error::Error;
use fetch::Fetch;
use hosts::Hosts;
use part::Part;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use part::holds as holds_content_range;

/// Redirects that are followed.
const HOPS: usize = 10;

/// An address that a file can be downloaded from, for a while. Never prints itself: it can carry a signature.
#[derive(Clone, PartialEq, Eq)]
pub struct DownloadLink {
    url: Url,
    own_token: Option<Secret>,
}

impl DownloadLink {
    /// From Zoom's listing.
    pub fn new(url: Url) -> Self {
        Self { url, own_token: None }
    }

    /// With the `download_access_token` of its meeting: it opens downloads for some whose access token does not
    /// (ZoomNet#348).
    #[must_use]
    pub fn with_own_token(self, own_token: Option<Secret>) -> Self {
        Self { own_token, ..self }
    }
}

impl std::fmt::Debug for DownloadLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<address>")
    }
}

/// What Zoom's listing says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// What it is for.
    pub kind: FileKind,
    /// Extension, lower case.
    pub extension: String,
    /// Bytes, approximately right; none when the listing gives none.
    pub size: Option<u64>,
}

/// A file that was downloaded and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// Bytes.
    pub size: u64,
    /// SHA-256, lower-case hex.
    pub sha256: String,
    /// Media type, from its content.
    pub media_type: &'static str,
}

/// Bytes of a staged file that an earlier download left and a later one goes on with. The file's length does not
/// say it: what comes on several connections does not come in order.
pub fn staged_bytes(staged: &Path) -> u64 {
    Part::find(staged).map_or(0, |part| part.here.total())
}

impl Zoom {
    /// Downloads `link` to `staged`, going on with what is there already. `progress` hears the bytes that are
    /// here. When it is stopped or cut, what came so far stays for the next try; when what came is not the
    /// file, nothing stays.
    pub async fn download(
        &self,
        link: &DownloadLink,
        bearer: &Secret,
        staged: &Path,
        expected: &Expected,
        progress: &(dyn Fn(u64) + Sync),
        stop: &CancellationToken,
    ) -> Result<Downloaded, Error> {
        let mut part = Part::find(staged)?;
        let (mut bearer, mut spare) = (bearer, link.own_token.as_ref());
        let mut several = true;
        // Once more from the start, when the part turns out to be of another file; and once with the other
        // token.
        for _ in 0..3 {
            let mut asked = HeaderMap::new();
            part.ask_for_the_rest(&mut asked);
            let (response, url) = self.ask_for_file(&link.url, &link.url, bearer, &asked, stop).await?;
            let headers = response.headers();
            match response.status() {
                StatusCode::OK => {
                    check::media_type(headers, expected)?;
                    part.restart().await?;
                }
                StatusCode::PARTIAL_CONTENT if part.continues(headers) => {
                    check::media_type(headers, expected)?;
                }
                StatusCode::RANGE_NOT_SATISFIABLE if part.is_all(headers) => {
                    return check::finish(staged, part.reread().await?, None, expected).await;
                }
                StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
                    part.discard().await?;
                    continue;
                }
                _ => match (self.refusal(response).await, spare.take()) {
                    (Error::Expired | Error::Refused { .. }, Some(own)) => {
                        bearer = own;
                        continue;
                    }
                    (error, _) => return Err(error),
                },
            }
            let fetch =
                Fetch { zoom: self, link: &link.url, bearer, staged, expected, progress, stop, several };
            match fetch.receive(response, &url, &mut part).await {
                // A server that gives each connection another file is asked on one.
                Err(Error::ChangedWhileReading) => several = false,
                received => return received,
            }
        }
        Err(Error::ChangedWhileReading)
    }

    /// Asks at `from`, following redirects by hand, and says where the answer came from. Only the origin of
    /// `first` gets the token.
    async fn ask_for_file(
        &self,
        first: &Url,
        from: &Url,
        bearer: &Secret,
        asked: &HeaderMap,
        stop: &CancellationToken,
    ) -> Result<(Response, Url), Error> {
        let hosts = Hosts::for_api(&self.0.endpoints.api);
        hosts.check_first(first)?;
        let mut url = from.clone();
        for hop in 0..HOPS {
            let mut headers = asked.clone();
            // A compressed body would have another length and other ranges than the file.
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            if hosts::same_origin(first, &url) {
                let mut value = HeaderValue::try_from(format!("Bearer {}", bearer.expose()))
                    .map_err(|_| Error::Expired)?;
                value.set_sensitive(true);
                headers.insert(header::AUTHORIZATION, value);
            }
            let way = self.way(&url).await?;
            let asked = way.downloads.get(url.clone()).headers(headers).send();
            let answer = tokio::select! {
                answer = tokio::time::timeout(self.0.patience.stall, asked) => answer.map_err(|_| Error::Stalled)?,
                () = stop.cancelled() => return Err(Error::Stopped),
            };
            let response = self.heard(&way, answer)?;
            if !response.status().is_redirection() {
                return Ok((response, url));
            }
            tracing::debug!(hop, "a download is redirected");
            url = hosts.follow(&url, response.headers())?;
        }
        Err(Error::TooManyRedirects)
    }

    /// Why there is no file, from an answer that is not one.
    async fn refusal(&self, response: Response) -> Error {
        let status = response.status().as_u16();
        match status {
            401 => Error::Expired,
            404 | 410 => Error::Gone,
            429 => {
                let now = self.0.clock.now();
                let pause = retry_after(response.headers(), now);
                Error::RateLimited { again: pause.and_then(|pause| now.checked_add(pause).ok()) }
            }
            403 => match check::said_by(response).await {
                // The storage host's way to say that the signed address is too old.
                Some(code) => Error::Refused { status, code: Some(code) },
                None => Error::LinkExpired,
            },
            500.. => Error::Unavailable { status },
            _ => Error::Refused { status, code: None },
        }
    }
}
