//! Buckets on real S3 servers: what they must keep to, how each refusal is said, and what a bad network does.

use bytes::Bytes;
use jiff::Timestamp;
use object_store::ObjectStoreExt;
use object_store::path::Path;
use s3_servers::{Fault, Proxy, shared_moto};

use super::exclusive::{Created, create_exclusive};
use super::*;
use crate::error::Code;
use crate::secret::Secret;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn place(endpoint: &str, bucket: &str, id: &str, secret: &str) -> super::Place {
    let bucket = Bucket {
        endpoint: Some(endpoint.to_owned()),
        region: "us-east-1".to_owned(),
        bucket: bucket.to_owned(),
        prefix: "next/desktop".to_owned(),
        credentials: Credentials::AccessKey { id: id.to_owned() },
    };
    let reach = Reach { keys: Keys::Secret(Secret::new(secret.to_owned())), ..Reach::default() };
    super::Place { location: Location::Bucket(bucket), reach }
}

/// A fresh bucket on a real server.
pub(super) fn fresh() -> Option<super::Place> {
    let server = shared_moto()?;
    Some(place(&server.endpoint(), &server.fresh_bucket(), "AK", "SK"))
}

/// A teamspace in a fresh bucket. That the store passes its test is told elsewhere: it takes a hundred requests.
pub(super) async fn fresh_teamspace() -> Option<Teamspace> {
    let place = fresh()?;
    let (store, access) = open_store(&place).await.unwrap();
    let about = create_about(&store, "Team".to_owned(), NOW).await.unwrap();
    Some(Teamspace::new(store, place, about, access))
}

/// A fresh bucket behind a proxy.
pub(super) fn behind_proxy() -> Option<(super::Place, Proxy)> {
    let server = shared_moto()?;
    let proxy = Proxy::before(server.address());
    Some((place(&proxy.endpoint(), &server.fresh_bucket(), "AK", "SK"), proxy))
}

async fn refusal(place: super::Place) -> UserError {
    Teamspace::test(place).await.unwrap_err().into()
}

#[tokio::test]
async fn a_bucket_becomes_a_teamspace_and_whoever_comes_second_joins_it() {
    let Some(place) = fresh() else { return };
    let tested = Teamspace::test(place.clone()).await.unwrap();
    assert_eq!((tested.teamspace, tested.read_only), (None, false));
    let made = Teamspace::create(place.clone(), "Research", NOW).await.unwrap();
    let tested = Teamspace::test(place.clone()).await.unwrap();
    assert_eq!(tested.teamspace.as_deref(), Some("Research"));
    let joined = Teamspace::create(place.clone(), "Another name", NOW).await.unwrap();
    assert_eq!((joined.id(), joined.name()), (made.id(), "Research"));
    let opened = Teamspace::open(place.clone(), Some(made.id())).await.unwrap();
    assert_eq!(opened.state().await.unwrap(), TeamspaceState::Ready);
    let other = Teamspace::open(place, Some("0198c0de-0000-7000-8000-000000000000")).await;
    assert!(matches!(other, Err(Error::AnotherTeamspace { .. })));
}

#[tokio::test]
async fn what_others_keep_in_the_bucket_is_left_alone_and_no_part_of_the_teamspace() {
    let Some(place) = fresh() else { return };
    let Location::Bucket(bucket) = &place.location else { panic!() };
    let whole = Bucket { prefix: String::new(), ..bucket.clone() };
    let theirs = whole.store(&place.reach).unwrap();
    theirs.put(&Path::from("recordings/aa/their.txt"), "x".into()).await.unwrap();
    let teamspace = Teamspace::create(place.clone(), "Team", NOW).await.unwrap();
    assert!(teamspace.list_recordings().await.unwrap().is_empty());
    theirs.put(&Path::from("next/desktop/notes.txt"), "x".into()).await.unwrap();
    theirs.put(&Path::from("next/desktop/recordings/aa/notes.txt"), "x".into()).await.unwrap();
    assert!(teamspace.list_recordings().await.unwrap().is_empty());
    theirs.head(&Path::from("next/desktop/recordings/aa/notes.txt")).await.unwrap();
    let keys: Vec<_> = futures::TryStreamExt::try_collect::<Vec<_>>(theirs.list(None)).await.unwrap();
    let probes = keys.iter().filter(|object| object.location.as_ref().contains("probe")).count();
    assert_eq!(probes, 0, "the test leaves nothing behind");
}

