//! One recording, read again and compared with what its manifest and addenda say.

use tokio_util::sync::CancellationToken;

use super::{Damage, Problem};
use crate::recording::RecordingId;
use crate::teamspace::{Error, Found, KnownOp, Op, Published, Teamspace};

/// What a look at a recording showed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Looked {
    /// How many files were looked at.
    pub files: u64,
    /// Bytes that their manifests name.
    pub bytes: u64,
    /// SHA-256 of the manifest; empty when it is missing or cannot be read.
    pub manifest: String,
    /// What was not as it should be.
    pub damaged: Vec<Damage>,
}

/// Reads every file of a recording again. None when it was stopped before the end.
///
/// `known` is the title that lists show, for a manifest that cannot be read. An error means that the teamspace
/// itself could not be looked at.
pub async fn look(
    teamspace: &Teamspace,
    id: &RecordingId,
    published: &Published,
    known: &str,
    read: &(dyn Fn(u64) + Sync),
    stop: &CancellationToken,
) -> Result<Option<Looked>, Error> {
    let title = published.manifest.as_ref().map_or(known, |(manifest, _)| &manifest.title);
    let damage =
        |key: String, problem| Damage { recording_id: id.clone(), title: title.to_owned(), key, problem };
    let mut looked = Looked::default();
    match &published.manifest {
        Some((_, Op::Known(KnownOp::Add { manifest, .. }))) => looked.manifest.clone_from(manifest),
        Some(_) => {}
        None if published.unreadable.is_empty() => {
            looked.damaged.push(damage("manifest.json".to_owned(), Problem::Missing));
        }
        None => {}
    }
    for error in &published.unreadable {
        let (Error::Damaged { what, .. } | Error::TooNew { what }) = error else { continue };
        let key = what.split('/').skip(3).collect::<Vec<_>>().join("/");
        looked.damaged.push(damage(key, Problem::Unreadable));
    }
    for file in published.files() {
        let problem = match teamspace.look_at(id, file, read, stop).await? {
            Found::Stopped => return Ok(None),
            Found::Whole => None,
            Found::Missing => Some(Problem::Missing),
            Found::OtherSize => Some(Problem::Size),
            Found::OtherContent => Some(Problem::Content),
            Found::Unreadable => Some(Problem::Unreadable),
        };
        looked.files += 1;
        looked.bytes = looked.bytes.saturating_add(file.size);
        looked.damaged.extend(problem.map(|problem| damage(file.key.clone(), problem)));
    }
    Ok(Some(looked))
}
