//! Behind a proxy, and behind somebody who looks into encrypted connections: everything goes that way, what bars it
//! is said in a sentence, and nothing is given up.

use std::time::Duration;

use next_desktop::error::Code;
use next_desktop::events::Event;
use next_desktop::import::{Job, JobState};
use next_desktop::secret::Secret;
use next_desktop::settings::{Environment, ProxyDraft, ProxyMode, ProxySource};
use next_desktop::teamspace::TeamspaceInfo;
use tracing_subscriber::layer::SubscriberExt as _;
use zoom_sim::{Choice, MeetingSpec, ZoomSim};

use super::harness::{MAYA, Person, World};
use super::nextctl::Machine;
use super::proxies::{Ca, Proxy, Tls};
use super::secrets::Log;

/// A password that is found wherever it should not be.
const PASSWORD: &str = "s3cr3t-0f-the-pr0xy";

fn mode(mode: ProxyMode) -> ProxyDraft {
    ProxyDraft { mode, address: None, username: None, password: None }
}

fn through(proxy: &Proxy) -> ProxyDraft {
    ProxyDraft { address: Some(proxy.address()), ..mode(ProxyMode::Custom) }
}

fn signed(proxy: &Proxy, password: &str) -> ProxyDraft {
    let some = |text: &str| Some(text.to_owned());
    ProxyDraft { username: some("maya"), password: some(password), ..through(proxy) }
}

/// Somebody whose Zoom stands behind whatever proxy is chosen; none is, yet.
async fn person(world: &World) -> (Person, TeamspaceInfo) {
    let environment = Environment { proxy: Some(Secret::new("off".to_owned())), ..world.environment() };
    let maya = world.newcomer_with(environment).await.unwrap();
    let draft = next_desktop::profile::ProfileDraft {
        name: "Maya Lindqvist".to_owned(),
        email: MAYA.to_owned(),
        photo: Default::default(),
    };
    maya.app.save_profile(draft).await.unwrap();
    let research = maya.add_teamspace("Research", &world.folder("research")).await.unwrap();
    (maya, research)
}

/// What reached Zoom, without what the browser asked for.
fn reached(world: &World) -> usize {
    world.sim.requests().iter().filter(|request| !request.path.starts_with("/oauth/authorize")).count()
}

#[tokio::test]
async fn signing_in_listing_and_downloading_all_go_through_the_proxy() {
    let (world, uuid) = World::with_talk("Interview").await;
    let (maya, research) = person(&world).await;
    let proxy = Proxy::start().await;
    let saved = maya.app.save_proxy_settings(through(&proxy)).await.unwrap();
    assert_eq!((saved.mode, saved.source), (ProxyMode::Custom, ProxySource::Settings));

    maya.connect(&world.sim, MAYA).await.unwrap();
    let (from, to) = ("2026-01-01".parse().unwrap(), "2026-01-02".parse().unwrap());
    maya.app.cloud_recordings(from, to).await.unwrap();
    let jobs = maya.import(&research, &[&uuid]).await;

    assert_eq!(jobs[0].state, JobState::Done, "{jobs:?}");
    let asked = proxy.asked();
    for part in
        ["/oauth/token", "/v2/users/me", "/users/me/recordings", "/meetings/", "/rec/download", "/ssrweb/"]
    {
        assert!(asked.iter().any(|request| request.contains(part)), "{part} in {asked:?}");
    }
    assert_eq!(asked.len(), reached(&world), "and nothing goes past it");
}

#[tokio::test]
async fn another_choice_counts_from_the_next_request_on_and_in_every_process() {
    let world = World::empty().await;
    let (maya, _) = person(&world).await;
    let proxy = Proxy::start().await;
    maya.app.save_proxy_settings(through(&proxy)).await.unwrap();
    maya.connect(&world.sim, MAYA).await.unwrap();
    let window = world.another_start(&maya).await;
    let day = "2026-01-01".parse().unwrap();
    window.app.cloud_recordings(day, day).await.unwrap();
    let before = proxy.asked().len();
    assert_eq!(before, reached(&world));

    maya.app.save_proxy_settings(mode(ProxyMode::Off)).await.unwrap();
    window.app.cloud_recordings(day, day).await.unwrap();
    maya.app.cloud_recordings(day, day).await.unwrap();
    assert_eq!(proxy.asked().len(), before, "straight");
    assert!(reached(&world) > before);

    let kept = maya.app.proxy_settings().await.unwrap().address;
    assert_eq!(kept, Some(proxy.address()), "the address is there for when it is wanted again");
}

#[tokio::test]
async fn what_is_on_this_machine_is_reached_straight() {
    let world = World::empty().await;
    let maya = world.person("Maya", MAYA).await;
    let proxy = Proxy::start().await;
    maya.app.save_proxy_settings(through(&proxy)).await.unwrap();

    maya.connect(&world.sim, MAYA).await.unwrap();

    assert_eq!(proxy.asked(), [] as [&str; 0]);
}

