//! Which drive is this, and may it be scanned under that label?

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::request::{Refusal, ScanError, ScanRequest};
use crate::catalog::drives::{self, Drive};
use crate::catalog::store::{Catalog, StoreError};
use crate::event::{Event, Sink};
use crate::path::{bytes_to_os, display::printable, os_to_bytes};
use crate::volume::{self, Identity, Tier, VolumeInfo, VolumeProbe};
use crate::watch;

/// The drive to scan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its row; not in the catalogue yet if it is new.
    pub drive: Drive,
    /// The root, absolute.
    pub root: PathBuf,
    /// What the system says of the volume.
    pub volume: VolumeInfo,
    /// Whether only the files themselves can tell that this is the drive.
    pub is_doubtful: bool,
    /// The row as it was, if only a look at the files can tell whether the identity found is the drive's.
    pub identity_before: Option<Drive>,
}

/// Finds out which drive is meant and whether the one that is there is the one.
///
/// # Errors
/// A [`Refusal`] with the choices, or what the system says.
pub fn plan(
    request: &ScanRequest,
    catalog: &Catalog,
    probe: &std::sync::Arc<dyn VolumeProbe>,
    sink: &dyn Sink,
) -> Result<Plan, ScanError> {
    let known = match catalog.drive(&request.label) {
        Ok(drive) => Some(drive),
        Err(StoreError::NoDrive { .. }) => {
            crate::path::label::validate(&request.label)?;
            None
        }
        Err(error) => return Err(error.into()),
    };
    let limit = request.options.time_limit;
    let mount = match (&request.mount, &known) {
        (Some(mount), _) => mount.clone(),
        (None, Some(drive)) => find_mounted(drive, probe, limit)?,
        (None, None) => {
            return Err(ScanError::Mount {
                mount: PathBuf::new(),
                reason: format!(
                    "`{}` is not in the catalogue yet: say where it is with `--mount`",
                    request.label
                ),
            });
        }
    };
    let root = resolve_root(&mount, limit)?;
    let volume = probe_volume(&root, probe, limit)?;
    let mut drive = match known {
        Some(drive) => drive,
        None => new_drive(request, catalog, &volume)?,
    };
    let is_doubtful = check_identity(request, catalog, &drive, &root, &volume, sink)?;
    if let Some(shard) = &request.shard_file {
        let shard = shard
            .strip_prefix(catalog.workdir().root())
            .unwrap_or(shard);
        drive.shard_file = shard
            .to_string_lossy()
            .replace(std::path::MAIN_SEPARATOR, "/");
    }
    let identity_before = is_doubtful.then(|| drive.clone());
    describe(&mut drive, &root, &volume);
    Ok(Plan {
        drive,
        root,
        volume,
        is_doubtful,
        identity_before,
    })
}

/// Says that a drive's root is another folder from now on, of whatever volume that lies on.
///
/// # Errors
/// When the folder cannot be looked at or the catalogue not be written.
pub fn set_root(
    catalog: &Catalog,
    mut drive: Drive,
    root: &Path,
    probe: &std::sync::Arc<dyn VolumeProbe>,
) -> Result<(), ScanError> {
    const LIMIT: Duration = Duration::from_secs(30);
    let root = resolve_root(root, LIMIT)?;
    let volume = probe_volume(&root, probe, LIMIT)?;
    describe(&mut drive, &root, &volume);
    drives::save(catalog.connection(), &drive).map_err(|error| catalog.failed(error))?;
    Ok(())
}

/// Returns where a known drive is now: where it was, or wherever its volume is mounted.
fn find_mounted(
    drive: &Drive,
    probe: &std::sync::Arc<dyn VolumeProbe>,
    limit: Duration,
) -> Result<PathBuf, ScanError> {
    let last = PathBuf::from(bytes_to_os(&drive.mount_bytes));
    let Some(known) = known_identity(drive) else {
        return Ok(last);
    };
    let volume_root = drive.volume_root.clone().unwrap_or_default();
    let is_there = |path: &Path| {
        probe_volume(path, probe, limit).is_ok_and(|volume| {
            known.is_same_volume(&volume.identity) && volume.root_in_volume == volume_root
        })
    };
    if known.tier == Tier::Weak || is_there(&last) {
        return Ok(last);
    }
    let probe = std::sync::Arc::clone(probe);
    watch::call(limit, move || {
        volume::find(probe.as_ref(), &known, &volume_root)
    })
    .and_then(|places| places.into_iter().next())
    .ok_or_else(|| {
        Refusal::NotMounted {
            label: drive.label.clone(),
            last: printable(&drive.mount_bytes).into_owned(),
        }
        .into()
    })
}

fn resolve_root(mount: &Path, limit: Duration) -> Result<PathBuf, ScanError> {
    let error = |reason: String| ScanError::Mount {
        mount: mount.to_path_buf(),
        reason,
    };
    let asked = mount.to_path_buf();
    let answer = watch::call(limit, move || {
        // Windows would answer with a `\\?\` path that nobody recognises.
        let root = if cfg!(windows) {
            std::path::absolute(&asked)?
        } else {
            std::fs::canonicalize(&asked)?
        };
        std::fs::metadata(&root).map(|metadata| (root, metadata.is_dir()))
    });
    match answer {
        None => Err(Refusal::Hung {
            mount: mount.to_path_buf(),
        }
        .into()),
        Some(Err(source)) => Err(error(source.to_string())),
        Some(Ok((_, false))) => Err(error("it is not a folder".into())),
        Some(Ok((root, true))) => Ok(root),
    }
}

