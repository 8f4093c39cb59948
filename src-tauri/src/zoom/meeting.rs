//! One meeting instance: from Zoom's shape to ours, and the call that fetches it afresh.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::api::{encoded_once, one_line, read};
use super::download::DownloadLink;
use super::listing::Days;
use super::wire::{WireFile, WireMeeting, day, instant};
use super::{AccessTokens, Category, Error, Zoom, kinds, retry};
use crate::recording::{CloudFile, CloudRecording, CloudStatus, FileKind, RecordingId};
use crate::secret::Secret;

/// A meeting instance, listed just now, with the addresses of its files.
#[derive(Debug, Clone)]
pub struct Meeting {
    /// What Zoom has of it.
    pub recording: CloudRecording,
    /// Finished files by their ids.
    remote: BTreeMap<String, Remote>,
    /// When the meeting began, which can be a series' first date.
    pub(super) start_time: Option<Timestamp>,
}

/// Where a file can be downloaded.
#[derive(Debug, Clone)]
struct Remote {
    link: DownloadLink,
    size: Option<u64>,
}

/// Times that a 404 is asked again before it is believed (zoom-recording-ingester#62).
const DISBELIEF: u32 = 3;
/// How long a download token should open downloads, in seconds.
const DOWNLOAD_TOKEN_LASTS: &str = "3600";

impl Zoom {
    /// One meeting instance by UUID, with fresh addresses. A number would give the newest of a series.
    ///
    /// [`Error::Gone`] when there is no such recording; [`Error::NotYet`] when the list has it all the same.
    pub async fn meeting(&self, tokens: &dyn AccessTokens, uuid: &str) -> Result<Meeting, Error> {
        let mut failed = 0;
        loop {
            match self.meeting_once(tokens, uuid).await {
                Err(Error::Gone) if failed < DISBELIEF => {
                    failed += 1;
                    tokio::time::sleep(retry::backoff(failed, &self.0.patience)).await;
                }
                Err(Error::Gone) if self.lists_lately(tokens, uuid).await? => return Err(Error::NotYet),
                settled => return settled,
            }
        }
    }

    async fn meeting_once(&self, tokens: &dyn AccessTokens, uuid: &str) -> Result<Meeting, Error> {
        match self.meeting_with(tokens, uuid, true).await {
            // The download token wants a permission of its own.
            Err(Error::Refused { .. } | Error::ScopesMissing { .. }) => {
                self.meeting_with(tokens, uuid, false).await
            }
            settled => settled,
        }
    }

    async fn meeting_with(
        &self,
        tokens: &dyn AccessTokens,
        uuid: &str,
        with_download_token: bool,
    ) -> Result<Meeting, Error> {
        let mut url = self.api_url(&["meetings", &encoded_once(uuid), "recordings"])?;
        if with_download_token {
            url.query_pairs_mut()
                .append_pair("include_fields", "download_access_token")
                .append_pair("ttl", DOWNLOAD_TOKEN_LASTS);
        }
        let value = self.get(tokens, Category::Light, url, &["uuid", "recording_files"]).await?;
        let mut wire: WireMeeting = read(value)?;
        wire.uuid.get_or_insert_with(|| uuid.to_owned());
        Meeting::from_wire(wire).ok_or(Error::Gone)
    }

    /// Whether the list of the last days has a meeting: then a 404 only means that Zoom is not ready.
    async fn lists_lately(&self, tokens: &dyn AccessTokens, uuid: &str) -> Result<bool, Error> {
        let today = self.today();
        let days = Days { from: today.yesterday().unwrap_or(today), to: today };
        let listing = self.recordings(tokens, days, &|_| {}).await?;
        Ok(listing.recordings.iter().any(|recording| recording.uuid == uuid))
    }
}

impl Meeting {
    /// Where a finished file can be downloaded for a while.
    pub fn link(&self, file: &str) -> Option<&DownloadLink> {
        self.remote.get(file).map(|remote| &remote.link)
    }

    /// A file's size as Zoom says; none when it says none, which is not the same as zero.
    pub fn stated_size(&self, file: &str) -> Option<u64> {
        self.remote.get(file).and_then(|remote| remote.size)
    }

