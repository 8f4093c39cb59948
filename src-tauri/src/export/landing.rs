//! Where exported files come to stand: all of a recording or none, under names that nobody had before.
//!
//! Everything is written into hidden files of the folder first, `.next-export-….part`; only when all of them are whole do
//! they get their names, in a moment. Where a name is taken, the next number is tried for all of them:
//! `2026-03-01 Interview (2).mp4` belongs to `2026-03-01 Interview (2).vtt`. Hidden files are removed by whoever gives up,
//! and of somebody who was killed by the next export into the folder: their lock is free then.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// What hidden files begin and end with.
const HIDDEN: (&str, &str) = (".next-export-", ".part");

/// So many names are tried.
const MOST_NUMBERS: u32 = 10_000;

/// Where a file comes to stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the folder, under the common name with this at its end.
    Beside(String),
    /// In a folder of the common name, under this name.
    Inside(String),
}

/// Files on their way into a folder. Dropped before they land, nothing of them remains.
#[derive(Debug)]
pub struct Landing {
    folder: PathBuf,
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    hidden: PathBuf,
    place: Place,
    /// Open, and so locked, until it is renamed: some systems rename no file that is open.
    file: Option<File>,
}

impl Landing {
    /// Begins in a folder, which is made if it is not there.
    pub fn begin(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        remove_abandoned(folder);
        Ok(Self { folder: folder.to_owned(), waiting: Vec::new() })
    }

    /// A new, empty file that will stand at a place.
    pub fn add(&mut self, place: Place) -> io::Result<File> {
        let name = format!("{}{}{}", HIDDEN.0, uuid::Uuid::now_v7().simple(), HIDDEN.1);
        let hidden = self.folder.join(name);
        let file = OpenOptions::new().write(true).create_new(true).open(&hidden)?;
        let clone = file.try_clone();
        // Best effort: some network drives have no locks, and there nothing is taken for abandoned.
        let _ = file.try_lock();
        self.waiting.push(Waiting { hidden, place, file: Some(file) });
        clone
    }

    /// Gives all files their names, which begin with `stem`. Answers where they stand, in the order in which they were
    /// added.
    pub fn land(mut self, stem: &str) -> io::Result<Vec<PathBuf>> {
        for file in self.waiting.iter().filter_map(|waiting| waiting.file.as_ref()) {
            file.sync_all()?;
        }
        for number in 1..=MOST_NUMBERS {
            let stem = if number == 1 { stem.to_owned() } else { format!("{stem} ({number})") };
            let mut taken = Taken::default();
            match self.take(&stem, &mut taken) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            }
            for (waiting, name) in self.waiting.iter_mut().zip(&taken.files) {
                waiting.file = None;
                fs::rename(&waiting.hidden, name)?;
            }
            self.waiting.clear();
            sync_folder(&self.folder);
            taken.folder.iter().for_each(|folder| sync_folder(folder));
            return Ok(taken.keep());
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Takes all names with empty files of our own, which the whole ones replace.
    fn take(&self, stem: &str, taken: &mut Taken) -> io::Result<()> {
        let inside = self.folder.join(stem);
        if self.waiting.iter().any(|waiting| matches!(waiting.place, Place::Inside(_))) {
            fs::create_dir(&inside)?;
            taken.folder = Some(inside.clone());
        }
        for waiting in &self.waiting {
            let name = match &waiting.place {
                Place::Beside(ending) => self.folder.join(format!("{stem}{ending}")),
                Place::Inside(name) => inside.join(name),
            };
            OpenOptions::new().write(true).create_new(true).open(&name)?;
            taken.files.push(name);
        }
        Ok(())
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        for Waiting { hidden, file, .. } in self.waiting.drain(..) {
            drop(file);
            let _ = fs::remove_file(hidden);
        }
    }
}

/// Names that were taken; given back unless they are kept.
#[derive(Debug, Default)]
struct Taken {
    files: Vec<PathBuf>,
    folder: Option<PathBuf>,
}

impl Taken {
    fn keep(mut self) -> Vec<PathBuf> {
        self.folder = None;
        std::mem::take(&mut self.files)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        for file in self.files.drain(..) {
            let _ = fs::remove_file(file);
        }
        if let Some(folder) = self.folder.take() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// What an export that was killed left behind. Nothing of it is worth an error.
fn remove_abandoned(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|name| name.starts_with(HIDDEN.0) && name.ends_with(HIDDEN.1));
        let abandoned = || {
            let open = OpenOptions::new().write(true).open(entry.path());
            open.is_ok_and(|file| file.try_lock().is_ok())
        };
        if ours && abandoned() {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Makes names durable, where the system knows how.
fn sync_folder(folder: &Path) {
    if cfg!(unix) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn beside(ending: &str) -> Place {
        Place::Beside(ending.to_owned())
    }

    #[test]
    fn files_that_belong_together_get_one_number_and_nothing_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("Interview.vtt"), "somebody's").unwrap();
        let mut landing = Landing::begin(dir.path()).unwrap();
        landing.add(beside(".mp4")).unwrap().write_all(b"video").unwrap();
        landing.add(beside(".vtt")).unwrap().write_all(b"words").unwrap();

        let landed = landing.land("Interview").unwrap();

        let wanted = ["Interview (2).mp4", "Interview (2).vtt"].map(|name| dir.path().join(name));
        assert_eq!(landed, wanted);
        assert_eq!(fs::read(&landed[0]).unwrap(), b"video");
        assert_eq!(names(dir.path()), ["Interview (2).mp4", "Interview (2).vtt", "Interview.vtt"]);
        assert_eq!(fs::read(dir.path().join("Interview.vtt")).unwrap(), b"somebody's");
    }

    #[test]
    fn a_folder_of_files_is_one_that_was_not_there() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("Interview")).unwrap();
        let mut landing = Landing::begin(dir.path()).unwrap();
        landing.add(Place::Inside("Video.mp4".to_owned())).unwrap();
        let landed = landing.land("Interview").unwrap();
        assert_eq!(landed, [dir.path().join("Interview (2)/Video.mp4")]);
    }

    #[test]
    fn what_does_not_land_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut landing = Landing::begin(dir.path()).unwrap();
        landing.add(beside(".mp4")).unwrap().write_all(b"half").unwrap();
        assert_eq!(names(dir.path()).len(), 1);
        drop(landing);
        assert_eq!(names(dir.path()), [] as [&str; 0]);

        let mut landing = Landing::begin(dir.path()).unwrap();
        landing.add(beside(".mp4")).unwrap();
        landing.add(Place::Inside("no/such/folder".to_owned())).unwrap();
        assert!(landing.land("Interview").is_err());
        assert_eq!(names(dir.path()), [] as [&str; 0], "not even the names that could be taken");
    }

    #[test]
    fn what_a_killed_export_left_is_removed_by_the_next_and_that_of_a_living_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(".next-export-dead.part"), "half").unwrap();
        let mut living = Landing::begin(dir.path()).unwrap();
        living.add(beside(".mp4")).unwrap().write_all(b"video").unwrap();
        let other = Landing::begin(dir.path()).unwrap();
        assert_eq!(names(dir.path()).len(), 1);
        drop(other);
        assert_eq!(living.land("Interview").unwrap(), [dir.path().join("Interview.mp4")]);
    }
}
