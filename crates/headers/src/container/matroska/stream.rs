//! A track, told in the model's words.

use super::codecs;
use super::track::{Colour, Picture, Sound, Track};
use crate::codec::{cicp, dolby_vision, layout};
use crate::container::fraction;
use crate::{Flags, Mastering, Ratio, Reader, Stop, Stream, StreamKind, Video};

/// Bytes read of a codec's private data.
const LONGEST_PRIVATE: u64 = 64 << 10;

/// What ffmpeg allows in a rate and in the shape of a pixel.
const MOST_IN_RATE: u64 = 30_000;
const MOST_IN_ASPECT: u64 = (i32::MAX / 255) as u64;

/// A stream, and what is needed to read its packets.
pub(super) struct Known {
    pub(super) stream: Stream,
    /// Bytes in the length of a NAL unit; 0: start codes.
    pub(super) nal_length: u8,
    pub(super) wants_packet: bool,
}

/// Returns the stream that a track is, or none where players have no use for it (buttons, logos, control).
pub(super) fn known(reader: &mut Reader<'_>, track: &Track) -> Result<Option<Known>, Stop> {
    let kind = match track.kind {
        1 => StreamKind::Video,
        2 => StreamKind::Audio,
        0x11 => StreamKind::Subtitle,
        0x21 if track.codec.starts_with("D_WEBVTT/") => StreamKind::Subtitle,
        0x21 => StreamKind::Data,
        _ => return Ok(None),
    };
    let mut stream = Stream::new(kind);
    common(track, &mut stream);
    let private = match &track.private {
        Some(private) if matches!(kind, StreamKind::Video | StreamKind::Audio) => {
            private.bytes(reader, LONGEST_PRIVATE)
        }
        _ => Ok(Vec::new()),
    };
    let private = match private {
        Ok(private) => private,
        Err(Stop::Io(error)) => return Err(Stop::Io(error)),
        // Without private data the rest of the track is still worth having.
        Err(_) => Vec::new(),
    };
    // ffprobe lets a picture's container win, a sound's codec: see [`settle`].
    if kind == StreamKind::Video {
        picture(&track.picture, track.frame_ns, stream.video_mut());
    }
    let nal_length = codecs::identify(track, &private, &mut stream);
    for (code, record) in &track.mappings {
        if matches!(&code.to_be_bytes(), b"dvcC" | b"dvvC" | b"dvwC") {
            dolby_vision::config(record, &mut stream);
        }
    }
    let wants_packet = !track.packing.opaque && codecs::wants_packet(&stream, !private.is_empty());
    Ok(Some(Known {
        stream,
        nal_length,
        wants_packet,
    }))
}

/// Fills in what neither private data nor packets said.
pub(super) fn settle(track: &Track, stream: &mut Stream) {
    if stream.kind == StreamKind::Audio {
        sound(&track.sound, stream);
    }
    // Transparency rides beside the blocks; the codec knows nothing of it.
    if track.picture.alpha
        && let Some(video) = &mut stream.video
        && let Some(chroma) = &mut video.chroma
        && !chroma.ends_with('a')
    {
        chroma.push('a');
    }
}

/// Works out the frame rate of a picture without a frame duration from what its writer counted.
#[expect(
    clippy::cast_precision_loss,
    reason = "nobody has films of so many frames"
)]
pub(super) fn counted_rate(stream: &mut Stream) {
    let (Some(frames), Some(seconds)) = (stream.frames, stream.duration_s) else {
        return;
    };
    if let Some(video) = &mut stream.video
        && video.frame_rate.is_none()
        && frames > 1
        && seconds > 0.0
    {
        let rate = frames as f64 / seconds;
        let usual = usual_rate(rate);
        video.variable_frame_rate = usual.is_none();
        video.frame_rate = usual.or_else(|| fraction::nearest_to(rate, 1_000));
    }
}