    /// Reads Zoom's shape; none without a UUID, which nothing could be done with.
    pub(super) fn from_wire(wire: WireMeeting) -> Option<Self> {
        let uuid = wire.uuid?;
        let start_time = instant(wire.start_time.as_deref());
        let segments = segments(&wire.recording_files);
        let own_token = wire.download_access_token.map(Secret::new);
        let mut read = Files { own_token, ..Files::default() };
        for file in wire.recording_files {
            read.add(file, &segments, false);
        }
        for file in wire.participant_audio_files {
            read.add(file, &segments, true);
        }
        let Files { files, remote, span, .. } = read;

        let processing = files.is_empty() || files.iter().any(|file| file.status == CloudStatus::Processing);
        let listed: u64 = files.iter().map(|file| file.size).sum();
        let minutes = wire.duration.unwrap_or(0);
        let recording = CloudRecording {
            recording_id: RecordingId::of_zoom_meeting(&uuid),
            uuid,
            topic: wire
                .topic
                .map(|topic| one_line(&topic))
                .filter(|t| !t.is_empty())
                .unwrap_or_else(untitled),
            start: segments.first().copied().or(start_time).unwrap_or(Timestamp::UNIX_EPOCH),
            duration: if minutes > 0 { minutes * 60 } else { length(&span) },
            size: if listed > 0 { listed } else { wire.total_size.unwrap_or(0) },
            time_zone: wire.timezone.filter(|zone| jiff::tz::TimeZone::get(zone).is_ok()),
            host: wire.host_email.or(wire.host_id).map(|host| one_line(&host)),
            status: if processing { CloudStatus::Processing } else { CloudStatus::Completed },
            auto_delete_at: day(wire.auto_delete_date.as_deref())
                .and_then(|day| day.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok())
                .map(|start_of_day| start_of_day.timestamp()),
            files,
        };
        Some(Self { recording, remote, start_time })
    }
}

fn untitled() -> String {
    "Untitled recording".to_owned()
}

/// Begins of the continuous stretches of a meeting, in order. Pictures and sound say where they are; without
/// any, whatever has a begin.
fn segments(files: &[WireFile]) -> Vec<Timestamp> {
    let starts = |of: fn(FileKind) -> bool| -> BTreeSet<Timestamp> {
        files
            .iter()
            .filter(|file| of(kind_of(file)))
            .filter_map(|file| instant(file.recording_start.as_deref()))
            .collect()
    };
    let media = starts(|kind| matches!(kind, FileKind::Video | FileKind::Audio));
    let all = if media.is_empty() { starts(|_| true) } else { media };
    all.into_iter().collect()
}

fn kind_of(file: &WireFile) -> FileKind {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    kinds::kind(
        &text(&file.file_type),
        &text(&file.recording_type),
        &text(&file.file_extension).to_ascii_lowercase(),
    )
}

/// Begin and end of what was recorded, per segment.
type Span = BTreeMap<u32, (Timestamp, Timestamp)>;

fn length(span: &Span) -> u64 {
    let seconds = span.values().map(|(begin, end)| end.duration_since(*begin).as_secs().max(0)).sum::<i64>();
    u64::try_from(seconds).unwrap_or(0)
}

#[derive(Default)]
struct Files {
    files: Vec<CloudFile>,
    remote: BTreeMap<String, Remote>,
    span: Span,
    ids: BTreeSet<String>,
    /// Of the meeting, for its downloads.
    own_token: Option<Secret>,
}

