//! A world for stories: a Zoom on loopback, a folder that a team shares, and people with a whole app in hand.
//!
//! A [`Person`] can be dropped and opened again on the same data directory: that is how crash and restart are
//! told. Their secrets survive a reopening, as a keyring does. Whatever a story tells, at its end no bearer token
//! may have reached the storage host.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use next_desktop::account::{AccountStatus, AuthorizationStep, SignInState};
use next_desktop::app::{App, BucketDraft, Desktop, Dirs, LoginStart, Options};
use next_desktop::auto_import::WayOut;
use next_desktop::clock::Clock;
use next_desktop::error::{UserError, UserResult};
use next_desktop::import::{Disks, Job, JobState};
use next_desktop::profile::{PhotoChange, ProfileDraft};
use next_desktop::secret::{Memory, Secrets};
use next_desktop::settings::{Environment, OrganisationFile};
use next_desktop::teamspace::{Location, TeamspaceInfo};
use next_desktop::zoom::Patience;
use tempfile::TempDir;
use zoom_sim::{Choice, MeetingSpec, ZoomSim};

/// E-mail of the user whom most stories are about.
pub const MAYA: &str = "maya@example.com";
/// E-mail of a second user.
pub const JONAS: &str = "jonas@example.com";

/// The address of everybody's machine while there is a network.
pub const HOME_NETWORK: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 0, 7));

/// A Zoom, and a folder that a team shares.
pub struct World {
    pub sim: ZoomSim,
    /// The time on everybody's machine.
    pub clock: Clock,
    /// Room on everybody's disks.
    pub disks: Disks,
    /// The network of everybody's machine.
    pub way_out: WayOut,
    /// After so long without a byte a download has stalled. Longer than a busy machine may stand still; a story of one
    /// that stalls sets it shorter.
    pub stall: Duration,
    /// Below which everybody's folders are.
    place: PathBuf,
    shared: TempDir,
}

impl World {
    /// A Zoom without any meeting.
    pub async fn empty() -> Self {
        Self::with(zoom_sim::Options::default()).await
    }

    /// A Zoom with one meeting of a talk, and its UUID.
    pub async fn with_talk(title: &str) -> (Self, String) {
        let world = Self::empty().await;
        let uuid = world.sim.add_meeting(MeetingSpec::talk(title, "checkout").days_ago(2)).uuid;
        (world, uuid)
    }

    async fn with(options: zoom_sim::Options) -> Self {
        let sim = ZoomSim::start(options).await.unwrap();
        Self {
            sim,
            clock: Clock::system(),
            disks: Disks::system(),
            way_out: WayOut::manual(Some(HOME_NETWORK)),
            stall: Duration::from_secs(30),
            place: std::env::temp_dir(),
            shared: TempDir::new().unwrap(),
        }
    }

    /// The same with disks of which a story decides how much room they have.
    pub fn with_disks(mut self, disks: Disks) -> Self {
        self.disks = disks;
        self
    }

    /// The same with a clock that a story holds in its hand.
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The same with everybody's folders in memory, where the system has a place for that: for long stories that are not
    /// about what a disk keeps. Flushing thousands of small writes to a disk is most of what those would take.
    pub fn in_memory(mut self) -> Self {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() {
            self.place = memory.to_owned();
            self.shared = TempDir::new_in(memory).unwrap();
        }
        self
    }

    fn machine(&self) -> Machine {
        Machine {
            clock: self.clock.clone(),
            disks: self.disks.clone(),
            way_out: self.way_out.clone(),
            stall: self.stall,
        }
    }

