//! Whose locks are held while a database is looked after.

use std::path::Path;

use super::target::{Kind, Target};
use crate::catalog::lock::{LockError, ShardLock};
use crate::clock::Clock;

/// Takes the locks that looking after a database needs: a shard's own; for writing into the catalogue those of all
/// shards, since a scan writes into both. A file that is named by its path and only read needs none.
///
/// # Errors
/// [`LockError::Held`] names the holder.
pub(super) fn take(
    target: &Target,
    action: &str,
    writes: bool,
    clock: &dyn Clock,
) -> Result<Vec<ShardLock>, LockError> {
    let acquire =
        |path: &Path| ShardLock::acquire(path, &format!("maintain {action}"), clock.now_utc());
    match &target.kind {
        Kind::Catalog { .. } | Kind::File if !writes => Ok(Vec::new()),
        Kind::Catalog { shards } => {
            let mut locks = vec![acquire(&target.path)?];
            for shard in shards {
                match acquire(shard) {
                    Ok(lock) => locks.push(lock),
                    // Nobody can be at work where no lock can be made.
                    Err(LockError::Io { .. }) => {}
                    Err(held) => return Err(held),
                }
            }
            Ok(locks)
        }
        Kind::Shard { .. } | Kind::File => match acquire(&target.path) {
            Ok(lock) => Ok(vec![lock]),
            // Looking at what may not be written is allowed.
            Err(LockError::Io { .. }) if !writes => Ok(Vec::new()),
            Err(error) => Err(error),
        },
    }
}
