//! Refreshing: reading on in a teamspace's log, and the recordings that it names.
//!
//! Each entry is applied in one transaction with the cursor, so that a crash between two costs nothing. What
//! is damaged is noted as a problem and does not stop the others; it is looked at again each time, because a
//! person may have put it back.

use std::collections::HashSet;

use serde_json::Value;

use super::marks::{self, Act, Place};
use super::passage::{Passage, Texts};
use super::table::{self, Problem};
use super::{Catalog, Error, Refreshed};
use crate::error::UserError;
use crate::recording::{FileKind, Recording, RecordingFile, RecordingId};
use crate::teamspace::{self, Entry, KnownOp, Manifest, Member, Op, TagChange, Teamspace};
use crate::transcript::{Chat, Transcript};

/// One change to the catalog.
enum Change {
    Loaded(Box<Loaded>),
    /// What a person did, and where in the entry it stands.
    Did(RecordingId, Act, usize),
    Met(Member),
}

/// What is known of a recording now.
struct Loaded {
    id: RecordingId,
    /// None when its manifest cannot be read: what was known of it stays.
    content: Option<Content>,
    problems: Vec<Problem>,
}

struct Content {
    recording: Recording,
    source: String,
    passages: Vec<Passage>,
}

impl Catalog {
    /// Brings the catalog up to date with a teamspace: one look at the store when nothing is new.
    ///
    /// An error means that the store could not be read on; what was applied until then stays.
    pub async fn refresh(&self, teamspace: &Teamspace) -> Result<Refreshed, Error> {
        let mut changed = Vec::new();
        self.retry_problems(teamspace, &mut changed).await?;
        loop {
            let n = self.cursor(teamspace.id())?.saturating_add(1);
            let (entry, changes, problems) = match teamspace.read(n).await {
                Ok(None) => break,
                Ok(Some(entry)) => {
                    let changes = self.changes(teamspace, &entry).await?;
                    (Some(entry), changes, Vec::new())
                }
                Err(error) if lasts(&error) => {
                    self.sweep(teamspace, &mut changed).await?;
                    (None, Vec::new(), vec![problem_of(error, None)])
                }
                Err(error) => return Err(error.into()),
            };
            self.apply(teamspace.id(), n, entry.as_ref(), changes, &problems, &mut changed)?;
        }
        let mut seen = HashSet::new();
        changed.retain(|id| seen.insert(id.clone()));
        Ok(Refreshed { changed, cursor: self.cursor(teamspace.id())? })
    }

    async fn changes(&self, teamspace: &Teamspace, entry: &Entry) -> Result<Vec<Change>, Error> {
        let mut changes = Vec::new();
        for (position, op) in entry.ops.iter().enumerate() {
            let Op::Known(op) = op else { continue };
            match op {
                KnownOp::Add { recording_id, manifest, .. } => {
                    let known = self.read(|c| table::source(c, teamspace.id(), recording_id))?;
                    // Said twice: by an outbox after a crash, or by two who imported the same.
                    if known.as_ref() != Some(manifest) {
                        changes.push(load(teamspace, recording_id.clone(), false).await?);
                    }
                }
                KnownOp::Addendum { recording_id, .. } => {
                    changes.push(load(teamspace, recording_id.clone(), true).await?);
                }
                KnownOp::Restore { recording_id } => {
                    changes.push(Change::Did(recording_id.clone(), Act::Move(Place::Library), position));
                    changes.push(load(teamspace, recording_id.clone(), true).await?);
                }
                KnownOp::Trash { recording_id } => {
                    changes.push(Change::Did(recording_id.clone(), Act::Move(Place::Trash), position));
                }
                KnownOp::Delete { recording_id } => {
                    changes.push(Change::Did(recording_id.clone(), Act::Move(Place::Gone), position));
                }
                KnownOp::Set { recording_id, field, value, .. } => {
                    let act = act_of(field, value);
                    changes.extend(act.map(|act| Change::Did(recording_id.clone(), act, position)));
                }
                KnownOp::Member { profile, name, photo } => {
                    let member = Member::read(entry, profile, name, photo.as_deref());
                    changes.extend(member.map(Change::Met));
                }
                KnownOp::Claim { .. } | KnownOp::Release { .. } | KnownOp::Moved { .. } => {}
            }
        }
        Ok(changes)
    }

