//! The app's window, used as a person uses it: by what is on the screen.

use std::process::Command;

use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use super::driver::{Driver, LOOK, PATIENCE, children, until};
use super::screens;

/// The place of the first element of a selector that can be seen, among all of that selector; -1 for none.
const VISIBLE: &str = "return [...document.querySelectorAll(arguments[0])].findIndex(element =>
    element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0)";

/// An open window of the app.
pub struct Window {
    driver: Driver,
    page: Client,
}

impl Window {
    /// Starts the app with these arguments and waits until its page is there.
    pub async fn open(environment: &[(&str, String)], arguments: &[&str]) -> Self {
        let mut environment = environment.to_vec();
        environment.push(("TAURI_WEBVIEW_AUTOMATION", "true".to_owned()));
        let driver = Driver::start("WebKitWebDriver", &environment).await;
        let binary = env!("CARGO_BIN_EXE_next-desktop");
        let options = json!({ "binary": binary, "args": arguments });
        let page = driver.session(json!({ "webkitgtk:browserOptions": options })).await;
        let window = Self { driver, page };
        let drawn = "return document.readyState === 'complete' && !document.getElementById('last-look')";
        window.until("the page is there, drawn by itself", drawn).await;
        window
    }

    /// The element with this `data-testid`, once it can be seen.
    pub async fn see(&self, name: &str) -> Element {
        self.see_css(&format!("[data-testid='{name}']")).await
    }

