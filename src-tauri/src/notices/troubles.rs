//! What needs a person, as incidents: one is said when it begins, and not again for each import that it stops.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{Notice, Target};
use crate::account::{AccountStatus, SignInState};
use crate::auto_import::{AutoImportStatus, ProblemKind};
use crate::error::Code;
use crate::import::{Job, JobState, QueueState};
use crate::messages::Messages;

/// A trouble that comes back sooner than this is still the same one: a disk with a loose cable is said once.
const SAME_INCIDENT: SignedDuration = SignedDuration::from_mins(5);

/// Something that needs a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// Signing in at Zoom again.
    SignIn,
    /// A teamspace that cannot be reached or written.
    Teamspace {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
    },
    /// A full disk.
    Disk,
    /// A keyring that does not answer.
    Keyring,
    /// A proxy or certificate in between.
    Network,
    /// Auto-import stands still: another Zoom account is connected than it was switched on for.
    OtherAccount,
    /// Recordings that wait to be kept or discarded.
    Review {
        /// How many.
        count: usize,
    },
    /// Imports that failed for good, for one reason.
    Failed {
        /// The reason.
        code: Code,
        /// How many.
        count: usize,
    },
}

impl Trouble {
    /// What it is called between two runs of the app.
    fn key(&self) -> String {
        match self {
            Self::SignIn => "sign_in".to_owned(),
            Self::Teamspace { id, .. } => format!("teamspace/{id}"),
            Self::Disk => "disk".to_owned(),
            Self::Keyring => "keyring".to_owned(),
            Self::Network => "network".to_owned(),
            Self::OtherAccount => "other_account".to_owned(),
            Self::Review { .. } => "review".to_owned(),
            Self::Failed { code, .. } => format!("failed/{}", code.name()),
        }
    }

    /// One sentence.
    pub fn sentence(&self, messages: Messages) -> String {
        match self {
            Self::SignIn => messages.say("trouble_sign_in", &[]),
            Self::Teamspace { name, .. } => messages.say("trouble_teamspace", &[("teamspace", name)]),
            Self::Disk => messages.say("trouble_disk", &[]),
            Self::Keyring => messages.say("trouble_keyring", &[]),
            Self::Network => messages.say("trouble_network", &[]),
            Self::OtherAccount => messages.say("trouble_other_account", &[]),
            Self::Review { count } => messages.count("trouble_review", *count, &[]),
            Self::Failed { count, .. } => messages.count("trouble_failed", *count, &[]),
        }
    }

    fn text(&self, messages: Messages) -> String {
        let key = match self {
            Self::SignIn => "trouble_sign_in_text",
            Self::Teamspace { .. } => "trouble_teamspace_text",
            Self::Disk => "trouble_disk_text",
            Self::Keyring => "trouble_keyring_text",
            Self::Network => "trouble_network_text",
            Self::OtherAccount => "trouble_other_account_text",
            Self::Review { .. } => "trouble_review_text",
            Self::Failed { .. } => "trouble_failed_text",
        };
        messages.say(key, &[])
    }

    /// Where a person can do something about it.
    pub fn target(&self) -> Target {
        match self {
            Self::SignIn | Self::OtherAccount => Target::Profile,
            Self::Review { .. } => Target::Inbox,
            Self::Teamspace { id, .. } => Target::Teamspace(id.clone()),
            Self::Keyring | Self::Network => Target::Settings,
            Self::Disk | Self::Failed { .. } => Target::Imports,
        }
    }

    pub(super) fn notice(&self, messages: Messages) -> Notice {
        Notice {
            slot: self.key(),
            title: self.sentence(messages),
            text: self.text(messages),
            button: messages.say("notice_open", &[]),
            target: self.target(),
            picture: None,
            trouble: true,
        }
    }
}

