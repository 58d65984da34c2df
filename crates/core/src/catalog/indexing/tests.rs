//! Searches over random drives give what a naive filter gives, also while the shard goes on changing.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, RangeBounds};

use rusqlite::{Connection, params};
use videocatalog_testkit::random::Random;

use crate::cancel::CancelToken;
use crate::catalog::drives::Drive;
use crate::catalog::store::Catalog;
use crate::catalog::{Access, Journal, drives, names, open_unchecked, shard};
use crate::clock::TestClock;
use crate::media::Category;
use crate::search::index::{self, Index};
use crate::search::query::{self, Condition, Context, Expr, Health, Interval, Query, Text};
use crate::search::{Hit, Order, Request, Searcher, fold};
use crate::workdir::WorkingDir;

mod beyond;
mod pages;
mod reports;
mod singles;

const DAY_US: i64 = 86_400_000_000;

#[derive(Clone, Debug, Default)]
struct File {
    folder: usize,
    name: Vec<u8>,
    kind: usize,
    size: Option<i64>,
    time: Option<i64>,
    deleted: bool,
    hash: Option<[u8; 32]>,
    media: Option<Media>,
}

#[derive(Clone, Debug, Default)]
struct Media {
    duration: Option<f64>,
    frame: Option<(u32, u32)>,
    codec: Option<&'static str>,
    hdr: Option<&'static str>,
    languages: Option<&'static str>,
    channels: Option<u32>,
    subtitles: u32,
    sound: Option<bool>,
}

const FOLDERS: [&[u8]; 9] = [
    b"",
    b"Films",
    "Films/Čapek".as_bytes(),
    b"Films/1999 (old)",
    b"music",
    b"music/caf\xe9",
    b"a/b/c",
    // Before what lies in `Films`, and in the middle of it.
    b"Films 2",
    b"FILMS/1999 (old)",
];
const KINDS: [(Option<&str>, &str); 5] = [
    (Some("mkv"), "video"),
    (Some("mp3"), "audio"),
    (Some("jpg"), "image"),
    (None, "other"),
    (Some("txt"), "document"),
];
const WORDS: [&str; 10] = [
    "film",
    "ČAPEK",
    "capek",
    "Straße",
    "x%y",
    "a_b",
    "Été",
    "1999",
    "\n",
    "\u{202e}z",
];

/// One drive, and the rows that are in its shard.
struct Shard {
    drive: Drive,
    connection: Connection,
    rows: BTreeMap<i64, File>,
    change: i64,
}

struct Lab {
    _folder: tempfile::TempDir,
    catalog: Catalog,
    shards: Vec<Shard>,
    random: Random,
}

impl Lab {
    fn new(seed: u64, sizes: &[usize]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workdir = WorkingDir::new(folder.path());
        workdir.create_layout().unwrap();
        let clock = TestClock::at(0);
        let catalog = Catalog::open(&workdir, None, Journal::Wal, &clock, &mut Vec::new()).unwrap();
        let mut lab = Self {
            _folder: folder,
            catalog,
            shards: Vec::new(),
            random: Random::new(seed),
        };
        for (number, files) in sizes.iter().enumerate() {
            lab.add_drive(number, *files);
        }
        lab
    }

