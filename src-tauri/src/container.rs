//! What a file really is, by its content: Zoom answers with pages and error notes where files should be, and
//! people rename things.
//!
//! Only as much is read as the question needs. MP4 after ISO/IEC 14496-12; WebVTT after the W3C's text.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use mp4_atom::{Atom, FourCC, Header, Mvhd, ReadAtom, ReadFrom};

/// Bytes from the start of a file that [`looks_like`] wants to see; fewer when the file is shorter.
pub const HEAD: usize = 512;

/// No real file has more boxes on one level than this.
const MOST_BOXES: usize = 65_536;

/// What the head of a file looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looks {
    /// An MP4 family file: MP4, M4A, MOV.
    Mp4,
    /// WebVTT.
    Vtt,
    /// A web page.
    Html,
    /// Something that begins as JSON does.
    Json,
    /// Text of another kind.
    Text,
    /// Bytes that are none of these.
    Binary,
}

/// Tells what a file looks like from its first bytes.
pub fn looks_like(head: &[u8]) -> Looks {
    if head.get(4..8).is_some_and(|kind| matches!(kind, b"ftyp" | b"moov" | b"wide" | b"free" | b"mdat")) {
        return Looks::Mp4;
    }
    if head.contains(&0) {
        return Looks::Binary;
    }
    // A character may be cut at the end of the head.
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => head
            .get(..error.valid_up_to())
            .and_then(|whole| std::str::from_utf8(whole).ok())
            .unwrap_or_default(),
        Err(_) => return Looks::Binary,
    };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with("WEBVTT") {
        return Looks::Vtt;
    }
    let beginning: String = text.chars().take(64).collect::<String>().to_ascii_lowercase();
    if beginning.starts_with("<!doctype html")
        || beginning.starts_with("<html")
        || beginning.starts_with("<head")
    {
        Looks::Html
    } else if text.starts_with(['{', '[']) {
        Looks::Json
    } else {
        Looks::Text
    }
}

/// Whether an MP4 is whole: its boxes fill the file to its last byte, and one of them is the movie header.
pub fn mp4_is_whole(path: &Path) -> io::Result<bool> {
    let size = std::fs::metadata(path)?.len();
    let mut file = BufReader::new(File::open(path)?);
    let (mut at, mut has_movie) = (0_u64, false);
    for _ in 0..MOST_BOXES {
        if at == size {
            return Ok(has_movie);
        }
        let Ok(Some(header)) = <Option<Header>>::read_from(&mut file) else { return Ok(false) };
        has_movie |= header.kind == FourCC::new(b"moov");
        let body = file.stream_position()?;
        at = match header.size {
            Some(length) => body.saturating_add(length as u64),
            // A box without a size goes on to the end.
            None => size,
        };
        if at > size {
            return Ok(false);
        }
        file.seek(SeekFrom::Start(at))?;
    }
    Ok(false)
}

/// Seconds that an MP4 lasts, from its movie header, wherever in the file that stands.
///
/// Only headers are read: a damaged or endless file costs nothing.
pub fn mp4_duration(path: &Path) -> Option<u64> {
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
    for _ in 0..MOST_BOXES {
        let header = <Option<Header>>::read_from(file).ok()??;
        if header.kind == kind {
            return Some(header);
        }
        file.seek(SeekFrom::Current(i64::try_from(header.size?).ok()?)).ok()?;
    }
    None
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A small MP4 of 42 seconds, its movie header first or last.
    pub fn mp4(movie_first: bool) -> Vec<u8> {
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
        if movie_first { [ftyp, moov, mdat].concat() } else { [ftyp, mdat, moov].concat() }
    }

    #[test]
    fn heads_tell_what_a_file_is() {
        assert_eq!(looks_like(&mp4(true)), Looks::Mp4);
        assert_eq!(looks_like("\u{feff}WEBVTT\r\n\r\n".as_bytes()), Looks::Vtt);
        assert_eq!(looks_like(b"\n <!DOCTYPE html><title>Zoom"), Looks::Html);
        assert_eq!(
            looks_like(br#"{"status":false,"errorCode":124,"errorMessage":"Forbidden"}"#),
            Looks::Json
        );
        assert_eq!(looks_like("00:01:02 Dana: hé".as_bytes()), Looks::Text);
        assert_eq!(looks_like(&"hé".as_bytes()[..2]), Looks::Text, "a character cut at the end is fine");
        assert_eq!(looks_like(&[0xff, 0xd8, 0xff, 0xe0, 0]), Looks::Binary);
        assert_eq!(looks_like(b""), Looks::Text);
    }

    #[test]
    fn an_mp4_that_lost_its_end_is_not_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        for movie_first in [true, false] {
            let bytes = mp4(movie_first);
            std::fs::write(&path, &bytes).unwrap();
            assert!(mp4_is_whole(&path).unwrap());
            assert_eq!(mp4_duration(&path), Some(42));
            for lost in [1, 100, 4000] {
                std::fs::write(&path, &bytes[..bytes.len() - lost]).unwrap();
                assert!(!mp4_is_whole(&path).unwrap(), "{lost} bytes lost");
            }
        }
    }
}
