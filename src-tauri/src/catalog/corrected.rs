//! Corrections where they are seen: in the passages that are shown, searched and exported, and in the names by which a
//! recording is found.
//!
//! A passage keeps what its files say beside what is shown as soon as the two differ, so that any correction can be taken
//! back without reading a file. One line costs one passage, however long the recording is.

use std::collections::{BTreeMap, HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::corrections::{self, Corrected, CorrectedLine, Corrections, RenamedSpeaker};
use super::passage::{self, MOST_SPEAKERS, PassageKind, encoded, stored_name};
use crate::database::Error;
use crate::recording::{Cue, RecordingId};

/// Where a line stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LinePlace {
    /// The segment.
    pub segment: u32,
    /// Which line of the segment's transcript, from 1.
    pub line: u32,
    /// Seconds from the start of the segment.
    pub at: f64,
}

/// A line of a transcript.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Where it stands.
    pub place: LinePlace,
    /// What its file says.
    pub original: String,
    /// What is shown.
    pub text: String,
}

/// New names by those that the files give.
type Names = HashMap<String, String>;
/// New texts by transcript and number.
type Texts = HashMap<(String, u32), String>;

/// A passage as it is stored.
struct Stored {
    id: i64,
    kind: String,
    segment: u32,
    times: String,
    speakers: String,
    body: String,
    original_speakers: Option<String>,
    original_body: Option<String>,
}

const STORED: &str =
    "SELECT id, kind, segment, times, speakers, body, original_speakers, original_body FROM passage";

impl Stored {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            segment: row.get(2)?,
            times: row.get(3)?,
            speakers: row.get(4)?,
            body: row.get(5)?,
            original_speakers: row.get(6)?,
            original_body: row.get(7)?,
        })
    }

    fn is_spoken(&self) -> bool {
        self.kind == PassageKind::Transcript.name()
    }

    /// The lines as the file has them.
    fn originals(&self) -> Vec<Cue> {
        passage::lines(
            &self.times,
            self.original_speakers.as_ref().unwrap_or(&self.speakers),
            self.original_body.as_ref().unwrap_or(&self.body),
        )
    }

    fn shown(&self) -> Vec<Cue> {
        passage::lines(&self.times, &self.speakers, &self.body)
    }

    /// Shows these lines instead; what is as in the file needs no copy of it.
    fn show(&self, t: &Transaction<'_>, originals: &[Cue], shown: &[Cue]) -> Result<(), Error> {
        let (speakers, body) = encoded(shown);
        if speakers == self.speakers && body == self.body {
            return Ok(());
        }
        let kept = (originals != shown).then(|| encoded(originals));
        let (original_speakers, original_body) = kept.unzip();
        t.prepare_cached(
            "UPDATE passage SET speakers = ?2, body = ?3, original_speakers = ?4, original_body = ?5 WHERE id = ?1",
        )?
        .execute(params![self.id, speakers, body, original_speakers, original_body])?;
        Ok(())
    }
}

/// The number of a recording whose texts are here; none without them.
fn number_of(c: &Connection, teamspace: &str, id: &RecordingId) -> Result<Option<i64>, Error> {
    let sql = "SELECT id FROM recording WHERE teamspace = ?1 AND recording_id = ?2 AND state <> 0";
    Ok(c.prepare_cached(sql)?.query_row([teamspace, id.as_str()], |row| row.get(0)).optional()?)
}

/// Notes which transcript each segment has, and shows what people corrected before it was here.
pub(super) fn put(
    t: &Transaction<'_>,
    teamspace: &str,
    id: &RecordingId,
    sources: &[(u32, String)],
) -> Result<(), Error> {
    let Some(number) = number_of(t, teamspace, id)? else { return Ok(()) };
    t.execute("DELETE FROM spoken WHERE recording = ?1", [number])?;
    let mut insert = t.prepare_cached("INSERT OR REPLACE INTO spoken VALUES (?1, ?2, ?3)")?;
    for (segment, source) in sources {
        insert.execute(params![number, segment, source])?;
    }
    if !corrections::any(t, teamspace, id)? {
        return Ok(());
    }
    let names = names(t, teamspace, id)?;
    rebuild(t, teamspace, id, number, &names, None)
}

