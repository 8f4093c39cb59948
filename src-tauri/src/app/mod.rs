//! The whole product in one value: builds the parts, starts and stops them, and answers the doors.
//!
//! The window and the command line call the same operations; each of them is here, by subject. What an
//! operation needs from outside (folders, addresses, time, the keyring, the desktop) comes in through
//! [`Options`], so that a test holds a whole app in its hand.

mod auto_import;
mod background;
mod buckets;
mod bulk;
mod clipping;
mod copying;
mod correcting;
mod deleting;
mod desktop;
mod dirs;
mod doctor;
mod editing;
mod emptying;
mod exported_files;
mod exporting;
mod filtering;
mod first_look;
mod following;
mod highlights;
mod imports;
mod introducing;
mod keeping;
mod library;
mod limits;
mod links;
mod login;
mod looking;
mod network;
mod noticing;
mod pace;
mod people;
mod posters;
mod repairing;
mod saved_searches;
mod searching;
mod shapes;
mod spaces;
mod surroundings;
mod teamspaces;
#[cfg(target_os = "linux")]
mod thumbnailer;
mod tray;
mod verifying;
mod zooming;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub use background::{Background, Offers};
pub use buckets::{BucketDraft, PlaceDraft};
pub use clipping::{Clip, ClipReport, ClipWish, HighlightRef, NotClipped};
pub use copying::{CopyDamage, CopyReport, CopyWish, copying_stopped};
pub use correcting::{LineCorrection, SpeakerName};
pub use desktop::{Desktop, SystemDesktop};
pub use dirs::Dirs;
pub use editing::DAYS_IN_TRASH;
pub use exporting::{ExportPart, ExportReport, ExportWish, Exported, NotExported};
pub use filtering::Filtered;
pub use first_look::FirstLook;
pub use highlights::{HighlightDraft, HighlightItem, HighlightPage, HighlightsWish};
pub use keeping::Kept;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use links::holds as holds_link;
pub use login::LoginStart;
pub use network::NetworkTest;
pub use saved_searches::{SavedSearch, SearchDraft};
pub use searching::SearchWish;
pub use shapes::{
    AppInfo, BulkFailure, BulkOutcome, Check, ClaimAnswer, CloudListing, Covered, Disconnected, FirstStart,
    ListedRecording, OpenedRecording, RecordingEdit, RecordingItem, RecordingLedger, RecordingPage,
    SecretsChoice, SecretsStatus, SecretsStore, StoredRecording, TrashedRecording,
};
pub use tray::{Tray, TrayAction, TrayItem, TrayState};

use crate::account::{Accounts, Parts};
use crate::activity::Activity;
use crate::auto_import::{self as auto, AutoImport, WayOut};
use crate::cache::Cache;
use crate::catalog::Catalog;
use crate::clock::Clock;
use crate::database::{Database, open_state};
use crate::error::{UserError, UserResult};
use crate::events::Events;
use crate::import::{Bounds, Disks, Importer, Leases, Looks, Outbox, Queue, Room, Worker};
use crate::ledger::Ledger;
use crate::media::MediaServer;
use crate::pins::Pins;
use crate::secret::Secrets;
use crate::settings::{Configuration, Environment, OrganisationFile, ProxyChoice};
use crate::zoom::{Limiter, Network, Patience, Zoom};
use buckets::Reaching;
use shapes::SecretsState;
use spaces::Spaces;
use surroundings::{AppClaims, AppSurroundings};

/// What an app needs from outside.
pub struct Options {
    /// Where local data lives.
    pub dirs: Dirs,
    /// The environment's values.
    pub environment: Environment,
    /// The organisation's file beside the app.
    pub organisation: OrganisationFile,
    /// Where secrets are kept, when it is not what the environment says.
    pub secrets: Option<Secrets>,
    /// The time.
    pub clock: Clock,
    /// The desktop around us.
    pub desktop: Arc<dyn Desktop>,
    /// How long to wait for Zoom.
    pub patience: Patience,
    /// How much room disks have.
    pub disks: Disks,
    /// Whether there is a network.
    pub way_out: WayOut,
    /// Whether a Zoom on this machine is reached through the proxy too: only for those who try proxies.
    pub proxied_loopback: bool,
}

