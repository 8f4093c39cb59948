//! A stateful Zoom on loopback: OAuth, REST and downloads, with knobs. For tests, practice mode and end-to-end runs;
//! never part of a release build.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use zoom_sim::{Choice, Fault, FaultRule, MeetingSpec, Options, Place, ZoomSim};
//!
//! let sim = ZoomSim::start(Options::default()).await?;
//! let meeting = sim.add_meeting(MeetingSpec::talk("Interview with Dana", "checkout").days_ago(3));
//! sim.fault(FaultRule::times(Place::Storage, 1, Fault::Cut { after: 1_000 }).on_file(&meeting.files[0]));
//! // … the client under test signs in at sim.oauth_url() with sim.client_id(); the person consents:
//! # let authorization_url = "";
//! sim.authorize_and_follow(authorization_url, &Choice::authorize("maya@example.com")).await.ok();
//! // … it imports from sim.api_url(), and the test looks at what it asked for:
//! assert_eq!(sim.count(Place::Storage), 2);
//! assert!(sim.leaked_authorizations().is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! There are three users at first: maya@example.com (Licensed, signed in in the browser), jonas@example.com
//! (Licensed), priya@example.com (Basic); and two apps, a public and a confidential one, both registered with the
//! redirect URIs `http://127.0.0.1/oauth/zoom` (any port) and [`RELAY_URI`]. The clock is the machine's until
//! [`Knobs::advance`] moves it. What Zoom does where its behaviour is undocumented is a knob.
//!
//! # The control API
//!
//! The binary `zoom-sim` offers the knobs to other processes: JSON over HTTP below `/sim` on the first port. Answers
//! are JSON; `{"done":true}` where there is nothing to say, `{"error":"…"}` with status 400, 404 or 422 otherwise.
//!
//! | Request | Body | Does |
//! |---|---|---|
//! | `GET /sim` | | users, who is in the browser, meetings with the keys of their files |
//! | `POST /sim/meetings` | a [`MeetingSpec`]: `{"topic":"…","days_ago":2,"files":[{"file_type":"MP4","content":{"sample":"sync.mp4"}}]}` | adds a meeting, answers a [`MeetingHandle`] |
//! | `POST /sim/shapes` | `{"shape":"two_segments"}` (see [`Shape`]) | adds an odd shape |
//! | `POST /sim/samples` | | adds the samples |
//! | `POST /sim/meetings/remove`, `/trash` | `{"uuid":"…"}` | removes it, or moves it to the trash |
//! | `POST /sim/files/complete` | `{"file":"<key>"}` | Zoom has finished the file |
//! | `POST /sim/files/replace` | `{"file":"<key>","content":{"text":"…"}}` | other bytes, another ETag |
//! | `POST /sim/files/addresses` | `{"file":"<key>"}` | where the file can be had just now: `{"download_url","storage_url"}` |
//! | `POST /sim/urls/expire` | | download URLs made so far stop working |
//! | `POST /sim/urls/keep` | `{"listings":2}` or `null` | how many listings a URL survives |
//! | `POST /sim/downloads` | `{"need_own_token":true}` | downloads want the meeting endpoint's `download_access_token` |
//! | `POST /sim/users`, `/clients` | a [`User`], a [`Client`] | adds or replaces |
//! | `POST /sim/browser` | `{"users":["jonas@example.com"]}` | who is signed in to Zoom in the browser |
//! | `POST /sim/authorize` | `{"url":"…","user":"…","decline":false,"untick":[],"follow":true}` | plays the person; answers `{"redirect"}` |
//! | `POST /sim/tokens/access` | `{"user":"maya@example.com"}` | the access token in use, `{"access_token"}` |
//! | `POST /sim/tokens/expire` | `{"which":"access"}` or `"refresh"` | lets tokens be over |
//! | `POST /sim/tokens/revoke` | `{"user":"maya@example.com"}` | the user removed the app |
//! | `POST /sim/tokens/drop-scope` | `{"scope":"…"}` | takes a scope away |
//! | `POST /sim/advance` | `{"seconds":3600}` | moves the clock |
//! | `POST /sim/listing` | a [`ListingHabits`] | how the listing behaves |
//! | `POST /sim/rate` | `{"light":30,"medium":20}` | calls per second; `null`: no limit |
//! | `POST /sim/faults` | a [`FaultRule`]: `{"at":"storage","fault":{"kind":"cut","after":1000},"times":1}` | adds a fault |
//! | `GET /sim/faults`, `POST /sim/faults/clear` | | lists them, removes them |
//! | `POST /sim/offline` | `{"offline":true}` | cuts every connection; the control API stays |
//! | `GET /sim/requests`, `POST /sim/requests/clear` | | the log of [`RequestRecord`]s |
//! | `GET /sim/secrets` | | every token, code and signature so far: none may be found in a client's data or logs |

#![allow(clippy::result_large_err, reason = "an HTTP answer is the error here")]

mod account;
mod answer;
mod authorize;
mod authorize_page;
mod body;
mod browser;
mod clips;
mod clock;
mod connection;
mod content;
mod control;
mod downloads;
mod encoding;
mod faults;
mod file;
mod html_pages;
mod ids;
mod knobs;
mod listing;
mod meeting;
mod oauth;
mod rate;
mod requests;
mod rest;
mod samples;
mod server;
mod shapes;
mod sim;
mod state;
mod state_file;
mod tokens;

pub use account::{Client, RELAY_URI, User};
pub use browser::{AuthorizeError, Choice};
pub use clips::TALKS;
pub use content::Content;
pub use faults::{Fault, FaultRule, HtmlPage, Place, RetryAfter};
pub use file::{FileSpec, Progress};
pub use knobs::Knobs;
pub use listing::ListingHabits;
pub use meeting::{MeetingHandle, MeetingSpec, Source};
pub use requests::{Host, RequestRecord};
pub use shapes::Shape;
pub use sim::{CONFIDENTIAL_CLIENT_ID, CONFIDENTIAL_CLIENT_SECRET, Options, PUBLIC_CLIENT_ID, ZoomSim};
