//! Flash Video (Adobe's specification, version 10.1, and the enhanced form with four-character codes).
//!
//! Read are the header, `onMetaData`, the first tags of picture and sound, and the last tag, which tells where the film ends
//! and whether the file does.

mod amf;
mod end;
mod picture;
mod sound;
#[cfg(test)]
mod tests;

use amf::Value;
use picture::Told;

use super::fraction;
use crate::{Media, Reader, Stop, Stream, StreamKind, Structure};

/// Tags looked at for the first of picture and sound.
const MOST_TAGS: usize = 48;

/// Bytes read for them.
const MOST_BYTES: u64 = 160 << 10;

/// Bytes looked at in a tag of picture or sound.
const TAG_HEAD: u64 = 4 << 10;

/// Bytes looked at in the metadata: it may hold the place of every key frame.
const LONGEST_METADATA: u64 = 64 << 10;

/// A tag's header.
#[derive(Clone, Copy, Debug)]
struct Tag {
    kind: u8,
    size: u32,
    time_ms: u32,
    /// 0 in every file that keeps to the rules.
    stream: u32,
    at: u64,
}

impl Tag {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let [kind, a, b, c, t1, t2, t3, t0, s1, s2, s3] = *bytes.first_chunk::<11>()?;
        let known = matches!(kind & 0x1f, 8 | 9 | 18) && kind & 0xc0 == 0;
        known.then_some(Self {
            stream: u32::from_be_bytes([0, s1, s2, s3]),
            kind: kind & 0x1f,
            size: u32::from_be_bytes([0, a, b, c]),
            time_ms: u32::from_be_bytes([t0, t1, t2, t3]),
            at: 0,
        })
    }

    fn read(reader: &mut Reader<'_>, at: u64) -> Result<Option<Self>, Stop> {
        let bytes: [u8; 11] = reader.array(at)?;
        Ok(Self::parse(&bytes).map(|tag| Self { at, ..tag }))
    }

    fn body(&self) -> u64 {
        self.at.saturating_add(11)
    }

    fn end(&self) -> u64 {
        self.body().saturating_add(self.size.into())
    }
}

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let [_, _, _, _, flags, a, b, c, d] = reader.array::<9>(0)?;
    let start = u64::from(u32::from_be_bytes([a, b, c, d])).saturating_add(4);
    let mut facts = Facts::default();
    let walked = walk(reader, media, start, flags, &mut facts);
    if let Err(Stop::Io(error)) = walked {
        return Err(Stop::Io(error));
    }
    let end = end::read(reader, start)?;
    settle(media, &facts, &end);
    walked
}

/// What `onMetaData` says that waits for the streams.
#[derive(Debug, Default)]
struct Facts {
    duration_s: Option<f64>,
    width: Option<f64>,
    height: Option<f64>,
    frame_rate: Option<f64>,
    video_kibibits: Option<f64>,
    audio_kibibits: Option<f64>,
    file_bytes: Option<f64>,
}

/// Looks at tags until the streams that the header announces are known.
fn walk(
    reader: &mut Reader<'_>,
    media: &mut Media,
    start: u64,
    flags: u8,
    facts: &mut Facts,
) -> Result<(), Stop> {
    let (mut picture, mut sound) = (flags & 1 == 0, flags & 4 == 0);
    if picture && sound {
        // A writer that did not come back to say.
        (picture, sound) = (false, false);
    }
    let most = reader.bytes_read().saturating_add(MOST_BYTES);
    let mut at = start;
    for _ in 0..MOST_TAGS {
        if (picture && sound) || at >= reader.length() || reader.bytes_read() > most {
            break;
        }
        let Some(tag) = Tag::read(reader, at)? else {
            if !media.streams.is_empty() {
                // Enough is known; the end tells whether something is missing.
                break;
            }
            return Err(Stop::Damaged {
                what: "something that is no tag",
                at,
            });
        };
        let most = match tag.kind {
            18 => LONGEST_METADATA,
            _ => TAG_HEAD,
        };
        let bytes = reader.up_to(tag.body(), u64::from(tag.size).min(most))?;
        match tag.kind {
            8 => {
                let stream = stream_of(media, StreamKind::Audio);
                sound |= sound::note(&bytes, stream) == Told::All;
            }
            9 if !is_command(&bytes) => {
                let stream = stream_of(media, StreamKind::Video);
                picture |= picture::note(&bytes, stream) == Told::All;
            }
            18 => metadata(&bytes, media, facts),
            _ => {}
        }
        at = tag.end().saturating_add(4);
    }
    Ok(())
}

