//! The desktop's panel and its notifications as far as an app can see them: on the session bus of the run, where they
//! stand for what GNOME, KDE and the others bring.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, Proxy, connection, interface};

use super::driver::until;

type Registered = Arc<Mutex<Vec<(String, String)>>>;

/// A panel that shows icons of apps in a tray, for as long as it lives.
pub struct Panel {
    bus: Connection,
    registered: Registered,
}

impl Panel {
    /// Begins to show icons.
    pub async fn begin() -> Self {
        let registered = Registered::default();
        let bus = connection::Builder::session()
            .and_then(|bus| bus.serve_at("/StatusNotifierWatcher", Watcher(registered.clone())))
            .and_then(|bus| bus.name("org.kde.StatusNotifierWatcher"))
            .expect("a session bus")
            .build()
            .await
            .expect("the name of the tray is free");
        Self { bus, registered }
    }

    /// The icon that an app put here last.
    pub async fn icon(&self) -> Icon {
        let (owner, path) = until("an icon is in the tray", || async {
            self.registered.lock().expect("nobody panics with it").last().cloned()
        })
        .await;
        let item = proxy(&self.bus, &owner, &path, "org.kde.StatusNotifierItem").await;
        let menu: zbus::zvariant::OwnedObjectPath = item.get_property("Menu").await.expect("it has a menu");
        let menu = proxy(&self.bus, &owner, menu.as_str(), "com.canonical.dbusmenu").await;
        Icon { item, menu }
    }
}

async fn proxy(bus: &Connection, owner: &str, path: &str, interface: &str) -> Proxy<'static> {
    zbus::proxy::Builder::new(bus)
        .destination(owner.to_owned())
        .and_then(|proxy| proxy.path(path.to_owned()))
        .and_then(|proxy| proxy.interface(interface.to_owned()))
        .expect("names of D-Bus")
        // What it says now, not what it said before.
        .cache_properties(zbus::proxy::CacheProperties::No)
        .build()
        .await
        .expect("the app is on the bus")
}

/// What apps announce their icons to.
struct Watcher(Registered);

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    /// An app gives a path and is found by who sent it, or gives its name and is found at the usual path.
    fn register_status_notifier_item(&self, service: &str, #[zbus(header)] header: Header<'_>) {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        let (owner, path) = match service.starts_with('/') {
            true => (sender, service.to_owned()),
            false => (service.to_owned(), "/StatusNotifierItem".to_owned()),
        };
        self.0.lock().expect("nobody panics with it").push((owner, path));
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.0
            .lock()
            .expect("nobody panics with it")
            .iter()
            .map(|(owner, path)| format!("{owner}{path}"))
            .collect()
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

/// An app's icon.
pub struct Icon {
    item: Proxy<'static>,
    menu: Proxy<'static>,
}

/// A line of a menu: its number, its properties and the lines below it.
type Line = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

impl Icon {
    /// What it says to somebody who points at it.
    pub async fn tooltip(&self) -> String {
        type Tooltip = (String, Vec<(i32, i32, Vec<u8>)>, String, String);
        let tooltip: Tooltip = self.item.get_property("ToolTip").await.expect("it has a tooltip");
        tooltip.3
    }

    /// Waits until it says this.
    pub async fn see_tooltip(&self, text: &str) {
        until(&format!("the tray says {text:?}"), || async { (self.tooltip().await == text).then_some(()) })
            .await;
    }

    /// Its picture: width and pixels.
    pub async fn picture(&self) -> (i32, Vec<u8>) {
        let pictures: Vec<(i32, i32, Vec<u8>)> =
            self.item.get_property("IconPixmap").await.expect("it has pictures");
        pictures.into_iter().next().map(|(width, _, pixels)| (width, pixels)).expect("it has one")
    }

    /// A click on the icon.
    pub async fn click(&self) {
        let () = self.item.call("Activate", &(0i32, 0i32)).await.expect("it can be clicked");
    }

    /// What its menu says, from top to bottom; a line between groups is "—".
    pub async fn menu(&self) -> Vec<String> {
        self.lines().await.into_iter().map(|(_, text)| text).collect()
    }

