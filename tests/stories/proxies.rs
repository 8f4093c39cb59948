//! What stands between an office and the world: a proxy, and somebody who looks into encrypted connections.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use zoom_sim::ZoomSim;

/// A proxy for HTTP (absolute addresses, and CONNECT) and SOCKS 5. Dropped, nobody answers at its address.
pub struct Proxy {
    port: u16,
    rules: Arc<Mutex<Rules>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Rules {
    /// Who may go through; anybody when none.
    sign_in: Option<(String, String)>,
    refuses: bool,
    /// Where every tunnel leads, whatever it is asked for.
    leads_to: Option<SocketAddr>,
    asked: Vec<String>,
    turned_away: usize,
}

impl Proxy {
    pub async fn start() -> Self {
        Self::at(0).await
    }

    /// On a port: where another one was before.
    pub async fn at(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let rules: Arc<Mutex<Rules>> = Arc::default();
        let (port, known) = (listener.local_addr().unwrap().port(), rules.clone());
        let task = tokio::spawn(async move {
            // Connections end with the listener.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, known.clone()));
            }
        });
        Self { port, rules, task }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Lets only this person through.
    pub fn demand(&self, user: &str, password: &str) {
        self.rules.lock().unwrap().sign_in = Some((user.to_owned(), password.to_owned()));
    }

    pub fn refuse(&self, refuses: bool) {
        self.rules.lock().unwrap().refuses = refuses;
    }

    /// Leads every tunnel to this address, whatever it is asked for.
    pub fn lead_to(&self, address: SocketAddr) {
        self.rules.lock().unwrap().leads_to = Some(address);
    }

    /// What went through, for example `CONNECT zoom.us:443`.
    pub fn asked(&self) -> Vec<String> {
        self.rules.lock().unwrap().asked.clone()
    }

    /// Who was sent back for a name and a password.
    pub fn turned_away(&self) -> usize {
        self.rules.lock().unwrap().turned_away
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut client: TcpStream, rules: Arc<Mutex<Rules>>) {
    let mut first = [0];
    if client.peek(&mut first).await.unwrap_or(0) == 0 {
        return;
    }
    let _ = if first == [5] { socks(&mut client, &rules).await } else { http(&mut client, &rules).await };
}

async fn http(client: &mut TcpStream, rules: &Mutex<Rules>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let signed = lines.clone().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("proxy-authorization").then_some(value)
    });
    let answer = {
        let mut rules = rules.lock().unwrap();
        let wanted =
            rules.sign_in.as_ref().map(|(u, p)| format!("Basic {}", BASE64.encode(format!("{u}:{p}"))));
        if wanted.is_some() && wanted.as_deref() != signed {
            rules.turned_away += 1;
            Err("407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"office\"")
        } else if rules.refuses {
            Err("403 Forbidden")
        } else {
            rules.asked.push(format!("{method} {target}"));
            Ok(rules.leads_to)
        }
    };
    let leads_to = match answer {
        Ok(leads_to) => leads_to,
        Err(status) => {
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return client.write_all(answer.as_bytes()).await;
        }
    };
    if method == "CONNECT" {
        let mut server = match leads_to {
            Some(address) => TcpStream::connect(address).await?,
            None => TcpStream::connect(target).await?,
        };
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
        return join(client, &mut server).await;
    }
    let (host, path) = target.trim_start_matches("http://").split_once('/').unwrap_or((target, ""));
    let mut server = TcpStream::connect(host).await?;
    let kept = lines.filter(|line| {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        !line.is_empty() && name != "connection" && !name.starts_with("proxy-")
    });
    let kept: String = kept.map(|line| format!("{line}\r\n")).collect();
    let head = format!("{method} /{path} HTTP/1.1\r\n{kept}Connection: close\r\n\r\n");
    server.write_all(head.as_bytes()).await?;
    join(client, &mut server).await
}

/// RFC 1928 and 1929, as much of them as a story needs.
async fn socks(client: &mut TcpStream, rules: &Mutex<Rules>) -> std::io::Result<()> {
    let _version = client.read_u8().await?;
    let mut methods = vec![0; usize::from(client.read_u8().await?)];
    client.read_exact(&mut methods).await?;
    let (sign_in, leads_to) = {
        let rules = rules.lock().unwrap();
        (rules.sign_in.clone(), rules.leads_to)
    };
    if let Some((user, password)) = sign_in {
        if !methods.contains(&2) {
            rules.lock().unwrap().turned_away += 1;
            return client.write_all(&[5, 0xff]).await;
        }
        client.write_all(&[5, 2]).await?;
        let _version = client.read_u8().await?;
        let (given_user, given_password) = (short_text(client).await?, short_text(client).await?);
        if (given_user, given_password) != (user, password) {
            rules.lock().unwrap().turned_away += 1;
            return client.write_all(&[1, 1]).await;
        }
        client.write_all(&[1, 0]).await?;
    } else {
        client.write_all(&[5, 0]).await?;
    }
    let mut request = [0; 4];
    client.read_exact(&mut request).await?;
    let host = match request[3] {
        3 => short_text(client).await?,
        _ => std::net::Ipv4Addr::from(client.read_u32().await?).to_string(),
    };
    let target = format!("{host}:{}", client.read_u16().await?);
    if rules.lock().unwrap().refuses {
        return client.write_all(&[5, 2, 0, 1, 0, 0, 0, 0, 0, 0]).await;
    }
    rules.lock().unwrap().asked.push(format!("SOCKS {target}"));
    let mut server = match leads_to {
        Some(address) => TcpStream::connect(address).await?,
        None => TcpStream::connect(target).await?,
    };
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    join(client, &mut server).await
}

async fn short_text(client: &mut TcpStream) -> std::io::Result<String> {
    let mut text = vec![0; usize::from(client.read_u8().await?)];
    client.read_exact(&mut text).await?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

async fn join(
    a: &mut (impl AsyncRead + AsyncWrite + Unpin),
    b: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> std::io::Result<()> {
    copy_bidirectional(a, b).await.map(drop)
}

/// A CA of a company's own.
pub struct Ca(CertifiedIssuer<'static, KeyPair>);

impl Ca {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Its certificate, as a file of trusted ones holds it.
    pub fn pem(&self) -> String {
        self.0.pem()
    }
}

/// Speaks TLS with certificates of a CA, as Zoom does and as those do who look into encrypted connections; behind it
/// stands the simulator.
pub struct Tls {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Tls {
    /// For these names; the first host is Zoom, what begins with `storage` is its storage host.
    pub async fn before(sim: &ZoomSim, ca: &Ca, names: &[&str]) -> Self {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &ca.0).unwrap();
        let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let host = |url: String| url.trim_start_matches("http://").to_owned();
        let (zoom, storage) = (host(sim.oauth_url()), host(sim.storage_url()));
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, zoom, storage) = (acceptor.clone(), zoom.clone(), storage.clone());
                connections.spawn(async move {
                    // A caller that does not trust us hangs up here.
                    let Ok(mut client) = acceptor.accept(stream).await else { return };
                    let asked = client.get_ref().1.server_name().unwrap_or_default().to_owned();
                    let behind = if asked.starts_with("storage") { storage } else { zoom };
                    if let Ok(mut server) = TcpStream::connect(behind).await {
                        let _ = join(&mut client, &mut server).await;
                    }
                });
            }
        });
        Self { address, task }
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        self.task.abort();
    }
}
