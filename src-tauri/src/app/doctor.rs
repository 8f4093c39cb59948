//! Checks everything that NEXT needs, and says what to do.

use super::{App, Check};
use crate::account::SignInState;
use crate::database::to_text;
use crate::error::{UserError, UserResult};
use crate::teamspace::TeamspaceState;

/// Bytes that a disk should have free: less makes the next import likely to stop.
const SPARE: u64 = 2 << 30;

impl App {
    /// The doctor's checks, each with what was seen.
    pub async fn doctor(&self) -> UserResult<Vec<Check>> {
        let mut checks = vec![
            check("data", self.data(), "the data directory can be written"),
            check("keyring", self.secrets_work().await, "secrets can be kept and read"),
            check("profile", self.profile_is_there().await, "there is a profile"),
            check("network", self.network().await, "Zoom is reached"),
            check("zoom app", self.zoom_app().await, "a Zoom client id is configured"),
        ];
        checks.push(self.account().await);
        for teamspace in self.teamspaces().await? {
            checks.push(self.teamspace(&teamspace.id).await);
        }
        checks.push(self.jobs_check()?);
        checks.push(self.clips_check());
        Ok(checks)
    }

    fn data(&self) -> UserResult<String> {
        self.0.dirs.prepare()?;
        self.0.state.back_up()?;
        let root = self.0.dirs.root();
        let free = crate::teamspace::free_bytes(root);
        match free {
            Some(free) if free < SPARE => Err(UserError::new(
                crate::error::Code::DiskFull,
                format!("Only {} MB are free where NEXT keeps its data", free >> 20),
                "free some space: downloads are staged there before they reach a teamspace",
            )),
            _ => Ok(root.display().to_string()),
        }
    }

    async fn secrets_work(&self) -> UserResult<String> {
        let status = self.app_info().await?.secrets;
        match status.error {
            Some(error) => Err(error),
            None => Ok(format!("{:?}", status.store).to_lowercase()),
        }
    }

    async fn profile_is_there(&self) -> UserResult<String> {
        let profile = self.profile().await?.ok_or_else(super::surroundings::no_profile)?;
        Ok(format!("{} <{}>", profile.name, profile.email))
    }

    async fn network(&self) -> UserResult<String> {
        let test = self.test_network(None).await?;
        let through = test.proxy.map(|proxy| format!(" through {proxy}")).unwrap_or_default();
        Ok(format!("{}{through} in {:.1} s", test.host, test.seconds))
    }

    async fn zoom_app(&self) -> UserResult<String> {
        let client = self.zoom_client().await?;
        match client.client_id {
            Some(id) if client.practice => Ok(format!("{id}, practice mode")),
            Some(id) => Ok(id),
            None => Err(UserError::new(
                crate::error::Code::NoZoomClient,
                "No Zoom client id is configured",
                "paste your team's client id: in the window under Connect Zoom, or with `nextctl zoom client set`",
            )),
        }
    }

    async fn account(&self) -> Check {
        let name = "zoom";
        let status = match self.account_status().await {
            Ok(status) => status,
            Err(error) => return check(name, Err(error), ""),
        };
        match (status.state, status.account) {
            (SignInState::Connected, Some(account)) => {
                // Asking who we are is the one call that shows network, sign-in and Zoom at once.
                let asked = self.0.zoom.user(&self.0.accounts).await;
                let since = status.since.map(to_text).unwrap_or_default();
                let said = format!("{} <{}> since {since}", account.name, account.email);
                check(name, asked.map(|_| said).map_err(UserError::from), "Zoom answers")
            }
            (SignInState::NeedsReauthorization, _) => check(
                name,
                Err(status.error.unwrap_or_else(|| {
                    UserError::new(
                        crate::error::Code::NeedsReauthorization,
                        "Zoom has signed NEXT out",
                        "connect again",
                    )
                })),
                "",
            ),
            _ => Check {
                name: name.to_owned(),
                ok: true,
                message: "no account is connected".to_owned(),
                action: Some("connect one to import from Zoom".to_owned()),
            },
        }
    }

    async fn teamspace(&self, id: &str) -> Check {
        match self.refresh_teamspace(id).await {
            Ok(info) => {
                let name = format!("teamspace {}", info.name);
                let problems = self.0.catalog.problems(id, None).unwrap_or_default();
                match (info.error, info.state, problems.into_iter().next(), info.warnings.into_iter().next())
                {
                    (Some(error), ..) | (None, _, Some(error), _) => check(&name, Err(error), ""),
                    (None, TeamspaceState::Ready, None, Some(warning)) => {
                        Check { name, ok: true, message: warning.message, action: Some(warning.action) }
                    }
                    (None, state, None, _) => Check {
                        name,
                        ok: state == TeamspaceState::Ready,
                        message: format!("{} recordings, {state:?}", info.recordings).to_lowercase(),
                        action: None,
                    },
                }
            }
            Err(error) => check("teamspace", Err(error), ""),
        }
    }

    /// Clips are something that one can do without: it is said, and nothing is wrong.
    fn clips_check(&self) -> Check {
        let name = "clips".to_owned();
        match self.clip_tool() {
            Ok(tool) => {
                let message = format!("highlights can be saved: {}", tool.path().display());
                Check { name, ok: true, message, action: None }
            }
            Err(UserError { message, action, .. }) => Check { name, ok: true, message, action: Some(action) },
        }
    }

    fn jobs_check(&self) -> UserResult<Check> {
        use crate::import::JobState;
        let jobs = self.0.queue.jobs()?;
        let count = |state| jobs.iter().filter(|job| job.state == state).count();
        let failed = count(JobState::Failed);
        Ok(Check {
            name: "imports".to_owned(),
            ok: failed == 0,
            message: format!(
                "{} running, {} queued, {} waiting, {failed} failed",
                count(JobState::Running),
                count(JobState::Queued),
                count(JobState::Waiting)
            ),
            action: (failed > 0).then(|| "look at the list of imports: each says what to do".to_owned()),
        })
    }
}

fn check(name: &str, result: UserResult<String>, well: &str) -> Check {
    match result {
        Ok(seen) => {
            Check { name: name.to_owned(), ok: true, message: format!("{well}: {seen}"), action: None }
        }
        Err(error) => {
            Check { name: name.to_owned(), ok: false, message: error.message, action: Some(error.action) }
        }
    }
}
