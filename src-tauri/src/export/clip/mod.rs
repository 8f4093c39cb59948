//! Cutting a stretch out of media files, with the ffmpeg that is installed here.
//!
//! # Why everything is encoded again
//!
//! Copying the streams is faster, and begins where the last whole picture before the cut stands: with Zoom's videos up to
//! ten seconds too early, or with pictures that are broken until the next whole one. Somebody who marked a sentence wants
//! that sentence. So a clip is encoded anew, as H.264 and AAC in MP4, which every program plays: by libx264 where ffmpeg
//! has it, else by what the system brings, else as MPEG-4.
//!
//! # What is not left to ffmpeg
//!
//! Files come from others, and ffmpeg opens what a file tells it to: a playlist that is called `.mp4` could make it read
//! other files or ask other machines. So it is told what kind of file it reads, and may use no other way than the one that
//! leads to it. No shell is involved, and nothing is read from standard input.

mod error;
mod program;
mod source;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use tokio_util::sync::CancellationToken;

use program::{PATIENCE, answer, run};
use source::{Probed, read_from};

pub use error::Error;
pub use source::{Content, Source};

/// How a picture is encoded, the best first: the encoder, and what it is told.
const PICTURE: [(&str, &[&str]); 5] = [
    ("libx264", &["-preset", "veryfast", "-crf", "20"]),
    ("h264_videotoolbox", &["-b:v", "6M"]),
    ("h264_mf", &["-b:v", "6M"]),
    ("libopenh264", &["-b:v", "6M"]),
    ("mpeg4", &["-q:v", "3"]),
];

/// The programs that cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    ffmpeg: PathBuf,
    ffprobe: PathBuf,
}

/// A stretch of a file, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The file.
    pub source: Source,
    /// Where the stretch begins.
    pub from: u64,
    /// How long it is.
    pub length: u64,
    /// What is in the file.
    pub content: Content,
}

impl Tool {
    /// The programs in the folders of a `PATH`; none where one of them is missing.
    pub fn find(path: Option<&OsStr>) -> Option<Self> {
        let mut folders: Vec<PathBuf> =
            path.map(|path| std::env::split_paths(path).collect()).unwrap_or_default();
        // A window that was not started by a shell does not have Homebrew's folders on its path.
        if cfg!(target_os = "macos") {
            folders.extend(["/opt/homebrew/bin", "/usr/local/bin"].map(PathBuf::from));
        }
        let program = |name: &str| {
            let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
            folders
                .iter()
                .filter(|folder| folder.is_absolute())
                .map(|folder| folder.join(&name))
                .find(|at| at.is_file())
        };
        Some(Self { ffmpeg: program("ffmpeg")?, ffprobe: program("ffprobe")? })
    }

    /// Where the program that cuts is.
    pub fn path(&self) -> &Path {
        &self.ffmpeg
    }

    /// Looks into a file. Blocks.
    pub fn look_into(&self, source: &Source, stop: &CancellationToken) -> Result<Content, Error> {
        let mut command = Command::new(&self.ffprobe);
        command.args(["-v", "error", "-of", "json"]);
        command.args([
            "-show_entries",
            "format=duration:stream=codec_type,width,height:stream_disposition=attached_pic",
        ]);
        read_from(&mut command, source);
        let said = answer(command, stop)?;
        let probed: Probed = serde_json::from_str(&said).map_err(|error| Error::Failed(error.to_string()))?;
        probed.content().ok_or_else(|| Error::Failed("the file has no length".to_owned()))
    }

