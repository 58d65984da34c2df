//! Sample entries of sound.

use super::boxes::Part;
use super::entry::{self, Entry};
use super::esds::Descriptor;
use crate::bytes::Bytes;
use crate::codec::{aac, ac3, alac, flac, layout, opus};
use crate::{Reader, Stop};

/// Bytes read of a configuration.
const LONGEST_CONFIGURATION: u64 = 16 << 10;

/// What the fixed part says.
#[derive(Clone, Copy, Debug, Default)]
struct Fixed {
    channels: u32,
    bits: u32,
    rate: f64,
    /// Of `lpcm`: 1 floating point, 2 big end first, 4 signed.
    flags: u32,
    length: u64,
}

/// Reads the entry of a sound.
pub(super) fn read(
    reader: &mut Reader<'_>,
    part: &Part,
    iso: bool,
    table_version: u8,
    entry: &mut Entry,
) -> Result<(), Stop> {
    let bytes = part.bytes(reader, 64)?;
    let Some(fixed) = fixed(&bytes, iso, table_version) else {
        return Ok(());
    };
    entry.depth = u16::try_from(fixed.bits).unwrap_or_default();
    general(&fixed, entry);
    let mut order = Order::default();
    let read = part.skip(fixed.length).children(reader, |reader, child| {
        note(reader, child, entry, &mut order)
    });
    whole_samples(&fixed, &order, entry);
    if let Some(layout) = order.layout {
        entry.stream.audio_mut().layout = Some(layout);
    }
    read
}

/// What boxes say of whole samples.
#[derive(Debug, Default)]
struct Order {
    little: Option<bool>,
    bits: Option<u8>,
    layout: Option<String>,
}

fn fixed(bytes: &[u8], iso: bool, table_version: u8) -> Option<Fixed> {
    let mut bytes = Bytes::new(bytes);
    bytes.skip(8)?;
    let version = bytes.u16_be()?;
    bytes.skip(6)?;
    let mut found = Fixed {
        channels: bytes.u16_be()?.into(),
        bits: bytes.u16_be()?.into(),
        length: 28,
        ..Fixed::default()
    };
    bytes.skip(4)?;
    found.rate = f64::from(bytes.u32_be()?) / 65_536.0;
    // ISO's own version 1 has nothing more and is told by the table's version.
    let apple = !iso || table_version == 0;
    if version == 1 && apple {
        found.length += 16;
    } else if version == 2 && apple {
        bytes.skip(4)?;
        found.rate = f64::from_bits(bytes.u64_be()?);
        found.channels = bytes.u32_be()?;
        bytes.skip(4)?;
        found.bits = bytes.u32_be()?;
        found.flags = bytes.u32_be()?;
        found.length += 36;
    }
    Some(found)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of floats saturate"
)]
fn general(fixed: &Fixed, entry: &mut Entry) {
    let audio = entry.stream.audio_mut();
    audio.sample_rate_hz = Some(fixed.rate as u32).filter(|rate| *rate > 0);
    audio.channels = u16::try_from(fixed.channels)
        .ok()
        .filter(|count| *count > 0);
    match &entry.code {
        // These always have the same, whatever the entry says.
        b"samr" => (audio.sample_rate_hz, audio.channels) = (Some(8_000), Some(1)),
        b"sawb" => (audio.sample_rate_hz, audio.channels) = (Some(16_000), Some(1)),
        _ => {}
    }
    if let Some(channels) = audio.channels.filter(|channels| *channels <= 2) {
        audio.layout = layout::of_count(channels).map(str::to_owned);
    }
}

fn note(
    reader: &mut Reader<'_>,
    part: &Part,
    entry: &mut Entry,
    order: &mut Order,
) -> Result<(), Stop> {
    if part.kind == *b"wave" {
        // What QuickTime hands to its decoders: the same boxes again.
        return part.children(reader, |reader, child| {
            // An empty `mp4a` and the name of the codec are repetitions.
            simple(reader, child, entry, order)
        });
    }
    simple(reader, part, entry, order)
}

