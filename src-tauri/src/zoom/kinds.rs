//! What Zoom's types of files are for. Both lists are open: what is not in them is kept as `Other`.

use crate::recording::FileKind;

/// The kind of a file, from `file_type`, else `recording_type`, else the extension. While Zoom works on a file,
/// `file_type` is empty (zoom-recording-downloader PR#7).
pub(super) fn kind(file_type: &str, recording_type: &str, extension: &str) -> FileKind {
    of_file_type(file_type)
        .or_else(|| of_recording_type(recording_type))
        .or_else(|| of_extension(extension))
        .unwrap_or(FileKind::Other)
}

fn of_file_type(file_type: &str) -> Option<FileKind> {
    Some(match file_type.to_ascii_uppercase().as_str() {
        "MP4" => FileKind::Video,
        "M4A" => FileKind::Audio,
        "TRANSCRIPT" => FileKind::Transcript,
        "CC" => FileKind::Captions,
        "CHAT" | "CHAT_MESSAGE" => FileKind::Chat,
        "TIMELINE" => FileKind::Timeline,
        "SUMMARY" => FileKind::Summary,
        // Polls, thumbnails, and what comes one day.
        "CSV" | "TB" => FileKind::Other,
        _ => return None,
    })
}

fn of_recording_type(recording_type: &str) -> Option<FileKind> {
    Some(match recording_type.to_ascii_lowercase().as_str() {
        "active_speaker"
        | "speaker_view"
        | "gallery_view"
        | "shared_screen"
        | "host_video"
        | "sign_interpretation"
        | "production_studio" => FileKind::Video,
        name if name.starts_with("shared_screen_") => FileKind::Video,
        "audio_only" | "audio_interpretation" => FileKind::Audio,
        "audio_transcript" => FileKind::Transcript,
        "closed_caption" => FileKind::Captions,
        "chat_file" | "chat_message" => FileKind::Chat,
        "timeline" => FileKind::Timeline,
        name if name == "summary" || name.starts_with("summary_") => FileKind::Summary,
        "poll" | "thumbnail" => FileKind::Other,
        _ => return None,
    })
}

/// Only where nothing else could be meant: a VTT may be a transcript or captions.
fn of_extension(extension: &str) -> Option<FileKind> {
    match extension {
        "mp4" => Some(FileKind::Video),
        "m4a" => Some(FileKind::Audio),
        _ => None,
    }
}

/// The extension: at most five characters of `[a-z0-9]`. Old records have none (zoom-facts §2.4).
pub(super) fn extension(stated: &str, file_type: &str, kind: FileKind) -> String {
    let clean: String = stated.trim_start_matches('.').to_ascii_lowercase();
    if (1..=5).contains(&clean.len()) && clean.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        return clean;
    }
    match (file_type.to_ascii_uppercase().as_str(), kind) {
        ("CSV", _) => "csv",
        ("TB", _) => "jpg",
        (_, FileKind::Video) => "mp4",
        (_, FileKind::Audio) => "m4a",
        (_, FileKind::Transcript | FileKind::Captions) => "vtt",
        (_, FileKind::Chat) => "txt",
        (_, FileKind::Timeline | FileKind::Summary) => "json",
        (_, FileKind::Other) => "bin",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_was_seen_has_its_kind_and_a_new_one_is_kept() {
        for (file_type, recording_type, extension, expected) in [
            ("MP4", "gallery_view", "mp4", FileKind::Video),
            ("M4A", "audio_only", "m4a", FileKind::Audio),
            ("TRANSCRIPT", "audio_transcript", "vtt", FileKind::Transcript),
            ("CC", "", "vtt", FileKind::Captions),
            ("CHAT", "chat_file", "txt", FileKind::Chat),
            ("CHAT_MESSAGE", "", "", FileKind::Chat),
            ("TIMELINE", "", "json", FileKind::Timeline),
            ("SUMMARY", "summary_next_steps", "json", FileKind::Summary),
            ("CSV", "poll", "csv", FileKind::Other),
            ("TB", "thumbnail", "jpg", FileKind::Other),
            ("", "shared_screen_with_speaker_view(CC)", "", FileKind::Video),
            ("", "audio_transcript", "", FileKind::Transcript),
            ("", "", "mp4", FileKind::Video),
            ("HOLOGRAM", "hologram_view", "holo", FileKind::Other),
        ] {
            assert_eq!(kind(file_type, recording_type, extension), expected, "{file_type} {recording_type}");
        }
    }

    #[test]
    fn an_extension_is_short_and_clean_or_follows_from_the_kind() {
        assert_eq!(extension("MP4", "MP4", FileKind::Video), "mp4");
        assert_eq!(extension("", "M4A", FileKind::Audio), "m4a");
        assert_eq!(extension("../../x", "CHAT", FileKind::Chat), "txt");
        assert_eq!(extension("", "CSV", FileKind::Other), "csv");
        assert_eq!(extension("toolong", "?", FileKind::Other), "bin");
    }
}