#[tokio::test]
async fn a_store_that_ignores_the_condition_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("team")).unwrap();
    let Some(server) = s3_servers::rclone(folder.path()) else { return };
    let place = place(&server.endpoint(), "team", "AKIARCLONE000000", "SECRETRCLONE0000");
    let error: UserError = Teamspace::create(place, "Team", NOW).await.unwrap_err().into();
    assert_eq!(error.code, Code::TeamspaceUnsafe, "{error:?}");
    assert!(error.message.contains("several writers create the same file at once"), "{error}");
    assert!(!folder.path().join("team/next/desktop/teamspace.json").exists());
}

#[tokio::test]
async fn keys_that_are_wrong_are_said() {
    let Some(server) = s3_servers::moto_with_keys(1) else { return };
    server.make_bucket("team");
    let error = refusal(place(&server.endpoint(), "team", "AKUNKNOWN", "SK")).await;
    assert_eq!((error.code, error.params["trouble"].as_str()), (Code::BucketRefused, "unknown_key"));
    assert!(error.code.needs_person());
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_said_and_not_made() {
    let Some(server) = shared_moto() else { return };
    let error = refusal(place(&server.endpoint(), "nobodys", "AK", "SK")).await;
    assert_eq!(error.params["trouble"], "no_bucket", "{error:?}");
}

#[tokio::test]
async fn without_its_secret_a_bucket_is_not_asked() {
    let Some(mut place) = fresh() else { return };
    place.reach.keys = Keys::Missing;
    assert_eq!(refusal(place).await.params["trouble"], "no_keys");
}

#[tokio::test]
async fn a_store_that_cannot_be_reached_is_the_networks_matter() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = refusal(place(&format!("http://{closed}"), "team", "AK", "SK")).await;
    assert_eq!((error.code, error.params["trouble"].as_str()), (Code::TeamspaceUnreachable, "network"));
}

#[tokio::test]
async fn what_a_store_says_no_to_has_its_sentence() {
    for (method, part, status, body, trouble) in [
        ("GET", "list-type", 403, "<Error><Code>RequestTimeTooSkewed</Code></Error>", "clock"),
        ("GET", "list-type", 403, "<Error><Code>AccessDenied</Code></Error>", "not_allowed"),
        ("GET", "list-type", 403, "<Error><Code>SignatureDoesNotMatch</Code></Error>", "wrong_secret"),
        ("GET", "list-type", 301, "<Error><Code>PermanentRedirect</Code></Error>", "other_region"),
        ("GET", "teamspace.json", 403, "<Error><Code>AccessDenied</Code></Error>", "not_allowed"),
        (
            "GET",
            "list-type",
            400,
            "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>",
            "other_region",
        ),
    ] {
        let Some((place, proxy)) = behind_proxy() else { return };
        proxy.on(method, part, Fault::Instead(status, body), 1);
        let error = refusal(place).await;
        assert_eq!(error.params["trouble"], trouble, "{body}");
    }
}

