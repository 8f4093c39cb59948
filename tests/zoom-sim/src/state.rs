//! The state of the simulated Zoom, behind one lock.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;

use crate::account::{Client, User};
use crate::clock::{Clock, after};
use crate::faults::FaultList;
use crate::file::{CloudFile, FileSpec};
use crate::ids;
use crate::listing::{ListingHabits, PageToken};
use crate::meeting::{Meeting, MeetingHandle, MeetingSpec};
use crate::rate::RateLimit;
use crate::requests::RequestLog;
use crate::sim::{CONFIDENTIAL_CLIENT_ID, CONFIDENTIAL_CLIENT_SECRET, PUBLIC_CLIENT_ID};
use crate::tokens::{Chain, TokenBook};

/// What stays as it is for one run: addresses, and the lock around the rest.
pub(crate) struct Shared {
    /// `http://127.0.0.1:PORT`: OAuth, REST, the first host of downloads, and the control API.
    pub(crate) origin: String,
    /// The same for the storage host.
    pub(crate) storage_origin: String,
    /// Both origins as downloads name them.
    pub(crate) known_as: (String, String),
    /// True: every connection is cut.
    pub(crate) offline: watch::Sender<bool>,
    state: Mutex<State>,
}

impl Shared {
    pub(crate) fn new(
        origin: String,
        storage_origin: String,
        known_as: (String, String),
        state: State,
    ) -> Arc<Self> {
        Arc::new(Self {
            origin,
            storage_origin,
            known_as,
            offline: watch::Sender::new(false),
            state: Mutex::new(state),
        })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) created: Timestamp,
    pub(crate) users: Vec<User>,
    pub(crate) clients: Vec<Client>,
    pub(crate) tokens: TokenBook,
    /// Who is signed in to Zoom in the browser; several show a chooser.
    pub(crate) browser: Vec<String>,
    pub(crate) meetings: Vec<Meeting>,
    pub(crate) pages: BTreeMap<String, PageToken>,
    pub(crate) faults: FaultList,
    pub(crate) requests: RequestLog,
    pub(crate) habits: ListingHabits,
    pub(crate) rate: RateLimit,
    /// A download URL works while it is among the last so many of its file; none: always.
    pub(crate) urls_kept: Option<u64>,
    /// Signs download and storage URLs.
    pub(crate) secret: String,
    /// Storage URLs made so far, for [`State::secrets`].
    pub(crate) signatures: Vec<String>,
    /// Tokens that the meeting endpoint gave for downloads only: user and end.
    pub(crate) download_tokens: BTreeMap<String, (String, Timestamp)>,
    /// Downloads refuse the access token and want one of those (zoom-facts §3).
    pub(crate) downloads_need_own_token: bool,
    pub(crate) state_file: Option<PathBuf>,
    /// A refusal carries `errorCode`.
    pub(crate) oauth_error_codes: bool,
    /// The HTTP status that comes with code 4711.
    pub(crate) missing_scope_status: u16,
    made: u64,
}

impl State {
    pub(crate) fn new() -> Self {
        let clock = Clock::default();
        Self {
            clock,
            created: clock.now(),
            users: vec![
                User::licensed("Maya Lindqvist", "maya@example.com"),
                User::licensed("Jonas Weber", "jonas@example.com"),
                User::basic("Priya Raman", "priya@example.com"),
            ],
            clients: vec![
                Client::new(PUBLIC_CLIENT_ID, None),
                Client::new(CONFIDENTIAL_CLIENT_ID, Some(CONFIDENTIAL_CLIENT_SECRET)),
            ],
            tokens: TokenBook::default(),
            browser: vec![ids::user_id("maya@example.com")],
            meetings: Vec::new(),
            pages: BTreeMap::new(),
            faults: FaultList::default(),
            requests: RequestLog::default(),
            habits: ListingHabits::default(),
            rate: RateLimit::default(),
            urls_kept: None,
            secret: ids::random(24),
            signatures: Vec::new(),
            download_tokens: BTreeMap::new(),
            downloads_need_own_token: false,
            state_file: None,
            oauth_error_codes: true,
            missing_scope_status: 400,
            made: 0,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    /// A user by id or by e-mail address.
    pub(crate) fn find_user(&self, word: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == word || user.email == word)
    }

    pub(crate) fn client(&self, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id == id)
    }

