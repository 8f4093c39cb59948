//! Looks for late files: of which imported recordings Zoom may still finish files, and when it is asked again.
//!
//! # Why by time
//!
//! Zoom does not say what it will still make of a recording: a transcript is not listed before it is there
//! (zoom-facts §2.4), and of many recordings none ever comes. So each is looked at for some days after it ended,
//! after minutes at first and then after pauses that grow with its age: about twenty light calls in all.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::database::{Database, Error, to_text};
use crate::error::UserError;
use crate::ledger::account_key;
use crate::recording::{CloudRecording, CloudStatus, RecordingId};

/// How long after a recording something may still come. One transcript was seen two and a half days late.
const MAY_COME: SignedDuration = SignedDuration::from_hours(4 * 24);
/// How long at least, from the first look on, while Zoom says that it works on a file.
const AT_WORK: SignedDuration = SignedDuration::from_hours(2 * 24);
/// The shortest pause between two looks.
const SHORTEST: SignedDuration = SignedDuration::from_mins(5);
/// The longest pause.
const LONGEST: SignedDuration = SignedDuration::from_hours(12);
/// The longest pause while Zoom says that it works on a file.
const LONGEST_AT_WORK: SignedDuration = SignedDuration::from_hours(3);
/// Looks that are taken out of the table at a time.
const AT_ONCE: u32 = 20;

/// What is known of files that Zoom may still finish for a recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LateLook {
    /// Zoom lists a file that it still works on.
    pub processing: bool,
    /// When Zoom is asked again; none when it is not.
    #[ts(type = "string | null")]
    pub next_look: Option<Timestamp>,
    /// Why the last look failed.
    pub why: Option<UserError>,
}

/// A recording that is looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Id of the teamspace.
    pub teamspace: String,
    /// The recording.
    pub recording_id: RecordingId,
    /// Zoom's meeting UUID.
    pub uuid: String,
    /// Digest of Zoom's id of the user who can see it there; see [`account_key`].
    pub account: String,
    /// Title for people.
    pub title: String,
    /// When the recording ended.
    pub ended: Timestamp,
    /// After this no more looks.
    pub until: Timestamp,
    /// Where it stands.
    pub late: LateLook,
}

/// The table of looks. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Looks(Database);

