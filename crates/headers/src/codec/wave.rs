//! `WAVEFORMATEX`: how AVI, WAV, ASF and Matroska describe sound.

use crate::Stream;
use crate::bytes::Bytes;
use crate::codec::{aac, flac, layout};

/// Notes what a `WAVEFORMATEX` or `WAVEFORMATEXTENSIBLE` (with its extra bytes) says: codec by format tag, rate, channels,
/// layout, depth, bit rate; hands extra bytes to the codec's reader.
pub fn format(bytes: &[u8], stream: &mut Stream) -> bool {
    let Some(format) = Format::read(bytes) else {
        return false;
    };
    if stream.codec_tag.is_none() {
        stream.codec_tag = Some(format!("0x{:04x}", format.tag));
    }
    let codec = format.codec();
    if let Some(codec) = codec {
        codec.clone_into(&mut stream.codec);
    }
    let audio = stream.audio_mut();
    if format.rate_hz != 0 {
        audio.sample_rate_hz = Some(format.rate_hz);
    }
    layout::note_count(audio, format.channels, format.layout(codec).as_deref());
    if let Some(depth) = format.depth(codec) {
        audio.bit_depth = Some(depth);
    }
    if format.bytes_per_second != 0 {
        stream.bitrate_bps = Some(u64::from(format.bytes_per_second) * 8);
    }
    format.extra(stream);
    true
}

/// The description, an extensible one resolved.
pub(crate) struct Format<'a> {
    tag: u16,
    pub(crate) channels: u16,
    pub(crate) rate_hz: u32,
    pub(crate) bytes_per_second: u32,
    /// Bytes of a block: of one sample of all channels where samples are kept whole.
    pub(crate) block_bytes: u16,
    bits: u16,
    mask: u32,
    guid: Option<[u8; 16]>,
    extra: &'a [u8],
}

/// All but the first four bytes of identifiers that merely wrap a format tag.
const WRAPPED: [u8; 12] = [0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

/// The same for sound fields (B-format).
const AMBISONIC: [u8; 12] = [
    0x21, 0x07, 0xd3, 0x11, 0x86, 0x44, 0xc8, 0xc1, 0xca, 0, 0, 0,
];

impl<'a> Format<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut bytes = Bytes::new(bytes);
        let mut format = Self {
            tag: bytes.u16_le()?,
            channels: bytes.u16_le()?,
            rate_hz: bytes.u32_le()?,
            bytes_per_second: bytes.u32_le()?,
            block_bytes: bytes.u16_le()?,
            bits: bytes.u16_le().unwrap_or(8),
            mask: 0,
            guid: None,
            extra: &[],
        };
        let extra = usize::from(bytes.u16_le().unwrap_or(0));
        format.extra = bytes.rest().get(..extra).unwrap_or(bytes.rest());
        if format.tag == 0xfffe {
            format.extensible();
        }
        Some(format)
    }

    fn extensible(&mut self) -> Option<()> {
        let mut bytes = Bytes::new(self.extra);
        let bits = bytes.u16_le()?;
        if bits != 0 {
            self.bits = bits;
        }
        self.mask = bytes.u32_le()?;
        let guid: [u8; 16] = bytes.array()?;
        self.guid = Some(guid);
        let (head, tail) = guid.split_first_chunk::<4>()?;
        if tail == WRAPPED || tail == AMBISONIC {
            let [low, high, ..] = *head;
            self.tag = u16::from_le_bytes([low, high]);
            self.guid = None;
        }
        self.extra = bytes.rest();
        Some(())
    }

    fn codec(&self) -> Option<&'static str> {
        if let Some(guid) = self.guid {
            return of_guid(&guid);
        }
        Some(match (self.tag, self.bits) {
            (1, 0..=8) => "pcm_u8",
            (1, 9..=16) => "pcm_s16le",
            (1, 17..=24) => "pcm_s24le",
            (1, 25..=32) => "pcm_s32le",
            (1, 57..=64) => "pcm_s64le",
            (3, 17..=24) => "pcm_f24le",
            (3, 25..=32) => "pcm_f32le",
            (3, 57..=64) => "pcm_f64le",
            (3, 9..=16) => "pcm_f16le",
            (1 | 3, _) => return None,
            (tag, _) => return of_tag(tag),
        })
    }

    /// Whole samples say only what the mask says; of compressed sound up to stereo there is only one order.
    fn layout(&self, codec: Option<&str>) -> Option<String> {
        if self.mask.count_ones() == u32::from(self.channels) {
            return layout::describe(self.mask);
        }
        let codec = codec?;
        let decided = codec.starts_with("mp") || codec == "aac";
        if decided {
            return layout::of_count(self.channels).map(str::to_owned);
        }
        None
    }

    fn depth(&self, codec: Option<&str>) -> Option<u8> {
        Some(match codec? {
            "pcm_u8" | "pcm_alaw" | "pcm_mulaw" => 8,
            "pcm_s16le" | "pcm_f16le" => 16,
            "pcm_s24le" | "pcm_f24le" => 24,
            "pcm_s32le" | "pcm_f32le" => 32,
            "pcm_s64le" | "pcm_f64le" => 64,
            "adpcm_ms" | "adpcm_ima_wav" | "adpcm_yamaha" | "adpcm_swf" | "adpcm_ima_oki"
            | "adpcm_ct" | "adpcm_g722" => 4,
            "wmalossless" => u8::try_from(self.bits).ok().filter(|bits| *bits != 0)?,
            _ => return None,
        })
    }

    /// Reads what the codec itself stored.
    fn extra(&self, stream: &mut Stream) {
        match stream.codec.as_str() {
            // HEAACWAVEINFO: twelve bytes, then a configuration where the payload is bare.
            "aac" if self.tag == 0x1610 => {
                let _ = aac::config(self.extra.get(12..).unwrap_or_default(), stream);
            }
            "aac" => {
                let _ = aac::config(self.extra, stream);
            }
            "flac" => {
                let _ = flac::streaminfo(self.extra, stream);
            }
            "wmapro" | "wmalossless" => self.professional(stream),
            _ => {}
        }
    }

    /// WMA Professional and Lossless: depth, then a channel mask.
    fn professional(&self, stream: &mut Stream) {
        let mut bytes = Bytes::new(self.extra);
        let (Some(depth), Some(mask)) = (bytes.u16_le(), bytes.u32_le()) else {
            return;
        };
        if stream.codec == "wmalossless" {
            stream.audio_mut().bit_depth = u8::try_from(depth).ok().filter(|bits| *bits != 0);
        }
        let audio = stream.audio_mut();
        if mask.count_ones() == u32::from(self.channels) {
            audio.layout = layout::describe(mask);
        }
    }
}