fn simple(
    reader: &mut Reader<'_>,
    part: &Part,
    entry: &mut Entry,
    order: &mut Order,
) -> Result<(), Stop> {
    match &part.kind {
        b"sinf" => {
            entry.encrypted = true;
            if let Some(code) = entry::original(reader, part)? {
                entry.code = code;
                entry::identify(entry);
            }
        }
        b"enda" => order.little = Some(reader.array::<2>(part.body)? == [0, 1]),
        b"pcmC" => {
            let [_, _, _, _, flags, bits] = reader.array::<6>(part.body)?;
            (order.little, order.bits) = (Some(flags & 1 != 0), Some(bits));
        }
        b"chan" => {
            let bytes = part.bytes(reader, 4 << 10)?;
            order.layout = super::channels::layout(&bytes).or(order.layout.take());
        }
        b"btrt" if entry.stream.bitrate_bps.is_none() => {
            let [_, _, _, _, _, _, _, _, a, b, c, d] = reader.array::<12>(part.body)?;
            let rate = u64::from(u32::from_be_bytes([a, b, c, d]));
            entry.stream.bitrate_bps = Some(rate).filter(|rate| *rate > 0);
        }
        b"esds" | b"dac3" | b"dec3" | b"alac" | b"dOps" | b"dfLa" | b"ddts" | b"dmlp" => {
            let bytes = part.bytes(reader, LONGEST_CONFIGURATION)?;
            entry.configured |= configuration(part.kind, &bytes, entry);
        }
        _ => {}
    }
    Ok(())
}

fn configuration(kind: [u8; 4], bytes: &[u8], entry: &mut Entry) -> bool {
    let stream = &mut entry.stream;
    match &kind {
        b"esds" => descriptor(bytes, entry),
        b"dac3" => ac3::dac3(bytes, stream),
        b"dec3" => ac3::dec3(bytes, stream),
        b"alac" => bytes
            .get(4..)
            .is_some_and(|cookie| alac::cookie(cookie, stream)),
        b"dOps" => opus::dops(bytes, stream),
        // Version and flags, then metadata blocks: the first is STREAMINFO.
        b"dfLa" => {
            let duration = stream.duration_s;
            let read = bytes
                .get(8..)
                .is_some_and(|block| flac::streaminfo(block, stream));
            stream.duration_s = duration;
            read
        }
        _ => false,
    }
}

fn descriptor(bytes: &[u8], entry: &mut Entry) -> bool {
    let Some(found) = Descriptor::read(bytes) else {
        return false;
    };
    let stream = &mut entry.stream;
    if let Some(codec) = found.codec() {
        codec.clone_into(&mut stream.codec);
    }
    let rate = Some(u64::from(found.average_bps)).filter(|rate| *rate > 0);
    stream.bitrate_bps = stream.bitrate_bps.or(rate);
    match stream.codec.as_str() {
        "aac" => aac::config(found.specific, stream),
        _ => false,
    }
}