/// Returns the whole, half or NTSC rate that is so near that it must be meant; they lie a thousandth apart.
fn usual_rate(rate: f64) -> Option<Ratio> {
    let ntsc = [24, 30, 60, 120, 48, 15, 12].map(|rate| (rate * 1_000, 1_001));
    let whole = (1..=240).map(|halves| (halves, 2));
    whole
        .chain(ntsc)
        .filter_map(|(num, den)| Ratio::new(num, den))
        .find(|usual| (rate / usual.value() - 1.0).abs() < 0.000_4)
}

fn common(track: &Track, stream: &mut Stream) {
    stream.id = Some(track.number);
    let name = track.name.trim();
    stream.title = (!name.is_empty()).then(|| name.to_owned());
    let language = track
        .language
        .as_deref()
        .or(track.language_bcp47.as_deref())
        .unwrap_or("eng");
    stream.set_language(language);
    let marks = track.marks;
    stream.flags = Flags {
        default: marks.default.unwrap_or(true),
        forced: marks.forced.unwrap_or_default(),
        commentary: marks.commentary.unwrap_or_default(),
        hearing_impaired: marks.hearing_impaired.unwrap_or_default(),
        visual_impaired: marks.visual_impaired.unwrap_or_default(),
        original: marks.original.unwrap_or_default(),
        // Said not to be the original: a dub, for ffprobe.
        dub: marks.original == Some(false),
        attached_picture: false,
    };
}

fn picture(picture: &Picture, frame_ns: u64, video: &mut Video) {
    let [top, bottom, left, right] = picture.crop;
    let cropped =
        |full: u64, one: u64, other: u64| match full.checked_sub(one.saturating_add(other)) {
            Some(rest) if rest > 0 => rest,
            _ => full,
        };
    let width = cropped(picture.width, left, right);
    let height = cropped(picture.height, top, bottom);
    video.width = u32::try_from(width).ok().filter(|width| *width > 0);
    video.height = u32::try_from(height).ok().filter(|height| *height > 0);
    video.pixel_aspect = pixel_aspect(picture, width, height);
    video.frame_rate = frame_rate(picture, frame_ns);
    video.field_order = field_order(picture).map(str::to_owned);
    video.rotation_deg = rotation(picture.roll_degrees);
    if let Some(color) = &picture.colour {
        colour(color, video);
    }
}

fn pixel_aspect(picture: &Picture, width: u64, height: u64) -> Option<Ratio> {
    // 4 is "unknown": the numbers mean nothing.
    if picture.display_unit > 3 {
        return None;
    }
    // Half-size pictures of a pair: each fills the display.
    let (twice_wide, twice_high) = match picture.stereo {
        1 | 8 | 9 | 11 => (2, 1),
        2 | 3 | 6 | 7 => (1, 2),
        _ => (1, 1),
    };
    let product = |values: [u64; 3]| {
        values
            .into_iter()
            .try_fold(1_u128, |product, value| product.checked_mul(value.into()))
    };
    fraction::nearest(
        product([picture.display_width.unwrap_or(width), height, twice_wide])?,
        product([picture.display_height.unwrap_or(height), width, twice_high])?,
        MOST_IN_ASPECT,
    )
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of floats saturate"
)]
fn frame_rate(picture: &Picture, frame_ns: u64) -> Option<Ratio> {
    let frame_ns = match frame_ns {
        0 if picture.frames_per_second > 0.0 => (1e9 / picture.frames_per_second) as u64,
        given => given,
    };
    fraction::nearest(1_000_000_000, frame_ns.into(), MOST_IN_RATE)
}

fn field_order(picture: &Picture) -> Option<&'static str> {
    match (picture.interlaced, picture.field_order) {
        (2, _) | (1, Some(0)) => Some("progressive"),
        (1, Some(1)) => Some("tt"),
        (1, Some(6)) => Some("bb"),
        (1, Some(9)) => Some("tb"),
        (1, Some(14)) => Some("bt"),
        _ => None,
    }
}

/// Roll turns against the clock.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the remainder lies in 0..360"
)]
fn rotation(roll: f64) -> u16 {
    if !roll.is_finite() {
        return 0;
    }
    let quarter = ((-roll).rem_euclid(360.0) / 90.0).round() as u16 % 4;
    quarter * 90
}

