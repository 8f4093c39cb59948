//! Receiving one file, on one connection or on several.
//!
//! A download begins on one connection. When much is missing and the server gives ranges, [`Ramp`] tries whether
//! more connections make it faster; each fetches a stretch that [`Plan`] gives it. The first refusal of a range
//! ends that for good: what the refused connection was to fetch goes back to the others, and the download goes on.

use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::part::{Memo, Part, content_range};
use super::plan::{LineId, Plan};
use super::ramp::{Advice, Ramp};
use super::watch::Watch;
use super::write::{Piece, Writer};
use super::{Downloaded, Error, Expected, check};
use crate::container::HEAD;
use crate::secret::Secret;
use crate::zoom::Zoom;

/// How often progress is told and speed is looked at.
const TELL: Duration = Duration::from_millis(200);
/// When less is missing, more connections are not worth their making.
const WORTH_DIVIDING: u64 = 32 << 20;

/// What a download is about.
pub(super) struct Fetch<'a> {
    pub(super) zoom: &'a Zoom,
    pub(super) link: &'a Url,
    pub(super) bearer: &'a Secret,
    pub(super) staged: &'a Path,
    pub(super) expected: &'a Expected,
    pub(super) progress: &'a (dyn Fn(u64) + Sync),
    pub(super) stop: &'a CancellationToken,
    /// Whether several connections may be tried.
    pub(super) several: bool,
}

/// What the connections of a download share.
struct Shared {
    plan: Mutex<Plan>,
    /// The first bytes of the file, until there are enough to tell what it is.
    head: Mutex<Vec<u8>>,
    inlet: Sender<Piece>,
    total: Option<u64>,
}

