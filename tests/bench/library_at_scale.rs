//! How long a search takes in a large library: a catalog is filled through the same calls that fill it in the app, from a
//! teamspace in a folder, and asked every kind of query. For `cargo xtask bench library`, which runs one process for each
//! size, and opens the app on what it leaves: the folder `teamspace`, whose recordings are taken away once they were read,
//! and the catalog in the data directory `data`.

mod babble;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use babble::Babble;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use next_desktop::catalog::{Around, Catalog, Search};
use next_desktop::query::Query;
use next_desktop::recording::RecordingId;
use next_desktop::teamspace::{KnownOp, Location, MAX_OPS, Op, Teamspace};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

/// Queries of each kind.
const QUERIES: usize = 200;
/// Hits that are asked for, as the window does.
const HITS: usize = 50;
/// Seconds of talk in a line.
const SECONDS_A_CUE: u64 = 5;
/// Recordings that are made at once, so that memory stays small.
const BATCH: u64 = 1_000;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [recordings, cues, folder] = words[..] else { panic!("RECORDINGS CUES FOLDER") };
    let number = |text: &str| text.parse::<u64>().expect("a number");
    let (recordings, cues) = (number(recordings), number(cues));
    let data = Path::new(folder).join("data");
    std::fs::create_dir_all(&data).expect("a data directory");
    let file = data.join("catalog.db");
    let (catalog, _) = Catalog::open(&file).expect("a catalog");
    let place = Path::new(folder).join("teamspace");
    if place.exists() {
        // What another run has left is only asked.
        let teamspace = Teamspace::open(&Location::folder(&place), None).await.expect("a teamspace");
        return measure(&catalog, teamspace.id(), recordings, cues);
    }
    let (teamspace, filled) = fill(&catalog, &place, recordings, cues / recordings).await;
    measure(&catalog, &teamspace, recordings, cues);
    let size = std::fs::metadata(&file).map_or(0, |found| found.len());
    let hours = (cues * SECONDS_A_CUE) as f64 / 3600.0;
    println!(
        "| {recordings} | {cues} | *the catalog itself* | {:.2} s per 1,000 recordings to build | {} MiB, {:.0} KiB for \
         an hour of transcript | |",
        filled.as_secs_f64() * 1000.0 / recordings as f64,
        size >> 20,
        size as f64 / 1024.0 / hours,
    );
}

/// Puts the recordings into a teamspace, and has the catalog read all of them. Returns the teamspace's id, and how long
/// the catalog took.
async fn fill(catalog: &Catalog, folder: &Path, recordings: u64, cues: u64) -> (String, Duration) {
    let place = Location::folder(folder);
    let teamspace = Teamspace::create(&place, "Team", start()).await.expect("a teamspace");
    let mut babble = Babble::new();
    let mut filled = Duration::ZERO;
    for first in (0..recordings).step_by(BATCH as usize) {
        let mut ops: Vec<Op> = Vec::new();
        let mut folders: Vec<PathBuf> = Vec::new();
        for n in first..(first + BATCH).min(recordings) {
            let id = RecordingId::of_zoom_meeting(&format!("meeting {n}"));
            let title = babble.title(n);
            let text = babble.transcript(cues);
            let start = start() + SignedDuration::from_mins(i64::try_from(n).expect("minutes") * 20);
            let duration = cues * SECONDS_A_CUE;
            let manifest = serde_json::json!({
                "format": 1, "recording_id": id, "source": {"integration": "zoom"}, "title": title,
                "host": "ada@example.org", "start": start, "duration": duration, "imported_by": "Ada",
                "imported_at": start, "attempt": "k3x9", "nonce": "nonce", "files": [
                    {"key": "k3x9/transcript-0.vtt", "kind": "transcript", "segment": 0, "media_type": "text/vtt",
                     "size": text.len(), "sha256": sha256(text.as_bytes())},
                    {"key": "k3x9/audio-0.m4a", "kind": "audio", "segment": 0, "media_type": "audio/mp4",
                     "size": duration * 16_000, "sha256": sha256(title.as_bytes())},
                ],
            });
            let manifest = serde_json::to_vec(&manifest).expect("JSON");
            let folder = folder.join("recordings").join(id.shard()).join(id.as_str());
            let op = KnownOp::Add {
                recording_id: id,
                manifest: sha256(&manifest),
                title,
                start,
                duration,
                size: text.len() as u64,
            };
            ops.push(op.into());
            std::fs::create_dir_all(folder.join("k3x9")).expect("a folder");
            std::fs::write(folder.join("manifest.json"), manifest).expect("room");
            std::fs::write(folder.join("k3x9/transcript-0.vtt"), text).expect("room");
            folders.push(folder);
        }
        for ops in ops.chunks(MAX_OPS) {
            teamspace.append(ops, "bench", start()).await.expect("an entry");
        }
        let begun = Instant::now();
        catalog.refresh(&teamspace).await.expect("a refresh");
        catalog.load_all(&teamspace, &mut |_| {}, &CancellationToken::new()).await.expect("transcripts");
        filled += begun.elapsed();
        for folder in folders {
            std::fs::remove_dir_all(folder).expect("it is there");
        }
    }
    assert_eq!(catalog.unread(teamspace.id()).expect("a count"), 0, "everything is read");
    (teamspace.id().to_owned(), filled)
}

/// Asks every kind of query, and prints a line of the table for each.
fn measure(catalog: &Catalog, teamspace: &str, recordings: u64, cues: u64) {
    let around = Around {
        now: start() + SignedDuration::from_mins(i64::try_from(recordings).expect("minutes") * 20),
        zone: TimeZone::UTC,
        teamspaces: vec![(teamspace.to_owned(), "Team".to_owned())],
    };
    let mut babble = Babble::new();
    let mut all: Vec<Duration> = Vec::new();
    // The first query of all pays for opening the index.
    ask(catalog, "warm up", None, &around);
    for (kind, query) in babble::KINDS {
        let mut times: Vec<Duration> = Vec::new();
        let mut found = 0;
        for _ in 0..QUERIES {
            let text = query(&mut babble);
            let begun = Instant::now();
            found += usize::from(ask(catalog, &text, None, &around) > 0);
            times.push(begun.elapsed());
        }
        all.extend(&times);
        line(recordings, cues, kind, times, found * 100 / QUERIES);
    }
    let mut times = Vec::new();
    for _ in 0..QUERIES {
        let text = babble.word(50..5_000);
        let begun = Instant::now();
        ask(catalog, &text, Some(teamspace), &around);
        times.push(begun.elapsed());
    }
    line(recordings, cues, "a word, in one teamspace", times, 100);
    line(recordings, cues, "**all of these**", all, 100);
}

fn ask(catalog: &Catalog, text: &str, teamspace: Option<&str>, around: &Around) -> usize {
    let teamspace = teamspace.map(str::to_owned);
    let search = Search { query: Query::parse(text), teamspace, skip: 0, limit: HITS };
    catalog.find(&search, around).expect("an answer").hits.len()
}

fn line(recordings: u64, cues: u64, kind: &str, mut times: Vec<Duration>, found: usize) {
    times.sort();
    let at = |share: f64| {
        let place = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
        times.get(place).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    };
    let (half, most) = (at(0.5), at(0.99));
    println!("| {recordings} | {cues} | {kind} | {half:.1} ms | {most:.1} ms | {found} % |");
}

fn start() -> Timestamp {
    "2020-01-01T08:00:00Z".parse().expect("a time")
}

fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}
