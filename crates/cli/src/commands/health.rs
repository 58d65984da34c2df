//! What is known of the health of a drive's disks, for `drives show`.

use serde_json::{Value, json};
use videocatalog_core::catalog::health::{self, Entry};
use videocatalog_core::catalog::store::Catalog;

use crate::failure::Failure;
use crate::table;

/// How far back the trend goes, in rows.
const HISTORY: usize = 400;

/// Looks, newest first.
pub(crate) struct Known {
    latest: Vec<Entry>,
    history: Vec<Entry>,
}

impl Known {
    pub(crate) fn of(catalog: &Catalog, drive_uid: &str) -> Result<Self, Failure> {
        let failed = |error| {
            Failure::storage(
                format!("cannot read the catalogue: {error}"),
                "check the working directory's disk",
            )
        };
        let connection = catalog.connection();
        Ok(Self {
            latest: health::latest(connection, drive_uid).map_err(failed)?,
            history: health::history(connection, drive_uid, HISTORY).map_err(failed)?,
        })
    }

    /// Returns null if the disks were never asked.
    pub(crate) fn document(&self) -> Value {
        if self.latest.is_empty() {
            return Value::Null;
        }
        json!({ "latest": self.latest, "history": self.history })
    }

    /// Returns a few lines for people; none if the disks were never asked.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.latest
            .iter()
            .flat_map(|entry| [Some(verdict(entry)), values(entry), self.trend(entry)])
            .flatten()
            .collect()
    }

    /// How the counters that only grow on a dying disk have changed.
    fn trend(&self, now: &Entry) -> Option<String> {
        let is_only = self.latest.len() == 1;
        let before = self
            .history
            .iter()
            .rev()
            .find(|entry| is_only || entry.device == now.device)
            .filter(|entry| entry.utc != now.utc)?;
        let changes: Vec<String> = [
            ("reallocated", before.reallocated, now.reallocated),
            ("pending", before.pending, now.pending),
            ("uncorrectable", before.uncorrectable, now.uncorrectable),
        ]
        .into_iter()
        .filter_map(|(name, before, now)| {
            let (before, now) = (before?, now?);
            (before != now).then(|| format!("{name} {before} → {now}"))
        })
        .collect();
        let what = if changes.is_empty() {
            "no change".to_owned()
        } else {
            changes.join(", ")
        };
        Some(format!("since {}: {what}", before.utc))
    }
}

fn verdict(entry: &Entry) -> String {
    let device = entry.device.as_deref().unwrap_or("disk");
    let reasons = if entry.reasons.is_empty() {
        String::new()
    } else {
        format!(": {}", entry.reasons.join(", "))
    };
    format!("{} ({device}, {}){reasons}", entry.status, entry.utc)
}

fn values(entry: &Entry) -> Option<String> {
    let shown: Vec<String> = [
        (entry.temperature_c, " °C"),
        (entry.power_on_hours, " hours"),
        (entry.reallocated, " reallocated"),
        (entry.pending, " pending"),
        (entry.uncorrectable, " uncorrectable"),
        (entry.wear_percent, " % worn"),
    ]
    .into_iter()
    .filter_map(|(value, unit)| Some(format!("{}{unit}", table::count(value?.unsigned_abs()))))
    .collect();
    (!shown.is_empty()).then(|| shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(utc: &str, reallocated: i64) -> Entry {
        Entry {
            utc: utc.into(),
            status: "Warning".into(),
            temperature_c: Some(33),
            power_on_hours: Some(12_345),
            reallocated: Some(reallocated),
            reasons: vec![format!("{reallocated} sectors were replaced")],
            device: Some("/dev/sda".into()),
            ..Entry::default()
        }
    }

    #[test]
    fn last_values_and_trend() {
        let mut known = Known {
            latest: vec![entry("2026-02-01T00:00:00Z", 8)],
            history: vec![entry("2026-02-01T00:00:00Z", 8)],
        };
        let verdict = "Warning (/dev/sda, 2026-02-01T00:00:00Z): 8 sectors were replaced";
        let values = "33 °C, 12,345 hours, 8 reallocated";
        assert_eq!(known.lines(), [verdict, values]);
        known.history.push(entry("2025-02-01T00:00:00Z", 2));
        assert_eq!(
            known.lines(),
            [
                verdict,
                values,
                "since 2025-02-01T00:00:00Z: reallocated 2 → 8"
            ]
        );
        known.history[1].reallocated = Some(8);
        assert_eq!(known.lines()[2], "since 2025-02-01T00:00:00Z: no change");
        known.latest.clear();
        assert!(known.lines().is_empty() && known.document().is_null());
    }
}
