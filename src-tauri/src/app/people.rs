//! The profile, settings, notices, and where secrets are kept.

use std::sync::PoisonError;

use jiff::Timestamp;
use rusqlite::params;

use super::shapes::SecretsState;
use super::{App, AppInfo, Dirs, FirstStart, SecretsChoice, SecretsStatus, SecretsStore};
use crate::database::{Database, to_text};
use crate::error::{Code, UserError, UserResult};
use crate::events::Event;
use crate::profile::{self, Profile, ProfileDraft};
use crate::secret::{EncryptedFile, Keyring, Memory, Secrets};
use crate::settings::{self, Environment, Settings, ZoomClient, ZoomClientDraft};
use crate::zoom::ClientCheck;

/// Name of the encrypted file in the data directory.
const SECRETS_FILE: &str = "secrets.age";
/// Name of the setting that says which store was chosen.
const STORE: &str = "secrets_store";

impl App {
    /// Where all local data lives.
    pub fn dirs(&self) -> &Dirs {
        &self.0.dirs
    }

    /// Versions, places, practice mode, how secrets are kept, notices.
    pub async fn app_info(&self) -> UserResult<AppInfo> {
        self.app_info_with(self.secrets_status().await)
    }

    /// The same, with what is known of the secrets.
    pub(super) fn app_info_with(&self, secrets: SecretsStatus) -> UserResult<AppInfo> {
        Ok(AppInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            data_dir: self.0.dirs.root().display().to_string(),
            practice: self.0.configuration.endpoints().practice(),
            suggested_folder: suggested_folder(&self.0.dirs, self.0.configuration.endpoints().practice()),
            device: device(),
            platform: std::env::consts::OS.to_owned(),
            secrets,
            notices: notices(&self.0.state)?,
            barred: self.0.zoom.barred(),
        })
    }

    /// Puts a notice away.
    pub async fn dismiss_notice(&self, code: &str) -> UserResult<()> {
        self.0.state.write(|t| {
            t.execute("DELETE FROM notice WHERE code = ?1", [code])?;
            Ok(())
        })?;
        self.0.events.emit(Event::SettingsChanged);
        Ok(())
    }

    async fn secrets_status(&self) -> SecretsStatus {
        let believed = self.believed_secrets();
        match believed.error {
            Some(_) => believed,
            None => {
                SecretsStatus { error: self.0.secrets.probe().await.err().map(UserError::from), ..believed }
            }
        }
    }

    /// How secrets are kept, without asking whoever keeps them.
    pub(super) fn believed_secrets(&self) -> SecretsStatus {
        let state = *self.0.secrets_state.lock().unwrap_or_else(PoisonError::into_inner);
        let locked = || {
            UserError::new(
                Code::KeyringUnavailable,
                "NEXT's secrets file is locked",
                "enter its passphrase in the settings, or set NEXT_SECRETS_PASSPHRASE",
            )
        };
        SecretsStatus { store: state.store, error: state.locked.then(locked) }
    }

    /// Uses another place for secrets from now on, and remembers which.
    pub async fn use_secrets_store(&self, choice: SecretsChoice) -> UserResult<()> {
        let store = match &choice {
            SecretsChoice::Keyring => {
                self.0.secrets.change_to(Keyring::default());
                SecretsStore::Keyring
            }
            SecretsChoice::Memory => {
                self.0.secrets.change_to(Memory::default());
                SecretsStore::Memory
            }
            SecretsChoice::File { passphrase } => {
                let path = self.0.dirs.root().join(SECRETS_FILE);
                let file = EncryptedFile::open(&path, passphrase.clone().into())?;
                self.0.secrets.change_to(file);
                SecretsStore::File
            }
        };
        *self.0.secrets_state.lock().unwrap_or_else(PoisonError::into_inner) =
            SecretsState { store, locked: false };
        if store != SecretsStore::Memory {
            self.0.state.write(|t| settings::set_value(t, STORE, &store))?;
        }
        self.0.secrets.probe().await?;
        self.0.events.emit(Event::SettingsChanged);
        self.0.events.emit(Event::AccountChanged);
        Ok(())
    }

    /// The profile; none before the first start is done.
    pub async fn profile(&self) -> UserResult<Option<Profile>> {
        Ok(profile::load(&self.0.state)?)
    }

    /// The first screen: makes the teamspace and the profile. The profile comes last, because it is what says
    /// that the first start is over: a folder that cannot be used leaves everything as it was.
    pub async fn first_start(&self, answers: FirstStart) -> UserResult<Profile> {
        profile::check(&answers.profile)?;
        self.add_at(&answers.teamspace_name, answers.place).await?;
        self.save_profile(answers.profile).await
    }

    /// Makes or changes the profile.
    pub async fn save_profile(&self, draft: ProfileDraft) -> UserResult<Profile> {
        let (state, clock) = (self.0.state.clone(), self.0.clock.clone());
        let profile = tokio::task::spawn_blocking(move || profile::save(&state, &draft, &clock))
            .await
            .map_err(|panic| UserError::unexpected("save the profile", panic))??;
        self.back_up();
        self.0.events.emit(Event::ProfileChanged);
        self.0.spaces.introduce_everywhere().await;
        Ok(profile)
    }

    /// The settings.
    pub async fn settings(&self) -> UserResult<Settings> {
        Ok(settings::load(&self.0.state)?)
    }

    /// Saves the settings.
    pub async fn save_settings(&self, settings: Settings) -> UserResult<()> {
        settings::save(&self.0.state, &settings)?;
        let app = self.clone();
        tokio::task::spawn_blocking(move || super::limits::apply(&app.0.state, &app.0.zoom, &app.0.cache))
            .await
            .map_err(|panic| UserError::unexpected("apply the settings", panic))?;
        self.0.events.emit(Event::SettingsChanged);
        Ok(())
    }

    /// Which Zoom app is used to sign in.
    pub async fn zoom_client(&self) -> UserResult<ZoomClient> {
        Ok(self.0.configuration.zoom_client()?)
    }

    /// Checks a client id, also at Zoom as far as that can be seen, and keeps it.
    pub async fn save_zoom_client(&self, draft: ZoomClientDraft) -> UserResult<ZoomClient> {
        let app = self.0.configuration.check(&draft)?;
        if let ClientCheck::Refused { why } = self.0.zoom.check_client(&app).await {
            return Err(UserError::new(
                Code::ZoomClientRefused,
                "Zoom does not accept this client id, or not with this redirect address",
                "compare both with your app's page in Zoom's Marketplace; a public client has an id of its own",
            )
            .detail(why));
        }
        let client = self.0.configuration.save_zoom_client(&draft).await?;
        self.back_up();
        self.0.events.emit(Event::SettingsChanged);
        Ok(client)
    }

    /// Forgets the client that was entered here.
    pub async fn remove_zoom_client(&self) -> UserResult<ZoomClient> {
        let client = self.0.configuration.remove_zoom_client().await?;
        self.0.events.emit(Event::SettingsChanged);
        Ok(client)
    }

    /// After something that a person would hate to type twice. A backup that fails costs nothing now.
    pub(super) fn back_up(&self) {
        if let Err(error) = self.0.state.back_up() {
            tracing::warn!(%error, "the database could not be backed up");
        }
    }
}

