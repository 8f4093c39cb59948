//! Files of recordings that a person keeps on this machine: whole, verified, and never evicted while they are pinned.
//!
//! Each stands below its teamspace and its recording, so that what is here says for itself whose it is: also when the
//! catalog was deleted and a teamspace is away. A file that is let go becomes one that was played: it is whole, and goes
//! when the budget wants it.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Cache, Error};
use crate::recording::{FileKind, Recording, RecordingFile, RecordingId};

/// The name of a whole file among the pieces that were played.
const WHOLE: &str = "whole";
/// What was used within this time counts as in use, whichever process plays it.
pub const IN_USE: Duration = Duration::from_secs(600);

/// How much the cache takes, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CacheUse {
    /// What is pinned; it does not count for the budget, and stays.
    #[ts(type = "number")]
    pub pinned: u64,
    /// What was played, or is no longer pinned.
    #[ts(type = "number")]
    pub played: u64,
    /// How much of that is kept at most; what was not used for longest goes first.
    #[ts(type = "number")]
    pub budget: u64,
    /// What is free on the disk; none when it does not say.
    #[ts(type = "number | null")]
    pub free: Option<u64>,
}

/// What of a recording is on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum MediaHere {
    /// All that plays: it plays without a network.
    Here,
    /// Some of it.
    Partly,
    /// None of it.
    Away,
}

/// What the cache holds of one teamspace, read once for a whole list.
#[derive(Debug)]
pub struct Holdings<'a> {
    cache: &'a Cache,
    teamspace: String,
    kept: HashSet<String>,
    played: HashSet<String>,
}

impl Holdings<'_> {
    /// What of a recording can be played from here.
    pub fn of(&self, recording: &Recording) -> MediaHere {
        let is = |kind| recording.files.iter().any(|file| file.kind == kind && file.size > 0);
        let plays = if is(FileKind::Video) { FileKind::Video } else { FileKind::Audio };
        let mut files = recording.files.iter().filter(|file| file.kind == plays && file.size > 0).peekable();
        if files.peek().is_none() {
            return MediaHere::Away;
        }
        let id = recording.recording_id.as_str();
        let (mut all, mut any) = (true, false);
        for file in files {
            let here = self.kept.contains(id)
                && self.cache.kept(&self.teamspace, &recording.recording_id, file).is_some();
            let played = self.played.contains(&hex(&file.sha256));
            let whole = here || (played && self.cache.was_played_whole(file));
            all &= whole;
            any |= here || played;
        }
        match (all, any) {
            (true, _) => MediaHere::Here,
            (false, true) => MediaHere::Partly,
            (false, false) => MediaHere::Away,
        }
    }
}

