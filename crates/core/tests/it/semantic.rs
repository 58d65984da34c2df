//! Search by meaning: only what changed is embedded again, an interrupted build ends as another does, and what is said in a
//! film is found with its time.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::semantic::SemanticDb;
use videocatalog_core::clock::TestClock;
use videocatalog_core::event::NullSink;
use videocatalog_core::scan::{self, Mode};
use videocatalog_core::search::Searcher;
use videocatalog_core::search::query::Context;
use videocatalog_core::semantic::Mode as How;
use videocatalog_core::semantic::{
    Around, BuildStats, Embedders, Evidence, SemanticError, SemanticOptions, SemanticQuery,
    SemanticResult, What, build, open_embedders, search, status,
};
use videocatalog_core::settings::Settings;
use videocatalog_models::runtime::{ModelError, Runtime};
use videocatalog_models::text::{Hashed, TextEmbedder};

use super::lab::{Lab, set_mtime};

/// Counts what is embedded, and stops the build after so many texts.
struct Counting {
    id: String,
    inner: Hashed,
    embedded: Arc<AtomicUsize>,
    stop_after: usize,
    cancel: CancelToken,
}

impl TextEmbedder for Counting {
    fn id(&self) -> &str {
        &self.id
    }
    fn dim(&self) -> usize {
        self.inner.dim()
    }
    fn embed(
        &self,
        texts: &[String],
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        if texts.iter().any(|text| text.contains("unspeakable")) {
            return Err(ModelError::Output("numbers that are none".into()));
        }
        let before = self.embedded.fetch_add(texts.len(), Ordering::Relaxed);
        if before + texts.len() > self.stop_after {
            self.cancel.cancel();
        }
        self.inner.embed(texts, is_stopped)
    }
}

struct Desk<'l> {
    lab: &'l Lab,
    options: SemanticOptions,
    embedded: Arc<AtomicUsize>,
}

impl<'l> Desk<'l> {
    fn new(lab: &'l Lab) -> Self {
        let mut options =
            SemanticOptions::from_settings(&Settings::default().semantic, &lab.workdir());
        options.chunk = 7;
        options.batch = 3;
        Self {
            lab,
            options,
            embedded: Arc::default(),
        }
    }

    fn embedders(&self, dim: usize, stop_after: usize, cancel: &CancelToken) -> Embedders {
        Embedders {
            text: Box::new(Counting {
                id: format!("counting {dim}"),
                inner: Hashed::new(dim),
                embedded: Arc::clone(&self.embedded),
                stop_after,
                cancel: cancel.clone(),
            }),
            name: "counting".into(),
            towers: None,
            is_stand_in: false,
            warnings: Vec::new(),
        }
    }

    fn build_until(&self, dim: usize, stop_after: usize) -> BuildStats {
        let cancel = CancelToken::new();
        build(
            &self.lab.catalog(),
            &self.options,
            &self.embedders(dim, stop_after, &cancel),
            What::Everything,
            &cancel,
            &TestClock::at(0),
            &NullSink,
        )
        .unwrap()
    }

    fn build(&self) -> BuildStats {
        self.build_until(64, usize::MAX)
    }

    /// Returns how many texts were embedded since the last time.
    fn embedded(&self) -> usize {
        self.embedded.swap(0, Ordering::Relaxed)
    }

    fn try_search(&self, text: &str, mode: How) -> Result<SemanticResult, SemanticError> {
        self.page(text, mode, &[], 0)
    }

    fn page(
        &self,
        text: &str,
        mode: How,
        drive_labels: &[String],
        offset: usize,
    ) -> Result<SemanticResult, SemanticError> {
        let cancel = CancelToken::new();
        let around = Around {
            catalog: &self.lab.catalog(),
            searcher: &Searcher::default(),
            options: &self.options,
            embedders: &self.embedders(64, usize::MAX, &cancel),
            when: &Context::new(0, || jiff::tz::TimeZone::UTC),
            is_online: &|_| false,
            is_stopped: &|| false,
        };
        let request = SemanticQuery {
            text,
            mode,
            drive_labels,
            offset,
            limit: 10,
        };
        search(&around, &request)
    }

