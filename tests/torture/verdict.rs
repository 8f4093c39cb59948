//! What is there in the end, compared with what Zoom served. Read from the folder itself, not through the app.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use next_desktop::recording::RecordingId;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What is wrong; all lists are empty when all is well.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Recordings that are not there, or lack a file.
    pub lost: Vec<String>,
    /// Recordings, files or log entries that are there twice.
    pub doubled: Vec<String>,
    /// Manifests that name what is not there, or not what they say.
    pub half_published: Vec<String>,
    /// Files that belong to nothing.
    pub orphans: Vec<String>,
    /// Numbers that the log lacks, and entries that cannot be read.
    pub log: Vec<String>,
    /// What is still staged.
    pub staged: Vec<String>,
    /// What `nextctl` says otherwise than the folder.
    pub said: Vec<String>,
}

impl Verdict {
    /// Whether all is well.
    pub fn is_clean(&self) -> bool {
        self.rows().iter().all(|(_, found)| found.is_empty())
    }

    fn rows(&self) -> [(&'static str, &Vec<String>); 7] {
        [
            ("lost", &self.lost),
            ("doubled", &self.doubled),
            ("half-published", &self.half_published),
            ("orphans", &self.orphans),
            ("gaps in the log", &self.log),
            ("left in the staging folder", &self.staged),
            ("said otherwise by nextctl", &self.said),
        ]
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, found) in self.rows() {
            writeln!(f, "{what:32} {:>12}", found.len())?;
            found.iter().take(10).try_for_each(|one| writeln!(f, "    {one}"))?;
        }
        Ok(())
    }
}

/// All files below a folder, relative to it.
fn files_below(folder: &Path) -> BTreeSet<PathBuf> {
    let (mut found, mut folders) = (BTreeSet::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_owned());
            }
        }
    }
    found
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    io::copy(&mut fs::File::open(path)?, &mut HashWriter(&mut hash))?;
    Ok(data_encoding::HEXLOWER.encode(&hash.finalize()))
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Looks at each manifest once, as soon as it is there: whatever it names must be there, whole, at any instant.
#[derive(Debug, Default)]
pub struct Manifests {
    seen: BTreeMap<PathBuf, Vec<String>>,
    /// What was wrong with some.
    pub broken: Vec<String>,
}

impl Manifests {
    /// How many were seen.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Looks at what is new.
    pub fn look(&mut self, teamspace: &Path) {
        for path in files_below(&teamspace.join("recordings")) {
            let is_manifest = path.extension().is_some_and(|ending| ending == "json")
                && (path.ends_with("manifest.json")
                    || path.parent().is_some_and(|parent| parent.ends_with("addenda")));
            if is_manifest && !self.seen.contains_key(&path) {
                let files = self.read(&teamspace.join("recordings"), &path);
                self.seen.insert(path, files);
            }
        }
    }

    /// The files that a manifest names, whole or not.
    fn read(&mut self, recordings: &Path, path: &Path) -> Vec<String> {
        let text = fs::read(recordings.join(path)).unwrap();
        let Ok(manifest) = serde_json::from_slice::<Value>(&text) else {
            self.broken.push(format!("{}: not JSON", path.display()));
            return Vec::new();
        };
        let mut names = Vec::new();
        let folder: PathBuf = path.components().take(2).collect();
        for file in manifest["files"].as_array().into_iter().flatten() {
            let key = folder.join(file["key"].as_str().unwrap_or_default());
            let digest = sha256(&recordings.join(&key)).ok();
            if digest.as_deref() != file["sha256"].as_str() {
                self.broken.push(format!("{}: {} is {digest:?}", path.display(), key.display()));
            }
            names.push(key.to_string_lossy().into_owned());
        }
        names
    }
}

