//! `next-desktop.json`: what an organisation sets for its people, beside the app or in `/etc`.
//!
//! ```json
//! { "zoom": { "client_id": "…", "client_secret": "…", "redirect_uri": "…", "oauth_url": "…", "api_url": "…" } }
//! ```
//! Every field may be left out.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Error;
use super::client_form::Given;
use crate::secret::Secret;

/// The name of the file.
const NAME: &str = "next-desktop.json";

/// What an organisation's file says.
#[derive(Debug, Clone, Default)]
pub struct OrganisationFile {
    pub(super) zoom: Given,
}

#[derive(Deserialize)]
struct Wire {
    zoom: Option<WireZoom>,
}

#[derive(Deserialize)]
struct WireZoom {
    client_id: Option<String>,
    client_secret: Option<String>,
    redirect_uri: Option<String>,
    oauth_url: Option<String>,
    api_url: Option<String>,
}

impl OrganisationFile {
    /// Where the file may be, the nearest first: beside the executable, then in `/etc`.
    pub fn places(executable: Option<&Path>) -> Vec<PathBuf> {
        let beside = executable.and_then(Path::parent).map(|folder| folder.join(NAME));
        let system = cfg!(unix).then(|| Path::new("/etc").join(NAME));
        beside.into_iter().chain(system).collect()
    }

    /// Reads the first of these files that is there; none of them there is the usual case.
    pub fn read(places: &[PathBuf]) -> Result<Self, Error> {
        for path in places {
            let refused = |why: String| Error::Organisation { path: path.clone(), why };
            let text = match fs::read_to_string(path) {
                Ok(text) => text,
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
                {
                    continue;
                }
                Err(error) => return Err(refused(error.to_string())),
            };
            // The place of the mistake, never the text around it: a secret may stand there.
            let wire: Wire = serde_json::from_str(&text).map_err(|error| {
                refused(format!("line {}, column {} is not as it should be", error.line(), error.column()))
            })?;
            return Ok(Self { zoom: wire.zoom.map(|zoom| zoom.given(path)).unwrap_or_default() });
        }
        Ok(Self::default())
    }
}

impl WireZoom {
    fn given(self, path: &Path) -> Given {
        let stated = |text: Option<String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        Given {
            place: format!(" in {}", path.display()),
            client_id: stated(self.client_id),
            client_secret: stated(self.client_secret).map(Secret::new),
            redirect_uri: stated(self.redirect_uri),
            oauth_url: stated(self.oauth_url),
            api_url: stated(self.api_url),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_counts_and_none_is_fine() {
        let dir = tempfile::tempdir().unwrap();
        let places = [dir.path().join("none.json"), dir.path().join("one.json"), dir.path().join("two.json")];
        assert!(OrganisationFile::read(&places).unwrap().zoom.client_id.is_none());
        fs::write(&places[1], r#"{"zoom":{"client_id":" near ","api_url":""},"later":{}}"#).unwrap();
        fs::write(&places[2], r#"{"zoom":{"client_id":"far"}}"#).unwrap();
        let file = OrganisationFile::read(&places).unwrap();
        assert_eq!(file.zoom.client_id.as_deref(), Some("near"));
        assert_eq!(file.zoom.api_url, None);
    }

    #[test]
    fn a_file_that_makes_no_sense_is_said_with_its_place_and_without_its_words() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(NAME);
        fs::write(&path, r#"{"zoom":{"client_secret":hunter2}}"#).unwrap();
        let error = crate::error::UserError::from(OrganisationFile::read(&[path]).unwrap_err());
        assert!(error.message.contains(NAME), "{error}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}
