//! As much HTTP/1.1 as the tests need: one request per connection, lengths known ahead.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// A request, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub method: String,
    pub target: String,
    /// The lines after the first, without those that concern one connection only.
    pub headers: Vec<String>,
    pub body: Vec<u8>,
}

impl Request {
    /// The same without a header.
    pub(crate) fn without(&self, name: &str) -> Self {
        let mut request = self.clone();
        let is_it =
            |header: &str| header.split(':').next().is_some_and(|found| found.eq_ignore_ascii_case(name));
        request.headers.retain(|header| !is_it(header));
        request
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Everything, as it came.
    pub raw: Vec<u8>,
}

impl Reply {
    /// Its body as text.
    pub fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.raw).into_owned();
        text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
    }

    pub(crate) fn made(status: u16, body: &str) -> Self {
        let head = format!(
            "HTTP/1.1 {status} Made\r\nContent-Type: application/xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        Self { status, raw: format!("{head}{body}").into_bytes() }
    }
}

/// Sends a request of one's own, for setting up a server.
pub fn send(to: SocketAddr, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let headers = headers.iter().map(|(name, value)| format!("{name}: {value}"));
    let headers = headers.chain([format!("Host: {to}"), format!("Content-Length: {}", body.len())]).collect();
    let request =
        Request { method: method.to_owned(), target: target.to_owned(), headers, body: body.to_vec() };
    forward(to, &request).expect("the server answers")
}

/// Passes a request on and reads the answer whole.
pub(crate) fn forward(to: SocketAddr, request: &Request) -> io::Result<Reply> {
    let mut stream = TcpStream::connect(to)?;
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
    for header in &request.headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("Connection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(&request.body)?;
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw)?;
    let text = String::from_utf8_lossy(raw.get(..15).unwrap_or_default()).into_owned();
    let status = text.split(' ').nth(1).and_then(|status| status.trim().parse().ok());
    Ok(Reply { status: status.ok_or_else(|| io::Error::other("no answer"))?, raw })
}

/// Reads a request; none when the other side has closed.
pub(crate) fn read(stream: &mut TcpStream) -> io::Result<Option<Request>> {
    let mut bytes = Vec::new();
    let mut piece = [0; 64 << 10];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        match stream.read(&mut piece)? {
            0 => return Ok(None),
            read => bytes.extend_from_slice(&piece[..read]),
        }
    };
    let mut body = bytes.split_off(end + 4);
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let (method, target) = (method.to_owned(), target.to_owned());
    let is_of_connection =
        |line: &&str| line.is_empty() || line.to_ascii_lowercase().starts_with("connection:");
    let headers: Vec<String> = lines.filter(|line| !is_of_connection(line)).map(str::to_owned).collect();
    let length = headers
        .iter()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse::<usize>().ok())
        .unwrap_or(0);
    while body.len() < length {
        match stream.read(&mut piece)? {
            0 => return Ok(None),
            read => body.extend_from_slice(&piece[..read]),
        }
    }
    Ok(Some(Request { method, target, headers, body }))
}