/// Two imports that wait because the proxy is gone, and its port.
async fn cut_off(world: &World) -> (Person, Vec<Job>, u16) {
    let (maya, research) = person(world).await;
    let proxy = Proxy::start().await;
    maya.app.save_proxy_settings(through(&proxy)).await.unwrap();
    maya.connect(&world.sim, MAYA).await.unwrap();
    let uuids: Vec<String> = (1..3)
        .map(|day| world.sim.add_meeting(MeetingSpec::talk("Interview", "checkout").days_ago(day)).uuid)
        .collect();
    let port = proxy.port();
    drop(proxy);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut heard = maya.app.events().subscribe();
    let uuids: Vec<&str> = uuids.iter().map(String::as_str).collect();
    let jobs = maya.import(&research, &uuids).await;
    for job in &jobs {
        let why = job.error.as_ref().unwrap();
        assert_eq!((job.state, why.code), (JobState::Waiting, Code::ProxyUnreachable), "{job:?}");
        assert!(why.message.contains(&format!("127.0.0.1:{port}")), "{why}");
        assert!(job.retry_at.is_some(), "it is looked at again by itself");
    }
    let said = std::iter::from_fn(|| heard.try_recv().ok()).filter(|e| *e == Event::NetworkChanged).count();
    assert_eq!(said, 1, "for both of them together");
    let barred = maya.app.app_info().await.unwrap().barred.unwrap();
    assert_eq!(barred.code, Code::ProxyUnreachable);
    (maya, jobs, port)
}

#[tokio::test]
async fn imports_wait_for_a_broken_proxy_and_go_on_when_somebody_gets_through_again() {
    let world = World::empty().await;
    let (maya, jobs, port) = cut_off(&world).await;
    let _mended = Proxy::at(port).await;

    let test = maya.app.test_network(None).await.unwrap();

    assert_eq!(test.proxy, Some(format!("http://127.0.0.1:{port}")));
    maya.jobs_until(&jobs, |job| job.state == JobState::Done).await;
    assert_eq!(maya.app.app_info().await.unwrap().barred, None);
}

#[tokio::test]
async fn imports_that_wait_for_a_broken_proxy_go_on_when_another_way_is_chosen() {
    let world = World::empty().await;
    let (maya, jobs, _) = cut_off(&world).await;

    maya.app.save_proxy_settings(mode(ProxyMode::Off)).await.unwrap();

    maya.jobs_until(&jobs, |job| job.state == JobState::Done).await;
}

#[tokio::test]
async fn a_password_is_asked_for_tried_before_it_is_saved_and_kept_in_its_place() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone()));
    let _logging = tracing::subscriber::set_default(subscriber);
    let (world, uuid) = World::with_talk("Interview").await;
    let (maya, research) = person(&world).await;
    let proxy = Proxy::start().await;
    proxy.demand("maya", PASSWORD);

    let none = maya.app.test_network(Some(through(&proxy))).await.unwrap_err();
    let wrong = maya.app.test_network(Some(signed(&proxy, "guess"))).await.unwrap_err();
    assert_eq!((none.code, wrong.code), (Code::ProxyPassword, Code::ProxyPassword));
    assert!(none.message.contains("asks for"), "{none}");
    assert!(wrong.message.contains("does not accept"), "{wrong}");
    assert_eq!(proxy.turned_away(), 2);
    maya.app.test_network(Some(signed(&proxy, PASSWORD))).await.unwrap();
    assert_eq!(maya.app.proxy_settings().await.unwrap().mode, ProxyMode::Off, "only tried");

    let saved = maya.app.save_proxy_settings(signed(&proxy, PASSWORD)).await.unwrap();
    maya.connect(&world.sim, MAYA).await.unwrap();
    let maya = maya.reopen().await;
    let jobs = maya.import(&research, &[&uuid]).await;

    assert_eq!((jobs[0].state, saved.has_password), (JobState::Done, true), "{jobs:?}");
    assert_eq!(proxy.turned_away(), 2, "it is still known after a restart");
    let header = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(format!("maya:{PASSWORD}"))
    };
    let words = [PASSWORD.to_owned(), header];
    assert_eq!(maya.files_with(&words), [], "in no file of the data directory");
    let printed = format!("{saved:?} {:?} {:?}", maya.app.app_info().await, maya.app.doctor().await);
    for text in [log.text(), printed] {
        assert!(!words.iter().any(|word| text.contains(word)), "{text}");
    }
}

