//! Reading recordings: their manifests, what was finished later, and their texts. The newest come by themselves, the
//! others when they are wanted.

use futures::{StreamExt, TryStreamExt};
use tokio_util::sync::CancellationToken;

use super::corrected;
use super::corrections::digest_of;
use super::marks::{self, Place};
use super::passage::{Passage, Texts};
use super::refresh::{Changed, lasts, problem_of};
use super::table::{self, Problem};
use super::told::{self, Unread};
use super::{Catalog, Error};
use crate::error::UserError;
use crate::recording::{FileKind, Recording, RecordingFile, RecordingId};
use crate::teamspace::{self, KnownOp, Manifest, Op, Teamspace};
use crate::transcript::{Chat, Summary, Transcript};

/// So many of the newest recordings of a teamspace are read by themselves.
const WINDOW: u64 = 2_000;
/// So many are read in one refresh at most.
const IN_ONE_REFRESH: usize = 64;
/// So many are read at once.
const AT_ONCE: usize = 16;

/// What is known of a recording now.
pub(super) struct Loaded {
    pub(super) id: RecordingId,
    /// None when its manifest cannot be read: what was known of it stays.
    content: Option<Content>,
    pub(super) problems: Vec<Problem>,
}

struct Content {
    recording: Recording,
    source: String,
    /// Who imported it and who speaks in it, one per line.
    people: String,
    passages: Vec<Passage>,
    summary: Summary,
    /// What names each segment's transcript in a correction.
    sources: Vec<(u32, String)>,
}

impl Catalog {
    /// Reads one recording now: its files and texts, wherever it stands in the list.
    pub async fn load(&self, teamspace: &Teamspace, id: &RecordingId) -> Result<(), Error> {
        let unread = self.read(|c| told::unread_one(c, teamspace.id(), id))?;
        self.put_loaded(teamspace.id(), load(teamspace, unread).await?)
    }

    /// Reads everything that is still to be read, newest first, so that search finds all that was ever said. Tells
    /// after each few how many are left. Goes on where it was stopped.
    pub async fn load_all(
        &self,
        teamspace: &Teamspace,
        tell: &mut (dyn FnMut(u64) + Send),
        stop: &CancellationToken,
    ) -> Result<(), Error> {
        while !stop.is_cancelled() && self.load_newest(teamspace, u64::MAX, &mut Changed::default()).await? {
            tell(self.unread(teamspace.id())?);
        }
        Ok(())
    }

    /// How many recordings of a teamspace are listed and not read yet.
    pub fn unread(&self, teamspace: &str) -> Result<u64, Error> {
        self.read(|c| told::count_unread(c, teamspace))
    }

    /// Reads the next few of the newest. Whether more of them are to be read.
    pub(super) async fn load_some(
        &self,
        teamspace: &Teamspace,
        changed: &mut Changed,
    ) -> Result<bool, Error> {
        self.load_newest(teamspace, WINDOW, changed).await
    }

    async fn load_newest(
        &self,
        teamspace: &Teamspace,
        window: u64,
        changed: &mut Changed,
    ) -> Result<bool, Error> {
        let window = window.min(i64::MAX.unsigned_abs());
        let unread = self.read(|c| told::unread(c, teamspace.id(), window, IN_ONE_REFRESH))?;
        let more = unread.len() >= IN_ONE_REFRESH;
        let loading = futures::stream::iter(unread).map(|unread| load(teamspace, unread));
        let mut loading = loading.buffered(AT_ONCE);
        while let Some(loaded) = loading.try_next().await? {
            changed.note(loaded.id.clone());
            self.put_loaded(teamspace.id(), loaded)?;
        }
        Ok(more)
    }

    /// Reads a recording of which nothing is sure: its log may not name it.
    pub(super) async fn load_again(&self, teamspace: &Teamspace, id: &RecordingId) -> Result<Loaded, Error> {
        let unread = self.read(|c| told::unread_one(c, teamspace.id(), id))?;
        Ok(load(teamspace, unread).await?)
    }

