//! How one import is done, step by step. Each step looks at the world rather than at memory, so that any of
//! them may be interrupted and done again:
//!
//! 1. Is the manifest there? Then it is done; the log is told, in case it was not, and what Zoom finished later is
//!    brought (`late.rs`).
//!    Not there, and another machine is at it? Wait for that one (`leases.rs`).
//! 2. List the meeting afresh (`meeting.rs`). Nothing finished yet? Wait. A person's own file is copied instead
//!    (`own_file.rs`).
//! 3. Per file, several at a time: staged and whole? Skip. Else download into the cache, and check (`bringing.rs`).
//! 4. Put the files into the teamspace, under this job's own attempt.
//! 5. Publish the manifest, create-only (`publishing.rs`). Somebody else was faster? Remove our attempt, and it is done.
//! 6. Note the log entry in the outbox, send it, forget it. Refresh the catalog, remove what was staged.

use std::path::Path;
use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::bounds::Bounds;
use super::leases::Leases;
use super::looks::Looks;
use super::outbox::Outbox;
use super::outcome::Outcome;
use super::pause::Full;
use super::queue::{Claimed, Queue};
use super::retry::after_failure;
use super::room::Room;
use super::{Source, Work};
use crate::cache::Cache;
use crate::catalog::Catalog;
use crate::clock::Clock;
use crate::error::{Code, UserError, UserResult};
use crate::events::Events;
use crate::ledger::Ledger;
use crate::recording::RecordingId;
use crate::teamspace::{self, Teamspace, Trouble};
use crate::zoom::{AccessTokens, Zoom};

/// What an import needs from the app around it.
pub trait Surroundings: Send + Sync + 'static {
    /// The teamspace of this id, opened.
    fn teamspace(&self, id: &str) -> BoxFuture<'_, UserResult<Teamspace>>;
    /// The connected account's id and organisation, after seeing that no other profile claims it.
    fn claimed_account<'a>(&'a self, teamspace: &'a Teamspace)
    -> BoxFuture<'a, UserResult<(String, String)>>;
    /// The connected account's tokens.
    fn tokens(&self) -> Arc<dyn AccessTokens>;
    /// The profile on this machine, as colleagues are told.
    fn claimant(&self) -> UserResult<teamspace::Claimant>;
    /// Id and name of the profile.
    fn importer(&self) -> UserResult<(String, String)>;
    /// Whether participants' separate audio is wanted.
    fn wants_participant_audio(&self) -> bool;
}

/// Does imports.
pub struct Importer {
    /// What an import needs from the app.
    pub surroundings: Arc<dyn Surroundings>,
    /// The way to Zoom.
    pub zoom: Zoom,
    /// The queue, for notes on what is staged.
    pub queue: Queue,
    /// What the log must come to hold.
    pub outbox: Outbox,
    /// What was verified.
    pub ledger: Ledger,
    /// When late files are looked for.
    pub looks: Looks,
    /// Where files are staged.
    pub cache: Cache,
    /// What is published, for lists.
    pub catalog: Catalog,
    /// Who listens.
    pub events: Events,
    /// The time.
    pub clock: Clock,
    /// Room on disks.
    pub room: Room,
    /// What running imports share.
    pub bounds: Bounds,
    /// What is known of other machines' work.
    pub leases: Leases,
}

/// Why a try ended early.
pub(super) enum Stop {
    /// By the worker.
    Interrupted,
    /// By a failure.
    Failed(UserError),
}

impl<E: Into<UserError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Work for Importer {
    fn work(&self, claimed: Claimed, stop: CancellationToken) -> BoxFuture<'_, Outcome> {
        async move {
            let result = match &claimed.source {
                Source::Zoom { uuid } => self.import_meeting(&claimed, uuid, &stop).await,
                Source::File { media, transcript } => {
                    self.import_file(&claimed, Path::new(media), transcript.as_deref().map(Path::new), &stop).await
                }
            };
            match result {
                Ok(()) => Outcome::Done,
                Err(Stop::Interrupted) => Outcome::Interrupted,
                Err(Stop::Failed(error)) => {
                    tracing::warn!(job = claimed.job.id, code = ?error.code, detail = ?error.detail, "an import stopped");
                    after_failure(self.with_place(error), &claimed.job, self.clock.now(), rand::random())
                }
            }
        }
        .boxed()
    }

    fn discard(&self, id: i64) -> BoxFuture<'_, ()> {
        self.discard(id).boxed()
    }

    fn look(&self, stop: CancellationToken) -> BoxFuture<'_, ()> {
        async move { self.make_looks(&stop).await }.boxed()
    }

    fn has_room(&self, full: &Full) -> bool {
        self.room.has_room(full, self.clock.now())
    }
}

impl Importer {
    /// A disk that is full is that of the cache, where nobody has said another.
    fn with_place(&self, error: UserError) -> UserError {
        match error.code {
            Code::DiskFull if !error.params.contains_key("path") => {
                error.with("path", self.cache.root().display())
            }
            _ => error,
        }
    }

    /// Removes what a cancelled job left: what it staged, and its own attempt in the teamspace. What cannot be
    /// removed now is removed at a later start.
    pub async fn discard(&self, id: i64) {
        if let Err(error) = self.try_discard(id).await {
            tracing::warn!(job = id, code = ?error.code, detail = ?error.detail, "files of a cancelled import are left");
        }
    }

    async fn try_discard(&self, id: i64) -> UserResult<()> {
        let Some((job, attempt)) = self.queue.take_cancelled(id)? else { return Ok(()) };
        self.cache.remove_staged(id)?;
        let Some(recording) = &job.recording_id else { return Ok(()) };
        let removed = match self.surroundings.teamspace(&job.teamspace).await {
            Ok(teamspace) => self.remove_own(&teamspace, recording, &attempt).await,
            // A teamspace that this machine has forgotten is none of its business any more.
            Err(error) if error.code == Code::NotFound => Ok(()),
            Err(error) => Err(error),
        };
        if removed.is_err() {
            self.queue.note_left(id, &attempt)?;
        }
        removed
    }

    /// Removes an attempt of ours that no manifest names.
    pub(super) async fn remove_own(
        &self,
        teamspace: &Teamspace,
        id: &RecordingId,
        attempt: &str,
    ) -> UserResult<()> {
        match teamspace.remove_attempt(id, attempt).await {
            Err(teamspace::Error::Published { .. }) => Ok(()),
            // Members of a bucket need no right to remove; whoever has it sweeps.
            Err(teamspace::Error::Bucket { trouble: Trouble::NotAllowed { .. }, .. }) => Ok(()),
            removed => Ok(removed?),
        }
    }
}
