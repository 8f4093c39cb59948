//! Names for people: file and folder names that every system takes, made from titles that may be anything.

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
    let stem = name.split('.').next().unwrap_or_default().trim().to_ascii_lowercase();
    let device = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    if name.is_empty() {
        "Recording".to_owned()
    } else if RESERVED.contains(&device) && stem.len() <= device.len() + 1 {
        format!("{name}_")
    } else {
        name
    }
}

/// The folder that a recording is exported to: `2026-03-01 Interview with Dana`.
pub fn folder_name(recording: &Recording) -> String {
    format!("{} {}", day(recording.start, recording.time_zone.as_deref()), file_name(&recording.title))
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
        let extension = file.key.rsplit_once('.').map(|(_, extension)| extension).unwrap_or("bin");
        let name = (1..)
            .map(|n| if n == 1 { format!("{stem}.{extension}") } else { format!("{stem} {n}.{extension}") })
            .find(|name| !used.contains(name));
        used.extend(name);
    }
    used
}

fn day(at: Timestamp, zone: Option<&str>) -> jiff::civil::Date {
    let zone = zone.and_then(|zone| TimeZone::get(zone).ok()).unwrap_or_else(TimeZone::system);
    at.to_zoned_datetime(zone).date()
}

#[cfg(test)]
mod tests {
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
        assert_eq!(file_name("LPT1.txt"), "LPT1.txt_");
        assert_eq!(file_name("Conference"), "Conference");
    }

    #[test]
    fn long_titles_are_cut_between_characters() {
        let name = file_name(&"日本語".repeat(80));
        assert!(name.len() <= LONGEST);
        assert!("日本語".repeat(80).starts_with(&name));
    }

    #[test]
    fn files_of_a_kind_get_numbers() {
        let file = |kind, key: &str| RecordingFile {
            key: key.to_owned(),
            kind,
            segment: 0,
            layout: None,
            media_type: String::new(),
            size: 0,
            sha256: String::new(),
        };
        let files = [
            file(FileKind::Video, "a/video.mp4"),
            file(FileKind::Video, "a/video-1.mp4"),
            file(FileKind::Transcript, "a/transcript.vtt"),
        ];
        assert_eq!(file_names(&files), ["Video.mp4", "Video 2.mp4", "Transcript.vtt"]);
    }
}
