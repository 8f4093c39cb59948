//! Keys: where things stand in a teamspace.
//!
//! A key holds only `[a-z0-9-./]`, at most 100 characters, and never text from outside: it is a path on
//! Windows and a name in a bucket alike.

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

use crate::recording::{FileKind, RecordingId};

pub(super) const TEAMSPACE: &str = "teamspace.json";
/// Marks a copy that is not finished, or is a backup. A teamspace that is there makes it meaningless.
pub(super) const COPYING: &str = "copying.json";
/// What would be `teamspace.json` of a backup.
pub(super) const BACKUP: &str = "backup.json";
pub(super) const LOG: &str = "log";
pub(super) const LEASES: &str = "leases";
/// Where the self-test works; nothing of it stays.
pub(super) const PROBE: &str = "probe";
pub(super) const CHECKPOINTS: &str = "checkpoints";
/// Checkpoints are named by what is left up to this number, so that the newest lists first.
pub(super) const CHECKPOINT_ORIGIN: u64 = 1_000_000_000_000;

/// Longest key below the teamspace's root.
const MAX_LENGTH: usize = 100;

/// The folder of a recording.
pub(super) fn recording(id: &RecordingId) -> String {
    format!("recordings/{}/{id}", id.shard())
}

pub(super) fn manifest(id: &RecordingId) -> String {
    format!("{}/manifest.json", recording(id))
}

pub(super) fn addenda(id: &RecordingId) -> String {
    format!("{}/addenda", recording(id))
}

pub(super) fn addendum(id: &RecordingId, source_file_id: &str) -> String {
    format!("{}/{}.json", addenda(id), addendum_name(source_file_id))
}

/// An addendum is named after its source file, whose id is text from outside: so by its digest.
fn addendum_name(source_file_id: &str) -> String {
    short_digest(source_file_id.as_bytes(), 26)
}

/// Where entry `n` of the log stands.
pub fn log_entry(n: u64) -> String {
    format!("{}/{:03}.json", log_shard(n), n % 1000)
}

/// The folder that entry `n` stands in.
pub(super) fn log_shard(n: u64) -> String {
    format!("{LOG}/{:08}", n / 1000)
}

/// The number of the entry that stands at a key; none for what is no entry.
pub fn entry_number(key: &str) -> Option<u64> {
    let (thousands, rest) = key.strip_prefix("log/")?.strip_suffix(".json")?.split_once('/')?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if thousands.len() < 8 || rest.len() != 3 || !digits(thousands) || !digits(rest) {
        return None;
    }
    thousands.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(rest.parse::<u64>().ok()?)
}

pub(super) fn checkpoint(n: u64) -> String {
    format!("{CHECKPOINTS}/{:012}.jsonl.zst", CHECKPOINT_ORIGIN.saturating_sub(n))
}

pub(super) fn claims(zoom_user_id: &str) -> String {
    format!("claims/zoom/{}", data_encoding::HEXLOWER.encode(&Sha256::digest(zoom_user_id)))
}

pub(super) fn claim(zoom_user_id: &str, version: u64) -> String {
    format!("{}/{version:06}.json", claims(zoom_user_id))
}

/// The folder of a recording's lease.
pub(super) fn leases(id: &RecordingId) -> String {
    format!("{LEASES}/{id}")
}

pub(super) fn lease(id: &RecordingId, generation: u64) -> String {
    format!("{}/{generation:06}.json", leases(id))
}

/// The recording whose lease a key belongs to; none for what is no lease.
pub(super) fn leased(key: &str) -> Option<RecordingId> {
    lease_generation(key)?;
    key.split('/').nth(1)?.parse().ok()
}

/// The generation of the lease that stands at a key; none for what is no lease.
pub(super) fn lease_generation(key: &str) -> Option<u64> {
    let (_, name) = key.strip_prefix(LEASES)?.strip_prefix('/')?.split_once('/')?;
    let digits = name.strip_suffix(".json")?;
    // Six, and more only where six do not suffice: each generation has one name.
    let is_number = digits.bytes().all(|b| b.is_ascii_digit());
    let is_ours = digits.len() == 6 || ((7..=12).contains(&digits.len()) && !digits.starts_with('0'));
    if is_number && is_ours { digits.parse().ok() } else { None }
}

/// A name for a new attempt at publishing: 16 random characters, never used before.
pub fn new_attempt() -> String {
    short_digest(&rand::random::<[u8; 16]>(), 16)
}

/// The name of a file within its attempt: `video-0.mp4`, and `video-0-1.mp4` for the second picture of the
/// same segment. `extension` is kept when it is sound, and `bin` otherwise.
pub fn file_name(kind: FileKind, segment: u32, picture: u32, extension: &str) -> String {
    let kind = match kind {
        FileKind::Video => "video",
        FileKind::Audio => "audio",
        FileKind::Transcript => "transcript",
        FileKind::Captions => "captions",
        FileKind::Chat => "chat",
        FileKind::Timeline => "timeline",
        FileKind::Summary => "summary",
        FileKind::Other => "other",
    };
    let extension = if is_extension(extension) { extension } else { "bin" };
    match picture {
        0 => format!("{kind}-{segment}.{extension}"),
        more => format!("{kind}-{segment}-{more}.{extension}"),
    }
}

