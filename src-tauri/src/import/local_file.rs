//! A video or audio file on this computer: what it is, by its content and not by its name.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use jiff::Timestamp;
use mp4_atom::{Atom, FourCC, Header, Mvhd, ReadAtom, ReadFrom};

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

/// Seconds that an MP4 lasts, from its movie header, wherever in the file that stands.
///
/// Only headers are read: a damaged or endless file costs nothing. ISO/IEC 14496-12, §8.2.2.
fn mp4_duration(path: &Path) -> Option<u64> {
    let mut file = BufReader::new(File::open(path).ok()?);
    enter(&mut file, FourCC::new(b"moov"))?;
    let header = enter(&mut file, Mvhd::KIND)?;
    let mut body = file.take(header.size.unwrap_or(0).min(4096) as u64);
    let movie = Mvhd::read_atom(&header, &mut body).ok()?;
    let scale = u64::from(movie.timescale);
    (scale > 0).then(|| movie.duration.saturating_add(scale / 2) / scale)
}

/// Skips boxes until one of this kind, and stands at its content.
fn enter(file: &mut BufReader<File>, kind: FourCC) -> Option<Header> {
    // No real file has more boxes on one level than this.
    for _ in 0..4096 {
        let header = <Option<Header>>::read_from(file).ok()??;
        if header.kind == kind {
            return Some(header);
        }
        file.seek(SeekFrom::Current(i64::try_from(header.size?).ok()?)).ok()?;
    }
    None
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
        let movie_header: Vec<u8> = [
            &[0_u8; 12][..],           // version, flags, creation, modification
            &1000_u32.to_be_bytes(),   // timescale
            &42_400_u32.to_be_bytes(), // duration
            &[0; 80],
        ]
        .concat();
        let boxed =
            |kind: &[u8; 4], body: &[u8]| [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat();
        let ftyp = boxed(b"ftyp", b"isom\0\0\x02\0isommp42");
        let moov = boxed(b"moov", &boxed(b"mvhd", &movie_header));
        let mdat = boxed(b"mdat", &[7; 5000]);
        let dir = tempfile::tempdir().unwrap();
        for (name, order) in [("first", [&ftyp, &moov, &mdat]), ("last", [&ftyp, &mdat, &moov])] {
            let path = dir.path().join(name);
            fs::write(&path, order.map(Vec::as_slice).concat()).unwrap();
            let file = inspect(&path).unwrap();
            assert_eq!((file.kind, file.media_type, file.duration), (FileKind::Video, "video/mp4", 42));
        }
    }
}