    /// Chooses this in its menu, once it is there.
    pub async fn choose(&self, text: &str) {
        let number = until(&format!("{text:?} is in the tray's menu"), || async {
            let lines = self.lines().await;
            lines.into_iter().find(|(_, other)| other == text).map(|(number, _)| number)
        })
        .await;
        let event = (number, "clicked", Value::from(""), 0u32);
        let () = self.menu.call("Event", &event).await.expect("the menu takes a click");
    }

    async fn lines(&self) -> Vec<(i32, String)> {
        let asked = (0i32, -1i32, Vec::<String>::new());
        let (_, root): (u32, Line) = self.menu.call("GetLayout", &asked).await.expect("the menu can be read");
        root.2
            .into_iter()
            .map(|line| {
                let (number, properties, _) = Line::try_from(line).expect("a line of a menu");
                let property = |name: &str| {
                    properties
                        .get(name)
                        .and_then(|value| value.downcast_ref::<&str>().ok())
                        .map(str::to_owned)
                };
                let text = match property("type").as_deref() {
                    Some("separator") => "—".to_owned(),
                    // An underscore marks a key; two are one.
                    _ => property("label").unwrap_or_default().replace("__", "_"),
                };
                (number, text)
            })
            .collect()
    }
}

/// A notification as it is on the screen.
#[derive(Debug, Clone)]
pub struct Shown {
    pub id: u32,
    pub replaces: u32,
    pub summary: String,
    pub body: String,
    /// Key and label by turns.
    pub actions: Vec<String>,
    /// The name of the app's desktop entry.
    pub app: String,
    /// The address of its picture; empty without one.
    pub picture: String,
}

/// Somebody who shows notifications, for as long as they live.
pub struct Notifications {
    bus: Connection,
    shown: Arc<Mutex<Vec<Shown>>>,
}

const PATH: &str = "/org/freedesktop/Notifications";

impl Notifications {
    /// Begins to show them.
    pub async fn begin() -> Self {
        let shown = Arc::<Mutex<Vec<Shown>>>::default();
        let bus = connection::Builder::session()
            .and_then(|bus| bus.serve_at(PATH, Daemon(shown.clone())))
            .and_then(|bus| bus.name("org.freedesktop.Notifications"))
            .expect("a session bus")
            .build()
            .await
            .expect("nobody else shows notifications");
        Self { bus, shown }
    }

    /// Everything that was shown, in its order.
    pub fn all(&self) -> Vec<Shown> {
        self.shown.lock().expect("nobody panics with it").clone()
    }

    /// Waits for a notification that says this.
    pub async fn see(&self, summary: &str) -> Shown {
        until(&format!("a notification says {summary:?}: {:?}", self.all()), || async {
            self.all().into_iter().find(|shown| shown.summary == summary)
        })
        .await
    }

    /// A click on a notification, or on one of its buttons.
    pub async fn click(&self, notification: u32, action: &str) {
        let emitter = SignalEmitter::new(&self.bus, PATH).expect("a path of D-Bus");
        Daemon::action_invoked(&emitter, notification, action).await.expect("a signal is sent");
        Daemon::notification_closed(&emitter, notification, 2).await.expect("a signal is sent");
    }
}

struct Daemon(Arc<Mutex<Vec<Shown>>>);

#[interface(name = "org.freedesktop.Notifications")]
impl Daemon {
    fn get_capabilities(&self) -> Vec<&str> {
        vec!["body", "body-markup", "actions", "icon-static"]
    }

    fn get_server_information(&self) -> (&str, &str, &str, &str) {
        ("Notifications of the end-to-end run", "NEXT", "1", "1.2")
    }

    #[allow(clippy::too_many_arguments, reason = "the specification's own")]
    fn notify(
        &self,
        _app_name: &str,
        replaces: u32,
        _app_icon: &str,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        let mut shown = self.0.lock().expect("nobody panics with it");
        let id = if replaces == 0 { u32::try_from(shown.len()).unwrap_or(0) + 1 } else { replaces };
        let hint = |name: &str| {
            let hint = hints.get(name).and_then(|hint| hint.downcast_ref::<&str>().ok());
            hint.unwrap_or_default().to_owned()
        };
        let (app, picture) = (hint("desktop-entry"), hint("image-path"));
        shown.push(Shown { id, replaces, summary, body, actions, app, picture });
        id
    }

    fn close_notification(&self, _id: u32) {}

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action_key: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;
}