    fn search(&self, text: &str, mode: How) -> SemanticResult {
        self.try_search(text, mode).unwrap()
    }

    fn first(&self, text: &str, mode: How) -> String {
        let found = self.search(text, mode);
        let first = found.results.into_iter().next();
        first.map(|hit| hit.place.rel_path).unwrap_or_default()
    }

    /// Returns every text with its file and its vector, whatever its number.
    fn contents(&self) -> Vec<(String, String, Vec<u8>)> {
        let connection = rusqlite::Connection::open(&self.options.path).unwrap();
        let mut statement = connection
            .prepare(
                "SELECT CAST(f.rel_path AS TEXT), d.kind || coalesce(d.start_ms, '') || d.content, e.vec
                   FROM documents d JOIN files f ON f.id = d.file JOIN embeddings e ON e.document_id = d.id",
            )
            .unwrap();
        let rows = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .unwrap();
        let mut rows: Vec<_> = rows.map(Result::unwrap).collect();
        rows.sort();
        rows
    }
}

fn scanned() -> Lab {
    let lab = Lab::new();
    for number in 0..200 {
        lab.file(
            &format!("Films/{number:03} film about topic {}.mkv", number % 17),
            b"x",
        );
    }
    lab.file("Holiday/BeachInCrete_2015.mp4", b"x");
    scan(&lab);
    lab
}

fn scan(lab: &Lab) {
    lab.scan(Mode::Inventory);
}

#[test]
fn a_rescan_that_changes_one_in_a_hundred_embeds_one_in_a_hundred() {
    let lab = scanned();
    let desk = Desk::new(&lab);
    let first = desk.build();
    assert_eq!(
        (first.processed, first.updated, first.shards),
        (201, 201, 1)
    );
    assert_eq!(desk.embedded(), 201);
    assert_eq!(desk.build().skipped, 201);
    assert_eq!(desk.embedded(), 0);

    assert!(desk.search("film", How::Text).warnings.is_empty());
    lab.file("Films/one more.mkv", b"x");
    fs::rename(
        lab.drive.join("Films/000 film about topic 0.mkv"),
        lab.drive.join("Films/renamed.mkv"),
    )
    .unwrap();
    fs::remove_file(lab.drive.join("Films/001 film about topic 1.mkv")).unwrap();
    scan(&lab);
    let behind = &desk.search("film", How::Text).warnings[0];
    assert!(behind.contains("not all of `Test`"), "{behind}");
    let second = desk.build();
    assert_eq!(desk.embedded(), 2, "{second:?}");
    assert!(desk.search("film", How::Text).warnings.is_empty());
    assert_eq!((second.updated, second.removed), (2, 1));
    assert_eq!(desk.first("renamed", How::Text), "Films/renamed.mkv");
    assert_eq!(desk.search("\"000\"", How::Text).results.len(), 0);
    // What is vanished is not found either, not even by the vectors beside the index.
    let found = desk.search("001 film about topic 1", How::Ann);
    assert!(
        found
            .results
            .iter()
            .all(|hit| !hit.place.rel_path.contains("001"))
    );
}

#[test]
fn an_interrupted_build_ends_as_another_does() {
    let whole = scanned();
    let reference = Desk::new(&whole);
    reference.build();
    let lab = scanned();
    let desk = Desk::new(&lab);
    let mut runs = 0;
    loop {
        runs += 1;
        let stats = desk.build_until(64, 40);
        let done = desk.embedded();
        if !stats.stopped {
            break;
        }
        assert!(done > 0 && runs < 50);
    }
    assert!(runs > 3, "{runs}");
    assert_eq!(desk.contents(), reference.contents());
}

#[test]
fn another_model_embeds_all_anew_and_until_then_says_so() {
    let lab = scanned();
    let desk = Desk::new(&lab);
    desk.build_until(32, usize::MAX);
    assert_eq!(desk.embedded(), 201);
    let found = desk.search("beach", How::Hybrid);
    assert!(
        found.warnings[0].contains("another model"),
        "{:?}",
        found.warnings
    );
    assert_eq!(
        found.results[0].place.rel_path,
        "Holiday/BeachInCrete_2015.mp4"
    );
    desk.build();
    assert_eq!(desk.embedded(), 201);
    assert_eq!(
        desk.first("beaches in crete", How::Ann),
        "Holiday/BeachInCrete_2015.mp4"
    );
    assert_eq!(status(&desk.options).unwrap().vector_dim, 64);
}

