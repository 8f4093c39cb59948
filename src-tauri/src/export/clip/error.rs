//! What can go wrong with cutting.

use super::program::PATIENCE;

/// What went wrong with cutting a clip.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The program could not be started.
    #[error("ffmpeg cannot be started")]
    Start(#[source] std::io::Error),
    /// It ended with an error.
    #[error("{0}")]
    Failed(String),
    /// It wrote nothing for too long, and was ended.
    #[error("ffmpeg did nothing for {} seconds", PATIENCE.as_secs())]
    Silent,
    /// Somebody stopped it.
    #[error("stopped")]
    Stopped,
    /// This ffmpeg encodes nothing that we know.
    #[error("this ffmpeg has no encoder for {0}")]
    NoEncoder(&'static str),
    /// There is nothing at that place of the recording.
    #[error("the recording is shorter than that")]
    Beyond,
    /// One part has a picture or a sound, another has none.
    #[error("the parts do not fit together")]
    Unlike,
}
