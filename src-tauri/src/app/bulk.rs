//! What people do to many recordings of a teamspace at once: said together in its log, a few entries for hundreds of
//! recordings. One that cannot be changed keeps none of the others from it; each says for itself why.

use std::collections::HashSet;

use super::editing::{checked, move_op, moved_otherwise};
use super::{App, BulkFailure, BulkOutcome, RecordingEdit};
use crate::catalog::Place;
use crate::error::{Code, UserError, UserResult};
use crate::recording::RecordingId;
use crate::teamspace::{Op, Teamspace};

/// Recordings that are spoken of in one entry of the log: two operations of each, and an entry has a hundred.
const TOGETHER: usize = 50;

impl App {
    /// Adds tags to recordings, or takes some off. A title is given to one alone.
    pub async fn edit_recordings(
        &self,
        teamspace: &str,
        ids: &[RecordingId],
        edit: RecordingEdit,
    ) -> UserResult<BulkOutcome> {
        let edit = checked(edit)?;
        if edit.title.is_some() && ids.len() > 1 {
            return Err(UserError::new(
                Code::Usage,
                "Several recordings cannot be given one title",
                "give each its own",
            ));
        }
        let (opened, base) = self.for_writing(teamspace).await?;
        let mut outcome = BulkOutcome::default();
        let mut said = Vec::new();
        for id in each_once(ids) {
            match self.edit_ops(teamspace, &id, &edit, base) {
                Ok(ops) => said.push((id, ops)),
                Err(error) => self.fail(teamspace, &mut outcome, id, error),
            }
        }
        outcome.done = self.say_of_many(&opened, said, base, &mut outcome).await;
        Ok(outcome)
    }

    /// Moves recordings to the trash; one that is there already is done.
    pub async fn trash_recordings(&self, teamspace: &str, ids: &[RecordingId]) -> UserResult<BulkOutcome> {
        self.move_many(teamspace, ids, Place::Trash).await
    }

    /// Takes recordings out of the trash.
    pub async fn restore_recordings(&self, teamspace: &str, ids: &[RecordingId]) -> UserResult<BulkOutcome> {
        self.move_many(teamspace, ids, Place::Library).await
    }

    async fn move_many(&self, teamspace: &str, ids: &[RecordingId], to: Place) -> UserResult<BulkOutcome> {
        let (opened, base) = self.for_writing(teamspace).await?;
        let mut outcome = BulkOutcome::default();
        let mut said = Vec::new();
        for id in each_once(ids) {
            let before = self.0.catalog.place(teamspace, &id)?;
            let (op, from) = move_op(&id, to);
            // One that nobody knows counts as in the library.
            let listed = match before {
                Place::Library if to == Place::Trash => self.recording(teamspace, &id).map(drop),
                _ => Ok(()),
            };
            match listed {
                Err(error) => self.fail(teamspace, &mut outcome, id, error),
                Ok(()) if before == from => said.push((id, vec![op.into()])),
                Ok(()) if before == to && to == Place::Trash => outcome.done.push(id),
                Ok(()) => self.fail(teamspace, &mut outcome, id, moved_otherwise(before, to)),
            }
        }
        for id in self.say_of_many(&opened, said, base, &mut outcome).await {
            match self.0.catalog.place(teamspace, &id)? {
                now if now == to => outcome.done.push(id),
                now => self.fail(teamspace, &mut outcome, id, moved_otherwise(now, to)),
            }
        }
        Ok(outcome)
    }

    /// Says all of it. Of which recordings it was said comes back; the others are noted with what went wrong.
    async fn say_of_many(
        &self,
        teamspace: &Teamspace,
        said: Vec<(RecordingId, Vec<Op>)>,
        base: u64,
        outcome: &mut BulkOutcome,
    ) -> Vec<RecordingId> {
        let mut done = Vec::new();
        for part in said.chunks(TOGETHER) {
            let ops = part.iter().flat_map(|(_, ops)| ops.clone()).collect();
            let result = self.say(teamspace, ops, base).await;
            for (id, _) in part {
                match &result {
                    Ok(()) => done.push(id.clone()),
                    Err(error) => self.fail(teamspace.id(), outcome, id.clone(), error.clone()),
                }
            }
        }
        done
    }

    fn fail(&self, teamspace: &str, outcome: &mut BulkOutcome, id: RecordingId, error: UserError) {
        let known = self.0.catalog.recording(teamspace, &id).ok().flatten();
        let title = known.map(|known| known.title).unwrap_or_default();
        outcome.failed.push(BulkFailure { recording_id: id, title, error });
    }
}

/// In the order in which they were given.
fn each_once(ids: &[RecordingId]) -> Vec<RecordingId> {
    let mut seen = HashSet::new();
    ids.iter().filter(|id| seen.insert(id.as_str())).cloned().collect()
}