/// What needs a person now, most general first. `name` answers what a teamspace is called.
pub fn troubles(
    account: Option<&AccountStatus>,
    automatic: Option<&AutoImportStatus>,
    queue: &QueueState,
    jobs: &[Job],
    name: impl Fn(&str) -> String,
) -> Vec<Trouble> {
    let mut found = BTreeSet::new();
    let mut failed = BTreeMap::<Code, usize>::new();
    if account.is_some_and(|account| account.state == SignInState::NeedsReauthorization) {
        found.insert(Trouble::SignIn);
    }
    if queue.full.is_some() {
        found.insert(Trouble::Disk);
    }
    if let Some(automatic) = automatic {
        found.extend(of_auto_import(automatic, &name));
    }
    for job in jobs {
        let Some(error) = &job.error else { continue };
        let stuck = match job.state {
            JobState::Failed => true,
            JobState::Waiting => error.code.needs_person(),
            _ => false,
        };
        if !stuck {
            continue;
        }
        match error.code {
            Code::NeedsReauthorization | Code::ScopesMissing | Code::ClaimConflict => {
                found.insert(Trouble::SignIn);
            }
            // Whoever disconnects Zoom, or never connected it, knows.
            Code::NotConnected | Code::NoZoomClient | Code::NoProfile | Code::Cancelled => {}
            Code::TeamspaceUnreachable | Code::TeamspaceReadOnly | Code::BucketRefused => {
                found.insert(Trouble::Teamspace { id: job.teamspace.clone(), name: name(&job.teamspace) });
            }
            Code::DiskFull => {
                found.insert(Trouble::Disk);
            }
            Code::KeyringUnavailable => {
                found.insert(Trouble::Keyring);
            }
            Code::ProxyUnreachable
            | Code::ProxyPassword
            | Code::ProxyRefused
            | Code::CertificateNotTrusted => {
                found.insert(Trouble::Network);
            }
            code => *failed.entry(code).or_default() += 1,
        }
    }
    let failed = failed.into_iter().map(|(code, count)| Trouble::Failed { code, count });
    found.into_iter().chain(failed).collect()
}

/// What auto-import needs a person for. What passes by itself is none, and neither is a plan without recordings.
fn of_auto_import(status: &AutoImportStatus, name: &impl Fn(&str) -> String) -> Vec<Trouble> {
    let kind = status.problem.as_ref().map(|problem| problem.kind);
    let stuck = match kind {
        Some(ProblemKind::NeedsReauthorization | ProblemKind::ClaimLost | ProblemKind::ScopesMissing) => {
            Some(Trouble::SignIn)
        }
        Some(ProblemKind::OtherAccount) => Some(Trouble::OtherAccount),
        Some(ProblemKind::TeamspaceGone) => {
            status.teamspace.as_ref().map(|id| Trouble::Teamspace { id: id.clone(), name: name(id) })
        }
        Some(ProblemKind::TeamspaceFull) => Some(Trouble::Disk),
        Some(
            ProblemKind::NotConnected
            | ProblemKind::NoCloudRecordings
            | ProblemKind::Offline
            | ProblemKind::RateLimited
            | ProblemKind::ZoomUnavailable
            | ProblemKind::Other,
        )
        | None => None,
    };
    let count = usize::try_from(status.inbox_count).unwrap_or(usize::MAX);
    stuck.into_iter().chain((count > 0).then_some(Trouble::Review { count })).collect()
}

/// Troubles that were said, by key: since when they are over, none while they last.
pub type Remembered = BTreeMap<String, Option<Timestamp>>;

/// Which troubles a person knows of.
#[derive(Debug, Default)]
pub(super) struct Known(Remembered);

impl From<Remembered> for Known {
    fn from(remembered: Remembered) -> Self {
        Self(remembered)
    }
}

impl Known {
    pub fn remembered(&self) -> &Remembered {
        &self.0
    }

    /// Takes in what there is now, and answers which of it is new. While nothing may be said, what is new stays so.
    pub fn observe(&mut self, troubles: &[Trouble], now: Timestamp, may_be_said: bool) -> Vec<Trouble> {
        let lasting: BTreeSet<String> = troubles.iter().map(Trouble::key).collect();
        for (key, over) in &mut self.0 {
            match over {
                None if !lasting.contains(key) => *over = Some(now),
                Some(at) if lasting.contains(key) && now.duration_since(*at) < SAME_INCIDENT => *over = None,
                _ => {}
            }
        }
        self.0.retain(|_, over| over.is_none_or(|at| now.duration_since(at) < SAME_INCIDENT));
        if !may_be_said {
            return Vec::new();
        }
        let fresh: Vec<Trouble> =
            troubles.iter().filter(|trouble| !self.0.contains_key(&trouble.key())).cloned().collect();
        self.0.extend(fresh.iter().map(|trouble| (trouble.key(), None)));
        fresh
    }
}