/// Compares everything, when all work is done.
pub fn judge(
    teamspace: &Path,
    staged: &Path,
    served: &BTreeMap<RecordingId, Vec<String>>,
    jobs: &Value,
    recordings: &Value,
) -> Verdict {
    let mut verdict = Verdict::default();
    // All of them afresh: what was whole once must be whole still.
    let mut manifests = Manifests::default();
    manifests.look(teamspace);
    verdict.half_published.append(&mut manifests.broken);

    let mut named = BTreeSet::new();
    let mut here: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, files) in &manifests.seen {
        let id = path.components().nth(1).unwrap().as_os_str().to_string_lossy().into_owned();
        let digests = here.entry(id).or_default();
        for file in files {
            digests.extend(sha256(&teamspace.join("recordings").join(file)));
            if !named.insert(PathBuf::from(file)) {
                verdict.doubled.push(format!("{file} is named twice"));
            }
        }
        named.insert(path.clone());
    }
    for path in files_below(&teamspace.join("recordings")).difference(&named) {
        verdict.orphans.push(path.display().to_string());
    }
    for (id, wanted) in served {
        let mut found = here.remove(&id.to_string()).unwrap_or_default();
        found.sort();
        if found.len() > wanted.len() {
            verdict.doubled.push(format!("{id} has {} files, Zoom {}", found.len(), wanted.len()));
        } else if found != *wanted {
            verdict.lost.push(format!("{id} has {found:?}, Zoom {wanted:?}"));
        }
    }
    verdict.doubled.extend(here.keys().map(|id| format!("{id} was never served")));
    judge_log(teamspace, served, &mut verdict);
    verdict.staged = files_below(staged).iter().map(|path| path.display().to_string()).collect();
    judge_words(served, jobs, recordings, &mut verdict);
    verdict
}

/// Dense from 1, and one `add` for each recording.
fn judge_log(teamspace: &Path, served: &BTreeMap<RecordingId, Vec<String>>, verdict: &mut Verdict) {
    let mut added: BTreeMap<String, usize> = BTreeMap::new();
    let entries = files_below(&teamspace.join("log"));
    for (n, path) in (1_u64..).zip(&entries) {
        if path.as_path() != Path::new(&format!("{:08}/{:03}.json", n / 1000, n % 1000)) {
            verdict.log.push(format!("entry {n} is {}", path.display()));
        }
        let text = fs::read(teamspace.join("log").join(path)).unwrap();
        let Ok(entry) = serde_json::from_slice::<Value>(&text) else {
            verdict.log.push(format!("entry {n} cannot be read"));
            continue;
        };
        for op in entry["ops"].as_array().into_iter().flatten().filter(|op| op["op"] == "add") {
            *added.entry(op["recording_id"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
    }
    for id in served.keys().map(ToString::to_string) {
        match added.get(&id).copied().unwrap_or(0) {
            0 => verdict.lost.push(format!("{id} is not in the log")),
            1 => {}
            times => verdict.doubled.push(format!("{id} is {times} times in the log")),
        }
    }
}

/// One job, done, and one line in the library for each recording.
fn judge_words(
    served: &BTreeMap<RecordingId, Vec<String>>,
    jobs: &Value,
    recordings: &Value,
    verdict: &mut Verdict,
) {
    let ids = |list: &Value| -> Vec<String> {
        let list = list.as_array().cloned().unwrap_or_default();
        let mut ids: Vec<String> =
            list.iter().map(|one| one["recording_id"].as_str().unwrap_or_default().to_owned()).collect();
        ids.sort();
        ids
    };
    let wanted: Vec<String> = served.keys().map(ToString::to_string).collect();
    for (what, list) in [("jobs", &jobs["jobs"]), ("recordings", &recordings["recordings"])] {
        if ids(list) != wanted {
            verdict.said.push(format!("{} {what} where {} were served", ids(list).len(), wanted.len()));
        }
    }
    for job in jobs["jobs"].as_array().into_iter().flatten().filter(|job| job["state"] != "done") {
        verdict.said.push(format!("job {} is {}: {}", job["id"], job["state"], job["error"]));
    }
}