fn of_guid(guid: &[u8; 16]) -> Option<&'static str> {
    Some(match guid {
        [0x2c, 0x80, 0x6d, 0xe0, ..] => "ac3",
        [0xaf, 0x87, 0xfb, 0xa7, ..] => "eac3",
        [0xcb, 0xe4, 0x28, 0xe4, ..] | [0x94, 0xa4, 0xc4, 0x87, ..] => "atrac9",
        [0xbf, 0xaa, 0x23, 0xe9, ..] => "atrac3p",
        [0x82, 0xec, 0x1f, 0x6a, ..] | [0x2b, 0x80, 0x6d, 0xe0, ..] => "mp2",
        _ => return None,
    })
}

fn of_tag(tag: u16) -> Option<&'static str> {
    Some(match tag {
        0x02 => "adpcm_ms",
        0x06 => "pcm_alaw",
        0x07 | 0x6c75 => "pcm_mulaw",
        0x0a => "wmavoice",
        0x10 | 0x17 => "adpcm_ima_oki",
        0x11 | 0x69 => "adpcm_ima_wav",
        0x14 | 0x40 | 0x45 | 0x64 => "adpcm_g726",
        0x65 | 0x28f => "adpcm_g722",
        0x20 => "adpcm_yamaha",
        0x22 | 0x1501 => "truespeech",
        0x31 | 0x32 | 0x1500 => "gsm_ms",
        0x38 | 0x57 => "amr_nb",
        0x58 => "amr_wb",
        0x42 | 0x111 | 0xa100 => "g723_1",
        0x50 => "mp2",
        0x55 => "mp3",
        0x61 => "adpcm_ima_dk4",
        0x62 => "adpcm_ima_dk3",
        0x75 => "metasound",
        0x83 => "g729",
        0xff | 0x706d | 0x1600 | 0x1610 | 0x4143 | 0xa106 => "aac",
        0x1602 => "aac_latm",
        0x130 => "sipr",
        0x135 => "acelp.kelvin",
        0x160 => "wmav1",
        0x141 | 0x161 => "wmav2",
        0x162 => "wmapro",
        0x163 => "wmalossless",
        0x165 => "xma1",
        0x166 => "xma2",
        0x200 => "adpcm_ct",
        0x215 => "dvaudio",
        0x270 => "atrac3",
        0x401 => "imc",
        0x402 => "iac",
        0x500 | 0x501 => "avc",
        0x594a => "xan_dpcm",
        0x566f | 0x674f | 0x6750 | 0x6751 | 0x676f | 0x6770 | 0x6771 => "vorbis",
        0x2000 => "ac3",
        0x2001 => "dts",
        0x2048 => "sonic",
        0x5346 => "adpcm_swf",
        0x5756 => "wavpack",
        0x704f => "opus",
        0xa109 => "speex",
        0xf1ac => "flac",
        _ => return None,
    })
}
