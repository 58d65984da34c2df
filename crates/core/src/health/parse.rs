//! The JSON of `smartctl -i -H -A -j`: which disk it is and what it counted. ATA, NVM Express and SCSI disks each
//! have their own form.

use serde_json::Value;

use super::Health;
use super::judge::{self, Facts};

/// Bits of the exit code that say that nothing could be asked: bad arguments, or the device could not be opened. All
/// others tell of the disk.
const COMMAND_FAILED: u64 = 0b11;

/// The longest text that is taken over.
const LONGEST: usize = 200;

/// Reads the health of a disk out of an answer.
pub(super) fn health(device: &str, document: &Value) -> Health {
    let command_failed = number(document, "/smartctl/exit_status")
        .and_then(|code| u64::try_from(code).ok())
        .is_none_or(|code| code & COMMAND_FAILED != 0);
    let mut health = Health::unknown(device, "");
    health.model = first_text(
        document,
        &["/model_name", "/scsi_model_name", "/scsi_product"],
    );
    health.serial = text(document, "/serial_number");
    health.firmware = first_text(document, &["/firmware_version", "/scsi_revision"]);
    if command_failed {
        health.reasons = vec![why_not(document)];
        return health;
    }
    let facts = facts(document);
    (health.status, health.reasons) = judge::judge(&facts);
    health.temperature_c = number(document, "/temperature/current")
        .or_else(|| number(document, "/nvme_smart_health_information_log/temperature"));
    health.power_on_hours = number(document, "/power_on_time/hours").or_else(|| {
        number(
            document,
            "/nvme_smart_health_information_log/power_on_hours",
        )
    });
    health.reallocated = facts.reallocated;
    health.pending = facts.pending;
    health.uncorrectable = facts.uncorrectable.or(facts.media_errors);
    health.wear_percent = facts.wear_percent;
    health
}

/// Returns whether the answer is that the device's type has to be said.
pub(super) fn wants_device_type(document: &Value) -> bool {
    messages(document)
        .iter()
        .any(|message| message.contains("USB bridge") || message.contains("-d option"))
}

fn facts(document: &Value) -> Facts {
    let nvme = |name: &str| {
        number(
            document,
            &format!("/nvme_smart_health_information_log/{name}"),
        )
    };
    Facts {
        has_passed: document
            .pointer("/smart_status/passed")
            .and_then(Value::as_bool),
        has_smart: document
            .pointer("/smart_support/available")
            .and_then(Value::as_bool),
        has_attributes: [
            "/ata_smart_attributes",
            "/nvme_smart_health_information_log",
        ]
        .iter()
        .any(|pointer| document.pointer(pointer).is_some()),
        reallocated: attribute(document, 5).or_else(|| number(document, "/scsi_grown_defect_list")),
        pending: attribute(document, 197),
        uncorrectable: attribute(document, 198)
            .max(attribute(document, 187))
            .or_else(|| scsi_uncorrected(document)),
        wear_percent: number(document, "/endurance_used/current_percent")
            .or_else(|| nvme("percentage_used"))
            .or_else(|| number(document, "/scsi_percentage_used_endurance_indicator"))
            .or_else(|| ata_wear(document)),
        critical_warning: nvme("critical_warning"),
        media_errors: nvme("media_errors"),
        spare: nvme("available_spare").zip(nvme("available_spare_threshold")),
        failing_attributes: failing_attributes(document),
    }
}

fn attributes(document: &Value) -> impl Iterator<Item = &Value> {
    document
        .pointer("/ata_smart_attributes/table")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .take(256)
}

/// Returns the raw value of an ATA attribute. Some disks keep more than the counter in it; the text has the counter
/// first.
fn attribute(document: &Value, id: i64) -> Option<i64> {
    let found = attributes(document).find(|attribute| number(attribute, "/id") == Some(id))?;
    let shown = text(found, "/raw/string");
    shown
        .as_deref()
        .and_then(|shown| shown.split_whitespace().next()?.parse().ok())
        .or_else(|| number(found, "/raw/value"))
}

/// Returns how much of its endurance an ATA SSD says it used. There is no standard: several attributes hold what is left,
/// in percent, as their normalised value.
fn ata_wear(document: &Value) -> Option<i64> {
    const WHAT_IS_LEFT: [&str; 7] = [
        "Media_Wearout_Indicator",
        "SSD_Life_Left",
        "Percent_Lifetime_Remain",
        "Percent_Life_Remaining",
        "Remaining_Lifetime_Perc",
        "Wear_Leveling_Count",
        "Perc_Rated_Life_Remain",
    ];
    let left = WHAT_IS_LEFT.iter().find_map(|name| {
        attributes(document)
            .find(|attribute| text(attribute, "/name").as_deref() == Some(*name))
            .and_then(|attribute| number(attribute, "/value"))
    })?;
    (0..=100).contains(&left).then_some(100 - left)
}

fn failing_attributes(document: &Value) -> Vec<String> {
    attributes(document)
        .filter(|attribute| text(attribute, "/when_failed").is_some_and(|when| when == "now"))
        .filter_map(|attribute| text(attribute, "/name"))
        .take(16)
        .collect()
}

fn scsi_uncorrected(document: &Value) -> Option<i64> {
    ["read", "write", "verify"]
        .iter()
        .filter_map(|kind| {
            number(
                document,
                &format!("/scsi_error_counter_log/{kind}/total_uncorrected_errors"),
            )
        })
        .reduce(i64::saturating_add)
}

fn why_not(document: &Value) -> String {
    let messages = messages(document);
    let says = |part: &str| messages.iter().any(|message| message.contains(part));
    if says("Permission denied") || says("Access is denied") || says("requires root") {
        return "reading a disk's health needs the administrator's rights".into();
    }
    if wants_device_type(document) {
        return "the USB enclosure does not pass the disk's health on".into();
    }
    messages
        .first()
        .cloned()
        .unwrap_or_else(|| "smartctl could not ask the disk".into())
}

fn messages(document: &Value) -> Vec<String> {
    document
        .pointer("/smartctl/messages")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .take(16)
        .filter_map(|message| text(message, "/string"))
        .collect()
}

fn number(document: &Value, pointer: &str) -> Option<i64> {
    document.pointer(pointer)?.as_i64().filter(|n| *n >= 0)
}

fn text(document: &Value, pointer: &str) -> Option<String> {
    let text = document.pointer(pointer)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.chars().take(LONGEST).collect())
}

fn first_text(document: &Value, pointers: &[&str]) -> Option<String> {
    pointers.iter().find_map(|pointer| text(document, pointer))
}
