//! Scans ask the disks below a drive how they are, through a `smartctl` that is a script.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use videocatalog_core::catalog::health::{history, latest};
use videocatalog_core::clock::TestClock;
use videocatalog_core::environment::{Environment, Platform};
use videocatalog_core::health::Status;
use videocatalog_core::scan::Mode;
use videocatalog_core::settings::Settings;
use videocatalog_core::tools::Toolbox;
use videocatalog_core::volume::FakeProbe;
use videocatalog_testkit::program;

use crate::lab::{Lab, NOW_US, volume};

const HOUR_US: i64 = 3_600_000_000;

/// A lab whose disk answers with the file `answer.json`, each answer noted in `calls`.
fn lab_with_disk() -> (Lab, Arc<TestClock>) {
    let lab = Lab::new();
    let base = lab.home.parent().unwrap();
    let script = base.join("smartctl");
    let text = format!(
        "[ \"$1\" = --version ] && echo smartctl 7.3 && exit\ncd '{}' && echo x >> calls && cat answer.json",
        base.display()
    );
    program::script(&script, &text).unwrap();
    let mut settings = Settings::default();
    settings.tools.insert("smartctl".into(), script);
    let environment = Environment {
        variables: std::collections::HashMap::new(),
        executable_dir: None,
        current_dir: PathBuf::from("/"),
        platform: Platform::Unix,
    };
    let tools = Toolbox::new(&settings, &environment, &lab.workdir());
    let probe = FakeProbe::new();
    let mut disk = volume(&lab.drive, "uuid:11111111-2222-3333-4444-555555555555");
    disk.disks = vec![PathBuf::from("/dev/sda")];
    probe.mount(disk);
    let clock = Arc::new(TestClock::at(NOW_US));
    let lab = Lab {
        probe: Arc::new(probe),
        tools: Arc::new(tools),
        clock: Arc::<TestClock>::clone(&clock),
        ..lab
    };
    lab.file("a.mkv", b"film");
    (lab, clock)
}

fn answer(lab: &Lab, sample: &str) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/health/samples");
    let target = lab.home.parent().unwrap().join("answer.json");
    std::fs::copy(samples.join(format!("{sample}.json")), target).unwrap();
}

fn calls(lab: &Lab) -> usize {
    let file = lab.home.parent().unwrap().join("calls");
    std::fs::read_to_string(file)
        .unwrap_or_default()
        .lines()
        .count()
}

#[test]
fn a_good_disk_is_asked_once_a_day_and_a_bad_one_always() {
    let (lab, clock) = lab_with_disk();
    answer(&lab, "ata_good");
    let summary = lab.scan(Mode::Inventory);
    assert_eq!(summary.health.unwrap().status, Status::Good);
    clock.set(NOW_US + HOUR_US);
    assert!(lab.scan(Mode::Delta).health.is_none());
    assert_eq!(calls(&lab), 1);
    clock.set(NOW_US + 24 * HOUR_US);
    answer(&lab, "ata_failing");
    let summary = lab.scan(Mode::Delta);
    assert_eq!(summary.health.unwrap().status, Status::Failing);
    let told = lab.told.sentences.lock().unwrap().join("\n");
    assert!(told.contains("the disk is failing"), "{told}");
    clock.set(NOW_US + 25 * HOUR_US);
    lab.scan(Mode::Delta);
    assert_eq!(calls(&lab), 3);

    let catalog = lab.catalog();
    let uid = catalog.drive("Test").unwrap().drive_uid;
    let rows = history(catalog.connection(), &uid, 10).unwrap();
    let reallocated: Vec<_> = rows.iter().map(|row| row.reallocated).collect();
    assert_eq!(reallocated, [Some(65_528), Some(65_528), Some(0)]);
    let newest = latest(catalog.connection(), &uid).unwrap();
    assert_eq!(newest.len(), 1);
    assert_eq!(newest[0].status, "Failing");
    let scan: String = catalog
        .connection()
        .query_row("SELECT smart_scan FROM drives", [], |row| row.get(0))
        .unwrap();
    assert!(scan.starts_with(r#"{"scan":null,"details":[{"#), "{scan}");
}

#[test]
fn a_disk_that_says_nothing_fails_nothing_and_fills_nothing() {
    let (lab, clock) = lab_with_disk();
    answer(&lab, "no_permission");
    for hour in 0..3 {
        clock.set(NOW_US + hour * HOUR_US);
        assert_eq!(
            lab.scan(Mode::Delta).health.unwrap().status,
            Status::Unknown
        );
    }
    let catalog = lab.catalog();
    let uid = catalog.drive("Test").unwrap().drive_uid;
    assert_eq!(history(catalog.connection(), &uid, 10).unwrap().len(), 1);
    assert_eq!(lab.scan(Mode::Delta).total_files, 1);
}
