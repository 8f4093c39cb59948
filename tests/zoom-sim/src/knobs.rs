//! What a test turns: time, tokens, users, files, faults. The control API has the same knobs over HTTP.

use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use crate::account::{Client, User};
use crate::content::Content;
use crate::faults::{Fault, FaultRule, Place};
use crate::file::Progress;
use crate::listing::ListingHabits;
use crate::meeting::{MeetingHandle, MeetingSpec};
use crate::requests::{Host, RequestRecord};
use crate::shapes::Shape;
use crate::state::{Shared, State};

/// Everything that can be turned while the simulator runs. [`crate::ZoomSim`] derefs to it; a clone does not keep the
/// simulator alive, and turning it after the end does nothing.
#[derive(Clone, Debug)]
pub struct Knobs {
    pub(crate) shared: Arc<Shared>,
}

impl Knobs {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl State {
    /// Zoom has finished a file: it is listed, whole, from now on.
    pub(crate) fn complete(&mut self, key: &str) -> bool {
        let Some(file) = self.file_mut(key) else {
            return false;
        };
        file.spec.progress = Progress::Completed;
        file.spec.ready_at = None;
        true
    }

    /// Download URLs made so far stop working; later listings have new ones.
    pub(crate) fn expire_download_urls(&mut self) {
        for file in self.meetings.iter_mut().flat_map(crate::meeting::Meeting::all_files_mut) {
            file.dead_up_to = file.minted;
        }
    }
}

/// Time.
impl Knobs {
    /// Moves the simulated clock forward: tokens, codes, page tokens and signed URLs age.
    pub fn advance(&self, by: Duration) {
        self.state().clock.advance(by);
    }

    /// The simulated time.
    pub fn now(&self) -> jiff::Timestamp {
        self.state().now()
    }
}

/// Users, apps and tokens.
impl Knobs {
    /// Adds a user; returns the id.
    pub fn add_user(&self, user: User) -> String {
        let id = user.id.clone();
        self.state().users.push(user);
        id
    }

    /// The users.
    pub fn users(&self) -> Vec<User> {
        self.state().users.clone()
    }

    /// Changes a user (by id or e-mail address): a new e-mail address, gone from the account …
    pub fn change_user(&self, word: &str, change: impl FnOnce(&mut User)) {
        if let Some(user) = self.state().users.iter_mut().find(|user| user.id == word || user.email == word) {
            change(user);
        }
    }

    /// Changes an app, by client id: unpublished, disabled, other scopes …
    pub fn change_client(&self, id: &str, change: impl FnOnce(&mut Client)) {
        if let Some(client) = self.state().clients.iter_mut().find(|client| client.id == id) {
            change(client);
        }
    }

    /// Signs these users (ids or e-mail addresses) in to Zoom in the browser, and nobody else.
    pub fn sign_in_browser(&self, users: &[&str]) {
        let mut state = self.state();
        let ids = users.iter().filter_map(|word| state.find_user(word).map(|user| user.id.clone())).collect();
        state.browser = ids;
        state.save();
    }

    /// Every access token is over; refresh tokens still work.
    pub fn expire_access_tokens(&self) {
        let mut state = self.state();
        let now = state.now();
        state.tokens.expire_access(now);
        state.save();
    }

    /// Every refresh token is over, as after ninety days.
    pub fn expire_refresh_tokens(&self) {
        let mut state = self.state();
        let now = state.now();
        state.tokens.expire_refresh(now);
        state.save();
    }

    /// The user (id or e-mail address) removed the app in the Zoom settings: all tokens die.
    pub fn revoke_tokens(&self, word: &str) {
        let mut state = self.state();
        if let Some(id) = state.find_user(word).map(|user| user.id.clone()) {
            state.tokens.revoke_user(&id);
            state.save();
        }
    }

    /// Takes a scope away from living tokens.
    pub fn drop_scope(&self, scope: &str) {
        self.state().tokens.drop_scope(scope);
    }

    /// Whether a user (id or e-mail address) has a living authorisation.
    pub fn is_authorised(&self, word: &str) -> bool {
        let state = self.state();
        state.find_user(word).is_some_and(|user| state.tokens.is_authorised(&user.id))
    }

    /// Every code, token, signature and client secret so far: none may be found in a client's logs or data.
    pub fn issued_secrets(&self) -> Vec<String> {
        self.state().secrets()
    }

    /// Whether refusals of the token endpoint carry `errorCode`, or only `reason` and `error`.
    pub fn set_oauth_error_codes(&self, with_codes: bool) {
        self.state().oauth_error_codes = with_codes;
    }

    /// The HTTP status that comes with code 4711; 400 at first.
    pub fn set_missing_scope_status(&self, status: u16) {
        self.state().missing_scope_status = status;
    }
}

/// Meetings and files.
impl Knobs {
    /// Adds a recorded meeting.
    pub fn add_meeting(&self, spec: MeetingSpec) -> MeetingHandle {
        self.state().add_meeting(spec)
    }

