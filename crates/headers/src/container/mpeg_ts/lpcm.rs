//! Plain samples as discs store them.

use crate::codec::layout;
use crate::{Audio, Stream};

/// Notes what the four bytes before the samples of Blu-ray say.
pub(super) fn bluray(packet: &[u8], stream: &mut Stream) -> bool {
    let [_, _, places, depth, ..] = *packet else {
        return false;
    };
    let (channels, name) = match places >> 4 {
        1 => (1, "mono"),
        3 => (2, "stereo"),
        4 => (3, "3.0"),
        5 => (3, "3.0(back)"),
        6 => (4, "4.0"),
        7 => (4, "quad(side)"),
        8 => (5, "5.0(side)"),
        9 => (6, "5.1(side)"),
        10 => (7, "7.0"),
        11 => (8, "7.1"),
        _ => return false,
    };
    let rate_hz = match places & 0x0f {
        1 => 48_000,
        4 => 96_000,
        5 => 192_000,
        _ => return false,
    };
    let bits = match depth >> 6 {
        1 => 16,
        2 => 20,
        3 => 24,
        _ => return false,
    };
    let audio = stream.audio_mut();
    audio.channels = Some(channels);
    audio.layout = Some(name.to_owned());
    audio.sample_rate_hz = Some(rate_hz);
    audio.bit_depth = Some(bits);
    // Channels are stored in pairs, 20 bits in 24.
    stream.bitrate_bps =
        Some(u64::from(channels.next_multiple_of(2)) * u64::from(rate_hz) * u64::from(bits));
    true
}

/// Notes what the three bytes before the samples of DVD say.
pub(super) fn dvd(packet: &[u8], stream: &mut Stream) -> bool {
    let [_, format, _, ..] = *packet else {
        return false;
    };
    let (bits, rate_hz) = (
        match format >> 6 {
            0 => 16,
            1 => 20,
            2 => 24,
            _ => return false,
        },
        match format >> 4 & 3 {
            0 => 48_000,
            1 => 96_000,
            2 => 44_100,
            _ => 32_000,
        },
    );
    let channels = u16::from(format & 7) + 1;
    let audio = stream.audio_mut();
    audio.channels = Some(channels);
    audio.layout = layout::of_count(channels).map(str::to_owned);
    audio.sample_rate_hz = Some(rate_hz);
    audio.bit_depth = Some(bits);
    stream.bitrate_bps = Some(u64::from(channels) * u64::from(rate_hz) * u64::from(bits));
    true
}

/// Notes what the four bytes before the samples of SMPTE 302M, and the length of a packet, say.
pub(super) fn s302m(packet: &[u8], stream: &mut Stream) -> bool {
    let Some(head) = packet.first_chunk::<4>() else {
        return false;
    };
    let head = u32::from_be_bytes(*head);
    let channels = [2, 4, 6, 8]
        .into_iter()
        .nth((head >> 14 & 3) as usize)
        .unwrap_or(2);
    let bits = (head >> 4 & 3) * 4 + 16;
    let size = u64::from(head >> 16);
    if bits > 24 || size == 0 {
        return false;
    }
    let name = match channels {
        2 => Some("stereo"),
        4 => Some("quad"),
        6 => Some("5.1"),
        _ => None,
    };
    let audio = stream.audio_mut();
    layout::note_count(audio, channels, name);
    audio.sample_rate_hz = Some(48_000);
    audio.bit_depth = u8::try_from(bits).ok();
    // Each sample has four more bits, each packet its header.
    let sample_bits = u64::from(channels) * u64::from(bits + 4);
    if let Some(headers) = (32_u64 * 48_000).checked_div(size * 8 / sample_bits) {
        stream.bitrate_bps = Some(48_000 * sample_bits + headers);
    }
    true
}

/// Returns how many samples a packet of Blu-ray holds.
pub(super) fn bluray_samples(audio: &Audio, bytes: u64) -> u64 {
    let channels = u64::from(audio.channels.unwrap_or(1)).next_multiple_of(2);
    let bits = u64::from(audio.bit_depth.unwrap_or(16));
    (bytes.saturating_sub(4) * 8)
        .checked_div(channels * bits)
        .unwrap_or_default()
}

/// Returns how many samples a packet of DVD holds. They come in pairs.
pub(super) fn dvd_samples(audio: &Audio, bytes: u64) -> u64 {
    let channels = u64::from(audio.channels.unwrap_or(1));
    let bits = u64::from(audio.bit_depth.unwrap_or(16));
    bytes
        .saturating_sub(3)
        .checked_div(bits * 2 / 8 * channels)
        .unwrap_or_default()
        * 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StreamKind;

    #[test]
    fn headers_of_discs() {
        let check =
            |read: fn(&[u8], &mut Stream) -> bool, head: &[u8], expected: (u16, u32, u8)| {
                let mut stream = Stream::new(StreamKind::Audio);
                assert!(read(head, &mut stream));
                let audio = stream.audio.unwrap();
                let found = (
                    audio.channels.unwrap(),
                    audio.sample_rate_hz.unwrap(),
                    audio.bit_depth.unwrap(),
                );
                assert_eq!(found, expected);
            };
        check(bluray, &[0, 0, 0x94, 0xc0], (6, 96_000, 24));
        check(bluray, &[0, 0, 0x31, 0x40], (2, 48_000, 16));
        check(dvd, &[0, 0x91, 0x80], (2, 96_000, 24));
        check(s302m, &[0x10, 0, 0x40, 0x10], (4, 48_000, 20));
        assert!(!dvd(&[0, 0xc1, 0x80], &mut Stream::new(StreamKind::Audio)));
    }
}
