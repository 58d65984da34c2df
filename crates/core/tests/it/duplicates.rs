//! Copies across drives that are not there together: the same bytes, encoded again, mirrored, as sound; and what is no copy.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use videocatalog_core::cancel::CancelToken;
use videocatalog_core::duplicates::{NearDuplicates, NearGroup, Reason, Thresholds, Wanted, near};
use videocatalog_core::fingerprint::{self, FingerprintOptions, FingerprintRequest, Kinds};
use videocatalog_core::scan::{self, Mode, ScanRequest};
use videocatalog_core::settings::Settings;
use videocatalog_core::volume::FakeProbe;
use videocatalog_testkit::media::encode;

use super::lab::{Lab, volume};
use super::media::tools;

const KINDS: Kinds = Kinds {
    video: false,
    sound: true,
    keyframes: true,
};

/// Scans a folder as a drive of its own, and captures fingerprints.
fn capture(lab: &Lab, label: &str, folder: &Path, kinds: Kinds) -> u64 {
    let mut options = lab.request(Mode::Delta).options;
    options.media.tools = false;
    let request = ScanRequest {
        label: label.into(),
        mount: Some(folder.to_path_buf()),
        options: options.clone(),
        ..lab.request(Mode::Delta)
    };
    let catalog = lab.catalog();
    scan::run(&request, &catalog, &lab.outside()).unwrap();
    let request = FingerprintRequest {
        label: label.into(),
        mount: None,
        only: None,
        again: false,
        accept_drive: false,
        fingerprints: FingerprintOptions {
            kinds,
            rest: Duration::ZERO,
            ..FingerprintOptions::from_settings(&Settings::default())
        },
        options,
    };
    let summary = fingerprint::run(&request, &catalog, &lab.outside()).unwrap();
    assert_eq!(summary.counts.left, 0, "{summary:?}");
    summary.counts.done
}

fn wanted() -> Wanted {
    Wanted {
        thresholds: Thresholds::from_settings(&Settings::default().fingerprints),
        reason: None,
        least_score: 0.0,
        most: 100,
    }
}

fn found(lab: &Lab, wanted: &Wanted) -> NearDuplicates {
    let catalog = lab.catalog();
    let drives = catalog.drives().unwrap();
    near(&catalog, &drives, wanted, &CancelToken::new()).unwrap()
}

/// Returns the names in a group, the one to keep first.
fn names(group: &NearGroup) -> Vec<String> {
    let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let mut names: Vec<String> = group
        .files
        .iter()
        .map(|file| name(&file.place.path))
        .collect();
    names[1..].sort();
    names
}

/// Two drives: films, and later the other's copies of them; the first one is away by then.
struct Drives {
    lab: Lab,
}

/// Moving pictures that have nothing to do with each other.
const FILMS: [(&str, &str); 3] = [
    (
        "life",
        "life=size=320x180:mold=10:r=10:ratio=0.2:death_color=#C83232:life_color=#00ff00:seed=7,scale=640x360",
    ),
    ("fractal", "mandelbrot=size=640x360:rate=10"),
    (
        "cells",
        "life=size=32x18:mold=10:r=10:ratio=0.4:death_color=#3232C8:life_color=#ffff00:seed=11,scale=640x360:flags=neighbor",
    ),
];

fn film(picture: &str, sound: &str, path: &Path) {
    let picture = format!("{picture},trim=duration=20");
    let mut arguments = vec!["-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", sound];
    arguments.extend([
        "-t",
        "20",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-g",
        "10",
        "-c:a",
        "aac",
    ]);
    encode(&arguments, path).unwrap();
}

/// A sound of its own for each number: notes that go up and down.
fn tune(number: u32) -> String {
    let (speed, notes, base) = (3 + number, 5 + number, 220 + number * 37);
    format!("aevalsrc=0.3*sin(2*PI*t*{base}*(1+floor(mod(t*{speed}\\,{notes}))/7)):s=22050:d=20")
}

fn again(from: &Path, arguments: &[&str], to: &Path) {
    let mut all = vec!["-i", from.to_str().unwrap()];
    all.extend(arguments);
    encode(&all, to).unwrap();
}