#[test]
fn what_is_said_is_found_with_its_time_in_the_film_it_belongs_to() {
    let lab = scanned();
    lab.file("Films/Speech.mkv", b"x");
    lab.file(
        "Films/Speech.en.srt",
        b"1\n00:00:01,000 --> 00:00:03,000\nMy fellow citizens.\n\n2\n00:12:31,500 --> 00:12:35,000\nAsk not what your country can do for you\n\n",
    );
    let mut request = lab.request(Mode::Delta);
    request.options.media.tools = false;
    scan::run(&request, &lab.catalog(), &lab.outside()).unwrap();
    let desk = Desk::new(&lab);
    desk.build();
    for mode in [How::Text, How::Hybrid, How::Ann] {
        let found = desk.search("ask not what your country", mode);
        let hit = &found.results[0];
        assert_eq!(
            hit.place.rel_path, "Films/Speech.mkv",
            "{mode:?}: {found:?}"
        );
        let said = Evidence::Said {
            at: Some("00:12:31".into()),
            at_s: Some(751),
        };
        assert!(hit.why.contains(&said), "{:?}", hit.why);
        assert!(
            hit.snippet.as_ref().unwrap().to_lowercase().contains("ask"),
            "{hit:?}"
        );
    }
    assert_eq!(status(&desk.options).unwrap().spoken_files, 1);
}

#[test]
fn conditions_and_drives_narrow_what_is_meant() {
    let lab = scanned();
    let desk = Desk::new(&lab);
    desk.build();
    let found = desk.search("film beach ext:mp4", How::Hybrid);
    assert_eq!(found.results.len(), 1);
    assert_eq!(desk.search("film ext:mkv", How::Ann).total, 200);
    assert!(desk.search("   ", How::Ann).results.is_empty());
    assert!(matches!(
        desk.try_search("x size:>nonsense", How::Ann),
        Err(SemanticError::Query(_))
    ));
    for odd in [
        "\"",
        "*",
        "NEAR(",
        "a AND",
        "\u{0}",
        "'; DROP TABLE documents; --",
        "🎬",
    ] {
        desk.search(odd, How::Hybrid);
    }
}

#[test]
fn conditions_mean_what_they_mean_elsewhere() {
    let lab = scanned();
    let desk = Desk::new(&lab);
    desk.build();
    let total = |text: &str| desk.search(text, How::Ann).total;
    assert_eq!(total("film (ext:mp4 OR ext:mkv)"), 201);
    assert_eq!(total("film NOT ext:mkv"), 1);
    assert_eq!(total("film -crete"), 200);
    for mixed in ["film ext:mkv OR ext:mp4", "(film ext:mkv)"] {
        let refused = desk.try_search(mixed, How::Ann);
        assert!(matches!(refused, Err(SemanticError::Query(_))), "{mixed}");
    }
    let alone = desk.search("ext:mkv", How::Ann);
    assert!(alone.results.is_empty() && alone.warnings[0].contains("videocatalog search"));
}

#[test]
fn names_with_joints_are_found_as_they_are_written() {
    let lab = Lab::new();
    lab.file("Photos/IMG1234.jpg", b"x");
    lab.file("Series/Show.s01e02.mkv", b"x");
    lab.file("Travel/HolidayInRome.mp4", b"x");
    lab.file("Travel/Rome in winter.mp4", b"x");
    lab.file("Travel/日本語の映画.mp4", b"x");
    lab.file("Travel/U\u{308}bersee.mp4", b"x");
    scan(&lab);
    let desk = Desk::new(&lab);
    desk.build();
    for (query, expected) in [
        ("IMG1234", "Photos/IMG1234.jpg"),
        ("img 1234", "Photos/IMG1234.jpg"),
        ("S01E02", "Series/Show.s01e02.mkv"),
        ("HolidayInRome", "Travel/HolidayInRome.mp4"),
        ("\u{dc}bersee", "Travel/U\u{308}bersee.mp4"),
        ("U\u{308}bersee", "Travel/U\u{308}bersee.mp4"),
        ("日本語", "Travel/日本語の映画.mp4"),
        ("\"in rome\"", "Travel/HolidayInRome.mp4"),
    ] {
        assert_eq!(desk.first(query, How::Text), expected, "{query}");
    }
}