impl Shared {
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fetch<'_> {
    /// Receives what the part lacks, beginning with this answer, which came from `url`.
    pub(super) async fn receive(
        &self,
        response: Response,
        url: &Url,
        part: &mut Part,
    ) -> Result<Downloaded, Error> {
        let total = total(&response, part.front());
        part.remember(Memo::of(response.headers(), total)).await?;
        let writer = Writer::start(part);
        let missing = part.here.gaps(total.unwrap_or(u64::MAX));
        let shared = Shared {
            plan: Mutex::new(Plan::new(missing)),
            head: Mutex::new(part.head().await?),
            inlet: writer.inlet(),
            total,
        };
        let before = part.here.total();
        let ended = self.run(response, url, part, &shared).await;
        let here = before + shared.plan().received();
        // Whatever came is on disk before anything is said of it.
        drop(shared);
        let written = match ended {
            Ok(()) => writer.finish().await,
            // What writing says comes first: a connection only notes that nobody takes its bytes any more.
            Err(error) => writer.give_up().await.and(Err(error)),
        };
        (self.progress)(here);
        match written {
            Ok(written) => check::finish(self.staged, written, total, self.expected).await,
            Err(error) if error.is_not_the_file() => {
                part.discard().await?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Until everything is here.
    async fn run(&self, first: Response, url: &Url, part: &Part, shared: &Shared) -> Result<(), Error> {
        let before = part.here.total();
        (self.progress)(before);
        let mut ramp = Ramp::new();
        let is_range = first.status() == StatusCode::PARTIAL_CONTENT;
        let much = shared.plan().missing() >= WORTH_DIVIDING;
        if !(self.several && much && part.may_be_divided(is_range, first.headers())) {
            ramp.give_up(1);
        }
        let mut lines = FuturesUnordered::<BoxFuture<'_, (LineId, Result<(), Error>)>>::new();
        let Some((line, range)) = shared.plan().take() else { return Ok(()) };
        let until = stretch_of(first.headers(), &range);
        lines.push(self.line(line, first, until, shared).map(move |ended| (line, ended)).boxed());
        let began = Instant::now();
        let mut tick = tokio::time::interval(TELL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                Some((line, ended)) = lines.next() => {
                    let mut plan = shared.plan();
                    plan.release(line);
                    match ended {
                        Ok(()) if shared.total.is_none() => return Ok(()),
                        Ok(()) => {}
                        Err(error) if plan.lines() == 0 || error.ends_the_download() => return Err(error),
                        Err(error) => {
                            tracing::debug!(%error, "a download goes on with fewer connections");
                            ramp.give_up(plan.lines());
                        }
                    }
                    if plan.missing() == 0 {
                        return Ok(());
                    }
                }
                _ = tick.tick() => {
                    let mut plan = shared.plan();
                    (self.progress)(before + plan.received());
                    let advice = ramp.look(began.elapsed(), plan.received(), plan.missing(), plan.all_flow());
                    if let Advice::Be(wanted) = advice {
                        tracing::debug!(wanted, "connections of a download");
                        while plan.lines() > wanted && let Some(newest) = plan.newest() {
                            plan.release(newest);
                        }
                    }
                }
                () = self.stop.cancelled() => return Err(Error::Stopped),
            }
            let mut plan = shared.plan();
            while plan.lines() < ramp.lines() {
                // The last one that is left asks as a new try would; others go straight to where the file is.
                let from = if plan.lines() == 0 { self.link } else { url };
                let Some((line, range)) = plan.take() else { break };
                let opened = self.open(line, range, from, part, shared);
                lines.push(opened.map(move |ended| (line, ended)).boxed());
            }
        }
    }

    /// Opens one more connection for a stretch, and receives it.
    async fn open(
        &self,
        line: LineId,
        range: Range<u64>,
        from: &Url,
        part: &Part,
        shared: &Shared,
    ) -> Result<(), Error> {
        let mut asked = HeaderMap::new();
        part.ask_for(&range, &mut asked);
        let (response, _) = self.zoom.ask_for_file(self.link, from, self.bearer, &asked, self.stop).await?;
        match response.status() {
            StatusCode::PARTIAL_CONTENT if part.is_stretch_from(range.start, response.headers()) => {}
            StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
                return Err(Error::ChangedWhileReading);
            }
            _ => return Err(self.zoom.refusal(response).await),
        }
        self.line(line, response, range.end, shared).await
    }

    /// Receives one connection's bytes until its stretch is here, or is taken away. `until` is where the body
    /// ends, when that is known.
    async fn line(&self, line: LineId, response: Response, until: u64, shared: &Shared) -> Result<(), Error> {
        let stall = self.zoom.0.patience.stall;
        let mut body = response.bytes_stream();
        let mut watch = Watch::new(stall);
        loop {
            let Some(rest) = shared.plan().rest(line) else { return Ok(()) };
            let asked = Instant::now();
            let piece = match tokio::time::timeout(stall, body.next()).await {
                Err(_) => return Err(Error::Stalled),
                Ok(Some(piece)) => piece?,
                Ok(None) if shared.total.is_none() || rest.start >= until => return Ok(()),
                Ok(None) => {
                    let expected = shared.total.unwrap_or_default();
                    return Err(Error::Truncated { expected, got: expected - shared.plan().missing() });
                }
            };
            let size = piece.len() as u64;
            if !watch.is_alive_after(asked.elapsed(), size) {
                return Err(Error::Stalled);
            }
            self.zoom.0.bandwidth.keep(size).await;
            let Some(own) = shared.plan().receive(line, size) else { return Ok(()) };
            let piece = piece.slice(..usize::try_from(own.end - own.start).unwrap_or_default());
            self.look_at_head(own.start, &piece, shared)?;
            if shared.inlet.send((own.start, piece)).await.is_err() {
                return Err(std::io::Error::other("nothing is written any more").into());
            }
        }
    }

    /// Refuses what is not the file as soon as its first bytes show it.
    fn look_at_head(&self, at: u64, piece: &[u8], shared: &Shared) -> Result<(), Error> {
        let mut head = shared.head.lock().unwrap_or_else(PoisonError::into_inner);
        if head.len() >= HEAD || at != head.len() as u64 {
            return Ok(());
        }
        let lacking = HEAD - head.len();
        head.extend(piece.iter().take(lacking));
        if head.len() < HEAD { Ok(()) } else { check::head(&head, self.expected) }
    }
}

/// Bytes of the whole file, from an answer that begins at `from`.
fn total(response: &Response, from: u64) -> Option<u64> {
    let said = match response.status() {
        StatusCode::PARTIAL_CONTENT => content_range(response.headers()).and_then(|(_, total)| total),
        _ => None,
    };
    said.or_else(|| response.content_length().map(|rest| from + rest))
}

/// Where the body of an answer ends that begins with this stretch.
fn stretch_of(headers: &HeaderMap, range: &Range<u64>) -> u64 {
    let length = headers.get(reqwest::header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    length.map_or(range.end, |length| range.start + length)
}
