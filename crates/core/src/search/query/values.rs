//! Values of fields: numbers with units, spans, and words with their other names.

use std::ops::Bound;

use super::Interval;

/// What a value stands for: from, up to but not including; and the exact number that comparisons go by, where there is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Literal<T> {
    pub(super) low: T,
    pub(super) high: T,
    pub(super) point: Option<T>,
}

/// What a value means behind a sign.
type Meant<T> = fn(Literal<T>) -> Interval<T>;

/// Reads a comparison, a range or a single value. `read` reads one value; its error is what is wrong with it.
pub(super) fn interval<T: Copy + PartialOrd>(
    text: &str,
    read: impl Fn(&str) -> Result<Literal<T>, String>,
) -> Result<Interval<T>, String> {
    use Bound::{Excluded, Included, Unbounded};
    if let Some((from, to)) = text.split_once("..") {
        let low = match from.trim() {
            "" => Unbounded,
            from => read(from).map(|value| Included(value.point.unwrap_or(value.low)))?,
        };
        let high = match to.trim() {
            "" => Unbounded,
            to => read(to).map(|value| value.point.map_or(Excluded(value.high), Included))?,
        };
        return match (&low, &high) {
            (Included(low), Included(high) | Excluded(high)) if low > high => {
                Err("the range ends before it begins".into())
            }
            (Unbounded, Unbounded) => Err("a range needs at least one end".into()),
            _ => Ok(Interval { low, high }),
        };
    }
    let signs: [(&str, Meant<T>); 5] = [
        (">=", |value| {
            from(Included(value.point.unwrap_or(value.low)))
        }),
        ("<=", |value| {
            up_to(value.point.map_or(Excluded(value.high), Included))
        }),
        (">", |value| {
            from(value.point.map_or(Included(value.high), Excluded))
        }),
        ("<", |value| {
            up_to(Excluded(value.point.unwrap_or(value.low)))
        }),
        ("=", exactly),
    ];
    for (sign, meant) in signs {
        if let Some(rest) = text.strip_prefix(sign) {
            return read(rest.trim()).map(meant);
        }
    }
    read(text).map(exactly)
}

fn from<T>(low: Bound<T>) -> Interval<T> {
    Interval {
        low,
        high: Bound::Unbounded,
    }
}

fn up_to<T>(high: Bound<T>) -> Interval<T> {
    Interval {
        low: Bound::Unbounded,
        high,
    }
}

fn exactly<T: PartialEq>(value: Literal<T>) -> Interval<T> {
    let high = if value.low == value.high {
        Bound::Included(value.high)
    } else {
        Bound::Excluded(value.high)
    };
    Interval {
        low: Bound::Included(value.low),
        high,
    }
}

/// Splits a number from its unit. Returns the number, half of what its last digit stands for, and the unit in lower case.
fn number(text: &str) -> Result<(f64, f64, String), String> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let value: f64 = digits
        .parse()
        .map_err(|_| format!("`{text}` does not begin with a number"))?;
    let decimals = digits.split_once('.').map_or(0, |(_, after)| after.len());
    let half = 0.5 * 0.1_f64.powi(i32::try_from(decimals).unwrap_or(i32::MAX));
    Ok((value, half, unit.trim().to_lowercase()))
}

/// Reads a number in one of some units; a value means all that rounds to it.
fn measured(text: &str, units: &[(&str, f64)], what: &str) -> Result<Literal<f64>, String> {
    let (value, half, unit) = number(text)?;
    let known = units.iter().find(|(name, _)| *name == unit);
    let (_, factor) = known.ok_or_else(|| format!("`{unit}` is no unit of {what}"))?;
    Ok(Literal {
        low: ((value - half) * factor).max(0.0),
        high: (value + half) * factor,
        point: Some(value * factor),
    })
}

