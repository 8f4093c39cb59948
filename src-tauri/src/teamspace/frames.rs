//! Lines in compressed frames: the form of a checkpoint.
//!
//! Each frame is whole by itself, so reading goes on at the frame where it was stopped, and neither side holds more
//! than one frame. What is read is the outside: a frame that would unpack to more than any of ours is refused before
//! it is held.

use bytes::{Buf, Bytes};
use object_store::ObjectStoreExt;
use object_store::path::Path;
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

use super::store::Store;
use super::{Error, key};

/// A frame is closed when it holds so many bytes of lines.
const FRAME: usize = 2 << 20;
/// Bytes of lines that a frame may unpack to: a full one and one more line, the longest that an entry can hold.
const MAX_FRAME: usize = 32 << 20;
/// Base-2 logarithm of the window that a frame may ask for: it fits the largest frame.
const WINDOW: u32 = 25;
/// How hard it is compressed: zstd's own default.
const LEVEL: i32 = 3;
/// Bytes that are asked for at a time.
const PIECE: u64 = 4 << 20;

/// Compresses lines.
#[derive(Debug, Default)]
pub(super) struct FrameWriter {
    done: Vec<u8>,
    open: Vec<u8>,
    lines: u64,
}

impl FrameWriter {
    /// Adds a line; it must hold no line feed, as JSON on one line does.
    pub(super) fn push(&mut self, line: &[u8]) -> Result<(), Error> {
        self.open.extend_from_slice(line);
        self.open.push(b'\n');
        self.lines += 1;
        if self.open.len() >= FRAME { self.close() } else { Ok(()) }
    }

    /// Lines so far.
    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    /// Bytes so far, compressed.
    pub(super) fn size(&self) -> usize {
        self.done.len()
    }

    /// The frames.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, Error> {
        self.close()?;
        Ok(self.done)
    }

    fn close(&mut self) -> Result<(), Error> {
        if self.open.is_empty() {
            return Ok(());
        }
        let frame = zstd::bulk::compress(&self.open, LEVEL)
            .map_err(|source| Error::Io { attempted: "compress a checkpoint".to_owned(), source })?;
        self.done.extend_from_slice(&frame);
        self.open.clear();
        Ok(())
    }
}

/// Where the bytes of frames come from.
enum Input {
    Memory,
    Object { store: Store, path: Path },
}

/// Reads frames, one at a time.
pub(super) struct FrameReader {
    what: String,
    input: Input,
    size: u64,
    /// Up to here the bytes were asked for.
    asked: u64,
    /// What was asked for and is not unpacked yet.
    bytes: Bytes,
    decoder: Decoder<'static>,
}

impl FrameReader {
    /// Reads those in memory.
    pub(super) fn of_bytes(bytes: Bytes) -> Result<Self, Error> {
        let size = bytes.len() as u64;
        Self::new("memory".to_owned(), Input::Memory, size, size, bytes)
    }

    /// Reads those of an object of this size, from a frame's beginning on.
    pub(super) fn of_object(store: &Store, key: &str, size: u64, from: u64) -> Result<Self, Error> {
        let input = Input::Object { store: store.clone(), path: Path::from(key) };
        Self::new(key.to_owned(), input, size, from.min(size), Bytes::new())
    }

    fn new(what: String, input: Input, size: u64, asked: u64, bytes: Bytes) -> Result<Self, Error> {
        let failed = |source| Error::Io { attempted: "unpack a checkpoint".to_owned(), source };
        let mut decoder = Decoder::new().map_err(failed)?;
        decoder.set_parameter(DParameter::WindowLogMax(WINDOW)).map_err(failed)?;
        Ok(Self { what, input, size, asked, bytes, decoder })
    }

    /// Where the next frame begins.
    pub(super) fn offset(&self) -> u64 {
        self.asked - self.bytes.len() as u64
    }

    /// Goes to where a frame begins.
    pub(super) fn seek(&mut self, offset: u64) {
        let ahead = offset.checked_sub(self.offset()).and_then(|ahead| usize::try_from(ahead).ok());
        match ahead {
            Some(ahead) if ahead <= self.bytes.len() => self.bytes.advance(ahead),
            _ => {
                self.bytes.clear();
                self.asked = offset.min(self.size);
            }
        }
    }

    /// The next frame, unpacked; none after the last.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let damaged =
            |what: &str, detail: &str| Error::Damaged { what: what.to_owned(), detail: detail.to_owned() };
        let begin = self.offset();
        let mut frame = Vec::new();
        let mut room = vec![0; 128 << 10];
        loop {
            if self.bytes.is_empty() {
                if self.asked >= self.size {
                    let whole = begin == self.size;
                    return if whole { Ok(None) } else { Err(damaged(&self.what, "it ends in the middle")) };
                }
                self.fetch().await?;
            }
            let mut input = InBuffer::around(&self.bytes);
            let mut output = OutBuffer::around(&mut room[..]);
            let more = self.decoder.run(&mut input, &mut output);
            let more = more.map_err(|_| damaged(&self.what, "it cannot be unpacked"))?;
            frame.extend_from_slice(output.as_slice());
            let read = input.pos();
            self.bytes.advance(read);
            if frame.len() > MAX_FRAME {
                return Err(damaged(&self.what, "it unpacks to too much"));
            }
            if more == 0 {
                return Ok(Some(frame));
            }
        }
    }

    async fn fetch(&mut self) -> Result<(), Error> {
        let Input::Object { store, path } = &self.input else { return Ok(()) };
        let end = self.size.min(self.asked + PIECE);
        let bytes = match store.objects.get_range(path, self.asked..end).await {
            Err(object_store::Error::NotFound { .. }) => {
                store.ensure_there().await?;
                return Err(Error::Missing { what: self.what.clone() });
            }
            bytes => bytes.map_err(|source| store.error("read from the teamspace", source))?,
        };
        if bytes.len() as u64 != end - self.asked {
            let detail = "it is shorter than it was".to_owned();
            return Err(Error::Damaged { what: self.what.clone(), detail });
        }
        (self.bytes, self.asked) = (bytes, end);
        Ok(())
    }
}

