//! The knobs over HTTP, and the program that offers them.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use reqwest::Client;
use serde_json::{Value, json};

use crate::client::{LOOPBACK, MAYA, Zoom};

async fn post(http: &Client, origin: &str, path: &str, body: Value) -> (u16, Value) {
    let answer = http.post(format!("{origin}/sim{path}")).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn meetings_faults_and_the_log_are_reached_over_http() {
    let zoom = Zoom::start().await;
    let origin = zoom.sim.oauth_url();
    let tokens = zoom.connect(MAYA).await;
    let meeting = json!({ "topic": "From outside", "host": MAYA, "files": [
        { "content": { "sample": "sync.mp4" } },
        { "file_type": "TRANSCRIPT", "file_extension": "VTT", "recording_type": "audio_transcript",
          "content": { "sample": "sync.vtt" }, "progress": "unlisted" },
    ]});
    let (status, handle) = post(&zoom.http, &origin, "/meetings", meeting).await;
    assert_eq!(status, 200, "{handle}");
    let count = async || {
        zoom.get(&tokens, "/users/me/recordings").await.1["meetings"][0]["recording_files"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(count().await, 1);
    assert_eq!(
        post(&zoom.http, &origin, "/files/complete", json!({ "file": handle["files"][1] })).await.0,
        200
    );
    assert_eq!(count().await, 2);

    let rule = json!({ "at": "users_me", "fault": { "kind": "status", "status": 503 }, "times": 1 });
    post(&zoom.http, &origin, "/faults", rule).await;
    assert_eq!(
        zoom.http.get(format!("{origin}/sim/faults")).send().await.unwrap().json::<Value>().await.unwrap()[0]
            ["at"],
        "users_me"
    );
    let me = zoom.request(reqwest::Method::GET, &tokens, "/users/me");
    assert_eq!(me.send().await.unwrap().status(), 503);
    let log: Value =
        zoom.http.get(format!("{origin}/sim/requests")).send().await.unwrap().json().await.unwrap();
    let last = log.as_array().unwrap().last().unwrap();
    assert_eq!((&last["path"], &last["status"]), (&"/v2/users/me".into(), &503.into()));
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_a_reason() {
    let zoom = Zoom::start().await;
    let origin = zoom.sim.oauth_url();
    let (status, body) =
        post(&zoom.http, &origin, "/meetings", json!({ "files": [{ "content": { "sample": "no.mp4" } }] }))
            .await;
    assert_eq!((status, body["error"].as_str()), (400, Some("There is no sample no.mp4.")));
    assert_eq!(post(&zoom.http, &origin, "/files/complete", json!({ "file": "no" })).await.0, 404);
    assert_eq!(post(&zoom.http, &origin, "/nowhere", json!({})).await.0, 404);
    let answer =
        zoom.http.post(format!("{origin}/sim/faults")).json(&json!({ "at": "moon" })).send().await.unwrap();
    assert_eq!(answer.status(), 422);
}

#[tokio::test]
async fn the_control_api_stays_when_zoom_is_offline() {
    let zoom = Zoom::start().await;
    let origin = zoom.sim.oauth_url();
    post(&zoom.http, &origin, "/offline", json!({ "offline": true })).await;
    assert!(zoom.http.get(zoom.authorization_url()).send().await.is_err());
    post(&zoom.http, &origin, "/offline", json!({ "offline": false })).await;
    assert_eq!(zoom.http.get(zoom.authorization_url()).send().await.unwrap().status(), 200);
}

/// The program, ended when the test is over.
struct Program {
    child: Child,
    ready: Value,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_zoom-sim"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, ready: serde_json::from_str(&line).unwrap() }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn the_program_says_where_it_is_and_ends_with_its_stdin() {
    let mut program = Program::start(&["--port", "0", "--samples", "--until-stdin-closes"]);
    let origin = program.ready["oauth_url"].as_str().unwrap().to_owned();
    assert_eq!(program.ready["api_url"], format!("{origin}/v2"));
    assert_eq!(origin, format!("http://127.0.0.1:{}", program.ready["port"]));
    let http = Client::builder().no_proxy().build().unwrap();
    let overview: Value = http.get(format!("{origin}/sim")).send().await.unwrap().json().await.unwrap();
    assert!(overview["meetings"].as_array().unwrap().len() > 24);

    // Another process can play the person in the browser.
    let url = format!(
        "{origin}/oauth/authorize?response_type=code&client_id={}&redirect_uri={LOOPBACK}&state=1&code_challenge=x&code_challenge_method=S256",
        program.ready["client_id"].as_str().unwrap()
    );
    let (_, body) = post(&http, &origin, "/authorize", json!({ "url": url, "user": MAYA })).await;
    assert!(body["redirect"].as_str().unwrap().starts_with(LOOPBACK));

    drop(program.child.stdin.take());
    assert!(program.child.wait().unwrap().success());
}

#[cfg(unix)]
#[test]
fn the_program_ends_well_when_it_is_told_to() {
    let mut program = Program::start(&["--port", "0"]);
    let pid = program.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(program.child.wait().unwrap().success());
}

#[test]
fn the_program_says_why_it_cannot_run() {
    let program = Program::start(&["--port", "0"]);
    let port = program.ready["port"].to_string();
    let mut second = Command::new(env!("CARGO_BIN_EXE_zoom-sim"))
        .args(["--port", &port])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    assert_eq!(second.wait().unwrap().code(), Some(1));
    let mut text = String::new();
    second.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(text.starts_with("error: the simulator cannot run:"), "{text}");
}
