//! The manifest: the description of a stored recording, and its commit point.
//!
//! A recording is there when its manifest is. A manifest is never changed; what a newer version adds to it
//! survives reading and writing here. What is read from a store is checked before anybody uses it: a folder
//! that a team shares is the outside.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::{Error, key};
use crate::recording::{FileKind, Recording, RecordingFile, RecordingId};

/// The format that this version writes, and the newest that it reads.
pub const FORMAT: u32 = 1;

/// What is stored about a recording, or about an addendum to one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the format; [`FORMAT`].
    pub format: u32,
    /// The recording.
    pub recording_id: RecordingId,
    /// Where it came from.
    pub source: Source,
    /// Its title: plain text from outside.
    pub title: String,
    /// Who hosted the meeting, when known.
    #[serde(default)]
    pub host: Option<String>,
    /// When it began.
    pub start: Timestamp,
    /// Its length in seconds.
    pub duration: u64,
    /// The IANA time zone of the meeting, when Zoom said one.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Name of the profile that imported it.
    pub imported_by: String,
    /// Id of that profile; former versions did not write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importer: Option<String>,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// The attempt whose files it names; see [`super::new_attempt`].
    pub attempt: String,
    /// Makes it unlike any other writer's.
    pub nonce: String,
    /// Its files.
    pub files: Vec<ManifestFile>,
    /// What a newer version wrote beside these.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Where a recording came from.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Source {
    /// `zoom`, or `file` for a file from a person's computer.
    pub integration: String,
    /// Zoom's account id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Zoom's user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Zoom's UUID of the meeting instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meeting_uuid: Option<String>,
    /// What a newer version wrote beside these.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One file of a manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Where it stands, relative to the recording's folder.
    pub key: String,
    /// What it is for. A kind that a newer version knows is read as `Other`.
    #[serde(deserialize_with = "open_kind")]
    pub kind: FileKind,
    /// Which continuous stretch of the meeting it belongs to, from 0.
    #[serde(default)]
    pub segment: u32,
    /// Which picture it shows, in Zoom's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<String>,
    /// Its identity at the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_file_id: Option<String>,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its content, lower-case hex.
    pub sha256: String,
    /// What a newer version wrote beside these.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

fn open_kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FileKind, D::Error> {
    let name = String::deserialize(deserializer)?;
    Ok(serde_json::from_value(Value::String(name)).unwrap_or(FileKind::Other))
}

impl Manifest {
    /// Reads and checks what was stored at `what`.
    pub(super) fn parse(bytes: &[u8], id: &RecordingId, what: &str) -> Result<Self, Error> {
        let manifest: Self = parse_versioned(bytes, what)?;
        let damaged = |detail: String| Error::Damaged { what: what.to_owned(), detail };
        if manifest.recording_id != *id {
            return Err(damaged(format!("it describes recording {}", manifest.recording_id)));
        }
        manifest.check().map_err(damaged)?;
        Ok(manifest)
    }

    /// As it is stored. People may look into the folder: so it is laid out for reading.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        to_json(self)
    }

    /// Whether everything in it is sound; what is wrong otherwise.
    pub(super) fn check(&self) -> Result<(), String> {
        // SQLite holds signed numbers, and their sum must fit as well.
        const LARGEST: u64 = 1 << 60;
        if self.nonce.is_empty() {
            return Err("it has no nonce".to_owned());
        }
        if !key::is_sound(&self.attempt) {
            return Err("its attempt is not a key".to_owned());
        }
        if self.duration > LARGEST {
            return Err("its duration makes no sense".to_owned());
        }
        let mut keys = HashSet::new();
        let mut total: u64 = 0;
        for (number, file) in self.files.iter().enumerate() {
            file.check().map_err(|wrong| format!("file {number}: {wrong}"))?;
            if !keys.insert(&file.key) {
                return Err(format!("file {number}: its key is there twice"));
            }
            total = total.saturating_add(file.size);
        }
        if total > LARGEST { Err("its sizes make no sense".to_owned()) } else { Ok(()) }
    }

    /// Sum of the sizes of its files, in bytes.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).fold(0, u64::saturating_add)
    }

    /// Whether it names files of this attempt.
    pub fn names_attempt(&self, attempt: &str) -> bool {
        let inside = |key: &str| key.strip_prefix(attempt).is_some_and(|rest| rest.starts_with('/'));
        self.attempt == attempt || self.files.iter().any(|file| inside(&file.key))
    }

    /// The recording as a teamspace holds it: this manifest's files, and those of its addenda.
    pub fn recording(&self, teamspace: &str, addenda: &[Manifest]) -> Recording {
        let mut keys = HashSet::new();
        let all = self.files.iter().chain(addenda.iter().flat_map(|addendum| &addendum.files));
        let mut files: Vec<_> =
            all.filter(|file| keys.insert(file.key.as_str())).map(ManifestFile::recording_file).collect();
        files.sort_by_key(|file| (file.segment, file.kind));
        Recording {
            recording_id: self.recording_id.clone(),
            teamspace: teamspace.to_owned(),
            title: self.title.clone(),
            host: self.host.clone(),
            start: self.start,
            duration: self.duration,
            time_zone: self.time_zone.clone(),
            imported_by: self.imported_by.clone(),
            importer: self.importer.clone(),
            imported_at: self.imported_at,
            tags: Vec::new(),
            files,
            unread: None,
        }
    }
}

