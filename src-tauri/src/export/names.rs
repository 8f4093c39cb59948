//! Names for people: file and folder names that every system takes, made from titles that may be anything.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::recording::{FileKind, Recording, RecordingFile};

/// Bytes of a name made from a title: with its date and an extension it stays far below the 255 bytes that
/// file systems take, and below Windows' 260 characters for a path in an ordinary place.
const LONGEST: usize = 100;

/// Names that Windows keeps for devices, whatever follows the dot.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// A name from a title: one line, without characters that some system forbids, never empty, never a path.
pub fn file_name(title: &str) -> String {
    let cleaned: String = title
        .chars()
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '-',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    let mut name = cleaned.split_whitespace().collect::<Vec<_>>().join(" ");
    while name.len() > LONGEST {
        name.pop();
    }
    let name = name.trim_matches(|c: char| c == '.' || c == ' ' || c == '-').to_owned();
    let stem = name.split('.').next().unwrap_or_default();
    if name.is_empty() {
        "Recording".to_owned()
    } else if is_device(stem) {
        // Before the dot: what follows it makes no difference to Windows.
        format!("{stem}_{}", &name[stem.len()..])
    } else {
        name
    }
}

/// `con`, `COM1`, `lpt²`: with at most one digit, of either form.
fn is_device(stem: &str) -> bool {
    let stem = stem.trim().to_lowercase();
    let is_digit = |c: char| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³');
    RESERVED.contains(&stem.strip_suffix(is_digit).unwrap_or(&stem))
}

/// What the names of a recording's exported files begin with: `2026-03-01 Interview with Dana`.
pub fn stem(recording: &Recording) -> String {
    format!("{} {}", day(recording.start, recording.time_zone.as_deref()), file_name(&recording.title))
}

/// Bytes of a note in the name of a clip.
const LONGEST_NOTE: usize = 60;

/// What the name of a clip is: `2026-03-01 Interview with Dana 1.02-1.30 Where things get lost`. Times are in milliseconds.
pub fn clip_stem(recording: &Recording, from: u64, to: u64, note: &str) -> String {
    // A colon is forbidden in names.
    let time = |millis: u64| super::clock((millis / 1_000) as f64).replace(':', ".");
    let times = format!("{} {}-{}", stem(recording), time(from), time(to));
    let line = note.lines().next().unwrap_or_default().trim();
    if line.is_empty() {
        return times;
    }
    let mut name = file_name(line);
    while name.len() > LONGEST_NOTE {
        name.pop();
    }
    format!("{times} {}", name.trim_end_matches(['.', ' ', '-']))
}

/// The names of a recording's files, in their order: `Video.mp4`, `Video 2.mp4`, `Transcript.vtt`.
pub fn file_names(files: &[RecordingFile]) -> Vec<String> {
    let mut used: Vec<String> = Vec::new();
    for file in files {
        let stem = match file.kind {
            FileKind::Video => "Video",
            FileKind::Audio => "Audio",
            FileKind::Transcript => "Transcript",
            FileKind::Captions => "Captions",
            FileKind::Chat => "Chat",
            FileKind::Timeline => "Timeline",
            FileKind::Summary => "Summary",
            FileKind::Other => "File",
        };
        let extension = extension(file);
        let name = (1..)
            .map(|n| if n == 1 { format!("{stem}.{extension}") } else { format!("{stem} {n}.{extension}") })
            .find(|name| !used.contains(name));
        used.extend(name);
    }
    used
}

/// What is exported as a recording's video: of each segment the picture that the player shows first, or else its sound.
/// Files of no bytes are nothing to see.
pub fn watched(files: &[RecordingFile]) -> Vec<&RecordingFile> {
    let mut best: BTreeMap<u32, &RecordingFile> = BTreeMap::new();
    for file in files.iter().filter(|file| file.size > 0 && rank(file).is_some()) {
        let known = best.entry(file.segment).or_insert(file);
        if rank(file) < rank(known) {
            *known = file;
        }
    }
    best.into_values().collect()
}

