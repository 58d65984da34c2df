//! Tables of a transport stream: sections put together from packets, and what PAT, PMT and SDT say.

use crate::bytes::Bytes;

/// The longest section there is: 12 bits of length after 3 bytes.
const LONGEST_SECTION: usize = 4_098;

/// Streams and programs taken from one section: 4 KiB hold no more.
const MOST_ENTRIES: usize = 1_024;

/// A section that is being put together from the packets of one PID.
#[derive(Debug, Default)]
pub(super) struct Section {
    bytes: Vec<u8>,
    started: bool,
}

impl Section {
    /// Takes a packet's payload and returns the sections it completes.
    pub(super) fn push(&mut self, payload: &[u8], unit_start: bool) -> Vec<Vec<u8>> {
        let mut done = Vec::new();
        let mut payload = payload;
        if unit_start {
            let Some((pointer, rest)) = payload.split_first() else {
                return done;
            };
            let (before, after) = rest.split_at(usize::from(*pointer).min(rest.len()));
            if self.started {
                self.bytes.extend_from_slice(before);
                self.take(&mut done);
            }
            self.bytes.clear();
            self.started = true;
            payload = after;
        }
        if self.started {
            self.bytes.extend_from_slice(payload);
            self.take(&mut done);
        }
        done
    }

    /// Moves whole sections out. Each has at least 3 bytes, so a packet holds few.
    fn take(&mut self, done: &mut Vec<Vec<u8>>) {
        while let [table, high, low, ..] = *self.bytes.as_slice() {
            let length = 3 + (usize::from(high & 0x0f) << 8 | usize::from(low));
            if table == 0xff || length > LONGEST_SECTION {
                // Stuffing until the next section begins.
                self.bytes.clear();
                self.started = false;
                return;
            }
            if self.bytes.len() < length {
                return;
            }
            let rest = self.bytes.split_off(length);
            done.push(std::mem::replace(&mut self.bytes, rest));
        }
    }
}

/// Returns the body of a section of the long form whose check sum is right and which is valid now: table, the number it is
/// about, and the bytes after the header.
pub(super) fn body(section: &[u8]) -> Option<(u8, u16, &[u8])> {
    let (content, _) = section.split_last_chunk::<4>()?;
    if crc(section) != 0 {
        return None;
    }
    let mut bytes = Bytes::new(content);
    let table = bytes.u8()?;
    bytes.skip(2)?;
    let number = bytes.u16_be()?;
    let current = bytes.u8()? & 1 == 1;
    bytes.skip(2)?;
    current.then_some((table, number, bytes.rest()))
}

/// The check sum of ISO/IEC 13818-1 annex A; 0 over a section with its own sum.
fn crc(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte) << 24, |sum, _| {
            sum << 1 ^ if sum >> 31 == 1 { 0x04c1_1db7 } else { 0 }
        })
    })
}

/// Returns programs of a PAT's body: number and PID of the PMT.
pub(super) fn pat(body: &[u8]) -> Vec<(u16, u16)> {
    let mut bytes = Bytes::new(body);
    let mut programs = Vec::new();
    while let (Some(number), Some(pid)) = (bytes.u16_be(), bytes.u16_be()) {
        if number != 0 {
            programs.push((number, pid & 0x1fff));
        }
    }
    programs
}

/// What a PMT says.
#[derive(Debug, Default)]
pub(super) struct Pmt {
    /// Who defines the private stream types: `HDMV` on Blu-ray.
    pub(super) registration: Option<[u8; 4]>,
    /// Streams in order.
    pub(super) entries: Vec<Entry>,
}

/// A stream of a PMT.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) stream_type: u8,
    pub(super) pid: u16,
    /// Descriptors: tag and bytes.
    pub(super) descriptors: Vec<(u8, Vec<u8>)>,
}

/// Reads a PMT's body as far as it is whole.
pub(super) fn pmt(body: &[u8]) -> Option<Pmt> {
    let mut bytes = Bytes::new(body);
    // Where the program's clock is.
    bytes.skip(2)?;
    let length = usize::from(bytes.u16_be()? & 0x0fff);
    let registration = descriptors(bytes.take(length)?)
        .into_iter()
        .filter(|(tag, _)| *tag == 0x05)
        .find_map(|(_, data)| data.first_chunk::<4>().copied());
    let mut pmt = Pmt {
        registration,
        entries: Vec::new(),
    };
    while let (Some(stream_type), Some(pid), Some(length)) =
        (bytes.u8(), bytes.u16_be(), bytes.u16_be())
    {
        let Some(info) = bytes.take(usize::from(length & 0x0fff)) else {
            break;
        };
        if pmt.entries.len() >= MOST_ENTRIES {
            break;
        }
        pmt.entries.push(Entry {
            stream_type,
            pid: pid & 0x1fff,
            descriptors: descriptors(info),
        });
    }
    Some(pmt)
}

fn descriptors(bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut bytes = Bytes::new(bytes);
    let mut found = Vec::new();
    while let (Some(tag), Some(length)) = (bytes.u8(), bytes.u8()) {
        let Some(data) = bytes.take(usize::from(length)) else {
            break;
        };
        found.push((tag, data.to_vec()));
    }
    found
}