impl ManifestFile {
    fn check(&self) -> Result<(), &'static str> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if !key::is_sound(&self.key) || !self.key.contains('/') {
            return Err("its key is not one");
        }
        if self.sha256.len() != 64 || !self.sha256.bytes().all(hex) {
            return Err("its digest is not a SHA-256");
        }
        if !is_media_type(&self.media_type) {
            return Err("its media type is not one");
        }
        Ok(())
    }

    fn recording_file(&self) -> RecordingFile {
        RecordingFile {
            key: self.key.clone(),
            kind: self.kind,
            segment: self.segment,
            layout: self.layout.clone(),
            media_type: self.media_type.clone(),
            size: self.size,
            sha256: self.sha256.clone(),
        }
    }
}

/// It becomes an HTTP header.
fn is_media_type(text: &str) -> bool {
    text.len() <= 100
        && text.contains('/')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/.+-;=_ ".contains(&b))
}

/// Reads JSON that says its format first: a newer one is refused before anything else of it is looked at.
pub(super) fn parse_versioned<T: serde::de::DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, Error> {
    #[derive(Deserialize)]
    struct Versioned {
        format: u32,
    }
    let damaged = |error: serde_json::Error| Error::Damaged {
        what: what.to_owned(),
        // Line and column, never the content.
        detail: format!("line {}, column {}", error.line(), error.column()),
    };
    let Versioned { format } = serde_json::from_slice(bytes).map_err(damaged)?;
    match format {
        1..=FORMAT => serde_json::from_slice(bytes).map_err(damaged),
        0 => Err(Error::Damaged { what: what.to_owned(), detail: "format 0".to_owned() }),
        _ => Err(Error::TooNew { what: what.to_owned() }),
    }
}

/// JSON as a teamspace holds it.
pub(super) fn to_json(value: &impl Serialize) -> Vec<u8> {
    // Strings, numbers, lists and maps with string keys: serde_json has no reason to refuse them.
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::teamspace::testing::manifest;

    fn parse(manifest: &Value) -> Result<Manifest, Error> {
        let id = RecordingId::of_zoom_meeting("meeting");
        Manifest::parse(manifest.to_string().as_bytes(), &id, "manifest.json")
    }

    fn json() -> Value {
        serde_json::to_value(manifest("meeting")).unwrap()
    }

    fn with(path: &str, value: Value) -> Value {
        let mut json = json();
        *json.pointer_mut(path).unwrap() = value;
        json
    }

    #[test]
    fn what_a_newer_version_wrote_survives_a_copy() {
        let mut json = json();
        json["mood"] = "calm".into();
        json["source"]["room"] = "blue".into();
        json["files"][0]["codec"] = "av1".into();
        let copy: Value = serde_json::from_slice(&parse(&json).unwrap().to_bytes()).unwrap();
        assert_eq!(copy, json);
    }

    #[test]
    fn an_unknown_kind_of_file_is_kept_as_other() {
        let read = parse(&with("/files/0/kind", "hologram".into())).unwrap();
        assert_eq!(read.files[0].kind, FileKind::Other);
    }

    #[test]
    fn a_newer_format_is_refused_whatever_else_it_holds() {
        let newer = serde_json::json!({"format": 2, "everything": "different"});
        assert!(matches!(parse(&newer), Err(Error::TooNew { .. })));
    }

    #[test]
    fn nothing_that_could_do_harm_comes_through() {
        for (path, value) in [
            ("/recording_id", Value::from("aaaaaaaaaaaaaaaaaaaaaaaaaa")),
            ("/recording_id", "../../../../etc/passwd0000".into()),
            ("/attempt", "..".into()),
            ("/nonce", "".into()),
            ("/duration", u64::MAX.into()),
            ("/files/0/key", "../../other/video.mp4".into()),
            ("/files/0/key", "/etc/passwd".into()),
            ("/files/0/key", "manifest.json".into()),
            ("/files/0/sha256", "ABC".into()),
            ("/files/0/size", u64::MAX.into()),
            ("/files/0/size", (-1).into()),
            ("/files/0/media_type", "text/html\r\nSet-Cookie: x".into()),
        ] {
            let read = parse(&with(path, value.clone()));
            assert!(matches!(read, Err(Error::Damaged { .. })), "{path} {value}");
        }
        for text in
            ["", "{", "[]", "null", "<html>", "{\"format\":1}", "{\"format\":\"1\"}", "{\"format\":0}"]
        {
            let id = RecordingId::of_zoom_meeting("meeting");
            let read = Manifest::parse(text.as_bytes(), &id, "manifest.json");
            assert!(matches!(read, Err(Error::Damaged { .. })), "{text}");
        }
    }

    #[test]
    fn a_recording_has_the_files_of_its_addenda_too() {
        let (first, mut late) = (manifest("meeting"), manifest("meeting"));
        late.files[0].key = "later/transcript-0.vtt".to_owned();
        late.files[0].kind = FileKind::Transcript;
        let recording = first.recording("team", &[late.clone(), late]);
        let kinds: Vec<_> = recording.files.iter().map(|file| file.kind).collect();
        assert_eq!(kinds, [FileKind::Video, FileKind::Transcript]);
    }

    #[test]
    fn an_attempt_is_named_by_its_whole_name() {
        let mut manifest = manifest("meeting");
        manifest.attempt = "abcd".to_owned();
        manifest.files[0].key = "efgh/video-0.mp4".to_owned();
        assert!(manifest.names_attempt("abcd") && manifest.names_attempt("efgh"));
        assert!(!manifest.names_attempt("efg") && !manifest.names_attempt("ab"));
    }
}
