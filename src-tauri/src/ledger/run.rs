//! Verifying a whole teamspace: recording after recording in the order of their ids, each noted when it is done
//! with, so that an interrupted run goes on after the last one.

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};
use tokio_util::sync::CancellationToken;

use super::rows::{Ledger, from_sql, to_sql};
use super::{Damage, How, Looked, Orphan, VerifyReport, VerifyState, look, orphan};
use crate::clock::Clock;
use crate::database::{Error, to_text};
use crate::error::UserResult;
use crate::events::{Event, Events};
use crate::recording::RecordingId;
use crate::teamspace::{RecordingFolder, Teamspace};

/// How often listeners hear of bytes.
const TELL: Duration = Duration::from_millis(250);

/// Where the verification of a teamspace stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// When it began.
    pub started_at: Timestamp,
    /// When it was over; none when it goes on after `position`.
    pub finished_at: Option<Timestamp>,
    /// Id of the last recording that is done with; empty at first.
    position: String,
    checked: u64,
    files: u64,
    bytes: u64,
}

/// What is found at one recording.
#[derive(Debug, Default)]
struct Findings {
    looked: Option<Looked>,
    orphans: Vec<Orphan>,
}

impl Ledger {
    /// The last verification of a teamspace.
    pub fn run(&self, teamspace: &str) -> Result<Option<Run>, Error> {
        self.0.read(|c| {
            let found = c
                .query_row(
                    "SELECT started_at, finished_at, position, checked, files, bytes FROM verify_run
                     WHERE teamspace = ?1",
                    [teamspace],
                    |row| {
                        let (started, finished): (String, Option<String>) = (row.get(0)?, row.get(1)?);
                        Ok(Run {
                            started_at: started.parse().unwrap_or(Timestamp::UNIX_EPOCH),
                            finished_at: finished.and_then(|at| at.parse().ok()),
                            position: row.get(2)?,
                            checked: from_sql(row.get(3)?),
                            files: from_sql(row.get(4)?),
                            bytes: from_sql(row.get(5)?),
                        })
                    },
                )
                .optional()?;
            Ok(found)
        })
    }

    /// How the last verification of a teamspace stands. `total` is how many recordings it holds.
    pub fn report(&self, teamspace: &str, total: u64, running: bool) -> Result<Option<VerifyReport>, Error> {
        let Some(run) = self.run(teamspace)? else { return Ok(None) };
        let (mut damaged, mut orphans): (Vec<Damage>, Vec<Orphan>) = Default::default();
        for (kind, text) in self.findings(teamspace)? {
            match kind.as_str() {
                "damage" => damaged.push(serde_json::from_str(&text)?),
                _ => orphans.push(serde_json::from_str(&text)?),
            }
        }
        Ok(Some(VerifyReport {
            teamspace: teamspace.to_owned(),
            state: match (run.finished_at, running) {
                (Some(_), _) => VerifyState::Done,
                (None, true) => VerifyState::Running,
                (None, false) => VerifyState::Stopped,
            },
            started_at: run.started_at,
            finished_at: run.finished_at,
            checked: run.checked,
            total: total.max(run.checked),
            files: run.files,
            bytes: run.bytes,
            damaged,
            orphans,
        }))
    }

