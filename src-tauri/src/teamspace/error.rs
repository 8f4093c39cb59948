//! What can go wrong with a teamspace, and how a person hears of it.

use std::io;

use super::{TeamspaceState, Trouble};
use crate::error::{Code, UserError};

/// A teamspace that could not be opened, read or written. `place` is its folder, for people.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The place is not there now: unplugged, unmounted, removed, or its network is gone.
    #[error("{place} is not there")]
    Unreachable {
        /// Where it should be.
        place: String,
    },
    /// The place is there and holds no teamspace.
    #[error("{place} holds no teamspace")]
    NotATeamspace {
        /// Where we looked.
        place: String,
    },
    /// Another teamspace stands where ours was.
    #[error("{place} holds another teamspace")]
    AnotherTeamspace {
        /// Where we looked.
        place: String,
        /// The name of the one that is there.
        name: String,
    },
    /// The teamspace was moved: nothing is written here any more.
    #[error("{place} was moved to {to}")]
    Moved {
        /// Where it was.
        place: String,
        /// Where it is.
        to: String,
    },
    /// A copy that is not finished, or a backup, stands there.
    #[error("{place} holds a copy of {name}")]
    Copy {
        /// Where we looked.
        place: String,
        /// The name of the teamspace that it is a copy of.
        name: String,
    },
    /// The place for a copy is not empty.
    #[error("{place} is not empty")]
    NotEmpty {
        /// Where.
        place: String,
    },
    /// The given place or name makes no sense.
    #[error("{0}")]
    Invalid(&'static str),
    /// Nothing can be written there.
    #[error("{place} is read-only")]
    ReadOnly {
        /// Where it is.
        place: String,
    },
    /// The operating system forbids it.
    #[error("{place} may not be used by this user")]
    PermissionDenied {
        /// Where it is.
        place: String,
    },
    /// No space is left.
    #[error("{place} is full")]
    Full {
        /// Where it is.
        place: String,
    },
    /// The folder's file system has no hard links, so nothing there can be created exactly once.
    #[error("{place} has no hard links")]
    NoHardLinks {
        /// Where it is.
        place: String,
    },
    /// The bucket refuses us, or nobody answers.
    #[error("{place} cannot be used: {trouble:?}")]
    Bucket {
        /// Where it is.
        place: String,
        /// Why.
        trouble: Trouble,
    },
    /// The place failed the self-test.
    #[error("{place} failed its test: {reason}")]
    Unsafe {
        /// Where it is.
        place: String,
        /// What it did wrong.
        reason: String,
    },
    /// Something is of a newer format than this version knows.
    #[error("{what} is of a newer format")]
    TooNew {
        /// What: `teamspace.json`, or a key.
        what: String,
    },
    /// Something stored cannot be read as what it should be.
    #[error("{what} is damaged: {detail}")]
    Damaged {
        /// Its key in the teamspace.
        what: String,
        /// What is wrong with it; never its content.
        detail: String,
    },
    /// Something that should be there is not.
    #[error("{what} is missing")]
    Missing {
        /// Its key in the teamspace.
        what: String,
    },
    /// A file that was to be put is not what it was said to be: nothing was put.
    #[error("the file for {what} is not as expected: {detail}")]
    Staged {
        /// The key that it was meant for.
        what: String,
        /// What differs.
        detail: String,
    },
    /// A manifest names this attempt; it is never removed or replaced.
    #[error("{what} belongs to a published recording")]
    Published {
        /// The attempt or key.
        what: String,
    },
    /// Others were faster, too many times in a row.
    #[error("others are writing {what} without a pause")]
    Contended {
        /// What was to be written.
        what: String,
    },
    /// Anything else that the store says.
    #[error("cannot {attempted}")]
    Store {
        /// What was attempted.
        attempted: String,
        /// Why it failed.
        #[source]
        source: object_store::Error,
    },
    /// Anything else that the file system says.
    #[error("cannot {attempted}")]
    Io {
        /// What was attempted.
        attempted: String,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// Sorts an error of the file system by what a person can do about it.
    pub(super) fn of_io(place: &str, attempted: impl Into<String>, source: io::Error) -> Self {
        use io::ErrorKind as Is;
        let place = place.to_owned();
        match source.kind() {
            Is::StorageFull | Is::QuotaExceeded => Self::Full { place },
            Is::ReadOnlyFilesystem => Self::ReadOnly { place },
            Is::PermissionDenied => Self::PermissionDenied { place },
            Is::StaleNetworkFileHandle
            | Is::NotConnected
            | Is::HostUnreachable
            | Is::NetworkUnreachable
            | Is::NetworkDown
            | Is::TimedOut => Self::Unreachable { place },
            _ if is_gone(&source) => Self::Unreachable { place },
            _ => Self::Io { attempted: attempted.into(), source },
        }
    }

    /// Sorts an error of the store by what a person can do about it.
    pub(super) fn of_store(place: &str, attempted: impl Into<String>, source: object_store::Error) -> Self {
        let attempted = attempted.into();
        if let Some(trouble) = Trouble::of(&attempted, &source) {
            return Self::Bucket { place: place.to_owned(), trouble };
        }
        match (io_kind(&source), source) {
            (_, source @ object_store::Error::NotFound { .. }) => Self::Store { attempted, source },
            (
                _,
                object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. },
            ) => Self::PermissionDenied { place: place.to_owned() },
            (Some(error), source) => match Self::of_io(place, String::new(), error) {
                Self::Io { .. } => Self::Store { attempted, source },
                sorted => sorted,
            },
            (None, source) => Self::Store { attempted, source },
        }
    }

    /// What this says about a teamspace as a whole.
    pub fn state(&self) -> TeamspaceState {
        match self {
            Self::ReadOnly { .. } | Self::Moved { .. } => TeamspaceState::ReadOnly,
            Self::AnotherTeamspace { .. }
            | Self::Copy { .. }
            | Self::NotEmpty { .. }
            | Self::NoHardLinks { .. }
            | Self::Unsafe { .. }
            | Self::TooNew { .. }
            | Self::Damaged { .. }
            | Self::Invalid(_) => TeamspaceState::Refused,
            _ => TeamspaceState::Unreachable,
        }
    }
}

