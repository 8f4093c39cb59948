//! Recordings that arrived, collected per teamspace until they are said.
//!
//! # Why so
//! A single recording is said at once: nobody should wait a minute to hear of what is there. Only when more is on
//! its way into the same teamspace, or something was said less than a minute ago, is the rest collected; and a
//! notification that follows within the minute counts what came before it and takes its place.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{Arrived, Notice, Target};
use crate::messages::Messages;

/// At most one notification per teamspace in this time.
const TOGETHER: SignedDuration = SignedDuration::from_mins(1);
/// Titles that are named when several arrived.
const NAMED: usize = 3;

/// What arrived, by teamspace.
#[derive(Debug, Default)]
pub(super) struct Arrivals(BTreeMap<String, Batch>);

/// What arrived in one teamspace within reach of each other.
#[derive(Debug)]
struct Batch {
    /// All of them, the ones that were said too.
    all: Vec<Arrived>,
    /// How many of them were said.
    said: usize,
    said_at: Option<Timestamp>,
    /// When the first that was not said came.
    since: Timestamp,
}

impl Batch {
    fn waits(&self) -> bool {
        self.said < self.all.len()
    }

    /// When what waits is said.
    fn due_at(&self, more: bool) -> Timestamp {
        let after = |moment: Timestamp| moment.saturating_add(TOGETHER).unwrap_or(Timestamp::MAX);
        let alone = self.said_at.map_or(self.since, after);
        if more { alone.max(after(self.since)) } else { alone.max(self.since) }
    }
}

impl Arrivals {
    pub fn add(&mut self, arrived: Vec<Arrived>, now: Timestamp) {
        // Whatever comes later has nothing to do with what was said long ago.
        let fresh = |at: Timestamp| now.duration_since(at) < TOGETHER;
        self.0.retain(|_, batch| batch.waits() || batch.said_at.is_some_and(fresh));
        for one in arrived {
            let batch = self.0.entry(one.teamspace.clone()).or_insert_with(|| Batch {
                all: Vec::new(),
                said: 0,
                said_at: None,
                since: now,
            });
            if !batch.waits() {
                batch.since = now;
            }
            batch.all.push(one);
        }
    }

    /// Forgets what nobody wants to hear any more.
    pub fn forget_unsaid(&mut self) {
        self.0.clear();
    }

    /// What is to be said now.
    pub fn due(&mut self, on_its_way: &BTreeSet<String>, messages: Messages, now: Timestamp) -> Vec<Notice> {
        let mut notices = Vec::new();
        for (teamspace, batch) in &mut self.0 {
            if batch.waits() && batch.due_at(on_its_way.contains(teamspace)) <= now {
                batch.said = batch.all.len();
                batch.said_at = Some(now);
                notices.extend(notice(&batch.all, messages));
            }
        }
        notices
    }

    /// When something is to be said although nothing more arrives.
    pub fn next(&self, on_its_way: &BTreeSet<String>) -> Option<Timestamp> {
        let waiting = self.0.iter().filter(|(_, batch)| batch.waits());
        waiting.map(|(teamspace, batch)| batch.due_at(on_its_way.contains(teamspace))).min()
    }
}

fn notice(all: &[Arrived], messages: Messages) -> Option<Notice> {
    let first = all.first()?;
    let teamspace = ("teamspace", first.teamspace_name.as_str());
    let (title, text, target) = if let [only] = all {
        let minutes = usize::try_from(only.duration / 60).unwrap_or(usize::MAX);
        (
            messages.say("notice_imported", &[("title", &only.title), teamspace]),
            if minutes > 0 { messages.count("notice_minutes", minutes, &[]) } else { String::new() },
            Target::Recording { teamspace: only.teamspace.clone(), recording_id: only.recording_id.clone() },
        )
    } else {
        let mut lines: Vec<String> = all.iter().rev().take(NAMED).map(|one| one.title.clone()).collect();
        if all.len() > NAMED {
            lines.push(messages.count("notice_more", all.len() - NAMED, &[]));
        }
        (
            messages.count("notice_imported_many", all.len(), &[teamspace]),
            lines.join("\n"),
            Target::Teamspace(first.teamspace.clone()),
        )
    };
    Some(Notice {
        slot: format!("arrived/{}", first.teamspace),
        title,
        text,
        button: messages.say("notice_open", &[]),
        target,
        picture: None,
        trouble: false,
    })
}
