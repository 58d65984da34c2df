//! The arguments of `fingerprint`, and the flags of a scan that say which fingerprints it captures.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use videocatalog_core::fingerprint::FingerprintOptions;
use videocatalog_core::settings::PhaseMode;

use crate::args::{Output, PerformanceFlags, ProgressStyle};

/// Programs of others that make fingerprints instead of our own code.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ToolPlaces {
    /// Let `tmk-hash-video` make signatures of films: the program, or the folder it lies in
    #[arg(long, value_name = "PATH")]
    pub(crate) tmk_bin: Option<PathBuf>,
    /// Let `fpcalc` make fingerprints of sound: the program, or the folder it lies in
    #[arg(long, value_name = "PATH")]
    pub(crate) fpcalc: Option<PathBuf>,
}

/// `fingerprint`.
#[derive(Debug, Args)]
pub(crate) struct FingerprintArgs {
    /// The drive's label
    #[arg(long)]
    pub(crate) label: String,
    /// The folder that is the drive's root, if it is not where it was
    #[arg(long, value_name = "FOLDER")]
    pub(crate) mount: Option<PathBuf>,
    /// Only this folder below the root
    #[arg(long, value_name = "SUBDIR")]
    pub(crate) only: Option<PathBuf>,
    /// TMK+PDQF signatures of films: finds films encoded again; every frame is decoded, which takes long
    #[arg(long)]
    pub(crate) video_tmk: bool,
    /// Chromaprint fingerprints of sound, also of films': finds the same recording in any format
    #[arg(long)]
    pub(crate) audio_chroma: bool,
    /// Signatures of a few keyframes of films: quick. Without any of these three: what the settings say, else sound and these
    #[arg(long, overrides_with = "no_prefilter")]
    pub(crate) prefilter: bool,
    /// No signatures of keyframes
    #[arg(long)]
    pub(crate) no_prefilter: bool,
    /// Capture again what was captured before
    #[arg(long)]
    pub(crate) again: bool,
    /// This is the drive, whatever its identity says
    #[arg(long)]
    pub(crate) accept_drive: bool,
    #[command(flatten)]
    pub(crate) places: ToolPlaces,
    /// Files at once
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<usize>,
    /// Files per commit
    #[arg(long, value_name = "N")]
    pub(crate) batch_size: Option<usize>,
    /// Milliseconds of rest after each batch; more on USB and network drives
    #[arg(long, value_name = "MS")]
    pub(crate) io_ms: Option<u64>,
    /// Seconds that one call to the drive may take before it is abandoned
    #[arg(long, value_name = "N")]
    pub(crate) op_timeout: Option<u64>,
    #[command(flatten)]
    pub(crate) performance: PerformanceFlags,
    #[command(flatten)]
    pub(crate) output: Output,
    /// How to show progress on stderr
    #[arg(long, value_enum, default_value_t = ProgressStyle::Auto)]
    pub(crate) progress: ProgressStyle,
}

impl FingerprintArgs {
    /// Changes what the settings say to what the flags say.
    pub(crate) fn apply(&self, options: &mut FingerprintOptions) {
        let kinds = &mut options.kinds;
        if self.video_tmk || self.audio_chroma || self.prefilter {
            kinds.video = self.video_tmk;
            kinds.sound = self.audio_chroma;
            kinds.keyframes = self.prefilter;
        } else if kinds.is_empty() {
            kinds.sound = true;
            kinds.keyframes = true;
        }
        kinds.keyframes &= !self.no_prefilter;
        pace(options, self.workers, self.batch_size, self.io_ms);
    }
}

/// Flags of a scan.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Fingerprints")]
pub(crate) struct FingerprintFlags {
    /// Capture TMK+PDQF signatures of films
    #[arg(long)]
    pub(crate) fingerprint_video_tmk: bool,
    /// Capture Chromaprint fingerprints of sound, also of films'
    #[arg(long)]
    pub(crate) fingerprint_audio_chroma: bool,
    /// Capture signatures of keyframes of films
    #[arg(long, overrides_with = "no_prefilter_vhash")]
    pub(crate) fingerprint_prefilter_vhash: bool,
    /// No signatures of keyframes
    #[arg(long)]
    pub(crate) no_prefilter_vhash: bool,
    /// When: not at all, before other programs make pictures and checks, or after all else
    #[arg(long, value_name = "PHASE", value_parser = ["off", "during-scan", "post-scan"])]
    pub(crate) fingerprint_phase: Option<String>,
    /// Files at once
    #[arg(long, value_name = "N")]
    pub(crate) fingerprint_workers: Option<usize>,
    /// Milliseconds of rest after each batch
    #[arg(long, value_name = "MS")]
    pub(crate) fingerprint_io_ms: Option<u64>,
    /// Files per commit
    #[arg(long, value_name = "N")]
    pub(crate) fingerprint_batch_size: Option<usize>,
    #[command(flatten)]
    pub(crate) places: ToolPlaces,
}

impl FingerprintFlags {
    /// Changes what the settings say to what the flags say.
    pub(crate) fn apply(&self, options: &mut FingerprintOptions, has_prefilter: bool) {
        let kinds = &mut options.kinds;
        kinds.video |= self.fingerprint_video_tmk;
        kinds.sound |= self.fingerprint_audio_chroma;
        kinds.keyframes = !self.no_prefilter_vhash
            && (self.fingerprint_prefilter_vhash || has_prefilter && (kinds.video || kinds.sound));
        let phase = self.fingerprint_phase.as_deref();
        if let Some(phase) = phase.and_then(PhaseMode::from_name) {
            options.phase = phase;
        }
        pace(
            options,
            self.fingerprint_workers,
            self.fingerprint_batch_size,
            self.fingerprint_io_ms,
        );
    }
}

fn pace(
    options: &mut FingerprintOptions,
    workers: Option<usize>,
    batch_files: Option<usize>,
    rest_ms: Option<u64>,
) {
    options.workers = workers.unwrap_or(options.workers).clamp(1, 64);
    options.batch_files = batch_files.unwrap_or(options.batch_files).max(1);
    options.rest = rest_ms.map_or(options.rest, Duration::from_millis);
}