    /// Writes the pieces, one after the other, into a new file; what stands there is replaced. Tells now and then how
    /// many milliseconds are cut. Blocks until it is done, and kills the program when it is stopped.
    pub fn cut(
        &self,
        pieces: &[Piece],
        target: &Path,
        tell: &mut dyn FnMut(u64),
        stop: &CancellationToken,
    ) -> Result<(), Error> {
        let first = pieces.first().ok_or(Error::Beyond)?;
        let (picture, sound) = (first.content.picture, first.content.sound);
        let unlike = |piece: &Piece| {
            piece.content.picture.is_some() != picture.is_some() || piece.content.sound != sound
        };
        if pieces.iter().any(unlike) || (picture.is_none() && !sound) {
            return Err(Error::Unlike);
        }
        let encoders = self.encoders(stop)?;
        let has = |name: &str| encoders.iter().any(|known| known == name);
        let mut command = Command::new(&self.ffmpeg);
        command.args(["-nostdin", "-hide_banner", "-loglevel", "error", "-y"]);
        for piece in pieces {
            command.arg("-ss").arg(seconds(piece.from)).arg("-t").arg(seconds(piece.length));
            read_from(&mut command, &piece.source);
        }
        command.args(["-filter_complex", &joined(pieces.len(), picture, sound)]);
        if picture.is_some() {
            let (encoder, told) =
                PICTURE.iter().find(|(name, _)| has(name)).ok_or(Error::NoEncoder("pictures"))?;
            command.args(["-map", "[v]", "-c:v", encoder]).args(*told).args(["-pix_fmt", "yuv420p"]);
        }
        if sound {
            if !has("aac") {
                return Err(Error::NoEncoder("sound"));
            }
            command.args(["-map", "[a]", "-c:a", "aac", "-b:a", "160k"]);
        }
        // What others wrote into the file, and chapters, are not of the clip.
        command.args(["-map_metadata", "-1", "-map_chapters", "-1", "-movflags", "+faststart"]);
        command.args(["-f", if picture.is_some() { "mp4" } else { "ipod" }]);
        command.args(["-progress", "pipe:1", "-stats_period", "0.25"]).arg(target);
        run(command, PATIENCE, stop, &mut |line| {
            let cut = line.strip_prefix("out_time_us=").and_then(|time| time.trim().parse::<u64>().ok());
            cut.inspect(|cut| tell(cut / 1_000))
        })
    }

    /// Names of what this ffmpeg encodes.
    fn encoders(&self, stop: &CancellationToken) -> Result<Vec<String>, Error> {
        let mut command = Command::new(&self.ffmpeg);
        command.args(["-nostdin", "-hide_banner", "-loglevel", "error", "-encoders"]);
        let said = answer(command, stop)?;
        // ` V....D libx264              libx264 H.264 / AVC`
        Ok(said.lines().filter_map(|line| line.split_whitespace().nth(1)).map(str::to_owned).collect())
    }
}

/// What a clip's name ends with.
pub fn clip_extension(content: Content) -> &'static str {
    if content.picture.is_some() { "mp4" } else { "m4a" }
}

/// How the pieces become one picture and one sound. All pictures get the size of the first, in even numbers, which H.264
/// wants.
fn joined(pieces: usize, picture: Option<(u32, u32)>, sound: bool) -> String {
    let (mut filters, mut inputs) = (Vec::new(), String::new());
    for piece in 0..pieces {
        if let Some((width, height)) = picture {
            let (width, height) = ((width & !1).max(2), (height & !1).max(2));
            filters.push(format!(
                "[{piece}:v:0]setpts=PTS-STARTPTS,scale={width}:{height}:force_original_aspect_ratio=decrease,\
                 pad={width}:{height}:(ow-iw)/2:(oh-ih)/2,setsar=1[v{piece}]"
            ));
            inputs.push_str(&format!("[v{piece}]"));
        }
        if sound {
            filters.push(format!(
                "[{piece}:a:0]asetpts=PTS-STARTPTS,aformat=sample_rates=48000:channel_layouts=stereo[a{piece}]"
            ));
            inputs.push_str(&format!("[a{piece}]"));
        }
    }
    let outputs = format!("{}{}", if picture.is_some() { "[v]" } else { "" }, if sound { "[a]" } else { "" });
    filters.push(format!(
        "{inputs}concat=n={pieces}:v={}:a={}{outputs}",
        u8::from(picture.is_some()),
        u8::from(sound)
    ));
    filters.join(";")
}

/// `83.250`: seconds of milliseconds.
fn seconds(millis: u64) -> String {
    format!("{}.{:03}", millis / 1_000, millis % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_are_joined_in_one_size_with_even_numbers() {
        assert_eq!(
            joined(1, None, true),
            "[0:a:0]asetpts=PTS-STARTPTS,aformat=sample_rates=48000:channel_layouts=stereo[a0];[a0]concat=n=1:v=0:a=1[a]"
        );
        let both = joined(2, Some((641, 361)), true);
        assert!(both.contains("[1:v:0]setpts=PTS-STARTPTS,scale=640:360:"), "{both}");
        assert!(both.ends_with("[v0][a0][v1][a1]concat=n=2:v=1:a=1[v][a]"), "{both}");
        assert_eq!(seconds(83_250), "83.250");
    }

    #[test]
    fn programs_are_found_on_the_path_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().as_os_str();
        assert_eq!(Tool::find(None), None);
        assert_eq!(Tool::find(Some(OsStr::new("."))), None, "no folder that moves with us");
        let name = |name: &str| folder.path().join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        std::fs::write(name("ffmpeg"), "").unwrap();
        assert_eq!(Tool::find(Some(path)), None, "ffprobe belongs to it");
        std::fs::write(name("ffprobe"), "").unwrap();
        assert_eq!(Tool::find(Some(path)).unwrap().path(), name("ffmpeg"));
    }
}
