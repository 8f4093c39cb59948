//! How the app's window bears a large library: from a key to what it finds, scrolling through all of it, memory. Drives
//! the release build on a data directory that is there; for `cargo xtask bench library`, which makes one.

#[path = "../e2e/driver.rs"]
mod driver;

use std::time::Duration;

use driver::{Driver, children, until};
use fantoccini::Client;
use serde_json::{Value, json};

/// What is typed into the library's own field, and into the search: words of the talk that `babble` makes up, the
/// latter without regard to what they find.
const TYPED: [&str; 6] = ["bare", "timoku", "sandel", "vino", "plater", "guli"];
/// Pixels each frame, and frames: a row of cards, through all of the list; as fast as a wheel is turned hard, nine windows a
/// second; and not at all, to tell what the machine alone does.
const A_ROW: (u32, u32) = (260, u32::MAX);
const A_WHEEL: (u32, u32) = (120, 1_500);
const NOTHING: (u32, u32) = (0, 1_500);
/// Scrolls, and notes how long each frame took.
const SCROLL: &str = "
    const [step_, most] = arguments;
    const list = document.querySelector('[data-testid=library-list]');
    const scroller = [list, ...list.querySelectorAll('*')].find((one) => one.scrollHeight > one.clientHeight + 8
        && getComputedStyle(one).overflowY !== 'visible');
    const frames = [];
    let last = performance.now();
    const step = (now) => {
        frames.push(now - last);
        last = now;
        const down = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 2;
        if (down || frames.length > most) return window.bench = frames;
        scroller.scrollTop += step_;
        requestAnimationFrame(step);
    };
    window.bench = null;
    scroller.scrollTop = 0;
    setTimeout(() => requestAnimationFrame((now) => { last = now; step(now); }), 1000);
    return scroller.scrollHeight;";
/// Types letter by letter, and notes for each how long it took until what it finds was drawn.
const TYPE: &str = "
    const [selector, answer_, words] = arguments;
    const field = document.querySelector(selector);
    const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const rest = (time) => new Promise((done) => setTimeout(done, time));
    const answered = () => new Promise((done) => {
        const end = () => { watch.disconnect(); clearTimeout(late); done(); };
        const late = setTimeout(end, 5000);
        const watch = new MutationObserver((changes) => {
            const here = document.querySelector(answer_);
            const meant = changes.some(({ target, addedNodes }) => target === here || here?.contains(target)
                || [...addedNodes].some((one) => one === here || one.contains?.(here)));
            if (here && meant && !here.classList.contains('late')) end();
        });
        watch.observe(document.body,
            { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['class'] });
    });
    window.bench = null;
    (async () => {
        const times = [];
        field.focus();
        for (const word of words) {
            field.select();
            for (const letter of word) {
                const begun = performance.now();
                // The library's own list is found anew before the letter is drawn; the search answers later.
                const answer = answer_ ? answered() : null;
                document.execCommand('insertText', false, letter);
                await answer;
                await drawn();
                times.push(performance.now() - begun);
                await rest(250);
            }
        }
        window.bench = times;
    })();";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [program, data, what] = words[..] else { panic!("PROGRAM DATA-DIRECTORY WHAT") };
    let environment = [
        ("NEXT_DATA_DIR", data.to_owned()),
        ("NEXT_SECRETS", "memory".to_owned()),
        ("TAURI_WEBVIEW_AUTOMATION", "true".to_owned()),
    ];
    let driver = Driver::start("WebKitWebDriver", &environment).await;
    let page = driver.session(json!({ "webkitgtk:browserOptions": { "binary": program, "args": [] } })).await;
    let grown = all_is_listed(&page).await;
    let line = |what: &str, name: &str, mut times: Vec<f64>, promised: f64| {
        times.sort_by(f64::total_cmp);
        let at =
            |share: f64| times.get(((times.len() as f64 * share) as usize).min(times.len() - 1)).copied();
        let (half, most) = (at(0.5).unwrap_or_default(), at(0.99).unwrap_or_default());
        let worst = times.last().copied().unwrap_or_default();
        let over = times.iter().filter(|time| **time > promised).count();
        println!(
            "| {what} | {name} | {half:.0} ms | {most:.0} ms | {worst:.0} ms | {over} of {} over {promised:.0} ms |",
            times.len()
        );
    };
    println!("| {what} | all of the list is there after | {:.1} s | | | |", grown.as_secs_f64());
    println!("| {what} | memory of all processes (PSS) | {} MiB | | | |", memory(&driver) >> 20);
    let typed = [json!("[data-testid=library-search]"), json!(null), json!(TYPED)];
    line(
        what,
        "a key in the library's field, to what it finds",
        bench(&page, TYPE, typed.to_vec()).await,
        100.0,
    );
    empty(&page, "[data-testid=library-search]").await;
    for (name, (step, most)) in [
        ("frames while nothing happens", NOTHING),
        ("frames while scrolling as fast as a wheel does", A_WHEEL),
        ("frames while scrolling a row each, through all of it", A_ROW),
    ] {
        line(what, name, bench(&page, SCROLL, vec![json!(step), json!(most)]).await, 50.0);
    }
    page.execute("location.hash = '#/search'", Vec::new()).await.expect("the page goes there");
    there(&page, "[data-testid=search-field]").await;
    let typed = [json!("[data-testid=search-field]"), json!("[data-testid=search-results]"), json!(TYPED)];
    line(what, "a key in the search, to what it finds", bench(&page, TYPE, typed.to_vec()).await, 100.0);
    println!("| {what} | memory after all that | {} MiB | | | |", memory(&driver) >> 20);
    let _ = page.close().await;
}