    /// A folder below the one that the team shares.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.shared.path().join(name)
    }

    /// The environment that leads to this Zoom.
    pub fn environment(&self) -> Environment {
        Environment {
            zoom_client_id: Some(self.sim.client_id()),
            zoom_oauth_url: Some(self.sim.oauth_url()),
            zoom_api_url: Some(self.sim.api_url()),
            ..Environment::default()
        }
    }

    /// A person with a profile and nothing else.
    pub async fn person(&self, name: &str, email: &str) -> Person {
        let person = self.newcomer().await;
        let draft = ProfileDraft { name: name.to_owned(), email: email.to_owned(), photo: PhotoChange::Keep };
        person.app.save_profile(draft).await.unwrap();
        person
    }

    /// Somebody who opens the app for the first time.
    pub async fn newcomer(&self) -> Person {
        self.newcomer_with(self.environment()).await.unwrap()
    }

    /// The same with another environment.
    pub async fn newcomer_with(&self, environment: Environment) -> UserResult<Person> {
        let dir = Arc::new(TempDir::new_in(&self.place).unwrap());
        let secrets = Secrets::new(Memory::default());
        let desktop = Arc::new(Seen::default());
        let machine = self.machine();
        let options = options(dir.path(), environment.clone(), &secrets, &desktop, &machine);
        let app = App::open(options).await?;
        Ok(Person { app, dir, secrets, desktop, environment, machine })
    }

    /// The same person's app, started once more beside the one that is open, as the window beside `nextctl`.
    pub async fn another_start(&self, person: &Person) -> Person {
        let options = options(
            person.dir.path(),
            person.environment.clone(),
            &person.secrets,
            &person.desktop,
            &person.machine,
        );
        let app = App::open(options).await.unwrap();
        Person {
            app,
            dir: person.dir.clone(),
            secrets: person.secrets.clone(),
            desktop: person.desktop.clone(),
            environment: person.environment.clone(),
            machine: person.machine.clone(),
        }
    }

    /// The same person on another machine, with all that their first one knows: as from a backup.
    pub async fn second_machine(&self, person: &Person) -> Person {
        let dir = TempDir::new().unwrap();
        std::fs::create_dir_all(dir.path().join("data")).unwrap();
        for (path, bytes) in files_below(&person.data()) {
            let path = dir.path().join("data").join(path.strip_prefix(person.data()).unwrap());
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let twin = Person {
            app: person.app.clone(),
            dir: Arc::new(dir),
            secrets: person.secrets.clone(),
            desktop: person.desktop.clone(),
            environment: person.environment.clone(),
            machine: person.machine.clone(),
        };
        self.another_start(&twin).await
    }

    /// A person whose Zoom account is connected and who has the teamspace "Research" in the shared folder.
    pub async fn importer(&self) -> (Person, TeamspaceInfo) {
        let maya = self.person("Maya Lindqvist", MAYA).await;
        let teamspace = maya.add_teamspace("Research", &self.folder("research")).await.unwrap();
        maya.connect(&self.sim, MAYA).await.unwrap();
        (maya, teamspace)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.sim.leaked_authorizations(), [], "the bearer token went to the storage host");
        }
    }
}

/// What the app asked of the desktop.
#[derive(Debug, Default)]
pub struct Seen {
    pub addresses: Mutex<Vec<String>>,
    pub files: Mutex<Vec<PathBuf>>,
    pub starts_at_login: Mutex<bool>,
    /// What its program for pictures of videos makes; none: it has no such program.
    pub makes_pictures: Mutex<Option<Vec<u8>>>,
}

impl Desktop for Seen {
    fn open_address(&self, address: &str) -> Result<(), UserError> {
        self.addresses.lock().unwrap().push(address.to_owned());
        Ok(())
    }

    fn open_file(&self, path: &Path) -> Result<(), UserError> {
        self.files.lock().unwrap().push(path.to_owned());
        Ok(())
    }

    fn show_in_folder(&self, path: &Path) -> Result<(), UserError> {
        self.open_file(path)
    }

    fn picture_of(&self, video: &Path, picture: &Path, _size: u32) -> bool {
        assert!(video.is_file(), "{}", video.display());
        let made = self.makes_pictures.lock().unwrap().clone();
        made.is_some_and(|png| std::fs::write(picture, png).is_ok())
    }

    fn starts_at_login(&self, _start: &LoginStart) -> Result<bool, UserError> {
        Ok(*self.starts_at_login.lock().unwrap())
    }

    fn set_start_at_login(&self, _start: &LoginStart, on: bool) -> Result<(), UserError> {
        *self.starts_at_login.lock().unwrap() = on;
        Ok(())
    }
}

/// What is around an app besides its data: the time, how much room there is, and the network.
#[derive(Clone)]
struct Machine {
    clock: Clock,
    disks: Disks,
    way_out: WayOut,
    stall: Duration,
}

