//! Statements that take long and can be stopped.

use rusqlite::Connection;

use crate::cancel::CancelToken;

/// SQLite's own small steps between two looks at the token: some hundredths of a millisecond.
const STEPS: std::ffi::c_int = 4_000;

/// Lets `cancel` interrupt every statement of this connection from now on; it fails with "interrupted" then, and its
/// transaction is rolled back.
///
/// # Errors
/// What SQLite says; an interruption if it is to stop already.
pub(crate) fn interruptible(
    connection: &mut Connection,
    cancel: &CancelToken,
) -> rusqlite::Result<()> {
    if cancel.is_cancelled() {
        // A short statement might end before the first look.
        let interrupted = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_INTERRUPT);
        return Err(rusqlite::Error::SqliteFailure(interrupted, None));
    }
    let cancel = cancel.clone();
    connection.progress_handler(STEPS, Some(move || cancel.is_cancelled()))
}

/// Returns whether a statement ended because it was to stop.
pub(crate) fn is_interruption(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted)
}
