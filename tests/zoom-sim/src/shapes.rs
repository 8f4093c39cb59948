//! The odd shapes of meetings and files that were seen in life (zoom-facts §2.4, §8), ready to be added.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::after;
use crate::content::Content;
use crate::file::FileSpec;
use crate::ids;
use crate::meeting::{MeetingHandle, MeetingSpec, Source};
use crate::state::State;

/// An odd shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Video, transcript and timeline: nothing odd.
    Ordinary,
    /// Only an M4A and a transcript.
    AudioOnly,
    /// Recording was stopped and started again: the same types twice.
    TwoSegments,
    /// Several views of the same segment.
    SeveralViews,
    /// A UUID with a `/` inside.
    UuidWithSlash,
    /// A UUID that begins with `/`.
    UuidWithLeadingSlash,
    /// A UUID with `//`.
    UuidWithTwoSlashes,
    /// A UUID with `+` and `==`.
    UuidWithPlus,
    /// Three instances of one series: the same number.
    Series,
    /// `start_time` is the date of the series, 13 days before the recording.
    SeriesDate,
    /// `timezone` is empty.
    EmptyTimezone,
    /// `duration` is 0.
    ZeroDuration,
    /// Every file is processing: no `file_type`, no size.
    Processing,
    /// `recording_files` is absent.
    WithoutFiles,
    /// `recording_files` is empty.
    NoFiles,
    /// The transcript is not listed before it is completed.
    LateTranscript,
    /// Captions without id, one set per segment.
    CaptionsInTwoSets,
    /// A timeline with nothing but its type and URL.
    BareTimeline,
    /// A `file_type` and a `recording_type` that nobody has heard of.
    UnknownTypes,
    /// `id` is a string.
    IdsAsStrings,
    /// Sizes are strings.
    SizesAsStrings,
    /// `file_size` is wrong by one per cent.
    SizesSlightlyWrong,
    /// `file_extension` is absent, as in old records.
    WithoutExtension,
    /// Summary files, which `recording_count` leaves out.
    SummaryFiles,
    /// Audio of each participant, listed by the meeting endpoint only.
    ParticipantAudio,
    /// Zoom will delete it in three days.
    AutoDelete,
    /// A chat of zero bytes.
    ZeroByteFile,
    /// A "My Notes" recording.
    MyNotes,
    /// Uploaded through the portal: type 99.
    UploadedThroughPortal,
    /// On premises: `file_path` in place of `download_url`.
    OnPremises,
    /// Fields that no description lists, and some described ones missing.
    UnlistedFields,
    /// The meeting endpoint answers 404/3301 twice although the recording exists.
    MissingAtFirst,
    /// The meeting endpoint answers 200 with an error body.
    Forbidden,
    /// In the trash.
    Trashed,
    /// A topic with characters that file systems refuse.
    TopicWithForbiddenCharacters,
    /// A topic that is a path out of a folder.
    TopicAsPath,
    /// A topic with emoji.
    TopicWithEmoji,
    /// A topic from right to left, with control characters.
    TopicRightToLeft,
    /// A topic of 300 characters.
    TopicVeryLong,
    /// A topic with HTML.
    TopicWithHtml,
    /// A topic that is a device name on Windows.
    TopicAsDevice,
    /// An empty topic.
    TopicEmpty,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Self; 42] = [
        Self::Ordinary,
        Self::AudioOnly,
        Self::TwoSegments,
        Self::SeveralViews,
        Self::UuidWithSlash,
        Self::UuidWithLeadingSlash,
        Self::UuidWithTwoSlashes,
        Self::UuidWithPlus,
        Self::Series,
        Self::SeriesDate,
        Self::EmptyTimezone,
        Self::ZeroDuration,
        Self::Processing,
        Self::WithoutFiles,
        Self::NoFiles,
        Self::LateTranscript,
        Self::CaptionsInTwoSets,
        Self::BareTimeline,
        Self::UnknownTypes,
        Self::IdsAsStrings,
        Self::SizesAsStrings,
        Self::SizesSlightlyWrong,
        Self::WithoutExtension,
        Self::SummaryFiles,
        Self::ParticipantAudio,
        Self::AutoDelete,
        Self::ZeroByteFile,
        Self::MyNotes,
        Self::UploadedThroughPortal,
        Self::OnPremises,
        Self::UnlistedFields,
        Self::MissingAtFirst,
        Self::Forbidden,
        Self::Trashed,
        Self::TopicWithForbiddenCharacters,
        Self::TopicAsPath,
        Self::TopicWithEmoji,
        Self::TopicRightToLeft,
        Self::TopicVeryLong,
        Self::TopicWithHtml,
        Self::TopicAsDevice,
        Self::TopicEmpty,
    ];

    /// Its name in the control API.
    fn name(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|value| value.as_str().map(ToOwned::to_owned))
            .unwrap_or_default()
    }

    /// The meeting, or the meetings of a series. `now` is the simulated time.
    pub fn specs(self, now: jiff::Timestamp) -> Vec<MeetingSpec> {
        let name = self.name();
        let mut plain = MeetingSpec::talk(&name.replace('_', " "), "checkout").start(after(now, -24 * 3600));
        plain.uuid = ids::meeting_uuid(&name);
        if self == Self::Series {
            return (1..=3)
                .map(|week| {
                    let uuid = ids::meeting_uuid(&format!("series {week}"));
                    plain.clone().number(81_234_567_890).uuid(&uuid).start(after(now, -7 * 24 * 3600 * week))
                })
                .collect();
        }
        vec![self.shape(plain, now)]
    }

    fn shape(self, mut spec: MeetingSpec, now: jiff::Timestamp) -> MeetingSpec {
        match self {
            Self::Ordinary | Self::Series => {}
            Self::AudioOnly => {
                spec.files = vec![FileSpec::audio("checkout"), FileSpec::transcript("checkout")]
            }
            Self::TwoSegments => {
                let second = ["video", "transcript", "timeline"].iter().zip(spec.files.clone());
                spec.files.extend(second.map(|(ending, file)| segment(file, ending)));
            }
            Self::SeveralViews => {
                for view in ["active_speaker", "gallery_view", "shared_screen"] {
                    spec.files.push(FileSpec::video("checkout").recording_type(view));
                }
            }
            Self::UuidWithSlash => spec.uuid = "aB3/dE6fG9hJ2kL5mN8pQw==".to_owned(),
            Self::UuidWithLeadingSlash => spec.uuid = "/ajXp112QmuoKj4854875==".to_owned(),
            Self::UuidWithTwoSlashes => spec.uuid = "uT7//vW0xY3zA6bC9dE2fg==".to_owned(),
            Self::UuidWithPlus => spec.uuid = "4+k9P0+2QmSx1dF7gH3jKw==".to_owned(),
            Self::SeriesDate => spec.start_time = Some(after(now, -14 * 24 * 3600)),
            Self::EmptyTimezone => spec.timezone = String::new(),
            Self::ZeroDuration => spec.duration = 0,
            Self::Processing => spec.files = spec.files.into_iter().map(FileSpec::processing).collect(),
            Self::WithoutFiles => spec.without_files = true,
            Self::NoFiles => spec.files.clear(),
            Self::LateTranscript => {
                spec.files = spec
                    .files
                    .into_iter()
                    .map(|f| if f.file_type == "TRANSCRIPT" { f.unlisted() } else { f })
                    .collect();
            }
            Self::CaptionsInTwoSets => {
                spec.files.push(FileSpec::captions("checkout"));
                spec.files.push(FileSpec::captions("sync").at(900));
            }
            Self::BareTimeline => {
                spec.files.retain(|file| file.file_type != "TIMELINE");
                let bare = ["id", "status", "file_size", "recording_type"];
                spec.files.push(
                    bare.iter().fold(FileSpec::timeline("checkout"), |file, field| file.without(field)),
                );
            }
            Self::UnknownTypes => {
                let text = || Content::Text("{\"board\":[]}".to_owned());
                spec.files.push(FileSpec::new("HOLOGRAM", "HOLO", "spatial_view", text()));
                spec.files.push(FileSpec::new(
                    "CSV",
                    "CSV",
                    "poll",
                    Content::Text("question,answer\n".to_owned()),
                ));
            }
            Self::IdsAsStrings => spec.ids_as_strings = true,
            Self::SizesAsStrings => spec.sizes_as_strings = true,
            Self::SizesSlightlyWrong => {
                for file in &mut spec.files {
                    let size = file.content.len();
                    file.claimed_size = Some(size + size.div_ceil(100));
                }
            }
            Self::WithoutExtension => {
                spec.files = spec.files.into_iter().map(|file| file.without("file_extension")).collect();
            }
            Self::SummaryFiles => {
                spec.files.push(FileSpec::summary("checkout"));
                spec.files.push(FileSpec::summary("checkout").recording_type("summary_next_steps"));
            }
            Self::ParticipantAudio => {
                spec.participant_audio_files = ["Maya Lindqvist", "Dana Okafor"]
                    .iter()
                    .map(|name| FileSpec::participant_audio(name, "checkout"))
                    .collect();
            }
            Self::AutoDelete => {
                spec.auto_delete_date = Some(crate::clock::utc_day(after(now, 3 * 24 * 3600)))
            }
            Self::ZeroByteFile => spec.files.push(FileSpec::chat("checkout").content(Content::Empty)),
            Self::MyNotes => spec.source = Source::MyNotes,
            Self::UploadedThroughPortal => {
                spec.kind = 99;
                spec.omit.push("id".to_owned());
            }
            Self::OnPremises => {
                set(&mut spec, "on_prem", json!(true));
                let local =
                    |file: FileSpec| file.without("download_url").with("file_path", "/mnt/zoom/record.mp4");
                spec.files = spec.files.into_iter().map(local).collect();
            }
            Self::UnlistedFields => {
                set(&mut spec, "service_name", json!("meetings"));
                set(&mut spec, "rc_zone", json!("eu"));
                set(&mut spec, "instance_id", json!(17));
                spec.omit.extend(["host_email", "account_id", "share_url"].map(ToOwned::to_owned));
            }
            Self::MissingAtFirst => spec.missing_for = 2,
            Self::Forbidden => spec.forbidden = true,
            Self::Trashed => spec.trashed = Some(after(now, -3600)),
            Self::TopicWithForbiddenCharacters => {
                spec.topic = "Q3: plans / what? *really* <now> | \"later\"".to_owned()
            }
            Self::TopicAsPath => spec.topic = "../../../etc/passwd".to_owned(),
            Self::TopicWithEmoji => spec.topic = "Retro 🎉 👩‍👩‍👧‍👦 🇸🇪 👍🏽".to_owned(),
            Self::TopicRightToLeft => spec.topic = "\u{202e}fdp.exe שיחה עם נועה\u{7}\u{0}\n".to_owned(),
            Self::TopicVeryLong => {
                spec.topic =
                    "Interview about ordering and returning things ".repeat(7).chars().take(300).collect()
            }
            Self::TopicWithHtml => {
                spec.topic = "<img src=x onerror=alert(1)><b>Sync</b> &amp; more".to_owned()
            }
            Self::TopicAsDevice => spec.topic = "CON. ".to_owned(),
            Self::TopicEmpty => spec.topic = String::new(),
        }
        spec
    }
}

