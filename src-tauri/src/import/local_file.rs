//! A video or audio file on this computer: what it is, by its content and not by its name.

use std::fs;
use std::io;
use std::path::Path;

use jiff::Timestamp;

use crate::container::{HEAD, Looks, looks_like, mp4_duration};
use crate::error::{Code, UserError};
use crate::recording::FileKind;

/// What a file on this computer turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFile {
    /// Video or audio.
    pub kind: FileKind,
    /// For example `video/mp4`.
    pub media_type: &'static str,
    /// File name extension for it.
    pub extension: &'static str,
    /// Bytes.
    pub size: u64,
    /// When it was last changed: the best that is known of when it was recorded.
    pub modified: Timestamp,
    /// Seconds; 0 when the container does not say, or not where we can read it.
    pub duration: u64,
}

/// Why a file on this computer cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("cannot read the file")]
    Read(#[from] io::Error),
    /// It is a folder, a device, a pipe.
    #[error("not a file")]
    NotAFile,
    /// It has no bytes.
    #[error("the file is empty")]
    Empty,
    /// It is neither video nor audio that we know.
    #[error("not video or audio")]
    UnknownContainer,
    /// What should be a transcript is not WebVTT.
    #[error("not WebVTT")]
    NotATranscript,
}

/// Containers that are taken: as their content shows, what they are, and the extension they get.
const CONTAINERS: [(&str, FileKind, &str, &str); 13] = [
    ("video/mp4", FileKind::Video, "video/mp4", "mp4"),
    ("video/x-m4v", FileKind::Video, "video/mp4", "mp4"),
    ("video/quicktime", FileKind::Video, "video/quicktime", "mov"),
    ("video/webm", FileKind::Video, "video/webm", "webm"),
    ("video/x-matroska", FileKind::Video, "video/x-matroska", "mkv"),
    ("audio/m4a", FileKind::Audio, "audio/mp4", "m4a"),
    ("audio/mpeg", FileKind::Audio, "audio/mpeg", "mp3"),
    ("audio/x-wav", FileKind::Audio, "audio/wav", "wav"),
    ("audio/ogg", FileKind::Audio, "audio/ogg", "ogg"),
    ("audio/opus", FileKind::Audio, "audio/ogg", "ogg"),
    ("audio/x-flac", FileKind::Audio, "audio/flac", "flac"),
    ("audio/aac", FileKind::Audio, "audio/aac", "aac"),
    ("audio/x-aiff", FileKind::Audio, "audio/aiff", "aiff"),
];

/// Looks at a file on this computer.
pub fn inspect(path: &Path) -> Result<LocalFile, Error> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(Error::NotAFile);
    }
    if metadata.len() == 0 {
        return Err(Error::Empty);
    }
    let found = infer::get_from_path(path)?.ok_or(Error::UnknownContainer)?;
    let (_, kind, media_type, extension) = CONTAINERS
        .into_iter()
        .find(|(seen, ..)| *seen == found.mime_type())
        .ok_or(Error::UnknownContainer)?;
    let modified = metadata.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
    let duration = if matches!(extension, "mp4" | "mov" | "m4a") { mp4_duration(path) } else { None };
    Ok(LocalFile {
        kind,
        media_type,
        extension,
        size: metadata.len(),
        modified: modified.unwrap_or(Timestamp::UNIX_EPOCH),
        duration: duration.unwrap_or(0),
    })
}

/// Bytes of a transcript at most: twenty hours of talk have about 3 MB.
const LARGEST_TRANSCRIPT: u64 = 64 << 20;

/// Looks whether a file can go along as a transcript: WebVTT by its content.
pub fn inspect_transcript(path: &Path) -> Result<(), Error> {
    use std::io::Read as _;
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(Error::NotAFile);
    }
    let mut head = Vec::new();
    fs::File::open(path)?.take(HEAD as u64).read_to_end(&mut head)?;
    if looks_like(&head) == Looks::Vtt && metadata.len() <= LARGEST_TRANSCRIPT {
        Ok(())
    } else {
        Err(Error::NotATranscript)
    }
}

impl From<Error> for UserError {
    fn from(error: Error) -> Self {
        match &error {
            Error::Read(source) if source.kind() == io::ErrorKind::PermissionDenied => Self::new(
                Code::PermissionDenied,
                "The file may not be read",
                "give yourself the right to read it, then try again",
            ),
            Error::Read(_) => Self::new(
                Code::NotFound,
                "The file cannot be read; perhaps it was moved or its disk removed",
                "choose the file again",
            ),
            Error::NotAFile => {
                Self::new(Code::FileRefused, "This is not a file", "choose a video or audio file")
            }
            Error::Empty => {
                Self::new(Code::FileRefused, "The file is empty", "choose the file that has the recording")
            }
            Error::NotATranscript => Self::new(
                Code::FileRefused,
                "This is not a WebVTT transcript",
                "choose a .vtt file, or import the recording without a transcript",
            ),
            Error::UnknownContainer => Self::new(
                Code::FileRefused,
                "This is not a video or audio file that NEXT knows",
                "choose an MP4, MOV, WebM, MKV, M4A, MP3, WAV, OGG or FLAC file",
            ),
        }
        .detail(match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_the_name_of_a_video_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("interview.mp4");
        fs::write(&path, "<html>Only the host can download this recording</html>").unwrap();
        assert!(matches!(inspect(&path), Err(Error::UnknownContainer)));
        fs::write(&path, "").unwrap();
        assert!(matches!(inspect(&path), Err(Error::Empty)));
        assert!(matches!(inspect(dir.path()), Err(Error::NotAFile)));
    }

    #[test]
    fn the_length_of_an_mp4_is_read_wherever_its_header_stands() {
        let dir = tempfile::tempdir().unwrap();
        for movie_first in [true, false] {
            let path = dir.path().join("renamed.txt");
            fs::write(&path, crate::container::tests::mp4(movie_first)).unwrap();
            let file = inspect(&path).unwrap();
            assert_eq!((file.kind, file.media_type, file.duration), (FileKind::Video, "video/mp4", 42));
        }
    }
}
