//! How the disks below a drive are, by what they say themselves: `smartctl` is asked about these disks and no others.
//!
//! Nothing here fails anything: without `smartctl`, without rights or on a disk that says nothing the health is unknown.
//! Asking reads no file of the drive.

mod judge;
mod parse;

use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};

use crate::cancel::CancelToken;
use crate::catalog::health::{self as rows, Entry};
use crate::catalog::store::{Catalog, StoreError};
use crate::clock::parse_utc;
use crate::path::display::printable;
use crate::tools::{Limits, OUTPUT_LIMIT, Tool, Toolbox, run_streaming};
use crate::volume::VolumeInfo;

/// How long `smartctl` may take for one disk, which may have to wake up.
const DISK_TIMEOUT: Duration = Duration::from_secs(20);

/// How long it may take for all disks of a drive.
const TIMEOUT: Duration = Duration::from_secs(40);

/// A drive whose disks were well is asked again after this long.
const INTERVAL_US: i64 = 24 * 60 * 60 * 1_000_000;

/// How a disk is; the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Status {
    /// It says that it is well, and its counters agree.
    Good,
    /// It does not say.
    Unknown,
    /// It still works, but has begun to lose data or wear out.
    Warning,
    /// It says that it is about to fail.
    Failing,
}

impl Status {
    /// Returns the word that is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "Good",
            Self::Unknown => "Unknown",
            Self::Warning => "Warning",
            Self::Failing => "Failing",
        }
    }
}

/// What one disk says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    /// How it is.
    pub status: Status,
    /// Why it is not good, in sentences.
    pub reasons: Vec<String>,
    /// Its device.
    pub device: String,
    /// Its model.
    pub model: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
    /// The version of its firmware.
    pub firmware: Option<String>,
    /// Degrees Celsius.
    pub temperature_c: Option<i64>,
    /// Hours it was switched on.
    pub power_on_hours: Option<i64>,
    /// Sectors that were replaced.
    pub reallocated: Option<i64>,
    /// Sectors that wait to be replaced.
    pub pending: Option<i64>,
    /// Reads that failed for good.
    pub uncorrectable: Option<i64>,
    /// How much of an SSD's endurance is used, in percent.
    pub wear_percent: Option<i64>,
}

impl Health {
    fn unknown(device: &str, reason: impl Into<String>) -> Self {
        Self {
            status: Status::Unknown,
            reasons: vec![reason.into()],
            device: device.to_owned(),
            model: None,
            serial: None,
            firmware: None,
            temperature_c: None,
            power_on_hours: None,
            reallocated: None,
            pending: None,
            uncorrectable: None,
            wear_percent: None,
        }
    }

    fn entry(&self, utc: &str) -> Entry {
        Entry {
            utc: utc.to_owned(),
            status: self.status.name().to_owned(),
            temperature_c: self.temperature_c,
            power_on_hours: self.power_on_hours,
            reallocated: self.reallocated,
            pending: self.pending,
            uncorrectable: self.uncorrectable,
            wear_percent: self.wear_percent,
            reasons: self.reasons.clone(),
            device: Some(self.device.clone()),
        }
    }
}

/// What the disks of a drive say.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The worst of them.
    pub status: Status,
    /// Each of them.
    pub disks: Vec<Health>,
    /// The answers of `smartctl`.
    #[serde(skip)]
    documents: Vec<Value>,
}

impl Report {
    /// Returns a sentence for the user if a disk is failing or has begun to.
    pub fn warning(&self) -> Option<String> {
        let bad: Vec<String> = self
            .disks
            .iter()
            .filter(|disk| disk.status >= Status::Warning)
            .map(|disk| {
                let model = disk.model.as_deref().unwrap_or("disk");
                format!("{model} ({}): {}", disk.device, disk.reasons.join(", "))
            })
            .collect();
        let what = match self.status {
            Status::Failing => "the disk is failing; copy what you need from it now",
            Status::Warning => "the disk shows signs of failing; see that you have a copy",
            Status::Good | Status::Unknown => return None,
        };
        let bad = bad.join("; ");
        Some(format!("{what} — {}", printable(bad.as_bytes())))
    }

    /// Returns the text of the documented column `drives.smart_scan`, which once held all disks of the machine.
    pub fn smart_scan(&self) -> String {
        json!({ "scan": null, "details": self.documents }).to_string()
    }
}

