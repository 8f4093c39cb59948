//! Moving a recording to Zoom's trash: the only thing that NEXT ever changes at Zoom.
//!
//! `DELETE /meetings/{uuid}/recordings` with `action=trash`, which is also Zoom's default (OpenAPI description);
//! there it stays for 30 days and can be recovered. `action=delete` purges: nothing in NEXT says it.
//!
//! How sure this is: the granular scope is what working downloaders name
//! (ricardorodrigues-ca/zoom-recording-downloader, README); the classic one is `recording:write`
//! (OpenAPI description). That success is 204 without a body, and that the call counts as light, is
//! documented and was not tried against Zoom.

use super::api::encoded_once;
use super::failure::{self, Body};
use super::{AccessTokens, Category, Error, Zoom};
use crate::secret::Secret;

impl Zoom {
    /// Moves all files of a meeting instance to Zoom's trash. [`Error::Gone`] when it is not there.
    ///
    /// Never repeated when the answer is lost: whoever asked looks again, and knows that it asked.
    pub async fn trash(&self, tokens: &dyn AccessTokens, uuid: &str) -> Result<(), Error> {
        let token = tokens.access_token().await.map_err(Error::Tokens)?;
        match self.trash_once(&token, uuid).await {
            Err(Error::Unauthorized) => {
                let token = tokens.replace(&token).await.map_err(Error::Tokens)?;
                self.trash_once(&token, uuid).await
            }
            settled => settled,
        }
    }

    async fn trash_once(&self, token: &Secret, uuid: &str) -> Result<(), Error> {
        let mut url = self.api_url(&["meetings", &encoded_once(uuid), "recordings"])?;
        url.query_pairs_mut().append_pair("action", "trash");
        self.0.limiter.turn(Category::Light, self.0.patience.rate_limit, self.0.clock.now()).await?;
        let way = self.way(&url).await?;
        let reply = self.send(&way, way.http.delete(url).bearer_auth(token.expose())).await?;
        let now = self.0.clock.now();
        self.0.limiter.learn(Category::Light, reply.status, &reply.headers, now);
        // A 200 can be an error.
        let is_error = Body::read(&reply.body).is_some_and(|body| body.number().is_some());
        match reply.status {
            200..=204 if !is_error => Ok(()),
            status => Err(failure::of_api(status, &reply.body, &reply.headers, now)),
        }
    }
}
