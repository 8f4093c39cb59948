//! `nextctl recordings correct`, and what is shown of corrections.

use next_desktop::app::{App, LineCorrection};
use next_desktop::catalog::Corrections;
use next_desktop::error::{Code, UserError, UserResult};
use next_desktop::recording::{Cue, RecordingId};
use serde_json::json;

use super::correct_args::Correct;
use super::output::{Output, length, plain, time};
use super::tending::listed;

pub async fn correct(app: &App, wanted: Correct, output: Output) -> UserResult<()> {
    let (teamspace, id) = listed(app, &wanted.which).await?;
    if wanted.speaker.is_some() && wanted.text.is_none() && !wanted.original {
        return Err(UserError::new(
            Code::Usage,
            "There is no new name",
            "give it behind --speaker NAME, or --original",
        ));
    }
    if let Some(speaker) = &wanted.speaker {
        let before = app.rename_speaker(&teamspace, &id, speaker, wanted.text.clone()).await?;
        let named = app.open_recording(&teamspace, &id).await?.corrections.speakers;
        output.document(&json!({ "before": before, "speakers": named }), || match &wanted.text {
            Some(name) => format!("{} is called {} now.", plain(speaker), plain(name)),
            None => format!("{} is called as in the file again.", plain(speaker)),
        });
        return Ok(());
    }
    let opened = app.open_recording(&teamspace, &id).await?;
    let segment = wanted.part - 1;
    let cues = opened.transcript.get(segment as usize).map(Vec::as_slice).unwrap_or_default();
    let number = match (wanted.line, wanted.at) {
        (Some(line), _) => Some(line),
        (None, Some(at)) => Some(line_at(cues, at).ok_or_else(no_line)?),
        (None, None) => None,
    };
    let Some(number) = number.filter(|_| wanted.text.is_some() || wanted.original) else {
        let lines = lines(cues, segment, &opened.corrections, number);
        output.document(&json!({ "lines": lines }), || written(&lines));
        return Ok(());
    };
    let source = opened.corrections.sources.get(segment as usize).cloned().unwrap_or_default();
    let known = cues.get(number as usize - 1).filter(|_| !source.is_empty()).ok_or_else(no_line)?;
    let correction = LineCorrection { source, line: number, text: wanted.text };
    app.correct_line(&teamspace, &id, correction).await?;
    let corrected = shown(app, &teamspace, &id, segment, number).await?;
    output.document(&json!({ "before": known.text, "line": corrected }), || {
        written(std::slice::from_ref(&corrected))
    });
    Ok(())
}

async fn shown(
    app: &App,
    teamspace: &str,
    id: &RecordingId,
    segment: u32,
    number: u32,
) -> UserResult<serde_json::Value> {
    let opened = app.open_recording(teamspace, id).await?;
    let cues = opened.transcript.get(segment as usize).map(Vec::as_slice).unwrap_or_default();
    lines(cues, segment, &opened.corrections, Some(number)).pop().ok_or_else(no_line)
}

fn no_line() -> UserError {
    UserError::new(
        Code::NotFound,
        "The transcript has no such line",
        "look at the lines: nextctl recordings correct ID, with --part where it has several",
    )
}

/// The number of the last line that began at a time.
fn line_at(cues: &[Cue], at: f64) -> Option<u32> {
    let before = cues.iter().take_while(|cue| cue.start <= at + 0.001).count();
    u32::try_from(before).ok().filter(|number| *number > 0)
}

/// Lines with their numbers: all of a part, or one.
fn lines(cues: &[Cue], segment: u32, known: &Corrections, only: Option<u32>) -> Vec<serde_json::Value> {
    let one = |(number, cue): (u32, &Cue)| {
        let corrected = known.lines.iter().find(|line| (line.segment, line.line) == (segment, number));
        json!({
            "line": number, "start": cue.start, "speaker": cue.speaker, "text": cue.text,
            "original": corrected.map(|line| &line.original),
            "by": corrected.and_then(|line| line.name.as_ref()),
        })
    };
    (1..).zip(cues).filter(|(number, _)| only.is_none_or(|only| only == *number)).map(one).collect()
}

fn written(lines: &[serde_json::Value]) -> String {
    if lines.is_empty() {
        return "There is no transcript.".to_owned();
    }
    let text = |line: &serde_json::Value, name: &str| plain(line[name].as_str().unwrap_or_default());
    let one = |line: &serde_json::Value| {
        let at = length(line["start"].as_f64().unwrap_or_default().max(0.0) as u64);
        let who = text(line, "speaker");
        let who = if who.is_empty() { who } else { format!("{who}: ") };
        let mut said = format!("{:>5}  {at}  {who}{}\n", line["line"].to_string(), text(line, "text"));
        if line["original"].is_string() {
            said.push_str(&format!("       in the file: {}\n", text(line, "original")));
        }
        said
    };
    lines.iter().map(one).collect()
}

/// What `show` says of corrections.
pub fn said(known: &Corrections) -> String {
    let mut text = String::new();
    let by = |name: &Option<String>| name.as_deref().map_or_else(|| "somebody".to_owned(), plain);
    if let Some(last) = known.lines.iter().max_by_key(|line| line.at) {
        let lines = match known.lines.len() {
            1 => "1 line".to_owned(),
            n => format!("{n} lines"),
        };
        text.push_str(&format!(
            "corrected: {lines} of the transcript, last on {} by {}\n",
            time(last.at),
            by(&last.name)
        ));
    }
    for one in &known.speakers {
        text.push_str(&format!(
            "speaker: {} is called {}, since {} by {}\n",
            plain(&one.original),
            plain(&one.name),
            time(one.at),
            by(&one.by)
        ));
    }
    text
}