const SIZES: [(&str, f64); 19] = [
    ("", 1.0),
    ("b", 1.0),
    ("k", 1e3),
    ("kb", 1e3),
    ("m", 1e6),
    ("mb", 1e6),
    ("g", 1e9),
    ("gb", 1e9),
    ("t", 1e12),
    ("tb", 1e12),
    ("pb", 1e15),
    ("kib", 1024.0),
    ("mib", 1_048_576.0),
    ("gib", 1_073_741_824.0),
    ("tib", 1_099_511_627_776.0),
    ("ki", 1024.0),
    ("mi", 1_048_576.0),
    ("gi", 1_073_741_824.0),
    ("ti", 1_099_511_627_776.0),
];

/// Reads a size in bytes.
pub(super) fn size(text: &str) -> Result<Literal<u64>, String> {
    if let Ok(bytes) = text.trim_end_matches(['b', 'B']).trim().parse::<u64>() {
        return Ok(whole(bytes));
    }
    measured(text, &SIZES, "size").map(rounded)
}

/// Reads bits a second.
pub(super) fn bitrate(text: &str) -> Result<Literal<u64>, String> {
    const UNITS: [(&str, f64); 11] = [
        ("", 1.0),
        ("bps", 1.0),
        ("k", 1e3),
        ("kbps", 1e3),
        ("kbit", 1e3),
        ("kb/s", 1e3),
        ("m", 1e6),
        ("mbps", 1e6),
        ("mbit", 1e6),
        ("mb/s", 1e6),
        ("gbps", 1e9),
    ];
    measured(text, &UNITS, "bits a second").map(rounded)
}

/// Reads frames a second.
pub(super) fn frame_rate(text: &str) -> Result<Literal<f64>, String> {
    measured(
        text,
        &[("", 1.0), ("fps", 1.0), ("p", 1.0)],
        "frames a second",
    )
}

/// Reads a whole number.
pub(super) fn count(text: &str) -> Result<Literal<u32>, String> {
    let number = text
        .trim_end_matches(['p', 'P', 'x', 'X'])
        .parse()
        .map_err(|_| format!("`{text}` is no whole number"))?;
    Ok(whole(number))
}

/// Reads channels: a number, `5.1`, `stereo`.
pub(super) fn channels(text: &str) -> Result<Literal<u32>, String> {
    let lower = text.to_lowercase();
    let number = match lower.as_str() {
        "mono" => 1,
        "stereo" => 2,
        _ => match lower.split_once('.') {
            Some((main, low)) => main
                .parse::<u32>()
                .ok()
                .zip(low.parse::<u32>().ok())
                .and_then(|(main, low)| main.checked_add(low))
                .ok_or_else(|| format!("`{text}` is no number of channels"))?,
            None => lower
                .trim_end_matches("ch")
                .parse()
                .map_err(|_| format!("`{text}` is no number of channels"))?,
        },
    };
    Ok(whole(number))
}

/// Reads a duration in seconds: `90m`, `1h30m`, `1:30:00`, plain seconds.
pub(super) fn duration(text: &str) -> Result<Literal<f64>, String> {
    if text.contains(':') {
        let mut seconds = 0.0;
        for part in text.split(':') {
            let part: f64 = part
                .parse()
                .map_err(|_| format!("`{text}` is no duration"))?;
            seconds = seconds * 60.0 + part;
        }
        return Ok(about(seconds, 0.5));
    }
    let (mut seconds, mut half) = (0.0, 0.5);
    let mut left = text;
    while !left.is_empty() {
        let digits = left
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(left.len());
        let unit_end = left
            .get(digits..)
            .and_then(|unit| unit.find(|c: char| c.is_ascii_digit()));
        let end = unit_end.map_or(left.len(), |length| digits + length);
        let (value, its_half, unit) = number(left.get(..end).unwrap_or_default())?;
        let factor = match unit.as_str() {
            "" | "s" | "sec" | "seconds" => 1.0,
            "m" | "min" | "minutes" => 60.0,
            "h" | "hours" | "hour" => 3_600.0,
            "d" | "days" | "day" => 86_400.0,
            "ms" => 0.001,
            _ => return Err(format!("`{unit}` is no unit of time")),
        };
        seconds += value * factor;
        half = its_half * factor;
        left = left.get(end..).unwrap_or_default();
    }
    if text.is_empty() {
        return Err("a duration is missing".into());
    }
    Ok(about(seconds, half))
}

