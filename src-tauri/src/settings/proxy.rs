//! Which way leads to Zoom: the system's proxy, one of one's own, or none.
//!
//! Settings screen, `NEXT_PROXY`, the system's, in this order. A proxy's password is kept in the secret store; the
//! row in `state.db` only says that there is one, under a fresh mark each time, so that every process sees that
//! another one was given.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::proxy_address::ProxyAddress;
use super::{Environment, Error, set_value, value};
use crate::database::Database;
use crate::secret::{Secret, Secrets};

/// Name of the password in the secret store.
const SECRET: &str = "proxy-password";
/// Name of the choice in the table `setting`.
const STORED: &str = "proxy";

/// Which way leads to Zoom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proxy {
    /// As the system says: the environment (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`), on Windows and macOS also the
    /// system's settings.
    System,
    /// Through this one.
    Custom(ProxyAddress),
    /// Straight.
    Off,
}

/// The proxy setting's three positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ProxyMode {
    /// As the system says.
    System,
    /// Through an address that was given.
    Custom,
    /// Straight.
    Off,
}

/// Where the proxy setting comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ProxySource {
    /// Chosen in the settings.
    Settings,
    /// `NEXT_PROXY`.
    Environment,
    /// Nobody chose: the system's.
    Default,
}

/// The proxy setting, without its password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ProxySettings {
    /// Which way.
    pub mode: ProxyMode,
    /// The address that was given, for example `http://proxy.example:3128`; kept while another mode is chosen.
    pub address: Option<String>,
    /// Who signs in there.
    pub username: Option<String>,
    /// Whether a password is kept.
    pub has_password: bool,
    /// Who chose.
    pub source: ProxySource,
}

/// What the settings screen saves.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ProxyDraft {
    /// Which way.
    pub mode: ProxyMode,
    /// The address, for `custom`.
    pub address: Option<String>,
    /// Who signs in there; none for nobody.
    pub username: Option<String>,
    /// The password; it goes to the secret store. None keeps the one that is stored for this address and name.
    pub password: Option<String>,
}

/// The choice that was saved. Its password is in the secret store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stored {
    mode: ProxyMode,
    address: Option<String>,
    username: Option<String>,
    /// A fresh mark for each password that is given; none without a password.
    password: Option<uuid::Uuid>,
}

/// What stands in the settings: equal as long as nobody chose anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyStanding(Option<Stored>);

/// The proxy setting. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ProxyChoice {
    database: Database,
    secrets: Secrets,
    environment: Option<Proxy>,
}

impl ProxyChoice {
    /// Looks at what the environment says; what makes no sense is an error that names it.
    pub fn open(database: Database, secrets: Secrets, environment: &Environment) -> Result<Self, Error> {
        let environment = environment.proxy.as_ref().map(|text| match text.expose().as_str() {
            "system" => Ok(Proxy::System),
            "off" => Ok(Proxy::Off),
            address => ProxyAddress::parse(address, "NEXT_PROXY").map(Proxy::Custom),
        });
        Ok(Self { database, secrets, environment: environment.transpose()? })
    }

    /// The setting for a screen. Does not ask the secret store.
    pub fn shown(&self) -> Result<ProxySettings, Error> {
        let shown = |mode, address: Option<&ProxyAddress>, source| ProxySettings {
            mode,
            address: address.map(|address| address.shown().to_owned()),
            username: address.and_then(|address| address.username().map(str::to_owned)),
            has_password: address.is_some_and(|address| address.password().is_some()),
            source,
        };
        Ok(match (self.standing()?.0, &self.environment) {
            (Some(Stored { mode, address, username, password }), _) => ProxySettings {
                mode,
                address,
                username,
                has_password: password.is_some(),
                source: ProxySource::Settings,
            },
            (None, Some(Proxy::System)) => shown(ProxyMode::System, None, ProxySource::Environment),
            (None, Some(Proxy::Off)) => shown(ProxyMode::Off, None, ProxySource::Environment),
            (None, Some(Proxy::Custom(at))) => shown(ProxyMode::Custom, Some(at), ProxySource::Environment),
            (None, None) => shown(ProxyMode::System, None, ProxySource::Default),
        })
    }

