//! Why auto-import does not go on: sorted by what becomes of it.

use jiff::Timestamp;

use super::{AutoImportProblem, ProblemKind};
use crate::error::{Code, UserError};

impl AutoImportProblem {
    /// What an error means for auto-import.
    pub(super) fn of(error: UserError, since: Timestamp) -> Self {
        let kind = match error.code {
            Code::NotConnected => ProblemKind::NotConnected,
            Code::NeedsReauthorization => ProblemKind::NeedsReauthorization,
            Code::ClaimConflict => ProblemKind::ClaimLost,
            Code::ScopesMissing => ProblemKind::ScopesMissing,
            Code::NotFound | Code::TeamspaceUnreachable | Code::TeamspaceReadOnly | Code::BucketRefused => {
                ProblemKind::TeamspaceGone
            }
            Code::DiskFull => ProblemKind::TeamspaceFull,
            Code::Offline
            | Code::ProxyUnreachable
            | Code::ProxyPassword
            | Code::ProxyRefused
            | Code::CertificateNotTrusted => ProblemKind::Offline,
            Code::RateLimited => ProblemKind::RateLimited,
            Code::ZoomUnavailable => ProblemKind::ZoomUnavailable,
            _ => ProblemKind::Other,
        };
        Self { kind, error, since }
    }

    /// The account of now is not that for which it was switched on.
    pub(super) fn other_account(now: Timestamp) -> Self {
        let error = UserError::new(
            Code::NotConnected,
            "Auto-import was switched on for another Zoom account",
            "switch it on again for the account that is connected now, or connect the former one",
        );
        Self { kind: ProblemKind::OtherAccount, error, since: now }
    }

    /// A free plan.
    pub(super) fn no_cloud_recordings(now: Timestamp) -> Self {
        let error = UserError::new(
            Code::ZoomRefused,
            "Zoom's free plan makes no cloud recordings, so there is nothing to import yet",
            "nothing to do: should your plan come to have them, they are imported by themselves",
        );
        Self { kind: ProblemKind::NoCloudRecordings, error, since: now }
    }

    /// The list was not read whole.
    pub(super) fn incomplete(now: Timestamp) -> Self {
        let error = UserError::new(
            Code::ZoomUnavailable,
            "Zoom gave fewer recordings than it promised",
            "nothing to do: what it gave is imported, and NEXT looks for the rest again",
        );
        Self { kind: ProblemKind::ZoomUnavailable, error, since: now }
    }
}

impl ProblemKind {
    /// Only a change of the sign-in ends it: until then nothing is asked of Zoom.
    pub(super) fn waits_for_sign_in(self) -> bool {
        matches!(self, Self::NotConnected | Self::NeedsReauthorization | Self::OtherAccount | Self::ClaimLost)
    }
}
