//! The media files that a clip is cut from: where they are, and what is in them.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;

/// A media file to read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// On this machine.
    Disk(PathBuf),
    /// At our own media server; `key` tells what kind of file it is.
    Address {
        /// The address.
        url: String,
        /// The file's key in its recording.
        key: String,
    },
}

/// What is in a media file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// Its length in milliseconds.
    pub length: u64,
    /// Width and height of its picture.
    pub picture: Option<(u32, u32)>,
    /// Whether it has sound.
    pub sound: bool,
}

/// Adds a source as the next input: of which kind it is, and which ways may lead to it.
pub(super) fn read_from(command: &mut Command, source: &Source) {
    let (ways, key, input) = match source {
        Source::Disk(path) => ("file", path.to_string_lossy().into_owned(), path.as_os_str().to_owned()),
        Source::Address { url, key } => ("http,tcp", key.clone(), OsString::from(url)),
    };
    command.args(["-protocol_whitelist", ways]);
    if let Some(kind) = kind_of(&key) {
        command.args(["-f", kind]);
    }
    command.arg("-i").arg(input);
}

/// What ffmpeg calls the kind of a file of this name.
fn kind_of(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    match extension.to_ascii_lowercase().as_str() {
        "mp4" | "m4a" | "m4v" | "mov" => Some("mov"),
        "mkv" | "webm" => Some("matroska"),
        "mp3" => Some("mp3"),
        "wav" => Some("wav"),
        "ogg" | "oga" | "opus" => Some("ogg"),
        _ => None,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Probed {
    #[serde(default)]
    streams: Vec<Stream>,
    format: Option<Format>,
}

#[derive(Debug, Deserialize)]
struct Stream {
    codec_type: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    #[serde(default)]
    disposition: Disposition,
}

#[derive(Debug, Default, Deserialize)]
struct Disposition {
    #[serde(default)]
    attached_pic: u8,
}

#[derive(Debug, Deserialize)]
struct Format {
    duration: Option<String>,
}

impl Probed {
    pub(super) fn content(&self) -> Option<Content> {
        let length = self.format.as_ref()?.duration.as_ref()?.parse::<f64>().ok()?;
        let of = |kind: &'static str| {
            self.streams.iter().filter(move |stream| stream.codec_type.as_deref() == Some(kind))
        };
        // A cover of a sound file is no picture that moves.
        let moving = of("video").find(|stream| stream.disposition.attached_pic == 0);
        let picture = moving.and_then(|stream| Some((stream.width?, stream.height?)));
        let length = (length.is_finite() && length > 0.0).then(|| (length * 1_000.0).round() as u64)?;
        Some(Content { length, picture, sound: of("audio").next().is_some() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ffprobe_says_is_understood() {
        let content = |text: &str| serde_json::from_str::<Probed>(text).unwrap().content();
        let talk = r#"{"streams": [
            {"codec_type": "video", "width": 640, "height": 360, "disposition": {"attached_pic": 0}},
            {"codec_type": "audio", "disposition": {"attached_pic": 0}}
        ], "format": {"duration": "62.480000"}}"#;
        assert_eq!(content(talk), Some(Content { length: 62_480, picture: Some((640, 360)), sound: true }));
        let with_cover = r#"{"streams": [
            {"codec_type": "video", "width": 64, "height": 64, "disposition": {"attached_pic": 1}},
            {"codec_type": "audio"}
        ], "format": {"duration": "3.2"}}"#;
        assert_eq!(content(with_cover), Some(Content { length: 3_200, picture: None, sound: true }));
        for nothing in ["{}", r#"{"format": {}}"#, r#"{"format": {"duration": "N/A"}}"#] {
            assert_eq!(content(nothing), None, "{nothing}");
        }
    }
}
