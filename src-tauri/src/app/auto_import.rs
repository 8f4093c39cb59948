//! Auto-import and the log of activity, as the doors see them.

use std::path::Path;

use jiff::civil::Date;

use super::App;
use crate::activity::{ActivityKind, ActivityPage, ExportFormat, Search};
use crate::auto_import::{
    AutoImportStatus, Backfill, DecidedRecording, InboxItem, PauseUntil, Rules, WhyNot,
};
use crate::error::{Code, UserError, UserResult};
use crate::zoom::Days;

impl App {
    /// Where auto-import stands.
    pub async fn auto_import_status(&self) -> UserResult<AutoImportStatus> {
        self.0.auto_import.status()
    }

    /// Switches it on for recordings that begin from now on, or gives it another teamspace for what comes after.
    pub async fn switch_on_auto_import(&self, teamspace: &str) -> UserResult<AutoImportStatus> {
        self.0.spaces.opened(teamspace).await?;
        self.0.auto_import.switch_on(teamspace)?;
        self.back_up();
        self.auto_import_status().await
    }

    /// Switches it off, at once. What is being imported just now is finished.
    pub async fn switch_off_auto_import(&self) -> UserResult<AutoImportStatus> {
        self.0.auto_import.switch_off()?;
        self.0.wake.notify_one();
        self.back_up();
        self.auto_import_status().await
    }

    /// Its rules.
    pub async fn auto_import_rules(&self) -> UserResult<Rules> {
        self.0.auto_import.rules()
    }

    /// Sets its rules, if they make sense; they count for what is decided from now on.
    pub async fn set_auto_import_rules(&self, rules: Rules) -> UserResult<Rules> {
        let rules = self.0.auto_import.set_rules(rules)?;
        self.back_up();
        Ok(rules)
    }

    /// What rules would take of the last `days` days (at most 730), newest first, and which rule decides; without
    /// `rules`, those that are set.
    pub async fn auto_import_dry_run(
        &self,
        days: u32,
        rules: Option<Rules>,
    ) -> UserResult<Vec<DecidedRecording>> {
        self.0.auto_import.dry_run(days, rules).await
    }

    /// What importing the recordings of these days (UTC, both inclusive) by the rules would bring.
    pub async fn backfill_preview(&self, from: Date, to: Date) -> UserResult<Backfill> {
        self.0.auto_import.backfill(ordered(from, to)?, false).await
    }

    /// Imports the recordings of these days that the rules take, without review. Says what was asked for.
    pub async fn backfill(&self, from: Date, to: Date) -> UserResult<Backfill> {
        self.0.auto_import.backfill(ordered(from, to)?, true).await
    }

    /// Looks at Zoom's list now, also while paused. What comes of it is in the answer: a look that fails is a
    /// problem of the status. Where another process looks, that one is asked.
    pub async fn check_now(&self) -> UserResult<AutoImportStatus> {
        self.0.auto_import.check_now().await
    }

    /// Holds auto-import for a while; imports that were asked for go on.
    pub async fn pause_auto_import(&self, until: PauseUntil) -> UserResult<AutoImportStatus> {
        self.0.auto_import.pause_until(until)?;
        self.auto_import_status().await
    }

    /// Ends a pause.
    pub async fn resume_auto_import(&self) -> UserResult<AutoImportStatus> {
        self.0.auto_import.resume()?;
        self.auto_import_status().await
    }

    /// What waits for review, newest first.
    pub async fn inbox(&self) -> UserResult<Vec<InboxItem>> {
        self.0.auto_import.inbox()
    }

    /// Imports these recordings of the inbox, or ones that were discarded. Returns how many were asked for.
    pub async fn keep_from_inbox(&self, uuids: &[String]) -> UserResult<u32> {
        self.0.auto_import.keep(uuids)
    }

    /// Discards these recordings of the inbox: they stay at Zoom. Returns how many were there.
    pub async fn discard_from_inbox(&self, uuids: &[String]) -> UserResult<u32> {
        self.0.auto_import.discard(uuids)
    }

    /// Why a recording was not imported, or what becomes of it; by Zoom's meeting UUID.
    pub async fn why_not_imported(&self, uuid: &str) -> UserResult<WhyNot> {
        let listed = {
            let listed = self.0.listed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            listed.get(uuid).cloned()
        };
        self.0.auto_import.why_not(uuid, listed).await
    }

    /// What happened, newest first: entries in which all words of `query` are, of one kind or any, older than the
    /// entry `from`, at most `limit` (1 to 500).
    pub async fn activity(
        &self,
        query: &str,
        kind: Option<ActivityKind>,
        from: Option<i64>,
        limit: u32,
    ) -> UserResult<ActivityPage> {
        Ok(self.0.activity.find(&Search { text: query.to_owned(), kind, from, limit })?)
    }

    /// All that happened in 90 days, as text for other programs.
    pub async fn activity_text(&self, format: ExportFormat) -> UserResult<String> {
        self.0.activity.export(format)
    }

    /// The same into a file, whose absolute path a person chose.
    pub async fn export_activity(&self, path: &Path, format: ExportFormat) -> UserResult<()> {
        if !path.is_absolute() {
            return Err(UserError::new(
                Code::Usage,
                "That is not the path of a file",
                "choose the file again",
            ));
        }
        let text = self.0.activity.export(format)?;
        tokio::fs::write(path, text).await.map_err(|error| {
            UserError::new(
                Code::PermissionDenied,
                "The log could not be written to that file",
                "choose another folder, or look whether the disk is full",
            )
            .with("path", path.display())
            .detail(error)
        })
    }

    /// Begins to look for new recordings by itself, as soon as no other process does: at once, and then as long as
    /// the app is open. Beside [`App::start_worker`], which imports them.
    pub fn start_auto_import(&self) {
        let watching = self.0.auto_import.clone().watch(self.0.stop.clone());
        tokio::spawn(watching);
    }
}

fn ordered(from: Date, to: Date) -> UserResult<Days> {
    match from <= to {
        true => Ok(Days { from, to }),
        false => {
            Err(UserError::new(Code::Usage, format!("{from} is after {to}"), "give the earlier day first"))
        }
    }
}