    /// The living authorisation behind an `Authorization: Bearer` value.
    pub(crate) fn bearer(&self, header: Option<&str>) -> Result<&Chain, &'static str> {
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or("Invalid access token.")?;
        let chain = self
            .tokens
            .check(token.trim(), self.now())
            .map_err(|expired| if expired { "Access token is expired." } else { "Invalid access token." })?;
        if self.user(&chain.user).is_none_or(|user| user.left)
            || self.client(&chain.client).is_none_or(|c| c.disabled)
        {
            return Err("Invalid access token.");
        }
        Ok(chain)
    }

    /// The user behind the bearer value of a download: an access token or a download token.
    pub(crate) fn download_bearer(&self, header: Option<&str>) -> Option<String> {
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let own = self.download_tokens.get(token).filter(|(_, end)| *end > self.now());
        match own {
            Some((user, _)) => Some(user.clone()),
            None if self.downloads_need_own_token => None,
            None => self.bearer(header).ok().map(|chain| chain.user.clone()),
        }
    }

    /// Makes a token for downloads only, alive for `seconds`.
    pub(crate) fn download_token(&mut self, user: &str, seconds: i64) -> String {
        let token = ids::token();
        let end = after(self.now(), seconds);
        self.download_tokens.insert(token.clone(), (user.to_owned(), end));
        token
    }

    pub(crate) fn add_meeting(&mut self, mut spec: MeetingSpec) -> MeetingHandle {
        self.made += 1;
        let seed = format!("{}/{}", self.made, spec.topic);
        if spec.uuid.is_empty() {
            spec.uuid = ids::meeting_uuid(&seed);
        }
        if spec.id == 0 {
            spec.id = ids::meeting_number(&seed);
        }
        if spec.host.is_empty() {
            spec.host = self.users.first().map(|user| user.id.clone()).unwrap_or_default();
        } else if let Some(user) = self.find_user(&spec.host) {
            spec.host = user.id.clone();
        }
        let start = spec.start.unwrap_or_else(|| after(self.now(), -24 * 3600 * spec.days_ago.unwrap_or(1)));
        let uuid = spec.uuid.clone();
        let cloud = |kind: &str, specs: &mut Vec<FileSpec>| -> Vec<CloudFile> {
            specs
                .drain(..)
                .enumerate()
                .map(|(index, mut spec)| {
                    if spec.id.is_empty() {
                        spec.id = ids::file_id(&format!("{uuid}/{kind}/{index}"));
                    }
                    let key = spec.id.clone();
                    CloudFile { key, spec, minted: 0, dead_up_to: 0, version: 1, trashed: None }
                })
                .collect()
        };
        let files = cloud("file", &mut spec.files);
        let participant_audio = cloud("participant", &mut spec.participant_audio_files);
        let keys = |files: &[CloudFile]| files.iter().map(|file| file.key.clone()).collect();
        let handle = MeetingHandle {
            uuid: spec.uuid.clone(),
            id: spec.id,
            files: keys(&files),
            participant_audio_files: keys(&participant_audio),
        };
        self.meetings.push(Meeting { spec, start, files, participant_audio });
        handle
    }

    pub(crate) fn meeting_mut(&mut self, uuid: &str) -> Option<&mut Meeting> {
        self.meetings.iter_mut().find(|meeting| meeting.spec.uuid == uuid)
    }

    /// A file and the id of its host.
    pub(crate) fn file(&self, key: &str) -> Option<(&CloudFile, &str)> {
        self.meetings.iter().find_map(|meeting| {
            meeting.all_files().find(|file| file.key == key).map(|file| (file, meeting.spec.host.as_str()))
        })
    }

    pub(crate) fn file_mut(&mut self, key: &str) -> Option<&mut CloudFile> {
        self.meetings.iter_mut().flat_map(Meeting::all_files_mut).find(|file| file.key == key)
    }

    /// Everything that must not be found in a client's logs or data.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut all = self.tokens.secrets();
        all.extend(self.signatures.iter().cloned());
        all.extend(self.download_tokens.keys().cloned());
        all.extend(self.clients.iter().filter_map(|client| client.secret.clone()));
        all
    }
}
