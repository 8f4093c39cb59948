//! Files of an export are written: a stored one is compared with the digest in its manifest while it is copied, and what
//! a folder refuses is told from what is wrong with a recording.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use futures::{StreamExt as _, TryStreamExt as _};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::library::blocking;
use crate::error::{Code, UserError};
use crate::recording::{RecordingFile, RecordingId};
use crate::teamspace::Teamspace;

/// Bytes that are read at once.
const PIECE: u64 = 8 << 20;
/// Pieces that are read ahead: a bucket answers while the one before is written.
const AHEAD: usize = 3;

/// Why a recording was not exported.
pub(super) enum Failure {
    /// It is about this recording.
    Recording(UserError),
    /// It is about the folder, or somebody stopped it: there is no use in going on.
    All(UserError),
}

impl<E: Into<UserError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Recording(error.into())
    }
}

/// Copies a stored file, and makes sure that it is the one that was imported. Tells how many bytes have come.
pub(super) async fn copy(
    teamspace: &Teamspace,
    id: &RecordingId,
    file: &RecordingFile,
    mut target: File,
    folder: &Path,
    copied: &mut (dyn FnMut(u64) + Send),
    stop: &CancellationToken,
) -> Result<(), Failure> {
    let starts = (0..file.size).step_by(usize::try_from(PIECE).unwrap_or(usize::MAX));
    let read = |start: u64| teamspace.get_range(id, &file.key, start..(start + PIECE).min(file.size));
    let mut pieces = futures::stream::iter(starts).map(read).buffered(AHEAD);
    let mut digest = Sha256::new();
    loop {
        let next = tokio::select! {
            next = pieces.try_next() => next,
            () = stop.cancelled() => return Err(Failure::All(stopped())),
        };
        let Some(piece) = next.map_err(|error| unread(file, error.into()))? else { break };
        let bytes = piece.len() as u64;
        (target, digest) = in_folder(folder, move || {
            digest.update(&piece);
            target.write_all(&piece)?;
            Ok((target, digest))
        })
        .await?;
        copied(bytes);
    }
    if data_encoding::HEXLOWER.encode(&digest.finalize()) == file.sha256 {
        return Ok(());
    }
    Err(Failure::Recording(damaged(file)))
}

fn damaged(file: &RecordingFile) -> UserError {
    UserError::new(
        Code::FileDamaged,
        "A stored file of this recording is not the one that was imported",
        "verify the recording, and put the file back from a backup",
    )
    .with("file", &file.key)
}

/// A file that is missing or too short is as damaged as one with other content.
fn unread(file: &RecordingFile, error: UserError) -> Failure {
    Failure::Recording(match error.code {
        Code::NotFound | Code::Unexpected => damaged(file).detail(error),
        _ => error,
    })
}

/// Works in the folder, away from the threads that answer; what it refuses is about the folder.
pub(super) async fn in_folder<T: Send + 'static>(
    folder: &Path,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Failure> {
    let done = blocking(move || Ok(work())).await?;
    done.map_err(|error| refused(folder, error))
}

pub(super) fn refused(folder: &Path, error: io::Error) -> Failure {
    use io::ErrorKind as Kind;
    let path = folder.display();
    let said = match error.kind() {
        Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => full(folder),
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => UserError::new(
            Code::PermissionDenied,
            format!("Nothing can be written to {path}"),
            "choose another folder, or give yourself write permission there",
        ),
        Kind::NotFound | Kind::NotADirectory | Kind::AlreadyExists | Kind::InvalidFilename => UserError::new(
            Code::NotFound,
            format!("{path} cannot be used as a folder"),
            "choose a folder that is there, and whose disk is plugged in",
        ),
        _ => UserError::unexpected("write the exported files", &error),
    };
    Failure::All(said.with("path", path).detail(error))
}

pub(super) fn full(folder: &Path) -> UserError {
    UserError::new(
        Code::DiskFull,
        format!("There is too little room for the export at {}", folder.display()),
        "free some space there, or choose a folder on another disk",
    )
    .with("path", folder.display())
    .with("deed", "export")
}

pub(super) fn stopped() -> UserError {
    UserError::new(Code::Cancelled, "The export was stopped", "export again what is missing")
}
