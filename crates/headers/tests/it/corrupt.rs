//! Damaged files: whatever bytes come, reading ends soon, holds little memory, reads no more than it may, and says what
//! it could not find.

mod built;
mod mutants;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use videocatalog_headers::{Limits, Media, Source, Structure, probe};
use videocatalog_testkit::media;

use crate::compare::FileSource;
use crate::memory;

/// The most that reading one file may hold.
const MOST_MEMORY: usize = 16 << 20;

/// The longest that reading one file may take, in a debug build on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

/// Formats that say how long they are, or how they end: a file cut off in its payload must not count as complete.
/// With each, bytes at the end without which nothing is lost.
const SIZED: &[(&str, usize)] = &[
    ("mp4", 0),
    ("matroska", 0),
    ("avi", 0),
    ("asf", 0),
    ("wav", 0),
    ("aiff", 0),
    ("png", 0),
    ("jpeg", 0),
    ("gif", 0),
    ("bmp", 0),
    // The offset of the next picture: there is none.
    ("tiff", 4),
    ("web_p", 0),
    ("heif", 0),
];

/// A source that counts, so that a reader cannot hide what it reads.
struct Counted<'a> {
    source: &'a mut dyn Source,
    bytes: u64,
    reads: u32,
}

impl Source for Counted<'_> {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.source.read_at(offset, buffer)?;
        self.bytes += count as u64;
        self.reads += 1;
        Ok(count)
    }
}

/// Some bytes, then zeros.
struct Sparse<'a> {
    beginning: &'a [u8],
    length: u64,
}

impl Source for Sparse<'_> {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        let there = self.length.saturating_sub(offset).min(buffer.len() as u64);
        let buffer = &mut buffer[..usize::try_from(there).unwrap()];
        buffer.fill(0);
        let mut beginning = self.beginning;
        let copied = beginning.read_at(offset, buffer)?;
        Ok(copied.max(buffer.len()))
    }
}

/// Reads a source and checks what holds for every file; `what` names it in failures.
fn check(what: &str, source: &mut dyn Source, extension: Option<&str>) -> Option<Media> {
    let limits = Limits::default();
    let length = source.len();
    let mut counted = Counted {
        source,
        bytes: 0,
        reads: 0,
    };
    let began = Instant::now();
    let (media, peak) = memory::peak_of(|| {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            probe(&mut counted, extension, limits)
        }));
        result
            .unwrap_or_else(|_| panic!("{what}: panicked (see above)"))
            .ok()
    });
    let took = began.elapsed();
    assert!(took < LONGEST, "{what}: took {took:?}");
    assert!(peak < MOST_MEMORY, "{what}: held {peak} bytes");
    assert!(
        counted.bytes <= limits.bytes && counted.reads <= limits.reads,
        "{what}: {} bytes in {} reads",
        counted.bytes,
        counted.reads
    );
    if let Some(media) = &media {
        assert_eq!(media.size_bytes, length, "{what}");
        assert_eq!(media.bytes_read, counted.bytes, "{what}");
        if let Some(seconds) = media.duration_s {
            assert!(seconds.is_finite() && seconds > 0.0, "{what}: {seconds} s");
        }
    }
    media
}

fn check_bytes(what: &str, mut bytes: &[u8], extension: Option<&str>) -> Option<Media> {
    check(what, &mut bytes, extension)
}

/// A whole file, small, of some format.
struct Seed {
    /// Such as `mp4/seed.mp4`.
    name: String,
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Seed {
    fn extension(&self) -> Option<&str> {
        Path::new(&self.name).extension()?.to_str()
    }

    fn format(&self) -> &str {
        self.name.split('/').next().unwrap()
    }
}

/// Returns one small file a format or more, made once for all tests.
fn seeds() -> &'static [Seed] {
    static SEEDS: OnceLock<(tempfile::TempDir, Vec<Seed>)> = OnceLock::new();
    let (_, seeds) = SEEDS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let seeds = media::seeds(folder.path())
            .unwrap()
            .into_iter()
            .filter(|made| made.skipped.is_none())
            .map(|made| Seed {
                bytes: std::fs::read(&made.path).unwrap(),
                name: made.name,
                path: made.path,
            })
            .collect();
        (folder, seeds)
    });
    assert!(seeds.len() > 30);
    seeds
}

/// Runs a check on every seed, two at a time.
fn for_each_seed(work: impl Fn(&Seed) + Sync) {
    let (even, odd): (Vec<_>, Vec<_>) = seeds().iter().enumerate().partition(|(n, _)| n % 2 == 0);
    std::thread::scope(|scope| {
        for half in [even, odd] {
            let work = &work;
            scope.spawn(move || half.into_iter().for_each(|(_, seed)| work(seed)));
        }
    });
}