#[test]
fn what_is_gone_hides_nothing_that_is_left() {
    let lab = Lab::new();
    for number in 0..600 {
        lab.file(&format!("Weddings/wedding {number}.mp4"), b"x");
    }
    lab.file("Other/wedding cake at the lake.mp4", b"x");
    scan(&lab);
    let desk = Desk::new(&lab);
    desk.build();
    fs::remove_dir_all(lab.drive.join("Weddings")).unwrap();
    let mut request = lab.request(Mode::Inventory);
    request.accept_missing = true;
    scan::run(&request, &lab.catalog(), &lab.outside()).unwrap();
    assert_eq!(desk.build().removed, 600);
    assert_eq!(
        desk.first("wedding", How::Ann),
        "Other/wedding cake at the lake.mp4"
    );
}

#[test]
fn pages_follow_one_another() {
    let lab = scanned();
    let desk = Desk::new(&lab);
    desk.build();
    for mode in [How::Ann, How::Text, How::Hybrid] {
        let mut seen = std::collections::HashSet::new();
        let mut offset = 0;
        loop {
            let page = desk.page("film about topic 3", mode, &[], offset).unwrap();
            for hit in &page.results {
                assert_eq!(hit.rank, offset + 1);
                assert!(seen.insert(hit.file_id), "{mode:?} {offset}");
                offset += 1;
            }
            assert!(page.results.len() == 10 || !page.truncated);
            if !page.truncated {
                break;
            }
        }
        assert!(
            seen.len() >= 200 && seen.len() <= 201,
            "{mode:?}: {}",
            seen.len()
        );
    }
}

#[test]
fn a_weight_of_nothing_is_not_asked() {
    let lab = scanned();
    let mut desk = Desk::new(&lab);
    desk.build();
    desk.options.hybrid_weight = Some(0.0);
    let text = desk.search("beach", How::Text);
    let found = desk.search("beach", How::Hybrid);
    assert_eq!((found.total, found.results.len()), (text.total, 1));
    desk.options.hybrid_weight = Some(1.0);
    assert!(desk.search("beach", How::Hybrid).total > 1);
}

#[test]
fn a_text_of_which_the_model_makes_nothing_costs_only_itself() {
    let lab = scanned();
    lab.file("Films/the unspeakable.mkv", b"x");
    scan(&lab);
    let desk = Desk::new(&lab);
    let built = desk.build();
    assert_eq!((built.updated, built.skipped), (202, 0));
    assert_eq!(
        desk.first("unspeakable", How::Text),
        "Films/the unspeakable.mkv"
    );
    assert_eq!(
        desk.first("beach crete", How::Ann),
        "Holiday/BeachInCrete_2015.mp4"
    );
    let hybrid = desk.search("unspeakable", How::Hybrid);
    assert_eq!(
        hybrid.results[0].place.rel_path,
        "Films/the unspeakable.mkv"
    );
    assert!(hybrid.warnings[0].contains("only words"), "{hybrid:?}");
    assert_eq!(desk.build().skipped, 202);
}

#[test]
fn headers_that_are_read_again_embed_nothing_again() {
    let lab = Lab::new();
    lab.file(
        "Films/a.srt",
        b"1\n00:00:01,000 --> 00:00:02,000\nHello there\n\n",
    );
    lab.file("Films/b.mkv", b"x");
    let delta = || {
        let mut request = lab.request(Mode::Full);
        request.options.media.tools = false;
        scan::run(&request, &lab.catalog(), &lab.outside()).unwrap();
    };
    delta();
    let desk = Desk::new(&lab);
    desk.build();
    let first = desk.embedded();
    assert!(first >= 3, "{first}");
    delta();
    let again = desk.build();
    assert_eq!((desk.embedded(), again.updated), (0, 0), "{again:?}");
    // As long as before, and about something else.
    let words = b"1\n00:00:01,000 --> 00:00:02,000\nHowdy folks\n\n";
    set_mtime(&lab.file("Films/a.srt", words), 1_700_000_000_000_000);
    delta();
    desk.build();
    assert_eq!(desk.embedded(), 1, "the passage, and not the name");
    assert_eq!(desk.first("howdy", How::Text), "Films/a.srt");
}