    /// The first element of this selector that can be seen.
    pub async fn see_css(&self, selector: &str) -> Element {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            // Asked of the page: WebKitWebDriver's own answer is no for text that may be cut off.
            let place =
                self.page.execute(VISIBLE, vec![json!(selector)]).await.ok().and_then(|at| at.as_u64());
            if let Some(place) = place.and_then(|at| usize::try_from(at).ok()) {
                let found = self.page.find_all(Locator::Css(selector)).await.unwrap_or_default();
                if let Some(element) = found.into_iter().nth(place) {
                    return element;
                }
            }
            if tokio::time::Instant::now() > deadline {
                self.fail(&format!("{selector} is not to be seen")).await;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Whether an element with this `data-testid` can be seen now.
    pub async fn sees(&self, name: &str) -> bool {
        let selector = format!("[data-testid='{name}']");
        self.ask(VISIBLE, vec![json!(selector)]).await.as_u64().is_some()
    }

    /// Waits until nothing with this `data-testid` can be seen any more.
    pub async fn see_gone(&self, name: &str) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while self.sees(name).await {
            if tokio::time::Instant::now() > deadline {
                self.fail(&format!("{name} is still to be seen")).await;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Presses what has this `data-testid`.
    pub async fn press(&self, name: &str) {
        self.press_css(&format!("[data-testid='{name}']")).await;
    }

    /// Presses the first element of this selector that can be seen. Something that just moves or is about to be
    /// drawn anew is tried again.
    pub async fn press_css(&self, selector: &str) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let error = match self.see_css(selector).await.click().await {
                Ok(()) => return,
                Err(error) => error,
            };
            if tokio::time::Instant::now() > deadline {
                self.fail(&format!("{selector} cannot be pressed: {error}")).await;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Types into the field with this `data-testid`, in place of what is there.
    pub async fn write(&self, name: &str, text: &str) {
        let field = self.see(name).await;
        // Emptied by keys: WebDriver's own way changes the value without the page noticing.
        // Each call lets go of the keys that it held down.
        let select_all = format!("{}a", char::from(Key::Control));
        for keys in [&select_all, &char::from(Key::Backspace).to_string(), text] {
            if !keys.is_empty() {
                field.send_keys(keys).await.expect("the field takes keys");
            }
        }
    }

    /// Waits until this text can be read somewhere in the window.
    pub async fn read(&self, text: &str) {
        let script = "return document.body.innerText.includes(arguments[0])";
        self.until_with(&format!("“{text}” can be read"), script, vec![json!(text)]).await;
    }

    /// All text of the window.
    pub async fn text(&self) -> String {
        let text = self.ask("return document.body.innerText", Vec::new()).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// The text of what has this `data-testid`.
    pub async fn text_of(&self, name: &str) -> String {
        self.see(name).await;
        // Asked of the page, as in `see_css`.
        let script = "return document.querySelector(`[data-testid='${arguments[0]}']`)?.innerText";
        self.ask(script, vec![json!(name)]).await.as_str().unwrap_or_default().to_owned()
    }

    /// An attribute of each element of this selector, in their order.
    pub async fn attributes(&self, selector: &str, attribute: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(arguments[0])]
            .map(element => element.getAttribute(arguments[1]))";
        let found = self.ask(script, vec![json!(selector), json!(attribute)]).await;
        serde_json::from_value(found).expect("attributes are text")
    }

    /// Runs a script in the page and answers what it returns.
    pub async fn ask(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.page.execute(script, arguments).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Waits until a script returns true.
    pub async fn until(&self, what: &str, script: &str) {
        self.until_with(what, script, Vec::new()).await;
    }

    /// Waits until a script returns true for these arguments.
    pub async fn until_with(&self, what: &str, script: &str, arguments: Vec<Value>) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while self.page.execute(script, arguments.clone()).await.ok() != Some(json!(true)) {
            if tokio::time::Instant::now() > deadline {
                self.fail(&format!("waited in vain: {what}")).await;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Calls a command as the page does; its error is the second kind of answer.
    pub async fn invoke(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        let script = "const [command, given, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, given)
                .then(answer => done({ Ok: answer ?? null }), error => done({ Err: error }))";
        let answer = self.page.execute_async(script, vec![json!(command), arguments]).await;
        serde_json::from_value(answer.expect("the page answers")).expect("one of two kinds")
    }

    /// Gives the window this size, in pixels.
    pub async fn resize(&self, width: u32, height: u32) {
        self.page.set_window_size(width, height).await.expect("the window takes a size");
        let script = "return innerWidth === arguments[0] && innerHeight === arguments[1]";
        self.until_with("the window has its size", script, vec![json!(width), json!(height)]).await;
    }

    /// What the page looks like now, as PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        // Two frames later everything that was asked for is drawn; before, the picture may be blank.
        let script =
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))";
        self.page.execute_async(script, Vec::new()).await.expect("frames are drawn");
        // A picture is taken after the next drawing, and WebKit without a graphics processor draws only what changes: a
        // dot that nobody sees does.
        let begin = "const dot = document.body.appendChild(document.createElement('div'));
            dot.style.cssText = 'position: fixed; right: 0; bottom: 0; width: 1px; height: 1px; pointer-events: none';
            let on = false;
            const beat = () => (on = !on, dot.style.background = on ? 'rgb(0 0 0 / 1%)' : 'none');
            const beats = setInterval(beat, 30);
            window.stillDrawn = () => (clearInterval(beats), dot.remove());";
        self.page.execute(begin, Vec::new()).await.expect("something changes");
        let taken = self.page.screenshot().await;
        self.page.execute("window.stillDrawn()", Vec::new()).await.expect("it comes to rest");
        taken.expect("the window can be photographed")
    }

    /// Gives the page something that only a page that is there can have: much memory, and a connection.
    pub async fn hold(&self) -> Held {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = format!("http://{}/", listener.local_addr().expect("its number"));
        let script = "window.held = new Uint8Array(arguments[1]).fill(1);
            fetch(arguments[0], { mode: 'no-cors' }).catch(() => {})";
        self.ask(script, vec![json!(address), json!(HELD)]).await;
        let (connection, _) = tokio::time::timeout(PATIENCE, listener.accept())
            .await
            .expect("the page connects")
            .expect("a connection can be taken");
        let held = Held { connection, app: self.process() };
        assert!(held.bytes() > HELD, "the page has the memory: {} of {HELD}", held.bytes());
        held
    }

    /// The app's process.
    pub fn process(&self) -> u32 {
        let started = self.driver.started();
        assert_eq!(started.len(), 1, "WebKitWebDriver started the app and nothing else");
        started[0]
    }

    /// Ends the app as the end of a desktop session does, and waits for it.
    pub async fn quit(self) {
        let process = self.process();
        signal(process, "TERM");
        ended(process).await;
    }

    /// Waits until the app has ended by itself; it may have done so already.
    pub async fn see_end(self) {
        for process in self.driver.started() {
            ended(process).await;
        }
    }

    /// Ends the app in the middle of whatever it does.
    pub fn kill(self) {
        signal(self.process(), "KILL");
    }

    /// Fails the test with a picture of what was to be seen instead.
    pub async fn fail(&self, what: &str) -> ! {
        screens::keep("failure", &self.screenshot().await);
        panic!("{what}. The window (failure.png) says:\n{}", self.text().await);
    }
}

/// Bytes that a held page has: far more than WebKit's processes have without it.
const HELD: u64 = 768 << 20;

/// What a page has that is there.
///
/// # Why not simply whether its process is gone
/// WebKit starts the process of the next page ahead, so that there is one also without a page. What is looked at
/// instead cannot outlive the page: the connection that its document opened, and the memory that it took.
pub struct Held {
    connection: tokio::net::TcpStream,
    app: u32,
}

impl Held {
    /// Waits until the page is gone: its connection has ended, and nobody has its memory.
    pub async fn see_gone(mut self) {
        use tokio::io::AsyncReadExt as _;
        let mut request = Vec::new();
        let end = tokio::time::timeout(PATIENCE, self.connection.read_to_end(&mut request)).await;
        assert!(end.is_ok(), "the page is still there: it keeps its connection");
        until("the memory of the page is given back", || async { (self.bytes() < HELD).then_some(()) }).await;
    }

    /// Bytes in memory of the app's processes that show pages.
    fn bytes(&self) -> u64 {
        let of = |process: u32, name: &str| {
            let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.map(|value| value.trim().to_owned()).unwrap_or_default()
        };
        let kilobytes = |text: String| text.trim_end_matches(" kB").trim().parse::<u64>().unwrap_or(0);
        children(self.app)
            .into_iter()
            .filter(|process| of(*process, "Name:").starts_with("WebKitWebProces"))
            .map(|process| kilobytes(of(process, "VmRSS:")) << 10)
            .sum()
    }
}

/// Waits until a process of the app has ended.
pub async fn ended(process: u32) {
    let stat = format!("/proc/{process}/stat");
    until("the app ends", || async {
        // Its parent has not asked for its exit code yet: a zombie has ended.
        let stat = std::fs::read_to_string(&stat).unwrap_or_default();
        (stat.is_empty() || stat.contains(") Z ")).then_some(())
    })
    .await;
}

fn signal(process: u32, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), process.to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "the app's process is there");
}
