//! The reports beyond the five documented ones are what SQL and plain loops say, also while rows change under the index.

use super::*;
use crate::report::Source;
use crate::report::duplicates::{DuplicateGroup, DuplicateSums, duplicates};
use crate::report::media::{MediaEntry, media};
use crate::report::singles::{SinglesSums, single_copies};
use crate::report::space::space;

/// Files, bytes and whole seconds.
type Totals = BTreeMap<String, (u64, u64, u64)>;

fn drives_of(lab: &Lab) -> Vec<Drive> {
    lab.shards.iter().map(|shard| shard.drive.clone()).collect()
}

fn source<'a>(lab: &'a Lab, searcher: &'a Searcher, cancel: &'a CancelToken) -> Source<'a> {
    Source {
        searcher,
        catalog: &lab.catalog,
        cancel,
    }
}

/// What `SELECT`s give of all shards together.
fn totals(lab: &Lab, name: &str, categories: &str) -> Totals {
    let mut all = Totals::new();
    let sql = format!(
        "SELECT coalesce({name}, 'unknown'), count(*), coalesce(sum(e.size_bytes), 0), coalesce(sum(m.duration_s), 0)
           FROM entries e JOIN kinds k ON k.id = e.kind_id LEFT JOIN media m ON m.file_id = e.id
          WHERE e.deleted_change IS NULL AND k.category IN ({categories}) GROUP BY 1"
    );
    for shard in &lab.shards {
        let mut select = shard.connection.prepare(&sql).unwrap();
        let mut rows = select.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let number = |column| row.get::<_, i64>(column).unwrap().unsigned_abs();
            // Durations of these rows are whole seconds.
            let seconds: f64 = row.get(3).unwrap();
            let sum = all.entry(row.get(0).unwrap()).or_default();
            sum.0 += number(1);
            sum.1 += number(2);
            sum.2 += format!("{seconds:.0}").parse::<u64>().unwrap();
        }
    }
    all
}

fn reported(entries: &[MediaEntry]) -> Totals {
    let bytes: Vec<u64> = entries.iter().map(|entry| entry.bytes).collect();
    assert!(bytes.is_sorted_by(|a, b| a >= b), "most bytes first");
    let one = |entry: &MediaEntry| {
        let seconds = format!("{:.0}", entry.hours * 3_600.0);
        let sums = (entry.files, entry.bytes, seconds.parse().unwrap());
        (entry.name.clone(), sums)
    };
    entries.iter().map(one).collect()
}

fn check_media(lab: &Lab, searcher: &Searcher) {
    let cancel = CancelToken::new();
    let report = media(source(lab, searcher, &cancel), &drives_of(lab)).unwrap();
    let lines = "max(min(m.width, m.height), (max(m.width, m.height) * 9 + 8) / 16)";
    let class = format!(
        "CASE WHEN {lines} < 670 THEN 'sd' WHEN {lines} < 900 THEN '720p' WHEN {lines} < 1260 THEN '1080p'
              WHEN {lines} < 1800 THEN '1440p' WHEN {lines} < 3240 THEN '2160p' WHEN {lines} >= 3240 THEN '4320p' END"
    );
    let hdr = "coalesce(m.hdr, CASE WHEN m.height IS NOT NULL THEN 'sdr' END)";
    let (films, both) = ("'video'", "'video', 'audio'");
    assert_eq!(
        reported(&report.video_codecs),
        totals(lab, "m.video_codec", films)
    );
    assert_eq!(reported(&report.resolutions), totals(lab, &class, films));
    assert_eq!(reported(&report.hdr), totals(lab, hdr, films));
    assert_eq!(
        reported(&report.audio_codecs),
        totals(lab, "m.audio_codec", both)
    );
    assert_eq!(
        reported(&report.containers),
        totals(lab, "m.container", both)
    );
    assert!(report.unread.is_empty());
}

/// The files of each content: drive and number; and what is not known of the others.
type Contents = BTreeMap<([u8; 32], u64), Vec<(usize, i64)>>;

