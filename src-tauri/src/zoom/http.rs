//! One request and its answer, bounded in time and size.

use bytes::Bytes;
use reqwest::header::HeaderMap;

use super::way::Way;
use super::{Error, Zoom};

/// Bytes that an answer of the API may have: a page of 300 meetings has about 2 MB. Read as JSON, it takes several
/// times as much.
const LARGEST: usize = 12 * 1024 * 1024;

/// What came back.
#[derive(Debug)]
pub(super) struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Zoom {
    /// Sends a request on its way and reads its answer whole.
    pub(super) async fn send(&self, way: &Way, request: reqwest::RequestBuilder) -> Result<Reply, Error> {
        let response = self.heard(way, request.timeout(self.0.patience.answer).send().await)?;
        read(response).await
    }

    /// The answer to a request that went this way, when it is one; what bars the way is said.
    pub(super) fn heard(
        &self,
        way: &Way,
        answer: Result<reqwest::Response, reqwest::Error>,
    ) -> Result<reqwest::Response, Error> {
        let answer = answer
            .map_err(|error| way.trouble(error))
            .and_then(|response| way.refused(response.status().as_u16()).map(|()| response));
        match &answer {
            Ok(_) => self.note_free(&way.host),
            Err(error) => self.note_barred(&way.host, error),
        }
        answer
    }
}

/// Reads an answer whole.
pub(super) async fn read(mut response: reqwest::Response) -> Result<Reply, Error> {
    let too_long = || Error::Unavailable { why: "an answer of more than 12 MB".to_owned() };
    if response.content_length().is_some_and(|length| length > LARGEST as u64) {
        return Err(too_long());
    }
    let mut body = Vec::new();
    loop {
        let chunk: Option<Bytes> =
            response.chunk().await.map_err(|error| Error::Offline { why: said(error) })?;
        let Some(chunk) = chunk else { break };
        if body.len() + chunk.len() > LARGEST {
            return Err(too_long());
        }
        body.extend_from_slice(&chunk);
    }
    let status = response.status().as_u16();
    Ok(Reply { status, headers: std::mem::take(response.headers_mut()), body })
}

/// What the network said, without the address, which may be signed.
pub(super) fn said(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
