//! The system's browser: a real Chromium without a screen. It opens what the app asked the system to open, and a
//! person in it presses Authorize or Decline on the (simulated) Zoom's page.

use fantoccini::{Client, Locator};
use serde_json::json;
use tempfile::TempDir;

use super::driver::{Driver, PATIENCE};

/// An open browser.
pub struct Browser {
    page: Client,
    _driver: Driver,
    _profile: TempDir,
}

impl Browser {
    /// Opens it, with a history of its own.
    pub async fn open() -> Self {
        let profile = tempfile::tempdir().expect("a temporary folder");
        let driver = Driver::start("chromedriver", &[]).await;
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--window-size=900,800".to_owned(),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        let page = driver.session(json!({ "goog:chromeOptions": { "args": arguments } })).await;
        Self { page, _driver: driver, _profile: profile }
    }

    /// Goes to an address.
    pub async fn go(&self, address: &str) {
        self.page.goto(address).await.unwrap_or_else(|error| panic!("the browser cannot open it: {error}"));
    }

    /// Presses what has this id. The page that follows may be one that cannot be reached from here.
    pub async fn press(&self, id: &str) {
        let button = self.page.wait().at_most(PATIENCE).for_element(Locator::Id(id)).await;
        let _ = button.unwrap_or_else(|error| panic!("no {id} on the page: {error}")).click().await;
    }

    /// Waits until the page has an element of this selector.
    pub async fn see(&self, selector: &str) {
        let found = self.page.wait().at_most(PATIENCE).for_element(Locator::Css(selector)).await;
        if let Err(error) = found {
            panic!("no {selector} in the browser, which says {:?}: {error}", self.text().await);
        }
    }

    /// The text of the page.
    pub async fn text(&self) -> String {
        let body = self.page.find(Locator::Css("body")).await.expect("a page has a body");
        body.text().await.expect("a body has text")
    }

    /// An attribute of the element with this id.
    pub async fn attribute(&self, id: &str, attribute: &str) -> Option<String> {
        let element = self.page.find(Locator::Id(id)).await.ok()?;
        element.attr(attribute).await.ok()?
    }

    /// The address that it shows.
    pub async fn address(&self) -> String {
        self.page.current_url().await.map(String::from).unwrap_or_default()
    }

    /// What the page looks like, as PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        self.page.screenshot().await.expect("the browser can be photographed")
    }
}
