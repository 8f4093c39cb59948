//! Stories of the media server, over real connections.

use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt};
use reqwest::header::HeaderName;

use super::*;

const TEAMSPACE: &str = "0198c0de-0000-7000-8000-000000000000";
const VIDEO: &[u8] = b"0123456789";

struct Player {
    server: MediaServer,
    client: reqwest::Client,
    id: RecordingId,
    dir: tempfile::TempDir,
}

/// Serves `a/video-0.mp4` from a folder, `b/video-0.mp4` from a store, `c/page.html`, and `d/gone.mp4`.
async fn player() -> Player {
    let dir = tempfile::tempdir().unwrap();
    let id = RecordingId::of_zoom_meeting("m");
    let (folder, cache) = (dir.path().join("files"), Cache::open(&dir.path().join("cache")).unwrap());
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("video"), VIDEO).unwrap();
    let poster = cache.poster(TEAMSPACE, &id);
    std::fs::create_dir_all(poster.parent().unwrap()).unwrap();
    std::fs::write(poster, "jpeg").unwrap();
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let path = object_store::path::Path::from("video");
    store.put(&path, VIDEO.into()).await.unwrap();
    let wanted = id.clone();
    let resolve: Resolver = Arc::new(move |teamspace, id, key| {
        let on_disk = |name: &str| FileSource::Path(folder.join(name));
        let source = match key.as_str() {
            "a/video-0.mp4" | "c/page.html" => Some(on_disk("video")),
            "b/video-0.mp4" => Some(FileSource::Object { store: store.clone(), path: path.clone() }),
            "d/gone.mp4" => Some(on_disk("gone")),
            _ => None,
        };
        let media_type = if key.ends_with("html") { "text/html" } else { "video/mp4" }.to_owned();
        let known = teamspace == TEAMSPACE && id == wanted;
        let file = source.filter(|_| known).map(|source| MediaFile {
            source: source.into(),
            media_type,
            sha256: "ab".repeat(32),
            size: VIDEO.len() as u64,
        });
        Box::pin(std::future::ready(file))
    });
    let server = MediaServer::start(resolve, cache).await.unwrap();
    Player { server, client: reqwest::Client::new(), id, dir }
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Player {
    fn url(&self, key: &str) -> String {
        self.server.file_url(TEAMSPACE, &self.id, key)
    }

    async fn ask(&self, method: Method, url: &str, headers: &[(HeaderName, &str)]) -> Answer {
        let mut request = self.client.request(method, url);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, body: response.bytes().await.unwrap().to_vec() }
    }

    async fn get(&self, key: &str, headers: &[(HeaderName, &str)]) -> Answer {
        self.ask(Method::GET, &self.url(key), headers).await
    }
}

