//! Gives the films of a scanned drive signatures of keyframes that nobody decoded, one in a hundred like the one before, and
//! says what comparing them costs, all at once and then one that is new: part of `scripts/bench/matching`.

#![allow(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a measurement"
)]

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::fingerprints::{self, FingerprintTask};
use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::catalog::{Access, Journal};
use videocatalog_core::clock::SystemClock;
use videocatalog_core::duplicates::{Job, NearDuplicates, Thresholds, Wanted, near};
use videocatalog_core::fingerprint::{Captured, Kinds};
use videocatalog_core::path::RelPath;
use videocatalog_core::settings::Settings;
use videocatalog_core::workdir::WorkingDir;
use videocatalog_fingerprint::keyframes::Signature;

const NOW: &str = "2026-11-24T00:00:00Z";

/// Numbers from a seed (splitmix64).
struct Noise(u64);

impl Noise {
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ word >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ word >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ word >> 31
    }

    /// About normally distributed, with variance 1.
    fn normal(&mut self) -> f32 {
        let sum: f32 = (0..12)
            .map(|_| (self.word() >> 40) as f32 / (1 << 24) as f32)
            .sum();
        sum - 6.0
    }
}

/// Pictures have strong low frequencies and weak high ones.
fn picture(noise: &mut Noise) -> [f32; 256] {
    std::array::from_fn(|index| {
        let frequency = 1.0 + (index / 16).max(index % 16) as f32;
        noise.normal() / frequency
    })
}

/// Returns a signature as it is stored: 16 frames, nothing cut off, not blank, not standing still.
fn signature(vector: &[f32; 256]) -> Result<Signature, Box<dyn Error>> {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    let mut bytes = vec![1, 16, 0];
    bytes.extend(
        [0_u16, 0, 10_000, 10_000]
            .iter()
            .flat_map(|share| share.to_le_bytes()),
    );
    let floats = [40.0, 0.3]
        .into_iter()
        .chain(vector.map(|value| value / length));
    bytes.extend(floats.flat_map(f32::to_le_bytes));
    Ok(Signature::from_bytes(&bytes)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let home = std::env::args().nth(1).ok_or("usage: matching HOME")?;
    let workdir = WorkingDir::new(PathBuf::from(home));
    let catalog = Catalog::open(&workdir, None, Journal::Wal, &SystemClock, &mut Vec::new())?;
    let began = Instant::now();
    let films = capture(&catalog)?;
    eprintln!(
        "{films} signatures made up in {:.1} s",
        began.elapsed().as_secs_f64()
    );
    catalog
        .connection()
        .execute_batch("DELETE FROM compared; DELETE FROM duplicate_candidates")?;
    let all = compare(&catalog)?;
    catalog.connection().execute_batch(
        "DELETE FROM compared WHERE content = (SELECT max(content) FROM compared)",
    )?;
    let one = compare(&catalog)?;
    let none = compare(&catalog)?;
    let told = |(wall_s, cpu_s, found): &(f64, f64, NearDuplicates)| serde_json::json!({"wall_s": wall_s, "cpu_s": cpu_s, "compared": found.newly_compared, "groups": found.total_groups});
    let document = serde_json::json!({"films": films, "all": told(&all), "one": told(&one), "none": told(&none)});
    serde_json::to_writer(std::io::stdout(), &document)?;
    Ok(())
}

/// Captures signatures that follow from the number of the film, of those that have none.
fn capture(catalog: &Catalog) -> Result<usize, Box<dyn Error>> {
    let kinds = Kinds {
        keyframes: true,
        ..Kinds::default()
    };
    let mut films = 0;
    for drive in catalog.drives()? {
        let shard = catalog.open_shard(&drive, Access::Write)?;
        fingerprints::fill_queue(&shard, kinds, false, &RelPath::root())?;
        let transaction = shard.unchecked_transaction()?;
        let (mut after, mut noise, mut last) = (0, Noise(7), [0.0; 256]);
        loop {
            let tasks = fingerprints::next_tasks(&shard, after, 10_000)?;
            let Some(final_task) = tasks.last() else {
                break;
            };
            after = final_task.file.seq;
            for task in tasks {
                let is_copy = task.file.seq % 100 == 0;
                let own = picture(&mut noise);
                let scale = if is_copy { 0.05 } else { 1.0 };
                let vector = std::array::from_fn(|index| {
                    own[index] * scale + if is_copy { last[index] } else { 0.0 }
                });
                let seconds = length(&mut noise, task.file.seq - i64::from(is_copy));
                let mut task: FingerprintTask = task;
                task.file.duration_s = Some(seconds);
                let captured = Captured {
                    keyframes: Some(signature(&vector)?),
                    ..Captured::default()
                };
                fingerprints::save(&shard, &task, &captured, NOW, task.file.seq)?;
                last = vector;
                films += 1;
            }
        }
        transaction.commit()?;
    }
    Ok(films)
}

/// Four in ten are episodes of about 42 minutes, the others films of one to two and a half hours.
fn length(noise: &mut Noise, number: i64) -> f64 {
    let share = (Noise(number.unsigned_abs()).word() >> 11) as f64 / (1_u64 << 53) as f64;
    let jitter = f64::from(noise.normal());
    if number % 10 < 4 {
        2_520.0 + share * 120.0 + jitter
    } else {
        3_600.0 + share * 5_400.0 + jitter
    }
}

/// Compares what is new; returns wall and CPU seconds as well.
fn compare(catalog: &Catalog) -> Result<(f64, f64, NearDuplicates), Box<dyn Error>> {
    let wanted = Wanted {
        thresholds: Thresholds::from_settings(&Settings::default().fingerprints),
        reason: None,
        least_score: 0.0,
        most: usize::MAX,
        labels: &[],
    };
    let job = Job {
        compares: true,
        now_utc: NOW,
        cancel: &CancelToken::new(),
        tell: &|_, _| {},
    };
    let (began, worked) = (Instant::now(), cpu_s()?);
    let found = near(catalog, &wanted, &job)?.ok_or("cancelled")?;
    Ok((began.elapsed().as_secs_f64(), cpu_s()? - worked, found))
}

/// Returns the CPU seconds of this process so far (Linux).
fn cpu_s() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, rest) = stat.rsplit_once(") ").ok_or("no process")?;
    let ticks = rest.split(' ').skip(11).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? / 100.0)
}
