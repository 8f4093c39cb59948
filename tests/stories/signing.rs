//! Signing in alone, for stories about it: one profile with its accounts, its secrets and a clock in hand, and
//! no app around them. Several of them on one data directory are several processes.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use jiff::SignedDuration;
use next_desktop::account::{
    Account, AccountStatus, Accounts, AuthorizationStep, Claim, ClaimCheck, ClaimHolder, Parts,
};
use next_desktop::clock::Clock;
use next_desktop::database::open_state;
use next_desktop::error::{UserError, UserResult};
use next_desktop::events::{Event, Events};
use next_desktop::profile::{self, PhotoChange, ProfileDraft};
use next_desktop::secret::{self, Memory, Secret, SecretStore, Secrets};
use next_desktop::settings::{Configuration, Environment, OrganisationFile};
use next_desktop::zoom::{Patience, Zoom};
use tempfile::TempDir;
use zoom_sim::{Choice, Options, ZoomSim};

pub const MAYA: &str = "maya@example.com";
pub const JONAS: &str = "jonas@example.com";

/// A keyring that can be locked, and that says when something is kept.
#[derive(Debug, Clone, Default)]
pub struct Keyring {
    entries: Memory,
    pub locked: Arc<AtomicBool>,
    pub kept: Arc<Mutex<Vec<String>>>,
}

impl Keyring {
    fn open(&self) -> Result<(), secret::Error> {
        match self.locked.load(Ordering::SeqCst) {
            true => Err(secret::Error::Locked { why: "locked".to_owned() }),
            false => Ok(()),
        }
    }
}

impl SecretStore for Keyring {
    /// As the Secret Service: a locked one looks empty.
    fn get(&self, name: &str) -> Result<Option<Secret>, secret::Error> {
        if self.open().is_err() { Ok(None) } else { self.entries.get(name) }
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), secret::Error> {
        self.open()?;
        self.kept.lock().unwrap().push(name.to_owned());
        self.entries.set(name, secret)
    }

    fn delete(&self, name: &str) -> Result<(), secret::Error> {
        self.open()?;
        self.entries.delete(name)
    }
}

/// Teamspaces that hold the account for somebody else, or for nobody.
#[derive(Debug, Default)]
pub struct Claims {
    pub holder: Mutex<Option<ClaimHolder>>,
    pub released: Mutex<Vec<String>>,
}

impl Claims {
    fn said(&self) -> Claim {
        self.holder.lock().unwrap().clone().map_or(Claim::Free, Claim::Held)
    }
}

impl ClaimCheck for Claims {
    fn check<'a>(&'a self, _account: &'a Account) -> BoxFuture<'a, UserResult<Claim>> {
        async { Ok(self.said()) }.boxed()
    }

    fn claim<'a>(&'a self, _account: &'a Account, take_over: bool) -> BoxFuture<'a, UserResult<Claim>> {
        async move {
            if take_over {
                self.holder.lock().unwrap().take();
            }
            Ok(self.said())
        }
        .boxed()
    }

    fn release<'a>(&'a self, account: &'a Account) -> BoxFuture<'a, UserResult<()>> {
        async {
            self.released.lock().unwrap().push(account.email.clone());
            Ok(())
        }
        .boxed()
    }
}

/// A profile that can sign in.
pub struct Signer {
    pub accounts: Accounts,
    pub zoom: Zoom,
    pub configuration: Configuration,
    pub keyring: Keyring,
    pub claims: Arc<Claims>,
    pub clock: Clock,
    pub events: Events,
    environment: Environment,
    dir: Arc<TempDir>,
}

/// A Zoom, and Maya who wants to connect hers.
pub async fn maya() -> (ZoomSim, Signer) {
    let sim = ZoomSim::start(Options::default()).await.unwrap();
    let signer = Signer::new(environment(&sim));
    (sim, signer)
}

/// Maya, connected.
pub async fn maya_connected() -> (ZoomSim, Signer) {
    let (sim, maya) = maya().await;
    maya.connect(&sim, &Choice::authorize(MAYA)).await.unwrap();
    (sim, maya)
}

pub fn environment(sim: &ZoomSim) -> Environment {
    Environment {
        zoom_client_id: Some(sim.client_id()),
        zoom_oauth_url: Some(sim.oauth_url()),
        zoom_api_url: Some(sim.api_url()),
        ..Environment::default()
    }
}

