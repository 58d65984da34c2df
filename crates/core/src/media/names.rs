//! The names that MediaInfo has for codecs, containers and colours, beside ffprobe's.

/// Codecs: ffprobe's name, MediaInfo's `Format`, and its `Format_Profile` where the name is part of that.
const CODECS: &[(&str, &str)] = &[
    ("h264", "AVC"),
    ("hevc", "HEVC"),
    ("vvc", "VVC"),
    ("av1", "AV1"),
    ("vp8", "VP8"),
    ("vp9", "VP9"),
    ("mpeg4", "MPEG-4 Visual"),
    ("mpeg2video", "MPEG Video"),
    ("mpeg1video", "MPEG-1 Video"),
    ("msmpeg4v3", "MPEG-4 Visual (MS)"),
    ("vc1", "VC-1"),
    ("wmv3", "VC-1 (WMV3)"),
    ("wmv2", "WMV2"),
    ("wmv1", "WMV1"),
    ("mjpeg", "JPEG"),
    ("png", "PNG"),
    ("gif", "GIF"),
    ("webp", "WebP"),
    ("bmp", "Bitmap"),
    ("tiff", "TIFF"),
    ("prores", "ProRes"),
    ("theora", "Theora"),
    ("flv1", "Sorenson Spark"),
    ("h263", "H.263"),
    ("ffv1", "FFV1"),
    ("huffyuv", "HuffYUV"),
    ("dvvideo", "DV"),
    ("dnxhd", "VC-3"),
    ("rawvideo", "YUV"),
    ("aac", "AAC"),
    ("ac3", "AC-3"),
    ("eac3", "E-AC-3"),
    ("dts", "DTS"),
    ("truehd", "MLP FBA"),
    ("mlp", "MLP"),
    ("flac", "FLAC"),
    ("alac", "ALAC"),
    ("opus", "Opus"),
    ("vorbis", "Vorbis"),
    ("speex", "Speex"),
    ("mp3", "MPEG Audio"),
    ("mp2", "MPEG Audio (Layer 2)"),
    ("mp1", "MPEG Audio (Layer 1)"),
    ("wmav2", "WMA"),
    ("wmav1", "WMA (1)"),
    ("wmapro", "WMA Pro"),
    ("wmalossless", "WMA Lossless"),
    ("ape", "Monkey's Audio"),
    ("wavpack", "WavPack"),
    ("tta", "TTA"),
    ("amr_nb", "AMR"),
    ("amr_wb", "AMR-WB"),
    ("subrip", "UTF-8"),
    ("ass", "ASS"),
    ("ssa", "SSA"),
    ("webvtt", "WebVTT"),
    ("mov_text", "Timed Text"),
    ("hdmv_pgs_subtitle", "PGS"),
    ("dvd_subtitle", "VobSub"),
    ("dvb_subtitle", "DVB Subtitle"),
    ("dvb_teletext", "Teletext Subtitle"),
    ("ttml", "TTML"),
];

/// Returns MediaInfo's name of a codec.
pub(super) fn format_of_codec(codec: &str) -> String {
    if let Some((_, format)) = CODECS.iter().find(|(name, _)| *name == codec) {
        return (*format).to_owned();
    }
    for (prefix, format) in [
        ("pcm_", "PCM"),
        ("adpcm_", "ADPCM"),
        ("dsd_", "DSD"),
        ("dst", "DST"),
    ] {
        if codec.starts_with(prefix) {
            return format.to_owned();
        }
    }
    codec.to_uppercase()
}

/// Returns the codec that MediaInfo's name and profile mean; its own name in lower case where there is no other.
pub(super) fn codec_of_format(format: &str, profile: &str) -> String {
    let exact = match (format, profile) {
        ("MPEG Audio", "Layer 1") => "mp1",
        ("MPEG Audio", "Layer 2") => "mp2",
        ("AC-3", _) => "ac3",
        ("PCM", _) => "pcm",
        _ => "",
    };
    if !exact.is_empty() {
        return exact.to_owned();
    }
    CODECS
        .iter()
        .find(|(_, name)| *name == format)
        .map_or_else(|| format.to_lowercase(), |(codec, _)| (*codec).to_owned())
}

/// Returns MediaInfo's name of a set of primaries, a transfer function or a matrix.
pub(super) fn color(name: &str) -> String {
    let known = match name {
        "bt709" => "BT.709",
        "bt2020" => "BT.2020",
        "bt2020nc" => "BT.2020 non-constant",
        "bt2020c" => "BT.2020 constant",
        "bt470bg" => "BT.601 PAL",
        "smpte170m" => "BT.601 NTSC",
        "smpte240m" => "SMPTE 240M",
        "smpte2084" => "PQ",
        "arib-std-b67" => "HLG",
        "bt2020-10" => "BT.2020 (10-bit)",
        "bt2020-12" => "BT.2020 (12-bit)",
        "smpte432" => "Display P3",
        "smpte431" => "DCI P3",
        "iec61966-2-1" => "sRGB/sYCC",
        "gbr" => "Identity",
        other => return other.to_owned(),
    };
    known.to_owned()
}
