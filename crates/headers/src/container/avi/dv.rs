//! DV: what the first frame says of itself, and of the sound interleaved with it (AVI of "type 1").

use super::bitmap;
use crate::{Ratio, Stream, StreamKind};

/// Length of a DIF block.
const BLOCK: usize = 80;

/// Notes what the first frame says of a stream in which picture and sound are one; returns the streams of sound.
pub(super) fn interleaved(frame: &[u8], stream: &mut Stream) -> Vec<Stream> {
    "dvvideo".clone_into(&mut stream.codec);
    picture(frame, stream);
    // By its name; ffprobe says so too.
    stream.bitrate_bps = is_pal(frame).map(|_| 25_000_000);
    sound(frame, stream).unwrap_or_default()
}

/// Notes size, shape and chroma.
pub(super) fn picture(frame: &[u8], stream: &mut Stream) {
    let Some(pal) = is_pal(frame) else { return };
    let wide = is_wide(frame).unwrap_or_default();
    let video = stream.video_mut();
    video.width.get_or_insert(720);
    video.height.get_or_insert(if pal { 576 } else { 480 });
    let (num, den) = match (pal, wide) {
        (true, false) => (16, 15),
        (true, true) => (64, 45),
        (false, false) => (8, 9),
        (false, true) => (32, 27),
    };
    if video.pixel_aspect.is_none() && video.width == Some(720) {
        video.pixel_aspect = Ratio::new(num, den);
    }
    if video.frame_rate.is_none() {
        video.frame_rate = if pal {
            Ratio::new(25, 1)
        } else {
            Ratio::new(30_000, 1_001)
        };
    }
    let twice_the_rate = frame
        .get(BLOCK * 5 + 48 + 3)
        .is_some_and(|kind| kind & 0x1f == 4);
    let chroma = match (twice_the_rate, pal) {
        (true, _) => "4:2:2",
        (_, true) if frame.get(4).is_some_and(|apt| apt.trailing_zeros() >= 3) => "4:2:0",
        _ => "4:1:1",
    };
    bitmap::set(stream, 8, chroma);
}

fn is_pal(frame: &[u8]) -> Option<bool> {
    match frame.get(..4)? {
        [0x1f, 0x07, _, dsf] => Some(dsf & 0x80 != 0),
        _ => None,
    }
}

/// The pack of display modes (0x61) in the third block of auxiliary data.
fn is_wide(frame: &[u8]) -> Option<bool> {
    let track = frame.get(4)? & 7;
    let pack = frame.get(BLOCK * 5 + 48 + 5..)?.first_chunk::<5>()?;
    let [0x61, _, shape, ..] = pack else {
        return None;
    };
    Some(shape & 7 == 2 || track == 0 && shape & 7 == 7)
}

/// The pack of the sound's source (0x50) in the fourth block of sound.
fn sound(frame: &[u8], picture: &Stream) -> Option<Vec<Stream>> {
    let pack = frame
        .get(BLOCK * 6 + BLOCK * 16 * 3 + 3..)?
        .first_chunk::<5>()?;
    let [0x50, _, _, kind, rate] = pack else {
        return None;
    };
    let hertz = match rate >> 3 & 7 {
        0 => 48_000,
        1 => 44_100,
        2 => 32_000,
        _ => return None,
    };
    let pairs = match kind & 0x1f {
        // Four channels of 12 bits share the room of two of 16.
        0 if hertz == 32_000 && rate & 7 != 0 => 2,
        0 => 1,
        2 => 2,
        3 => 4,
        _ => return None,
    };
    let mut stream = Stream::new(StreamKind::Audio);
    "pcm_s16le".clone_into(&mut stream.codec);
    stream.duration_s = picture.duration_s;
    stream.bitrate_bps = Some(u64::from(hertz) * 32);
    let audio = stream.audio_mut();
    audio.channels = Some(2);
    audio.layout = Some("stereo".to_owned());
    audio.sample_rate_hz = Some(hertz);
    audio.bit_depth = Some(16);
    Some(vec![stream; pairs])
}