    fn findings(&self, teamspace: &str) -> Result<Vec<(String, String)>, Error> {
        self.0.read(|c| {
            let mut statement =
                c.prepare("SELECT kind, finding FROM verify_finding WHERE teamspace = ?1 ORDER BY n")?;
            let rows = statement.query_map([teamspace], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn begin_run(&self, teamspace: &str, now: Timestamp) -> Result<(), Error> {
        self.0.write(|t| {
            t.execute("DELETE FROM verify_run WHERE teamspace = ?1", [teamspace])?;
            t.execute(
                "INSERT INTO verify_run (teamspace, started_at, position, checked, files, bytes)
                 VALUES (?1, ?2, '', 0, 0, 0)",
                params![teamspace, to_text(now)],
            )?;
            Ok(())
        })
    }

    /// Notes a recording that is done with, and what was found: all of it or nothing.
    fn note_done(&self, teamspace: &str, id: &RecordingId, findings: &Findings) -> Result<(), Error> {
        let looked = findings.looked.as_ref();
        let damages = looked.map(|looked| looked.damaged.as_slice()).unwrap_or_default();
        let mut found = Vec::new();
        for damage in damages {
            found.push(("damage", serde_json::to_string(damage)?));
        }
        for orphan in &findings.orphans {
            found.push(("orphan", serde_json::to_string(orphan)?));
        }
        self.0.write(|t| {
            t.execute(
                "UPDATE verify_run SET position = ?2, checked = checked + ?3, files = files + ?4,
                                       bytes = bytes + ?5
                 WHERE teamspace = ?1",
                params![
                    teamspace,
                    id.as_str(),
                    i64::from(looked.is_some()),
                    to_sql(looked.map_or(0, |looked| looked.files)),
                    to_sql(looked.map_or(0, |looked| looked.bytes)),
                ],
            )?;
            for (kind, text) in &found {
                t.execute(
                    "INSERT INTO verify_finding (teamspace, n, kind, finding)
                     VALUES (?1, (SELECT coalesce(max(n), 0) + 1 FROM verify_finding WHERE teamspace = ?1), ?2, ?3)",
                    params![teamspace, kind, text],
                )?;
            }
            Ok(())
        })
    }

    fn finish_run(&self, teamspace: &str, now: Timestamp) -> Result<(), Error> {
        self.0.write(|t| {
            t.execute(
                "UPDATE verify_run SET finished_at = ?2 WHERE teamspace = ?1",
                params![teamspace, to_text(now)],
            )?;
            Ok(())
        })
    }
}

/// Verifies one teamspace.
pub struct Verifier {
    /// What is verified.
    pub teamspace: Teamspace,
    /// Where it is noted.
    pub ledger: Ledger,
    /// Who listens.
    pub events: Events,
    /// The time.
    pub clock: Clock,
    /// Id and name of the profile.
    pub by: (String, String),
    /// What lists show of the teamspace, with titles: what its folder must hold.
    pub listed: BTreeMap<RecordingId, String>,
    /// What was deleted for good: its manifest names files that are not missed.
    pub gone: HashSet<RecordingId>,
    /// Cancelled to stop it.
    pub stop: CancellationToken,
}

impl Verifier {
    /// Goes on where the last run stopped, or begins anew when it was over or `restart` is wanted. Whether it
    /// came to its end: false when it was stopped.
    pub async fn run(&self, restart: bool) -> UserResult<bool> {
        let id = self.teamspace.id();
        let begun = self.ledger.run(id)?.filter(|run| run.finished_at.is_none() && !restart);
        if begun.is_none() {
            self.ledger.begin_run(id, self.clock.now())?;
        }
        self.changed();
        let after = begun.map(|run| run.position).unwrap_or_default();
        let mut shards = self.teamspace.shards().await?;
        shards.extend(self.listed.keys().map(|id| id.shard().to_owned()));
        shards.sort();
        shards.dedup();
        for shard in shards {
            if after.get(..2).is_some_and(|done| *shard < *done) {
                continue;
            }
            for folder in self.folders(&shard).await? {
                if folder.id.as_str() <= after.as_str() || self.gone.contains(&folder.id) {
                    continue;
                }
                if self.stop.is_cancelled() || !self.one(&folder).await? {
                    self.changed();
                    return Ok(false);
                }
            }
        }
        self.ledger.finish_run(id, self.clock.now())?;
        self.changed();
        Ok(true)
    }

    /// The folders of a shard, and those that lists show and that are not there.
    async fn folders(&self, shard: &str) -> UserResult<Vec<RecordingFolder>> {
        let mut folders: BTreeMap<RecordingId, RecordingFolder> =
            self.teamspace.folders(shard).await?.into_iter().map(|found| (found.id.clone(), found)).collect();
        for id in self.listed.keys().filter(|id| id.shard() == shard) {
            folders.entry(id.clone()).or_insert_with(|| RecordingFolder {
                id: id.clone(),
                has_manifest: false,
                addenda: 0,
                attempts: Vec::new(),
            });
        }
        Ok(folders.into_values().collect())
    }

    /// One recording. False when it was stopped.
    async fn one(&self, folder: &RecordingFolder) -> UserResult<bool> {
        let (id, teamspace) = (&folder.id, self.teamspace.id());
        let published = self.teamspace.published(id).await?;
        let mut findings = Findings::default();
        // Nothing is published and nobody lists it: an import under way, or what is left of one.
        if folder.has_manifest || self.listed.contains_key(id) {
            let title = self.listed.get(id).map(String::as_str).unwrap_or_default();
            let told = Mutex::new((Instant::now(), 0_u64));
            let before = self.ledger.run(teamspace)?.map_or(0, |run| run.bytes);
            let read = |bytes| self.tell(&told, before, bytes);
            let Some(looked) = look(&self.teamspace, id, &published, title, &read, &self.stop).await? else {
                return Ok(false);
            };
            let by = (self.by.0.as_str(), self.by.1.as_str());
            self.ledger.add(teamspace, id, How::Manual, &looked, by, self.clock.now())?;
            findings.looked = Some(looked);
        }
        // What cannot be read could name any of them.
        if published.unreadable.is_empty() {
            let unnamed = folder.attempts.iter().filter(|attempt| !published.names_attempt(&attempt.name));
            findings.orphans = unnamed.map(|attempt| orphan(id, attempt, self.clock.now())).collect();
        }
        self.ledger.note_done(teamspace, id, &findings)?;
        let run = self.ledger.run(teamspace)?;
        self.progress(run.as_ref().map_or(0, |run| run.checked), run.as_ref().map_or(0, |run| run.bytes));
        Ok(true)
    }

    /// Tells listeners of bytes, a few times a second.
    fn tell(&self, told: &Mutex<(Instant, u64)>, before: u64, bytes: u64) {
        let mut told = told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        told.1 += bytes;
        if told.0.elapsed() >= TELL {
            told.0 = Instant::now();
            let checked = self.ledger.run(self.teamspace.id()).ok().flatten().map_or(0, |run| run.checked);
            self.progress(checked, before + told.1);
        }
    }

    fn progress(&self, checked: u64, bytes: u64) {
        self.events.emit(Event::VerifyProgress {
            teamspace: self.teamspace.id().to_owned(),
            checked,
            total: (self.listed.len() as u64).max(checked),
            bytes,
        });
    }

    fn changed(&self) {
        self.events.emit(Event::VerifyChanged { teamspace: self.teamspace.id().to_owned() });
    }
}