fn is_extension(text: &str) -> bool {
    (1..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// Whether `text` may be a key, or a part of one: it names something below its folder, and nothing else.
pub(super) fn is_sound(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['.', '-'])
            && !part.ends_with('.')
            && part.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
    };
    text.len() <= MAX_LENGTH && text.split('/').all(part)
}

fn short_digest(bytes: &[u8], length: usize) -> String {
    let mut text = BASE32_NOPAD.encode(&Sha256::digest(bytes)).to_ascii_lowercase();
    text.truncate(length);
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_from_outside_can_leave_its_folder() {
        for bad in
            ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "A", "a b", "a\\b", "c:x", "a#1", ".git", "é"]
        {
            assert!(!is_sound(bad), "{bad:?}");
        }
        assert!(is_sound("k3x9/video-0.mp4"));
    }

    #[test]
    fn our_own_keys_are_sound_and_short() {
        let id = RecordingId::of_zoom_meeting("x");
        let file = file_name(FileKind::Transcript, 123, 4, "vtt");
        let keys = [
            TEAMSPACE.to_owned(),
            manifest(&id),
            addendum(&id, "../../Evil File"),
            log_entry(123_456_789),
            checkpoint(123_000),
            claim("user/../id", 999_999),
            lease(&id, 1_000_000),
            format!("{}/{}/{file}", recording(&id), new_attempt()),
        ];
        for key in keys {
            assert!(is_sound(&key), "{key}");
        }
        assert_eq!(log_entry(1_234_567), "log/00001234/567.json");
        assert_eq!(entry_number(&log_entry(1_234_567)), Some(1_234_567));
        for other in ["log/0/1.json", "log/00000001/1.json", "log/00000001/a01.json", "log/x", "log/00000001"]
        {
            assert_eq!(entry_number(other), None, "{other}");
        }
        for generation in [0, 7, 1_234_567] {
            assert_eq!(lease_generation(&lease(&id, generation)), Some(generation));
            assert_eq!(leased(&lease(&id, generation)), Some(id.clone()));
        }
        for other in [
            "leases/x",
            "leases/x/1.json",
            "leases/x/0000001.json",
            "leases/x/000001.txt",
            "log/x/000001.json",
        ] {
            assert_eq!(lease_generation(other), None, "{other}");
        }
        assert_eq!(checkpoint(12_000), "checkpoints/999999988000.jsonl.zst");
        assert_eq!(file_name(FileKind::Video, 0, 0, "../sh"), "video-0.bin");
    }

    proptest! {
        #[test]
        fn what_is_sound_stays_in_its_folder(text in "[a-zA-Z0-9./ :\\\\\\-é]{0,20}") {
            if is_sound(&text) {
                let path = std::path::Path::new(&text);
                let inside = |part| matches!(part, std::path::Component::Normal(_));
                prop_assert!(path.components().all(inside), "{text:?}");
                prop_assert!(!text.contains(['\\', ':']) && text == text.to_lowercase(), "{text:?}");
            }
        }

        #[test]
        fn every_key_is_sound_whatever_zoom_calls_things(text in ".*", n: u64, segment: u32, picture: u32) {
            let id = RecordingId::of_zoom_meeting(&text);
            let file = file_name(FileKind::Transcript, segment, picture, &text);
            let file = format!("{}/{}/{file}", recording(&id), new_attempt());
            for key in [manifest(&id), addendum(&id, &text), claim(&text, n % 1_000_000), log_entry(n), file] {
                prop_assert!(is_sound(&key), "{key}");
            }
        }

        #[test]
        fn what_differs_has_another_key(
            a in (0..12_u32, 0..12_u32), b in (0..12_u32, 0..12_u32),
            x in ".{0,8}", y in ".{0,8}",
            n in 0..3_000_u64, m in 0..3_000_u64,
        ) {
            let name = |(segment, picture)| file_name(FileKind::Video, segment, picture, "mp4");
            prop_assert_eq!(name(a) == name(b), a == b);
            let (id, other) = (RecordingId::of_zoom_meeting(&x), RecordingId::of_zoom_meeting(&y));
            prop_assert_eq!(manifest(&id) == manifest(&other), x == y);
            prop_assert_eq!(addendum(&id, &x) == addendum(&id, &y), x == y);
            prop_assert_eq!(claims(&x) == claims(&y), x == y);
            prop_assert_eq!(log_entry(n) == log_entry(m), n == m);
            prop_assert_eq!(log_entry(n).cmp(&log_entry(m)), n.cmp(&m), "the log sorts by its names");
        }
    }
}
