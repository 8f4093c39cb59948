//! Servers as processes: found, started on a free port, ended with whoever started them.

use std::env;
use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::http::send;

/// A running server. It ends when this is dropped, and also when the test ends without dropping it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shell: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Closing its standard input ends it.
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address as a client is given it.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes a bucket. The server must not ask for keys yet.
    pub fn make_bucket(&self, name: &str) {
        let reply = send(self.address, "PUT", &format!("/{name}"), &[], b"");
        assert!(reply.status < 300, "a bucket cannot be made: {} {}", reply.status, reply.text());
    }

    /// Makes a bucket of a name that no other has, and gives the name.
    pub fn fresh_bucket(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("team-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        self.make_bucket(&name);
        name
    }

    fn start(program: &Path, arguments: &[&str], variables: &[(&str, &str)], log: &str) -> Self {
        for _ in 0..5 {
            let address = free_address();
            let port = address.port().to_string();
            let arguments: Vec<String> =
                arguments.iter().map(|argument| argument.replace("{port}", &port)).collect();
            // The shell waits for its standard input to close: so the server ends however the test ends.
            let script = r#"trap '' INT; "$@" </dev/null & read -r _; kill $! 2>/dev/null; wait"#;
            let output = File::create(env::temp_dir().join(format!("{log}-{port}.log"))).expect("a log file");
            let shell = Command::new("sh")
                .args(["-c", script, "sh"])
                .arg(program)
                .args(&arguments)
                .envs(variables.iter().copied())
                .stdin(Stdio::piped())
                .stdout(output.try_clone().expect("a second handle"))
                .stderr(output)
                .spawn()
                .expect("sh runs");
            let server = Self { address, shell };
            if server.answers() {
                return server;
            }
        }
        panic!("{} does not start", program.display());
    }

    fn answers(&self) -> bool {
        let until = Instant::now() + Duration::from_secs(60);
        while Instant::now() < until {
            if TcpStream::connect(self.address).is_ok() {
                return true;
            }
            sleep(Duration::from_millis(50));
        }
        false
    }
}

/// Starts moto with one put at a time. It looks whether an object is there and then writes it, and two threads may do
/// the one before either does the other: of 6,400 log entries that 16 writers wrote on a busy machine, one was written
/// over that way.
const MOTO: &str = "
import sys, threading
from moto.s3.responses import S3Response
from moto.server import main

put, lock = S3Response.put_object, threading.Lock()


def put_alone(self):
    with lock:
        return put(self)


S3Response.put_object = put_alone
main(sys.argv[1:])
";

fn moto_with(variables: &[(&str, &str)]) -> Option<Server> {
    // What is installed is moto; the Python beside it runs it.
    program("moto_server")?;
    let python = program("python")?;
    Some(Server::start(&python, &["-c", MOTO, "-H", "127.0.0.1", "-p", "{port}"], variables, "moto"))
}

/// A moto server, which believes everybody. None when it is not installed and nobody insists.
pub fn moto() -> Option<Server> {
    moto_with(&[])
}

/// The same, one for all tests of a program.
pub fn shared_moto() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(moto).as_ref()
}

/// A moto server that asks for keys after so many requests.
pub fn moto_with_keys(free_requests: u32) -> Option<Server> {
    let free = free_requests.to_string();
    moto_with(&[("INITIAL_NO_AUTH_ACTION_COUNT", free.as_str())])
}

/// `rclone serve s3` over a folder: it does not know "put if absent". The key is AKIARCLONE000000, its secret SECRETRCLONE0000.
pub fn rclone(folder: &Path) -> Option<Server> {
    let program = program("rclone")?;
    let folder = folder.display().to_string();
    let arguments = [
        "serve",
        "s3",
        "--addr",
        "127.0.0.1:{port}",
        "--auth-key",
        "AKIARCLONE000000,SECRETRCLONE0000",
        "--config",
        "",
        &folder,
    ];
    Some(Server::start(&program, &arguments, &[], "rclone"))
}

fn program(name: &str) -> Option<PathBuf> {
    let named = env::var_os("NEXT_S3_SERVERS").filter(|value| !value.is_empty());
    let insists = named.is_some() || env::var_os("CI").is_some_and(|value| !value.is_empty());
    let folder = match named {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/s3-servers"),
    };
    let program = folder.join("bin").join(name);
    if program.is_file() {
        return Some(program);
    }
    let why = format!("{} is not there: `cargo xtask setup` installs it", program.display());
    assert!(!insists, "{why}");
    eprintln!("NOT TESTED on a bucket: {why}");
    None
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    listener.local_addr().expect("an address")
}
