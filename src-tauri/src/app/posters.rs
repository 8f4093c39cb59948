//! Posters of recordings that arrive while nobody looks, so that their notification has a picture.
//!
//! The window makes posters of what it shows, with the decoder that it has. Without a window the desktop's own program
//! for pictures of videos is asked, where one is installed. Where none is, or the video is in a bucket, the notification
//! has no picture, and the poster is made when the window shows the recording next.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use super::App;
use crate::events::Event;
use crate::recording::{FileKind, RecordingId};

/// Widest and highest poster in pixels.
const LARGEST: u32 = 640;
/// JPEG quality, of 100.
const QUALITY: u8 = 80;
/// Bytes that a picture takes at most while it is read.
const MOST_MEMORY: u64 = 256 << 20;

impl App {
    /// Where a recording's poster stands; it is made now where there is none and the desktop can make one.
    pub(super) async fn poster_of(&self, teamspace: &str, id: &RecordingId) -> Option<PathBuf> {
        let poster = self.0.cache.poster(teamspace, id);
        if poster.is_file() {
            return Some(poster);
        }
        let recording = self.0.catalog.recording(teamspace, id).ok()??;
        let video = recording.files.iter().find(|file| file.kind == FileKind::Video)?;
        let video = self.path_of(teamspace, id, &video.key).await.ok()?;
        let (cache, desktop) = (self.0.cache.clone(), self.0.desktop.clone());
        let (place, recording) = (teamspace.to_owned(), id.clone());
        let made = tokio::task::spawn_blocking(move || {
            // Thumbnailers go by the name's ending.
            let picture = cache.poster(&place, &recording).with_extension("png");
            std::fs::create_dir_all(picture.parent()?).ok()?;
            let jpeg = desktop.picture_of(&video, &picture, LARGEST).then(|| as_jpeg(&picture)).flatten();
            // Nobody needs it any more; what cannot be removed is made over the next time.
            let _ = std::fs::remove_file(&picture);
            cache.save_poster(&place, &recording, &jpeg?).ok()
        });
        let poster = made.await.ok()??;
        let (teamspace, recording_id) = (teamspace.to_owned(), Some(id.clone()));
        self.0.events.emit(Event::RecordingsChanged { teamspace, recording_id });
        Some(poster)
    }
}

/// A picture, of whatever kind, as a small JPEG; none when it is none.
fn as_jpeg(picture: &Path) -> Option<Vec<u8>> {
    let mut reader = image::ImageReader::open(picture).ok()?.with_guessed_format().ok()?;
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let decoded = reader.decode().ok()?;
    let small = match decoded.width().max(decoded.height()) > LARGEST {
        true => decoded.thumbnail(LARGEST, LARGEST),
        false => decoded,
    };
    let mut jpeg = Cursor::new(Vec::new());
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
    small.to_rgb8().write_with_encoder(encoder).ok()?;
    Some(jpeg.into_inner())
}