    fn add_drive(&mut self, number: usize, files: usize) {
        let mut drive = self.catalog.new_drive(&format!("Drive {number}")).unwrap();
        drive.mount_path = format!("/mnt/d{number}");
        drive.mount_bytes = drive.mount_path.clone().into_bytes();
        drives::save(self.catalog.connection(), &drive).unwrap();
        let connection = self.catalog.open_shard(&drive, Access::Create).unwrap();
        let facts = shard::RootFacts {
            drive_uid: &drive.drive_uid,
            drive_label: &drive.label,
            mount_path: &drive.mount_bytes,
            separator: '/',
            profile: "SSD",
            total_bytes: None,
            free_bytes: None,
            scanned_at: "2024-01-01T00:00:00Z",
        };
        shard::save_root(&connection, &facts).unwrap();
        for (id, path) in (1_i64..).zip(FOLDERS) {
            connection
                .execute(
                    "INSERT INTO folders(id, path) VALUES(?1, ?2)",
                    params![id, names::to_sql(path)],
                )
                .unwrap();
        }
        for (id, (ext, category)) in (1_i64..).zip(KINDS) {
            connection
                .execute(
                    "INSERT INTO kinds(id, ext, mime, category, sniffed) VALUES(?1, ?2, ?3 || '/X-' || ?2, ?3, 0)",
                    params![id, ext, category],
                )
                .unwrap();
        }
        self.shards.push(Shard {
            drive,
            connection,
            rows: BTreeMap::new(),
            change: 0,
        });
        self.shards[number]
            .connection
            .execute_batch("BEGIN")
            .unwrap();
        self.shards[number].next_change();
        for id in 1..=i64::try_from(files).unwrap() {
            let file = self.file();
            self.shards[number].put(id, file);
        }
        self.shards[number]
            .connection
            .execute_batch("COMMIT")
            .unwrap();
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[usize::try_from(self.random.below(from.len() as u64)).unwrap()]
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.random.below(100) < percent
    }

    fn file(&mut self) -> File {
        let mut name = Vec::new();
        for _ in 0..=self.random.below(3) {
            name.extend_from_slice(self.pick(&WORDS).as_bytes());
            name.push(*self.pick(b" -.b"));
        }
        if self.chance(5) {
            name.push(0xff);
        }
        name.extend_from_slice(format!("{}.mkv", self.random.below(50)).as_bytes());
        let hash = self.chance(60).then(|| {
            let mut hash = [7; 32];
            hash[0] = u8::try_from(self.random.below(40)).unwrap();
            hash
        });
        let media = self.chance(50).then(|| self.media());
        File {
            folder: usize::try_from(self.random.below(FOLDERS.len() as u64)).unwrap(),
            name,
            kind: usize::try_from(self.random.below(KINDS.len() as u64)).unwrap(),
            size: (!self.chance(5))
                .then(|| i64::try_from(self.random.below(5)).unwrap() * 1_000_000_000),
            time: (!self.chance(5))
                .then(|| i64::try_from(self.random.below(400)).unwrap() * DAY_US),
            deleted: self.chance(10),
            hash,
            media,
        }
    }

    fn media(&mut self) -> Media {
        let frames = [
            (1920, 1080),
            (3840, 1600),
            (640, 480),
            (1440, 1080),
            (1080, 1920),
        ];
        Media {
            duration: (!self.chance(10))
                .then(|| f64::from(u32::try_from(self.random.below(8_000)).unwrap())),
            frame: (!self.chance(10)).then(|| *self.pick(&frames)),
            codec: *self.pick(&[None, Some("hevc"), Some("h264")]),
            hdr: *self.pick(&[None, Some("hdr10"), Some("hdr10,dv")]),
            languages: *self.pick(&[None, Some("eng"), Some("jpn,eng"), Some("")]),
            channels: *self.pick(&[None, Some(2), Some(6)]),
            subtitles: u32::try_from(self.random.below(2)).unwrap(),
            sound: *self.pick(&[None, Some(true), Some(false)]),
        }
    }

    /// Changes, adds and removes some rows of every drive, as a scan would.
    fn change_some(&mut self, most: u64) {
        for number in 0..self.shards.len() {
            self.shards[number]
                .connection
                .execute_batch("BEGIN")
                .unwrap();
            self.shards[number].next_change();
            for _ in 0..self.random.below(most) {
                let highest = self.shards[number].rows.keys().max().copied().unwrap_or(0);
                let id = 1 + i64::try_from(self.random.below(u64::try_from(highest).unwrap() + 3))
                    .unwrap();
                if self.chance(10) {
                    self.shards[number].remove(id);
                } else {
                    let file = self.file();
                    self.shards[number].put(id, file);
                }
            }
            self.shards[number]
                .connection
                .execute_batch("COMMIT")
                .unwrap();
        }
    }