fn options(
    dir: &Path,
    environment: Environment,
    secrets: &Secrets,
    desktop: &Arc<Seen>,
    machine: &Machine,
) -> Options {
    // A story that names a proxy lets even its Zoom on loopback stand behind it.
    let proxied_loopback = environment.proxy.is_some();
    Options {
        dirs: Dirs::at(dir.join("data")),
        environment,
        organisation: OrganisationFile::default(),
        secrets: Some(secrets.clone()),
        clock: machine.clock.clone(),
        desktop: desktop.clone(),
        patience: Patience { backoff: Duration::from_millis(5), stall: machine.stall, ..Patience::default() },
        disks: machine.disks.clone(),
        way_out: machine.way_out.clone(),
        proxied_loopback,
    }
}

/// Somebody with a machine of their own.
pub struct Person {
    pub app: App,
    pub dir: Arc<TempDir>,
    pub secrets: Secrets,
    pub desktop: Arc<Seen>,
    environment: Environment,
    machine: Machine,
}

impl Person {
    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Closes the app and opens it again on the same data.
    pub async fn reopen(self) -> Self {
        self.app.close().await;
        self.try_reopen().await.unwrap()
    }

    /// Opens the app again without closing it first, as after a crash.
    pub async fn try_reopen(self) -> UserResult<Self> {
        let Self { app, dir, secrets, desktop, environment, machine } = self;
        drop(app);
        // What was aborted ends with the next turn of the runtime.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let app = App::open(options(dir.path(), environment.clone(), &secrets, &desktop, &machine)).await?;
        Ok(Self { app, dir, secrets, desktop, environment, machine })
    }

    pub async fn add_teamspace(&self, name: &str, folder: &Path) -> UserResult<TeamspaceInfo> {
        let added = self.app.add_teamspace(name, Location::folder(folder)).await?;
        self.app.refresh_teamspace(&added.id).await
    }

    /// Adds a bucket and looks at it to its end: the app itself shows what has arrived after a few seconds, which is
    /// not all of it on a machine that is busy.
    pub async fn add_bucket(&self, name: &str, draft: BucketDraft) -> UserResult<TeamspaceInfo> {
        let added = self.app.add_bucket(name, draft).await?;
        self.app.refresh_teamspace(&added.id).await
    }

    /// Connects Zoom as a person does, through the simulator's consent page, and waits for the outcome.
    pub async fn connect(&self, sim: &ZoomSim, user: &str) -> UserResult<AccountStatus> {
        self.connect_with(sim, &Choice::authorize(user)).await
    }

    /// The same with what the person does on the consent page.
    pub async fn connect_with(&self, sim: &ZoomSim, choice: &Choice) -> UserResult<AccountStatus> {
        let mut events = self.app.events().subscribe();
        let status = self.app.connect_zoom().await?;
        assert_eq!(status.state, SignInState::Authorizing);
        let address = self.desktop.addresses.lock().unwrap().last().cloned().unwrap();
        let _ = sim.authorize_and_follow(&address, choice).await.unwrap();
        loop {
            let status = self.app.account_status().await?;
            use next_desktop::account::AuthorizationStep as Step;
            match &status.step {
                Some(Step::WaitingForBrowser { .. } | Step::Exchanging) => {}
                Some(Step::ConfirmAccount { .. } | Step::ClaimConflict { .. }) => return Ok(status),
                None => return status.error.clone().map_or(Ok(status), Err),
            }
            let _ = tokio::time::timeout(Duration::from_secs(1), events.recv()).await;
        }
    }

    /// Connects, answers that it is the right account, and gives what comes of it.
    pub async fn connect_and_confirm(&self, sim: &ZoomSim, user: &str) -> UserResult<AccountStatus> {
        let status = self.connect(sim, user).await?;
        match status.step {
            Some(AuthorizationStep::ConfirmAccount { .. }) => self.app.confirm_account(true).await,
            _ => Ok(status),
        }
    }

    /// Where signing in stands.
    pub async fn sign_in_state(&self) -> SignInState {
        self.app.account_status().await.unwrap().state
    }

    /// Asks for imports without working on them.
    pub async fn ask(&self, teamspace: &TeamspaceInfo, uuids: &[&str]) -> UserResult<Vec<Job>> {
        let uuids: Vec<String> = uuids.iter().map(|uuid| (*uuid).to_owned()).collect();
        self.app.import_recordings(&teamspace.id, &uuids).await
    }

