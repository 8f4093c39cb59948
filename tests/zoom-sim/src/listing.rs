//! `GET /users/me/recordings`: windows that are clamped in silence, pages, and the JSON of meetings and files
//! (zoom-facts §2.2, §2.4).

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::{after, utc_day, zoom_time};
use crate::file::{CloudFile, Progress};
use crate::ids;
use crate::meeting::{Meeting, Source};
use crate::state::{Shared, State};

/// A page token lives for fifteen minutes.
const PAGE_TOKEN_SECONDS: i64 = 900;

/// How the listing behaves where Zoom's behaviour is undocumented or odd (zoom-facts §2.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListingHabits {
    /// `to` is exclusive.
    pub to_exclusive: bool,
    /// Dates filter by the claimed `start_time` instead of the recording's begin.
    pub by_start_time: bool,
    /// Oldest first instead of newest first.
    pub oldest_first: bool,
    /// The last page repeats its own token for ever.
    pub endless_token: bool,
    /// `total_records` promises this many more than there are.
    pub records_lost: u64,
}

/// What a listing was asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
    pub(crate) page_size: Option<usize>,
    pub(crate) next_page_token: Option<String>,
    pub(crate) cloud_recording_only: bool,
    pub(crate) trash: bool,
    pub(crate) trash_files: bool,
}

/// Where a page token goes on.
#[derive(Clone, Debug)]
pub(crate) struct PageToken {
    from: Date,
    to: Date,
    offset: usize,
    expires: Timestamp,
}

/// A page token that is unknown or over.
pub(crate) struct StaleToken;

/// The window that Zoom really reads: both ends default to something short, and a window of more than a month is
/// clamped in silence, its beginning moved up.
fn window(query: &Query, today: Date) -> (Date, Date) {
    let to = query.to.unwrap_or(today);
    let from = query.from.unwrap_or_else(|| to.yesterday().unwrap_or(to));
    let earliest = to.checked_sub(Span::new().months(1)).unwrap_or(to);
    (from.max(earliest), to)
}

/// One page of a user's recordings.
pub(crate) fn page(
    shared: &Shared,
    state: &mut State,
    user: &str,
    query: &Query,
) -> Result<Value, StaleToken> {
    let now = state.now();
    let (mut from, mut to) = window(query, utc_day(now));
    let mut offset = 0;
    if let Some(token) = query.next_page_token.as_deref().filter(|token| !token.is_empty()) {
        let known = state.pages.get(token).filter(|page| page.expires > now).cloned().ok_or(StaleToken)?;
        (from, to, offset) = (known.from, known.to, known.offset);
    }
    let size = query.page_size.unwrap_or(30).clamp(1, 300);

    let mut rows = matching(state, user, query, from, to);
    let habits = state.habits.clone();
    rows.sort_by_key(|index| state.meetings.get(*index).map(|meeting| meeting.start));
    if !habits.oldest_first {
        rows.reverse();
    }
    let total = rows.len();
    let shown: Vec<usize> = rows.into_iter().skip(offset).take(size).collect();
    let next = offset + shown.len();
    let token = if next < total {
        let token = ids::random(18);
        let page = PageToken { from, to, offset: next, expires: after(now, PAGE_TOKEN_SECONDS) };
        state.pages.insert(token.clone(), page);
        token
    } else if habits.endless_token {
        query.next_page_token.clone().unwrap_or_else(|| {
            let token = ids::random(18);
            let page = PageToken { from, to, offset: total, expires: after(now, PAGE_TOKEN_SECONDS) };
            state.pages.insert(token.clone(), page);
            token
        })
    } else {
        String::new()
    };
    let meetings: Vec<Value> = shown
        .into_iter()
        .filter_map(|index| meeting_json(shared, state, index, query.trash, false))
        .collect();
    Ok(json!({
        "from": from.to_string(),
        "to": to.to_string(),
        // Not to be trusted: clients that page by it lose rows or never end.
        "page_count": 1,
        "page_size": size,
        "total_records": total as u64 + habits.records_lost,
        "next_page_token": token,
        "meetings": meetings,
    }))
}

fn matching(state: &State, user: &str, query: &Query, from: Date, to: Date) -> Vec<usize> {
    let now = state.now();
    let is_basic = state.user(user).is_some_and(|user| user.kind == 1);
    let wanted = |meeting: &Meeting| {
        if meeting.spec.host != user
            || is_basic
            || (query.cloud_recording_only && meeting.spec.source != Source::CloudRecording)
        {
            return false;
        }
        if query.trash {
            // Dates do not apply to the trash.
            return if query.trash_files {
                meeting.spec.trashed.is_none() && meeting.files.iter().any(|file| file.trashed.is_some())
            } else {
                meeting.spec.trashed.is_some()
            };
        }
        let day = utc_day(if state.habits.by_start_time { meeting.start_time() } else { meeting.start });
        let before_end = if state.habits.to_exclusive { day < to } else { day <= to };
        meeting.is_listed(now) && from <= day && before_end
    };
    state.meetings.iter().enumerate().filter(|(_, meeting)| wanted(meeting)).map(|(index, _)| index).collect()
}

