//! Bodies on their way out: counted, and cut, stalled, slowed, shortened or lengthened by faults.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::header;
use axum::response::Response;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::connection::Cut;
use crate::faults::{Effects, Fault};

/// The way of one body.
struct Outlet {
    source: BodyDataStream,
    rest: Bytes,
    sent: u64,
    counter: Arc<AtomicU64>,
    offline: watch::Receiver<bool>,
    cut: Cut,
    cut_after: Option<u64>,
    stall_after: Option<u64>,
    end_after: Option<u64>,
    surplus: u64,
    speed: Option<u64>,
    started: Instant,
}

/// Wraps the body of an answer, so that faults can work on it.
pub(crate) fn dispatch(
    answer: Response,
    effects: &Effects,
    counter: Arc<AtomicU64>,
    cut: Cut,
    offline: watch::Receiver<bool>,
) -> Response {
    let (mut parts, body) = answer.into_parts();
    let length =
        parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let mut outlet = Outlet {
        source: body.into_data_stream(),
        rest: Bytes::new(),
        sent: 0,
        counter,
        offline,
        cut,
        cut_after: None,
        stall_after: None,
        end_after: None,
        surplus: 0,
        speed: None,
        started: Instant::now(),
    };
    let mut claimed = length;
    for fault in effects.iter() {
        match fault {
            Fault::Cut { after } => outlet.cut_after = Some(*after),
            Fault::Stall { after } => outlet.stall_after = Some(*after),
            Fault::Throttle { bytes_per_second } => outlet.speed = Some((*bytes_per_second).max(1)),
            Fault::Truncated { after } => {
                outlet.end_after = Some(*after);
                claimed = None;
            }
            Fault::Short { after } => {
                outlet.end_after = Some(*after);
                claimed = claimed.map(|length| length.min(*after));
            }
            Fault::Long { extra } => {
                outlet.surplus = *extra;
                claimed = claimed.map(|length| length + extra);
            }
            Fault::BrokenJson => {
                outlet.end_after = Some(20);
                claimed = None;
            }
            Fault::NoLength => claimed = None,
            _ => {}
        }
    }
    match claimed {
        Some(length) => parts.headers.insert(header::CONTENT_LENGTH, length.into()),
        None => parts.headers.remove(header::CONTENT_LENGTH),
    };
    Response::from_parts(parts, Body::from_stream(stream::unfold(outlet, Outlet::next)))
}

type Chunk = Result<Bytes, std::io::Error>;

impl Outlet {
    /// The next chunk. The loop of `unfold`: returning none ends the body.
    async fn next(mut self) -> Option<(Chunk, Self)> {
        let broken = || std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let is_cut = self.cut_after.is_some_and(|after| self.sent >= after);
        if *self.offline.borrow() || is_cut {
            if is_cut {
                // While this waits, the bytes before the cut are flushed: the client has them.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            self.cut.mark();
            return Some((Err(broken()), self));
        }
        if self.stall_after.is_some_and(|after| self.sent >= after) {
            let _ = self.offline.wait_for(|offline| *offline).await;
            self.cut.mark();
            return Some((Err(broken()), self));
        }
        if self.end_after.is_some_and(|after| self.sent >= after) {
            return None;
        }
        while self.rest.is_empty() {
            match self.source.next().await {
                Some(Ok(chunk)) => self.rest = chunk,
                Some(Err(_)) => return Some((Err(broken()), self)),
                None if self.surplus > 0 => {
                    let extra = self.surplus.min(64 * 1024);
                    self.surplus -= extra;
                    self.rest = Bytes::from(vec![0; extra as usize]);
                }
                None => return None,
            }
        }
        let until = [self.cut_after, self.stall_after, self.end_after].into_iter().flatten().min();
        let mut size = self.rest.len() as u64;
        if let Some(until) = until {
            size = size.min(until - self.sent);
        }
        if let Some(speed) = self.speed {
            size = size.min((speed / 20).max(1));
            let due = Duration::from_secs_f64((self.sent + size) as f64 / speed as f64);
            tokio::time::sleep_until(self.started + due).await;
        }
        let chunk = self.rest.split_to(size as usize);
        self.sent += size;
        self.counter.fetch_add(size, Ordering::Relaxed);
        Some((Ok(chunk), self))
    }
}
