//! A proxy before a server that counts requests, and does to some of them what networks and stores do on a bad day.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::http::{self, Reply, Request};

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The server does it, and the answer is "503 SlowDown".
    BusyAfter,
    /// The server does it, and the connection breaks before the answer.
    LostReply,
    /// The connection breaks before the server hears of it.
    LostRequest,
    /// The server does it without the condition that it was asked under: it has forgotten what "put if absent" means.
    Unconditioned,
    /// Nothing is done, and the answer is this one.
    Instead(u16, &'static str),
    /// Nobody ever answers, and the connection stays.
    Silence,
    /// The connection breaks; the server hears of it only just before the next request of this kind, or when
    /// [`Proxy::deliver`] is called.
    Late,
}

/// A request that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Bytes of its body.
    pub sent: usize,
}

struct Rule {
    method: &'static str,
    part: String,
    fault: Fault,
    times: usize,
}

#[derive(Default)]
struct State {
    rules: Vec<Rule>,
    seen: Vec<Seen>,
    late: Vec<Request>,
}

/// A proxy before a server, until the test ends.
#[derive(Clone)]
pub struct Proxy {
    address: SocketAddr,
    server: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    /// Listens on a free port and passes everything on.
    pub fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
        let address = listener.local_addr().expect("an address");
        let proxy = Self { address, server, state: Arc::default() };
        let serving = proxy.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                thread::spawn(move || serving.serve(stream));
            }
        });
        proxy
    }

    /// Its address as a client is given it.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next so many requests of this method whose target contains `part` meet a fault.
    pub fn on(&self, method: &'static str, part: &str, fault: Fault, times: usize) {
        self.state().rules.push(Rule { method, part: part.to_owned(), fault, times });
    }

    /// Nothing more is done to requests.
    pub fn heal(&self) {
        self.state().rules.clear();
    }

    /// What was seen since this was last asked.
    pub fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.state().seen)
    }

    /// Lets the server hear of what is late.
    pub fn deliver(&self) {
        let late = std::mem::take(&mut self.state().late);
        for request in late {
            let _ = http::forward(self.server, &request);
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, mut stream: TcpStream) {
        let Ok(Some(request)) = http::read(&mut stream) else { return };
        let fault = self.met(&request);
        if fault != Some(Fault::Late) && request.method == "PUT" {
            self.deliver();
        }
        let reply = match fault {
            None => http::forward(self.server, &request).ok(),
            Some(Fault::BusyAfter) => {
                let _ = http::forward(self.server, &request);
                Some(Reply::made(503, "<Error><Code>SlowDown</Code></Error>"))
            }
            Some(Fault::LostReply) => {
                let _ = http::forward(self.server, &request);
                None
            }
            Some(Fault::LostRequest) => None,
            Some(Fault::Silence) => loop {
                thread::park();
            },
            Some(Fault::Unconditioned) => http::forward(self.server, &request.without("if-none-match")).ok(),
            Some(Fault::Instead(status, body)) => Some(Reply::made(status, body)),
            Some(Fault::Late) => {
                self.state().late.push(request);
                None
            }
        };
        if let Some(reply) = reply {
            let _ = stream.write_all(&reply.raw);
        }
    }

    fn met(&self, request: &Request) -> Option<Fault> {
        let mut state = self.state();
        let (method, target) = (request.method.clone(), request.target.clone());
        state.seen.push(Seen { method, target, sent: request.body.len() });
        let rule = state.rules.iter_mut().find(|rule| {
            rule.times > 0 && rule.method == request.method && request.target.contains(&rule.part)
        })?;
        rule.times -= 1;
        Some(rule.fault.clone())
    }
}
