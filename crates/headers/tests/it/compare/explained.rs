//! Disagreements with ffprobe that have a reason.

use super::Row;

/// What is meant, and why both sides may differ there.
struct Known {
    fits: fn(&Row) -> bool,
    reason: &'static str,
}

const KNOWN: &[Known] = &[
    Known {
        fits: |row| {
            ["matroska", "webm"].contains(&row.container())
                && row.field == "stream duration"
                && ["subtitle", "attachment"].contains(&row.kind.as_str())
        },
        reason: "Matroska: ffprobe gives subtitles and attachments the duration of the file; ours is what the file says of \
                 the stream.",
    },
    Known {
        fits: |row| {
            row.field == "stream duration"
                && row.kind == "video"
                && row.file.contains("cover")
                && row.ours.is_none()
        },
        reason: "A cover has no duration; ffprobe gives it that of the file.",
    },
    Known {
        fits: |row| {
            row.field == "chroma" && row.file.contains("alpha") && row.container() == "webm"
        },
        reason: "WebM keeps transparency in a second picture; ffprobe prints the first one's format.",
    },
    Known {
        fits: |row| row.field == "chroma" && row.ours.as_deref() == Some("gray"),
        reason: "H.264 without colour: the file says gray, ffprobe prints what its decoder makes of it.",
    },
    Known {
        fits: |row| {
            ["ffv1", "ffvhuff", "huffyuv", "utvideo", "msmpeg4"]
                .iter()
                .any(|codec| row.file.contains(codec))
                && ["bit depth", "chroma", "matrix"].contains(&row.field.as_str())
                && row.ours.is_none()
        },
        reason: "Not read: depth, chroma and matrix of FFV1, HuffYUV, Ut Video and MS MPEG-4, which stand in headers of \
                 their own kinds, or nowhere.",
    },
    Known {
        fits: |row| row.container() == "avif" && row.field == "pixel aspect",
        reason: "AVIF: the file says nothing of the pixels' shape; ffprobe assumes squares.",
    },
    Known {
        fits: |row| row.file.contains("dash") && row.field == "stream bit rate",
        reason: "MP4 in fragments with an index: ffprobe counts the bytes of the first fragment only.",
    },
    Known {
        fits: |row| row.file.starts_with("ogg/vp8"),
        reason: "VP8 in Ogg, which hardly anybody writes: only what the stream's first packet says.",
    },
    Known {
        fits: |row| row.theirs == "104857200.000" || row.file == "video/mpeg1.m1v",
        reason: "MPEG-1: the sequence header marks the rate as variable; ffprobe prints the mark as a rate.",
    },
    Known {
        fits: |row| row.file.contains("dvbsub") && row.field == "stream duration",
        reason: "DVB subtitles: ffprobe takes the program clock for their times, ours are the packets' own.",
    },
    Known {
        fits: |row| {
            row.field == "channel layout"
                && ["wav/gsm.wav", "aiff/5.1.aiff"].contains(&row.file.as_str())
        },
        reason: "Layouts that the file does not name: one of GSM, and the default of AIFF with six channels.",
    },
];

/// Returns why a disagreement is none of ours.
pub(super) fn reason(row: &Row) -> Option<&'static str> {
    KNOWN
        .iter()
        .find(|known| (known.fits)(row))
        .map(|known| known.reason)
}