    /// Applies an entry, unless another process was faster.
    fn apply(
        &self,
        teamspace: &str,
        n: u64,
        entry: Option<&Entry>,
        changes: Vec<Change>,
        problems: &[Problem],
        changed: &mut Vec<RecordingId>,
    ) -> Result<(), Error> {
        let ids = self.write(|t| {
            if table::cursor(t, teamspace)?.saturating_add(1) != n {
                return Ok(Vec::new());
            }
            let mut ids = Vec::new();
            for change in changes {
                match (change, entry) {
                    (Change::Loaded(loaded), _) => ids.push(put(t, teamspace, *loaded)?),
                    (Change::Did(id, act, position), Some(entry)) => {
                        marks::act(t, teamspace, &id, &act, entry, position)?;
                        ids.push(id);
                    }
                    (Change::Met(member), _) => marks::meet(t, teamspace, &member)?,
                    (Change::Did(..), None) => {}
                }
            }
            table::set_problems(t, teamspace, None, problems)?;
            table::set_cursor(t, teamspace, n)?;
            Ok(ids)
        })?;
        changed.extend(ids);
        Ok(())
    }

    /// Looks again at what could not be read; an entry of the log that is whole again means starting over.
    async fn retry_problems(
        &self,
        teamspace: &Teamspace,
        changed: &mut Vec<RecordingId>,
    ) -> Result<(), Error> {
        let problems = self.read(|c| table::all_problems(c, teamspace.id()))?;
        let mut ids = HashSet::new();
        for problem in problems.iter().filter(|problem| problem.retry) {
            match (&problem.recording_id, entry_number(&problem.what)) {
                (Some(id), _) => {
                    ids.insert(id.clone());
                }
                (None, Some(n)) => match teamspace.read(n).await {
                    Ok(_) => return self.write(|t| table::forget(t, teamspace.id())),
                    Err(error) if lasts(&error) => {}
                    Err(error) => return Err(error.into()),
                },
                (None, None) => {}
            }
        }
        for id in ids {
            let Change::Loaded(loaded) = load(teamspace, id.clone(), true).await? else { continue };
            let same = |problem: &&Problem| problem.recording_id.as_ref() == Some(&id);
            if problems.iter().filter(same).eq(&loaded.problems) {
                continue;
            }
            changed.push(self.write(|t| put(t, teamspace.id(), *loaded))?);
        }
        Ok(())
    }

    /// Finds recordings that a damaged entry may have named.
    async fn sweep(&self, teamspace: &Teamspace, changed: &mut Vec<RecordingId>) -> Result<(), Error> {
        for id in teamspace.list_recordings().await? {
            if self.read(|c| table::source(c, teamspace.id(), &id))?.is_none() {
                let Change::Loaded(loaded) = load(teamspace, id, true).await? else { continue };
                changed.push(self.write(|t| put(t, teamspace.id(), *loaded))?);
            }
        }
        Ok(())
    }
}

/// Puts what was read. Of what is out of sight nothing is missed: its files may be deleted.
fn put(
    t: &rusqlite::Transaction<'_>,
    teamspace: &str,
    loaded: Loaded,
) -> Result<RecordingId, crate::database::Error> {
    let Loaded { id, content, problems } = loaded;
    let missed: &[Problem] = match marks::place(t, teamspace, &id)? {
        Place::Library => &problems,
        Place::Trash | Place::Gone => &[],
    };
    table::set_problems(t, teamspace, Some(&id), missed)?;
    if let Some(Content { recording, source, passages }) = content {
        table::put(t, &recording, &source, &passages)?;
    }
    Ok(id)
}

/// What setting a field means; none for a field that this version does not know.
fn act_of(field: &str, value: &Value) -> Option<Act> {
    match (field, value) {
        ("title", Value::String(title)) => Some(Act::Title(title.clone())),
        ("tags", Value::Array(_)) => serde_json::from_value(value.clone()).ok().map(Act::AllTags),
        ("tags", Value::Object(_)) => serde_json::from_value::<TagChange>(value.clone()).ok().map(Act::Tags),
        _ => None,
    }
}

/// Reads a recording: its manifest, its addenda where there may be some, and its texts.
async fn load(teamspace: &Teamspace, id: RecordingId, addenda: bool) -> Result<Change, teamspace::Error> {
    let mut problems = Vec::new();
    let content = match read(teamspace, &id, addenda, &mut problems).await {
        Ok(content) => Some(content),
        Err(error) if lasts(&error) => {
            problems.push(problem_of(error, Some(&id)));
            None
        }
        Err(error) => return Err(error),
    };
    problems.sort_by(|a, b| a.what.cmp(&b.what));
    Ok(Change::Loaded(Box::new(Loaded { id, content, problems })))
}

