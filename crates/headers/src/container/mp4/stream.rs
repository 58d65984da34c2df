//! A track, told in the model's words.

use super::Top;
use super::entry::{self, Entry};
use super::film::{Film, seconds};
use super::tables::{Sizes, Times};
use super::track::Track;
use crate::container::fraction;
use crate::{Reader, Stop, Stream, StreamKind, Video};

/// What ffmpeg allows in a rate or the shape of a pixel.
const MOST: u64 = i32::MAX as u64;

/// A stream, and what is needed to read its samples.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) stream: Stream,
    pub(super) entry: Entry,
    pub(super) sizes: Sizes,
    /// Duration in the track's units that rates are made of.
    pub(super) duration: u64,
    pub(super) scale: u32,
}

/// Returns the stream that a track is.
pub(super) fn read(
    reader: &mut Reader<'_>,
    film: &Film,
    track: &Track,
    top: &Top,
) -> (Known, Result<(), Stop>) {
    let iso = top.brand.is_some_and(|brand| brand != *b"qt  ");
    let (mut entry, read) = entry::read(reader, track, iso);
    let mut stream = entry.stream.clone();
    common(film, track, &mut stream);
    if let Some(video) = &mut stream.video {
        outer(track, video);
    }
    entry.stream = Stream::new(stream.kind);
    let mut known = Known {
        stream,
        entry,
        sizes: Sizes::default(),
        duration: 0,
        scale: track.scale,
    };
    let counted = count(reader, film, track, &mut known);
    (known, counted.and(read))
}

fn common(film: &Film, track: &Track, stream: &mut Stream) {
    stream.id = Some(track.id.into());
    stream.flags = track.flags;
    stream.title.clone_from(&track.title);
    if let Some(language) = &track.language {
        stream.set_language(language);
    }
    if film.holds_chapters(track.id) {
        if stream.kind == StreamKind::Video {
            stream.flags.attached_picture = true;
        } else {
            // A list of names, and no subtitles.
            stream.kind = StreamKind::Data;
            "bin_data".clone_into(&mut stream.codec);
            (stream.video, stream.audio) = (None, None);
        }
    }
}

/// Notes what the track's header says of its picture: which way up, and how wide a pixel is.
fn outer(track: &Track, video: &mut Video) {
    let [a, b, _, c, d, _, _, _, _] = track.matrix.map(f64::from);
    video.rotation_deg = rotation(a, b, c, d);
    if video.pixel_aspect.is_none_or(|aspect| aspect.num == 0)
        && let (Some(width), Some(height)) = (video.width, video.height)
    {
        let whole = |side: u32| u64::from(side >> 16);
        let (shown_width, shown_height) = (whole(track.width), whole(track.height));
        let differs = shown_width != u64::from(width) || shown_height != u64::from(height);
        if differs && shown_width > 0 && shown_height > 0 {
            video.pixel_aspect = fraction::nearest(
                u128::from(height) * u128::from(shown_width),
                u128::from(width) * u128::from(shown_height),
                MOST,
            )
            .or(video.pixel_aspect);
        }
    }
}

/// Returns the clockwise turn of a matrix, to the nearest quarter.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the remainder lies in 0..360"
)]
fn rotation(a: f64, b: f64, c: f64, d: f64) -> u16 {
    let (across, down) = (a.hypot(c), b.hypot(d));
    if across == 0.0 || down == 0.0 {
        return 0;
    }
    let degrees = (b / down).atan2(a / across).to_degrees();
    (degrees.rem_euclid(360.0) / 90.0).round() as u16 % 4 * 90
}

/// Reads the heads of the tables: how many samples, how long, how many bytes.
fn count(
    reader: &mut Reader<'_>,
    film: &Film,
    track: &Track,
    known: &mut Known,
) -> Result<(), Stop> {
    let times = track.tables.times(reader)?;
    let sizes = track.tables.sizes(reader)?;
    known.sizes = sizes;
    let stream = &mut known.stream;
    let media = match (track.duration, times.duration) {
        (said, counted) if times.whole && counted > 0 && (said == 0 || counted < said) => counted,
        (said, _) => said,
    };
    known.duration = media;
    if track.scale == 0 {
        return Ok(());
    }
    if times.whole && times.samples > 0 {
        stream.frames = Some(times.samples);
    } else if sizes.samples > 0 {
        stream.frames = Some(sizes.samples);
    }
    let shown = edited(film, track, media);
    stream.duration_s = Some(shown).filter(|time| *time > 0.0);
    rate(&times, media, track.scale, stream);
    bit_rate(known);
    Ok(())
}

/// Returns how many seconds of the track the film shows.
fn edited(film: &Film, track: &Track, media: u64) -> f64 {
    let all = seconds(media, track.scale);
    let shown: u64 = track
        .edits
        .iter()
        .filter(|edit| edit.start >= 0)
        .fold(0, |sum, edit| sum.saturating_add(edit.duration));
    if shown == 0 || film.scale == 0 {
        return all;
    }
    all.min(seconds(shown, film.scale))
}

fn rate(times: &Times, media: u64, scale: u32, stream: &mut Stream) {
    let counted = if times.whole { times.duration } else { media };
    let frames = stream.frames.unwrap_or_default();
    if let Some(video) = &mut stream.video
        && counted > 0
        && frames > 0
    {
        video.frame_rate =
            fraction::nearest(u128::from(scale) * u128::from(frames), counted.into(), MOST);
        video.variable_frame_rate = !times.even;
    }
}

/// Works out bits a second of the bytes that were counted.
pub(super) fn bit_rate(known: &mut Known) {
    if let Some(constant) = known.entry.constant_bps {
        known.stream.bitrate_bps = Some(constant);
        return;
    }
    if known.duration == 0 || known.sizes.bytes == 0 {
        return;
    }
    let bits = u128::from(known.sizes.bytes) * 8 * u128::from(known.scale);
    known.stream.bitrate_bps = u64::try_from(bits / u128::from(known.duration)).ok();
}

/// Gives the largest stream what the others leave of the payload, where its size was estimated: that is nearer.
pub(super) fn share(top: &Top, known: &mut [Known]) {
    let Some(largest) = (0..known.len())
        .filter(|index| known.get(*index).is_some_and(|known| !known.sizes.exact))
        .max_by_key(|index| known.get(*index).map_or(0, |known| known.sizes.bytes))
    else {
        return;
    };
    let others = known
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != largest)
        .fold(0_u64, |sum, (_, known)| {
            sum.saturating_add(known.sizes.bytes)
        });
    let rest = top.payload.saturating_sub(others);
    if let Some(known) = known.get_mut(largest) {
        let guess = known.sizes.bytes;
        // Far off: the payload holds more than these tracks.
        if rest.abs_diff(guess) <= guess / 4 {
            known.sizes.bytes = rest;
            bit_rate(known);
        }
    }
}