#[tokio::test]
async fn the_doctor_has_a_line_for_the_way_to_zoom() {
    let world = World::empty().await;
    let (maya, _) = person(&world).await;
    let proxy = Proxy::start().await;
    maya.app.save_proxy_settings(through(&proxy)).await.unwrap();
    let network = |checks: Vec<next_desktop::app::Check>| {
        checks.into_iter().find(|check| check.name == "network").unwrap()
    };
    let well = network(maya.app.doctor().await.unwrap());
    assert!(well.ok && well.message.contains(&proxy.address()), "{well:?}");

    drop(proxy);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let ill = network(maya.app.doctor().await.unwrap());
    assert!(!ill.ok && ill.message.contains("cannot be reached") && ill.action.is_some(), "{ill:?}");
}

/// An office: the real Zoom's names, led through a proxy to somebody who looks into encrypted connections with
/// certificates of the company's CA. Behind stands the simulator.
struct Office {
    sim: ZoomSim,
    proxy: Proxy,
    machine: Machine,
    _tls: Tls,
}

impl Office {
    async fn open() -> Self {
        let known_as = ("https://us02web.zoom.us".to_owned(), "https://storage.example".to_owned());
        let options = zoom_sim::Options { known_as: Some(known_as), ..zoom_sim::Options::default() };
        let sim = ZoomSim::start(options).await.unwrap();
        let ca = Ca::new("The Company's CA");
        let names = ["zoom.us", "api.zoom.us", "us02web.zoom.us", "storage.example"];
        let tls = Tls::before(&sim, &ca, &names).await;
        let proxy = Proxy::start().await;
        proxy.lead_to(tls.address);
        let mut machine = Machine::of(&sim);
        std::fs::write(machine.path("company.pem"), ca.pem()).unwrap();
        std::fs::write(machine.path("others.pem"), Ca::new("Another CA").pem()).unwrap();
        machine.set("NEXT_ZOOM_OAUTH_URL", "");
        machine.set("NEXT_ZOOM_API_URL", "");
        machine.set("NEXT_PROXY", &proxy.address());
        let mut office = Self { sim, proxy, machine, _tls: tls };
        office.trust("company.pem");
        office
    }

    /// Whom the system trusts.
    fn trust(&mut self, file: &str) {
        let path = self.machine.path(file);
        self.machine.set("SSL_CERT_FILE", path.to_str().unwrap());
    }

