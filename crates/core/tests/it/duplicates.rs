//! Copies across drives that are not there together: the same bytes, encoded again, mirrored, as sound; and what is no copy.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use videocatalog_core::cancel::CancelToken;
use videocatalog_core::duplicates::plan::Planner;
use videocatalog_core::duplicates::{
    IgnoreError, Job, NearDuplicates, NearGroup, Reason, Thresholds, Wanted, ignore, near,
};
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

fn wanted() -> Wanted<'static> {
    Wanted {
        thresholds: Thresholds::from_settings(&Settings::default().fingerprints),
        reason: None,
        least_score: 0.0,
        most: 100,
        labels: &[],
    }
}

fn found(lab: &Lab, wanted: &Wanted<'_>) -> NearDuplicates {
    let job = Job {
        compares: true,
        now_utc: "2026-11-24T00:00:00Z",
        cancel: &CancelToken::new(),
        tell: &|_, _| {},
    };
    near(&lab.catalog(), wanted, &job).unwrap().unwrap()
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

const ALL_KINDS: Kinds = Kinds {
    video: true,
    ..KINDS
};

#[test]
fn parts_are_found_and_only_what_is_new_is_compared() {
    let drives = Drives::new(ALL_KINDS);
    let first = found(&drives.lab, &wanted());
    assert_eq!((first.newly_compared, first.not_compared), (7, 0));
    let life = first
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
    assert!(first.clips.is_empty(), "{:#?}", first.clips);

    // A part of a film of the drive that is away, and the same of another film's sound.
    let second = drives.lab.drive.join("second");
    let film = drives.lab.home.join("on the shelf/life.mkv");
    let cut = |film: &Path, more: &[&str], to: &str| {
        let from = film.to_str().unwrap();
        let mut arguments = vec!["-ss", "7", "-t", "8.5", "-i", from];
        arguments.extend(more);
        encode(&arguments, &second.join(to)).unwrap();
    };
    let x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "30"];
    cut(
        &film,
        &[&x264[..], &["-vf", "scale=320:180"]].concat(),
        "life part.mp4",
    );
    let song = drives.lab.home.join("on the shelf/cells.mkv");
    cut(&song, &["-vn", "-c:a", "libmp3lame"], "cells part.mp3");
    assert_eq!(capture(&drives.lab, "Second", &second, ALL_KINDS), 2);
    let later = found(&drives.lab, &wanted());
    assert_eq!(later.newly_compared, 2, "the new files and no others");
    let clips: Vec<(&str, &str)> = later
        .clips
        .iter()
        .map(|clip| (&*clip.clip.place.rel_path, &*clip.of.place.rel_path))
        .collect();
    assert!(
        clips.contains(&("life part.mp4", "life.mkv")),
        "{:#?}",
        later.clips
    );
    assert!(
        clips.contains(&("cells part.mp3", "cells.mkv")),
        "{:#?}",
        later.clips
    );
    for clip in &later.clips {
        let evidence = clip.clip.evidence.as_ref().unwrap();
        assert_eq!(evidence.reason, Reason::Clip);
        let from = evidence.from_s.unwrap();
        // The tune of the third film begins anew every eight notes, six a second.
        let is_tune = clip.of.place.rel_path == "cells.mkv";
        let period = if is_tune { 4.0 / 3.0 } else { f64::MAX };
        let away = (from - 7.0).abs() % period;
        assert!(away.min(period - away) < 0.7, "{evidence:?}");
        assert!(
            (evidence.to_s.unwrap() - from - 8.5).abs() < 0.5,
            "{evidence:?}"
        );
    }
    assert!(
        clips
            .iter()
            .all(|(part, whole)| part.split(' ').next() == whole.split(['.', ' ']).next()),
        "{clips:?}"
    );
    assert_eq!(later.groups.len(), first.groups.len(), "a part is no copy");
    let catalog = drives.lab.catalog();
    let planner = Planner::new(&catalog, catalog.drives().unwrap(), &[]);
    let plan = planner.of_near(&later, "2026-11-24T00:00:00Z").unwrap();
    let mut goes: Vec<&str> = plan
        .groups
        .iter()
        .flat_map(|group| group.go.iter().map(|file| &*file.place.rel_path))
        .collect();
    goes.sort_unstable();
    let expected = [
        "cells mirrored.mp4",
        "fractal sound.mp3",
        "life copied.mkv",
        "life small.mp4",
    ];
    assert_eq!(goes, expected, "the best stay, on the drive that is away");
    assert!(
        plan.groups
            .iter()
            .all(|group| group.keep.drive_label == "First")
    );

    // Compared all at once it is the same, and once more nothing is compared.
    let again = found(&drives.lab, &wanted());
    assert_eq!(again.newly_compared, 0);
    assert_eq!(told(&again), told(&later));
    forget_compared(&drives.lab);
    let anew = found(&drives.lab, &wanted());
    assert_eq!(anew.newly_compared, 9);
    assert_eq!(told(&anew), told(&later));
}