/// How early the player offers a file of a segment; none when it plays nothing. The same order as `BEST_FIRST` of the
/// window's `sequence.ts`.
fn rank(file: &RecordingFile) -> Option<usize> {
    const BEST_FIRST: [&str; 7] = [
        "shared_screen_with_speaker_view",
        "shared_screen_with_speaker_view(cc)",
        "shared_screen_with_gallery_view",
        "active_speaker",
        "speaker_view",
        "gallery_view",
        "shared_screen",
    ];
    let layout = file.layout.as_deref().unwrap_or_default().to_lowercase();
    match file.kind {
        FileKind::Video => Some(BEST_FIRST.iter().position(|name| *name == layout).unwrap_or(500)),
        FileKind::Audio => Some(1000),
        _ => None,
    }
}

/// What a file's name ends with: `.mp4`, or ` part 2.mp4` where a recording has several segments.
pub fn ending(segment: u32, several: bool, extension: &str) -> String {
    match several {
        true => format!(" part {}.{extension}", u64::from(segment) + 1),
        false => format!(".{extension}"),
    }
}

/// The extension that a stored file has.
pub fn extension(file: &RecordingFile) -> &str {
    let own = file.key.rsplit('/').next().unwrap_or_default();
    own.rsplit_once('.').map_or("bin", |(_, extension)| extension)
}