/// Shows a correction that was just made, or taken back.
pub(super) fn show(
    t: &Transaction<'_>,
    teamspace: &str,
    id: &RecordingId,
    of: &Corrected,
) -> Result<(), Error> {
    let Some(number) = number_of(t, teamspace, id)? else { return Ok(()) };
    let names = names(t, teamspace, id)?;
    let Corrected::Line { source, number: line } = of else {
        let Corrected::Speaker(name) = of else { return Ok(()) };
        return rebuild(t, teamspace, id, number, &names, Some(name));
    };
    for segment in segments_of(t, number, source)? {
        let Some((passage, first)) = passage_of(t, number, segment, *line)? else { continue };
        let originals = passage.originals();
        let mut shown = originals.clone();
        for (number, cue) in (first..).zip(&mut shown) {
            let field = Corrected::Line { source: source.clone(), number }.field();
            if let Some(text) = corrections::current(t, teamspace, id, &field)? {
                cue.text = text;
            }
            rename(cue, &names);
        }
        passage.show(t, &originals, &shown)?;
    }
    Ok(())
}

fn rename(cue: &mut Cue, names: &Names) {
    if let Some(name) = cue.speaker.as_ref().and_then(|speaker| names.get(speaker)) {
        cue.speaker = Some(name.clone());
    }
}

fn names(c: &Connection, teamspace: &str, id: &RecordingId) -> Result<Names, Error> {
    let all = corrections::in_force(c, teamspace, id, "speaker/")?.into_iter();
    let named = |current: corrections::Current| match current.of {
        Corrected::Speaker(name) => Some((stored_name(&name), current.value)),
        Corrected::Line { .. } => None,
    };
    Ok(all.filter_map(named).collect())
}

fn texts(c: &Connection, teamspace: &str, id: &RecordingId) -> Result<Texts, Error> {
    let all = corrections::in_force(c, teamspace, id, "line/")?.into_iter();
    let said = |current: corrections::Current| match current.of {
        Corrected::Line { source, number } => Some(((source, number), current.value)),
        Corrected::Speaker(_) => None,
    };
    Ok(all.filter_map(said).collect())
}

