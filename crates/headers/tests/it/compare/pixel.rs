//! What ffmpeg's names of pixel formats say of depth and chroma.

/// Returns bits a sample and chroma (see `Video::chroma`) of a pixel format; `None` for one that says neither, such as a
/// palette, where the file's own depth is another matter than the decoder's.
pub(crate) fn depth_and_chroma(name: &str) -> Option<(u8, &'static str)> {
    let name = name
        .strip_suffix("le")
        .or_else(|| name.strip_suffix("be"))
        .unwrap_or(name);
    let exact = match name {
        "gray" => (8, "gray"),
        "monob" | "monow" => (1, "gray"),
        "ya8" => (8, "graya"),
        "ya16" => (16, "graya"),
        "rgb24" | "bgr24" | "0rgb" | "rgb0" | "0bgr" | "bgr0" | "gbrp" => (8, "rgb"),
        "rgba" | "bgra" | "argb" | "abgr" | "gbrap" => (8, "rgba"),
        "rgb48" | "bgr48" => (16, "rgb"),
        "rgba64" | "bgra64" => (16, "rgba"),
        "rgb565" | "bgr565" | "rgb555" | "bgr555" => (5, "rgb"),
        "rgb444" | "bgr444" => (4, "rgb"),
        "nv12" | "nv21" => (8, "4:2:0"),
        "p010" => (10, "4:2:0"),
        "yuyv422" | "uyvy422" | "nv16" => (8, "4:2:2"),
        "nv24" => (8, "4:4:4"),
        _ => return planar(name),
    };
    Some(exact)
}

/// `yuv420p`, `yuvj422p`, `yuva444p10`, `gbrp12`, `gray10`.
fn planar(name: &str) -> Option<(u8, &'static str)> {
    let depth = |digits: &str| {
        if digits.is_empty() {
            Some(8)
        } else {
            digits.parse().ok()
        }
    };
    if let Some(digits) = name.strip_prefix("gray") {
        return Some((depth(digits)?, "gray"));
    }
    for (prefix, chroma) in [("gbrap", "rgba"), ("gbrp", "rgb")] {
        if let Some(digits) = name.strip_prefix(prefix) {
            return Some((depth(digits)?, chroma));
        }
    }
    let (alpha, rest) = match name.strip_prefix("yuva") {
        Some(rest) => (true, rest),
        None => (
            false,
            name.strip_prefix("yuvj")
                .or_else(|| name.strip_prefix("yuv"))?,
        ),
    };
    let (sampling, digits) = rest.split_once('p')?;
    let chroma = match (sampling, alpha) {
        ("420", false) => "4:2:0",
        ("422", false) => "4:2:2",
        ("444", false) => "4:4:4",
        ("440", false) => "4:4:0",
        ("411", false) => "4:1:1",
        ("410", false) => "4:1:0",
        ("420", true) => "4:2:0a",
        ("422", true) => "4:2:2a",
        ("444", true) => "4:4:4a",
        _ => return None,
    };
    Some((depth(digits)?, chroma))
}

#[test]
fn names_say_depth_and_chroma() {
    for (name, expected) in [
        ("yuv420p", Some((8, "4:2:0"))),
        ("yuvj422p", Some((8, "4:2:2"))),
        ("yuv420p10le", Some((10, "4:2:0"))),
        ("yuva444p12be", Some((12, "4:4:4a"))),
        ("gray", Some((8, "gray"))),
        ("gray16be", Some((16, "gray"))),
        ("gbrp10le", Some((10, "rgb"))),
        ("rgba64be", Some((16, "rgba"))),
        ("ya16le", Some((16, "graya"))),
        ("p010le", Some((10, "4:2:0"))),
        ("pal8", None),
        ("cuda", None),
    ] {
        assert_eq!(depth_and_chroma(name), expected, "{name}");
    }
}
