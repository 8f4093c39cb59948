//! Notifications of macOS and Windows, through the crates that notify-rust is made of there: unlike it they hand
//! back what was clicked.

use next_desktop::notices::Notice;
use tauri::AppHandle;

use super::Both;

/// Shows what comes, until nothing more can come.
pub async fn show(app: AppHandle, mut notices: Both) {
    while let Some(notice) = notices.next().await {
        let app = app.clone();
        // Both wait, macOS until the notification is clicked or gone.
        std::thread::spawn(move || {
            if let Err(error) = one(&app, &notice) {
                tracing::info!(%error, "a notification was not shown");
            }
        });
    }
}

#[cfg(target_os = "macos")]
fn one(app: &AppHandle, notice: &Notice) -> Result<(), mac_notification_sys::error::Error> {
    use mac_notification_sys::{MainButton, Notification, NotificationResponse};
    // Fails when it was set before, which is as good.
    let _ = mac_notification_sys::set_application(&app.config().identifier);
    let picture = notice.picture.as_ref().map(|picture| picture.display().to_string());
    let mut notification = Notification::new();
    notification
        .title(&notice.title)
        .message(&notice.text)
        .main_button(MainButton::SingleAction(&notice.button))
        .wait_for_click(true);
    if let Some(picture) = &picture {
        notification.content_image(picture);
    }
    match notification.send()? {
        NotificationResponse::Click | NotificationResponse::ActionButton(_) => {
            super::open(app, notice.target.clone());
        }
        _ => {}
    }
    Ok(())
}

#[cfg(windows)]
fn one(app: &AppHandle, notice: &Notice) -> Result<(), tauri_winrt_notification::Error> {
    use tauri_winrt_notification::Toast;
    let (handle, target) = (app.clone(), notice.target.clone());
    let mut toast = Toast::new(&app.config().identifier)
        .title(&notice.title)
        .text1(&notice.text)
        .add_button(&notice.button, "open")
        .on_activated(move |_| {
            super::open(&handle, target.clone());
            Ok(())
        });
    if let Some(picture) = &notice.picture {
        toast = toast.hero(picture, "");
    }
    toast.show()
}
