//! Channel layouts in ffprobe's names.

use crate::Audio;

/// Returns the layout of a Microsoft channel mask (`WAVEFORMATEXTENSIBLE`), whose bits ffmpeg uses too.
pub fn of_mask(mask: u32) -> Option<&'static str> {
    LAYOUTS
        .iter()
        .find(|(bits, _)| *bits == mask)
        .map(|(_, name)| *name)
}

/// Returns the layout ffmpeg assumes for so many channels where nothing is said.
pub fn of_count(channels: u16) -> Option<&'static str> {
    Some(match channels {
        1 => "mono",
        2 => "stereo",
        3 => "2.1",
        4 => "4.0",
        5 => "5.0",
        6 => "5.1",
        7 => "6.1",
        8 => "7.1",
        _ => return None,
    })
}

/// Returns what ffprobe prints for a channel mask: the layout's name, else the count and the speakers. `None` for no speaker.
pub fn describe(mask: u32) -> Option<String> {
    if let Some(name) = of_mask(mask) {
        return Some(name.to_owned());
    }
    let names: Vec<&str> = SPEAKERS
        .iter()
        .filter(|(bit, _)| mask & bit != 0)
        .map(|(_, name)| *name)
        .collect();
    (!names.is_empty()).then(|| format!("{} channels ({})", names.len(), names.join("+")))
}

/// Notes the speakers a codec names, and how many they are.
pub(crate) fn note_mask(audio: &mut Audio, mask: u32) {
    if mask != 0 {
        audio.channels = u16::try_from(mask.count_ones()).ok();
        audio.layout = describe(mask);
    }
}

/// Notes a number of channels whose order is known by a table (`None`: not known).
pub(crate) fn note_count(audio: &mut Audio, channels: u16, layout: Option<&str>) {
    if channels != 0 {
        audio.channels = Some(channels);
        audio.layout = layout.map(str::to_owned);
    }
}

/// Returns the layout of so many channels in the order of Vorbis, which Opus and Ogg share.
pub(crate) fn of_vorbis(channels: u16) -> Option<&'static str> {
    Some(match channels {
        3 => "3.0",
        4 => "quad",
        _ => return of_count(channels),
    })
}

pub(crate) const FL: u32 = 1;
pub(crate) const FR: u32 = 2;
pub(crate) const FC: u32 = 4;
pub(crate) const LFE: u32 = 8;
pub(crate) const BL: u32 = 0x10;
pub(crate) const BR: u32 = 0x20;
pub(crate) const FLC: u32 = 0x40;
pub(crate) const FRC: u32 = 0x80;
pub(crate) const BC: u32 = 0x100;
pub(crate) const SL: u32 = 0x200;
pub(crate) const SR: u32 = 0x400;
pub(crate) const TC: u32 = 0x800;
pub(crate) const TFL: u32 = 0x1000;
pub(crate) const TFC: u32 = 0x2000;
pub(crate) const TFR: u32 = 0x4000;
pub(crate) const TBL: u32 = 0x8000;
pub(crate) const TBC: u32 = 0x1_0000;
pub(crate) const TBR: u32 = 0x2_0000;

/// Speakers beyond Microsoft's 18 have bits above the 32 that masks in files hold, and are left out.
const SPEAKERS: &[(u32, &str)] = &[
    (FL, "FL"),
    (FR, "FR"),
    (FC, "FC"),
    (LFE, "LFE"),
    (BL, "BL"),
    (BR, "BR"),
    (FLC, "FLC"),
    (FRC, "FRC"),
    (BC, "BC"),
    (SL, "SL"),
    (SR, "SR"),
    (TC, "TC"),
    (TFL, "TFL"),
    (TFC, "TFC"),
    (TFR, "TFR"),
    (TBL, "TBL"),
    (TBC, "TBC"),
    (TBR, "TBR"),
    (0x2000_0000, "DL"),
    (0x4000_0000, "DR"),
];

const LAYOUTS: &[(u32, &str)] = &[
    (FC, "mono"),
    (FL | FR, "stereo"),
    (FL | FR | LFE, "2.1"),
    (FL | FR | FC, "3.0"),
    (FL | FR | BC, "3.0(back)"),
    (FL | FR | FC | BC, "4.0"),
    (FL | FR | BL | BR, "quad"),
    (FL | FR | SL | SR, "quad(side)"),
    (FL | FR | FC | LFE, "3.1"),
    (FL | FR | FC | BL | BR, "5.0"),
    (FL | FR | FC | SL | SR, "5.0(side)"),
    (FL | FR | FC | LFE | BC, "4.1"),
    (FL | FR | FC | LFE | BL | BR, "5.1"),
    (FL | FR | FC | LFE | SL | SR, "5.1(side)"),
    (FL | FR | FC | SL | SR | BC, "6.0"),
    (FL | FR | SL | SR | FLC | FRC, "6.0(front)"),
    (FL | FR | FC | BL | BR | BC, "hexagonal"),
    (FL | FR | FC | LFE | SL | SR | BC, "6.1"),
    (FL | FR | FC | LFE | BL | BR | BC, "6.1(back)"),
    (FL | FR | SL | SR | FLC | FRC | LFE, "6.1(front)"),
    (FL | FR | FC | SL | SR | BL | BR, "7.0"),
    (FL | FR | FC | SL | SR | FLC | FRC, "7.0(front)"),
    (FL | FR | FC | LFE | SL | SR | BL | BR, "7.1"),
    (FL | FR | FC | LFE | BL | BR | FLC | FRC, "7.1(wide)"),
    (FL | FR | FC | LFE | SL | SR | FLC | FRC, "7.1(wide-side)"),
    (FL | FR | FC | LFE | BL | BR | TFL | TFR, "7.1(top)"),
    (FL | FR | FC | BL | BR | BC | SL | SR, "octagonal"),
    (FL | FR | BL | BR | TFL | TFR | TBL | TBR, "cube"),
    (0x6000_0000, "downmix"),
];