    /// Returns how many files match.
    fn check(&self, searcher: &Searcher, text: &str) -> usize {
        let context = Context::new(300 * DAY_US, || jiff::tz::TimeZone::UTC);
        let query = query::parse(text, &context).unwrap();
        let drives: Vec<Drive> = self
            .shards
            .iter()
            .map(|shard| shard.drive.clone())
            .collect();
        let mut matched = 0;
        for (order, limit) in [
            (Order::Newest, 20),
            (Order::Path, 1_000_000),
            (Order::Largest, 7),
            (Order::Oldest, 3),
        ] {
            let request = Request {
                query: &query,
                order,
                offset: 0,
                limit,
            };
            let is_online = |drive: &Drive| drive.label.ends_with('1');
            let found = searcher.run(
                &self.catalog,
                &drives,
                &request,
                &is_online,
                &CancelToken::new(),
            );
            assert_eq!(found.unsearched, Vec::<String>::new());
            let all = self.naive(&query, order);
            assert_eq!(found.total_matched, all.len() as u64, "{text} {order:?}");
            assert_eq!(found.truncated, all.len() > limit, "{text}");
            // Files of one rank may be any of them: what they are ranked by is compared, and everything if all are listed.
            matched = all.len();
            let ranks: Vec<&Rank> = all.iter().take(limit).map(|(rank, _)| rank).collect();
            let paths: BTreeSet<&String> = all.iter().map(|(_, path)| path).collect();
            let found_ranks: Vec<Rank> = found
                .results
                .iter()
                .map(|hit| rank_of(hit, order))
                .collect();
            assert_eq!(
                found_ranks.iter().collect::<Vec<_>>(),
                ranks,
                "{text} {order:?}"
            );
            for hit in &found.results {
                assert!(paths.contains(&hit.path), "{text}: {hit:?}");
            }
        }
        matched
    }

    fn naive(&self, query: &Query, order: Order) -> Vec<(Rank, String)> {
        let mut found = Vec::new();
        for shard in &self.shards {
            for file in shard.rows.values() {
                if (query.mentions_deleted || !file.deleted) && self.is_so(&query.expr, shard, file)
                {
                    let path = String::from_utf8_lossy(&file.path()).into_owned();
                    let path = format!("{}/{path}", shard.drive.mount_path);
                    found.push((rank(file.time, file.size, &file.path(), order), path));
                }
            }
        }
        found.sort();
        found
    }

    fn is_so(&self, expr: &Expr, shard: &Shard, file: &File) -> bool {
        match expr {
            Expr::Everything => true,
            Expr::All(parts) => parts.iter().all(|part| self.is_so(part, shard, file)),
            Expr::OneOf(parts) => parts.iter().any(|part| self.is_so(part, shard, file)),
            Expr::Not(inner) => !self.is_so(inner, shard, file),
            Expr::Is(condition) => self.holds(condition, shard, file),
        }
    }