#[test]
fn a_model_that_cannot_be_used_costs_no_vectors() {
    let lab = scanned();
    let desk = Desk::new(&lab);
    desk.build();
    let cancel = CancelToken::new();
    let build_by = |embedders: &Embedders, what| {
        build(
            &lab.catalog(),
            &desk.options,
            embedders,
            what,
            &cancel,
            &TestClock::at(0),
            &NullSink,
        )
    };
    let stand_in = Embedders {
        is_stand_in: true,
        text: Box::new(Hashed::new(64)),
        ..desk.embedders(64, usize::MAX, &cancel)
    };
    desk.embedded();
    let refused = build_by(&stand_in, What::Everything);
    assert!(
        matches!(&refused, Err(SemanticError::ModelMissing { .. })),
        "{refused:?}"
    );
    assert_eq!(desk.embedded(), 0);
    assert_eq!(
        desk.first("beach in crete", How::Ann),
        "Holiday/BeachInCrete_2015.mp4"
    );
    assert_eq!(build_by(&stand_in, What::Anew).unwrap().updated, 201);
}

#[test]
fn what_is_no_index_is_left_alone() {
    let lab = scanned();
    let mut desk = Desk::new(&lab);
    let film = lab.workdir().root().join("film.mkv");
    fs::write(&film, vec![7; 10_000]).unwrap();
    let catalogue = lab.workdir().root().join("data/catalog.db");
    let build_at = |desk: &Desk<'_>| {
        let cancel = CancelToken::new();
        build(
            &lab.catalog(),
            &desk.options,
            &desk.embedders(64, usize::MAX, &cancel),
            What::Everything,
            &cancel,
            &TestClock::at(0),
            &NullSink,
        )
    };
    for path in [film, catalogue] {
        let before = fs::read(&path).unwrap();
        desk.options.path = path;
        let refused = build_at(&desk);
        assert!(
            matches!(refused, Err(SemanticError::NotAnIndex { .. })),
            "{refused:?}"
        );
        assert_eq!(fs::read(&desk.options.path).unwrap(), before);
    }
    // A device is not renamed, and a pipe not waited for.
    let pipe = lab.workdir().root().join("pipe");
    #[cfg(target_os = "linux")]
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
    #[cfg(not(target_os = "linux"))]
    fs::create_dir(&pipe).unwrap();
    let device = cfg!(unix).then(|| "/dev/null".into());
    let folder = lab.workdir().root().join("data");
    for path in [pipe, folder].into_iter().chain(device) {
        desk.options.path = path;
        let refused = build_at(&desk);
        assert!(
            matches!(refused, Err(SemanticError::NotAnIndex { .. })),
            "{refused:?}"
        );
        desk.search("beach", How::Text);
        assert_eq!(status(&desk.options).unwrap().files, 0);
    }
    // Nothing is written to a drive, nor among the databases of drives.
    for path in [
        lab.drive.join("index.db"),
        lab.workdir().shards().join("index.db"),
        lab.workdir().root().join("index.vectors"),
    ] {
        desk.options.path = path;
        let refused = build_at(&desk);
        assert!(
            matches!(refused, Err(SemanticError::WrongPlace { .. })),
            "{refused:?}"
        );
        assert!(!desk.options.path.exists());
        assert!(!desk.options.path.with_extension("db.lock").exists());
    }
    let empty = lab.workdir().root().join("empty.db");
    fs::write(&empty, b"").unwrap();
    desk.options.path = empty;
    assert_eq!(build_at(&desk).unwrap().updated, 201);
}