    async fn import(&self, uuid: &str) -> super::nextctl::Ran {
        self.machine.run(&["--json", "import", "--teamspace", "Research", "--wait", uuid]).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_that_looks_into_connections_is_trusted_when_the_system_trusts_its_ca() {
    let mut office = Office::open().await;
    let one = office.sim.add_meeting(MeetingSpec::talk("Interview", "checkout").days_ago(2)).uuid;
    let two = office.sim.add_meeting(MeetingSpec::talk("Interview", "sync").days_ago(3)).uuid;
    let test = office.machine.json(&["network", "test"]).await;
    assert_eq!((&test["host"], &test["proxy"]), (&"api.zoom.us".into(), &office.proxy.address().into()));
    office.machine.connect_all(&office.sim).await;

    let imported = office.import(&one).await;

    assert_eq!((imported.code, &imported.summary()["imported"]), (Some(0), &1.into()), "{imported:?}");
    let asked = office.proxy.asked();
    for host in ["zoom.us", "api.zoom.us", "us02web.zoom.us", "storage.example"] {
        assert!(asked.contains(&format!("CONNECT {host}:443")), "{host} in {asked:?}");
    }

    office.trust("others.pem");
    for command in [&["network", "test"][..], &["zoom", "recordings"]] {
        let refused = office.machine.run(command).await;
        refused.assert_fails(3, "certificate of api.zoom.us is not trusted");
        refused.assert_fails(3, "ask your IT department to add its CA to the system's trust store");
    }
    let waiting = office.import(&two).await;
    assert_eq!(
        (waiting.code, &waiting.summary()["failed"]),
        (Some(3), &serde_json::json!([])),
        "{waiting:?}"
    );
    let jobs = office.machine.json(&["jobs"]).await;
    let job =
        jobs["jobs"].as_array().unwrap().iter().find(|job| job["uuid"] == two.as_str()).unwrap().clone();
    assert_eq!(
        (&job["state"], &job["error"]["code"]),
        (&"waiting".into(), &"certificate_not_trusted".into())
    );

    office.trust("company.pem");
    let imported = office.import(&two).await;
    assert_eq!((imported.code, &imported.summary()["imported"]), (Some(0), &1.into()), "{imported:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_asks_or_refuses_before_an_encrypted_connection_is_told_apart() {
    let office = Office::open().await;
    let machine = &office.machine;
    let test = ["network", "test"];
    office.proxy.refuse(true);
    machine.run(&test).await.assert_fails(3, "refuses to connect to api.zoom.us");
    office.proxy.refuse(false);
    office.proxy.demand("maya", PASSWORD);
    machine.run(&test).await.assert_fails(3, "asks for a user name and a password");

    let set = ["network", "proxy", &office.proxy.address(), "--username", "maya", "--password-from-stdin"];
    let wrong = machine.run_with_input(&set, "guess\n").await;
    assert_eq!(wrong.code, Some(0), "{wrong:?}");
    machine.run(&test).await.assert_fails(3, "does not accept");
    let right = machine.run_with_input(&set, &format!("{PASSWORD}\n")).await;
    assert!(right.stdout.contains("stored") && !right.stdout.contains(PASSWORD), "{right:?}");
    machine.json(&test).await;

    let shown = machine.json(&["network", "show"]).await;
    assert_eq!(
        (&shown["proxy"]["username"], &shown["proxy"]["has_password"]),
        (&"maya".into(), &true.into())
    );
    assert_eq!(super::harness::files_with(&machine.data(), &[PASSWORD.to_owned()]), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socks_proxy_leads_to_zoom_as_well() {
    let office = Office::open().await;
    let address = office.proxy.address().replace("http://", "socks5h://");
    office.machine.json(&["network", "proxy", &address]).await;
    office.machine.json(&["network", "test"]).await;
    assert!(office.proxy.asked().contains(&"SOCKS api.zoom.us:443".to_owned()), "{:?}", office.proxy.asked());

    office.proxy.refuse(true);
    office.machine.run(&["network", "test"]).await.assert_fails(3, "refuses to connect to api.zoom.us");
    office.proxy.demand("maya", PASSWORD);
    office.machine.run(&["network", "test"]).await.assert_fails(3, "a user name and a password");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_choice_the_way_is_the_systems() {
    let mut office = Office::open().await;
    office.machine.set("NEXT_PROXY", "");
    let address = office.proxy.address();
    office.machine.set("HTTPS_PROXY", &address);

    let test = office.machine.json(&["network", "test"]).await;
    assert_eq!(test["proxy"], address.as_str());
    assert_eq!(office.machine.json(&["network", "show"]).await["proxy"]["source"], "default");

    // Whom the system excepts is not asked for at the proxy: there is no such name in the world.
    office.machine.set("NEXT_ZOOM_API_URL", "https://zoom.invalid/v2");
    office.machine.set("NO_PROXY", "zoom.invalid");
    office.machine.run(&["network", "test"]).await.assert_fails(1, "zoom.invalid is not found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_makes_no_sense_is_refused_and_nothing_changes() {
    let sim = ZoomSim::start(zoom_sim::Options::default()).await.unwrap();
    let mut machine = Machine::of(&sim);
    for bad in ["ftp://proxy.example", "http://proxy.example/path", "http://", "http://a b"] {
        machine.run(&["network", "proxy", bad]).await.assert_fails(2, "The proxy's address");
    }
    machine.run(&["network", "proxy", "off", "--username", "maya"]).await.assert_fails(2, "no user name");
    assert_eq!(machine.json(&["network", "show"]).await["proxy"]["source"], "default");

    machine.set("NEXT_PROXY", "ftp://maya:hunter2@proxy.example");
    let refused = machine.run(&["network", "show"]).await;
    refused.assert_fails(2, "NEXT_PROXY");
    assert!(!refused.stderr.contains("hunter2"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_zoom_of_ones_own_with_an_unknown_certificate_is_refused_without_a_proxy_too() {
    let sim = ZoomSim::start(zoom_sim::Options::default()).await.unwrap();
    let ca = Ca::new("The Company's CA");
    let tls = Tls::before(&sim, &ca, &["127.0.0.1"]).await;
    let mut machine = Machine::of(&sim);
    machine.set("NEXT_ZOOM_OAUTH_URL", &format!("https://{}", tls.address));
    machine.set("NEXT_ZOOM_API_URL", &format!("https://{}/v2", tls.address));
    std::fs::write(machine.path("company.pem"), ca.pem()).unwrap();
    std::fs::write(machine.path("others.pem"), Ca::new("Another CA").pem()).unwrap();
    let path = |name: &str| machine.path(name).to_str().unwrap().to_owned();
    let (company, others) = (path("company.pem"), path("others.pem"));

    machine.set("SSL_CERT_FILE", &others);
    machine.run(&["network", "test"]).await.assert_fails(3, "certificate of 127.0.0.1 is not trusted");
    machine.set("SSL_CERT_FILE", &company);
    machine.connect_all(&sim).await;
    let who = machine.connect(&sim, &Choice::authorize(MAYA), &[]).await;
    assert_eq!(who.code, Some(0), "{who:?}");

    machine.set("SSL_CERT_FILE", "/nonexistent/none.pem");
    machine.run(&["network", "test"]).await.assert_fails(3, "no list of certificates");
}