    fn holds(&self, condition: &Condition, shard: &Shard, file: &File) -> bool {
        let media = file.media.clone().unwrap_or_default();
        let (ext, category) = KINDS[file.kind];
        let within = |text: &Text, folded: &[u8]| match text {
            Text::Contains(part) => folded.windows(part.len()).any(|window| window == part),
            Text::Matches(pattern) => pattern.matches(folded),
        };
        let has = |words: Option<&str>, wanted: &[String]| {
            words.is_some_and(|words| {
                words
                    .split(',')
                    .any(|word| wanted.iter().any(|want| want == word))
            })
        };
        let is_media = file.media.is_some();
        match condition {
            Condition::Path(Text::Contains(part)) if part.starts_with(b"/mnt/") => {
                let absolute = [shard.drive.mount_path.as_bytes(), b"/", &file.path()].concat();
                fold::fold(&absolute).starts_with(part)
            }
            Condition::Path(text) => within(text, &fold::fold(&file.path())),
            Condition::Name(text) => within(text, &fold::fold(&file.name)),
            Condition::Regex(regex) => regex.is_match(&file.path()),
            Condition::Extension(wanted) => wanted.iter().any(|want| want == ext.unwrap_or("")),
            Condition::Category(wanted) => wanted.contains(&category.parse::<Category>().unwrap()),
            Condition::Drive(text) => within(text, &fold::fold(shard.drive.label.as_bytes())),
            Condition::SizeBytes(range) => file
                .size
                .is_some_and(|size| range.contains(&u64::try_from(size).unwrap())),
            Condition::ModifiedUs(range) => file.time.is_some_and(|time| range.contains(&time)),
            Condition::DurationS(range) => media
                .duration
                .is_some_and(|seconds| range.contains(&seconds)),
            Condition::Lines(range) => media.frame.is_some_and(|(width, height)| {
                let of_width = (f64::from(width.max(height)) * 9.0 / 16.0).round();
                in_range(range, of_width.max(f64::from(width.min(height))))
            }),
            Condition::Frame(width, height) => media.frame == Some((*width, *height)),
            Condition::Width(range) => media.frame.is_some_and(|(width, _)| range.contains(&width)),
            Condition::Height(range) => media
                .frame
                .is_some_and(|(_, height)| range.contains(&height)),
            Condition::VideoCodec(wanted) => has(media.codec, wanted),
            Condition::AudioCodec(_)
            | Condition::Container(_)
            | Condition::BitrateBps(_)
            | Condition::FrameRate(_)
            | Condition::SubtitleLanguage(_) => false,
            Condition::AudioChannels(range) => media
                .channels
                .is_some_and(|channels| range.contains(&channels)),
            Condition::Hdr(wanted) => has(media.hdr, wanted),
            Condition::HasHdr(wanted) => media.frame.is_some() && media.hdr.is_some() == *wanted,
            Condition::AudioLanguage(wanted) => has(media.languages, wanted),
            Condition::HasSubtitles(wanted) => is_media && (media.subtitles > 0) == *wanted,
            Condition::Online(wanted) => shard.drive.label.ends_with('1') == *wanted,
            Condition::Deleted(wanted) => file.deleted == *wanted,
            Condition::Hash(digits) => file.hash.is_some_and(|hash| {
                blake3::Hash::from_bytes(hash)
                    .to_hex()
                    .starts_with(digits.as_str())
            }),
            Condition::Duplicate(wanted) => file.hash.is_some_and(|hash| {
                let same = self
                    .shards
                    .iter()
                    .flat_map(|shard| shard.rows.values())
                    .filter(|other| {
                        other.hash == Some(hash)
                            && !other.deleted
                            && other.size.is_some_and(|size| size > 0)
                    });
                (same.count() > 1) == *wanted
            }),
            Condition::Health(wanted) => wanted.contains(&match media.sound {
                None => Health::Unknown,
                Some(true) => Health::Sound,
                Some(false) => Health::Damaged,
            }),
        }
    }
}