fn contents(lab: &Lab) -> (Contents, (u64, u64)) {
    let (mut contents, mut unknown) = (Contents::new(), (0, 0));
    for (number, shard) in lab.shards.iter().enumerate() {
        for (id, file) in shard.rows.iter().filter(|(_, file)| !file.deleted) {
            let size = file.size.map(i64::unsigned_abs);
            match (file.hash, size) {
                (_, Some(0)) => {}
                (Some(hash), Some(size)) => {
                    contents
                        .entry((hash, size))
                        .or_default()
                        .push((number, *id));
                }
                _ => unknown = (unknown.0 + 1, unknown.1 + size.unwrap_or(0)),
            }
        }
    }
    (contents, unknown)
}

fn check_duplicates(lab: &Lab, searcher: &Searcher) {
    let cancel = CancelToken::new();
    let report = duplicates(source(lab, searcher, &cancel), &drives_of(lab), 1_000).unwrap();
    let (contents, unknown) = contents(lab);
    assert_eq!((report.unhashed_files, report.unhashed_bytes), unknown);
    let (mut within, mut across) = (DuplicateSums::default(), DuplicateSums::default());
    let mut expected: BTreeMap<String, (u64, BTreeSet<(String, String)>)> = BTreeMap::new();
    for ((hash, size), files) in contents.iter().filter(|(_, files)| files.len() > 1) {
        let drives: BTreeSet<usize> = files.iter().map(|(drive, _)| *drive).collect();
        let sums = if drives.len() == 1 {
            &mut within
        } else {
            &mut across
        };
        sums.groups += 1;
        sums.files += files.len() as u64;
        sums.reclaimable_bytes += size * (files.len() as u64 - 1);
        let places = files.iter().map(|(drive, id)| {
            let shard = &lab.shards[*drive];
            let path = shard.rows[id].path();
            (
                shard.drive.label.clone(),
                String::from_utf8_lossy(&path).into_owned(),
            )
        });
        let key = format!("{} {size}", blake3::Hash::from(*hash).to_hex());
        expected.insert(key, (size * (files.len() as u64 - 1), places.collect()));
    }
    assert_eq!(report.within_a_drive, within);
    assert_eq!(report.across_drives, across);
    assert_eq!(report.total.groups, expected.len() as u64);
    let one = |group: &DuplicateGroup| {
        assert_eq!(group.copies, group.places.len() as u64);
        let places = group.places.iter();
        let places = places.map(|place| (place.drive_label.clone(), place.rel_path.clone()));
        let key = format!("{} {}", group.hash, group.size_bytes);
        (key, (group.reclaimable_bytes, places.collect()))
    };
    let found: BTreeMap<_, _> = report.groups.iter().map(one).collect();
    assert_eq!(found, expected);
    let order = report.groups.iter().map(|group| group.reclaimable_bytes);
    assert!(order.is_sorted_by(|a, b| a >= b));
    let few = duplicates(source(lab, searcher, &cancel), &drives_of(lab), 3).unwrap();
    assert_eq!(few.groups, report.groups[..report.groups.len().min(3)]);
    assert_eq!(few.total, report.total, "totals are of all groups");
}

fn check_singles(lab: &Lab, searcher: &Searcher) {
    let cancel = CancelToken::new();
    let drives = drives_of(lab);
    let report = single_copies(source(lab, searcher, &cancel), &drives[..1], &drives).unwrap();
    let (contents, _) = contents(lab);
    let mut expected: BTreeMap<&str, SinglesSums> = BTreeMap::new();
    for file in lab.shards[0].rows.values().filter(|file| !file.deleted) {
        let size = file.size.map(i64::unsigned_abs);
        if size == Some(0) {
            continue;
        }
        let sums = expected.entry(KINDS[file.kind].1).or_default();
        let bytes = size.unwrap_or(0);
        let (files, all) = match file.hash.zip(size) {
            None => (&mut sums.unknown_files, &mut sums.unknown_bytes),
            Some(key) if contents[&key].iter().all(|(drive, _)| *drive == 0) => {
                (&mut sums.single_files, &mut sums.single_bytes)
            }
            Some(_) => (&mut sums.elsewhere_files, &mut sums.elsewhere_bytes),
        };
        *files += 1;
        *all += bytes;
    }
    assert_eq!(report.drives.len(), 1, "only the drive that was asked for");
    let one = &report.drives[0];
    let found: BTreeMap<&str, SinglesSums> = one
        .categories
        .iter()
        .map(|entry| (entry.category.as_str(), entry.sums))
        .collect();
    assert_eq!(found, expected);
    let single: u64 = expected.values().map(|sums| sums.single_bytes).sum();
    assert_eq!(one.total.single_bytes, single);
}

