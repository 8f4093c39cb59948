//! What people do to recordings in a teamspace, and who they are: said in its log, and read back from there, so
//! that everybody sees the same in the same order.

use std::sync::PoisonError;

use super::{App, RecordingEdit, TrashedRecording};
use crate::catalog::{HistoryEntry, LONGEST_TAG, LONGEST_TITLE, MOST_TAGS, Place};
use crate::error::{Code, UserError, UserResult};
use crate::recording::RecordingId;
use crate::teamspace::{self, KnownOp, Member, Op, TagChange, Teamspace, TeamspaceState};

/// How long what is in the trash can be restored for sure; then it is deleted for good.
pub const DAYS_IN_TRASH: i64 = 30;

impl App {
    /// Who uses a teamspace, by name.
    pub async fn members(&self, teamspace: &str) -> UserResult<Vec<Member>> {
        Ok(self.0.catalog.members(teamspace)?)
    }

    /// Gives a recording another title, or other tags.
    pub async fn edit_recording(
        &self,
        teamspace: &str,
        id: &RecordingId,
        edit: RecordingEdit,
    ) -> UserResult<()> {
        let edit = checked(edit)?;
        let (opened, base) = self.for_writing(teamspace).await?;
        let ops = self.edit_ops(teamspace, id, &edit, base)?;
        self.say(&opened, ops, base).await
    }

    /// What an edit that was checked says of one recording in the log; nothing where it changes nothing.
    pub(super) fn edit_ops(
        &self,
        teamspace: &str,
        id: &RecordingId,
        edit: &RecordingEdit,
        base: u64,
    ) -> UserResult<Vec<Op>> {
        let recording = self.recording(teamspace, id)?;
        let mut ops = Vec::new();
        let set = |field: &str, value| {
            let (recording_id, field) = (id.clone(), field.to_owned());
            Op::from(KnownOp::Set { recording_id, field, value, base })
        };
        if let Some(title) = edit.title.as_ref().filter(|title| **title != recording.title) {
            ops.push(set("title", title.as_str().into()));
        }
        let change = TagChange { add: edit.add_tags.clone(), remove: edit.remove_tags.clone() };
        if change != TagChange::default() {
            let has = recording.tags.len() + change.add.len();
            if has > MOST_TAGS + change.remove.len() {
                return Err(UserError::new(
                    Code::Usage,
                    format!("A recording has at most {MOST_TAGS} tags"),
                    "take some off first",
                ));
            }
            let value = serde_json::to_value(&change)
                .map_err(|error| UserError::unexpected("write down the tags", error))?;
            ops.push(set("tags", value));
        }
        Ok(ops)
    }

    /// What was changed about a recording, newest first: who, when, what it was and what it became.
    pub async fn recording_history(
        &self,
        teamspace: &str,
        id: &RecordingId,
    ) -> UserResult<Vec<HistoryEntry>> {
        Ok(self.0.catalog.history(teamspace, id)?)
    }

    /// Moves a recording to the trash. Its files stay for [`DAYS_IN_TRASH`] days at least.
    pub async fn trash_recording(&self, teamspace: &str, id: &RecordingId) -> UserResult<()> {
        let (opened, base) = self.for_writing(teamspace).await?;
        if self.0.catalog.place(teamspace, id)? == Place::Library {
            self.recording(teamspace, id)?;
        }
        self.move_to(&opened, id, Place::Trash, base).await
    }

    /// Takes a recording out of the trash.
    pub async fn restore_recording(&self, teamspace: &str, id: &RecordingId) -> UserResult<()> {
        let (opened, base) = self.for_writing(teamspace).await?;
        self.move_to(&opened, id, Place::Library, base).await
    }

    /// What is in a teamspace's trash, what came there last first.
    pub async fn trash(&self, teamspace: &str) -> UserResult<Vec<TrashedRecording>> {
        let now = self.0.clock.now();
        // What is seen there for the first time is noted.
        self.due(teamspace, now)?;
        let stays = self.0.trash_stays.lock().unwrap_or_else(PoisonError::into_inner).get(teamspace).cloned();
        let trashed = self.0.catalog.trash(teamspace)?;
        let shown = |trashed: crate::catalog::Trashed| {
            // A colleague's clock that is ahead must not keep anything for years.
            let until = trashed.at.min(now) + jiff::SignedDuration::from_hours(24 * DAYS_IN_TRASH);
            let days_left = days_left(until, now);
            TrashedRecording {
                stays: stays.clone().filter(|_| days_left == 0),
                days_left,
                recording: trashed.recording,
                profile: trashed.profile,
                name: trashed.name,
                at: trashed.at,
                until,
            }
        };
        Ok(trashed.into_iter().map(shown).collect())
    }