    /// Waits until all these jobs look as wanted.
    pub async fn jobs_until(&self, jobs: &[Job], wanted: impl Fn(&Job) -> bool) -> Vec<Job> {
        let ids: Vec<i64> = jobs.iter().map(|job| job.id).collect();
        for _ in 0..600 {
            let all = self.app.jobs().await.unwrap();
            let ours: Vec<Job> = all.into_iter().filter(|job| ids.contains(&job.id)).collect();
            if ours.iter().all(&wanted) {
                return ours;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("never as wanted: {:?}", self.app.jobs().await);
    }

    /// Waits until something of a file is staged.
    pub async fn staged_something(&self) {
        for _ in 0..400 {
            let staged = files_below(&self.data().join("cache/staged"));
            if staged
                .iter()
                .any(|(path, bytes)| path.extension().is_some_and(|e| e == "part") && bytes.len() > 20_000)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("nothing was staged: {:?}", self.app.jobs().await);
    }

    /// Names of what is staged for imports.
    pub fn staged(&self) -> Vec<PathBuf> {
        let staged = self.data().join("cache/staged");
        std::fs::read_dir(staged).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    /// Files of the data directory that hold one of these words.
    pub fn files_with(&self, words: &[String]) -> Vec<(PathBuf, String)> {
        files_with(&self.data(), words)
    }

    /// Imports these and waits until each is settled or waits for something that is not near.
    pub async fn import(&self, teamspace: &TeamspaceInfo, uuids: &[&str]) -> Vec<Job> {
        let uuids: Vec<String> = uuids.iter().map(|uuid| (*uuid).to_owned()).collect();
        let jobs = self.app.import_recordings(&teamspace.id, &uuids).await.unwrap();
        self.app.start_worker();
        self.settled(&jobs).await
    }

    /// Waits until these jobs are settled; a retry within seconds is waited for.
    pub async fn settled(&self, jobs: &[Job]) -> Vec<Job> {
        let ids: Vec<i64> = jobs.iter().map(|job| job.id).collect();
        for _ in 0..1200 {
            let all = self.app.jobs().await.unwrap();
            let mut ours: Vec<Job> = all.into_iter().filter(|job| ids.contains(&job.id)).collect();
            let moving = |job: &Job| match job.state {
                JobState::Queued | JobState::Running => true,
                JobState::Waiting => job.retry_at.is_some_and(|at| {
                    at.duration_since(jiff::Timestamp::now()) < jiff::SignedDuration::from_secs(25)
                }),
                _ => false,
            };
            if !ours.iter().any(moving) {
                ours.sort_by_key(|job| job.id);
                return ours;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not settled: {:?}", self.app.jobs().await);
    }
}

/// Files below a folder that hold one of these words.
pub fn files_with(folder: &Path, words: &[String]) -> Vec<(PathBuf, String)> {
    let holds = |bytes: &[u8], word: &str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
    let mut found = Vec::new();
    for (path, bytes) in files_below(folder) {
        for word in words.iter().filter(|word| word.len() > 5 && holds(&bytes, word)) {
            found.push((path.clone(), word.clone()));
        }
    }
    found
}

/// One of the simulator's sample files.
pub fn sample(name: &str) -> Vec<u8> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zoom-sim/samples");
    std::fs::read(samples.join(name)).unwrap()
}

/// SHA-256 of bytes, lower-case hex.
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(bytes))
}

/// Paths below a teamspace's folder that its layout does not have: every key holds only `[a-z0-9-./]`.
pub fn strange_paths(folder: &Path) -> Vec<PathBuf> {
    let ours = |path: &Path| {
        let text = path.to_str().unwrap_or("\u{fffd}");
        let top = text.split('/').next().unwrap_or_default();
        text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'/'))
            && ["teamspace.json", "recordings", "claims", "log"].contains(&top)
    };
    let paths =
        files_below(folder).into_iter().map(|(path, _)| path.strip_prefix(folder).unwrap().to_owned());
    paths.filter(|path| !ours(path)).collect()
}

/// All files below a folder, with their bytes.
pub fn files_below(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in there_still(std::fs::read_dir(&folder)).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Some(bytes) = there_still(std::fs::read(&path)) {
                found.push((path, bytes));
            }
        }
    }
    found.sort();
    found
}

/// What the app removes while a story looks is not there; anything else that keeps a story from reading is a failure.
fn there_still<T>(read: std::io::Result<T>) -> Option<T> {
    match read {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        read => Some(read.unwrap()),
    }
}
