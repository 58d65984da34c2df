use std::path::PathBuf;

use videocatalog_testkit::program;

use super::*;
use crate::environment::{Environment, Platform};
use crate::settings::Settings;
use crate::volume::Identity;
use crate::workdir::WorkingDir;

fn sample(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/health/samples");
    let text = fs_err::read(path.join(format!("{name}.json"))).unwrap();
    serde_json::from_slice(&text).unwrap()
}

fn read(name: &str) -> Health {
    parse::health("/dev/x", &sample(name))
}

#[test]
fn a_good_ata_disk() {
    assert_eq!(
        read("ata_good"),
        Health {
            status: Status::Good,
            reasons: Vec::new(),
            device: "/dev/x".into(),
            model: Some("EXAMPLE WD40EFRX-68N".into()),
            serial: Some("WD-TEST0001".into()),
            firmware: Some("82.00A82".into()),
            temperature_c: Some(32),
            power_on_hours: Some(19_345),
            reallocated: Some(0),
            pending: Some(0),
            uncorrectable: Some(0),
            wear_percent: None,
        }
    );
}

#[test]
fn a_failing_ata_disk_whose_exit_code_is_not_zero() {
    let health = read("ata_failing");
    assert_eq!(health.status, Status::Failing);
    assert_eq!(
        health.reasons,
        [
            "the disk says that it is failing",
            "65528 sectors were replaced",
            "1048 sectors cannot be read at present",
            "312 uncorrectable errors",
            "Reallocated_Sector_Ct is below its threshold",
        ]
    );
    assert_eq!(health.uncorrectable, Some(312));
}

#[test]
fn a_worn_ssd() {
    let health = read("ata_worn");
    assert_eq!(health.wear_percent, Some(93));
    assert_eq!(health.status, Status::Warning);
}

#[test]
fn nvme_and_scsi_disks() {
    let health = read("nvme");
    assert_eq!(health.status, Status::Good, "{health:?}");
    assert_eq!(
        (
            health.temperature_c,
            health.power_on_hours,
            health.wear_percent,
            health.uncorrectable
        ),
        (Some(41), Some(6_021), Some(3), Some(0))
    );
    let mut document = sample("nvme");
    document["nvme_smart_health_information_log"]["media_errors"] = json!(7);
    document["nvme_smart_health_information_log"]["critical_warning"] = json!(1);
    let health = parse::health("/dev/x", &document);
    assert_eq!(health.reasons, ["7 media errors", "critical warning 0x01"]);
    assert_eq!(health.status, Status::Warning);
    let health = read("scsi");
    assert_eq!(health.model.as_deref(), Some("EXAMPLE HUS724040ALS640"));
    assert_eq!(
        (health.reallocated, health.uncorrectable),
        (Some(2), Some(1))
    );
    assert_eq!(health.status, Status::Warning);
}

#[test]
fn who_may_not_ask_does_not_know() {
    for (name, expected) in [
        (
            "no_permission",
            "reading a disk's health needs the administrator's rights",
        ),
        (
            "usb_unsupported",
            "the USB enclosure does not pass the disk's health on",
        ),
    ] {
        let health = read(name);
        assert_eq!(health.status, Status::Unknown);
        assert_eq!(health.reasons, [expected]);
    }
    for document in [
        json!(null),
        json!([]),
        json!({"smartctl": {"exit_status": -1}}),
    ] {
        assert_eq!(parse::health("x", &document).status, Status::Unknown);
    }
}

#[test]
fn answers_of_any_shape_are_survived() {
    // Every value of every sample is replaced by ones of other types.
    fn each(value: &mut Value, change: &mut impl FnMut(&mut Value)) {
        match value {
            Value::Array(values) => values.iter_mut().for_each(|value| each(value, change)),
            Value::Object(values) => values.values_mut().for_each(|value| each(value, change)),
            leaf => change(leaf),
        }
    }
    let strange = [
        json!(-1),
        json!(i64::MAX),
        json!("x"),
        json!({}),
        json!(1e300),
        json!([]),
    ];
    for name in ["ata_good", "ata_failing", "nvme", "scsi", "usb_unsupported"] {
        for (seed, strange) in strange.iter().enumerate() {
            let mut document = sample(name);
            let mut count = 0;
            each(&mut document, &mut |leaf| {
                count += 1;
                if (count + seed) % 2 == 0 {
                    *leaf = strange.clone();
                }
            });
            parse::health("x", &document);
        }
    }
}

