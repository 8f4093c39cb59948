//! Corrections of transcripts: a line that says something else than its file, a speaker who is called otherwise. Said in
//! the teamspace's log, and read back from there, as everything that people do; the files stay as they are.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::App;
use crate::catalog::{Corrected, Corrections, LONGEST_LINE, LONGEST_SPEAKER};
use crate::error::{Code, UserError, UserResult};
use crate::recording::RecordingId;
use crate::teamspace::{KnownOp, Op};

/// Operations of one entry of the log.
const TOGETHER: usize = 100;

/// Another text for a line of a transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LineCorrection {
    /// Which transcript, as `Corrections` names it: it may be another one by the time that somebody has typed.
    pub source: String,
    /// Which of its lines, from 1.
    pub line: u32,
    /// What it says; none: as in the file again.
    pub text: Option<String>,
}

/// Another name for somebody who speaks or writes in a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SpeakerName {
    /// The name in the files.
    pub original: String,
    /// The name that is shown; none: as in the files again.
    pub name: Option<String>,
}

impl App {
    /// What people corrected in a recording; nothing where its transcript is not here.
    pub async fn corrections(&self, teamspace: &str, id: &RecordingId) -> UserResult<Corrections> {
        Ok(self.0.catalog.corrections(teamspace, id)?)
    }

    /// Corrects a line of a transcript, or takes its correction back, for everybody.
    pub async fn correct_line(
        &self,
        teamspace: &str,
        id: &RecordingId,
        correction: LineCorrection,
    ) -> UserResult<()> {
        let text =
            correction.text.as_deref().map(|text| checked(text, "A line", LONGEST_LINE)).transpose()?;
        let (opened, base) = self.for_writing(teamspace).await?;
        self.read_recording(teamspace, id).await?;
        let LineCorrection { source, line, .. } = correction;
        let known = self.0.catalog.line(teamspace, id, &source, line)?.ok_or_else(|| {
            UserError::new(
                Code::NotFound,
                "This line is not in the recording's transcript any more",
                "look at the transcript again: a newer one may have come",
            )
        })?;
        // What is typed as it stands in the file is no correction.
        let text = text.filter(|text| *text != known.original);
        if text.as_ref().unwrap_or(&known.original) == &known.text {
            return Ok(());
        }
        let of = Corrected::Line { source, number: line };
        self.say(&opened, vec![correction_op(id, &of, text, base)], base).await
    }

    /// Gives somebody another name in the whole recording, wherever they speak or write under that name; without a new
    /// name, the one in the files again. `speaker` is the name that is shown, or the one in the files. What there was
    /// before comes back, for [`App::name_speakers`] to undo it.
    pub async fn rename_speaker(
        &self,
        teamspace: &str,
        id: &RecordingId,
        speaker: &str,
        name: Option<String>,
    ) -> UserResult<Vec<SpeakerName>> {
        let name = name.map(|name| checked(&name, "A name", LONGEST_SPEAKER)).transpose()?;
        self.for_writing(teamspace).await?;
        self.read_recording(teamspace, id).await?;
        let renamed = self.0.catalog.corrections(teamspace, id)?.speakers;
        let shown = |original: &str| renamed.iter().find(|one| one.original == original).map(|one| &one.name);
        let all = self.0.catalog.speakers_in_files(teamspace, id)?;
        let mut meant: Vec<String> = all
            .iter()
            .filter(|one| shown(one).map_or(one.as_str(), String::as_str) == speaker)
            .cloned()
            .collect();
        if meant.is_empty() && name.is_none() {
            meant.extend(all.iter().find(|one| *one == speaker).cloned());
        }
        if meant.is_empty() {
            return Err(UserError::new(
                Code::NotFound,
                format!("Nobody in this recording is called {speaker}"),
                "give a name as its transcript or chat shows it",
            )
            .with("name", speaker));
        }
        let before =
            |original: &String| SpeakerName { original: original.clone(), name: shown(original).cloned() };
        let before: Vec<SpeakerName> = meant.iter().map(before).collect();
        let names = meant.into_iter().map(|original| SpeakerName { original, name: name.clone() });
        self.name_speakers(teamspace, id, names.collect()).await?;
        Ok(before)
    }

    /// Says what each of these names in the files is shown as.
    pub async fn name_speakers(
        &self,
        teamspace: &str,
        id: &RecordingId,
        names: Vec<SpeakerName>,
    ) -> UserResult<()> {
        let (opened, base) = self.for_writing(teamspace).await?;
        self.recording(teamspace, id)?;
        let renamed = self.0.catalog.corrections(teamspace, id)?.speakers;
        let mut ops = Vec::new();
        for SpeakerName { original, name } in names {
            let name = name.map(|name| checked(&name, "A name", LONGEST_SPEAKER)).transpose()?;
            let name = name.filter(|name| *name != original);
            let now = renamed.iter().find(|one| one.original == original).map(|one| &one.name);
            if now != name.as_ref() {
                ops.push(correction_op(id, &Corrected::Speaker(original), name, base));
            }
        }
        for part in ops.chunks(TOGETHER) {
            self.say(&opened, part.to_vec(), base).await?;
        }
        Ok(())
    }
}

fn correction_op(id: &RecordingId, of: &Corrected, value: Option<String>, base: u64) -> Op {
    KnownOp::Set { recording_id: id.clone(), field: of.field(), value: value.into(), base }.into()
}

/// What somebody typed, as one line.
fn checked(text: &str, what: &str, longest: usize) -> UserResult<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = (1..=longest).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits {
        return Ok(text);
    }
    let message = format!("{what} has 1 to {longest} characters");
    Err(UserError::new(Code::Usage, message, "give another one").with("longest", longest))
}