/// The error of the file system below an error of the store, as far as it can be copied: its kind and number.
pub(super) fn io_kind(error: &object_store::Error) -> Option<io::Error> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(source) = next {
        if let Some(io) = source.downcast_ref::<io::Error>() {
            return Some(match io.raw_os_error() {
                Some(number) => io::Error::from_raw_os_error(number),
                None => io.kind().into(),
            });
        }
        next = source.source();
    }
    None
}

/// A device that was pulled out answers with "input/output error" or "no such device", which std has no
/// kinds for.
fn is_gone(error: &io::Error) -> bool {
    const EIO: i32 = 5;
    const ENXIO: i32 = 6;
    const ENODEV: i32 = 19;
    cfg!(unix) && matches!(error.raw_os_error(), Some(EIO | ENXIO | ENODEV))
}

impl From<Error> for UserError {
    fn from(error: Error) -> Self {
        let detail = match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        match error {
            Error::Unreachable { place } => Self::new(
                Code::TeamspaceUnreachable,
                format!("The teamspace at {place} cannot be reached"),
                "plug in its disk or reconnect its network folder; NEXT goes on by itself then",
            )
            .with("path", place),
            Error::Bucket { place, trouble } => return trouble.said(&place),
            Error::NotATeamspace { place } => Self::new(
                Code::NotFound,
                format!("There is no teamspace at {place}"),
                "choose another place, or create a teamspace there",
            )
            .with("path", place),
            Error::AnotherTeamspace { place, name } => Self::new(
                Code::TeamspaceUnreachable,
                format!("At {place} stands another teamspace now, \"{name}\""),
                "put the right disk, folder or bucket back, or add the other one as a teamspace of its own",
            )
            .with("path", place)
            .with("name", name),
            Error::Moved { place, to } => Self::new(
                Code::TeamspaceMoved,
                format!("The teamspace was moved from {place} to {to}; nothing can be added at the old place"),
                "add it at its new place: everything you have here stays",
            )
            .with("path", place)
            .with("to", to),
            Error::Copy { place, name } => Self::new(
                Code::TeamspaceUnsafe,
                format!("At {place} stands a backup of the teamspace \"{name}\", or a copy that is not finished"),
                "begin the same copy again to finish it; how to bring a backup to life is in docs/moving.md",
            )
            .with("path", place)
            .with("name", name),
            Error::NotEmpty { place } => Self::new(
                Code::PlaceNotEmpty,
                format!("{place} is not empty, so no teamspace is copied there"),
                "choose an empty folder, or a new prefix in the bucket",
            )
            .with("path", place),
            Error::Invalid(what) => {
                Self::new(Code::Usage, capitalized(what), "correct it and try again")
            }
            Error::ReadOnly { place } => Self::new(
                Code::TeamspaceReadOnly,
                format!("The teamspace at {place} is read-only: its recordings play, and nothing can be added"),
                "make the disk, folder or bucket writable, or import into another teamspace",
            )
            .with("path", place),
            Error::PermissionDenied { place } => Self::new(
                Code::PermissionDenied,
                format!("You may not write or read in {place}"),
                "give yourself permission for this folder, or ask whoever looks after it",
            )
            .with("path", place),
            Error::Full { place } => Self::new(
                Code::DiskFull,
                format!("The disk that holds {place} is full"),
                "free some space there and try again",
            )
            .with("path", place),
            Error::NoHardLinks { place } => Self::new(
                Code::TeamspaceUnsafe,
                format!(
                    "{place} is on a disk that cannot keep a teamspace safe: it has no hard links, like many USB \
                     sticks and some network drives"
                ),
                "choose a folder on another disk (for example ext4, APFS or NTFS)",
            )
            .with("path", place),
            Error::Unsafe { place, reason } => Self::new(
                Code::TeamspaceUnsafe,
                format!("{place} cannot keep a teamspace safe: {reason}"),
                "choose another place",
            )
            .with("path", place)
            .with("reason", reason),
            Error::TooNew { what } => Self::new(
                Code::FormatTooNew,
                format!("A newer version of NEXT wrote {what}"),
                "install the newest version of NEXT; nothing was changed",
            )
            .with("what", what),
            Error::Damaged { what, .. } => Self::new(
                Code::FileDamaged,
                format!("{what} in the teamspace is damaged"),
                "put this file back from a backup; all other recordings can still be used",
            )
            .with("what", what),
            Error::Missing { what } => Self::new(
                Code::FileDamaged,
                format!("{what} is missing from the teamspace"),
                "put this file back from a backup; all other recordings can still be used",
            )
            .with("what", what),
            Error::Staged { .. } => Self::new(
                Code::FileDamaged,
                "A file changed on this machine before it reached the teamspace, so it was not kept",
                "import it again",
            ),
            Error::Published { .. } => Self::unexpected("replace files of a published recording", &detail),
            Error::Contended { .. } => Self::new(
                Code::Busy,
                "Many others are writing to this teamspace just now",
                "try again in a moment",
            ),
            Error::Store { attempted, .. } | Error::Io { attempted, .. } => {
                Self::unexpected(&attempted, &detail)
            }
        }
        .detail(detail)
    }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user_error(raw: i32) -> UserError {
        Error::of_io("/team", "write", io::Error::from_raw_os_error(raw)).into()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_file_systems_numbers_become_what_a_person_can_do() {
        const EIO: i32 = 5;
        const EACCES: i32 = 13;
        const ENOSPC: i32 = 28;
        const EROFS: i32 = 30;
        const EDQUOT: i32 = 122;
        assert_eq!(user_error(EIO).code, Code::TeamspaceUnreachable);
        assert_eq!(user_error(EACCES).code, Code::PermissionDenied);
        assert_eq!(user_error(ENOSPC).code, Code::DiskFull);
        assert_eq!(user_error(EDQUOT).code, Code::DiskFull);
        assert_eq!(user_error(EROFS).code, Code::TeamspaceReadOnly);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_stores_wrapping_does_not_hide_the_number() {
        let full = object_store::Error::Generic {
            store: "test",
            source: Box::new(io::Error::from_raw_os_error(28)),
        };
        assert!(matches!(Error::of_store("/team", "write", full), Error::Full { .. }));
    }

    #[test]
    fn every_sentence_says_what_to_do() {
        let place = || "/team".to_owned();
        for error in [
            Error::Unreachable { place: place() },
            Error::NotATeamspace { place: place() },
            Error::Invalid("a teamspace needs a name"),
            Error::NoHardLinks { place: place() },
            Error::TooNew { what: "teamspace.json".to_owned() },
            Error::Damaged { what: "teamspace.json".to_owned(), detail: "line 1".to_owned() },
            Error::Contended { what: "log".to_owned() },
        ] {
            let user = UserError::from(error);
            assert!(!user.action.is_empty() && !user.message.ends_with('.'), "{user}");
            assert!(user.message.starts_with(|c: char| c.is_uppercase() || c == '/' || c == 't'), "{user}");
        }
    }
}