fn in_range(range: &Interval<u32>, lines: f64) -> bool {
    let real = |bound: Bound<u32>| bound.map(f64::from);
    (real(range.low), real(range.high)).contains(&lines)
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Rank(i64, Vec<u8>);

fn rank(time: Option<i64>, size: Option<i64>, path: &[u8], order: Order) -> Rank {
    match order {
        Order::Newest => Rank(time.map_or(i64::MAX, |time| -time), Vec::new()),
        Order::Oldest => Rank(time.unwrap_or(i64::MAX), Vec::new()),
        Order::Largest => Rank(size.map_or(i64::MAX, |size| -size), Vec::new()),
        _ => Rank(0, String::from_utf8_lossy(path).into_owned().into_bytes()),
    }
}

fn rank_of(hit: &Hit, order: Order) -> Rank {
    let time = hit.mtime_utc.as_deref().and_then(crate::clock::parse_utc);
    rank(time, hit.size_bytes, hit.rel_path.as_bytes(), order)
}

impl File {
    fn path(&self) -> Vec<u8> {
        let folder = FOLDERS[self.folder];
        if folder.is_empty() {
            self.name.clone()
        } else {
            [folder, b"/", &self.name].concat()
        }
    }
}

impl Shard {
    fn next_change(&mut self) {
        self.change += 1;
        self.connection
            .execute("UPDATE root SET change_id = ?1", [self.change])
            .unwrap();
        self.connection
            .execute(
                "INSERT INTO changes(change_id, utc) VALUES(?1, '2024')",
                [self.change],
            )
            .unwrap();
    }

    fn put(&mut self, id: i64, file: File) {
        let connection = &self.connection;
        connection
            .execute(
                "INSERT OR REPLACE INTO entries(id, folder_id, name, size_bytes, mtime_us, kind_id, first_change, change_id,
                                                deleted_change)
                 VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)",
                params![
                    id,
                    i64::try_from(file.folder).unwrap() + 1,
                    names::to_sql(&file.name),
                    file.size,
                    file.time,
                    i64::try_from(file.kind).unwrap() + 1,
                    self.change,
                    file.deleted.then_some(1)
                ],
            )
            .unwrap();
        connection
            .execute("DELETE FROM hashes WHERE file_id = ?1", [id])
            .unwrap();
        connection
            .execute("DELETE FROM media WHERE file_id = ?1", [id])
            .unwrap();
        if let Some(hash) = file.hash {
            connection
                .execute(
                    "INSERT INTO hashes(file_id, hash, legacy, change_id) VALUES(?1, ?2, 0, 1)",
                    params![id, hash],
                )
                .unwrap();
        }
        if let Some(media) = &file.media {
            connection
                .execute(
                    "INSERT INTO media(file_id, duration_s, width, height, video_codec, hdr, audio_languages,
                                       audio_channels, subtitle_streams, integrity_ok)
                     VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                    params![
                        id,
                        media.duration,
                        media.frame.map(|frame| frame.0),
                        media.frame.map(|frame| frame.1),
                        media.codec,
                        media.hdr,
                        media.languages,
                        media.channels,
                        media.subtitles,
                        media.sound
                    ],
                )
                .unwrap();
        }
        self.rows.insert(id, file);
    }

    /// As when a row turns out to be a moved file's.
    fn remove(&mut self, id: i64) {
        for table in ["hashes", "media"] {
            let delete = format!("DELETE FROM {table} WHERE file_id = ?1");
            self.connection.execute(&delete, [id]).unwrap();
        }
        self.connection
            .execute("DELETE FROM entries WHERE id = ?1", [id])
            .unwrap();
        self.connection
            .execute(
                "INSERT OR IGNORE INTO file_events(change_id, file_id, what) VALUES(?1, ?2, 'merged')",
                [self.change, id],
            )
            .unwrap();
        self.rows.remove(&id);
    }
}

const QUERIES: [&str; 50] = [
    "",
    "film",
    "CAPEK",
    "čapek 1999",
    "strasse",
    "films/",
    "/",
    "s/c",
    "films/capek/film",
    "café",
    "%",
    "_",
    "x%y -film",
    "\"1999 (old)\"",
    "film OR été",
    "-(film OR capek)",
    "(film | music) -ext:mp3",
    "name:film",
    "-name:films",
    "path:music",
    "*.mkv",
    "*1999*",
    "films/*",
    "films/**/*7.mkv",
    "?*\u{202e}*",
    "regex:^films/.*\\d\\.mkv$",
    "regex:(?-i)ČAPEK",
    "ext:mkv,jpg",
    "category:av",
    "drive:1",
    "drive:\"drive 0\" film",
    "size:>1gb",
    "size:0",
    "modified:<1970-06",
    "modified:1970-03..1970-05",
    "duration:1h..2h",
    "res:2160p",
    "res:>=1080p",
    "res:1440x1080",
    "codec:h265",
    "hdr:dv",
    "hdr:no",
    "lang:jpn",
    "channels:>2",
    "subs:yes",
    "online:yes film",
    "deleted:yes",
    "deleted:any 1999",
    "health:unknown",
    "health:damaged,ok size:>=2gb",
];

fn check_all(lab: &Lab, searcher: &Searcher) {
    let mut answered = 0;
    for text in QUERIES {
        answered += usize::from(lab.check(searcher, text) > 0);
    }
    assert!(
        answered > QUERIES.len() * 9 / 10,
        "most queries find something"
    );
    for text in [
        "dup:yes",
        "dup:no",
        "hash:0707",
        "hash:0507",
        "path:/mnt/d1/films/c",
        "/mnt/d0",
        "-dup:yes film",
        "regex:.",
    ] {
        lab.check(searcher, text);
    }
}

