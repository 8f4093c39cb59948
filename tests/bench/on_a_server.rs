//! The same on a real server: how long it takes where bytes come over a wire. A moto server on this machine, behind a
//! proxy that counts.

use std::net::SocketAddr;
use std::path::Path as FilePath;
use std::time::Duration;

use futures::StreamExt;
use next_desktop::secret::Secret;
use next_desktop::teamspace::{Bucket, Credentials, Keys, Location, Place, Reach, Teamspace, entry_key};
use object_store::path::Path;
use s3_servers::{Proxy, moto, send};

use super::{MadeUp, NEW, id, measure, start};

/// Requests that are under way at once while a bucket is filled.
const AT_ONCE: usize = 4;

/// Fills a bucket with so many recordings, and prints a line for the log alone and one with a checkpoint.
pub async fn measure_on_a_server(recordings: u64, folder: &FilePath) {
    let server = moto().expect("a moto server, installed by `cargo xtask setup`");
    let (proxy, bucket) = (Proxy::before(server.address()), server.fresh_bucket());
    let place = Place {
        location: Location::Bucket(Bucket {
            endpoint: Some(proxy.endpoint()),
            region: "us-east-1".to_owned(),
            bucket: bucket.clone(),
            prefix: String::new(),
            credentials: Credentials::AccessKey { id: "AK".to_owned() },
        }),
        reach: Reach { keys: Keys::Secret(Secret::new("SK".to_owned())), ..Reach::default() },
    };
    let teamspace = Teamspace::create(place, "Team", start()).await.expect("a teamspace");
    let made_up = MadeUp::new(recordings + NEW, folder, Duration::ZERO, false);
    let put = |keys: Vec<String>| fill(server.address(), &bucket, &made_up, keys);
    let calls = || proxy.take_seen().len() as u64;

    let newest = made_up.newest..=recordings;
    put((1..=recordings).map(entry_key).chain(newest.flat_map(small_files)).collect()).await;
    let more = |from: u64| {
        let new = from + 1..=from + NEW;
        put(new.clone().map(entry_key).chain(new.flat_map(small_files)).collect())
    };
    measure(&teamspace, folder, recordings, "a server, the log alone", &calls, more(recordings)).await;
    let wrote = teamspace.write_checkpoint(recordings, "bench", start()).await.expect("a checkpoint");
    assert!(wrote, "a checkpoint is written");
    made_up.recordings.fetch_add(NEW, std::sync::atomic::Ordering::Relaxed);
    let there = recordings + NEW;
    measure(&teamspace, folder, there, "a server, its checkpoint", &calls, more(there)).await;
}

/// Keys of what is read of a new recording.
fn small_files(n: u64) -> Vec<String> {
    let id = id(n);
    let folder = format!("recordings/{}/{id}", id.shard());
    vec![format!("{folder}/manifest.json"), format!("{folder}/k3x9/transcript-0.vtt")]
}

async fn fill(server: SocketAddr, bucket: &str, made_up: &MadeUp, keys: Vec<String>) {
    let puts = keys.into_iter().filter_map(|key| {
        let body = made_up.body(&Path::from(key.as_str()))?;
        let target = format!("/{bucket}/{key}");
        Some(tokio::task::spawn_blocking(move || {
            let reply = send(server, "PUT", &target, &[], &body);
            assert!(reply.status < 300, "{target}: {}", reply.status);
        }))
    });
    futures::stream::iter(puts).buffered(AT_ONCE).for_each(|put| async { put.expect("it is put") }).await;
}