    /// Adds the sample meetings of a product-research team.
    pub fn samples(&self) -> Vec<MeetingHandle> {
        self.state().add_samples()
    }

    /// Adds one of the odd shapes: one meeting, or those of a series.
    pub fn add_shape(&self, shape: Shape) -> Vec<MeetingHandle> {
        self.state().add_shape(shape)
    }

    /// Changes a meeting, by UUID. Its files change through the other knobs.
    pub fn change_meeting(&self, uuid: &str, change: impl FnOnce(&mut MeetingSpec)) {
        if let Some(meeting) = self.state().meeting_mut(uuid) {
            change(&mut meeting.spec);
            meeting.start = meeting.spec.start.unwrap_or(meeting.start);
        }
    }

    /// Removes a meeting for good, as auto-delete does.
    pub fn remove_meeting(&self, uuid: &str) {
        self.state().meetings.retain(|meeting| meeting.spec.uuid != uuid);
    }

    /// Moves a meeting to the trash.
    pub fn trash_meeting(&self, uuid: &str) {
        let mut state = self.state();
        let now = state.now();
        if let Some(meeting) = state.meeting_mut(uuid) {
            meeting.spec.trashed = Some(now);
        }
    }

    /// UUIDs of the meetings in the trash.
    pub fn trashed_meetings(&self) -> Vec<String> {
        let state = self.state();
        let trashed = state.meetings.iter().filter(|meeting| meeting.spec.trashed.is_some());
        trashed.map(|meeting| meeting.spec.uuid.clone()).collect()
    }

    /// Moves one file to the trash.
    pub fn trash_file(&self, key: &str) {
        let mut state = self.state();
        let now = state.now();
        if let Some(file) = state.file_mut(key) {
            file.trashed = Some(now);
        }
    }

    /// Zoom has finished a file that was processing or not listed yet. False: no such file.
    pub fn complete(&self, key: &str) -> bool {
        self.state().complete(key)
    }

    /// Puts other bytes behind a file; its ETag changes. False: no such file.
    pub fn replace_content(&self, key: &str, content: Content) -> bool {
        self.state().replace_content(key, content)
    }

    /// What is in a file.
    pub fn content(&self, key: &str) -> Option<Content> {
        self.state().file(key).map(|(file, _)| file.spec.content.clone())
    }

    /// Downloads refuse the access token and want the `download_access_token` of the meeting endpoint.
    pub fn set_downloads_need_own_token(&self, wanted: bool) {
        self.state().downloads_need_own_token = wanted;
    }

    /// Download URLs made so far stop working.
    pub fn expire_download_urls(&self) {
        self.state().expire_download_urls();
    }

    /// A download URL works while it is among the last so many of its file; none (at first): always.
    pub fn keep_download_urls(&self, listings: Option<u64>) {
        self.state().urls_kept = listings;
    }
}

/// The listing and the rate limit.
impl Knobs {
    /// Sets how the listing behaves where Zoom is undocumented or odd.
    pub fn set_listing(&self, habits: ListingHabits) {
        self.state().habits = habits;
    }

    /// Limits calls per second: light and medium ones. None: no limit.
    pub fn set_rate_limit(&self, light: Option<u32>, medium: Option<u32>) {
        self.state().rate.set(light, medium);
    }
}

/// Faults and the network.
impl Knobs {
    /// Adds a fault.
    pub fn fault(&self, rule: FaultRule) {
        self.state().faults.add(rule);
    }

    /// Adds a fault that strikes the next request of a kind.
    pub fn fault_once(&self, at: Place, fault: Fault) {
        self.fault(FaultRule::times(at, 1, fault));
    }

    /// The faults that are still to strike.
    pub fn faults(&self) -> Vec<FaultRule> {
        self.state().faults.rules().to_vec()
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.state().faults.clear();
    }

    /// Cuts every connection and refuses new requests, or lets them in again. The control API stays.
    pub fn set_offline(&self, offline: bool) {
        self.shared.offline.send_replace(offline);
    }
}

/// What came in.
impl Knobs {
    /// Every request so far, oldest first, except those of the control API.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.state().requests.all()
    }

    /// The requests of one kind.
    pub fn requests_at(&self, place: Place) -> Vec<RequestRecord> {
        self.requests().into_iter().filter(|request| request.place == place).collect()
    }

    /// How many requests of one kind came.
    pub fn count(&self, place: Place) -> usize {
        self.requests_at(place).len()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.state().requests.clear();
    }

    /// Requests that brought the bearer token to the storage host: always a defect of the client.
    pub fn leaked_authorizations(&self) -> Vec<RequestRecord> {
        self.requests()
            .into_iter()
            .filter(|request| request.host == Host::Storage && request.authorization)
            .collect()
    }
}