impl Files {
    fn add(&mut self, wire: WireFile, segments: &[Timestamp], participant_audio: bool) {
        let kind = kind_of(&wire);
        let file_type = wire.file_type.clone().unwrap_or_default();
        let recording_type = wire.recording_type.clone().unwrap_or_default();
        let begin = instant(wire.recording_start.as_deref());
        let segment = begin.map_or(0, |begin| {
            let before = segments.iter().filter(|start| **start <= begin).count();
            u32::try_from(before.saturating_sub(1)).unwrap_or(u32::MAX)
        });
        if let (Some(begin), Some(end), false) =
            (begin, instant(wire.recording_end.as_deref()), participant_audio)
        {
            let span = self.span.entry(segment).or_insert((begin, end));
            *span = (span.0.min(begin), span.1.max(end));
        }

        let link = wire
            .download_url
            .or(wire.file_path)
            .and_then(|address| url::Url::parse(&address).ok())
            .map(|url| DownloadLink::new(url).with_own_token(self.own_token.clone()));
        // Captions and timelines come without a status; what has a type and an address is there.
        let stated = wire.status.as_deref().map(str::to_ascii_lowercase);
        let finished = stated.as_deref().is_none_or(|status| status == "completed");
        let known = !file_type.is_empty() || stated.is_some();
        // Without an address, only Zoom's word says that there is nothing to wait for: recordings on premises
        // have a path on the organisation's own server in its place.
        let said = stated.as_deref() == Some("completed") && !file_type.is_empty();
        let status = if (link.is_some() && finished && known) || said {
            CloudStatus::Completed
        } else {
            CloudStatus::Processing
        };

        let id = self.identity(wire.id, &recording_type, &file_type, wire.recording_start.as_deref());
        if let (Some(link), CloudStatus::Completed) = (link, status) {
            self.remote.insert(id.clone(), Remote { link, size: wire.file_size });
        }
        let layout =
            (kind == FileKind::Video && !recording_type.is_empty()).then(|| one_line(&recording_type));
        self.files.push(CloudFile {
            id,
            kind,
            segment,
            layout,
            size: wire.file_size.unwrap_or(0),
            status,
            extension: kinds::extension(wire.file_extension.as_deref().unwrap_or_default(), &file_type, kind),
            participant_audio,
        });
    }