/// Returns everything that was found.
fn told(found: &NearDuplicates) -> String {
    serde_json::to_string_pretty(&(&found.groups, &found.clips)).unwrap()
}

fn forget_compared(lab: &Lab) {
    let sql = "DELETE FROM compared; DELETE FROM duplicate_candidates;";
    lab.catalog().connection().execute_batch(sql).unwrap();
}

#[test]
fn stopped_comparing_goes_on_to_the_same_and_looking_compares_nothing() {
    let drives = Drives::new(KINDS);
    let cancel = CancelToken::new();
    let job = |cancel, compares| Job {
        compares,
        now_utc: "2026-11-24T00:00:00Z",
        cancel,
        tell: &|_, _| {},
    };
    let catalog = drives.lab.catalog();
    let looked = near(&catalog, &wanted(), &job(&cancel, false))
        .unwrap()
        .unwrap();
    assert_eq!((looked.not_compared, looked.groups.len()), (7, 0));

    cancel.cancel();
    assert!(
        near(&catalog, &wanted(), &job(&cancel, true))
            .unwrap()
            .is_none()
    );
    let whole = told(&found(&drives.lab, &wanted()));
    let looked = near(&catalog, &wanted(), &job(&CancelToken::new(), false));
    let looked = looked.unwrap().unwrap();
    assert_eq!(looked.not_compared, 0);
    assert_eq!(told(&looked), whole);
    // Killed after some were written: the others are compared with these.
    catalog
        .connection()
        .execute_batch(
            "DELETE FROM compared WHERE content IN (SELECT content FROM compared LIMIT 4);
             DELETE FROM duplicate_candidates WHERE content_a NOT IN (SELECT content FROM compared)
                OR content_b NOT IN (SELECT content FROM compared);",
        )
        .unwrap();
    let gone_on = found(&drives.lab, &wanted());
    assert_eq!(gone_on.newly_compared, 4);
    assert_eq!(told(&gone_on), whole);
}

#[test]
fn what_was_said_to_be_no_pair_stays_none() {
    let drives = Drives::new(KINDS);
    let lab = &drives.lab;
    let before = found(lab, &wanted());
    let of_cells = |found: &NearDuplicates| {
        found
            .groups
            .iter()
            .any(|group| names(group).contains(&"cells.mkv".to_owned()))
    };
    assert!(of_cells(&before));
    let set = |is_pair| {
        let catalog = lab.catalog();
        let (first, second) = (
            catalog.drive("First").unwrap(),
            catalog.drive("Second").unwrap(),
        );
        let one = (&first, "cells.mkv");
        let other = (&second, "cells mirrored.mp4");
        ignore(&catalog, one, other, is_pair, "2026-11-24T00:00:00Z").unwrap()
    };
    assert!(set(false) && !set(false), "only once is it news");
    assert!(!of_cells(&found(lab, &wanted())));
    // Also when the file is called something else.
    let second = lab.drive.join("second");
    std::fs::rename(second.join("cells mirrored.mp4"), second.join("c.mp4")).unwrap();
    capture(lab, "Second", &second, KINDS);
    let after = found(lab, &wanted());
    assert!(!of_cells(&after) && after.groups.len() == before.groups.len() - 1);
    std::fs::rename(second.join("c.mp4"), second.join("cells mirrored.mp4")).unwrap();
    capture(lab, "Second", &second, KINDS);
    assert!(set(true));
    assert!(of_cells(&found(lab, &wanted())));

    let catalog = lab.catalog();
    let second = catalog.drive("Second").unwrap();
    let first = catalog.drive("First").unwrap();
    let same = ignore(
        &catalog,
        (&first, "life.mkv"),
        (&second, "life copied.mkv"),
        false,
        "",
    );
    assert!(matches!(same, Err(IgnoreError::Same(..))), "{same:?}");
    let none = ignore(
        &catalog,
        (&first, "life.mkv"),
        (&second, "nowhere"),
        false,
        "",
    );
    assert!(matches!(none, Err(IgnoreError::Unknown { .. })), "{none:?}");
}
