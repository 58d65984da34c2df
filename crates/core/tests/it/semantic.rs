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

use super::lab::Lab;

/// Counts what is embedded, and stops the build after so many texts.
struct Counting {
    inner: Hashed,
    embedded: Arc<AtomicUsize>,
    stop_after: usize,
    cancel: CancelToken,
}

impl TextEmbedder for Counting {
    fn id(&self) -> &str {
        self.inner.id()
    }
    fn dim(&self) -> usize {
        self.inner.dim()
    }
    fn embed(
        &self,
        texts: &[String],
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
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
                inner: Hashed::new(dim),
                embedded: Arc::clone(&self.embedded),
                stop_after,
                cancel: cancel.clone(),
            }),
            name: "counting".into(),
            towers: None,
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
            drive_label: None,
            offset: 0,
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

    lab.file("Films/one more.mkv", b"x");
    fs::rename(
        lab.drive.join("Films/000 film about topic 0.mkv"),
        lab.drive.join("Films/renamed.mkv"),
    )
    .unwrap();
    fs::remove_file(lab.drive.join("Films/001 film about topic 1.mkv")).unwrap();
    scan(&lab);
    let second = desk.build();
    assert_eq!(desk.embedded(), 2, "{second:?}");
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
