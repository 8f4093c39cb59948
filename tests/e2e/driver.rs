//! WebDriver servers: `WebKitWebDriver` for the app's window, `chromedriver` for the system's browser.
//!
//! Each runs in a process group of its own, with everything it starts, and the group ends with its value:
//! nothing is left when a test fails.

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;

/// How long anything may take that a person would wait for.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How often is looked whether it is there.
pub const LOOK: Duration = Duration::from_millis(100);

/// A running WebDriver server.
pub struct Driver {
    child: Child,
    address: String,
}

impl Driver {
    /// Starts a server on a free port of this machine; what it starts inherits its environment.
    pub async fn start(program: &str, environment: &[(&str, String)]) -> Self {
        let port = free_port();
        let mut command = Command::new(program);
        command.arg(format!("--port={port}"));
        if program == "WebKitWebDriver" {
            command.arg("--host=127.0.0.1");
        }
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
        let child = command.spawn().unwrap_or_else(|error| panic!("cannot start {program}: {error}"));
        let driver = Self { child, address: format!("http://127.0.0.1:{port}") };
        until(&format!("{program} listens"), || async {
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()
        })
        .await;
        driver
    }

    /// Begins a session with these capabilities.
    pub async fn session(&self, capabilities: Value) -> Client {
        let capabilities = match capabilities {
            Value::Object(map) => map,
            other => panic!("capabilities are an object, not {other}"),
        };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        tokio::time::timeout(PATIENCE, builder.connect(&self.address))
            .await
            .unwrap_or_else(|_| panic!("{} begins no session", self.address))
            .unwrap_or_else(|error| panic!("{} begins no session: {error}", self.address))
    }

    /// Process ids of what it started itself.
    pub fn started(&self) -> Vec<u32> {
        children(self.child.id())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.child.wait();
    }
}

/// Waits until `look` sees something, and fails with `what` when it does not in time.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, look: impl Fn() -> F) -> T {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(tokio::time::Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(LOOK).await;
    }
}

/// Ids of the processes that a process started itself.
pub fn children(parent: u32) -> Vec<u32> {
    let parent = parent.to_string();
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id: &u32| {
        // The name in parentheses may hold anything; the parent is the second word after it.
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)) == Some(&parent)
    })
    .collect()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its number").port()
}