/// Reads lines of a picture. Films differ a little from the size that they are named after, so a value is a span.
pub(super) fn lines(text: &str) -> Result<Literal<u32>, String> {
    let lower = text.to_lowercase();
    let number = match lower.as_str() {
        "sd" => return Ok(span(1, 670)),
        "hd" => 720,
        "fullhd" | "fhd" => 1080,
        "qhd" | "2k" => 1440,
        "4k" | "uhd" => 2160,
        "8k" => 4320,
        _ => lower
            .trim_end_matches(['p', 'i'])
            .parse::<u32>()
            .map_err(|_| format!("`{text}` is no size of a picture"))?,
    };
    Ok(span(
        number.saturating_sub(number / 14),
        number.saturating_add(number / 14).saturating_add(1),
    ))
}

fn whole<T: Copy>(number: T) -> Literal<T> {
    Literal {
        low: number,
        high: number,
        point: Some(number),
    }
}

fn span<T>(low: T, high: T) -> Literal<T> {
    Literal {
        low,
        high,
        point: None,
    }
}

fn about(value: f64, half: f64) -> Literal<f64> {
    Literal {
        low: (value - half).max(0.0),
        high: value + half,
        point: Some(value),
    }
}

fn rounded(value: Literal<f64>) -> Literal<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never negative; the cast keeps what is too large at the largest"
    )]
    let whole = |value: f64| value.round() as u64;
    Literal {
        low: whole(value.low),
        high: whole(value.high),
        point: value.point.map(whole),
    }
}

/// Returns yes or no.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" => Some(true),
        "no" | "n" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// Other names for what is stored: names of codecs as ffprobe has them.
pub(super) fn video_codecs(word: &str) -> Vec<String> {
    let known: &[&str] = match word {
        "h265" | "h.265" | "x265" | "hevc" => &["hevc"],
        "h264" | "h.264" | "x264" | "avc" | "avc1" => &["h264"],
        "h263" | "h.263" => &["h263"],
        "h266" | "h.266" | "vvc" => &["vvc"],
        "divx" | "xvid" | "mpeg4" => &["mpeg4", "msmpeg4v1", "msmpeg4v2", "msmpeg4v3"],
        "mpeg2" | "mpeg-2" => &["mpeg2video"],
        "mpeg1" | "mpeg-1" => &["mpeg1video"],
        "vc1" | "vc-1" => &["vc1"],
        "wmv" => &["wmv1", "wmv2", "wmv3", "vc1"],
        "dnxhr" | "dnxhd" => &["dnxhd"],
        "mjpg" | "mjpeg" | "motionjpeg" => &["mjpeg"],
        other => &[other],
    };
    known.iter().map(|name| (*name).to_owned()).collect()
}

/// The same of sound.
pub(super) fn audio_codecs(word: &str) -> Vec<String> {
    let known: &[&str] = match word {
        "dolby" | "ac-3" | "ac3" | "dd" => &["ac3"],
        "eac3" | "e-ac-3" | "dd+" | "ddp" => &["eac3"],
        "dts-hd" | "dtshd" | "dca" | "dts" => &["dts"],
        "ogg" | "vorbis" => &["vorbis"],
        "wma" => &["wmav1", "wmav2", "wmapro", "wmalossless"],
        "pcm" | "lpcm" => &[
            "pcm_s16le",
            "pcm_s24le",
            "pcm_s32le",
            "pcm_s16be",
            "pcm_s24be",
            "pcm_s32be",
            "pcm_u8",
            "pcm_s8",
            "pcm_f32le",
            "pcm_f64le",
            "pcm_f32be",
            "pcm_bluray",
            "pcm_dvd",
        ],
        other => &[other],
    };
    known.iter().map(|name| (*name).to_owned()).collect()
}