fn probe_volume(
    root: &Path,
    probe: &std::sync::Arc<dyn VolumeProbe>,
    limit: Duration,
) -> Result<VolumeInfo, ScanError> {
    let (asked, probe) = (root.to_path_buf(), std::sync::Arc::clone(probe));
    match watch::call(limit, move || probe.probe(&asked)) {
        None => Err(Refusal::Hung {
            mount: root.to_path_buf(),
        }
        .into()),
        Some(Err(error)) => Err(ScanError::Mount {
            mount: root.to_path_buf(),
            reason: error.to_string(),
        }),
        Some(Ok(volume)) => Ok(volume),
    }
}

fn new_drive(
    request: &ScanRequest,
    catalog: &Catalog,
    volume: &VolumeInfo,
) -> Result<Drive, ScanError> {
    if !request.accept_drive
        && volume.identity.tier != Tier::Weak
        && let Some(other) = catalog.drives()?.into_iter().find(|drive| {
            known_identity(drive).is_some_and(|known| known.is_same_volume(&volume.identity))
                && drive.volume_root.as_deref() == Some(volume.root_in_volume.as_slice())
        })
    {
        return Err(Refusal::KnownAs {
            known_as: other.label,
        }
        .into());
    }
    Ok(catalog.new_drive(&request.label)?)
}

/// Compares what is mounted with what the catalogue knows; returns whether doubt remains.
fn check_identity(
    request: &ScanRequest,
    catalog: &Catalog,
    drive: &Drive,
    root: &Path,
    volume: &VolumeInfo,
    sink: &dyn Sink,
) -> Result<bool, ScanError> {
    let found = &volume.identity;
    if request.accept_drive {
        return Ok(false);
    }
    let Some(known) = known_identity(drive) else {
        // New, or from the older program: adopted if its files are there.
        return Ok(true);
    };
    if known.tier == Tier::Weak || found.tier == Tier::Weak {
        if known != *found {
            sink.event(Event::Warning(format!(
                "the identity of `{}` cannot be checked ({} before, {} now); going by its files",
                drive.label, known.id, found.id
            )));
        }
        return Ok(true);
    }
    if known != *found {
        let known_as = catalog
            .drives()?
            .into_iter()
            .find(|other| {
                known_identity(other).is_some_and(|identity| identity.is_same_volume(found))
            })
            .map(|other| other.label);
        return Err(Refusal::OtherVolume {
            label: drive.label.clone(),
            known: known.id,
            found: found.id.clone(),
            mount: root.to_path_buf(),
            known_as,
        }
        .into());
    }
    let known_root = drive.volume_root.clone().unwrap_or_default();
    if known_root != volume.root_in_volume {
        return Err(Refusal::OtherRoot {
            label: drive.label.clone(),
            known: printable(&known_root).into_owned(),
            found: printable(&volume.root_in_volume).into_owned(),
        }
        .into());
    }
    let mount = os_to_bytes(root.as_os_str());
    if drive.mount_bytes != mount.as_ref() {
        sink.event(Event::Notice(format!(
            "recognised `{}`, now at `{}`",
            drive.label,
            printable(&mount)
        )));
    }
    Ok(false)
}

fn describe(drive: &mut Drive, root: &Path, volume: &VolumeInfo) {
    let signed = |bytes: Option<u64>| bytes.and_then(|bytes| i64::try_from(bytes).ok());
    drive.mount_bytes = os_to_bytes(root.as_os_str()).into_owned();
    drive.mount_path = String::from_utf8_lossy(&drive.mount_bytes).into_owned();
    drive.fs_format.clone_from(&volume.fs_format);
    drive.total_bytes = signed(volume.total_bytes);
    drive.free_bytes = signed(volume.free_bytes);
    drive.serial.clone_from(&volume.disk_serial);
    drive.model.clone_from(&volume.disk_model);
    drive.volume_label.clone_from(&volume.volume_label);
    let is_known_better = known_identity(drive)
        .is_some_and(|known| known.tier > volume.identity.tier)
        && volume.identity.tier == Tier::Weak;
    if is_known_better {
        // One look from where the identity cannot be read takes nothing away.
        return;
    }
    drive.volume_tier = Some(tier_name(volume.identity.tier).to_owned());
    drive.volume_id = Some(volume.identity.id.clone());
    drive.volume_root = Some(volume.root_in_volume.clone());
}

fn known_identity(drive: &Drive) -> Option<Identity> {
    drive.volume_id.as_deref().and_then(Identity::parse)
}

const fn tier_name(tier: Tier) -> &'static str {
    match tier {
        Tier::Strong => "strong",
        Tier::Share => "share",
        Tier::Weak => "weak",
    }
}