/// Asks the disks below a volume how they are. `None` if there is nobody to ask: no `smartctl`, no disk that is known, a
/// share, or a kind of disk that has no such data.
pub fn check(toolbox: &Toolbox, volume: &VolumeInfo, cancel: &CancelToken) -> Option<Report> {
    let says_nothing = matches!(
        volume.bus.as_deref(),
        Some("virtio" | "xen" | "mmc" | "virtual" | "iscsi")
    );
    if volume.disks.is_empty() || volume.is_network || says_nothing {
        return None;
    }
    let smartctl = toolbox.need(Tool::Smartctl).ok()?;
    let began = Instant::now();
    let is_usb = volume.bus.as_deref() == Some("usb");
    let (mut disks, mut documents) = (Vec::new(), Vec::new());
    for device in &volume.disks {
        let limits = Limits {
            timeout: TIMEOUT.saturating_sub(began.elapsed()).min(DISK_TIMEOUT),
            cancel: cancel.clone(),
            is_gentle: false,
        };
        let (health, document) = ask_disk(&smartctl.path, device, is_usb, &limits);
        if cancel.is_cancelled() {
            return None;
        }
        disks.push(health);
        documents.extend(document);
    }
    let status = disks.iter().map(|disk| disk.status).max()?;
    Some(Report {
        status,
        disks,
        documents,
    })
}

/// Asks one disk; behind a USB bridge that is not known once more, in the way that most bridges understand.
fn ask_disk(
    smartctl: &Path,
    device: &Path,
    is_usb: bool,
    limits: &Limits,
) -> (Health, Option<Value>) {
    let (health, document) = ask(smartctl, device, &[], limits);
    let wants_type = document.as_ref().is_some_and(parse::wants_device_type);
    if health.status == Status::Unknown && (is_usb || wants_type) {
        let (again, its_document) = ask(smartctl, device, &["-d", "sat"], limits);
        if again.status != Status::Unknown {
            return (again, its_document);
        }
    }
    (health, document)
}

fn ask(smartctl: &Path, device: &Path, more: &[&str], limits: &Limits) -> (Health, Option<Value>) {
    let name = device.to_string_lossy();
    let arguments = ["-i", "-H", "-A", "-j"]
        .iter()
        .chain(more)
        .map(AsRef::as_ref)
        .chain([device.as_os_str()]);
    let mut text = Vec::new();
    let ran = run_streaming(smartctl, arguments, limits, |chunk| {
        text.extend_from_slice(chunk);
        if text.len() > OUTPUT_LIMIT {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    if let Err(error) = ran {
        return (Health::unknown(&name, error.to_string()), None);
    }
    match serde_json::from_slice::<Value>(&text) {
        Ok(document) => (parse::health(&name, &document), Some(document)),
        Err(_) => (
            Health::unknown(
                &name,
                "smartctl gave no JSON; version 7.0 or newer is needed",
            ),
            None,
        ),
    }
}

/// Returns whether a drive's disks should be asked now: never asked, not well when last asked, or a day ago.
///
/// # Errors
/// When the catalogue cannot be read.
pub fn is_due(catalog: &Catalog, drive_uid: &str, now_us: i64) -> Result<bool, StoreError> {
    let latest =
        rows::latest(catalog.connection(), drive_uid).map_err(|source| catalog.failed(source))?;
    let is_well = latest
        .iter()
        .all(|entry| entry.status == Status::Good.name());
    let is_recent = latest
        .first()
        .and_then(|entry| parse_utc(&entry.utc))
        .is_some_and(|asked| (0..INTERVAL_US).contains(&now_us.saturating_sub(asked)));
    Ok(!(is_well && is_recent))
}

/// Writes a report down. One that says no more than the one before, less than a day ago, is left out: a disk that
/// cannot be asked would fill the history otherwise.
///
/// # Errors
/// When the catalogue cannot be written.
pub fn record(
    catalog: &Catalog,
    drive_uid: &str,
    report: &Report,
    now_utc: &str,
) -> Result<(), StoreError> {
    let failed = |source| catalog.failed(source);
    let entries: Vec<Entry> = report
        .disks
        .iter()
        .map(|disk| disk.entry(now_utc))
        .collect();
    if report.status == Status::Unknown {
        let latest = rows::latest(catalog.connection(), drive_uid).map_err(failed)?;
        let is_known = latest.len() == entries.len()
            && latest.iter().all(|before| {
                entries.iter().any(|entry| {
                    (&entry.status, &entry.reasons) == (&before.status, &before.reasons)
                })
            });
        if is_known && !is_day_old(&latest, now_utc) {
            return Ok(());
        }
    }
    rows::insert(
        catalog.connection(),
        drive_uid,
        &entries,
        &report.smart_scan(),
    )
    .map_err(failed)
}

fn is_day_old(latest: &[Entry], now_utc: &str) -> bool {
    let asked = latest.first().and_then(|entry| parse_utc(&entry.utc));
    match (asked, parse_utc(now_utc)) {
        (Some(asked), Some(now)) => !(0..INTERVAL_US).contains(&now.saturating_sub(asked)),
        _ => true,
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