/// All passages of a recording, in order.
fn passages(c: &Connection, recording: i64) -> Result<Vec<Stored>, Error> {
    let mut statement = c.prepare_cached(&format!("{STORED} WHERE recording = ?1 ORDER BY id"))?;
    let rows = statement.query_map([recording], Stored::read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What names the transcript of each segment.
fn sources(c: &Connection, recording: i64) -> Result<BTreeMap<u32, String>, Error> {
    let mut statement = c.prepare_cached("SELECT segment, source FROM spoken WHERE recording = ?1")?;
    let rows = statement.query_map([recording], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Segments whose transcript this is: two may have the same.
fn segments_of(c: &Connection, recording: i64, source: &str) -> Result<Vec<u32>, Error> {
    let all = sources(c, recording)?.into_iter();
    Ok(all.filter(|(_, other)| other == source).map(|(segment, _)| segment).collect())
}

/// Writes the passages anew in which something is corrected: all of them, or those in which somebody speaks. And the
/// names by which the recording is found.
fn rebuild(
    t: &Transaction<'_>,
    teamspace: &str,
    id: &RecordingId,
    recording: i64,
    names: &Names,
    of: Option<&str>,
) -> Result<(), Error> {
    let of = of.map(stored_name);
    let texts = texts(t, teamspace, id)?;
    let sources = sources(t, recording)?;
    let mut next: HashMap<u32, u32> = HashMap::new();
    let (mut people, mut known) = (Vec::new(), HashSet::new());
    for passage in passages(t, recording)? {
        let originals = passage.originals();
        let first = next.entry(passage.segment).or_insert(1);
        let mut shown = originals.clone();
        for (cue, number) in shown.iter_mut().zip(*first..) {
            rename(cue, names);
            let source = sources.get(&passage.segment).filter(|_| passage.is_spoken());
            if let Some(text) = source.and_then(|source| texts.get(&(source.clone(), number))) {
                cue.text.clone_from(text);
            }
        }
        if passage.is_spoken() {
            *first += u32::try_from(originals.len()).unwrap_or(u32::MAX);
        }
        for name in shown.iter().filter_map(|cue| cue.speaker.as_ref()) {
            if known.len() < MOST_SPEAKERS && known.insert(name.clone()) {
                people.push(name.clone());
            }
        }
        if of.is_none() || originals.iter().any(|cue| cue.speaker == of) {
            passage.show(t, &originals, &shown)?;
        }
    }
    let sql = "SELECT imported_by FROM recording WHERE id = ?1";
    let importer: String = t.query_row(sql, [recording], |row| row.get(0))?;
    let importer = importer.replace('\n', " ");
    people.retain(|name| *name != importer);
    people.insert(0, importer);
    t.execute("UPDATE recording SET people = ?2 WHERE id = ?1", params![recording, people.join("\n")])?;
    Ok(())
}

/// The passage that holds a line of a segment's transcript, and the number of its first line. All passages of a segment
/// but the last have as many lines, and stand in a row.
fn passage_of(
    c: &Connection,
    recording: i64,
    segment: u32,
    line: u32,
) -> Result<Option<(Stored, u32)>, Error> {
    let first = c
        .prepare_cached(
            "SELECT id, times FROM passage WHERE recording = ?1 AND kind = 'transcript' AND segment = ?2
             ORDER BY id LIMIT 1",
        )?
        .query_row(params![recording, segment], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))
        .optional()?;
    let Some((first, times)) = first else { return Ok(None) };
    let lines = u32::try_from(times.split(' ').count().div_ceil(2)).unwrap_or(u32::MAX).max(1);
    let place = (line - 1) / lines;
    let sql = format!("{STORED} WHERE id = ?1 AND recording = ?2 AND kind = 'transcript' AND segment = ?3");
    let values = params![first.saturating_add(i64::from(place)), recording, segment];
    let found = c.prepare_cached(&sql)?.query_row(values, Stored::read).optional()?;
    Ok(found.map(|found| (found, place * lines + 1)))
}

/// A line of a transcript; none when it is not here.
pub(super) fn line(
    c: &Connection,
    teamspace: &str,
    id: &RecordingId,
    source: &str,
    number: u32,
) -> Result<Option<Line>, Error> {
    let Some(recording) = number_of(c, teamspace, id)? else { return Ok(None) };
    let Some(segment) = segments_of(c, recording, source)?.into_iter().next() else { return Ok(None) };
    if number == 0 {
        return Ok(None);
    }
    let Some((passage, first)) = passage_of(c, recording, segment, number)? else { return Ok(None) };
    let place = (number - first) as usize;
    let mut both = passage.originals().into_iter().zip(passage.shown());
    Ok(both.nth(place).map(|(original, shown)| Line {
        place: LinePlace { segment, line: number, at: shown.start },
        original: original.text,
        text: shown.text,
    }))
}

/// Names of a recording's speakers and senders as the files give them, in the order in which they first speak.
pub(super) fn speakers(c: &Connection, teamspace: &str, id: &RecordingId) -> Result<Vec<String>, Error> {
    let Some(recording) = number_of(c, teamspace, id)? else { return Ok(Vec::new()) };
    let (mut found, mut known) = (Vec::new(), HashSet::new());
    for passage in passages(c, recording)? {
        for name in passage.originals().into_iter().filter_map(|cue| cue.speaker) {
            if known.insert(name.clone()) {
                found.push(name);
            }
        }
    }
    Ok(found)
}

/// The corrections that are in force in a recording.
pub(super) fn in_force(c: &Connection, teamspace: &str, id: &RecordingId) -> Result<Corrections, Error> {
    let mut found = Corrections::default();
    let Some(recording) = number_of(c, teamspace, id)? else { return Ok(found) };
    for (segment, source) in sources(c, recording)? {
        let place = segment as usize;
        if found.sources.len() <= place {
            found.sources.resize(place + 1, String::new());
        }
        if let Some(known) = found.sources.get_mut(place) {
            *known = source;
        }
    }
    for current in corrections::in_force(c, teamspace, id, "")? {
        let corrections::Current { of, value, profile, name, at } = current;
        match of {
            Corrected::Line { source, number } => {
                for segment in segments_of(c, recording, &source)? {
                    let Some((passage, first)) = passage_of(c, recording, segment, number)? else { continue };
                    let original = passage.originals().into_iter().nth((number - first) as usize);
                    let Some(original) = original.filter(|original| original.text != value) else { continue };
                    found.lines.push(CorrectedLine {
                        segment,
                        line: number,
                        original: original.text,
                        profile: profile.clone(),
                        name: name.clone(),
                        at,
                    });
                }
            }
            Corrected::Speaker(original) if original != value => {
                found.speakers.push(RenamedSpeaker { original, name: value, profile, by: name, at });
            }
            Corrected::Speaker(_) => {}
        }
    }
    found.lines.sort_by_key(|line| (line.segment, line.line));
    Ok(found)
}