impl Options {
    /// Everything as this machine has it.
    pub fn from_system() -> UserResult<Self> {
        let environment = Environment::read();
        let dirs = match &environment.data_dir {
            Some(root) => Dirs::at(std::path::absolute(root).unwrap_or_else(|_| root.clone())),
            None => Dirs::of_system()?,
        };
        Ok(Self {
            dirs,
            environment,
            organisation: OrganisationFile::read(&OrganisationFile::places(
                std::env::current_exe().ok().as_deref(),
            ))?,
            secrets: None,
            clock: Clock::system(),
            desktop: Arc::new(SystemDesktop),
            patience: Patience::default(),
            disks: Disks::system(),
            way_out: WayOut::system(),
            proxied_loopback: false,
        })
    }
}

/// The product. Cheap to clone; all clones are one app.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    dirs: Dirs,
    clock: Clock,
    desktop: Arc<dyn Desktop>,
    /// Where programs are looked for that others make: ffmpeg.
    programs: Option<std::ffi::OsString>,
    /// The AppImage that we run from.
    appimage: Option<std::path::PathBuf>,
    standing: background::Standing,
    events: Events,
    state: Database,
    secrets: Secrets,
    secrets_state: Mutex<SecretsState>,
    configuration: Configuration,
    proxy: ProxyChoice,
    zoom: Zoom,
    accounts: Accounts,
    catalog: Catalog,
    cache: Cache,
    queue: Queue,
    ledger: Ledger,
    verifying: Mutex<verifying::Verifying>,
    copying: Mutex<copying::UnderWay>,
    exporting: Mutex<exporting::UnderWay>,
    pins: Pins,
    keeping: keeping::Keeping,
    disks: Disks,
    spaces: Spaces,
    media: OnceLock<MediaServer>,
    wake: Arc<Notify>,
    worker: Mutex<Option<Worker>>,
    stop: CancellationToken,
    importer: Arc<Importer>,
    /// Why what has been in the trash for long enough stays, by teamspace.
    trash_stays: Mutex<std::collections::BTreeMap<String, UserError>>,
    auto_import: AutoImport,
    activity: Activity,
    /// What was listed last, so that a wish to import need not ask Zoom again.
    listed: Mutex<std::collections::HashMap<String, crate::recording::CloudRecording>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The tasks of an app that nobody holds any more end with it; the worker's do by themselves.
        self.stop.cancel();
    }
}

impl App {
    /// Opens the app on its data directory. Fails with a sentence when it cannot be used.
    pub async fn open(options: Options) -> UserResult<Self> {
        options.dirs.prepare()?;
        let clock = options.clock;
        let events = Events::default();
        let opened = open_state(&options.dirs.state_db(), clock.now())?;
        let state = opened.database;
        if let Some(incident) = &opened.incident {
            people::notice(&state, &UserError::from(incident), clock.now())?;
        }
        let (secrets, secrets_state) =
            people::open_secrets(options.secrets, &options.environment, &options.dirs, &state)?;
        let configuration =
            Configuration::open(state.clone(), secrets.clone(), &options.environment, &options.organisation)?;
        let pace = Limiter::shared(&options.dirs.zoom_pace());
        let proxy = ProxyChoice::open(state.clone(), secrets.clone(), &options.environment)?;
        let network = Network {
            proxy: Some(proxy.clone()),
            events: events.clone(),
            proxied_loopback: options.proxied_loopback,
        };
        let endpoints = configuration.endpoints().clone();
        let zoom = Zoom::over(network, endpoints, clock.clone(), options.patience, pace);
        let (catalog, _) = Catalog::open(&options.dirs.catalog_db())?;
        let cache = Cache::open(&options.dirs.cache())?;
        limits::apply(&state, &zoom, &cache);
        let pins = Pins::new(state.clone());
        let queue = Queue::new(state.clone());
        let outbox = Outbox::new(state.clone());
        let ledger = Ledger::new(state.clone());
        let spaces = Spaces::new(
            state.clone(),
            catalog.clone(),
            outbox.clone(),
            events.clone(),
            clock.clone(),
            Reaching::new(secrets.clone(), &options.environment, zoom.clone(), &state),
        );
        let claims = AppClaims { state: state.clone(), spaces: spaces.clone(), clock: clock.clone() };
        let accounts = Accounts::new(Parts {
            database: state.clone(),
            secrets: secrets.clone(),
            configuration: configuration.clone(),
            zoom: zoom.clone(),
            events: events.clone(),
            clock: clock.clone(),
            claims: Arc::new(claims),
            lock: options.dirs.refresh_lock(),
        });
        let surroundings = Arc::new(AppSurroundings {
            state: state.clone(),
            spaces: spaces.clone(),
            accounts: accounts.clone(),
            clock: clock.clone(),
        });
        let importer = Arc::new(Importer {
            surroundings,
            zoom: zoom.clone(),
            queue: queue.clone(),
            outbox: outbox.clone(),
            ledger: ledger.clone(),
            looks: Looks::new(state.clone()),
            cache: cache.clone(),
            catalog: catalog.clone(),
            events: events.clone(),
            clock: clock.clone(),
            room: Room::new(options.disks.clone(), cache.root()),
            bounds: Bounds::default(),
            leases: Leases::default(),
        });
        let wake = Arc::new(Notify::new());
        let activity = Activity::open(state.clone(), events.clone())?;
        activity.prune(clock.now())?;
        let auto_import = AutoImport::new(auto::Parts {
            state: state.clone(),
            accounts: accounts.clone(),
            importer: importer.clone(),
            activity: activity.clone(),
            wake: wake.clone(),
            way_out: options.way_out,
            place: options.dirs.auto_import_lock(),
        });
        Ok(Self(Arc::new(Inner {
            dirs: options.dirs,
            clock,
            desktop: options.desktop,
            programs: options.environment.path,
            appimage: options.environment.appimage,
            standing: background::Standing::default(),
            events,
            state,
            secrets,
            secrets_state: Mutex::new(secrets_state),
            configuration,
            proxy,
            zoom,
            accounts,
            catalog,
            cache,
            queue,
            ledger,
            verifying: Mutex::default(),
            copying: Mutex::default(),
            exporting: Mutex::default(),
            pins,
            keeping: keeping::Keeping::default(),
            disks: options.disks,
            spaces,
            media: OnceLock::new(),
            wake,
            worker: Mutex::new(None),
            stop: CancellationToken::new(),
            importer,
            trash_stays: Mutex::default(),
            auto_import,
            activity,
            listed: Mutex::default(),
        })))
    }