fn day(at: Timestamp, zone: Option<&str>) -> jiff::civil::Date {
    let zone = zone.and_then(|zone| TimeZone::get(zone).ok()).unwrap_or_else(TimeZone::system);
    at.to_zoned_datetime(zone).date()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_title_never_becomes_a_path() {
        assert_eq!(file_name("../../etc/passwd"), "etc-passwd");
        assert_eq!(file_name("C:\\Windows\\x"), "C--Windows-x");
        assert_eq!(file_name("what? a *star*: <b>"), "what- a -star-- -b");
        assert_eq!(file_name("..."), "Recording");
        assert_eq!(file_name("a\nb\tc"), "a b c");
    }

    #[test]
    fn device_names_of_windows_are_avoided() {
        assert_eq!(file_name("con"), "con_");
        assert_eq!(file_name("LPT1.txt"), "LPT1_.txt");
        assert_eq!(file_name("com¹"), "com¹_");
        assert_eq!(file_name("Conference"), "Conference");
        assert_eq!(file_name("com10"), "com10");
    }

    #[test]
    fn long_titles_are_cut_between_characters() {
        let name = file_name(&"日本語".repeat(80));
        assert!(name.len() <= LONGEST);
        assert!("日本語".repeat(80).starts_with(&name));
    }

    #[test]
    fn files_of_a_kind_get_numbers() {
        let file = |kind, key: &str| RecordingFile { key: key.to_owned(), kind, ..some_file() };
        let files = [
            file(FileKind::Video, "a/video.mp4"),
            file(FileKind::Video, "a/video-1.mp4"),
            file(FileKind::Transcript, "a/transcript.vtt"),
        ];
        assert_eq!(file_names(&files), ["Video.mp4", "Video 2.mp4", "Transcript.vtt"]);
    }

    #[test]
    fn the_video_of_a_recording_is_what_the_player_shows_first_of_each_segment() {
        let file = |kind, segment, layout: &str, key: &str| RecordingFile {
            key: key.to_owned(),
            kind,
            segment,
            layout: (!layout.is_empty()).then(|| layout.to_owned()),
            size: 1,
            ..some_file()
        };
        let files = [
            file(FileKind::Audio, 1, "", "a/audio-1.m4a"),
            file(FileKind::Video, 0, "gallery_view", "a/video.mp4"),
            file(FileKind::Video, 0, "Shared_screen_with_speaker_view", "a/video-x.mov"),
            file(FileKind::Chat, 2, "", "a/chat-2.txt"),
            RecordingFile { size: 0, ..file(FileKind::Video, 1, "active_speaker", "a/empty.mp4") },
        ];
        let keys: Vec<&str> = watched(&files).into_iter().map(|file| file.key.as_str()).collect();
        assert_eq!(keys, ["a/video-x.mov", "a/audio-1.m4a"]);
        assert_eq!(ending(0, false, extension(&files[2])), ".mov");
        assert_eq!(ending(1, true, "m4a"), " part 2.m4a");
    }

    #[test]
    fn a_clip_is_named_by_its_recording_its_times_and_its_note() {
        let recording = crate::export::testing::recording("What? A: talk");
        let named = |note: &str| clip_stem(&recording, 62_400, 3_690_000, note);
        assert_eq!(named(""), "2026-03-01 What- A- talk 1.02-1.01.30");
        assert_eq!(named("Lost, in\nwhich way?"), "2026-03-01 What- A- talk 1.02-1.01.30 Lost, in");
        assert!(named(&"日本語 ".repeat(90)).len() < 200);
    }

    #[test]
    fn a_dot_in_the_name_of_a_folder_makes_no_extension() {
        let file = RecordingFile { key: "a.b/video".to_owned(), ..some_file() };
        assert_eq!(file_names(&[file]), ["Video.bin"]);
    }

    fn some_file() -> RecordingFile {
        RecordingFile {
            key: String::new(),
            kind: FileKind::Video,
            segment: 0,
            layout: None,
            media_type: String::new(),
            size: 0,
            sha256: String::new(),
        }
    }

    /// Text with what makes trouble in names oftener than chance would.
    fn titles() -> impl Strategy<Value = String> {
        let odd = "(\\.\\.|/|\\\\|con|COM1|nul|lpt³|\\.|:|-| |\u{202e}|\u{0}|\n|日本|[a-z]{1,60}|\\PC)";
        proptest::collection::vec(odd, 0..12).prop_map(|parts| parts.concat())
    }

    fn kinds() -> impl Strategy<Value = FileKind> {
        proptest::sample::select(vec![
            FileKind::Video,
            FileKind::Audio,
            FileKind::Transcript,
            FileKind::Captions,
            FileKind::Chat,
            FileKind::Timeline,
            FileKind::Summary,
            FileKind::Other,
        ])
    }

    proptest! {
        #[test]
        fn whatever_the_title_is_its_name_is_one_on_every_system(title in titles()) {
            let name = file_name(&title);
            prop_assert!(!name.is_empty() && name.len() <= LONGEST + 1, "{name:?}");
            prop_assert!(!name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|']), "{name:?}");
            prop_assert!(!name.contains(char::is_control), "{name:?}");
            prop_assert!(!name.starts_with(['.', ' ']) && !name.ends_with(['.', ' ']), "{name:?}");
            let path = std::path::Path::new(&name);
            let parts: Vec<_> = path.components().collect();
            prop_assert!(matches!(parts.as_slice(), [std::path::Component::Normal(_)]), "{name:?}");
            let stem = name.split('.').next().unwrap_or_default().trim().to_lowercase();
            let devices = ["con", "prn", "aux", "nul"];
            prop_assert!(!devices.contains(&stem.as_str()), "{name:?}");
            for device in ["com", "lpt"] {
                let rest = stem.strip_prefix(device);
                prop_assert!(rest.is_none_or(|rest| rest.chars().count() != 1 || !"0123456789¹²³".contains(rest)));
            }
        }

        #[test]
        fn no_two_files_of_a_recording_get_one_name(
            files in proptest::collection::vec((kinds(), "[a-z0-9]{1,4}(\\.[a-z0-9]{1,3})?/[a-z0-9-]{1,4}(\\.[a-z0-9]{1,4})?"), 0..20)
        ) {
            let files: Vec<_> =
                files.into_iter().map(|(kind, key)| RecordingFile { key, kind, ..some_file() }).collect();
            let names = file_names(&files);
            prop_assert_eq!(names.len(), files.len());
            // Also where a file system does not tell capitals from small letters.
            let unlike: std::collections::BTreeSet<_> = names.iter().map(|name| name.to_lowercase()).collect();
            prop_assert_eq!(unlike.len(), names.len(), "{:?}", names);
            prop_assert!(names.iter().all(|name| !name.contains('/') && !name.starts_with('.')), "{:?}", names);
        }
    }
}
