//! Sending to a bucket within the person's bandwidth limit: piece by piece, each when its turn has come.
//!
//! # Why not part by part
//!
//! A part of an upload is 8 MiB: sent at once it takes the whole line for seconds, however long the pause after it.
//! And a limit that is changed while a part is under way counts from its next piece on.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use http_body::Body as _;
use object_store::client::{HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse};
use url::Url;

use super::reach::Road;
use super::wire::{late, patient};

/// Bytes that are sent at once.
pub(super) const PIECE: usize = 64 << 10;
/// How often is looked whether the line still carries something.
const LOOK: Duration = Duration::from_secs(1);

/// When the last piece was handed to the line; none while the next one waits for its turn.
#[derive(Debug)]
struct Progress(Mutex<Option<Instant>>);

impl Progress {
    fn set(&self, at: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// Comes when the line has carried nothing for this long. Waiting for one's turn is not the line's fault.
    async fn stalls(&self, patience: Duration) {
        loop {
            tokio::time::sleep(LOOK).await;
            let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if last.is_some_and(|last| last.elapsed() > patience) {
                return;
            }
        }
    }
}

/// Sends a request whose body keeps within the road's limit. It is given up when the line carries nothing for
/// `patience`, which includes the answer.
pub(super) async fn send(
    client: &reqwest::Client,
    road: Arc<dyn Road>,
    request: HttpRequest,
    url: Url,
    patience: Duration,
) -> Result<HttpResponse, HttpError> {
    let (parts, body) = request.into_parts();
    let progress = Arc::new(Progress(Mutex::new(Some(Instant::now()))));
    let paced = {
        let progress = progress.clone();
        futures::stream::iter(pieces(body).await?).then(move |piece: Bytes| {
            let (road, progress) = (road.clone(), progress.clone());
            async move {
                progress.set(None);
                road.upload(piece.len() as u64).await;
                progress.set(Some(Instant::now()));
                Ok::<_, Infallible>(piece)
            }
        })
    };
    let mut sent = reqwest::Request::new(parts.method, url);
    // Among them the length of the body: stores take none whose end is open.
    *sent.headers_mut() = parts.headers;
    *sent.body_mut() = Some(reqwest::Body::wrap_stream(paced));
    let answer = tokio::select! {
        answer = client.execute(sent) => answer.map_err(failed)?,
        () = progress.stalls(patience) => return Err(late()),
    };
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = http::Response::new(patient(answer.bytes_stream().map_err(failed).boxed()));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

async fn pieces(mut body: HttpRequestBody) -> Result<Vec<Bytes>, HttpError> {
    let mut pieces = Vec::new();
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(mut data) = frame?.into_data() else { continue };
        while data.len() > PIECE {
            pieces.push(data.split_to(PIECE));
        }
        pieces.push(data);
    }
    Ok(pieces)
}

/// An error with what it means for trying again: what broke off may be sent once more.
fn failed(error: reqwest::Error) -> HttpError {
    let kind = if error.is_timeout() {
        HttpErrorKind::Timeout
    } else if error.is_connect() {
        HttpErrorKind::Connect
    } else if error.is_decode() {
        HttpErrorKind::Decode
    } else {
        HttpErrorKind::Interrupted
    };
    HttpError::new(kind, error)
}