fn segment(file: FileSpec, ending: &str) -> FileSpec {
    let second = match ending {
        "video" => FileSpec::video("onboarding"),
        "transcript" => FileSpec::transcript("onboarding"),
        _ => FileSpec::timeline("onboarding"),
    };
    FileSpec { content: second.content, ..file }.at(900)
}

fn set(spec: &mut MeetingSpec, field: &str, value: Value) {
    spec.set.insert(field.to_owned(), value);
}

impl State {
    /// Adds a shape.
    pub(crate) fn add_shape(&mut self, shape: Shape) -> Vec<MeetingHandle> {
        let now = self.now();
        shape.specs(now).into_iter().map(|spec| self.add_meeting(spec)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_have_different_names_and_uuids() {
        let specs: Vec<MeetingSpec> =
            Shape::ALL.iter().flat_map(|shape| shape.specs(jiff::Timestamp::now())).collect();
        let mut uuids: Vec<&str> = specs.iter().map(|spec| spec.uuid.as_str()).collect();
        uuids.sort_unstable();
        uuids.dedup();
        assert_eq!(uuids.len(), specs.len());
    }

    #[test]
    fn a_meeting_survives_its_json() {
        for spec in Shape::ALL.iter().flat_map(|shape| shape.specs(jiff::Timestamp::now())) {
            let text = serde_json::to_string(&spec).unwrap();
            assert_eq!(serde_json::from_str::<MeetingSpec>(&text).unwrap(), spec);
        }
    }
}
