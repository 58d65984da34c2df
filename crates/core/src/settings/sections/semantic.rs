//! Settings of search by meaning, and of transcripts.

use std::path::PathBuf;

use super::section;
use crate::settings::choices::{Gate, PhaseMode};
use crate::settings::key::{Key, Kind, Rule, positive, within};

section! {
    /// Search by meaning, and transcripts.
    Semantic at "semantic." {
        /// Whether scans do semantic work without being asked.
        enabled_default: bool = Rule::boolean(false),
        /// When a scan does it.
        phase_mode: PhaseMode = Rule::choice("post-scan", PhaseMode::NAMES),
        /// Whether the index may be built.
        index_phase: Gate = Rule::choice("manual", Gate::NAMES),
        /// Whether the index may be searched.
        search_phase: Gate = Rule::choice("enabled", Gate::NAMES),
        /// Whether transcripts may be made.
        transcribe_phase: Gate = Rule::choice("manual", Gate::NAMES),
        /// Dimensions of the built-in embedding; models have their own.
        vector_dim: usize = Rule::integer(256, positive(1, 65_536)),
        /// The share of meaning against words in a hybrid search, 0 to 1. Setting it makes plain searches hybrid too;
        /// null leaves those alone and lets hybrid searches rank by both.
        hybrid_weight: Option<f64> =
            Rule::optional(Kind::Number { min: 0.0, max: 1.0 }).kept_only(),
        /// Files per commit while the index is built.
        rebuild_chunk: usize = Rule::integer(500, positive(1, 1_000_000)),
        ;
        /// The models, by what they do.
        models: SemanticModels,
        /// The index.
        index: SemanticIndex,
        /// Frames of videos.
        video: SemanticVideo,
        /// Transcripts.
        transcribe: SemanticTranscribe,
    }
}

section! {
    /// The models, by what they do: a file, a folder or a name; null to look in the working directory's models.
    SemanticModels at "semantic.models." {
        /// Embeds texts.
        text_embedder: Option<String> = Rule::optional(Kind::Text),
        /// Embeds pictures.
        vision_embedder: Option<String> = Rule::optional(Kind::Text),
        /// Embeds videos.
        video_embedder: Option<String> = Rule::optional(Kind::Text),
        /// Embeds sound.
        audio_embedder: Option<String> = Rule::optional(Kind::Text),
        /// Turns speech into text.
        transcriber: Option<String> = Rule::optional(Kind::Text),
        /// Puts the best results into a better order.
        reranker: Option<String> = Rule::optional(Kind::Text),
    }
}

section! {
    /// The index.
    SemanticIndex at "semantic.index." {
        /// What keeps the vectors.
        provider: String = Rule::text("sqlite"),
        /// The index's file, relative to the working directory; null for the customary one.
        path: Option<PathBuf> = Rule::optional(Kind::File),
        /// How the distance of vectors is measured.
        metric: String = Rule::text("cosine"),
        /// Whether vectors are brought to length one.
        normalize_vectors: bool = Rule::boolean(true),
        /// Texts embedded at once.
        batch_size: usize = Rule::integer(256, within(1, 100_000)),
    }
}

section! {
    /// Frames of videos.
    SemanticVideo at "semantic.video." {
        /// Seconds between frames.
        frame_interval_s: f64 = Rule::number(30.0, 0.1, 86_400.0),
        /// The most frames of one video.
        max_frames: usize = Rule::integer(12, within(1, 10_000)),
        /// Pixels of a frame's longer side.
        thumbnail_size: usize = Rule::integer(224, within(16, 4_096)),
        /// Whether ffmpeg is preferred for decoding.
        prefer_ffmpeg: bool = Rule::boolean(true),
    }
}

section! {
    /// Transcripts.
    SemanticTranscribe at "semantic.transcribe." {
        /// What turns speech into text.
        engine: String = Rule::text("whisper"),
        /// The size or name of its model.
        model: String = Rule::text("small"),
        /// The language spoken, as in `de`; null to detect it.
        language: Option<String> = Rule::optional(Kind::Text),
        /// How freely it guesses, 0 to 1.
        temperature: f64 = Rule::number(0.0, 0.0, 1.0),
        /// Whether each word gets its time.
        word_timestamps: bool = Rule::boolean(true),
        /// Seconds of sound treated at once.
        batch_seconds: f64 = Rule::number(30.0, 1.0, 3_600.0),
    }
}
