//! A `zoom-sim` process, and the recordings that it serves.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use next_desktop::recording::RecordingId;
use serde_json::{Value, json};
use zoom_sim::{Fault, FaultRule, FileSpec, MeetingHandle, MeetingSpec, Place};

use crate::plan::Dice;

/// A Zoom in a process of its own; it ends with this value.
pub struct Cloud {
    child: Child,
    _stdin: ChildStdin,
    http: reqwest::Client,
    ready: Value,
    /// What an importer must come to have: per recording the digests of its files, sorted.
    pub served: BTreeMap<RecordingId, Vec<String>>,
    /// Sum of all sizes.
    pub bytes: u64,
}

impl Cloud {
    /// Starts the simulator that stands beside `nextctl`.
    pub async fn start() -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_nextctl")).with_file_name("zoom-sim");
        assert!(
            program.exists(),
            "{} is not built: `cargo xtask torture` builds it, or `cargo build -p zoom-sim`",
            program.display()
        );
        let mut child = Command::new(program)
            .arg("--until-stdin-closes")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self {
            _stdin: child.stdin.take().unwrap(),
            child,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            ready: serde_json::from_str(&line).unwrap(),
            served: BTreeMap::new(),
            bytes: 0,
        }
    }

    /// `oauth_url`, `api_url` or `client_id`.
    pub fn said(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }

    async fn ask(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self.http.request(method, format!("{}/sim{path}", self.said("oauth_url")));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "/sim{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    async fn tell(&self, path: &str, body: Value) -> Value {
        self.ask(reqwest::Method::POST, path, Some(body)).await
    }

    /// The person consents.
    pub async fn consent(&self, address: &str) {
        self.tell("/authorize", json!({ "url": address, "user": "maya@example.com", "follow": true })).await;
    }

    /// Slows every download down to this, so that there is something to interrupt.
    pub async fn throttle(&self, bytes_per_second: u64) {
        let rule = FaultRule::always(Place::Storage, Fault::Throttle { bytes_per_second });
        self.tell("/faults", serde_json::to_value(rule).unwrap()).await;
    }

    /// Lets downloads run.
    pub async fn let_run(&self) {
        self.tell("/faults/clear", json!({})).await;
    }

    /// One more recording: a video in one or two parts, mostly short so that much is published, and the small files
    /// around it.
    pub async fn add_recording(&mut self, number: u64, dice: &mut Dice) {
        let size = |dice: &mut Dice| {
            450_000 + if dice.below(3) == 0 { dice.below(8_000_000) } else { dice.below(600_000) }
        };
        let mut spec = MeetingSpec::new(&format!("Recording {number}"))
            .file(FileSpec::video_of_size(size(dice), number))
            .file(FileSpec::transcript("checkout"))
            .file(FileSpec::chat("checkout"))
            .file(FileSpec::timeline("checkout"));
        if dice.below(4) == 0 {
            spec = spec.file(FileSpec::video_of_size(size(dice), number + 1_000_000).at(600));
        }
        spec.days_ago = Some(2 + i64::try_from(number).unwrap() % 50);
        let contents: Vec<_> = spec.files.iter().map(|file| file.content.clone()).collect();
        let handle = self.tell("/meetings", serde_json::to_value(&spec).unwrap()).await;
        let handle: MeetingHandle = serde_json::from_value(handle).unwrap();
        self.bytes += contents.iter().map(zoom_sim::Content::len).sum::<u64>();
        let mut digests: Vec<String> = contents.iter().map(zoom_sim::Content::sha256).collect();
        digests.sort();
        self.served.insert(RecordingId::of_zoom_meeting(&handle.uuid), digests);
    }

    /// Bytes that the storage host has handed to its sockets so far, and how many downloads were asked for.
    pub async fn sent(&self) -> (u64, usize) {
        let requests = self.ask(reqwest::Method::GET, "/requests", None).await;
        let requests: Vec<zoom_sim::RequestRecord> = serde_json::from_value(requests).unwrap();
        let storage: Vec<u64> = requests
            .iter()
            .filter(|request| request.place == Place::Storage)
            .map(|request| request.sent)
            .collect();
        (storage.iter().sum(), storage.len())
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