#[tokio::test]
async fn a_key_that_may_only_read_plays_and_adds_nothing() {
    let Some((place, proxy)) = behind_proxy() else { return };
    let made = Teamspace::create(place.clone(), "Team", NOW).await.unwrap();
    let denied = Fault::Instead(403, "<Error><Code>AccessDenied</Code></Error>");
    proxy.on("PUT", "", denied.clone(), usize::MAX);
    proxy.on("POST", "", denied, usize::MAX);
    let tested = Teamspace::test(place.clone()).await.unwrap();
    assert_eq!((tested.teamspace.as_deref(), tested.read_only), (Some("Team"), true));
    let opened = Teamspace::open(place.clone(), Some(made.id())).await.unwrap();
    assert_eq!(opened.state().await.unwrap(), TeamspaceState::ReadOnly);
    let joined = Teamspace::create(place, "Team", NOW).await.unwrap();
    assert_eq!(joined.opened_as(), TeamspaceState::ReadOnly);
    let Some((empty, proxy)) = behind_proxy() else { return };
    proxy.on("PUT", "", Fault::Instead(403, "<Error><Code>AccessDenied</Code></Error>"), usize::MAX);
    let refused = Teamspace::create(empty, "Team", NOW).await;
    assert!(matches!(refused, Err(Error::ReadOnly { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_member_who_may_not_remove_is_a_member_all_the_same() {
    let Some((place, proxy)) = behind_proxy() else { return };
    // Uploads may be given up: that is a right of its own, and its requests name the upload.
    proxy.on("DELETE", ".json", Fault::Instead(403, "<Error><Code>AccessDenied</Code></Error>"), usize::MAX);
    proxy.on("DELETE", "kept", Fault::Instead(403, "<Error><Code>AccessDenied</Code></Error>"), usize::MAX);
    let teamspace = Teamspace::create(place, "Team", NOW).await.unwrap();
    assert_eq!(teamspace.state().await.unwrap(), TeamspaceState::Ready);
}

#[tokio::test]
async fn a_store_that_does_not_know_put_if_absent_is_refused() {
    let Some((place, proxy)) = behind_proxy() else { return };
    proxy.on("PUT", "probe", Fault::Instead(501, "<Error><Code>NotImplemented</Code></Error>"), usize::MAX);
    let error = refusal(place).await;
    assert_eq!(error.code, Code::TeamspaceUnsafe, "{error:?}");
    assert!(error.message.contains("only where there is none"), "{error}");
}

/// One creation through the proxy, with what stands there afterwards.
async fn create(fault: Fault) -> Option<(Created, Option<Bytes>)> {
    let (place, proxy) = behind_proxy()?;
    let Location::Bucket(bucket) = &place.location else { panic!() };
    let (store, key) = (bucket.store(&place.reach).unwrap(), Path::from("log/00000000/001.json"));
    proxy.on("PUT", "001.json", fault, 1);
    let created = create_exclusive(&*store, &key, Bytes::from_static(b"{\"nonce\":\"ours\"}")).await.unwrap();
    proxy.heal();
    proxy.deliver();
    let there = match store.get(&key).await {
        Ok(found) => Some(found.bytes().await.unwrap()),
        Err(_) => None,
    };
    Some((created, there))
}

#[tokio::test]
async fn whatever_becomes_of_the_reply_our_own_write_is_known_as_ours() {
    let ours = Bytes::from_static(b"{\"nonce\":\"ours\"}");
    let conflict = "<Error><Code>ConditionalRequestConflict</Code></Error>";
    for fault in [
        Fault::BusyAfter,
        Fault::LostReply,
        Fault::LostRequest,
        Fault::Late,
        Fault::Instead(409, conflict),
        Fault::Instead(503, "<Error><Code>SlowDown</Code></Error>"),
    ] {
        let Some((created, there)) = create(fault.clone()).await else { return };
        assert_eq!((created, there.as_ref()), (Created::Won, Some(&ours)), "{fault:?}");
    }
}

#[tokio::test]
async fn a_late_arrival_takes_nothing_from_whoever_was_there_before() {
    let Some((place, proxy)) = behind_proxy() else { return };
    let Location::Bucket(bucket) = &place.location else { panic!() };
    let (store, key) = (bucket.store(&place.reach).unwrap(), Path::from("log/00000000/001.json"));
    let (ours, theirs) = (Bytes::from_static(b"ours"), Bytes::from_static(b"theirs"));
    // Our write is under way for so long that somebody else's comes first.
    proxy.on("PUT", "001.json", Fault::LostReply, 1);
    assert_eq!(create_exclusive(&*store, &key, theirs.clone()).await.unwrap(), Created::Won);
    proxy.on("PUT", "001.json", Fault::Late, 1);
    assert_eq!(create_exclusive(&*store, &key, ours).await.unwrap(), Created::Lost(theirs.clone()));
    proxy.deliver();
    assert_eq!(store.get(&key).await.unwrap().bytes().await.unwrap(), theirs);
}

#[tokio::test]
async fn a_store_that_is_busy_for_a_while_is_asked_again() {
    let Some((place, proxy)) = behind_proxy() else { return };
    proxy.on("GET", "", Fault::Instead(503, "<Error><Code>SlowDown</Code></Error>"), 2);
    assert!(Teamspace::test(place).await.is_ok());
}

#[tokio::test]
async fn an_idle_reader_costs_one_request() {
    let Some((place, proxy)) = behind_proxy() else { return };
    let teamspace = Teamspace::create(place, "Team", NOW).await.unwrap();
    proxy.take_seen();
    assert_eq!(teamspace.read(1).await.unwrap(), None);
    assert_eq!(proxy.take_seen().len(), 1);
}