impl Drives {
    fn new(kinds: Kinds) -> Self {
        let mut lab = Lab::new();
        lab.tools = tools(&lab);
        let (first, second) = (lab.drive.join("first"), lab.drive.join("second"));
        std::fs::create_dir_all(&first).unwrap();
        std::fs::create_dir_all(&second).unwrap();
        let probe = FakeProbe::new();
        probe.mount(volume(&first, "uuid:11111111-2222-3333-4444-555555555555"));
        lab.probe = Arc::new(probe);
        for (number, (name, picture)) in (1..).zip(FILMS) {
            film(picture, &tune(number), &first.join(format!("{name}.mkv")));
        }
        capture(&lab, "First", &first, kinds);

        let x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "30"];
        let with = |more: &[&'static str]| [&x264[..], more].concat();
        again(
            &first.join("life.mkv"),
            &with(&["-vf", "scale=320:180", "-g", "40"]),
            &second.join("life small.mp4"),
        );
        again(
            &first.join("cells.mkv"),
            &with(&["-vf", "hflip", "-an"]),
            &second.join("cells mirrored.mp4"),
        );
        again(
            &first.join("fractal.mkv"),
            &["-vn", "-c:a", "libmp3lame"],
            &second.join("fractal sound.mp3"),
        );
        std::fs::copy(first.join("life.mkv"), second.join("life copied.mkv")).unwrap();
        // Another picture with the sound of a film that is there, and a film that is nowhere else.
        let heard = first.join("fractal.mkv");
        let other = [
            "-f",
            "lavfi",
            "-i",
            "gradients=size=640x360:rate=10:seed=5:speed=0.05,trim=duration=20",
        ];
        let muxed = [
            "-map",
            "1:v",
            "-map",
            "0:a",
            "-t",
            "20",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-g",
            "10",
        ];
        again(
            &heard,
            &[&other[..], &muxed[..]].concat(),
            &second.join("other picture.mkv"),
        );

        // The first drive is away.
        let probe = FakeProbe::new();
        probe.mount(volume(&second, "uuid:99999999-2222-3333-4444-555555555555"));
        lab.probe = Arc::new(probe);
        std::fs::rename(&first, lab.home.join("on the shelf")).unwrap();
        let drives = Self { lab };
        assert_eq!(capture(&drives.lab, "Second", &second, kinds), 5);
        drives
    }
}

#[test]
fn copies_are_found_on_drives_that_are_away() {
    let drives = Drives::new(KINDS);
    let found = found(&drives.lab, &wanted());
    assert_eq!(found.compared_files, 8, "{found:#?}");
    let mut groups: Vec<(Reason, Vec<String>)> = found
        .groups
        .iter()
        .map(|group| (group.reason, names(group)))
        .collect();
    groups.sort();
    let expected = [
        (
            Reason::Consensus,
            vec!["life.mkv", "life copied.mkv", "life small.mp4"],
        ),
        (Reason::Video, vec!["cells.mkv", "cells mirrored.mp4"]),
        (Reason::Audio, vec!["fractal.mkv", "fractal sound.mp3"]),
    ];
    let expected: Vec<(Reason, Vec<String>)> = expected
        .into_iter()
        .map(|(reason, names)| (reason, names.into_iter().map(str::to_owned).collect()))
        .collect();
    assert_eq!(groups, expected, "{found:#?}");

    let of = |reason| {
        let mut groups = found.groups.iter();
        groups.find(|group| group.reason == reason).unwrap()
    };
    let life = of(Reason::Consensus);
    assert!(life.files[0].keep && life.files[0].place.drive_label == "First");
    assert!(life.why.contains("640 × 360 over 320 × 180"), "{life:?}");
    let copied = life
        .files
        .iter()
        .find(|file| file.place.path.ends_with("copied.mkv"));
    assert_eq!(
        copied.unwrap().evidence.as_ref().unwrap().reason,
        Reason::Exact
    );
    let freed: u64 = life.files[1..].iter().map(|file| file.size_bytes).sum();
    assert_eq!(life.reclaimable_bytes, freed);
    let mirrored = of(Reason::Video).files[1].evidence.as_ref().unwrap();
    assert!(
        mirrored.laid.is_some() && mirrored.sound.is_none(),
        "{mirrored:?}"
    );

    let only = Wanted {
        reason: Some(Reason::Audio),
        ..wanted()
    };
    let sounds = self::found(&drives.lab, &only);
    assert_eq!(sounds.groups.len(), 1, "{sounds:#?}");
    let strict = Wanted {
        least_score: 1.01,
        ..wanted()
    };
    assert!(self::found(&drives.lab, &strict).groups.is_empty());
}

#[test]
fn tmk_judges_where_it_was_captured() {
    let all = Kinds {
        video: true,
        ..KINDS
    };
    let drives = Drives::new(all);
    let found = found(&drives.lab, &wanted());
    let life = found
        .groups
        .iter()
        .find(|group| group.reason == Reason::Consensus)
        .unwrap();
    let small = life
        .files
        .iter()
        .find(|file| file.place.path.ends_with("small.mp4"))
        .unwrap();
    let evidence = small.evidence.as_ref().unwrap();
    assert!(evidence.tmk.unwrap() > 0.9, "{evidence:?}");
    assert!(evidence.keyframes.unwrap() > 0.9, "{evidence:?}");
}
