//! Languages: three letters in 15 bits, or a number of the old Macintosh.

/// Returns the language of an `mdhd`; `None` where there is none.
pub(super) fn of_code(code: u16) -> Option<String> {
    if code >= 0x400 && code != 0x7fff {
        let letter = |shift: u32| {
            let letter = u8::try_from(code >> shift & 0x1f).ok()?;
            Some(char::from(letter + 0x60)).filter(char::is_ascii_lowercase)
        };
        return [letter(10), letter(5), letter(0)].into_iter().collect();
    }
    let name = match code {
        128..=138 => LATER.get(usize::from(code - 128))?,
        _ => FIRST.get(usize::from(code))?,
    };
    (!name.is_empty()).then(|| (*name).to_owned())
}

/// The Macintosh's numbers from 0, as ffprobe prints them.
const FIRST: &[&str] = &[
    "eng", "fra", "ger", "ita", "dut", "sve", "spa", "dan", "por", "nor", "heb", "jpn", "ara",
    "fin", "gre", "ice", "mlt", "tur", "hr ", "chi", "urd", "hin", "tha", "kor", "lit", "pol",
    "hun", "est", "lav", "smi", "fo ", "per", "rus", "chi", "", "iri", "alb", "ron", "ces", "slk",
    "slv", "yid", "sr ", "mac", "bul", "ukr", "bel", "uzb", "kaz", "aze", "aze", "arm", "geo",
    "mol", "kir", "tgk", "tuk", "mon", "", "pus", "kur", "kas", "snd", "tib", "nep", "san", "mar",
    "ben", "asm", "guj", "pa ", "ori", "mal", "kan", "tam", "tel", "sin", "bur", "khm", "lao",
    "vie", "ind", "tgl", "may", "may", "amh", "tir", "orm", "som", "swa", "kin", "run", "nya",
    "mlg", "epo",
];

/// The numbers from 128.
const LATER: &[&str] = &[
    "wel", "baq", "cat", "lat", "que", "grn", "aym", "tat", "uig", "dzo", "jav",
];
