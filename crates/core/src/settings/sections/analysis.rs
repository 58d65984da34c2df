//! Settings of fingerprints, light analysis and the graphics card.

use std::path::PathBuf;

use super::section;
use crate::settings::choices::{AnnBackend, GpuPolicy, PhaseMode};
use crate::settings::key::{Key, Kind, Rule, within};

section! {
    /// Fingerprints for finding duplicates.
    Fingerprints at "fingerprints." {
        /// Whether videos get a TMK+PDQF signature.
        enable_video_tmk: bool = Rule::boolean(false),
        /// Whether sound gets a Chromaprint fingerprint.
        enable_audio_chroma: bool = Rule::boolean(false),
        /// Whether videos get a short hash that saves comparisons of signatures.
        enable_video_vhash_prefilter: bool = Rule::boolean(true),
        /// When a scan takes fingerprints; an unknown word means never.
        phase_mode: PhaseMode = Rule::choice_or("post-scan", PhaseMode::NAMES, "off"),
        /// Threads that take fingerprints.
        max_concurrency: usize = Rule::integer(2, within(1, 64)),
        /// Files per commit.
        batch_size: usize = Rule::integer(50, within(1, 100_000)),
        /// Milliseconds of rest after each batch; more on USB and network drives.
        io_gentle_ms: u64 = Rule::integer(120, within(0, 600_000)),
        /// The TMK tools, or the folder they lie in; relative to the working directory.
        tmk_bin_path: Option<PathBuf> = Rule::optional(Kind::File),
        /// The fpcalc program, or the folder it lies in; relative to the working directory.
        fpcalc_path: Option<PathBuf> = Rule::optional(Kind::File),
        /// The similarity from which two videos match, 0 to 1.
        tmk_similarity_threshold: f64 = Rule::number(0.75, 0.0, 1.0),
        /// The distance up to which two soundtracks match, 0 to 1.
        chroma_match_threshold: f64 = Rule::number(0.15, 0.0, 1.0),
        /// Whether picture and sound are judged together.
        consensus_enabled: bool = Rule::boolean(true),
        /// The picture's share in that judgement, 0 to 1; the rest is the sound's.
        consensus_video_weight: f64 = Rule::number(0.7, 0.0, 1.0),
    }
}

section! {
    /// Light analysis of pictures and video frames.
    LightAnalysis at "light_analysis." {
        /// Whether scans analyse without being asked.
        enabled_default: bool = Rule::boolean(false),
        /// The ONNX model, relative to the working directory; null for `models/mobilenetv3-small.onnx` there.
        model_path: Option<PathBuf> = Rule::optional(Kind::File),
        /// Frames taken of a video.
        max_video_frames: usize = Rule::integer(2, within(1, 1_000)),
        /// Whether ffmpeg is preferred for taking frames.
        prefer_ffmpeg: bool = Rule::boolean(true),
        ;
        /// Embeddings by a model of text and pictures.
        semantic: LightSemantic,
        /// Transcripts of sound.
        transcription: LightTranscription,
        /// Descriptions of pictures.
        captions: LightCaptions,
        /// The index of nearest neighbours.
        ann: LightAnn,
    }
}

section! {
    /// Embeddings by a model of text and pictures.
    LightSemantic at "light_analysis.semantic." {
        /// Whether they are wanted.
        enabled: bool = Rule::boolean(true),
        /// The model's name.
        model: String = Rule::text("ViT-B-32"),
        /// The name of the model's weights.
        pretrained: String = Rule::text("laion2b_s34b_b79k"),
        /// How much a frame must differ for a scene to begin.
        scene_threshold: f64 = Rule::number(27.0, 0.0, 1_000_000.0),
        /// The least length of a scene, in frames.
        scene_min_len: f64 = Rule::number(15.0, 0.0, 1_000_000.0),
    }
}

section! {
    /// Transcripts of sound.
    LightTranscription at "light_analysis.transcription." {
        /// Whether they may be made when asked for.
        enabled: bool = Rule::boolean(true),
        /// The model's name.
        model: String = Rule::text("base"),
        /// Seconds of a file that are transcribed; null for all.
        max_duration: Option<f64> = Rule::optional(Kind::Number { min: 0.0, max: 1e9 }),
        /// Alternatives that are followed.
        beam_size: usize = Rule::integer(5, within(1, 100)),
        /// Whether silence is cut out first.
        vad_filter: bool = Rule::boolean(false),
    }
}

section! {
    /// Descriptions of pictures.
    LightCaptions at "light_analysis.captions." {
        /// Whether they may be made when asked for.
        enabled: bool = Rule::boolean(false),
        /// The model's name.
        model: String = Rule::text("Salesforce/blip-image-captioning-base"),
        /// The most tokens of a description.
        max_length: usize = Rule::integer(64, within(16, 10_000)),
    }
}

section! {
    /// The index of nearest neighbours.
    LightAnn at "light_analysis.ann." {
        /// Whether an index is kept.
        enabled: bool = Rule::boolean(true),
        /// The kind of index.
        backend: AnnBackend = Rule::choice("auto", AnnBackend::NAMES),
    }
}

section! {
    /// Use of the graphics card.
    Gpu at "gpu." {
        /// Who computes.
        policy: GpuPolicy = Rule::choice("AUTO", GpuPolicy::NAMES),
        /// Whether ffmpeg may decode on the graphics card.
        allow_hwaccel_video: bool = Rule::boolean(true),
        /// Megabytes of its memory that must be free.
        min_free_vram_mb: u64 = Rule::integer(512, within(0, 1_000_000_000)),
        /// Computations on it at once.
        max_gpu_workers: usize = Rule::integer(2, within(1, 64)),
    }
}