#[test]
fn a_film_with_many_passages_leaves_room_for_others() {
    use std::fmt::Write;
    let lab = Lab::new();
    let mut lines = String::new();
    for minute in 0..300 {
        write!(
            lines,
            "{0}\n{1:02}:{2:02}:00,000 --> {1:02}:{2:02}:30,000\nThe lecture goes on about whales\n\n",
            minute + 1,
            minute / 60,
            minute % 60
        )
        .unwrap();
    }
    lab.file("Lecture.mkv", b"x");
    lab.file("Lecture.srt", lines.as_bytes());
    for number in 0..30 {
        lab.file(&format!("whales {number}.mkv"), b"x");
    }
    let mut request = lab.request(Mode::Delta);
    request.options.media.tools = false;
    scan::run(&request, &lab.catalog(), &lab.outside()).unwrap();
    let desk = Desk::new(&lab);
    desk.build();
    for mode in [How::Ann, How::Text, How::Hybrid] {
        let found = desk.search("the lecture goes on about whales", mode);
        assert_eq!(found.results.len(), 10, "{mode:?}");
        assert!(
            found.truncated && found.total >= 31,
            "{mode:?} {}",
            found.total
        );
    }
}

#[test]
fn subtitles_in_a_folder_of_their_own_are_the_films() {
    let lab = Lab::new();
    let words = b"1\n00:00:05,000 --> 00:00:06,000\nWhere is the lighthouse\n\n";
    lab.file("One/Film.mkv", b"x");
    lab.file("One/Subs/2_English.srt", words);
    lab.file("Two/Other.mkv", b"x");
    lab.file(
        "Two/Other.en.forced.srt",
        b"1\n00:00:05,000 --> 00:00:06,000\nBonjour\n\n",
    );
    lab.file("Two/empty.mkv", b"x");
    lab.file("Two/empty.srt", b"");
    let mut request = lab.request(Mode::Delta);
    request.options.media.tools = false;
    scan::run(&request, &lab.catalog(), &lab.outside()).unwrap();
    let desk = Desk::new(&lab);
    desk.build();
    assert_eq!(desk.first("lighthouse", How::Text), "One/Film.mkv");
    assert_eq!(desk.first("bonjour", How::Text), "Two/Other.mkv");
}

#[test]
fn an_index_of_another_program_is_kept_aside_and_one_that_is_damaged_too() {
    let lab = scanned();
    let desk = Desk::new(&lab);
    let path = &desk.options.path;
    let legacy = rusqlite::Connection::open(path).unwrap();
    legacy
        .execute_batch(
            "CREATE TABLE semantic_documents(id INTEGER PRIMARY KEY, drive_label TEXT, path TEXT);",
        )
        .unwrap();
    drop(legacy);
    assert!(desk.search("beach", How::Ann).warnings[0].contains("no semantic index"));
    desk.build();
    assert_eq!(
        desk.first("beach", How::Text),
        "Holiday/BeachInCrete_2015.mp4"
    );
    fs::write(path, vec![7; 10_000]).unwrap();
    desk.build();
    assert_eq!(
        desk.first("beach", How::Text),
        "Holiday/BeachInCrete_2015.mp4"
    );
    let aside = fs::read_dir(lab.workdir().root()).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name().into_string().unwrap();
        name.starts_with("semantic_index.db.") && name.contains(".bak")
    });
    assert!(aside.count() >= 1);
}

#[test]
fn vectors_beside_an_index_are_used_only_if_they_are_its_own() {
    let lab = scanned();
    let desk = Desk::new(&lab);
    desk.build();
    let sidecar = desk.options.path.with_extension("vectors");
    let right = desk.search("beach in crete", How::Ann).results;
    let places = |hits: &[videocatalog_core::semantic::SemanticHit]| -> Vec<(String, String)> {
        let place = |hit: &videocatalog_core::semantic::SemanticHit| {
            (hit.place.rel_path.clone(), format!("{:.4}", hit.score))
        };
        hits.iter().map(place).collect()
    };
    let good = fs::read(&sidecar).unwrap();
    let mut other = good.clone();
    other[40] ^= 1;
    for bytes in [
        None,
        Some(&good[..good.len() - 1]),
        Some(&good[..20]),
        Some(&other[..]),
        Some(&b"x"[..]),
    ] {
        match bytes {
            None => fs::remove_file(&sidecar).unwrap(),
            Some(bytes) => fs::write(&sidecar, bytes).unwrap(),
        }
        let found = desk.search("beach in crete", How::Ann).results;
        assert_eq!(places(&found), places(&right));
    }
    // Another index' vectors, which are whole.
    let second = scanned();
    let foreign = Desk::new(&second);
    foreign.build();
    fs::copy(foreign.options.path.with_extension("vectors"), &sidecar).unwrap();
    assert_eq!(
        places(&desk.search("beach in crete", How::Ann).results),
        places(&right)
    );
    assert!(
        SemanticDb::open_to_read(&desk.options.path)
            .unwrap()
            .is_some()
    );
}

