//! The way to Zoom: the proxy setting, and whether Zoom is reached.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::App;
use crate::error::UserResult;
use crate::events::Event;
use crate::settings::{ProxyDraft, ProxySettings};

/// Zoom was reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct NetworkTest {
    /// Zoom's host.
    pub host: String,
    /// The proxy on the way; none when it is straight.
    pub proxy: Option<String>,
    /// How long it took.
    pub seconds: f64,
}

impl App {
    /// The proxy setting, without its password.
    pub async fn proxy_settings(&self) -> UserResult<ProxySettings> {
        Ok(self.0.proxy.shown()?)
    }

    /// Keeps another proxy setting. It counts from the next request on; what waited for it goes on.
    pub async fn save_proxy_settings(&self, draft: ProxyDraft) -> UserResult<ProxySettings> {
        let saved = self.0.proxy.save(&draft).await?;
        self.back_up();
        self.0.zoom.unbar();
        self.0.events.emit(Event::SettingsChanged);
        Ok(saved)
    }

    /// Tries to reach Zoom: the way that a draft would go, or the one that is in force.
    pub async fn test_network(&self, draft: Option<ProxyDraft>) -> UserResult<NetworkTest> {
        let proxy = match &draft {
            Some(draft) => self.0.proxy.check(draft).await?,
            None => self.0.proxy.in_force().await?,
        };
        let reached = self.0.zoom.reach(&proxy).await?;
        if draft.is_none() {
            self.0.zoom.unbar();
        }
        Ok(NetworkTest { host: reached.host, proxy: reached.proxy, seconds: reached.took.as_secs_f64() })
    }
}
