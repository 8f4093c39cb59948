//! What must hold of anything that stands in a teamspace; see `crate::fuzzing`.

use bytes::Bytes;
use futures::FutureExt as _;
use serde_json::{Map, Value};

use super::checkpoint::CheckpointReader;
use super::frames::FrameWriter;
use super::manifest::{Manifest, to_json};
use super::{Entry, Op, Told, key};
use crate::recording::RecordingId;

/// Bytes that somebody put where a manifest belongs.
pub(crate) fn manifest(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    let Some(id) = value["recording_id"].as_str().and_then(|id| id.parse::<RecordingId>().ok()) else {
        return;
    };
    let Ok(manifest) = Manifest::parse(bytes, &id, "manifest.json") else { return };
    for file in &manifest.files {
        let full = format!("{}/{}", key::recording(&id), file.key);
        assert!(
            !full.contains("..") && !full.contains('\\') && !full.contains("//"),
            "a key stays inside: {full}"
        );
    }
    assert!(i64::try_from(manifest.size()).is_ok(), "SQLite holds signed numbers");
    let recording = manifest.recording("teamspace", std::slice::from_ref(&manifest));
    assert_eq!(recording.files.len(), manifest.files.len(), "what is there twice is one");

    let again = Manifest::parse(&manifest.to_bytes(), &id, "manifest.json");
    let again = again.unwrap_or_else(|error| panic!("what we write can be read: {error}"));
    let names = |extra: &Map<String, Value>| extra.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&again.extra), names(&manifest.extra), "what a newer version wrote survives");
    assert_eq!(without_extra(again), without_extra(manifest), "a copy says the same");
}

/// Numbers of unknown fields may lose a digit in a copy; what is ours may not.
fn without_extra(mut manifest: Manifest) -> Manifest {
    manifest.extra.clear();
    manifest.source.extra.clear();
    manifest.files.iter_mut().for_each(|file| file.extra.clear());
    manifest
}

/// Bytes that somebody put where an entry of the log belongs.
pub(crate) fn entry(bytes: &[u8]) {
    let Ok(entry) = serde_json::from_slice::<Entry>(bytes) else { return };
    let again: Entry = serde_json::from_slice(&to_json(&entry))
        .unwrap_or_else(|error| panic!("what we write can be read: {error}"));
    assert_eq!((again.n, again.ops.len()), (entry.n, entry.ops.len()), "a copy says as much");
    // A field that is there twice makes an operation that nobody knows; a copy of it has the field once.
    for (op, copy) in entry.ops.iter().zip(&again.ops).filter(|(op, _)| matches!(op, Op::Known(_))) {
        assert!(matches!(copy, Op::Known(_)), "what is known stays known: {op:?}");
    }
}

/// Bytes that somebody put where a checkpoint belongs; and lines that somebody put into one.
pub(crate) fn checkpoint(bytes: &[u8]) {
    read_checkpoint(Bytes::copy_from_slice(bytes));
    let mut lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let mut body = Vec::new();
    let (mut header, mut rest) = (FrameWriter::default(), FrameWriter::default());
    lines.by_ref().take(1).for_each(|line| pack(&mut header, line));
    lines.for_each(|line| pack(&mut rest, line));
    for writer in [header, rest] {
        body.extend(writer.finish().unwrap_or_else(|error| panic!("lines are packed: {error}")));
    }
    read_checkpoint(body.into());
}

fn pack(writer: &mut FrameWriter, line: &[u8]) {
    writer.push(line).unwrap_or_else(|error| panic!("lines are packed: {error}"));
}

/// Reads a checkpoint to its end or to what is wrong with it, and once more from each place on.
fn read_checkpoint(bytes: Bytes) {
    let n = 2_000;
    // What is in memory never keeps anybody waiting.
    let begin = |from| CheckpointReader::of_bytes(bytes.clone(), n, from).now_or_never().and_then(Result::ok);
    let next = |reader: &mut CheckpointReader| reader.next().now_or_never().and_then(Result::ok).flatten();
    let Some(mut reader) = begin(None) else { return };
    let (mut pieces, mut places): (Vec<Vec<Told>>, Vec<_>) = Default::default();
    loop {
        places.push(reader.progress());
        let Some(told) = next(&mut reader) else { break };
        assert!(told.iter().all(|told| told.n <= n), "it says nothing of what comes after it");
        pieces.push(told);
    }
    let offsets: Vec<u64> = places.iter().map(|place| place.offset).collect();
    assert!(offsets.is_sorted() && offsets.iter().all(|offset| *offset <= bytes.len() as u64));
    for (at, place) in places.iter().enumerate().take(8) {
        let mut reader = begin(Some(place)).unwrap_or_else(|| panic!("it was begun before"));
        for piece in pieces.iter().skip(at) {
            assert_eq!(next(&mut reader).as_ref(), Some(piece), "reading goes on where it stood");
        }
    }
}