#[test]
fn they_are_what_sql_and_loops_say() {
    let mut lab = Lab::new(23, &[400, 0, 250]);
    let searcher = Searcher::default();
    for _ in 0..4 {
        check_media(&lab, &searcher);
        check_duplicates(&lab, &searcher);
        check_singles(&lab, &searcher);
        lab.change_some(80);
    }
}

#[test]
fn content_that_only_begins_alike_is_not_the_same() {
    let mut lab = Lab::new(5, &[0, 0]);
    for (number, last) in [(0, 1), (1, 2)] {
        let mut hash = [9; 32];
        hash[31] = last;
        let shard = &mut lab.shards[number];
        shard.next_change();
        shard.put(
            1,
            File {
                name: b"a.mkv".to_vec(),
                size: Some(5),
                hash: Some(hash),
                ..File::default()
            },
        );
    }
    let cancel = CancelToken::new();
    let searcher = Searcher::default();
    let report = duplicates(source(&lab, &searcher, &cancel), &drives_of(&lab), 20).unwrap();
    assert!(report.groups.is_empty(), "{report:?}");
}

#[test]
fn an_unreadable_drive_is_named_and_an_end_is_an_end() {
    let lab = Lab::new(3, &[30, 30]);
    let searcher = Searcher::default();
    let drives = drives_of(&lab);
    let cancel = CancelToken::new();
    let source = source(&lab, &searcher, &cancel);
    std::fs::remove_file(lab.catalog.shard_path(&drives[1])).unwrap();
    let named = |unread: &[String]| unread.len() == 1 && unread[0].contains("Drive 1");
    assert!(named(&media(source, &drives).unwrap().unread));
    assert!(named(&duplicates(source, &drives, 20).unwrap().unread));
    let singles = single_copies(source, &drives, &drives).unwrap();
    assert!(named(&singles.unread) && singles.drives.len() == 1);
    let space_of = space(source, &drives, None).unwrap();
    assert!(named(&space_of.unread) && space_of.drives.len() == 2);
    cancel.cancel();
    assert!(media(source, &drives).is_none());
    assert!(duplicates(source, &drives, 20).is_none());
    assert!(single_copies(source, &drives, &drives).is_none());
    assert!(space(source, &drives, None).is_none());
}

#[test]
fn the_fullest_drive_that_has_room_is_first() {
    let lab = Lab::new(3, &[10, 10, 10]);
    let mut drives = drives_of(&lab);
    for (drive, free) in drives.iter_mut().zip([Some(500), Some(90), None]) {
        drive.total_bytes = Some(1_000);
        drive.free_bytes = free;
    }
    let cancel = CancelToken::new();
    let searcher = Searcher::default();
    let source = source(&lab, &searcher, &cancel);
    for (wanted, fits) in [
        (90, vec!["Drive 1", "Drive 0"]),
        (91, vec!["Drive 0"]),
        (501, vec![]),
    ] {
        let report = space(source, &drives, Some(wanted)).unwrap();
        assert_eq!(report.fits, fits, "{wanted}");
        let order: Vec<_> = report
            .drives
            .iter()
            .map(|drive| &drive.drive_label)
            .collect();
        assert_eq!(order, ["Drive 1", "Drive 0", "Drive 2"]);
        let first = report
            .drives
            .iter()
            .find(|one| one.drive_label == "Drive 0");
        let live = lab.shards[0].rows.values().filter(|file| !file.deleted);
        let bytes: i64 = live.clone().filter_map(|file| file.size).sum();
        let first = first.unwrap();
        assert_eq!(first.catalogued_files, Some(live.count() as u64));
        assert_eq!(first.catalogued_bytes, Some(bytes.unsigned_abs()));
    }
}