#[test]
fn hits_are_those_of_a_naive_filter() {
    for seed in 0..2 {
        let mut lab = Lab::new(seed, &[300, 0, 100]);
        let searcher = Searcher::default();
        check_all(&lab, &searcher);
        // The index is there by now: what changes from here on is added to it.
        for _ in 0..2 {
            lab.change_some(60);
            check_all(&lab, &searcher);
            lab.check(&Searcher::default(), "film");
        }
    }
}

#[test]
fn several_blocks_are_one_index() {
    let mut lab = Lab::new(9, &[70_000]);
    // Few enough to be looked for by the threes of bytes that a chunk of names has.
    for id in [1, 511, 512, 40_000, 65_536, 70_000] {
        let mut file = lab.file();
        file.name = format!("a quick Žebra {id}.mkv").into_bytes();
        lab.shards[0].put(id, file);
    }
    let searcher = Searcher::default();
    for text in [
        "zebra",
        "quick zebra",
        "name:\"zebra 4\"",
        "-zebra deleted:any",
        "okapi",
        "capek",
        "*7.mkv size:>1gb",
        "-film",
        "films/ codec:hevc",
        "deleted:any",
    ] {
        lab.check(&searcher, text);
    }
    let path = index::fresh::path_of(&lab.catalog.shard_path(&lab.shards[0].drive));
    Index::open(&path).unwrap().check().unwrap();
}

#[test]
fn an_index_may_be_damaged_or_of_another_shard() {
    let mut lab = Lab::new(5, &[300]);
    lab.check(&Searcher::default(), "film");
    let path = index::fresh::path_of(&lab.catalog.shard_path(&lab.shards[0].drive));
    let sound = std::fs::read(&path).unwrap();
    for length in [0, 7, 60, sound.len() / 2, sound.len() - 1] {
        std::fs::write(&path, &sound[..length]).unwrap();
        lab.check(&Searcher::default(), "film");
        assert_eq!(
            std::fs::read(&path).unwrap().len(),
            sound.len(),
            "it was made anew"
        );
    }
    let mut damaged = sound.clone();
    damaged[20] ^= 1;
    std::fs::write(&path, &damaged).unwrap();
    assert!(Index::open(&path).unwrap().check().is_err());
    std::fs::remove_file(&path).unwrap();
    lab.check(&Searcher::default(), "film");
    // Set back to an earlier state, and gone another way since.
    lab.change_some(50);
    let shard = &mut lab.shards[0];
    shard
        .connection
        .execute("UPDATE changes SET utc = 'another time'", [])
        .unwrap();
    let file = File {
        name: b"film of another time".to_vec(),
        ..File::default()
    };
    shard.put(1, file);
    lab.check(&Searcher::default(), "film");
}

#[test]
fn a_shard_that_cannot_be_read_is_named_and_the_others_answer() {
    let lab = Lab::new(6, &[50, 50, 50]);
    let drives: Vec<Drive> = lab.shards.iter().map(|shard| shard.drive.clone()).collect();
    std::fs::remove_file(lab.catalog.shard_path(&drives[0])).unwrap();
    let newer = open_unchecked(&lab.catalog.shard_path(&drives[1]), Access::Write).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    let context = Context::new(0, || jiff::tz::TimeZone::UTC);
    let query = query::parse("", &context).unwrap();
    let request = Request {
        query: &query,
        order: Order::Newest,
        offset: 45,
        limit: 10,
    };
    let found = Searcher::default().run(
        &lab.catalog,
        &drives,
        &request,
        &|_| true,
        &CancelToken::new(),
    );
    assert_eq!(found.unsearched.len(), 2);
    assert!(found.unsearched[0].contains("Drive 0") && found.unsearched[1].contains("newer"));
    let live = lab.shards[2]
        .rows
        .values()
        .filter(|file| !file.deleted)
        .count();
    assert_eq!(found.total_matched, live as u64);
    assert_eq!(found.results.len(), live.saturating_sub(45));
}