#[tokio::test]
async fn a_file_plays_whole_and_by_ranges_from_a_folder_and_from_a_store() {
    let player = player().await;
    for key in ["a/video-0.mp4", "b/video-0.mp4"] {
        let whole = player.get(key, &[]).await;
        assert_eq!((whole.status, &whole.body[..]), (200, VIDEO));
        assert_eq!(whole.header(header::ACCEPT_RANGES), "bytes");
        assert_eq!(whole.header(header::CONTENT_TYPE), "video/mp4");
        assert_eq!(whole.header(header::CONTENT_LENGTH), "10");
        assert_eq!(whole.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        for (range, said, body) in [
            ("bytes=2-4", "bytes 2-4/10", "234"),
            ("bytes=7-", "bytes 7-9/10", "789"),
            ("bytes=-2", "bytes 8-9/10", "89"),
        ] {
            let part = player.get(key, &[(header::RANGE, range)]).await;
            assert_eq!((part.status, part.header(header::CONTENT_RANGE)), (206, said));
            assert_eq!(part.body, body.as_bytes());
        }
        let beyond = player.get(key, &[(header::RANGE, "bytes=10-")]).await;
        assert_eq!((beyond.status, beyond.header(header::CONTENT_RANGE)), (416, "bytes */10"));
    }
}

#[tokio::test]
async fn a_file_of_many_pieces_comes_whole() {
    let player = player().await;
    let content: Vec<u8> = (0..9_000_001u32).map(|n| (n % 251) as u8).collect();
    std::fs::write(player.dir.path().join("files/video"), &content).unwrap();
    let whole = player.get("a/video-0.mp4", &[]).await;
    assert!(whole.body == content);
    let tail = player.get("a/video-0.mp4", &[(header::RANGE, "bytes=5000000-")]).await;
    assert!(tail.body == content[5_000_000..]);
}

#[tokio::test]
async fn head_tells_all_and_sends_nothing() {
    let player = player().await;
    let head = player.ask(Method::HEAD, &player.url("a/video-0.mp4"), &[(header::RANGE, "bytes=1-2")]).await;
    assert_eq!((head.status, head.header(header::CONTENT_LENGTH), head.body.len()), (200, "10", 0));
}

#[tokio::test]
async fn a_range_of_a_file_that_has_changed_gives_the_whole_file() {
    let player = player().await;
    let tag = format!("\"{}\"", "ab".repeat(32));
    let range = (header::RANGE, "bytes=2-4");
    for (condition, status) in
        [(tag.as_str(), 206), ("\"other\"", 200), ("Sat, 01 Jan 2000 00:00:00 GMT", 200)]
    {
        let answer = player.get("a/video-0.mp4", &[range.clone(), (header::IF_RANGE, condition)]).await;
        assert_eq!((answer.status, answer.header(header::ETAG)), (status, tag.as_str()), "{condition}");
    }
    let known = player.get("a/video-0.mp4", &[(header::IF_NONE_MATCH, &tag)]).await;
    assert_eq!((known.status, known.body.len()), (304, 0));
}

#[tokio::test]
async fn only_our_own_window_is_answered() {
    let player = player().await;
    let port = player.server.address.port();
    let url = player.url("a/video-0.mp4");
    let localhost = format!("localhost:{port}");
    let bent = format!("evil.example:{port}");
    for (host, status) in [(localhost.as_str(), 200), (&bent, 403), ("127.0.0.1", 403), ("localhost", 403)] {
        assert_eq!(player.ask(Method::GET, &url, &[(header::HOST, host)]).await.status, status, "{host}");
    }
    for origin in ["https://evil.example", "null", "http://localhost:1421", "http://127.0.0.1:1420", ""] {
        let answer = player.ask(Method::GET, &url, &[(header::ORIGIN, origin)]).await;
        assert_eq!((answer.status, answer.body.len()), (403, 0), "{origin}");
    }
    for origin in ORIGINS {
        let answer = player.ask(Method::GET, &url, &[(header::ORIGIN, origin)]).await;
        assert_eq!((answer.status, answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN)), (200, origin));
        let asked = player.ask(Method::OPTIONS, &url, &[(header::ORIGIN, origin)]).await;
        assert_eq!((asked.status, asked.header(header::ACCESS_CONTROL_ALLOW_ORIGIN)), (204, origin));
    }
    assert_eq!(player.ask(Method::POST, &url, &[]).await.status, 405);
}

#[tokio::test]
async fn nothing_is_served_but_what_is_named() {
    let player = player().await;
    let good = player.url("a/video-0.mp4");
    let secret = &*player.server.secret;
    let wrong = good.replace(secret, &"0".repeat(64));
    let short = good.replace(secret, &secret[..63]);
    let stranger = good.replace(TEAMSPACE, "0198c0de-0000-7000-8000-000000000001");
    let mut paths: Vec<PathBuf> = Vec::new();
    for bad in ["nothing.mp4", "d/gone.mp4", "", "a/../a/video-0.mp4/..", "%2e%2e/x", "a%2Fvideo-0.mp4"] {
        paths.push(player.url(bad).into());
    }
    paths.extend([wrong.into(), short.into(), stranger.into()]);
    paths.push(good.replace("/file/", "/other/").into());
    paths.push(format!("http://{}/", player.server.address).into());
    for path in paths {
        let answer = player.ask(Method::GET, path.to_str().unwrap(), &[]).await;
        assert_eq!((answer.status, answer.body.len()), (404, 0));
    }
    assert!(!format!("{:?}", player.server).contains(secret));
}

#[tokio::test]
async fn a_page_among_the_files_is_never_shown_as_one() {
    let player = player().await;
    let page = player.get("c/page.html", &[]).await;
    assert_eq!(page.header(header::CONTENT_TYPE), "application/octet-stream");
    assert_eq!(page.header(header::CONTENT_DISPOSITION), "attachment");
    assert!(page.header(header::CONTENT_SECURITY_POLICY).contains("sandbox"));
}

#[tokio::test]
async fn a_poster_comes_from_the_cache_when_there_is_one() {
    let player = player().await;
    let url = player.server.poster_url(TEAMSPACE, &player.id);
    let poster = player.ask(Method::GET, &url, &[]).await;
    assert_eq!(
        (poster.status, poster.header(header::CONTENT_TYPE), &poster.body[..]),
        (200, "image/jpeg", &b"jpeg"[..])
    );
    let other = player.server.poster_url(TEAMSPACE, &RecordingId::of_zoom_meeting("other"));
    assert_eq!(player.ask(Method::GET, &other, &[]).await.status, 404);
}

#[tokio::test]
async fn a_server_that_is_dropped_answers_no_more() {
    let player = player().await;
    let url = player.url("a/video-0.mp4");
    let Player { server, .. } = player;
    drop(server);
    tokio::task::yield_now().await;
    let mut refused = false;
    for _ in 0..100 {
        // A client of its own: no connection is kept from before.
        refused = reqwest::Client::new().get(&url).send().await.is_err();
        if refused {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(refused);
}
