//! Is what came the file? Its declared type, its first bytes, its length, its container.

use std::path::Path;

use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde::Deserialize;
use tokio::fs;

use super::write::Written;
use super::{Downloaded, Error, Expected};
use crate::container::{HEAD, Looks, looks_like, mp4_is_whole};
use crate::recording::FileKind;

/// Zoom's `file_size` may be off by this much and the file still be good (zoom-facts §2.4, §8 row 15).
const OFF_BY: f64 = 0.05;
/// Texts may be off by this many bytes: a line end written otherwise, a chat message that came later.
const OFF_BY_BYTES: u64 = 4096;
/// A JSON file larger than this is not read again to be checked.
const LARGEST_JSON: u64 = 64 << 20;

/// Refuses a web page, and JSON where something else was expected, before a byte is written.
pub(super) fn media_type(headers: &HeaderMap, expected: &Expected) -> Result<(), Error> {
    let Some(text) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return Ok(()) };
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let json_is_fine = expected.extension == "json" || !is_media(expected);
    match essence.as_str() {
        "text/html" | "application/xhtml+xml" if !is_html(expected) => {
            Err(Error::NotTheFile("a web page".to_owned()))
        }
        "application/json" if !json_is_fine => Err(Error::NotTheFile("a note in JSON".to_owned())),
        _ => Ok(()),
    }
}

/// Refuses a file whose first bytes are not those of its kind.
pub(super) fn head(head: &[u8], expected: &Expected) -> Result<(), Error> {
    let looks = looks_like(head);
    let fine = match expected.extension.as_str() {
        "mp4" | "m4a" | "m4v" | "mov" => looks == Looks::Mp4,
        "vtt" => looks == Looks::Vtt,
        "json" => looks == Looks::Json,
        "txt" | "csv" => {
            matches!(looks, Looks::Text | Looks::Vtt) || (looks == Looks::Json && !is_note(head))
        }
        _ => (looks != Looks::Html || is_html(expected)) && !(looks == Looks::Json && is_note(head)),
    };
    let is_error = expected.extension == "json" && is_note(head);
    if fine && !is_error {
        Ok(())
    } else {
        Err(Error::NotTheFile(format!("{looks:?} instead of {}", expected.extension)))
    }
}

/// Believes what is on disk, or says why not. A file that is too short is kept, for the next try; one that is
/// not the file is thrown away.
pub(super) async fn finish(
    staged: &Path,
    written: Written,
    total: Option<u64>,
    expected: &Expected,
) -> Result<Downloaded, Error> {
    let verdict = examine(staged, &written, total, expected).await;
    match verdict {
        Ok(media_type) => Ok(Downloaded { size: written.size, sha256: written.sha256, media_type }),
        Err(error) => {
            if error.is_not_the_file() {
                // What cannot be removed is overwritten by the next try.
                let _ = fs::remove_file(staged).await;
                let _ = fs::remove_file(super::part::memo_path(staged)).await;
            }
            Err(error)
        }
    }
}

async fn examine(
    staged: &Path,
    written: &Written,
    total: Option<u64>,
    expected: &Expected,
) -> Result<&'static str, Error> {
    let got = written.size;
    if let Some(total) = total
        && got < total
    {
        return Err(Error::Truncated { expected: total, got });
    }
    if let Some(size) = expected.size
        && is_far_off(got, size, expected)
    {
        return Err(match total {
            // Nobody said how long the body is: it may have been cut.
            None if got < size => Error::Truncated { expected: size, got },
            _ => Error::NotTheFile(format!("{got} bytes, where Zoom lists {size}")),
        });
    }
    if got == 0 {
        // Zoom lists a size of 0 for what is empty and for what it has no size of: only an answer that says
        // itself that it is empty is believed.
        return match (expected.size, total) {
            (None | Some(0), Some(0)) => Ok(media_type_of(expected)),
            (size, _) => Err(Error::Truncated { expected: size.unwrap_or(1), got }),
        };
    }
    let (path, extension) = (staged.to_owned(), expected.extension.clone());
    let whole = tokio::task::spawn_blocking(move || -> std::io::Result<bool> {
        Ok(match extension.as_str() {
            "mp4" | "m4a" | "m4v" | "mov" => mp4_is_whole(&path)?,
            "json" if got <= LARGEST_JSON => {
                serde_json::from_slice::<serde::de::IgnoredAny>(&std::fs::read(&path)?).is_ok()
            }
            _ => true,
        })
    })
    .await
    .map_err(std::io::Error::other)??;
    head(&read_head(staged).await?, expected)?;
    match (whole, total) {
        (true, _) => Ok(media_type_of(expected)),
        (false, None) => Err(Error::Truncated { expected: expected.size.unwrap_or(got + 1), got }),
        (false, Some(_)) => Err(Error::NotTheFile(format!("a damaged {}", expected.extension))),
    }
}

