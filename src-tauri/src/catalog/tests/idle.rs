//! What looking at a teamspace costs when nothing is new: everybody does it all day, and somebody pays for it.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::*;

use super::NOW;
use crate::catalog::Catalog;
use crate::teamspace::KnownOp;
use crate::teamspace::testing::teamspace_over;

/// A store that notes what it was asked.
#[derive(Debug, Default)]
struct Counting {
    inner: memory::InMemory,
    asked: Mutex<Vec<String>>,
}

impl Counting {
    fn note(&self, what: &str, path: Option<&Path>) {
        let path = path.map(Path::as_ref).unwrap_or_default();
        self.asked.lock().unwrap().push(format!("{what} {path}"));
    }
}

impl fmt::Display for Counting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Counting")
    }
}

#[async_trait]
impl ObjectStore for Counting {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.note("put", Some(path));
        self.inner.put_opts(path, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.note("put", Some(path));
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.note(if options.head { "head" } else { "get" }, Some(path));
        self.inner.get_opts(path, options).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.note("delete", None);
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.note("list", prefix);
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.note("list", prefix);
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.note("copy", Some(from));
        self.inner.copy_opts(from, to, options).await
    }
}

#[tokio::test]
async fn a_look_that_finds_nothing_new_is_one_request() {
    let store = Arc::new(Counting::default());
    let teamspace = teamspace_over(store.clone()).await;
    let dir = tempfile::tempdir().unwrap();
    let (catalog, _) = Catalog::open(&dir.path().join("catalog.db")).unwrap();
    let member = KnownOp::Member {
        profile: "0199a7c1-7a11-7b1e-a0b5-5b9f3b0f1c01".to_owned(),
        name: "Ada".to_owned(),
        photo: None,
    };
    teamspace.append(&[member.into()], "0199a7c1-7a11-7b1e-a0b5-5b9f3b0f1c01", NOW).await.unwrap();
    catalog.refresh(&teamspace).await.unwrap();
    store.asked.lock().unwrap().clear();

    teamspace.state().await.unwrap();
    catalog.refresh(&teamspace).await.unwrap();

    assert_eq!(*store.asked.lock().unwrap(), ["get log/00000000/002.json"]);
}