/// The lines of a frame.
pub(super) fn lines(frame: &[u8]) -> impl Iterator<Item = &[u8]> {
    frame.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

/// The number of the checkpoint that stands at a key.
pub(super) fn number(key: &str) -> Option<u64> {
    let digits = key.strip_prefix(key::CHECKPOINTS)?.strip_prefix('/')?.strip_suffix(".jsonl.zst")?;
    if digits.len() != 12 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    key::CHECKPOINT_ORIGIN.checked_sub(digits.parse().ok()?).filter(|n| *n > 0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use object_store::memory::InMemory;

    use super::*;

    async fn stored(bytes: Vec<u8>) -> (Store, u64) {
        let objects = Arc::new(InMemory::new());
        let size = bytes.len() as u64;
        objects.put(&Path::from("x"), bytes.into()).await.unwrap();
        (Store { objects, root: None, place: "memory".into(), parts: None, marker: key::TEAMSPACE }, size)
    }

    fn line(n: u64) -> String {
        format!("{n} {:x}", u128::from(n).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C834))
    }

    #[tokio::test]
    async fn lines_come_out_as_they_went_in_and_reading_goes_on_at_any_frame() {
        let mut writer = FrameWriter::default();
        for n in 0..150_000 {
            writer.push(line(n).as_bytes()).unwrap();
        }
        assert_eq!(writer.lines(), 150_000);
        let (store, size) = stored(writer.finish().unwrap()).await;
        let mut reader = FrameReader::of_object(&store, "x", size, 0).unwrap();
        let (mut all, mut starts) = (Vec::new(), Vec::new());
        while let Some(frame) = reader.next().await.unwrap() {
            starts.push((reader.offset(), all.len() + lines(&frame).count()));
            all.extend(lines(&frame).map(|line| String::from_utf8(line.to_owned()).unwrap()));
        }
        assert_eq!(all, (0..150_000).map(line).collect::<Vec<_>>());
        assert!(starts.len() > 2, "several frames");
        for (offset, first) in starts {
            let mut reader = FrameReader::of_object(&store, "x", size, offset).unwrap();
            let next = reader.next().await.unwrap();
            let found = next.as_deref().and_then(|frame| lines(frame).next().map(<[u8]>::to_owned));
            assert_eq!(found, all.get(first).map(|line| line.clone().into_bytes()));
        }
    }

    #[tokio::test]
    async fn what_was_cut_off_or_is_none_of_ours_is_damaged() {
        let mut writer = FrameWriter::default();
        writer.push(&[b'x'; 5_000]).unwrap();
        let whole = writer.finish().unwrap();
        for bytes in [whole[..whole.len() - 1].to_vec(), b"PK\x03\x04 something else".to_vec()] {
            let (store, size) = stored(bytes).await;
            let read = FrameReader::of_object(&store, "x", size, 0).unwrap().next().await;
            assert!(matches!(read, Err(Error::Damaged { .. })), "{read:?}");
        }
        let (store, size) = stored(whole.clone()).await;
        let read = FrameReader::of_object(&store, "x", size + 10, 0).unwrap().next().await;
        assert!(matches!(read, Err(Error::Damaged { .. } | Error::Store { .. })), "{read:?}");
    }

    #[tokio::test]
    async fn what_unpacks_to_too_much_is_refused_before_it_is_held() {
        let bomb = zstd::bulk::compress(&vec![b'x'; MAX_FRAME + 1_000_000], LEVEL).unwrap();
        assert!(bomb.len() < 100_000, "it is small as it stands there");
        let (store, size) = stored(bomb).await;
        let read = FrameReader::of_object(&store, "x", size, 0).unwrap().next().await;
        assert!(matches!(read, Err(Error::Damaged { .. })));
    }

    #[test]
    fn only_names_of_checkpoints_are_numbers() {
        assert_eq!(number(&key::checkpoint(3_000)), Some(3_000));
        for other in [
            "checkpoints/notes.txt",
            "checkpoints/999999997000.jsonl.zst.part",
            "checkpoints/99999999700.jsonl.zst",
            "checkpoints/+99999997000.jsonl.zst",
            "checkpoints/../x.jsonl.zst",
            "log/00000000/001.json",
        ] {
            assert_eq!(number(other), None, "{other}");
        }
        assert!(key::checkpoint(2_000) < key::checkpoint(1_000), "the newest lists first");
    }
}
