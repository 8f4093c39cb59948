//! Links of ours: `next-desktop://…`.

use std::fmt;

use url::Url;

use super::App;
use crate::error::{Code, UserError, UserResult};
use crate::events::Event;
use crate::recording::RecordingId;

/// What a link asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Link {
    /// The browser comes back from Zoom: `next-desktop://oauth/zoom?code=…&state=…`.
    Callback,
    /// A moment: `next-desktop://recording/<teamspace-id>/<recording-id>?t=123`.
    Recording {
        /// Id of the teamspace.
        teamspace: String,
        /// The recording.
        recording_id: RecordingId,
        /// Seconds from its start.
        at: Option<f64>,
    },
}

impl fmt::Display for Link {
    /// The address: of a moment in whole seconds, so that it can be read out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Callback => f.write_str("next-desktop://oauth/zoom"),
            Self::Recording { teamspace, recording_id, at } => {
                write!(f, "next-desktop://recording/{teamspace}/{recording_id}")?;
                at.map_or(Ok(()), |at| write!(f, "?t={}", at.max(0.0).floor()))
            }
        }
    }
}

impl Link {
    /// Reads a link. Anything may be in it: it comes from outside.
    pub fn read(address: &str) -> Result<Self, UserError> {
        let unknown = || {
            UserError::new(
                Code::Usage,
                "NEXT does not know what this link means",
                "check that the link is whole, or install the newest version of NEXT",
            )
            .with("link", "unknown")
        };
        let url = Url::parse(address).map_err(|_| unknown())?;
        let mut path = url.path_segments().into_iter().flatten();
        match (url.scheme(), url.host_str(), path.next(), path.next(), path.next()) {
            ("next-desktop", Some("oauth"), Some("zoom"), None | Some(""), None) => Ok(Self::Callback),
            ("next-desktop", Some("recording"), Some(teamspace), Some(id), None) => {
                let teamspace = uuid::Uuid::parse_str(teamspace).map_err(|_| unknown())?;
                let at = url.query_pairs().find(|(name, _)| name == "t");
                let at = at.and_then(|(_, seconds)| seconds.parse::<f64>().ok());
                Ok(Self::Recording {
                    teamspace: teamspace.to_string(),
                    recording_id: id.parse().map_err(|_| unknown())?,
                    at: at.filter(|seconds| seconds.is_finite() && *seconds >= 0.0),
                })
            }
            _ => Err(unknown()),
        }
    }
}

impl App {
    /// Follows a link of ours: a callback of signing in, or a moment of a recording.
    pub async fn open_url(&self, address: &str) -> UserResult<()> {
        match Link::read(address)? {
            Link::Callback => self.0.accounts.callback(address).await.map(drop),
            Link::Recording { teamspace, recording_id, at } => {
                if !self.0.spaces.known()?.iter().any(|known| known.id == teamspace) {
                    return Err(UserError::new(
                        Code::NotFound,
                        "This link leads into a teamspace that is not on this machine",
                        "ask whoever sent the link where the teamspace is, add it in Settings, and open the link again",
                    )
                    .with("link", "teamspace"));
                }
                if self.0.catalog.recording(&teamspace, &recording_id)?.is_none() {
                    // A colleague may have brought it a moment ago; what is wrong with the teamspace, its page says.
                    let _ = self.refresh_teamspace(&teamspace).await;
                }
                self.0.events.emit(Event::OpenRecording { teamspace, recording_id, at });
                Ok(())
            }
        }
    }

    /// The link that opens a recording, at a second of it, on the machine of anybody who has its teamspace.
    pub async fn recording_link(
        &self,
        teamspace: &str,
        id: &RecordingId,
        at: Option<f64>,
    ) -> UserResult<String> {
        self.recording(teamspace, id)?;
        let at = at.filter(|seconds| seconds.is_finite());
        Ok(Link::Recording { teamspace: teamspace.to_owned(), recording_id: id.clone(), at }.to_string())
    }
}

/// What must hold of any address; see `crate::fuzzing`. Tells whether it is a callback.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn holds(address: &str) -> bool {
    match Link::read(address) {
        Ok(Link::Recording { teamspace, at, .. }) => {
            assert!(uuid::Uuid::parse_str(&teamspace).is_ok(), "a teamspace has a UUID");
            assert!(at.is_none_or(|at| at.is_finite() && at >= 0.0), "a moment is a number");
            false
        }
        Ok(Link::Callback) => true,
        Err(error) => {
            assert!(error.detail.is_none(), "what is in an unknown link is not repeated");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_understood_and_nothing_else_is() {
        assert_eq!(Link::read("next-desktop://oauth/zoom?code=1&state=2"), Ok(Link::Callback));
        assert_eq!(Link::read("next-desktop://oauth/zoom/?code=1"), Ok(Link::Callback));
        let id = RecordingId::of_zoom_meeting("x");
        let teamspace = "0199f3a2-7b1c-7000-8000-000000000001";
        let link = format!("next-desktop://recording/{teamspace}/{id}?t=12.5");
        assert_eq!(
            Link::read(&link),
            Ok(Link::Recording { teamspace: teamspace.to_owned(), recording_id: id.clone(), at: Some(12.5) })
        );
        let moment =
            Link::Recording { teamspace: teamspace.to_owned(), recording_id: id.clone(), at: Some(75.9) };
        assert_eq!(moment.to_string(), format!("next-desktop://recording/{teamspace}/{id}?t=75"));
        let whole = Link::Recording { teamspace: teamspace.to_owned(), recording_id: id, at: None };
        assert_eq!(Link::read(&whole.to_string()), Ok(whole));
        for bad in [
            "",
            "next-desktop://",
            "next-desktop://oauth/other",
            "https://oauth/zoom",
            "next-desktop://recording/../../etc/passwd",
            "next-desktop://recording/x/y",
        ] {
            assert!(Link::read(bad).is_err(), "{bad}");
        }
    }
}
