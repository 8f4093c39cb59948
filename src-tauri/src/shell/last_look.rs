//! How the library looked when it was last drawn, kept for the next start: it stands on the screen while the page's own
//! code is still being read, and its links already lead somewhere.
//!
//! Promise: what it shows is true. It is given to a page only when everything that it was drawn from is as it was, and
//! removed when it is not.

use std::path::PathBuf;
use std::{fs, io};

use data_encoding::HEXLOWER;
use next_desktop::app::{App, Dirs, FirstLook};
use next_desktop::error::{UserError, UserResult};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::placement::replace;

/// Bytes of one at most. A window full of covers takes about a hundredth.
const LARGEST: usize = 8 << 20;

#[derive(Serialize, Deserialize)]
struct Kept {
    /// SHA-256 of what it was drawn from, as hexadecimal digits.
    stamp: String,
    /// The page's own words for it (`ui/src/lib/last-look.ts`).
    look: Box<RawValue>,
}

/// What the shell reads of a look.
#[derive(Deserialize)]
struct Drawn {
    /// Of the window's inside, in logical pixels.
    width: f64,
}

/// Keeps one that a page has just drawn; with none, forgets the one that is kept.
pub async fn keep(core: &App, look: Option<String>) -> UserResult<()> {
    let done = match (core.first_look().await?, look.filter(|look| look.len() <= LARGEST)) {
        (Some(first), Some(look)) => write(core.dirs(), &first, look),
        _ => forget(&file(core.dirs())),
    };
    done.map_err(|error| UserError::unexpected("keep how the library looked", error))
}

fn write(dirs: &Dirs, first: &FirstLook, look: String) -> io::Result<()> {
    let kept = Kept { stamp: stamp(first)?, look: RawValue::from_string(look)? };
    replace(&file(dirs), &serde_json::to_vec(&kept)?)
}

/// The one that shows what is, in a window of this width: as JSON, for the page. Without a width it is as wide as it was.
pub fn of(dirs: &Dirs, first: &FirstLook, width: Option<f64>) -> Option<Box<RawValue>> {
    let file = file(dirs);
    let kept = read(&file)?;
    if stamp(first).is_ok_and(|now| now == kept.stamp) {
        let drawn: Drawn = serde_json::from_str(kept.look.get()).ok()?;
        return width.is_none_or(|width| (width - drawn.width).abs() < 1.0).then_some(kept.look);
    }
    if let Err(error) = forget(&file) {
        tracing::warn!(%error, "how the library looked cannot be forgotten");
    }
    None
}

fn read(file: &PathBuf) -> Option<Kept> {
    let size = fs::metadata(file).ok()?.len();
    if size > 2 * LARGEST as u64 {
        return None;
    }
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

fn forget(file: &PathBuf) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn file(dirs: &Dirs) -> PathBuf {
    dirs.root().join("last-look.json")
}

/// What it was drawn from, in short: all that the window draws first. The page looks at the day and at its own code.
fn stamp(first: &FirstLook) -> io::Result<String> {
    let mut first = first.clone();
    for recording in first.recordings.iter_mut().flat_map(|page| &mut page.recordings) {
        // Its address is another one in each run.
        recording.poster = None;
    }
    Ok(HEXLOWER.encode(&Sha256::digest(serde_json::to_vec(&first)?)))
}

#[cfg(test)]
mod tests {
    use next_desktop::recording::RecordingId;
    use serde_json::json;

    use super::*;

    const LOOK: &str = r##"{"width":1200,"html":"<a href='#/'>Interview</a>"}"##;

    fn first_look(title: &str, poster: &str) -> FirstLook {
        let recording = json!({
            "recording_id": RecordingId::of_zoom_meeting("abc"), "teamspace": "t", "title": title, "host": null, "duration": 60,
            "start": "2026-11-02T09:30:00Z", "tags": [], "files": [], "poster": poster, "media": "here",
            "pinned": false,
        });
        let secrets = json!({ "store": "keyring", "error": null });
        let info = json!({
            "version": "1", "data_dir": "d", "practice": false, "suggested_folder": "f", "device": "laptop",
            "platform": "linux", "secrets": secrets, "notices": [], "barred": null,
        });
        let profile = json!({
            "id": "p", "name": "Ada", "email": "ada@example.org", "photo": null,
            "created_at": "2026-11-02T09:30:00Z",
        });
        let look = json!({
            "app_info": info, "profile": profile, "settings": next_desktop::settings::Settings::default(),
            "teamspaces": [], "recordings": { "recordings": [recording], "next": null },
        });
        serde_json::from_value(look).unwrap()
    }

    #[test]
    fn it_is_given_back_while_what_it_shows_is_true_and_forgotten_then() {
        let dir = tempfile::tempdir().unwrap();
        let dirs = Dirs::at(dir.path());
        let shown = |first: &FirstLook| of(&dirs, first, Some(1200.0)).map(|look| look.get().to_owned());
        let first = first_look("Interview", "http://127.0.0.1:1/a");
        assert_eq!(shown(&first), None, "nothing was drawn yet");
        write(&dirs, &first, LOOK.to_owned()).unwrap();
        assert_eq!(shown(&first).as_deref(), Some(LOOK));
        assert!(of(&dirs, &first, None).is_some(), "a window that fills the screen is as wide as it was");
        assert!(of(&dirs, &first, Some(900.0)).is_none(), "other columns");
        let other_port = first_look("Interview", "http://127.0.0.1:2/b");
        assert_eq!(shown(&other_port).as_deref(), Some(LOOK), "only where its poster comes from is new");
        assert_eq!(shown(&first_look("Renamed", "http://127.0.0.1:2/b")), None);
        assert!(!file(&dirs).exists(), "what is not true any more is not kept");
    }

    #[test]
    fn what_is_damaged_is_not_shown() {
        let dir = tempfile::tempdir().unwrap();
        let dirs = Dirs::at(dir.path());
        let first = first_look("Interview", "");
        assert!(write(&dirs, &first, "not JSON".to_owned()).is_err());
        fs::write(file(&dirs), "{\"stamp\":\"").unwrap();
        assert!(of(&dirs, &first, None).is_none());
    }
}
