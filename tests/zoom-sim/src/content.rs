//! What a file holds: samples, text, or as many bytes as a test wants without holding them in memory.

use std::ops::Range;
use std::sync::OnceLock;

use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clips;

/// The bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// A file under `samples/`, by name.
    Sample(String),
    /// A sample clip followed by a `free` box, so that the whole is a playable MP4 of exactly `size` bytes.
    /// The bytes follow from `seed`; they are made while they are sent.
    Padded {
        /// A sample, by name.
        sample: String,
        /// The size of the whole, in bytes; at least 16 more than the sample's.
        size: u64,
        /// Different seeds, different bytes.
        seed: u64,
    },
    /// A text in UTF-8.
    Text(String),
    /// Exactly these bytes.
    Bytes(Vec<u8>),
    /// Nothing.
    Empty,
}

impl Content {
    /// A playable MP4 of exactly `size` bytes (at least 400 KB more or less: the smallest clip and a box header).
    pub fn video_of_size(size: u64, seed: u64) -> Self {
        Self::Padded { sample: "onboarding.mp4".to_owned(), size, seed }
    }

    /// The number of bytes.
    pub fn len(&self) -> u64 {
        self.pieces().iter().map(Piece::len).sum()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The SHA-256 of all bytes in lower-case hex, for comparing with what a client stored.
    pub fn sha256(&self) -> String {
        let mut digest = Sha256::new();
        let mut at = 0;
        while let Some(chunk) = self.chunk(at..u64::MAX) {
            at += chunk.len() as u64;
            digest.update(&chunk);
        }
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The first bytes of a range, at most one chunk; none at its end.
    pub(crate) fn chunk(&self, range: Range<u64>) -> Option<Bytes> {
        let mut start = 0;
        for piece in self.pieces() {
            let end = start + piece.len();
            if range.start < end && range.start < range.end {
                return Some(piece.chunk(range.start - start..range.end.min(end) - start));
            }
            start = end;
        }
        None
    }

    /// How long the clip plays, in seconds, when it is one.
    pub fn seconds(&self) -> Option<u32> {
        match self {
            Self::Sample(name) | Self::Padded { sample: name, .. } => clips::seconds(name),
            _ => None,
        }
    }

    fn pieces(&self) -> Vec<Piece> {
        match self {
            Self::Sample(name) => vec![Piece::Held(clips::bytes(name))],
            Self::Padded { sample, size, seed } => {
                let clip = clips::bytes(sample);
                let rest = size.saturating_sub(clip.len() as u64).max(16);
                let mut header = BytesMut::from(&[0, 0, 0, 1, b'f', b'r', b'e', b'e'][..]);
                header.extend_from_slice(&rest.to_be_bytes());
                vec![
                    Piece::Held(clip),
                    Piece::Held(header.freeze()),
                    Piece::Noise { seed: *seed, len: rest - 16 },
                ]
            }
            Self::Text(text) => vec![Piece::Held(Bytes::from(text.clone()))],
            Self::Bytes(bytes) => vec![Piece::Held(Bytes::from(bytes.clone()))],
            Self::Empty => vec![],
        }
    }
}

enum Piece {
    Held(Bytes),
    Noise { seed: u64, len: u64 },
}

impl Piece {
    fn len(&self) -> u64 {
        match self {
            Self::Held(bytes) => bytes.len() as u64,
            Self::Noise { len, .. } => *len,
        }
    }

    /// The start of a range that lies inside this piece.
    fn chunk(&self, range: Range<u64>) -> Bytes {
        match self {
            Self::Held(bytes) => {
                let start = range.start as usize;
                bytes.slice(start..(range.end as usize).min(start + BLOCK))
            }
            Self::Noise { seed, .. } => {
                let inside = (range.start % BLOCK as u64) as usize;
                let wanted = (range.end - range.start).min((BLOCK - inside) as u64) as usize;
                let from = pool_offset(*seed, range.start / BLOCK as u64) + inside;
                pool().slice(from..from + wanted)
            }
        }
    }
}

/// Chunks are slices of one shared pool, so that sending gigabytes copies nothing.
const BLOCK: usize = 128 * 1024;
const POOL: usize = 2 * 1024 * 1024;

/// Where in the pool a block of noise lies: different for neighbours, so that misplaced blocks change the digest.
fn pool_offset(seed: u64, block: u64) -> usize {
    let mixed = splitmix(seed ^ block.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    (mixed % (POOL - BLOCK) as u64) as usize
}

fn splitmix(mut value: u64) -> u64 {
    value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

fn pool() -> &'static Bytes {
    static POOL_BYTES: OnceLock<Bytes> = OnceLock::new();
    POOL_BYTES.get_or_init(|| (0..POOL as u64 / 8).flat_map(|word| splitmix(word).to_le_bytes()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(content: &Content, range: Range<u64>) -> Vec<u8> {
        let mut out = Vec::new();
        while let Some(chunk) = content.chunk(range.start + out.len() as u64..range.end) {
            out.extend_from_slice(&chunk);
        }
        out
    }

    #[test]
    fn a_padded_clip_has_its_size_and_any_range_agrees_with_the_whole() {
        let content = Content::video_of_size(3_000_001, 7);
        let whole = all(&content, 0..content.len());
        assert_eq!(whole.len(), 3_000_001);
        for (start, end) in [(0, 10), (295_000, 296_000), (1_000_000, 1_500_001), (2_999_999, 3_000_001)] {
            assert_eq!(all(&content, start..end), whole[start as usize..end as usize]);
        }
        assert_ne!(content.sha256(), Content::video_of_size(3_000_001, 8).sha256());
    }
}