/// Whether a file has another size than listed, beyond Zoom's own imprecision. A note of 59 bytes is no video,
/// however small the video is.
fn is_far_off(got: u64, listed: u64, expected: &Expected) -> bool {
    let share = got.abs_diff(listed) as f64 / listed.max(1) as f64;
    if is_media(expected) { share > OFF_BY } else { share > OFF_BY && got.abs_diff(listed) > OFF_BY_BYTES }
}

async fn read_head(path: &Path) -> std::io::Result<Vec<u8>> {
    use tokio::io::AsyncReadExt as _;
    let mut head = Vec::with_capacity(HEAD);
    fs::File::open(path).await?.take(HEAD as u64).read_to_end(&mut head).await?;
    Ok(head)
}

fn is_media(expected: &Expected) -> bool {
    matches!(expected.kind, FileKind::Video | FileKind::Audio)
}

fn is_html(expected: &Expected) -> bool {
    matches!(expected.extension.as_str(), "html" | "htm")
}

#[derive(Deserialize)]
struct Note {
    #[serde(rename = "errorCode", alias = "code")]
    code: Option<i64>,
    #[serde(rename = "errorMessage", alias = "message")]
    message: Option<serde_json::Value>,
}

/// `{"status":false,"errorCode":124,"errorMessage":"Forbidden"}`: an error where a file should be.
fn note(bytes: &[u8]) -> Option<i64> {
    let note: Note = serde_json::from_slice(bytes).ok()?;
    note.message.and(note.code)
}

fn is_note(bytes: &[u8]) -> bool {
    note(bytes).is_some()
}

/// Zoom's own code in a refusal, when it says one.
pub(super) async fn said_by(response: Response) -> Option<i64> {
    if response.content_length().is_none_or(|length| length > 4096) {
        return None;
    }
    note(&response.bytes().await.ok()?)
}

fn media_type_of(expected: &Expected) -> &'static str {
    match expected.extension.as_str() {
        "mp4" | "m4v" => "video/mp4",
        "mov" => "video/quicktime",
        "m4a" => "audio/mp4",
        "vtt" => "text/vtt",
        "txt" => "text/plain",
        "csv" => "text/csv",
        "json" => "application/json",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expect(kind: FileKind, extension: &str, size: Option<u64>) -> Expected {
        Expected { kind, extension: extension.to_owned(), size }
    }

    const NOTE: &[u8] = br#"{"status":false,"errorCode":124,"errorMessage":"Forbidden"}"#;

    async fn finished(bytes: &[u8], total: Option<u64>, expected: &Expected) -> Result<Downloaded, Error> {
        let dir = tempfile::tempdir().unwrap();
        let staged = dir.path().join("x.part");
        std::fs::write(&staged, bytes).unwrap();
        let written = Written { size: bytes.len() as u64, sha256: String::new() };
        finish(&staged, written, total, expected).await
    }

    #[test]
    fn a_page_or_a_note_is_never_a_video() {
        let video = expect(FileKind::Video, "mp4", None);
        assert!(head(b"<!doctype html><title>Only the host can download", &video).is_err());
        assert!(head(NOTE, &video).is_err());
        let chat = expect(FileKind::Chat, "txt", None);
        assert!(head(NOTE, &chat).is_err());
        assert!(head(b"00:00:01\tDana:\tHello", &chat).is_ok());
        let timeline = expect(FileKind::Timeline, "json", None);
        assert!(head(NOTE, &timeline).is_err());
        assert!(head(br#"{"timeline":[]}"#, &timeline).is_ok());
    }

    #[tokio::test]
    async fn a_size_that_is_slightly_off_is_fine_and_a_59_byte_video_is_not() {
        let movie = crate::container::tests::mp4(true);
        let length = movie.len() as u64;
        let off = expect(FileKind::Video, "mp4", Some(length + length / 25));
        assert!(finished(&movie, Some(length), &off).await.is_ok());
        let far = expect(FileKind::Video, "mp4", Some(100_000_000));
        assert!(matches!(finished(&movie, Some(length), &far).await, Err(Error::NotTheFile(_))));
    }

    #[tokio::test]
    async fn a_video_that_lost_its_end_is_truncated_even_when_nobody_said_its_length() {
        let movie = crate::container::tests::mp4(false);
        let unsaid = expect(FileKind::Video, "mp4", None);
        let cut = &movie[..movie.len() - 10];
        assert!(matches!(finished(cut, None, &unsaid).await, Err(Error::Truncated { .. })));
        assert!(finished(&movie, None, &unsaid).await.is_ok());
    }

    #[tokio::test]
    async fn an_empty_file_is_fine_only_where_zoom_says_that_it_is_empty() {
        assert!(finished(b"", Some(0), &expect(FileKind::Chat, "txt", None)).await.is_ok());
        assert!(finished(b"", Some(0), &expect(FileKind::Chat, "txt", Some(0))).await.is_ok());
        let lost = finished(b"", Some(0), &expect(FileKind::Chat, "txt", Some(50))).await;
        assert!(matches!(lost, Err(Error::Truncated { .. })));
    }
}