    /// What stands in the settings now.
    pub fn standing(&self) -> Result<ProxyStanding, Error> {
        Ok(ProxyStanding(self.database.read(|connection| value(connection, STORED))?))
    }

    /// The way that is in force, with its password.
    pub async fn in_force(&self) -> Result<Proxy, Error> {
        self.of_standing(&self.standing()?).await
    }

    /// The way that this standing means, with its password.
    pub async fn of_standing(&self, standing: &ProxyStanding) -> Result<Proxy, Error> {
        let Some(stored) = &standing.0 else { return Ok(self.environment.clone().unwrap_or(Proxy::System)) };
        match (stored.mode, &stored.address) {
            (ProxyMode::Off, _) => Ok(Proxy::Off),
            (ProxyMode::Custom, Some(address)) => {
                let password = match stored.password {
                    Some(_) => self.kept_password().await?,
                    None => None,
                };
                let address = ProxyAddress::parse(address, "The proxy in the settings")?;
                Ok(Proxy::Custom(address.signed(stored.username.clone(), password)))
            }
            (ProxyMode::System | ProxyMode::Custom, _) => Ok(Proxy::System),
        }
    }

    /// Looks at a draft. The result can be tried before it is saved.
    pub async fn check(&self, draft: &ProxyDraft) -> Result<Proxy, Error> {
        match draft.mode {
            ProxyMode::System => return Ok(Proxy::System),
            ProxyMode::Off => return Ok(Proxy::Off),
            ProxyMode::Custom => {}
        }
        let given = self.address(draft)?;
        let kept = match given.password() {
            None if self.keeps(&given)?.is_some() => self.kept_password().await?,
            _ => None,
        };
        Ok(Proxy::Custom(given.signed(None, kept)))
    }

    /// Keeps a choice: the password in the secret store first, then the rest. Choosing another mode keeps the
    /// address for later.
    pub async fn save(&self, draft: &ProxyDraft) -> Result<ProxySettings, Error> {
        let before = self.standing()?.0;
        let stored = match draft.mode {
            ProxyMode::Custom => {
                let given = self.address(draft)?;
                let password = match (given.password(), self.keeps(&given)?) {
                    (Some(password), _) => {
                        self.secrets.set(SECRET, password.clone()).await?;
                        Some(uuid::Uuid::now_v7())
                    }
                    (None, kept) => kept,
                };
                if password.is_none() && before.is_some_and(|before| before.password.is_some()) {
                    self.secrets.delete(SECRET).await?;
                }
                let username = given.username().map(str::to_owned);
                Stored { mode: draft.mode, address: Some(given.shown().to_owned()), username, password }
            }
            mode => match before {
                Some(before) => Stored { mode, ..before },
                None => Stored { mode, address: None, username: None, password: None },
            },
        };
        self.database.write(|transaction| set_value(transaction, STORED, &stored))?;
        self.shown()
    }

    /// The address of a draft, with name and password wherever they were given.
    fn address(&self, draft: &ProxyDraft) -> Result<ProxyAddress, Error> {
        let address =
            ProxyAddress::parse(draft.address.as_deref().unwrap_or_default(), "The proxy's address")?;
        let stated = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let password = stated(&draft.password).map(Secret::new);
        let address = address.signed(stated(&draft.username), password);
        if address.password().is_some() && address.username().is_none() {
            return Err(Error::Value {
                name: "The proxy's password".to_owned(),
                why: "has no user name beside it",
                action: "give the user name too, or leave the password out",
            });
        }
        Ok(address)
    }

    /// The mark of the stored password, when it is for this address and name.
    fn keeps(&self, given: &ProxyAddress) -> Result<Option<uuid::Uuid>, Error> {
        let same = |stored: &Stored| {
            stored.address.as_deref() == Some(given.shown()) && stored.username.as_deref() == given.username()
        };
        Ok(self.standing()?.0.filter(same).and_then(|stored| stored.password))
    }