/// The place for secrets, after the environment and what the person chose.
pub(super) fn open_secrets(
    given: Option<Secrets>,
    environment: &Environment,
    dirs: &Dirs,
    state: &Database,
) -> UserResult<(Secrets, SecretsState)> {
    if let Some(secrets) = given {
        return Ok((secrets, SecretsState { store: SecretsStore::Memory, locked: false }));
    }
    let chosen: Option<SecretsStore> = state.read(|c| settings::value(c, STORE))?;
    let store = match environment.secrets.as_deref() {
        Some("keyring") => SecretsStore::Keyring,
        Some("file") => SecretsStore::File,
        Some("memory") => SecretsStore::Memory,
        Some(_) => {
            return Err(UserError::new(
                Code::Usage,
                "NEXT_SECRETS names no place for secrets",
                "set it to keyring, file or memory, or remove it",
            ));
        }
        None => chosen.unwrap_or(SecretsStore::Keyring),
    };
    let here = |secrets, locked| Ok((secrets, SecretsState { store, locked }));
    match (store, &environment.secrets_passphrase) {
        (SecretsStore::Keyring, _) => here(Secrets::new(Keyring::default()), false),
        (SecretsStore::Memory, _) => here(Secrets::new(Memory::default()), false),
        (SecretsStore::File, Some(passphrase)) => {
            let file = EncryptedFile::open(dirs.root().join(SECRETS_FILE), passphrase.clone())?;
            here(Secrets::new(file), false)
        }
        (SecretsStore::File, None) if environment.secrets.is_some() => Err(UserError::new(
            Code::KeyringUnavailable,
            "NEXT_SECRETS is file, and there is no passphrase",
            "set NEXT_SECRETS_PASSPHRASE",
        )),
        // Chosen in the window: the window asks for the passphrase. Until then nothing can be read.
        (SecretsStore::File, None) => here(Secrets::new(Memory::default()), true),
    }
}

/// Keeps something that a person should know, until it is put away.
pub(super) fn notice(state: &Database, error: &UserError, now: Timestamp) -> UserResult<()> {
    let text = serde_json::to_string(error).map_err(|e| UserError::unexpected("keep a notice", e))?;
    state.write(|t| {
        t.execute(
            "INSERT OR REPLACE INTO notice (code, error, created_at) VALUES (?1, ?2, ?3)",
            params![error.code.name(), text, to_text(now)],
        )?;
        Ok(())
    })?;
    Ok(())
}

fn notices(state: &Database) -> UserResult<Vec<UserError>> {
    let texts: Vec<String> = state.read(|c| {
        let mut statement = c.prepare("SELECT error FROM notice ORDER BY created_at DESC")?;
        Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    })?;
    Ok(texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect())
}

/// Name of this machine, for colleagues to read.
pub(super) fn device() -> String {
    let name = gethostname::gethostname().to_string_lossy().into_owned();
    let short = name.split('.').next().unwrap_or_default().trim().to_owned();
    if short.is_empty() { "this computer".to_owned() } else { short }
}

/// Where the first teamspace is suggested: among the person's own documents, not in the app's data. Practice
/// stays apart from what is real.
fn suggested_folder(dirs: &Dirs, practice: bool) -> String {
    if practice {
        return dirs.root().join("Recordings").display().to_string();
    }
    let user = directories::UserDirs::new();
    let home = user.as_ref().map(|user| user.home_dir().to_owned());
    let among = user.as_ref().and_then(|user| user.document_dir()).map(std::path::Path::to_owned).or(home);
    match among {
        Some(folder) => folder.join("NEXT Recordings").display().to_string(),
        None => dirs.root().join("recordings").display().to_string(),
    }
}

/// `~/x` as people type it.
pub(super) fn expand_home(path: &str) -> std::path::PathBuf {
    let path = path.trim();
    match (path.strip_prefix("~/"), directories::UserDirs::new()) {
        (Some(rest), Some(user)) => user.home_dir().join(rest),
        _ => path.into(),
    }
}
