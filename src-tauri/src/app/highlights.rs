//! Highlights: stretches of recordings that people mark for each other, with a note and tags.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use ts_rs::TS;

use super::editing::checked;
use super::{App, RecordingEdit};
use crate::cache::MediaHere;
use crate::catalog::{
    Highlight, LATEST, LONGEST_NOTE, ListedHighlight, MOST_HIGHLIGHTS, MOST_TAGS, WantedHighlights,
};
use crate::error::{Code, UserError, UserResult};
use crate::recording::{Recording, RecordingId};
use crate::teamspace::{KnownOp, Op};

/// Highlights of one answer at most.
const MOST_LISTED: u32 = 1_000;
/// What Zoom says of a recording's length is not exact: a highlight that begins so many seconds behind it is refused.
const INEXACT: u64 = 120;

/// A highlight as somebody wants it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HighlightDraft {
    /// Where it begins: milliseconds on the recording's timeline, which counts all its parts one after the other.
    #[ts(type = "number")]
    pub from: u64,
    /// Where it ends.
    #[ts(type = "number")]
    pub to: u64,
    /// What there is to say about it, at most 1,000 characters.
    pub note: String,
    /// Its tags.
    pub tags: Vec<String>,
}

/// Which highlights are listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HighlightsWish {
    /// Only of this teamspace: its id. None: of all.
    pub teamspace: Option<String>,
    /// Only of this recording.
    pub recording_id: Option<RecordingId>,
    /// Only with this tag.
    pub tag: Option<String>,
    /// Words that all stand in its note, its tags, the title of its recording or the name of who made it.
    pub words: String,
    /// So many are left out at the beginning: those of earlier answers.
    pub skip: u32,
    /// So many at most, up to 1,000.
    pub limit: u32,
}

/// Some of the highlights that fit, the newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HighlightPage {
    /// Those that were asked for.
    pub highlights: Vec<HighlightItem>,
    /// How many fit in all.
    pub total: u32,
    /// Tags that highlights of the teamspace, or of all, have.
    pub tags: Vec<String>,
}

/// A highlight in a list of many recordings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HighlightItem {
    /// The highlight.
    #[serde(flatten)]
    pub highlight: Highlight,
    /// Title of its recording.
    pub title: String,
    /// When the recording began.
    #[ts(type = "string")]
    pub start: jiff::Timestamp,
    /// Address of the recording's poster; none until a frame was taken.
    pub poster: Option<String>,
    /// What of the recording plays without a network.
    pub media: MediaHere,
}

impl App {
    /// The highlights of a recording, in the order of its timeline.
    pub async fn recording_highlights(
        &self,
        teamspace: &str,
        id: &RecordingId,
    ) -> UserResult<Vec<Highlight>> {
        Ok(self.0.catalog.highlights(teamspace, id)?)
    }

    /// The highlights of a teamspace or of all, the newest first; from the catalog, with the teamspaces there or away.
    pub async fn highlights(&self, wish: HighlightsWish) -> UserResult<HighlightPage> {
        let HighlightsWish { teamspace, recording_id, tag, words, skip, limit } = wish;
        if !(1..=MOST_LISTED).contains(&limit) {
            return Err(UserError::new(
                Code::Usage,
                format!("A list of highlights holds 1 to {MOST_LISTED}"),
                "ask for fewer, and for the rest after them",
            ));
        }
        if let Some(id) = &teamspace {
            self.0.spaces.one(id)?;
        }
        let (skip, limit) = (skip as usize, limit as usize);
        let wanted = WantedHighlights { teamspace, recording_id, tag, words, skip, limit };
        let catalog = self.0.catalog.clone();
        let list = tokio::task::spawn_blocking(move || catalog.find_highlights(&wanted))
            .await
            .map_err(|panic| UserError::unexpected("list the highlights", panic))??;
        let total = u32::try_from(list.total).unwrap_or(u32::MAX);
        Ok(HighlightPage { highlights: self.highlight_items(list.found).await?, total, tags: list.tags })
    }

    /// With what is on this machine of their recordings. One whose recording was moved to the trash just now is left out.
    async fn highlight_items(&self, found: Vec<ListedHighlight>) -> UserResult<Vec<HighlightItem>> {
        let mut recordings: BTreeMap<String, BTreeMap<RecordingId, Recording>> = BTreeMap::new();
        for ListedHighlight { highlight: Highlight { teamspace, recording_id, .. }, .. } in &found {
            let known = recordings.entry(teamspace.clone()).or_default();
            if !known.contains_key(recording_id)
                && let Some(recording) = self.0.catalog.recording(teamspace, recording_id)?
            {
                known.insert(recording_id.clone(), recording);
            }
        }
        let server = self.media().await?;
        let mut shown: BTreeMap<(String, RecordingId), (Option<String>, MediaHere)> = BTreeMap::new();
        for (teamspace, recordings) in recordings {
            let recordings: Vec<Recording> = recordings.into_values().collect();
            let here = self.here(&teamspace, &recordings)?;
            for (recording, (media, _)) in recordings.into_iter().zip(here) {
                let poster = self.poster(server, &recording);
                shown.insert((teamspace.clone(), recording.recording_id), (poster, media));
            }
        }
        let item = |ListedHighlight { highlight, title, start }: ListedHighlight| {
            let key = (highlight.teamspace.clone(), highlight.recording_id.clone());
            let (poster, media) = shown.get(&key)?.clone();
            Some(HighlightItem { highlight, title, start, poster, media })
        };
        Ok(found.into_iter().filter_map(item).collect())
    }