#[test]
fn whole_files_are_not_called_faulty() {
    for seed in seeds() {
        let mut source = FileSource::open(&seed.path).unwrap();
        if let Some(media) = check(&seed.name, &mut source, seed.extension()) {
            let structure = media.structure;
            assert!(!structure.is_faulty(), "{}: {structure:?}", seed.name);
        }
    }
}

#[test]
fn files_cut_off_anywhere_are_read_as_far_as_they_go() {
    for_each_seed(|seed| {
        for length in mutants::cuts(&seed.bytes) {
            let what = format!("{} cut to {length}", seed.name);
            check_bytes(&what, &seed.bytes[..length], seed.extension());
        }
    });
}

#[test]
fn files_that_lack_payload_are_not_complete() {
    for (format, spare) in SIZED {
        for seed in seeds().iter().filter(|seed| seed.format() == *format) {
            let whole = seed.bytes.len() - spare;
            for length in [whole * 3 / 4, whole - whole / 8, whole - 1] {
                let what = format!("{} cut to {length} of {whole}", seed.name);
                let media = check_bytes(&what, &seed.bytes[..length], seed.extension()).unwrap();
                assert_ne!(media.structure, Structure::Complete, "{what}");
            }
        }
    }
}

#[test]
fn zeros_anywhere_do_no_harm() {
    for_each_seed(|seed| {
        for (from, to) in mutants::ranges(seed.bytes.len()) {
            let mut bytes = seed.bytes.clone();
            bytes[from..to].fill(0);
            let what = format!("{} with zeros in {from}..{to}", seed.name);
            check_bytes(&what, &bytes, seed.extension());
        }
    });
}

#[test]
fn flipped_bytes_do_no_harm() {
    for_each_seed(|seed| {
        let mut random = mutants::Random::new(7);
        for number in 0..400 {
            let mut bytes = seed.bytes.clone();
            mutants::flip(&mut bytes, &mut random);
            let what = format!("{} flipped, number {number}", seed.name);
            check_bytes(&what, &bytes, seed.extension());
        }
    });
}

#[test]
fn sizes_that_lie_do_no_harm() {
    for_each_seed(|seed| {
        mutants::lies(&seed.bytes, |offset, lie, bytes| {
            let what = format!("{} with {lie:02x?} at {offset}", seed.name);
            check_bytes(&what, bytes, seed.extension());
        });
    });
}

#[test]
fn parts_cut_out_or_doubled_do_no_harm() {
    for_each_seed(|seed| {
        for (from, to) in mutants::ranges(seed.bytes.len()) {
            let out = [&seed.bytes[..from], &seed.bytes[to..]].concat();
            let what = format!("{} without {from}..{to}", seed.name);
            check_bytes(&what, &out, seed.extension());
            let twice = [&seed.bytes[..to], &seed.bytes[from..]].concat();
            let what = format!("{} with {from}..{to} twice", seed.name);
            check_bytes(&what, &twice, seed.extension());
        }
    });
}

#[test]
fn a_wrong_extension_does_not_change_what_a_file_is() {
    // Bare streams have nothing but their extension to go by.
    for seed in seeds()
        .iter()
        .filter(|seed| seed.format() != "video_stream")
    {
        let right = check_bytes(&seed.name, &seed.bytes, seed.extension());
        for wrong in [None, Some("mp4"), Some("mp3"), Some("h264"), Some("zzz")] {
            let what = format!("{} as {wrong:?}", seed.name);
            let found = check_bytes(&what, &seed.bytes, wrong);
            assert_eq!(
                right.as_ref().map(|media| media.format),
                found.map(|media| media.format),
                "{what}"
            );
        }
    }
}

#[test]
fn a_few_bytes_followed_by_4_gib_of_nothing_end_soon() {
    for_each_seed(|seed| {
        for part in [64, seed.bytes.len() / 2, seed.bytes.len()] {
            let beginning = &seed.bytes[..part.min(seed.bytes.len())];
            let mut source = Sparse {
                beginning,
                length: 4 << 30,
            };
            let what = format!("{} cut to {part} in 4 GiB of zeros", seed.name);
            check(&what, &mut source, seed.extension());
        }
    });
}

#[test]
fn a_sparse_file_is_zeros() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sparse.mp4");
    media::sparse(&path, 4 << 30).unwrap();
    let mut source = FileSource::open(&path).unwrap();
    assert!(check("sparse.mp4", &mut source, Some("mp4")).is_none());
}

#[test]
fn files_built_to_annoy_end_soon() {
    for (what, extension, bytes) in built::files() {
        check_bytes(what, &bytes, Some(extension));
        // The same with nothing behind it but a promise.
        let mut source = Sparse {
            beginning: &bytes,
            length: 1 << 62,
        };
        check(&format!("{what}, 2^62 bytes"), &mut source, Some(extension));
    }
}