fn colour(colour: &Colour, video: &mut Video) {
    let code = |value: u64| u8::try_from(value).unwrap_or(2);
    let full_range = match colour.range {
        1 => Some(false),
        2 => Some(true),
        _ => None,
    };
    cicp::note(
        video,
        code(colour.primaries),
        code(colour.transfer),
        code(colour.matrix),
        full_range,
    );
    let level = |value: u64| u32::try_from(value).ok().filter(|value| *value > 0);
    video.color.max_cll = level(colour.max_cll);
    video.color.max_fall = level(colour.max_fall);
    video.color.mastering = mastering(&colour.mastering);
    if video.bit_depth.is_none() {
        video.bit_depth = u8::try_from(colour.bits).ok().filter(|bits| *bits > 0);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "coordinates between 0 and 1"
)]
fn mastering(values: &[Option<f64>; 10]) -> Option<Mastering> {
    let [rx, ry, gx, gy, bx, by, wx, wy, brightest, darkest] = *values;
    if values.iter().all(Option::is_none) {
        return None;
    }
    let point = |x: Option<f64>, y: Option<f64>| {
        [x.unwrap_or_default() as f32, y.unwrap_or_default() as f32]
    };
    Some(Mastering {
        primaries: [point(rx, ry), point(gx, gy), point(bx, by), point(wx, wy)],
        max_luminance: brightest.unwrap_or_default(),
        min_luminance: darkest.unwrap_or_default(),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of floats saturate"
)]
fn sound(sound: &Sound, stream: &mut Stream) {
    let codec = stream.codec.clone();
    let rate = |rate: f64| Some(rate.round() as u32).filter(|rate| *rate > 0);
    let inner = rate(sound.rate.unwrap_or(8_000.0));
    let outer = sound.output_rate.and_then(rate).or(inner);
    let doubled = codec == "aac" && outer > inner;
    if doubled && stream.profile.as_deref() == Some("LC") {
        // Spectral band replication that the configuration does not mention.
        stream.profile = Some("HE-AAC".to_owned());
    }
    let audio = stream.audio_mut();
    if doubled || audio.sample_rate_hz.is_none() {
        audio.sample_rate_hz = outer;
    }
    let channels = sound.channels.unwrap_or(1);
    if audio.channels.is_none() {
        audio.channels = u16::try_from(channels).ok().filter(|count| *count > 0);
        if audio.layout.is_none() {
            audio.layout = audio.channels.and_then(layout::of_count).map(str::to_owned);
        }
    }
    if audio.layout.is_none() && audio.channels.is_some_and(|channels| channels <= 2) {
        audio.layout = audio.channels.and_then(layout::of_count).map(str::to_owned);
    }
    let whole = codec.starts_with("pcm_") || matches!(codec.as_str(), "wavpack" | "tta");
    if whole && audio.bit_depth.is_none() {
        audio.bit_depth = u8::try_from(sound.bits).ok().filter(|bits| *bits > 0);
    }
    if codec.starts_with("pcm_") && stream.bitrate_bps.is_none() {
        let audio = stream.audio_mut();
        let bits = audio.bit_depth.map(u64::from);
        let channels = audio.channels.map(u64::from);
        let rate = audio.sample_rate_hz.map(u64::from);
        stream.bitrate_bps = bits
            .zip(channels)
            .zip(rate)
            .map(|((bits, channels), rate)| bits * channels * rate);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_frames_make_a_rate() {
        for (frames, seconds, num, den, variable) in [
            (96, 4.004, 24_000, 1_001, false),
            (240, 4.004, 60_000, 1_001, false),
            (100, 4.0, 25, 1, false),
            (50, 4.0, 25, 2, false),
            (71, 4.0, 71, 4, true),
        ] {
            let mut stream = Stream::new(StreamKind::Video);
            stream.video_mut();
            (stream.frames, stream.duration_s) = (Some(frames), Some(seconds));
            counted_rate(&mut stream);
            let video = stream.video.unwrap();
            assert_eq!(video.frame_rate, Ratio::new(num, den));
            assert_eq!(video.variable_frame_rate, variable);
        }
    }
}