async fn read(
    teamspace: &Teamspace,
    id: &RecordingId,
    with_addenda: bool,
    problems: &mut Vec<Problem>,
) -> Result<Content, teamspace::Error> {
    let Some(publication) = teamspace.publication(id).await? else {
        return Err(teamspace::Error::Missing { what: format!("the manifest of recording {id}") });
    };
    let source = match publication.op {
        Op::Known(KnownOp::Add { manifest, .. }) => manifest,
        _ => String::new(),
    };
    let mut addenda: Vec<Manifest> = Vec::new();
    if with_addenda {
        for addendum in teamspace.addenda(id).await? {
            match addendum {
                Ok(addendum) => addenda.push(addendum),
                Err(error) => problems.push(problem_of(error, Some(id))),
            }
        }
    }
    let recording = publication.manifest.recording(teamspace.id(), &addenda);
    let passages = read_texts(teamspace, &recording, problems).await?.passages();
    Ok(Content { recording, source, passages })
}

async fn read_texts(
    teamspace: &Teamspace,
    recording: &Recording,
    problems: &mut Vec<Problem>,
) -> Result<Texts, teamspace::Error> {
    let mut texts = Texts::default();
    // Captions say the same as a transcript, less well.
    for kind in [FileKind::Transcript, FileKind::Captions, FileKind::Chat] {
        for file in recording.files.iter().filter(|file| file.kind == kind) {
            let is_vtt = file.key.ends_with(".vtt") && kind != FileKind::Chat;
            let is_chat = file.key.ends_with(".txt") && kind == FileKind::Chat;
            let has_one = is_vtt && texts.transcripts.iter().any(|(segment, _)| *segment == file.segment);
            // More segments than any meeting has: a list of them is kept per recording.
            if has_one || !(is_vtt || is_chat) || file.segment > u32::from(u16::MAX) {
                continue;
            }
            let bytes = match teamspace.read_file(&recording.recording_id, &file.key).await {
                Ok(bytes) => bytes,
                Err(error) if lasts(&error) => {
                    problems.push(problem_of(error, Some(&recording.recording_id)));
                    continue;
                }
                Err(error) => return Err(error),
            };
            let error = if is_vtt {
                let transcript = Transcript::parse(&bytes);
                let error = transcript.error();
                if !transcript.cues.is_empty() {
                    texts.transcripts.push((file.segment, transcript.cues));
                }
                error
            } else {
                let chat = Chat::parse(&bytes);
                let error = chat.error();
                texts.chats.push((file.segment, chat.messages));
                error
            };
            problems.extend(error.map(|error| unreadable_text(recording, file, error)));
        }
    }
    texts.transcripts.sort_by_key(|(segment, _)| *segment);
    Ok(texts)
}

/// The file is whole, it only holds lines that nobody can read: looking again would not help.
fn unreadable_text(recording: &Recording, file: &RecordingFile, error: UserError) -> Problem {
    let id = &recording.recording_id;
    Problem { what: format!("{id}/{}", file.key), recording_id: Some(id.clone()), error, retry: false }
}

/// Whether an error is about one object, and not about the store.
fn lasts(error: &teamspace::Error) -> bool {
    use teamspace::Error as Is;
    matches!(error, Is::Damaged { .. } | Is::TooNew { .. } | Is::Missing { .. } | Is::Invalid(_))
}

fn problem_of(error: teamspace::Error, id: Option<&RecordingId>) -> Problem {
    let what = match (&error, id) {
        (
            teamspace::Error::Damaged { what, .. }
            | teamspace::Error::TooNew { what }
            | teamspace::Error::Missing { what },
            _,
        ) => what.clone(),
        (_, Some(id)) => id.to_string(),
        (_, None) => String::new(),
    };
    Problem { what, recording_id: id.cloned(), error: error.into(), retry: true }
}

/// The number of the log entry that stands at a key.
fn entry_number(key: &str) -> Option<u64> {
    let (thousands, rest) = key.strip_prefix("log/")?.strip_suffix(".json")?.split_once('/')?;
    Some(thousands.parse::<u64>().ok()?.checked_mul(1000)? + rest.parse::<u64>().ok()?)
}