/// A machine whose `smartctl` is a script.
struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("smartctl");
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/health/samples");
        let text = format!(
            "[ \"$1\" = --version ] && echo smartctl 7.3 && exit\necho \"$*\" >> '{}'\ncd '{}'\n{script}",
            folder.path().join("calls").display(),
            samples.display()
        );
        program::script(&path, &text).unwrap();
        Self { folder }
    }

    fn toolbox(&self) -> Toolbox {
        let mut settings = Settings::default();
        settings
            .tools
            .insert("smartctl".into(), self.folder.path().to_path_buf());
        let environment = Environment {
            variables: std::collections::HashMap::new(),
            executable_dir: None,
            current_dir: PathBuf::from("/"),
            platform: Platform::Unix,
        };
        Toolbox::new(&settings, &environment, &WorkingDir::new("/nonexistent"))
    }

    fn check(&self, volume: &VolumeInfo) -> Option<Report> {
        check(&self.toolbox(), volume, &CancelToken::new())
    }

    fn calls(&self) -> String {
        fs_err::read_to_string(self.folder.path().join("calls")).unwrap_or_default()
    }
}

fn volume(disks: &[&str], bus: &str) -> VolumeInfo {
    VolumeInfo {
        disks: disks.iter().map(PathBuf::from).collect(),
        bus: Some(bus.to_owned()),
        ..VolumeInfo::unknown(Identity::serial(1), PathBuf::from("/x"))
    }
}

#[test]
fn only_the_disks_of_the_volume_are_asked() {
    let machine = Machine::new(
        "case $5 in /dev/sda) cat ata_good.json;; /dev/sdb) cat ata_failing.json; exit 24;; esac",
    );
    let report = machine
        .check(&volume(&["/dev/sda", "/dev/sdb"], "ata"))
        .unwrap();
    assert_eq!(report.status, Status::Failing);
    assert_eq!(report.disks.len(), 2);
    assert_eq!(
        machine.calls(),
        "-i -H -A -j /dev/sda\n-i -H -A -j /dev/sdb\n"
    );
    let warning = report.warning().unwrap();
    assert!(
        warning.starts_with("the disk is failing; copy what you need from it now — EXAMPLE ST3000DM001 (/dev/sdb): the disk says"),
        "{warning}"
    );
    let scan: Value = serde_json::from_str(&report.smart_scan()).unwrap();
    assert_eq!(scan["scan"], Value::Null);
    assert_eq!(scan["details"][0]["serial_number"], "WD-TEST0001");
    let shown = serde_json::to_value(&report).unwrap();
    assert_eq!(shown["status"], "Failing");
    assert_eq!(shown["disks"][0]["status"], "Good");
}

#[test]
fn a_usb_bridge_is_asked_once_more() {
    let machine = Machine::new(
        "case \"$*\" in *'-d sat'*) cat ata_good.json;; *) cat usb_unsupported.json; exit 1;; esac",
    );
    let report = machine.check(&volume(&["/dev/sde"], "usb")).unwrap();
    assert_eq!(report.status, Status::Good);
    assert!(report.warning().is_none());
    assert_eq!(
        machine.calls(),
        "-i -H -A -j /dev/sde\n-i -H -A -j -d sat /dev/sde\n"
    );
    let machine = Machine::new("cat usb_unsupported.json; exit 1");
    let report = machine.check(&volume(&["/dev/sde"], "usb")).unwrap();
    assert_eq!(report.status, Status::Unknown);
}

#[test]
fn who_cannot_be_asked_is_not() {
    let machine = Machine::new("exit 1");
    assert!(machine.check(&volume(&[], "ata")).is_none());
    assert!(machine.check(&volume(&["/dev/vda"], "virtio")).is_none());
    assert!(
        check(
            &Toolbox::empty(),
            &volume(&["/dev/sda"], "ata"),
            &CancelToken::new()
        )
        .is_none()
    );
    assert_eq!(machine.calls(), "");
    let report = machine.check(&volume(&["/dev/sda"], "ata")).unwrap();
    assert_eq!(
        report.disks[0].reasons,
        ["smartctl gave no JSON; version 7.0 or newer is needed"]
    );
}

#[test]
fn a_smartctl_that_hangs_or_floods_is_ended() {
    let machine = Machine::new("cat /dev/zero");
    assert_eq!(
        machine.check(&volume(&["/dev/sda"], "ata")).unwrap().status,
        Status::Unknown
    );
    let machine = Machine::new("sleep 100");
    let toolbox = machine.toolbox();
    let smartctl = toolbox.need(Tool::Smartctl).unwrap();
    let limits = Limits {
        timeout: Duration::from_millis(100),
        cancel: CancelToken::new(),
        is_gentle: false,
    };
    let (health, document) = ask(&smartctl.path, Path::new("/dev/sda"), &[], &limits);
    assert!(
        health.reasons[0].contains("did not finish within 0.1 s"),
        "{health:?}"
    );
    assert!(document.is_none());
}