    pub(super) fn put_loaded(&self, teamspace: &str, loaded: Loaded) -> Result<(), Error> {
        let Loaded { id, content, problems } = loaded;
        self.write(|t| {
            // Of what is out of sight nothing is missed: its files may be deleted.
            let missed: &[Problem] = match marks::place(t, teamspace, &id)? {
                Place::Library => &problems,
                Place::Trash | Place::Gone => &[],
            };
            table::set_problems(t, teamspace, Some(&id), missed)?;
            match content {
                Some(Content { recording, source, people, passages, summary, sources }) => {
                    table::put(t, &recording, &source, &people, &passages, &summary)?;
                    corrected::put(t, teamspace, &id, &sources)
                }
                None => told::put_unreadable(t, teamspace, &id),
            }
        })
    }
}

/// Reads a recording: its manifest, its addenda where there may be some, and its texts.
async fn load(teamspace: &Teamspace, unread: Unread) -> Result<Loaded, teamspace::Error> {
    let Unread { id, named, addenda } = unread;
    let mut problems = Vec::new();
    let content = match read(teamspace, &id, named.as_deref(), addenda, &mut problems).await {
        Ok(content) => Some(content),
        Err(error) if lasts(&error) => {
            problems.push(problem_of(error, Some(&id)));
            None
        }
        Err(error) => return Err(error),
    };
    problems.sort_by(|a, b| a.what.cmp(&b.what));
    Ok(Loaded { id, content, problems })
}

async fn read(
    teamspace: &Teamspace,
    id: &RecordingId,
    named: Option<&str>,
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
    if named.is_some_and(|named| named != source) {
        // Manifests never change: somebody changed it, or it was never what was published.
        let detail = "it is not the one that the log names".to_owned();
        return Err(teamspace::Error::Damaged { what: format!("the manifest of recording {id}"), detail });
    }
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
    let mut texts = read_texts(teamspace, &recording, problems).await?;
    let importer = recording.imported_by.replace('\n', " ");
    let mut people = texts.speakers();
    people.retain(|speaker| *speaker != importer);
    people.insert(0, importer);
    let summary = std::mem::take(&mut texts.summary);
    let sources = std::mem::take(&mut texts.sources);
    Ok(Content { recording, source, people: people.join("\n"), passages: texts.passages(), summary, sources })
}

async fn read_texts(
    teamspace: &Teamspace,
    recording: &Recording,
    problems: &mut Vec<Problem>,
) -> Result<Texts, teamspace::Error> {
    let mut texts = Texts::default();
    // Captions say the same as a transcript, less well.
    for kind in [FileKind::Transcript, FileKind::Captions, FileKind::Chat, FileKind::Summary] {
        for file in recording.files.iter().filter(|file| file.kind == kind) {
            let is_vtt =
                file.key.ends_with(".vtt") && matches!(kind, FileKind::Transcript | FileKind::Captions);
            let is_summary = file.key.ends_with(".json") && kind == FileKind::Summary;
            let is_chat = file.key.ends_with(".txt") && kind == FileKind::Chat;
            let has_one = is_vtt && texts.transcripts.iter().any(|(segment, _)| *segment == file.segment);
            // More segments than any meeting has: a list of them is kept per recording.
            if has_one || !(is_vtt || is_chat || is_summary) || file.segment > u32::from(u16::MAX) {
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
            let error = if is_summary {
                match Summary::parse(&bytes, file.segment, recording.duration) {
                    Ok(summary) => {
                        texts.summary.join(summary);
                        None
                    }
                    Err(error) => Some(error),
                }
            } else if is_vtt {
                let transcript = Transcript::parse(&bytes);
                let error = transcript.error();
                if !transcript.cues.is_empty() {
                    texts.sources.extend(digest_of(&file.sha256).map(|digest| (file.segment, digest)));
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
