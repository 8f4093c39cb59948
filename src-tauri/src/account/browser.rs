//! What runs beside a sign-in while the browser is out: the listener that hears it, and the watch that ends
//! the wait.

use std::sync::{PoisonError, Weak};
use std::time::Duration;

use futures::future::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::machine::{Input, State};
use super::sign_in::Inner;
use super::{AccountStatus, Accounts, SignInState, refusal, store};
use crate::error::UserResult;
use crate::zoom::{Answer, Listener};

pub(super) async fn listen(port: u16, path: &str) -> UserResult<Listener> {
    // The listener of a former sign-in lets go of its port a moment after it is told to.
    let mut tries = 0;
    loop {
        match Listener::bind(port, path).await {
            Ok(listener) => return Ok(listener),
            Err(_) if port != 0 && tries < 5 => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(error) => return Err(refusal::port_taken(port, &error)),
        }
    }
}

/// Answers the browser, for as long as the sign-in could still come back or be asked about.
pub(super) async fn serve(inner: Weak<Inner>, listener: Listener, stop: CancellationToken) {
    let handle = move |address: String| {
        let accounts = inner.upgrade().map(Accounts);
        async move {
            match accounts {
                Some(accounts) => spoken(accounts.callback(&address).await),
                None => spoken(Err(refusal::cancelled())),
            }
        }
        .boxed()
    };
    if let Err(error) = listener.serve(handle, stop).await {
        tracing::warn!(%error, "the listener for the browser stopped");
    }
}

/// What the browser shows.
fn spoken(result: UserResult<AccountStatus>) -> Answer {
    let sentence = |text: &str| {
        let mut chars = text.chars();
        let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
        format!("{first}{}.", chars.as_str())
    };
    match result {
        Ok(status) if status.state == SignInState::Connected => Answer {
            well: true,
            title: "Zoom is connected".to_owned(),
            text: "You can close this tab and return to NEXT.".to_owned(),
        },
        Ok(_) => Answer {
            well: true,
            title: "Almost done".to_owned(),
            text: "NEXT has a question for you. You can close this tab and return to NEXT.".to_owned(),
        },
        Err(error) => Answer { well: false, title: sentence(&error.message), text: sentence(&error.action) },
    }
}

/// Ends a sign-in that nobody comes back from, and notices when another process finished it.
pub(super) async fn watch(
    inner: Weak<Inner>,
    attempt: u64,
    begun: jiff::Timestamp,
    expires_at: jiff::Timestamp,
    stop: CancellationToken,
) {
    let mut seen = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_millis(500)) => {}
        }
        let Some(accounts) = inner.upgrade().map(Accounts) else { return };
        let waiting = matches!(
            &*accounts.0.state.lock().unwrap_or_else(PoisonError::into_inner),
            State::Waiting { attempt: current, .. } if *current == attempt
        );
        let keeper = &accounts.0.keeper;
        if keeper.clock.now() >= expires_at {
            if waiting {
                let _ = accounts.feed(Input::Failed { attempt, error: refusal::expired() }).await;
            }
            // Nobody is answered any more either.
            accounts.0.listening.lock().unwrap_or_else(PoisonError::into_inner).take();
            return;
        }
        let changes = keeper.database.foreign_changes().ok();
        if waiting && std::mem::replace(&mut seen, changes) != changes {
            let row = store::load(&keeper.database).ok().flatten();
            // The row holds milliseconds.
            let begun = begun.saturating_sub(jiff::SignedDuration::from_millis(1)).unwrap_or(begun);
            if row.is_some_and(|row| row.needs_reauthorization.is_none() && row.connected_at >= begun) {
                let _ = accounts.feed(Input::Stored { attempt }).await;
            }
        }
    }
}