/// The JSON of a meeting with fresh URLs. `whole`: as the meeting endpoint answers it.
pub(crate) fn meeting_json(
    shared: &Shared,
    state: &mut State,
    index: usize,
    trash: bool,
    whole: bool,
) -> Option<Value> {
    let now = state.now();
    let secret = state.secret.clone();
    let host = state.meetings.get(index).and_then(|meeting| state.user(&meeting.spec.host)).cloned()?;
    let meeting = state.meetings.get_mut(index)?;
    let frame = meeting.clone();
    let spec = &frame.spec;
    let mut describe = |file: &mut CloudFile| describe_file(shared, &secret, &frame, file, trash, now);
    let files: Vec<Value> = meeting.files.iter_mut().filter_map(&mut describe).collect();
    let participants: Vec<Value> = if whole {
        meeting.participant_audio.iter_mut().filter_map(&mut describe).collect()
    } else {
        Vec::new()
    };

    let size = |value: &Value| match value.get("file_size") {
        Some(Value::String(text)) => text.parse().unwrap_or(0),
        Some(number) => number.as_u64().unwrap_or(0),
        None => 0,
    };
    let total: u64 = files.iter().chain(&participants).map(size).sum();
    // SUMMARY files are listed but not counted.
    let counted =
        files.iter().filter(|file| file.get("file_type").and_then(Value::as_str) != Some("SUMMARY")).count();
    let mut out = json!({
        "uuid": spec.uuid,
        "id": if spec.ids_as_strings { json!(spec.id.to_string()) } else { json!(spec.id) },
        "account_id": host.account_id,
        "host_id": spec.host,
        "host_email": host.email,
        "topic": spec.topic,
        "type": spec.kind,
        "start_time": zoom_time(frame.start_time()),
        "timezone": spec.timezone,
        "duration": spec.duration,
        "total_size": if spec.sizes_as_strings { json!(total.to_string()) } else { json!(total) },
        "recording_count": counted + participants.len(),
        "share_url": format!("{}/rec/share/{}", shared.origin, ids::random(24)),
        "recording_play_passcode": ids::mac(&spec.uuid, "passcode"),
        "auto_delete": spec.auto_delete_date.is_some(),
    });
    let object = out.as_object_mut()?;
    if let Some(date) = spec.auto_delete_date {
        object.insert("auto_delete_date".to_owned(), json!(date.to_string()));
    }
    if !spec.without_files {
        object.insert("recording_files".to_owned(), Value::Array(files));
    }
    if whole && !frame.participant_audio.is_empty() {
        object.insert("participant_audio_files".to_owned(), Value::Array(participants));
    }
    odd(object, &spec.set, &spec.omit);
    Some(out)
}

fn describe_file(
    shared: &Shared,
    secret: &str,
    meeting: &Meeting,
    file: &mut CloudFile,
    trash: bool,
    now: Timestamp,
) -> Option<Value> {
    let progress = file.progress(now);
    let in_trash = file.trashed.is_some() || meeting.spec.trashed.is_some();
    if progress == Progress::Unlisted || in_trash != trash {
        return None;
    }
    let done = progress == Progress::Completed;
    let (begin, end) = meeting.span(&file.spec);
    let size = if done { file.spec.claimed_size.unwrap_or_else(|| file.spec.content.len()) } else { 0 };
    file.minted += 1;
    let mut out = json!({
        "id": file.spec.id,
        "meeting_id": meeting.spec.uuid,
        "recording_start": zoom_time(begin),
        "recording_end": if done { zoom_time(end) } else { String::new() },
        "file_type": if done { file.spec.file_type.as_str() } else { "" },
        "file_extension": if done { file.spec.file_extension.as_str() } else { "" },
        "file_size": if meeting.spec.sizes_as_strings { json!(size.to_string()) } else { json!(size) },
        "play_url": format!("{}/rec/play/{}", shared.origin, ids::random(24)),
        "download_url": download_url(&shared.known_as.0, secret, &file.key, file.minted),
        "status": if done { "completed" } else { "processing" },
        "recording_type": file.spec.recording_type,
    });
    let object = out.as_object_mut()?;
    if let Some(name) = &file.spec.file_name {
        object.insert("file_name".to_owned(), json!(name));
    }
    if let Some(time) = file.trashed.or(meeting.spec.trashed) {
        object.insert("deleted_time".to_owned(), json!(zoom_time(time)));
    }
    odd(object, &file.spec.set, &file.spec.omit);
    Some(out)
}

/// Sets odd values, leaves fields out.
fn odd(object: &mut Map<String, Value>, set: &Map<String, Value>, omit: &[String]) {
    object.extend(set.clone());
    object.retain(|field, _| !omit.contains(field));
}

/// A download URL: a different one in every listing, for the same file.
pub(crate) fn download_url(origin: &str, secret: &str, key: &str, mint: u64) -> String {
    let name = ids::encode(&format!("{mint}/{key}"));
    format!("{origin}/rec/download/{name}.{}", ids::mac(secret, &name))
}

/// The file key and the mint number of a download path (`/rec/download/…`).
pub(crate) fn read_download_path(secret: &str, path: &str) -> Option<(String, u64)> {
    let (name, mac) = path.strip_prefix("/rec/download/")?.split_once('.')?;
    if ids::mac(secret, name) != mac {
        return None;
    }
    let text = ids::decode(name)?;
    let (mint, key) = text.split_once('/')?;
    Some((key.to_owned(), mint.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().expect("a date")
    }

    #[test]
    fn a_window_of_more_than_a_month_is_clamped_in_silence() {
        let query =
            |from: &str, to: &str| Query { from: Some(date(from)), to: Some(date(to)), ..Query::default() };
        let today = date("2026-08-20");
        assert_eq!(
            window(&query("2026-01-01", "2026-08-01"), today),
            (date("2026-07-01"), date("2026-08-01"))
        );
        assert_eq!(
            window(&query("2026-07-15", "2026-08-01"), today),
            (date("2026-07-15"), date("2026-08-01"))
        );
    }

    #[test]
    fn the_default_window_is_yesterday_and_today() {
        assert_eq!(window(&Query::default(), date("2026-08-20")), (date("2026-08-19"), date("2026-08-20")));
    }
}