/// The same of containers, stored in MediaInfo's names.
pub(super) fn containers(word: &str) -> Vec<String> {
    let known: &[&str] = match word {
        "mkv" | "mka" | "matroska" => &["Matroska"],
        "mp4" | "m4v" | "m4a" | "mov" | "mpeg-4" | "quicktime" => &["MPEG-4", "QuickTime"],
        "ts" | "m2ts" | "mts" | "mpeg-ts" => &["MPEG-TS", "BDAV"],
        "vob" | "mpg" | "mpeg" | "mpeg-ps" => &["MPEG-PS"],
        "wmv" | "wma" | "asf" => &["Windows Media", "ASF"],
        "flv" => &["Flash Video", "FLV"],
        "wav" => &["Wave", "WAV"],
        "mp3" => &["MPEG Audio", "MP3"],
        other => &[other],
    };
    known.iter().map(|name| (*name).to_owned()).collect()
}

/// The kinds of HDR, by their names.
pub(super) fn hdr(word: &str) -> Option<&'static str> {
    match word {
        "dv" | "dovi" | "dolbyvision" | "dolby-vision" => Some("dv"),
        "hdr10" => Some("hdr10"),
        "hdr10+" | "hdr10plus" => Some("hdr10+"),
        "hlg" => Some("hlg"),
        _ => None,
    }
}

/// Codes of one language: two letters, three letters (both kinds), its English name.
const LANGUAGES: [&[&str]; 38] = [
    &["en", "eng", "english"],
    &["de", "deu", "ger", "german"],
    &["fr", "fra", "fre", "french"],
    &["es", "spa", "spanish"],
    &["it", "ita", "italian"],
    &["ja", "jpn", "japanese"],
    &["ko", "kor", "korean"],
    &["zh", "zho", "chi", "chinese"],
    &["pt", "por", "portuguese"],
    &["ru", "rus", "russian"],
    &["nl", "nld", "dut", "dutch"],
    &["sv", "swe", "swedish"],
    &["no", "nor", "nob", "nno", "nb", "nn", "norwegian"],
    &["da", "dan", "danish"],
    &["fi", "fin", "finnish"],
    &["pl", "pol", "polish"],
    &["cs", "ces", "cze", "czech"],
    &["sk", "slk", "slo", "slovak"],
    &["hu", "hun", "hungarian"],
    &["ro", "ron", "rum", "romanian"],
    &["el", "ell", "gre", "greek"],
    &["tr", "tur", "turkish"],
    &["ar", "ara", "arabic"],
    &["he", "heb", "hebrew"],
    &["hi", "hin", "hindi"],
    &["th", "tha", "thai"],
    &["vi", "vie", "vietnamese"],
    &["uk", "ukr", "ukrainian"],
    &["bg", "bul", "bulgarian"],
    &["hr", "hrv", "scr", "croatian"],
    &["sr", "srp", "scc", "serbian"],
    &["sl", "slv", "slovenian"],
    &["id", "ind", "indonesian"],
    &["fa", "fas", "per", "persian"],
    &["is", "isl", "ice", "icelandic"],
    &["et", "est", "estonian"],
    &["lv", "lav", "latvian"],
    &["lt", "lit", "lithuanian"],
];

/// Returns every code of a language; of one that is not known, the word itself.
pub(crate) fn languages(word: &str) -> Vec<String> {
    LANGUAGES
        .iter()
        .find(|codes| codes.contains(&word))
        .map_or_else(
            || vec![word.to_owned()],
            |codes| codes.iter().map(|code| (*code).to_owned()).collect(),
        )
}
