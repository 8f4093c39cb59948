//! What is worth a notification: recordings that arrived, and troubles that need a person. Everything others may
//! use is in this file.
//!
//! Nothing here shows anything, waits or asks the time: [`Notifier::look`] is told what there is now and answers
//! what is to be said, [`Notifier::next`] when to look again. Several recordings within a minute become one
//! notification, a trouble is said once however many imports it stops, and quiet hours hold everything back until
//! they are over.

mod arrivals;
mod troubles;

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::messages::Messages;
use crate::recording::RecordingId;
use crate::settings::NotificationSettings;

use arrivals::Arrivals;
use troubles::Known;
pub use troubles::Remembered;
pub use troubles::{Trouble, troubles};

/// A recording that was imported here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// Id of the teamspace.
    pub teamspace: String,
    /// Its name.
    pub teamspace_name: String,
    /// The recording.
    pub recording_id: RecordingId,
    /// Its title.
    pub title: String,
    /// Its length in seconds.
    pub duration: u64,
}

/// What there is to know at a moment.
#[derive(Debug, Clone, Default)]
pub struct Sight {
    /// What arrived since the last look.
    pub arrived: Vec<Arrived>,
    /// Ids of the teamspaces into which more is being imported just now.
    pub on_its_way: BTreeSet<String>,
    /// What needs a person now.
    pub troubles: Vec<Trouble>,
    /// Whether a person looks at the window, which shows what arrives by itself.
    pub in_front: bool,
}

/// Where a notification leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To a recording.
    Recording {
        /// Id of the teamspace.
        teamspace: String,
        /// The recording.
        recording_id: RecordingId,
    },
    /// To the library of a teamspace.
    Teamspace(String),
    /// To the list of imports.
    Imports,
    /// To what waits for review.
    Inbox,
    /// To the profile, where Zoom is connected.
    Profile,
    /// To the settings.
    Settings,
    /// To the window as it was.
    Window,
}

/// A notification, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// A later notice of the same slot takes the place of this one.
    pub slot: String,
    /// One sentence.
    pub title: String,
    /// More words; may be empty.
    pub text: String,
    /// What its button says.
    pub button: String,
    /// Where a click leads.
    pub target: Target,
    /// A picture of what it is about.
    pub picture: Option<PathBuf>,
    /// Whether it is about a trouble.
    pub trouble: bool,
}

/// Decides what is said and when.
#[derive(Debug, Default)]
pub struct Notifier {
    arrivals: Arrivals,
    known: Known,
    next: Option<Timestamp>,
}

impl Notifier {
    /// Goes on from what a former run of the app had said.
    pub fn remembering(remembered: Remembered) -> Self {
        Self { known: Known::from(remembered), ..Self::default() }
    }

    /// What the next run of the app must know, so that it does not repeat this one.
    pub fn remembered(&self) -> &Remembered {
        self.known.remembered()
    }

    /// What is to be said now.
    pub fn look(
        &mut self,
        sight: Sight,
        settings: &NotificationSettings,
        messages: Messages,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Vec<Notice> {
        if settings.imported && !sight.in_front {
            self.arrivals.add(sight.arrived, now);
        }
        if !settings.imported {
            self.arrivals.forget_unsaid();
        }
        let quiet = settings.quiet_until(now, zone);
        let mut said = Vec::new();
        let fresh = self.known.observe(&sight.troubles, now, quiet.is_none());
        if settings.trouble {
            said.extend(fresh.iter().map(|trouble| trouble.notice(messages)));
        }
        self.next = match quiet {
            Some(end) => Some(end),
            None => {
                said.extend(self.arrivals.due(&sight.on_its_way, messages, now));
                self.arrivals.next(&sight.on_its_way)
            }
        };
        said
    }

    /// When to look again although nothing changes; none when nothing waits to be said.
    pub fn next(&self) -> Option<Timestamp> {
        self.next
    }
}

#[cfg(test)]
mod tests;