impl Signer {
    /// Maya on a machine of her own.
    pub fn new(environment: Environment) -> Self {
        Self::open(environment, Arc::new(TempDir::new().unwrap()), Keyring::default(), clock())
    }

    /// The same person in another process, or after a restart.
    pub fn again(&self) -> Self {
        Self::open(self.environment.clone(), self.dir.clone(), self.keyring.clone(), self.clock.clone())
    }

    fn open(environment: Environment, dir: Arc<TempDir>, keyring: Keyring, clock: Clock) -> Self {
        let database = open_state(&dir.path().join("state.db"), clock.now()).unwrap().database;
        let draft =
            ProfileDraft { name: "Maya".to_owned(), email: MAYA.to_owned(), photo: PhotoChange::Keep };
        profile::save(&database, &draft, &clock).unwrap();
        let secrets = Secrets::new(keyring.clone());
        let organisation = OrganisationFile::default();
        let configuration =
            Configuration::open(database.clone(), secrets.clone(), &environment, &organisation).unwrap();
        let patience = Patience {
            backoff: Duration::from_millis(5),
            answer: Duration::from_secs(5),
            ..Patience::default()
        };
        let zoom = Zoom::new(configuration.endpoints().clone(), clock.clone(), patience);
        let (claims, events) = (Arc::new(Claims::default()), Events::default());
        let accounts = Accounts::new(Parts {
            database,
            secrets,
            configuration: configuration.clone(),
            zoom: zoom.clone(),
            events: events.clone(),
            clock: clock.clone(),
            claims: claims.clone(),
            lock: dir.path().join("zoom-refresh.lock"),
        });
        Self { accounts, zoom, configuration, keyring, claims, clock, events, environment, dir }
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        self.dir.path()
    }

    pub fn status(&self) -> AccountStatus {
        self.accounts.status().unwrap()
    }

    /// Begins a sign-in and gives the address for the browser.
    pub async fn begin(&self) -> String {
        match self.accounts.begin().await.unwrap().step {
            Some(AuthorizationStep::WaitingForBrowser { authorization_url, .. }) => authorization_url,
            other => panic!("{other:?}"),
        }
    }

    /// Begins a sign-in, lets the person choose, and hands the browser's way back in as a link.
    pub async fn connect(&self, sim: &ZoomSim, choice: &Choice) -> UserResult<AccountStatus> {
        let address = self.begin().await;
        let back = sim.authorize(&address, choice).await.unwrap();
        self.accounts.callback(&back).await
    }

    /// Waits until a sign-in is no longer under way.
    pub async fn settles(&self) -> AccountStatus {
        for _ in 0..600 {
            let status = self.status();
            if status.step.is_none() {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not settled: {:?}", self.status());
    }

    /// Lets this much time go by, for us and for Zoom.
    pub fn wait(&self, sim: &ZoomSim, seconds: u32) {
        self.clock.advance(SignedDuration::from_secs(i64::from(seconds)));
        sim.advance(Duration::from_secs(u64::from(seconds)));
    }

    /// How often the person was told that something about the account changed, since `heard` began to listen.
    pub fn changes(heard: &mut tokio::sync::broadcast::Receiver<Event>) -> usize {
        std::iter::from_fn(|| heard.try_recv().ok()).filter(|event| *event == Event::AccountChanged).count()
    }
}

/// A clock that begins now and moves when it is told.
fn clock() -> Clock {
    Clock::manual(jiff::Timestamp::now())
}

pub fn grace() -> ClaimHolder {
    ClaimHolder {
        teamspace: "Research".to_owned(),
        profile: "another".to_owned(),
        name: "Grace".to_owned(),
        device: "grace-laptop".to_owned(),
        since: "2026-01-05T09:00:00Z".parse().unwrap(),
    }
}

/// Replaces a parameter of an address.
pub fn with_parameter(address: &str, name: &str, value: Option<&str>) -> String {
    let mut url = url::Url::parse(address).unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(n, _)| n != name).collect();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    if let Some(value) = value {
        url.query_pairs_mut().append_pair(name, value);
    }
    url.to_string()
}

/// The error of a sign-in that must not have worked.
pub fn refused(result: UserResult<AccountStatus>) -> UserError {
    result.expect_err("this sign-in must be refused")
}