impl Cache {
    /// What is here of a teamspace.
    pub fn holdings(&self, teamspace: &str) -> Holdings<'_> {
        Holdings {
            cache: self,
            teamspace: teamspace.to_owned(),
            kept: names(&self.kept_of(teamspace)),
            played: names(&self.root.join("played")),
        }
    }

    fn kept_of(&self, teamspace: &str) -> PathBuf {
        let name: String = teamspace.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        self.root.join("kept").join(name)
    }

    /// Where a file of a recording stands once it is here whole. Its name ends as the manifest's does: players go by that.
    pub fn kept_file(&self, teamspace: &str, id: &RecordingId, file: &RecordingFile) -> PathBuf {
        let ending =
            file.key.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending);
        let ending: String =
            ending.unwrap_or("bin").chars().filter(char::is_ascii_alphanumeric).take(5).collect();
        self.kept_of(teamspace).join(id.as_str()).join(format!("{}.{ending}", hex(&file.sha256)))
    }

    /// Where its bytes are gathered.
    pub fn keeping_file(&self, teamspace: &str, id: &RecordingId, file: &RecordingFile) -> PathBuf {
        self.kept_file(teamspace, id, file).with_added_extension("part")
    }

    /// A file that is kept, when it is here in its whole length.
    pub fn kept(&self, teamspace: &str, id: &RecordingId, file: &RecordingFile) -> Option<PathBuf> {
        of_length(self.kept_file(teamspace, id, file), file.size)
    }

    /// A file that is here whole, kept or played. That it was asked for is noted as its last use.
    pub fn whole(&self, teamspace: &str, id: &RecordingId, file: &RecordingFile) -> Option<PathBuf> {
        let path = self
            .kept(teamspace, id, file)
            .or_else(|| of_length(self.played_folder(&file.sha256).join(WHOLE), file.size))?;
        // One that may only be read is played all the same.
        let _ = fs::File::options().write(true).open(&path).and_then(|f| f.set_modified(SystemTime::now()));
        Some(path)
    }

    /// Bytes of a file that are gathered for keeping it, or all of it.
    pub fn kept_bytes(&self, teamspace: &str, id: &RecordingId, file: &RecordingFile) -> u64 {
        match self.kept(teamspace, id, file) {
            Some(_) => file.size,
            None => fs::metadata(self.keeping_file(teamspace, id, file)).map_or(0, |about| about.len()),
        }
        .min(file.size)
    }

    /// Keeps a file that is whole among what was played; whether there was one.
    pub fn keep_played_whole(
        &self,
        teamspace: &str,
        id: &RecordingId,
        file: &RecordingFile,
    ) -> Result<bool, Error> {
        let wrap = |source| Error::new("keep a recording", source);
        let Some(played) = of_length(self.played_folder(&file.sha256).join(WHOLE), file.size) else {
            return Ok(false);
        };
        let kept = self.kept_file(teamspace, id, file);
        fs::create_dir_all(kept.parent().unwrap_or(&self.root)).map_err(wrap)?;
        fs::rename(played, kept).map_err(wrap)?;
        self.forget_pieces(&file.sha256);
        Ok(true)
    }

    /// Gives a file that was gathered and verified its name. Its pieces among what was played are not needed any more.
    pub fn keep_gathered(
        &self,
        teamspace: &str,
        id: &RecordingId,
        file: &RecordingFile,
    ) -> Result<(), Error> {
        fs::rename(self.keeping_file(teamspace, id, file), self.kept_file(teamspace, id, file))
            .map_err(|source| Error::new("keep a recording", source))?;
        self.forget_pieces(&file.sha256);
        Ok(())
    }

    fn forget_pieces(&self, sha256: &str) {
        // What stays counts as played and goes with it.
        let _ = fs::remove_dir_all(self.played_folder(sha256));
    }

    /// Ids of the recordings of which something is kept, by teamspace.
    pub fn kept_recordings(&self) -> Result<Vec<(String, RecordingId)>, Error> {
        let mut found = Vec::new();
        for teamspace in names(&self.root.join("kept")) {
            let ids = names(&self.root.join("kept").join(&teamspace));
            found.extend(ids.into_iter().filter_map(|id| Some((teamspace.clone(), id.parse().ok()?))));
        }
        Ok(found)
    }

    /// Lets go of what is kept of a recording: what is whole becomes one of those that were played.
    pub fn let_go(&self, teamspace: &str, id: &RecordingId) -> Result<(), Error> {
        let folder = self.kept_of(teamspace).join(id.as_str());
        let work = || -> io::Result<()> {
            for name in names(&folder) {
                let path = folder.join(&name);
                let Some((sha256, ending)) = name.split_once('.') else { continue };
                if !ending.ends_with("part") && sha256.len() == 64 {
                    let played = self.played_folder(sha256);
                    fs::create_dir_all(&played)?;
                    fs::rename(&path, played.join(WHOLE))?;
                }
            }
            fs::remove_dir_all(&folder)
        };
        match work() {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(Error::new("let go of a recording", source))
            }
            _ => Ok(()),
        }
    }

    fn was_played_whole(&self, file: &RecordingFile) -> bool {
        let folder = self.played_folder(&file.sha256);
        if of_length(folder.join(WHOLE), file.size).is_some() {
            return true;
        }
        let pieces = file.size.div_ceil(super::PIECE);
        (0..pieces).all(|n| {
            let length = super::PIECE.min(file.size - n * super::PIECE);
            of_length(folder.join(n.to_string()), length).is_some()
        })
    }

    /// How much it takes.
    pub fn used(&self) -> CacheUse {
        CacheUse {
            pinned: bytes_below(&self.root.join("kept")),
            played: bytes_below(&self.root.join("played")),
            budget: self.budget(),
            free: crate::teamspace::free_bytes(&self.root),
        }
    }

    /// Removes what was played, but for what was used within [`IN_USE`], and says how many bytes that freed.
    pub fn free_up(&self) -> Result<u64, Error> {
        let wrap = |source| Error::new("free up space", source);
        let mut freed = 0;
        for (newest, folder, size) in super::played::known(&self.root.join("played")).map_err(wrap)? {
            if newest.elapsed().is_ok_and(|since| since >= IN_USE) {
                fs::remove_dir_all(&folder).map_err(wrap)?;
                freed += size;
            }
        }
        Ok(freed)
    }
}