/// Returns whether a video tag only tells the player to do something.
fn is_command(bytes: &[u8]) -> bool {
    bytes.first().is_none_or(|head| head >> 4 & 7 == 5)
}

/// Returns the stream of a kind; streams come in the order of their first tags.
fn stream_of(media: &mut Media, kind: StreamKind) -> &mut Stream {
    let index = media
        .streams
        .iter()
        .position(|stream| stream.kind == kind)
        .unwrap_or(media.streams.len());
    if index == media.streams.len() {
        media.streams.push(Stream::new(kind));
    }
    // There is one now.
    #[expect(clippy::indexing_slicing, reason = "the index was found or just made")]
    &mut media.streams[index]
}

fn metadata(bytes: &[u8], media: &mut Media, facts: &mut Facts) {
    for (name, value) in amf::metadata(bytes) {
        let number = match value {
            Value::Number(number) => Some(number),
            _ => None,
        };
        match name.as_str() {
            "duration" => facts.duration_s = number,
            "width" => facts.width = number,
            "height" => facts.height = number,
            "framerate" => facts.frame_rate = number,
            "videodatarate" => facts.video_kibibits = number,
            "audiodatarate" => facts.audio_kibibits = number,
            "filesize" => facts.file_bytes = number,
            "videocodecid" | "audiocodecid" | "audiosamplerate" | "audiosamplesize" | "stereo"
            | "datastream" => {}
            _ => tag(media, &name, &value),
        }
    }
}

/// Everything that is not about the streams is a tag, as in ffprobe.
#[expect(clippy::cast_possible_truncation, reason = "casts of floats saturate")]
fn tag(media: &mut Media, name: &str, value: &Value) {
    let text = match value {
        Value::Number(number) => format!("{number:.0}"),
        Value::Flag(flag) => flag.to_string(),
        Value::Text(text) => text.clone(),
        Value::Date(milliseconds) => {
            super::date::rfc3339((*milliseconds as i64).saturating_mul(1_000))
        }
        Value::Other => return,
    };
    let lower = name.to_lowercase();
    if matches!(lower.as_str(), "creationdate" | "creation_time") && media.created.is_none() {
        media.created = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    }
    media.tag(&lower, &text);
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of floats saturate"
)]
fn settle(media: &mut Media, facts: &Facts, end: &end::End) {
    let positive =
        |number: Option<f64>| number.filter(|number| number.is_finite() && *number > 0.0);
    let rate = |kibibits: Option<f64>| {
        positive(kibibits)
            .map(|kibibits| (kibibits * 1_024.0).round() as u64)
            .filter(|rate| *rate > 0)
    };
    for stream in &mut media.streams {
        match stream.kind {
            StreamKind::Video => {
                stream.bitrate_bps = stream.bitrate_bps.or(rate(facts.video_kibibits));
                let video = stream.video_mut();
                let side = |side: Option<f64>| positive(side).map(|side| side as u32);
                video.width = video.width.or(side(facts.width));
                video.height = video.height.or(side(facts.height));
                if let Some(rate) = positive(facts.frame_rate) {
                    video.frame_rate = fraction::nearest_to(rate, 1_000).or(video.frame_rate);
                }
            }
            _ => stream.bitrate_bps = stream.bitrate_bps.or(rate(facts.audio_kibibits)),
        }
    }
    media.duration_s = positive(facts.duration_s).or(end
        .last_ms
        .filter(|last| *last > 0)
        .map(|last| f64::from(last) / 1_000.0));
    if media.structure.is_faulty() {
        return;
    }
    media.structure = end.structure.clone();
    let announced = positive(facts.file_bytes).map(|bytes| bytes as u64);
    if media.structure != Structure::Complete
        && let Some(bytes) = announced.filter(|bytes| *bytes > media.size_bytes)
    {
        media.structure = Structure::Truncated {
            expected_bytes: Some(bytes),
        };
    }
}
