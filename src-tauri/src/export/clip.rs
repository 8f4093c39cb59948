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

use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio_util::sync::CancellationToken;

/// So long may ffmpeg write nothing: from a bucket, the begin of what is wanted has to come first.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often is looked whether somebody stopped it.
const LOOK: Duration = Duration::from_millis(50);
/// Bytes of ffmpeg's complaints that are kept, from the end.
const COMPLAINTS: usize = 2_000;
/// Bytes of an answer of ffprobe, or of the list of encoders, that are read.
const LONGEST_ANSWER: usize = 1 << 20;

/// How a picture is encoded, the best first: the encoder, and what it is told.
const PICTURE: [(&str, &[&str]); 5] = [
    ("libx264", &["-preset", "veryfast", "-crf", "20"]),
    ("h264_videotoolbox", &["-b:v", "6M"]),
    ("h264_mf", &["-b:v", "6M"]),
    ("libopenh264", &["-b:v", "6M"]),
    ("mpeg4", &["-q:v", "3"]),
];

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

/// The programs that cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    ffmpeg: PathBuf,
    ffprobe: PathBuf,
}

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

/// Adds a source as the next input: of which kind it is, and which ways may lead to it.
fn read_from(command: &mut Command, source: &Source) {
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
struct Probed {
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
    fn content(&self) -> Option<Content> {
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

/// Ends with what it was made for: a program that nobody waits for any more is killed.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have ended just now.
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

/// Runs a program and gives what it wrote.
fn answer(command: Command, stop: &CancellationToken) -> Result<String, Error> {
    let mut said = String::new();
    run(command, PATIENCE, stop, &mut |line| {
        if said.len() < LONGEST_ANSWER {
            said.push_str(line);
            said.push('\n');
        }
        Some(said.len() as u64)
    })?;
    Ok(said)
}

/// Runs a program to its end. `hear` gets each line that it writes and says how far it is by that: as long as this number
/// grows, it is waited for.
fn run(
    mut command: Command,
    patience: Duration,
    stop: &CancellationToken,
    hear: &mut dyn FnMut(&str) -> Option<u64>,
) -> Result<(), Error> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Our own server is asked directly.
    command.env_remove("http_proxy").env_remove("HTTP_PROXY").env_remove("all_proxy").env_remove("ALL_PROXY");
    without_console(&mut command);
    let mut child = Killed(command.spawn().map_err(Error::Start)?);
    let (say, said) = mpsc::channel();
    if let Some(output) = child.0.stdout.take() {
        thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                if say.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    break;
                }
            }
        });
    }
    let complaints = child.0.stderr.take().map(|errors| thread::spawn(move || last_of(errors)));
    let (mut far, mut moved) = (None, Instant::now());
    let mut heard_all = false;
    let status = loop {
        match said.recv_timeout(LOOK) {
            Ok(line) => {
                let now = hear(&line);
                if now.is_some() && now != far {
                    (far, moved) = (now, Instant::now());
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                heard_all = true;
                thread::sleep(LOOK);
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        if stop.is_cancelled() {
            return Err(Error::Stopped);
        }
        if moved.elapsed() > patience {
            return Err(Error::Silent);
        }
        // Only when all is heard: it may have ended with lines on their way.
        if heard_all && let Some(status) = child.0.try_wait().map_err(Error::Start)? {
            break status;
        }
    };
    if status.success() {
        return Ok(());
    }
    let said = complaints.and_then(|reading| reading.join().ok()).unwrap_or_default();
    Err(Error::Failed(if said.is_empty() { status.to_string() } else { said }))
}

/// The last bytes of what a program complains about; all of it is read, so that it never waits for us.
fn last_of(mut errors: impl Read) -> String {
    let (mut kept, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(read) = errors.read(&mut piece) {
        if read == 0 {
            break;
        }
        kept.extend(piece.iter().take(read));
        let too_many = kept.len().saturating_sub(COMPLAINTS);
        kept.drain(..too_many);
    }
    String::from_utf8_lossy(&kept).trim().to_owned()
}

#[cfg(windows)]
fn without_console(command: &mut Command) {
    use std::os::windows::process::CommandExt as _;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NO_WINDOW);
}

#[cfg(not(windows))]
fn without_console(_: &mut Command) {}

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

    #[cfg(unix)]
    mod run {
        use super::*;

        fn sh(script: &str) -> Command {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            command
        }

        fn never() -> CancellationToken {
            CancellationToken::new()
        }

        #[test]
        fn what_a_program_says_is_heard_to_its_end_and_what_it_complains_about_is_told() {
            let mut heard = Vec::new();
            run(sh("echo out_time_us=5; echo; echo progress=end"), PATIENCE, &never(), &mut |line| {
                heard.push(line.to_owned());
                None
            })
            .unwrap();
            assert_eq!(heard, ["out_time_us=5", "", "progress=end"]);
            let failed = run(sh("echo no such codec >&2; exit 8"), PATIENCE, &never(), &mut |_| None);
            assert_eq!(failed.unwrap_err().to_string(), "no such codec");
            assert!(matches!(
                run(Command::new("/no such program"), PATIENCE, &never(), &mut |_| None),
                Err(Error::Start(_))
            ));
        }

        #[test]
        fn one_that_says_nothing_new_is_ended() {
            let repeating = "while :; do echo out_time_us=5; sleep 0.01; done";
            let result = run(sh(repeating), Duration::from_millis(200), &never(), &mut |_| Some(5));
            assert!(matches!(result, Err(Error::Silent)));
        }

        #[test]
        fn one_that_is_stopped_is_killed() {
            let folder = tempfile::tempdir().unwrap();
            let number = folder.path().join("pid");
            let stop = never();
            let script = format!("echo $$ > '{}'; echo begun; exec sleep 600", number.display());
            let result = run(sh(&script), PATIENCE, &stop, &mut |_| {
                stop.cancel();
                None
            });
            assert!(matches!(result, Err(Error::Stopped)));
            let number = std::fs::read_to_string(number).unwrap();
            let there = Path::new("/proc").join(number.trim());
            assert!(!there.exists(), "process {} goes on", number.trim());
        }
    }
}