    /// Marks a stretch of a recording; everybody sees it.
    pub async fn add_highlight(
        &self,
        teamspace: &str,
        id: &RecordingId,
        draft: HighlightDraft,
    ) -> UserResult<Highlight> {
        let (opened, base) = self.for_writing(teamspace).await?;
        let recording = self.recording(teamspace, id)?;
        let draft = sound(draft, &recording)?;
        if self.0.catalog.highlights(teamspace, id)?.len() >= MOST_HIGHLIGHTS {
            return Err(UserError::new(
                Code::Usage,
                format!("A recording has at most {MOST_HIGHLIGHTS} highlights"),
                "remove some of them first",
            ));
        }
        let highlight = uuid::Uuid::now_v7().to_string();
        self.say(&opened, vec![set(id, &highlight, &draft, base)], base).await?;
        self.shown_highlight(teamspace, id, &highlight)
    }

    /// Gives a highlight another begin, end, note and tags.
    pub async fn change_highlight(
        &self,
        teamspace: &str,
        id: &RecordingId,
        highlight: &str,
        draft: HighlightDraft,
    ) -> UserResult<Highlight> {
        let (opened, base) = self.for_writing(teamspace).await?;
        let recording = self.recording(teamspace, id)?;
        let draft = sound(draft, &recording)?;
        let known = self.shown_highlight(teamspace, id, highlight)?;
        let Highlight { from, to, note, tags, .. } = &known;
        if (*from, *to, note, tags) == (draft.from, draft.to, &draft.note, &draft.tags) {
            return Ok(known);
        }
        self.say(&opened, vec![set(id, highlight, &draft, base)], base).await?;
        self.shown_highlight(teamspace, id, highlight)
    }

    /// Removes a highlight; the recording stays as it is. One that is removed already is.
    pub async fn remove_highlight(
        &self,
        teamspace: &str,
        id: &RecordingId,
        highlight: &str,
    ) -> UserResult<()> {
        let (opened, base) = self.for_writing(teamspace).await?;
        if self.0.catalog.removed_highlight(teamspace, id, highlight)?.is_some() {
            return Ok(());
        }
        self.shown_highlight(teamspace, id, highlight)?;
        let (recording_id, field) = (id.clone(), field(highlight));
        let removed = KnownOp::Set { recording_id, field, value: serde_json::Value::Null, base };
        self.say(&opened, vec![removed.into()], base).await
    }

    /// Takes back that a highlight was removed: it is what it was.
    pub async fn restore_highlight(
        &self,
        teamspace: &str,
        id: &RecordingId,
        highlight: &str,
    ) -> UserResult<Highlight> {
        let (opened, base) = self.for_writing(teamspace).await?;
        self.recording(teamspace, id)?;
        if let Some(removed) = self.0.catalog.removed_highlight(teamspace, id, highlight)? {
            let Highlight { from, to, note, tags, .. } = removed;
            let draft = HighlightDraft { from, to, note, tags };
            self.say(&opened, vec![set(id, highlight, &draft, base)], base).await?;
        }
        self.shown_highlight(teamspace, id, highlight)
    }

    /// Which recording the highlight of this id belongs to, and the id of its teamspace; also one that was removed.
    pub async fn highlight_of(&self, highlight: &str) -> UserResult<(String, RecordingId)> {
        self.0.catalog.highlight_of(highlight)?.ok_or_else(no_highlight)
    }

    pub(super) fn shown_highlight(
        &self,
        teamspace: &str,
        id: &RecordingId,
        highlight: &str,
    ) -> UserResult<Highlight> {
        let all = self.0.catalog.highlights(teamspace, id)?;
        all.into_iter().find(|one| one.id == highlight).ok_or_else(no_highlight)
    }
}

fn no_highlight() -> UserError {
    UserError::new(
        Code::NotFound,
        "There is no such highlight",
        "look at the recording's highlights; somebody may have removed it",
    )
}

fn field(highlight: &str) -> String {
    format!("highlight/{highlight}")
}

fn set(id: &RecordingId, highlight: &str, draft: &HighlightDraft, base: u64) -> Op {
    let HighlightDraft { from, to, note, tags } = draft;
    let value = json!({ "from": from, "to": to, "note": note, "tags": tags });
    KnownOp::Set { recording_id: id.clone(), field: field(highlight), value, base }.into()
}

/// A draft that everybody can use; an error says what is wrong with it.
fn sound(draft: HighlightDraft, recording: &Recording) -> UserResult<HighlightDraft> {
    let refused = |message: String, action: &str| Err(UserError::new(Code::Usage, message, action));
    let HighlightDraft { from, to, note, tags } = draft;
    if from >= to {
        return refused("A highlight ends after it begins".to_owned(), "choose an end behind its begin");
    }
    let known = recording.duration.saturating_add(INEXACT).saturating_mul(1_000);
    if to > LATEST || (recording.duration > 0 && from > known) {
        return refused(
            "The highlight is not within the recording".to_owned(),
            "choose a begin and an end that the player shows",
        );
    }
    let note = note.replace("\r\n", "\n").trim().to_owned();
    if note.chars().count() > LONGEST_NOTE || note.chars().any(|c| c.is_control() && c != '\n') {
        return refused(
            format!("A note has at most {LONGEST_NOTE} characters, and only letters and lines"),
            "make it shorter",
        );
    }
    let mut each_once: Vec<String> = Vec::new();
    for tag in checked(RecordingEdit { add_tags: tags, ..RecordingEdit::default() })?.add_tags {
        if !each_once.iter().any(|other| other.to_lowercase() == tag.to_lowercase()) {
            each_once.push(tag);
        }
    }
    if each_once.len() > MOST_TAGS {
        return refused(format!("A highlight has at most {MOST_TAGS} tags"), "take some off");
    }
    Ok(HighlightDraft { from, to, note, tags: each_once })
}