    /// Where changes are heard.
    pub fn events(&self) -> &Events {
        &self.0.events
    }

    /// Begins to work the import queue, as soon as no other process does, and to watch the teamspaces for
    /// what colleagues add and for disks that come and go. With the queue's place comes what is due at Zoom.
    pub fn start_worker(&self) {
        let inner = &self.0;
        let mut worker = inner.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if worker.is_some() {
            return;
        }
        let started = Worker::start(
            &inner.dirs.worker_lock(),
            inner.queue.clone(),
            inner.importer.clone(),
            inner.events.clone(),
            inner.clock.clone(),
            inner.wake.clone(),
        );
        tokio::spawn(self.delete_at_zoom().watch(started.owns_place(), inner.stop.clone()));
        tokio::spawn(keeping::watch(Arc::downgrade(inner), started.owns_place(), inner.stop.clone()));
        tokio::spawn(emptying::watch(Arc::downgrade(inner), started.owns_place(), inner.stop.clone()));
        *worker = Some(started);
        // Not the app itself: nothing of it must outlive whoever holds it.
        let heard = inner.events.subscribe();
        tokio::spawn(imports::watch_account(Arc::downgrade(inner), heard, inner.stop.clone()));
        tokio::spawn(imports::watch_rows(Arc::downgrade(inner), inner.stop.clone()));
        tokio::spawn(imports::tell_activity(
            inner.activity.clone(),
            inner.events.subscribe(),
            inner.stop.clone(),
        ));
        tokio::spawn(limits::watch(
            inner.state.clone(),
            inner.zoom.clone(),
            inner.cache.clone(),
            inner.stop.clone(),
        ));
        tokio::spawn(inner.spaces.clone().give_up_abandoned(inner.queue.clone()));
        tokio::spawn(inner.spaces.clone().watch(surroundings::writer(&inner.state), inner.stop.clone()));
    }

    /// Says whether a person looks at the window: then what colleagues do is asked for every 15 seconds, and
    /// else every 5 minutes. Without a window it is as if somebody looked.
    pub fn set_in_front(&self, in_front: bool) {
        self.0.spaces.set_in_front(in_front);
        self.0.standing.set_in_front(in_front);
    }

    /// Stops, letting the steps in hand reach a safe point.
    pub async fn close(&self) {
        self.0.stop.cancel();
        self.0.accounts.close().await;
        let worker = self.0.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(worker) = worker {
            worker.stop().await;
        }
    }
}
