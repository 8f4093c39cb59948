//! A picture of a video by the program that the desktop has for it, as its file manager has one made.
//!
//! Totem's, ffmpegthumbnailer and others say in `thumbnailers/*.thumbnailer`, below the data directories of the desktop,
//! for which kinds of files they are and how they are called: `%i` is the file's path, `%u` its address, `%o` the picture
//! to be written, `%s` its size in pixels.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use url::Url;

use crate::settings::data_folders;

/// The kind of Zoom's videos.
const KIND: &str = "video/mp4";
/// How long a program may take: a notification waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Lets the first thumbnailer that can make a picture of a video; false where none does.
pub fn picture_of(video: &Path, picture: &Path, size: u32) -> bool {
    let folders: Vec<PathBuf> = data_folders().iter().map(|folder| folder.join("thumbnailers")).collect();
    let mut calls = entries(&folders).into_iter().filter_map(|entry| call(&entry, video, picture, size));
    calls.any(|call| ran(&call) && picture.is_file())
}

/// What stands in the files of these folders, in the order of their names.
fn entries(folders: &[PathBuf]) -> Vec<String> {
    let mut entries = Vec::new();
    for folder in folders {
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path());
        let mut files: Vec<PathBuf> =
            files.filter(|file| file.extension().is_some_and(|end| end == "thumbnailer")).collect();
        files.sort();
        entries.extend(files.iter().filter_map(|file| std::fs::read_to_string(file).ok()));
    }
    entries
}

/// How an entry's program is called for a video; none when it is not for videos.
fn call(entry: &str, video: &Path, picture: &Path, size: u32) -> Option<Vec<String>> {
    let value = |key: &str| {
        let found =
            entry.lines().find_map(|line| line.trim().strip_prefix(key)?.trim_start().strip_prefix('='));
        found.map(str::trim)
    };
    if !value("MimeType")?.split(';').any(|kind| kind.trim() == KIND) {
        return None;
    }
    let (video, address) = (video.to_str()?, Url::from_file_path(video).ok()?);
    let (picture, size) = (picture.to_str()?, size.to_string());
    let filled = |word: &str| {
        let mut text = String::new();
        let mut letters = word.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '%' => text.push_str(match letters.next()? {
                    'i' => video,
                    'u' => address.as_str(),
                    'o' => picture,
                    's' => &size,
                    '%' => "%",
                    _ => return None,
                }),
                letter => text.push(letter),
            }
        }
        Some(text)
    };
    // Quotes around a word are all that entries have of the rules for them.
    value("Exec")?.split_whitespace().map(|word| filled(word.trim_matches('"'))).collect()
}

/// Runs a program to its end, or until it takes too long.
fn ran(call: &[String]) -> bool {
    let Some((program, arguments)) = call.split_first() else { return false };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else { return false };
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if begun.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(20)),
            _ => {
                tracing::info!(program, "a picture of a video took too long");
                // It may have ended just now.
                let _ = child.kill().and_then(|()| child.wait());
                return false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(entry: &str) -> Option<Vec<String>> {
        call(entry, Path::new("/a b/talk.mp4"), Path::new("/tmp/p.png"), 640)
    }

    #[test]
    fn the_entries_of_known_thumbnailers_are_understood() {
        let totem = "[Thumbnailer Entry]\nTryExec=/usr/bin/totem-video-thumbnailer\n\
                     Exec=/usr/bin/totem-video-thumbnailer -s %s %u %o\nMimeType=video/ogg;video/mp4;\n";
        let called =
            ["/usr/bin/totem-video-thumbnailer", "-s", "640", "file:///a%20b/talk.mp4", "/tmp/p.png"];
        assert_eq!(of(totem).unwrap(), called);
        let ffmpeg = "[Thumbnailer Entry]\nTryExec=ffmpegthumbnailer\n\
                      Exec=ffmpegthumbnailer -i %i -o %o -s %s -f\nMimeType=video/mp4;video/x-matroska;\n";
        let called = ["ffmpegthumbnailer", "-i", "/a b/talk.mp4", "-o", "/tmp/p.png", "-s", "640", "-f"];
        assert_eq!(of(ffmpeg).unwrap(), called);
    }

    #[test]
    fn what_is_not_for_videos_or_makes_no_sense_is_left_alone() {
        assert_eq!(of("Exec=pdf %i %o\nMimeType=application/pdf;\n"), None);
        assert_eq!(of("Exec=x %z\nMimeType=video/mp4;\n"), None);
        assert_eq!(of("MimeType=video/mp4;\n"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn a_program_that_is_missing_or_fails_makes_no_picture() {
        let call = |words: &[&str]| ran(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert!(call(&["true"]));
        assert!(!call(&["false"]) && !call(&["no such program"]) && !call(&[]));
    }
}
