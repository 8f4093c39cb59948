//! The log of requests, for assertions: what came, and how it was answered.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::faults::Place;

/// Which of the two hosts was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Host {
    /// OAuth, REST and the first host of downloads.
    Zoom,
    /// The storage host behind the redirect.
    Storage,
}

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// Counts up from 1.
    pub number: u64,
    /// Which host.
    pub host: Host,
    /// What kind of request.
    pub place: Place,
    /// The HTTP method.
    pub method: String,
    /// The path as it came, still encoded.
    pub path: String,
    /// The query as it came, without its question mark.
    pub query: String,
    /// The value of `Range`.
    pub range: Option<String>,
    /// The value of `If-Range`.
    pub if_range: Option<String>,
    /// Whether an `Authorization` header came.
    pub authorization: bool,
    /// The file it was about (see [`crate::MeetingHandle::files`]).
    pub file: Option<String>,
    /// `grant_type` of a token request.
    pub grant_type: Option<String>,
    /// The status of the answer; none while there is none, or when the connection was dropped.
    pub status: Option<u16>,
    /// Bytes of the body handed over so far.
    pub sent: u64,
}

/// How many requests are remembered.
const KEPT: usize = 50_000;

struct Entry {
    record: RequestRecord,
    sent: Arc<AtomicU64>,
}

#[derive(Default)]
pub(crate) struct RequestLog {
    entries: VecDeque<Entry>,
    count: u64,
}

impl RequestLog {
    /// Notes a request; returns its number and the counter of bytes.
    pub(crate) fn add(&mut self, mut record: RequestRecord) -> (u64, Arc<AtomicU64>) {
        self.count += 1;
        record.number = self.count;
        let sent = Arc::new(AtomicU64::new(0));
        self.entries.push_back(Entry { record, sent: Arc::clone(&sent) });
        if self.entries.len() > KEPT {
            self.entries.pop_front();
        }
        (self.count, sent)
    }

    pub(crate) fn change(&mut self, number: u64, change: impl FnOnce(&mut RequestRecord)) {
        if let Some(entry) = self.entries.iter_mut().rev().find(|entry| entry.record.number == number) {
            change(&mut entry.record);
        }
    }

    pub(crate) fn all(&self) -> Vec<RequestRecord> {
        self.entries
            .iter()
            .map(|entry| RequestRecord { sent: entry.sent.load(Ordering::Relaxed), ..entry.record.clone() })
            .collect()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}
