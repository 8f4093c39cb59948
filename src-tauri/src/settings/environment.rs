//! The environment as a value: read once at the doors, an argument everywhere else.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::secret::Secret;

/// What the environment says to NEXT. A variable that is empty counts as not set.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `NEXT_DATA_DIR`: all local data lives below it.
    pub data_dir: Option<PathBuf>,
    /// `NEXT_SECRETS`: `keyring`, `file` or `memory`.
    pub secrets: Option<String>,
    /// `NEXT_SECRETS_PASSPHRASE`: opens the encrypted file.
    pub secrets_passphrase: Option<Secret>,
    /// `NEXT_LOG`: what is logged.
    pub log: Option<String>,
    /// `NEXT_PROXY`: `system`, `off` or the address of a proxy, which may hold a password.
    pub proxy: Option<Secret>,
    /// `NEXT_ZOOM_CLIENT_ID`.
    pub zoom_client_id: Option<String>,
    /// `NEXT_ZOOM_CLIENT_SECRET`.
    pub zoom_client_secret: Option<Secret>,
    /// `NEXT_ZOOM_OAUTH_URL`.
    pub zoom_oauth_url: Option<String>,
    /// `NEXT_ZOOM_API_URL`.
    pub zoom_api_url: Option<String>,
    /// `NEXT_ZOOM_REDIRECT_URI`.
    pub zoom_redirect_uri: Option<String>,
    /// `NEXT_BUCKET_SECRET`: the secret key of a bucket that is added now; kept in the secret store.
    pub bucket_secret: Option<Secret>,
    /// `PATH`: the folders in which programs are looked for.
    pub path: Option<OsString>,
    /// `APPIMAGE`: the file that this program was unpacked from, where it was.
    pub appimage: Option<PathBuf>,
    /// Amazon's own variables.
    pub aws: AwsEnvironment,
}

/// Amazon's own variables and file, for teamspaces that use them instead of an access key of their own.
#[derive(Debug, Clone, Default)]
pub struct AwsEnvironment {
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: Option<String>,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: Option<Secret>,
    /// `AWS_SESSION_TOKEN`.
    pub session_token: Option<Secret>,
    /// `AWS_PROFILE`.
    pub profile: Option<String>,
    /// `AWS_SHARED_CREDENTIALS_FILE`, else `.aws/credentials` in the home folder.
    pub credentials_file: Option<PathBuf>,
}

/// Where the programs of a Linux desktop say that they are there, the person's own first: `XDG_DATA_HOME`, then
/// `XDG_DATA_DIRS`, each with its default (XDG Base Directory Specification).
pub fn data_folders() -> Vec<PathBuf> {
    let own = directories::BaseDirs::new().map(|home| home.data_dir().to_owned());
    let system = std::env::var_os("XDG_DATA_DIRS").filter(|value| !value.is_empty());
    let system = system.unwrap_or_else(|| "/usr/local/share:/usr/share".into());
    own.into_iter().chain(std::env::split_paths(&system)).filter(|folder| folder.is_absolute()).collect()
}

impl Environment {
    /// Reads the environment of this process.
    pub fn read() -> Self {
        let text = |name: &str| {
            let value = std::env::var_os(name)?.to_string_lossy().trim().to_owned();
            (!value.is_empty()).then_some(value)
        };
        Self {
            data_dir: std::env::var_os("NEXT_DATA_DIR").filter(|value| !value.is_empty()).map(PathBuf::from),
            appimage: std::env::var_os("APPIMAGE").filter(|value| !value.is_empty()).map(PathBuf::from),
            path: std::env::var_os("PATH"),
            secrets: text("NEXT_SECRETS"),
            secrets_passphrase: text("NEXT_SECRETS_PASSPHRASE").map(Secret::new),
            log: text("NEXT_LOG"),
            proxy: text("NEXT_PROXY").map(Secret::new),
            zoom_client_id: text("NEXT_ZOOM_CLIENT_ID"),
            zoom_client_secret: text("NEXT_ZOOM_CLIENT_SECRET").map(Secret::new),
            zoom_oauth_url: text("NEXT_ZOOM_OAUTH_URL"),
            zoom_api_url: text("NEXT_ZOOM_API_URL"),
            zoom_redirect_uri: text("NEXT_ZOOM_REDIRECT_URI"),
            bucket_secret: text("NEXT_BUCKET_SECRET").map(Secret::new),
            aws: AwsEnvironment {
                access_key_id: text("AWS_ACCESS_KEY_ID"),
                secret_access_key: text("AWS_SECRET_ACCESS_KEY").map(Secret::new),
                session_token: text("AWS_SESSION_TOKEN").map(Secret::new),
                profile: text("AWS_PROFILE"),
                credentials_file: text("AWS_SHARED_CREDENTIALS_FILE").map(PathBuf::from).or_else(|| {
                    directories::BaseDirs::new().map(|home| home.home_dir().join(".aws/credentials"))
                }),
            },
        }
    }
}