    /// Zoom's id, else type and begin: captions come without ids, one set per segment (uppy#2508). Two files
    /// that even so would be one are told apart by their order.
    fn identity(
        &mut self,
        id: Option<String>,
        recording_type: &str,
        file_type: &str,
        begin: Option<&str>,
    ) -> String {
        let wanted = id.unwrap_or_else(|| {
            let what = if recording_type.is_empty() { file_type } else { recording_type };
            format!("{}@{}", what.to_ascii_lowercase(), begin.unwrap_or_default())
        });
        let mut unique = wanted.clone();
        let mut n = 2;
        while !self.ids.insert(unique.clone()) {
            unique = format!("{wanted}#{n}");
            n += 1;
        }
        unique
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn meeting(value: Value) -> Meeting {
        Meeting::from_wire(serde_json::from_value(value).unwrap()).unwrap()
    }

    fn file(id: &str, file_type: &str, start: &str) -> Value {
        json!({
            "id": id, "file_type": file_type, "recording_start": start, "recording_end": start,
            "file_size": 10, "status": "completed", "download_url": format!("https://zoom.us/rec/download/{id}"),
        })
    }

    #[test]
    fn a_series_date_does_not_become_the_date_of_the_recording() {
        let recording = meeting(json!({
            "uuid": "a==", "topic": " Weekly\n sync ", "start_time": "2026-02-16T10:00:00Z", "timezone": "",
            "duration": 45, "recording_files": [file("1", "MP4", "2026-03-01T10:00:05Z")],
        }))
        .recording;
        assert_eq!(recording.start.to_string(), "2026-03-01T10:00:05Z");
        assert_eq!((recording.topic.as_str(), recording.duration), ("Weekly sync", 2700));
        assert_eq!(recording.time_zone, None);
        assert_eq!(recording.status, CloudStatus::Completed);
    }

    #[test]
    fn segments_are_numbered_by_their_begin_and_other_files_belong_to_one() {
        let recording = meeting(json!({
            "uuid": "a", "duration": 0,
            "recording_files": [
                file("v2", "MP4", "2026-03-01T10:30:00Z"),
                file("v1", "MP4", "2026-03-01T10:00:00Z"),
                file("t1", "TRANSCRIPT", "2026-03-01T10:00:00Z"),
                file("t2", "TRANSCRIPT", "2026-03-01T10:30:00Z"),
                json!({"file_type": "CC", "recording_start": "2026-03-01T10:30:00Z", "download_url": "https://zoom.us/cc2"}),
                json!({"file_type": "CC", "recording_start": "2026-03-01T10:00:00Z", "download_url": "https://zoom.us/cc1"}),
            ],
            "participant_audio_files": [file("p", "M4A", "2026-03-01T10:31:00Z")],
        }))
        .recording;
        let segments: Vec<u32> = recording.files.iter().map(|file| file.segment).collect();
        assert_eq!(segments, [1, 0, 0, 1, 1, 0, 1]);
        assert!(recording.files.iter().all(|file| file.status == CloudStatus::Completed));
        assert_eq!(recording.files.iter().filter(|file| file.participant_audio).count(), 1);
        let ids: BTreeSet<&str> = recording.files.iter().map(|file| file.id.as_str()).collect();
        assert_eq!(ids.len(), 7, "captions without ids are told apart: {ids:?}");
    }

    #[test]
    fn what_zoom_still_works_on_is_said_to_be_processing() {
        for files in [
            json!(null),
            json!([]),
            json!([{"id": "1", "file_type": "", "status": "processing", "recording_start": "2026-03-01T10:00:00Z"}]),
            json!([{"id": "1", "file_type": "MP4", "status": "recording", "download_url": "https://zoom.us/x"}]),
        ] {
            let meeting = meeting(json!({"uuid": "a", "recording_files": files}));
            assert_eq!(meeting.recording.status, CloudStatus::Processing, "{files}");
            assert!(meeting.remote.is_empty(), "{files}");
        }
    }

    #[test]
    fn a_recording_on_premises_is_finished_and_out_of_our_reach() {
        let files =
            json!([{"id": "1", "file_type": "MP4", "status": "completed", "file_path": "/mnt/zoom/a.mp4"}]);
        let meeting = meeting(json!({"uuid": "a", "recording_files": files}));
        assert_eq!(meeting.recording.status, CloudStatus::Completed);
        assert!(meeting.link("1").is_none());
    }

    #[test]
    fn odd_values_do_not_make_a_meeting_unreadable() {
        let meeting = meeting(json!({
            "uuid": "a", "id": "81234567890", "type": "99", "duration": "7", "total_size": "12", "topic": null,
            "timezone": "Mars/Olympus", "service_name": {"x": 1}, "recording_count": -1,
            "recording_files": [
                {"id": 17, "file_type": "HOLOGRAM", "file_extension": "HOLO", "file_size": "1234",
                 "status": "completed", "download_url": "https://zoom.us/x", "recording_start": "2026-03-01 10:00:00"},
                "nonsense",
            ],
        }));
        let recording = &meeting.recording;
        assert_eq!((recording.duration, recording.size), (420, 1234));
        assert_eq!(recording.topic, "Untitled recording");
        assert_eq!(recording.time_zone, None);
        let [file] = recording.files.as_slice() else { panic!("{:?}", recording.files) };
        assert_eq!((file.id.as_str(), file.kind, file.extension.as_str()), ("17", FileKind::Other, "holo"));
        assert_eq!(recording.start.to_string(), "2026-03-01T10:00:00Z");
    }

    #[test]
    fn a_length_that_zoom_does_not_say_is_added_up_from_the_files() {
        let part = |id: &str, start: &str, end: &str| {
            json!({"id": id, "file_type": "MP4", "recording_start": start, "recording_end": end,
                   "status": "completed", "download_url": "https://zoom.us/x"})
        };
        let recording = meeting(json!({
            "uuid": "a", "duration": 0,
            "recording_files": [
                part("1", "2026-03-01T10:00:00Z", "2026-03-01T10:00:20Z"),
                part("2", "2026-03-01T10:00:00Z", "2026-03-01T10:00:21Z"),
                part("3", "2026-03-01T11:00:00Z", "2026-03-01T11:00:30Z"),
            ],
        }))
        .recording;
        assert_eq!(recording.duration, 51);
    }

    #[test]
    fn an_address_is_never_printed() {
        let meeting = meeting(json!({
            "uuid": "a", "download_access_token": "eyJ-token",
            "recording_files": [file("1", "MP4", "2026-03-01T10:00:00Z")],
        }));
        let printed = format!("{meeting:?}");
        assert!(!printed.contains("rec/download") && !printed.contains("eyJ"), "{printed}");
    }
}