#[test]
fn models_that_cannot_be_used_are_told_and_the_built_in_one_serves() {
    let lab = scanned();
    let models = lab.workdir().models();
    let folder = models.join("broken");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("model.onnx"), b"no model").unwrap();
    fs::write(folder.join("tokenizer.json"), b"{}").unwrap();
    let mut options = Desk::new(&lab).options;
    let runtime = Runtime::embedded(1);
    let embedders = open_embedders(&options, &lab.workdir(), &runtime);
    assert!(embedders.text.id().starts_with("built-in"));
    assert_eq!(embedders.warnings.len(), 1, "{:?}", embedders.warnings);
    let mut told = BTreeMap::new();
    for named in ["https://hub/model", "nowhere", "broken", "built-in"] {
        options.text_embedder = Some(named.into());
        let embedders = open_embedders(&options, &lab.workdir(), &runtime);
        assert!(embedders.text.id().starts_with("built-in"));
        told.insert(named, embedders.warnings.join("; "));
    }
    assert!(told["https://hub/model"].contains("nothing is fetched"));
    assert!(told["nowhere"].contains("neither in"));
    assert!(told["broken"].contains("not a usable model"), "{told:?}");
    assert_eq!(told["built-in"], "");
}

/// Nobody builds while somebody else does.
#[test]
fn two_builds_at_once_are_one() {
    let lab = scanned();
    let desk = Desk::new(&lab);
    let seen = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let desk = Desk::new(&lab);
                let cancel = CancelToken::new();
                let embedders = desk.embedders(64, usize::MAX, &cancel);
                let built = build(
                    &lab.catalog(),
                    &desk.options,
                    &embedders,
                    What::Everything,
                    &cancel,
                    &TestClock::at(0),
                    &NullSink,
                );
                seen.lock().unwrap().push(built);
            });
        }
    });
    let seen = seen.into_inner().unwrap();
    assert!(seen.iter().any(Result::is_ok));
    for built in seen {
        if let Err(error) = built {
            assert!(matches!(error, SemanticError::Busy(_)), "{error}");
        }
    }
    assert_eq!(desk.build().skipped, 201);
}

#[test]
fn a_scan_brings_the_index_up_to_date_where_settings_say_so() {
    use videocatalog_core::settings::{Gate, PhaseMode};
    let lab = Lab::new();
    lab.file("Holiday/BeachInCrete_2015.mp4", b"x");
    let path = lab.workdir().root().join("semantic_index.db");
    let scan = |phase: PhaseMode, gate: Gate| {
        let mut request = lab.request(Mode::Delta);
        request.options.media.tools = false;
        request.options.semantic.enabled_default = true;
        request.options.semantic.phase_mode = phase;
        request.options.semantic.index_phase = gate;
        scan::run(&request, &lab.catalog(), &lab.outside()).unwrap()
    };
    lab.scan(Mode::Delta);
    assert!(!path.exists());
    scan(PhaseMode::Off, Gate::Manual);
    scan(PhaseMode::PostScan, Gate::Off);
    assert!(!path.exists());
    scan(PhaseMode::PostScan, Gate::Manual);
    let options = SemanticOptions::from_settings(&Settings::default().semantic, &lab.workdir());
    assert_eq!(status(&options).unwrap().files, 1);
    lab.file("Holiday/second.mp4", b"y");
    scan(PhaseMode::DuringScan, Gate::Manual);
    assert_eq!(status(&options).unwrap().files, 2);
}
