//! One request to a bucket and its answer, through the app's own road and with time limits that fit media.
//!
//! # Why
//!
//! The library's time limit of 30 s covers the whole exchange, so that a large part on a slow line never arrives.
//! Here a limit holds for what should come soon (the beginning of an answer, each next piece of it), and sending
//! has time in proportion to its size.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody,
    HttpService,
};
use reqwest::redirect::Policy;
use tokio::time::Sleep;
use url::Url;

use super::paced;
use super::reach::Road;
use crate::error::UserError;

/// For the beginning of an answer, and for each next piece of it.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes per second that any line carries: what is sent has so much time more.
const SLOWEST: u64 = 32 << 10;

/// Makes and sends requests.
#[derive(Debug, Clone)]
pub(super) enum Wire {
    Road(Arc<dyn Road>),
    Straight(reqwest::Client),
}

/// The store sent us elsewhere: the bucket is in another region.
#[derive(Debug, thiserror::Error)]
#[error("the bucket is in another region{}", region.as_ref().map(|region| format!(": {region}")).unwrap_or_default())]
pub(super) struct Redirected {
    /// Which one, when it says so.
    pub region: Option<String>,
}

/// The way is barred.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct Barred(pub UserError);

#[derive(Debug, thiserror::Error)]
#[error("the store did not answer in time")]
struct Late;

impl Wire {
    pub(super) fn new(road: Option<Arc<dyn Road>>) -> Result<Self, reqwest::Error> {
        match road {
            Some(road) => Ok(Self::Road(road)),
            None => reqwest::Client::builder().redirect(Policy::none()).build().map(Self::Straight),
        }
    }

    fn certificate(&self, url: &Url, error: &HttpError) -> Option<UserError> {
        match self {
            Self::Road(road) => road.certificate(url.host_str().unwrap_or_default(), error),
            Self::Straight(_) => None,
        }
    }
}

impl HttpConnector for Wire {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Wire {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let url = Url::parse(&request.uri().to_string())
            .map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
        let client = match self {
            Self::Road(road) => road.client(&url).await.map_err(barred)?,
            Self::Straight(client) => client.clone(),
        };
        let length = request.body().content_length();
        let patience = PATIENCE + Duration::from_secs(length as u64 / SLOWEST);
        let answer = match self {
            Self::Road(road) if length > paced::PIECE && road.is_limited() => {
                paced::send(&client, road.clone(), request, url.clone(), patience).await
            }
            _ => tokio::time::timeout(patience, client.call(request)).await.unwrap_or_else(|_| Err(late())),
        };
        let answer = answer.map_err(|error| self.certificate(&url, &error).map(barred).unwrap_or(error))?;
        if answer.status().is_redirection() && answer.status() != http::StatusCode::NOT_MODIFIED {
            let region = answer.headers().get("x-amz-bucket-region").and_then(|value| value.to_str().ok());
            let region = region.map(str::to_owned);
            return Err(HttpError::new(HttpErrorKind::Unknown, Redirected { region }));
        }
        Ok(answer.map(|body| patient(body.bytes_stream())))
    }
}

/// A body that is given up when nothing more of it comes.
struct Patient {
    /// Polled from one place only; the lock makes it shareable, as the library wants it.
    pieces: Mutex<BoxStream<'static, Result<Bytes, HttpError>>>,
    /// Runs while somebody waits: whoever reads slowly is not cut off.
    limit: Option<Pin<Box<Sleep>>>,
}

impl http_body::Body for Patient {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, HttpError>>> {
        let this = &mut *self;
        let pieces = this.pieces.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Poll::Ready(piece) = pieces.poll_next_unpin(context) {
            this.limit = None;
            return Poll::Ready(piece.map(|piece| piece.map(http_body::Frame::data)));
        }
        let limit = this.limit.get_or_insert_with(|| Box::pin(tokio::time::sleep(PATIENCE)));
        limit.as_mut().poll(context).map(|()| Some(Err(late())))
    }
}

/// A body of these pieces that is given up when nothing more of it comes.
pub(super) fn patient(pieces: BoxStream<'static, Result<Bytes, HttpError>>) -> HttpResponseBody {
    HttpResponseBody::new(Patient { pieces: Mutex::new(pieces), limit: None })
}

pub(super) fn late() -> HttpError {
    HttpError::new(HttpErrorKind::Timeout, Late)
}

fn barred(why: UserError) -> HttpError {
    HttpError::new(HttpErrorKind::Unknown, Barred(why))
}