/// Returns provider and name of the services of an SDT's body (ETSI EN 300 468, 5.2.3).
pub(super) fn sdt(body: &[u8]) -> Vec<(String, String)> {
    let mut bytes = Bytes::new(body);
    let mut services = Vec::new();
    if bytes.skip(3).is_none() {
        return services;
    }
    while bytes.skip(3).is_some() {
        let Some(info) = bytes
            .u16_be()
            .and_then(|length| bytes.take(usize::from(length & 0x0fff)))
        else {
            break;
        };
        for (tag, data) in descriptors(info) {
            if tag == 0x48
                && let Some(service) = service(&data)
            {
                services.push(service);
            }
        }
    }
    services
}

fn service(data: &[u8]) -> Option<(String, String)> {
    let mut bytes = Bytes::new(data);
    bytes.skip(1)?;
    let length = bytes.u8()?;
    let provider = text(bytes.take(usize::from(length))?);
    let length = bytes.u8()?;
    let name = text(bytes.take(usize::from(length))?);
    Some((provider, name))
}

/// Returns text of DVB (EN 300 468, annex A). Of the many tables UTF-8, UTF-16 and ISO 8859-1/-9/-15 are known, and
/// ISO 6937, the table where none is named, as far as it is ASCII with accents before the letters.
fn text(bytes: &[u8]) -> String {
    let plain = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect();
    let mut text: String = match bytes {
        [0x15, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0x11 | 0x14, rest @ ..] => {
            let units: Vec<u16> = rest
                .chunks_exact(2)
                .map(|pair| pair.iter().fold(0, |sum, byte| sum << 8 | u16::from(*byte)))
                .collect();
            String::from_utf16_lossy(&units)
        }
        [0x10, _, _, rest @ ..] | [0x01..=0x1f, rest @ ..] => plain(rest),
        rest => match std::str::from_utf8(rest) {
            // Encoders that know no tables write UTF-8 as it is.
            Ok(text) => text.to_owned(),
            Err(_) => iso_6937(rest),
        },
    };
    // Marks for emphasis and line ends.
    text.retain(|c| !c.is_control() && !('\u{80}'..='\u{9f}').contains(&c));
    text
}

/// Accents come before their letters.
fn iso_6937(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut accent = None;
    for &byte in bytes {
        if (0xc1..=0xcf).contains(&byte) {
            accent = Some(byte);
            continue;
        }
        let letter = match byte {
            0xe1 => 'Æ',
            0xe9 => 'Ø',
            0xea => 'Œ',
            0xf1 => 'æ',
            0xf9 => 'ø',
            0xfa => 'œ',
            0xfb => 'ß',
            0xa4 => '€',
            other => char::from(other),
        };
        text.push(match accent.take() {
            Some(accent) => accented(accent, letter),
            None => letter,
        });
    }
    text
}

fn accented(accent: u8, letter: char) -> char {
    let (from, to) = match accent {
        0xc1 => ("AEIOUaeiou", "ÀÈÌÒÙàèìòù"),
        0xc2 => ("AEIOUYaeiouyCcNnSsZz", "ÁÉÍÓÚÝáéíóúýĆćŃńŚśŹź"),
        0xc3 => ("AEIOUaeiou", "ÂÊÎÔÛâêîôû"),
        0xc4 => ("ANOano", "ÃÑÕãñõ"),
        0xc8 => ("AEIOUYaeiouy", "ÄËÏÖÜŸäëïöüÿ"),
        0xca => ("AUau", "ÅŮåů"),
        0xcb => ("CcSs", "ÇçŞş"),
        0xcf => ("CcSsZzEeRrNn", "ČčŠšŽžĚěŘřŇň"),
        _ => ("", ""),
    };
    from.chars()
        .zip(to.chars())
        .find(|(plain, _)| *plain == letter)
        .map_or(letter, |(_, with)| with)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PAT with programs 1 (PID 0x100) and 2 (PID 0x200), with its check sum.
    fn section() -> Vec<u8> {
        let mut bytes = vec![0, 0xb0, 17, 0, 1, 0xc1, 0, 0];
        bytes.extend([0, 1, 0xe1, 0, 0, 2, 0xe2, 0]);
        let sum = crc(&bytes);
        bytes.extend(sum.to_be_bytes());
        bytes
    }

    #[test]
    fn sections_are_put_together_from_pieces() {
        let section = section();
        let mut all = vec![0];
        all.extend(&section);
        all.extend(&section);
        for cut in 1..all.len() {
            let mut pieces = Section::default();
            let mut found = pieces.push(&all[..cut], true);
            found.extend(pieces.push(&all[cut..], false));
            assert_eq!(found, [section.clone(), section.clone()], "{cut}");
        }
        // A pointer to the section that begins here, after the end of the one before.
        let mut pieces = Section::default();
        assert!(pieces.push(&all[..9], true).is_empty());
        let mut rest = vec![12];
        rest.extend(&section[8..]);
        rest.extend(&section);
        assert_eq!(pieces.push(&rest, true).len(), 2);
    }

    #[test]
    fn check_sums_count() {
        let mut section = section();
        let (table, number, rest) = body(&section).unwrap();
        assert_eq!((table, number), (0, 1));
        assert_eq!(pat(rest), [(1, 0x100), (2, 0x200)]);
        section[9] ^= 1;
        assert!(body(&section).is_none());
    }

    #[test]
    fn texts_of_dvb() {
        assert_eq!(text(b"Das Erste"), "Das Erste");
        assert_eq!(text(b"\x15Caf\xc3\xa9"), "Café");
        assert_eq!(text(b"\x05\x86ORF\x87 \xfc"), "ORF ü");
        assert_eq!(text(b"M\xc8unchen"), "München");
    }
}