impl Looks {
    /// The looks in this `state.db`.
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Plans the next look after Zoom was asked, or ends the looks when nothing more is to be expected.
    /// `account` is Zoom's id of the user who asked.
    pub fn note(
        &self,
        teamspace: &str,
        account: &str,
        recording: &CloudRecording,
        now: Timestamp,
    ) -> Result<(), Error> {
        let ended = ended(recording);
        let processing = recording.files.iter().any(|file| file.status == CloudStatus::Processing);
        self.0.write(|t| {
            let known: Option<String> = t
                .query_row(
                    "SELECT until FROM late_look
                     WHERE teamspace = ?1 AND recording_id = ?2 AND next_look IS NOT NULL",
                    [teamspace, recording.recording_id.as_str()],
                    |row| row.get(0),
                )
                .optional()?;
            let until = known
                .and_then(|until| until.parse().ok())
                .unwrap_or_else(|| first_until(ended, processing, now));
            t.execute(
                "DELETE FROM late_look WHERE teamspace = ?1 AND recording_id = ?2",
                [teamspace, recording.recording_id.as_str()],
            )?;
            if now >= until {
                return Ok(());
            }
            t.execute(
                "INSERT INTO late_look (teamspace, recording_id, uuid, account, title, ended, until, next_look,
                                        processing)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![
                    teamspace,
                    recording.recording_id.as_str(),
                    recording.uuid,
                    account_key(account),
                    recording.topic,
                    to_text(ended),
                    to_text(until),
                    to_text(later(now, pause(ended, processing, now)).min(until)),
                    processing
                ],
            )?;
            Ok(())
        })
    }

    /// Forgets why looks were put off: the reason may name an account that is disconnected now.
    pub fn forget_reasons(&self) -> Result<(), Error> {
        self.0.write(|t| {
            t.execute("UPDATE late_look SET why = NULL WHERE next_look IS NOT NULL", [])?;
            Ok(())
        })
    }

    /// What is due, the longest due first. A look farther ahead than any pause was planned before the clock was
    /// set back: it is due too.
    pub fn due(&self, now: Timestamp) -> Result<Vec<Look>, Error> {
        let farthest = later(now, LONGEST + SignedDuration::from_hours(1));
        self.0.read(|c| {
            let mut statement = c.prepare_cached(
                "SELECT * FROM late_look WHERE next_look <= ?1 OR next_look > ?2 ORDER BY next_look LIMIT ?3",
            )?;
            let found = statement.query_map(params![to_text(now), to_text(farthest), AT_ONCE], look)?;
            Ok(found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        })
    }

    /// The look for late files of one recording.
    pub fn find(&self, teamspace: &str, id: &RecordingId) -> Result<Option<Look>, Error> {
        self.0.read(|c| {
            let sql = "SELECT * FROM late_look WHERE teamspace = ?1 AND recording_id = ?2";
            Ok(c.query_row(sql, [teamspace, id.as_str()], look).optional()?.flatten())
        })
    }

    /// Looks again later, because this look could not be made. `at` is the earliest time, where one is known.
    pub fn postpone(
        &self,
        of: &Look,
        at: Option<Timestamp>,
        why: Option<&UserError>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let at = at.unwrap_or_else(|| later(now, pause(of.ended, of.late.processing, now)));
        self.set(of, Some(at.min(later(now, LONGEST))), why)
    }

    /// No more looks, for a reason that a person may read.
    pub fn end(&self, of: &Look, why: &UserError) -> Result<(), Error> {
        self.set(of, None, Some(why))
    }

    fn set(&self, of: &Look, next: Option<Timestamp>, why: Option<&UserError>) -> Result<(), Error> {
        let why = why.map(serde_json::to_string).transpose()?;
        self.0.write(|t| {
            t.execute(
                "UPDATE late_look SET next_look = ?3, why = ?4 WHERE teamspace = ?1 AND recording_id = ?2",
                params![of.teamspace, of.recording_id.as_str(), next.map(to_text), why],
            )?;
            Ok(())
        })
    }

    /// No more looks, and nothing to say about it.
    pub fn forget(&self, of: &Look) -> Result<(), Error> {
        self.0.write(|t| {
            t.execute(
                "DELETE FROM late_look WHERE teamspace = ?1 AND recording_id = ?2",
                [&of.teamspace, of.recording_id.as_str()],
            )?;
            Ok(())
        })
    }
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn ended(recording: &CloudRecording) -> Timestamp {
    later(recording.start, SignedDuration::from_secs(i64::try_from(recording.duration).unwrap_or(i64::MAX)))
}

fn first_until(ended: Timestamp, processing: bool, now: Timestamp) -> Timestamp {
    let until = later(ended, MAY_COME);
    if processing { until.max(later(now, AT_WORK)) } else { until }
}

fn pause(ended: Timestamp, processing: bool, now: Timestamp) -> SignedDuration {
    let longest = if processing { LONGEST_AT_WORK } else { LONGEST };
    (now.duration_since(ended) / 2).clamp(SHORTEST, longest)
}

/// None for a row whose texts are not what was written: nothing could be done with it.
fn look(row: &Row<'_>) -> rusqlite::Result<Option<Look>> {
    let time = |column: &str| -> rusqlite::Result<Option<Timestamp>> {
        Ok(row.get::<_, Option<String>>(column)?.and_then(|text| text.parse().ok()))
    };
    let recording_id = row.get::<_, String>("recording_id")?.parse();
    let (Ok(recording_id), Some(ended), Some(until)) = (recording_id, time("ended")?, time("until")?) else {
        return Ok(None);
    };
    let why: Option<String> = row.get("why")?;
    Ok(Some(Look {
        teamspace: row.get("teamspace")?,
        recording_id,
        uuid: row.get("uuid")?,
        account: row.get("account")?,
        title: row.get("title")?,
        ended,
        until,
        late: LateLook {
            processing: row.get("processing")?,
            next_look: time("next_look")?,
            why: why.and_then(|why| serde_json::from_str(&why).ok()),
        },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::open_state_in_memory;
    use crate::error::Code;
    use crate::recording::{CloudFile, FileKind};

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + 60 * minute).unwrap()
    }

    /// An hour that ended at minute 0.
    fn recording(status: CloudStatus) -> CloudRecording {
        CloudRecording {
            uuid: "a".to_owned(),
            recording_id: RecordingId::of_zoom_meeting("a"),
            topic: "Interview".to_owned(),
            start: at(-60),
            duration: 3600,
            size: 10,
            time_zone: None,
            host: None,
            status,
            auto_delete_at: None,
            files: vec![CloudFile {
                id: "1".to_owned(),
                kind: FileKind::Other,
                segment: 0,
                layout: None,
                size: 10,
                status,
                extension: "bin".to_owned(),
                participant_audio: false,
            }],
        }
    }

    fn looks() -> Looks {
        Looks::new(open_state_in_memory().unwrap())
    }

    /// Minutes of all looks of a recording, when each finds nothing new.
    fn all_looks(recording: &CloudRecording, first: i64) -> Vec<i64> {
        let (looks, mut now, mut seen) = (looks(), at(first), Vec::new());
        loop {
            looks.note("t", "u", recording, now).unwrap();
            let Some(look) = looks.find("t", &recording.recording_id).unwrap() else { return seen };
            now = look.late.next_look.unwrap();
            seen.push(now.duration_since(at(0)).as_mins());
            assert_eq!(looks.due(now).unwrap().len(), 1);
        }
    }

    #[test]
    fn looks_come_after_minutes_at_first_then_after_growing_pauses_and_end() {
        let minutes = all_looks(&recording(CloudStatus::Completed), 0);
        assert_eq!(minutes[..3], [5, 10, 15]);
        let pauses: Vec<i64> = minutes.windows(2).map(|two| two[1] - two[0]).collect();
        assert!(pauses[..pauses.len() - 1].windows(2).all(|two| two[0] <= two[1]), "{pauses:?}");
        assert_eq!(*minutes.last().unwrap(), 4 * 24 * 60);
        assert!(minutes.len() < 40, "{}", minutes.len());
    }

    #[test]
    fn an_old_recording_is_not_looked_at_unless_zoom_works_on_it() {
        let old = 30 * 24 * 60;
        assert_eq!(all_looks(&recording(CloudStatus::Completed), old), [] as [i64; 0]);
        let at_work = all_looks(&recording(CloudStatus::Processing), old);
        assert_eq!(*at_work.last().unwrap(), old + 2 * 24 * 60, "and then not for ever");
    }

    #[test]
    fn a_look_that_failed_comes_again_and_one_that_ended_says_why() {
        let (looks, recording) = (looks(), recording(CloudStatus::Completed));
        looks.note("t", "u", &recording, at(0)).unwrap();
        let look = looks.due(at(5)).unwrap().remove(0);
        let why = UserError::new(Code::Offline, "no network", "wait");
        looks.postpone(&look, None, Some(&why), at(5)).unwrap();
        assert_eq!(looks.due(at(9)).unwrap(), []);
        let look = looks.due(at(10)).unwrap().remove(0);
        assert_eq!(look.late.why, Some(why));
        let gone = UserError::new(Code::GoneAtZoom, "it is gone", "nothing");
        looks.end(&look, &gone).unwrap();
        assert_eq!(looks.due(at(100_000)).unwrap(), []);
        let late = looks.find("t", &recording.recording_id).unwrap().unwrap().late;
        assert_eq!((late.next_look, late.why), (None, Some(gone)));
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_put_looks_off() {
        let (looks, recording) = (looks(), recording(CloudStatus::Completed));
        looks.note("t", "u", &recording, at(0)).unwrap();
        assert_eq!(looks.due(at(-100_000)).unwrap().len(), 1);
    }
}