/// A digest as a name.
fn hex(sha256: &str) -> String {
    sha256.chars().filter(char::is_ascii_hexdigit).take(64).collect()
}

fn of_length(path: PathBuf, length: u64) -> Option<PathBuf> {
    fs::metadata(&path).is_ok_and(|about| about.is_file() && about.len() == length).then_some(path)
}

/// Names in a folder; none where there is no such folder.
fn names(folder: &Path) -> HashSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

fn bytes_below(folder: &Path) -> u64 {
    let mut total = 0;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.metadata() {
            Ok(about) if about.is_dir() => total += bytes_below(&entry.path()),
            Ok(about) => total += about.len(),
            // One that is renamed or removed meanwhile counts nothing.
            Err(_) => {}
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(sha256: u8, size: u64) -> RecordingFile {
        RecordingFile {
            key: "0001/video-0.mp4".to_owned(),
            kind: FileKind::Video,
            segment: 0,
            layout: None,
            media_type: "video/mp4".to_owned(),
            size,
            sha256: format!("{sha256:02x}").repeat(32),
        }
    }

    fn cache() -> (tempfile::TempDir, Cache, RecordingId) {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path()).unwrap();
        (dir, cache, RecordingId::of_zoom_meeting("m"))
    }

    fn gather(cache: &Cache, id: &RecordingId, file: &RecordingFile) {
        let part = cache.keeping_file("t", id, file);
        fs::create_dir_all(part.parent().unwrap()).unwrap();
        fs::write(&part, vec![7; file.size as usize]).unwrap();
        cache.keep_gathered("t", id, file).unwrap();
    }

    #[test]
    fn what_is_let_go_is_played_and_kept_again_without_a_request() {
        let (_dir, cache, id) = cache();
        let file = file(1, 5);
        gather(&cache, &id, &file);
        assert_eq!(cache.kept("t", &id, &file).unwrap().extension().unwrap(), "mp4");
        assert_eq!(cache.kept_recordings().unwrap(), [("t".to_owned(), id.clone())]);
        assert_eq!((cache.used().pinned, cache.used().played), (5, 0));

        cache.let_go("t", &id).unwrap();
        assert_eq!(cache.kept("t", &id, &file), None);
        assert!(cache.whole("t", &id, &file).is_some(), "it plays still");
        assert_eq!((cache.used().pinned, cache.used().played), (0, 5));

        assert!(cache.keep_played_whole("t", &id, &file).unwrap());
        assert_eq!((cache.used().pinned, cache.used().played), (5, 0));
    }

    #[test]
    fn a_file_that_was_cut_short_is_not_here() {
        let (_dir, cache, id) = cache();
        let file = file(1, 5);
        gather(&cache, &id, &file);
        fs::write(cache.kept_file("t", &id, &file), "cut").unwrap();
        assert_eq!(cache.whole("t", &id, &file), None);
    }

    #[test]
    fn freeing_up_space_leaves_what_is_pinned_and_what_is_in_use() {
        let (_dir, cache, id) = cache();
        let (pinned, old, fresh) = (file(1, 5), file(2, 6), file(3, 7));
        gather(&cache, &id, &pinned);
        let other = RecordingId::of_zoom_meeting("n");
        for file in [&old, &fresh] {
            gather(&cache, &other, file);
        }
        cache.let_go("t", &other).unwrap();
        let path = cache.whole("t", &other, &old).unwrap();
        let long_ago = SystemTime::now() - IN_USE * 2;
        fs::File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();

        assert_eq!(cache.free_up().unwrap(), 6);
        assert!(cache.kept("t", &id, &pinned).is_some());
        assert_eq!((cache.whole("t", &other, &old), cache.used().played), (None, 7));
    }
}