/// Settles byte order and depth of sound that is not compressed.
fn whole_samples(fixed: &Fixed, order: &Order, entry: &mut Entry) {
    let bits = order.bits.map_or(fixed.bits, u32::from);
    let little = order.little.unwrap_or(false);
    let end = if little { "le" } else { "be" };
    let (codec, depth) = match &entry.code {
        b"twos" | b"sowt" if bits == 8 => ("pcm_s8".to_owned(), 8),
        b"twos" | b"sowt" if bits == 24 || bits == 32 => {
            let end = if entry.code == *b"sowt" { "le" } else { end };
            (format!("pcm_s{bits}{end}"), bits)
        }
        b"sowt" => ("pcm_s16le".to_owned(), 16),
        b"twos" => (format!("pcm_s16{end}"), 16),
        b"in24" => (format!("pcm_s24{end}"), 24),
        b"in32" => (format!("pcm_s32{end}"), 32),
        b"fl32" => (format!("pcm_f32{end}"), 32),
        b"fl64" => (format!("pcm_f64{end}"), 64),
        b"ulaw" => ("pcm_mulaw".to_owned(), 8),
        b"alaw" => ("pcm_alaw".to_owned(), 8),
        b"raw " | b"NONE" if bits == 16 => (format!("pcm_s16{end}"), 16),
        b"raw " | b"NONE" => ("pcm_u8".to_owned(), 8),
        b"ima4" => ("adpcm_ima_qt".to_owned(), 4),
        b"ipcm" => (format!("pcm_s{bits}{end}"), bits),
        b"fpcm" => (format!("pcm_f{bits}{end}"), bits),
        b"lpcm" => (linear(bits, fixed.flags), bits),
        _ => return,
    };
    entry.stream.codec = codec;
    let audio = entry.stream.audio_mut();
    audio.bit_depth = u8::try_from(depth).ok();
    let rate = audio.sample_rate_hz.map(u64::from);
    let channels = audio.channels.map(u64::from);
    if let (Some(rate), Some(channels)) = (rate, channels)
        && entry.code != *b"ima4"
    {
        entry.constant_bps = Some(rate * channels * u64::from(depth));
    }
}

fn linear(bits: u32, flags: u32) -> String {
    let end = if flags & 2 != 0 { "be" } else { "le" };
    let kind = match flags {
        _ if flags & 1 != 0 => 'f',
        _ if flags & 4 != 0 => 's',
        _ => 'u',
    };
    if bits == 8 {
        format!("pcm_{kind}8")
    } else {
        format!("pcm_{kind}{bits}{end}")
    }
}

/// Returns ffprobe's name of the codec of four characters; `ms` and a number of Windows are understood too.
pub(super) fn codec_of(code: [u8; 4]) -> Option<&'static str> {
    Some(match &code {
        b"mp4a" | b"enca" => "aac",
        b".mp3" | b"ms\0\x55" | b"mp3 " => "mp3",
        b".mp2" | b"ms\0\x50" => "mp2",
        b".mp1" => "mp1",
        b"ac-3" | b"sac3" | b"AC-3" => "ac3",
        b"ec-3" | b"EC-3" => "eac3",
        b"ac-4" => "ac4",
        b"alac" => "alac",
        b"Opus" => "opus",
        b"fLaC" => "flac",
        b"samr" => "amr_nb",
        b"sawb" => "amr_wb",
        // Of the last three, flags and bits say more.
        b"sowt" | b"lpcm" | b"ipcm" | b"fpcm" => "pcm_s16le",
        b"twos" => "pcm_s16be",
        b"in24" => "pcm_s24be",
        b"in32" => "pcm_s32be",
        b"fl32" => "pcm_f32be",
        b"fl64" => "pcm_f64be",
        b"ulaw" => "pcm_mulaw",
        b"alaw" => "pcm_alaw",
        b"raw " | b"NONE" => "pcm_u8",
        b"ima4" => "adpcm_ima_qt",
        b"ms\0\x02" => "adpcm_ms",
        b"ms\0\x11" => "adpcm_ima_wav",
        b"dtsc" | b"dtsh" | b"dtsl" | b"dtse" | b"dtsx" | b"DTS " | b"dts+" | b"dts-" => "dts",
        b"mlpa" => "truehd",
        b"agsm" => "gsm",
        b"MAC3" => "mace3",
        b"MAC6" => "mace6",
        b"QDM2" => "qdm2",
        b"QDMC" => "qdmc",
        b"Qclp" | b"Qclq" | b"sqcp" => "qcelp",
        b"sevc" => "evrc",
        b"nmos" => "nellymoser",
        b"spex" => "speex",
        b"ilbc" => "ilbc",
        b"WMA2" | b"owma" => "wmav2",
        b"G719" => "g719",
        b"mha1" | b"mhm1" => "mpegh_3d_audio",
        _ => return None,
    })
}
