//! Which drives are there now.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::catalog::drives::Drive;
use crate::path::bytes_to_os;
use crate::volume::{self, Identity, Tier};
use crate::watch;

/// How long a drive may take to say that it is there.
const LOOK: Duration = Duration::from_secs(3);

/// Which drives are there; each is looked at when it is first asked about, and not again.
#[derive(Debug, Default)]
pub struct OnlineState(Mutex<BTreeMap<String, bool>>);

impl OnlineState {
    /// Looks for a drive at its last place, and whether it is that drive. Takes three seconds at most.
    pub fn is_online(&self, drive: &Drive) -> bool {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(is_online) = known().get(&drive.drive_uid) {
            return *is_online;
        }
        // Not held while looking: one drive that hangs must not keep others from being answered for.
        let is_online = is_there(drive);
        known().insert(drive.drive_uid.clone(), is_online);
        is_online
    }
}

fn is_there(drive: &Drive) -> bool {
    let path = bytes_to_os(&drive.mount_bytes);
    let known = drive.volume_id.as_deref().and_then(Identity::parse);
    let root = drive.volume_root.clone();
    watch::call(LOOK, move || {
        let path = Path::new(&path);
        if !path.is_dir() {
            return false;
        }
        match (known, volume::system().probe(path)) {
            (Some(known), Ok(found)) if known.tier != Tier::Weak => {
                known.is_same_volume(&found.identity)
                    && root.is_none_or(|root| root == found.root_in_volume)
            }
            _ => true,
        }
    })
    .unwrap_or(false)
}