    /// Deletes a recording's files for good, once its days in the trash are over. Its manifest stays, so that it
    /// is not imported again. The log says it first: a crash in between leaves files that nobody shows, and
    /// asking again removes them.
    pub async fn delete_recording(&self, teamspace: &str, id: &RecordingId) -> UserResult<()> {
        let (opened, base) = self.for_writing(teamspace).await?;
        if self.0.catalog.place(teamspace, id)? != Place::Gone {
            let all = self.trash(teamspace).await?;
            let trashed = all.iter().find(|trashed| trashed.recording.recording_id == *id);
            let trashed = trashed.ok_or_else(not_in_trash)?;
            if trashed.days_left > 0 {
                return Err(UserError::new(
                    Code::Usage,
                    format!("This recording can still be restored for {} days", trashed.days_left),
                    "wait until then, so that a colleague can take it back",
                )
                .with("days", trashed.days_left));
            }
            opened.may_delete(id).await?;
            self.move_to(&opened, id, Place::Gone, base).await?;
        }
        opened.delete_files(id).await?;
        Ok(())
    }

    /// Moves it, and looks whether that is how it stands: a colleague may have been faster.
    pub(super) async fn move_to(
        &self,
        teamspace: &Teamspace,
        id: &RecordingId,
        to: Place,
        base: u64,
    ) -> UserResult<()> {
        let (op, from) = move_op(id, to);
        let place = || self.0.catalog.place(teamspace.id(), id);
        let before = place()?;
        if before == to && to != Place::Library {
            return Ok(());
        }
        if before == from {
            self.say(teamspace, vec![op.into()], base).await?;
        }
        match place()? {
            now if now == to && before == from => Ok(()),
            now => Err(moved_otherwise(now, to)),
        }
    }

    /// A teamspace that can be written, read up to its end: whatever is said builds on what others said.
    pub(super) async fn for_writing(&self, teamspace: &str) -> UserResult<(Teamspace, u64)> {
        let opened = self.0.spaces.opened(teamspace).await?;
        if opened.state().await? == TeamspaceState::ReadOnly {
            return Err(teamspace::Error::ReadOnly { place: opened.location().place().to_owned() }.into());
        }
        self.0.spaces.read_on(&opened).await?;
        let base = self.0.catalog.cursor(teamspace)?;
        Ok((opened, base))
    }

    pub(super) async fn say(&self, teamspace: &Teamspace, ops: Vec<Op>, base: u64) -> UserResult<()> {
        if ops.is_empty() {
            return Ok(());
        }
        let writer = super::surroundings::claimant(&self.0.state)?.profile;
        let ops = ops.into_iter().map(|op| (base, op)).collect();
        teamspace.append_once(ops, &writer, self.0.clock.now()).await?;
        self.0.spaces.look(teamspace.id(), Some(&writer)).await.map(drop)
    }
}

/// What the log says when a recording goes to a place, and where it must be for that.
pub(super) fn move_op(id: &RecordingId, to: Place) -> (KnownOp, Place) {
    let recording_id = id.clone();
    match to {
        Place::Library => (KnownOp::Restore { recording_id }, Place::Trash),
        Place::Trash => (KnownOp::Trash { recording_id }, Place::Library),
        Place::Gone => (KnownOp::Delete { recording_id }, Place::Trash),
    }
}

/// Why a recording is not where it should have gone.
pub(super) fn moved_otherwise(now: Place, to: Place) -> UserError {
    match now {
        Place::Gone => gone(),
        Place::Library if to == Place::Library => not_in_trash(),
        _ => UserError::new(
            Code::Busy,
            "A colleague did something else with this recording just now",
            "look at it again",
        ),
    }
}

/// Days that are left, of which the last counts while it has begun.
fn days_left(until: jiff::Timestamp, now: jiff::Timestamp) -> u32 {
    let seconds = until.duration_since(now).as_secs().max(0).unsigned_abs();
    u32::try_from(seconds.div_ceil(24 * 3600)).unwrap_or(u32::MAX)
}

pub(super) fn checked(edit: RecordingEdit) -> UserResult<RecordingEdit> {
    let refused = |message: String| UserError::new(Code::Usage, message, "give another one");
    let fits = |text: &str, longest: usize| {
        (1..=longest).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    let title = edit.title.map(|title| title.trim().to_owned());
    if title.as_deref().is_some_and(|title| !fits(title, LONGEST_TITLE)) {
        return Err(refused(format!("A title has 1 to {LONGEST_TITLE} characters")));
    }
    let trimmed =
        |tags: Vec<String>| tags.into_iter().map(|tag| tag.trim().to_owned()).collect::<Vec<String>>();
    let (add_tags, remove_tags) = (trimmed(edit.add_tags), trimmed(edit.remove_tags));
    if add_tags.iter().chain(&remove_tags).any(|tag| !fits(tag, LONGEST_TAG)) {
        return Err(refused(format!("A tag has 1 to {LONGEST_TAG} characters")));
    }
    Ok(RecordingEdit { title, add_tags, remove_tags })
}

pub(super) fn not_in_trash() -> UserError {
    UserError::new(
        Code::NotFound,
        "This recording is not in the trash",
        "look at the library; it may be there",
    )
}

fn gone() -> UserError {
    UserError::new(
        Code::NotFound,
        "This recording was deleted for good",
        "import it again into another teamspace, if Zoom still has it",
    )
}
