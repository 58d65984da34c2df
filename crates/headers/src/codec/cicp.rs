//! Code points of colour (ITU-T H.273) in ffprobe's names.

use crate::{Color, Hdr, Video};

/// Notes colour code points; 2 is "unspecified" and says nothing. PQ and HLG make the picture HDR.
pub fn note(video: &mut Video, primaries: u8, transfer: u8, matrix: u8, full_range: Option<bool>) {
    let color: &mut Color = &mut video.color;
    let set = |field: &mut Option<String>, name: Option<&str>| {
        if let Some(name) = name {
            *field = Some(name.to_owned());
        }
    };
    set(&mut color.primaries, primaries_name(primaries));
    set(&mut color.transfer, transfer_name(transfer));
    set(&mut color.matrix, matrix_name(matrix));
    if full_range.is_some() {
        color.full_range = full_range;
    }
    match transfer {
        16 => video.add_hdr(Hdr::Hdr10),
        18 => video.add_hdr(Hdr::Hlg),
        _ => {}
    }
}

/// Returns the name of a set of primaries.
pub const fn primaries_name(code: u8) -> Option<&'static str> {
    Some(match code {
        1 => "bt709",
        4 => "bt470m",
        5 => "bt470bg",
        6 => "smpte170m",
        7 => "smpte240m",
        8 => "film",
        9 => "bt2020",
        10 => "smpte428",
        11 => "smpte431",
        12 => "smpte432",
        22 => "ebu3213",
        _ => return None,
    })
}

/// Returns the name of a transfer function.
pub const fn transfer_name(code: u8) -> Option<&'static str> {
    Some(match code {
        1 => "bt709",
        4 => "bt470m",
        5 => "bt470bg",
        6 => "smpte170m",
        7 => "smpte240m",
        8 => "linear",
        9 => "log100",
        10 => "log316",
        11 => "iec61966-2-4",
        12 => "bt1361e",
        13 => "iec61966-2-1",
        14 => "bt2020-10",
        15 => "bt2020-12",
        16 => "smpte2084",
        17 => "smpte428",
        18 => "arib-std-b67",
        _ => return None,
    })
}

/// Returns the name of a matrix.
pub const fn matrix_name(code: u8) -> Option<&'static str> {
    Some(match code {
        0 => "gbr",
        1 => "bt709",
        4 => "fcc",
        5 => "bt470bg",
        6 => "smpte170m",
        7 => "smpte240m",
        8 => "ycgco",
        9 => "bt2020nc",
        10 => "bt2020c",
        11 => "smpte2085",
        12 => "chroma-derived-nc",
        13 => "chroma-derived-c",
        14 => "ictcp",
        _ => return None,
    })
}