    async fn kept_password(&self) -> Result<Option<Secret>, Error> {
        let password = self.secrets.get(SECRET).await?;
        if password.is_none() {
            // A locked keyring answers "none" as well; without its password the proxy would refuse.
            self.secrets.probe().await?;
        }
        Ok(password)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::open_state_in_memory;
    use crate::secret::Memory;

    fn choice(next_proxy: Option<&str>) -> Result<ProxyChoice, Error> {
        let environment =
            Environment { proxy: next_proxy.map(|text| Secret::new(text.into())), ..Environment::default() };
        ProxyChoice::open(open_state_in_memory().unwrap(), Secrets::new(Memory::default()), &environment)
    }

    fn custom(address: &str, username: Option<&str>, password: Option<&str>) -> ProxyDraft {
        ProxyDraft {
            mode: ProxyMode::Custom,
            address: Some(address.to_owned()),
            username: username.map(str::to_owned),
            password: password.map(str::to_owned),
        }
    }

    fn mode(mode: ProxyMode) -> ProxyDraft {
        ProxyDraft { mode, address: None, username: None, password: None }
    }

    /// The address in force, with what signs in there.
    async fn in_force(choice: &ProxyChoice) -> String {
        match choice.in_force().await.unwrap() {
            Proxy::Custom(address) => address.with_sign_in().expose().clone(),
            other => format!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn the_settings_screen_comes_before_the_environment_and_that_before_the_system() {
        let nobody = choice(None).unwrap();
        assert_eq!(in_force(&nobody).await, "System");
        assert_eq!(nobody.shown().unwrap().source, ProxySource::Default);

        let environment = choice(Some("http://maya:pw@corp:3128")).unwrap();
        assert_eq!(in_force(&environment).await, "http://maya:pw@corp:3128");
        let shown = environment.shown().unwrap();
        assert_eq!((shown.source, shown.has_password), (ProxySource::Environment, true));
        assert_eq!(shown.address.as_deref(), Some("http://corp:3128"));

        let saved = environment.save(&mode(ProxyMode::Off)).await.unwrap();
        assert_eq!((saved.mode, saved.source), (ProxyMode::Off, ProxySource::Settings));
        assert_eq!(in_force(&environment).await, "Off");
        assert_eq!(in_force(&choice(Some("off")).unwrap()).await, "Off");
        let error = choice(Some("ftp://hunter2@corp")).unwrap_err().to_string();
        assert!(error.starts_with("NEXT_PROXY ") && !error.contains("hunter2"), "{error}");
    }

    #[tokio::test]
    async fn a_password_stays_for_its_address_and_name_and_goes_with_them() {
        let choice = choice(None).unwrap();
        choice.save(&custom("http://corp:3128", Some("maya"), Some("pw"))).await.unwrap();
        let row: String = choice
            .database
            .read(|c| Ok(c.query_row("SELECT value FROM setting WHERE name = 'proxy'", [], |r| r.get(0))?))
            .unwrap();
        assert!(!row.contains("pw"), "{row}");

        choice.save(&custom("corp:3128", Some("maya"), None)).await.unwrap();
        assert_eq!(in_force(&choice).await, "http://maya:pw@corp:3128");
        choice.save(&mode(ProxyMode::System)).await.unwrap();
        assert_eq!(in_force(&choice).await, "System");
        assert_eq!(choice.shown().unwrap().address.as_deref(), Some("http://corp:3128"), "kept for later");

        choice.save(&custom("http://other:3128", Some("maya"), None)).await.unwrap();
        assert_eq!(in_force(&choice).await, "http://maya@other:3128");
        assert_eq!(choice.secrets.get(SECRET).await.unwrap(), None, "it is not left behind");
    }

    #[tokio::test]
    async fn another_password_is_another_standing() {
        let choice = choice(None).unwrap();
        let draft = |password| custom("http://corp:3128", Some("maya"), Some(password));
        choice.save(&draft("one")).await.unwrap();
        let one = choice.standing().unwrap();
        choice.save(&draft("two")).await.unwrap();
        assert_ne!(choice.standing().unwrap(), one);
    }

    #[tokio::test]
    async fn a_password_in_the_address_is_taken_out_of_it() {
        let choice = choice(None).unwrap();
        let saved = choice.save(&custom("http://maya:pw@corp:3128", None, None)).await.unwrap();
        assert_eq!((saved.address.as_deref(), saved.has_password), (Some("http://corp:3128"), true));
        assert_eq!(saved.username.as_deref(), Some("maya"));
        assert!(choice.save(&custom("http://corp:3128", None, Some("pw"))).await.is_err(), "of nobody");
    }
}
