//! The sample files, built into the crate. `samples/make.sh` made them.

use bytes::Bytes;

macro_rules! samples {
    ($($name:literal),* $(,)?) => {
        /// Every sample: its name and its bytes.
        const ALL: &[(&str, &[u8])] = &[$(($name, include_bytes!(concat!("../samples/", $name)))),*];
    };
}

samples!(
    "checkout.mp4",
    "checkout.m4a",
    "checkout.vtt",
    "checkout.txt",
    "checkout.timeline.json",
    "checkout.summary.json",
    "sync.mp4",
    "sync.m4a",
    "sync.vtt",
    "sync.txt",
    "sync.timeline.json",
    "sync.summary.json",
    "signup.mp4",
    "signup.vtt",
    "signup.timeline.json",
    "signup.summary.json",
    "onboarding.mp4",
    "onboarding.vtt",
    "onboarding.txt",
    "onboarding.timeline.json",
    "onboarding.summary.json",
    "findings.mp4",
    "findings.vtt",
    "findings.timeline.json",
    "findings.summary.json",
    "pricing.mp4",
    "pricing.vtt",
    "pricing.timeline.json",
    "pricing.summary.json",
);

/// How long each talk takes, in seconds.
const SECONDS: &[(&str, u32)] =
    &[("checkout", 28), ("sync", 29), ("signup", 30), ("onboarding", 26), ("findings", 29), ("pricing", 27)];

/// The talks, by name: each has at least a video, a transcript, a timeline and a summary.
pub const TALKS: [&str; 6] = ["checkout", "sync", "signup", "onboarding", "findings", "pricing"];

/// Whether there is a sample with this name.
pub(crate) fn exists(name: &str) -> bool {
    ALL.iter().any(|(known, _)| *known == name)
}

/// The bytes of a sample; none for an unknown name.
pub(crate) fn bytes(name: &str) -> Bytes {
    ALL.iter()
        .find(|(known, _)| *known == name)
        .map_or_else(Bytes::new, |(_, bytes)| Bytes::from_static(bytes))
}

/// How long a clip plays.
pub(crate) fn seconds(name: &str) -> Option<u32> {
    let talk = name.split('.').next()?;
    SECONDS.iter().find(|(known, _)| *known == talk).map(|(_, seconds)| *seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(data: &[u8], name: &[u8]) -> Option<usize> {
        data.windows(4).position(|four| four == name)
    }

    #[test]
    fn clips_are_mp4_files_some_with_their_index_first_and_some_with_it_last() {
        let media = ALL.iter().filter(|(name, _)| name.ends_with(".mp4") || name.ends_with(".m4a"));
        let mut index_first = Vec::new();
        for (name, data) in media {
            assert_eq!(&data[4..8], b"ftyp", "{name}");
            let (moov, mdat) = (position(data, b"moov"), position(data, b"mdat"));
            assert!(moov.is_some() && mdat.is_some(), "{name}");
            index_first.push(moov < mdat);
        }
        assert!(index_first.contains(&true) && index_first.contains(&false));
    }

    #[test]
    fn every_talk_has_a_video_a_transcript_a_timeline_and_a_summary() {
        for talk in TALKS {
            for ending in ["mp4", "vtt", "timeline.json", "summary.json"] {
                assert!(exists(&format!("{talk}.{ending}")), "{talk}.{ending}");
            }
            assert!(bytes(&format!("{talk}.vtt")).starts_with(b"WEBVTT\r\n"));
            assert!(seconds(&format!("{talk}.mp4")).is_some());
        }
    }
}