/// Runs a script that leaves its numbers in `window.bench`.
async fn bench(page: &Client, script: &str, arguments: Vec<Value>) -> Vec<f64> {
    page.execute(script, arguments).await.expect("the script begins");
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let found = page.execute("return window.bench", Vec::new()).await.expect("the page answers");
        if let Value::Array(times) = found {
            return times.iter().filter_map(Value::as_f64).collect();
        }
    }
}

/// Waits until the list does not grow any more; from the first card on.
async fn all_is_listed(page: &Client) -> Duration {
    there(page, "[data-place]").await;
    let begun = std::time::Instant::now();
    let (mut before, mut grew) = (0.0, begun);
    while grew.elapsed() < Duration::from_secs(6) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let height = "return Math.max(...[...document.querySelectorAll('[data-testid=library-list], \
                      [data-testid=library-list] *')].map((one) => one.scrollHeight))";
        let now =
            page.execute(height, Vec::new()).await.ok().and_then(|height| height.as_f64()).unwrap_or(0.0);
        if now > before {
            (before, grew) = (now, std::time::Instant::now());
        }
    }
    grew.duration_since(begun)
}

async fn there(page: &Client, selector: &str) {
    let script = "return document.querySelector(arguments[0]) !== null";
    until(&format!("{selector} is there"), || async {
        let found = page.execute(script, vec![json!(selector)]).await.ok()?;
        (found == json!(true)).then_some(())
    })
    .await;
}

async fn empty(page: &Client, selector: &str) {
    let script = "const field = document.querySelector(arguments[0]); field.focus(); field.select();
        document.execCommand('delete');";
    page.execute(script, vec![json!(selector)]).await.expect("the field can be emptied");
    tokio::time::sleep(Duration::from_secs(1)).await;
}

/// Proportional set size of the app and all its processes, in bytes.
fn memory(driver: &Driver) -> u64 {
    let mut all = driver.started();
    let mut next = 0;
    while let Some(parent) = all.get(next).copied() {
        all.extend(children(parent));
        next += 1;
    }
    let pss = |process: &u32| {
        let text = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
        let line = text.lines().find(|line| line.starts_with("Pss:"))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? << 10)
    };
    all.iter().filter_map(pss).sum()
}
