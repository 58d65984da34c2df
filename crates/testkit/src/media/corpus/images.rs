//! Still pictures, and the animated kinds of them.

use super::recipe::{Recipe, recipe};

const PICTURES: &[(&str, &str)] = &[
    ("jpeg/420.jpg", "-pix_fmt yuvj420p"),
    ("jpeg/422.jpg", "-pix_fmt yuvj422p"),
    ("jpeg/444.jpg", "-pix_fmt yuvj444p"),
    ("jpeg/gray.jpg", "-pix_fmt gray"),
    (
        "jpeg/optimal-tables.jpg",
        "-pix_fmt yuvj420p -huffman optimal",
    ),
    (
        "jpeg/limited-range.jpg",
        "-pix_fmt yuv420p -strict -2 -color_range tv",
    ),
    ("jpeg/sar-4-3.jpg", "-vf setsar=4/3 -pix_fmt yuvj420p"),
    ("jpeg/lossless.jpg", "-c:v ljpeg -pix_fmt yuvj420p"),
    ("png/rgb24.png", "-pix_fmt rgb24"),
    ("png/rgba.png", "-pix_fmt rgba"),
    ("png/rgb48.png", "-pix_fmt rgb48be"),
    ("png/rgba64.png", "-pix_fmt rgba64be"),
    ("png/gray.png", "-pix_fmt gray"),
    ("png/gray16.png", "-pix_fmt gray16be"),
    ("png/gray-alpha.png", "-pix_fmt ya8"),
    ("png/gray-alpha16.png", "-pix_fmt ya16be"),
    ("png/palette.png", "-pix_fmt pal8"),
    ("png/bits.png", "-pix_fmt monob"),
    ("png/dpi.png", "-pix_fmt rgb24 -dpi 300"),
    (
        "png/interlaced-prediction.png",
        "-pix_fmt rgb24 -pred mixed",
    ),
    ("bmp/bgr24.bmp", "-pix_fmt bgr24"),
    ("bmp/bgra.bmp", "-pix_fmt bgra"),
    ("bmp/gray.bmp", "-pix_fmt gray"),
    ("bmp/palette.bmp", "-pix_fmt pal8"),
    ("bmp/bits.bmp", "-pix_fmt monob"),
    ("bmp/rgb565.bmp", "-pix_fmt rgb565le"),
    ("bmp/rgb555.bmp", "-pix_fmt rgb555le"),
    ("bmp/rgb444.bmp", "-pix_fmt rgb444le"),
    ("tiff/rgb24.tiff", "-pix_fmt rgb24"),
    (
        "tiff/rgb24-raw.tiff",
        "-pix_fmt rgb24 -compression_algo raw",
    ),
    ("tiff/rgb24-lzw.tif", "-pix_fmt rgb24 -compression_algo lzw"),
    (
        "tiff/rgb24-deflate.tif",
        "-pix_fmt rgb24 -compression_algo deflate",
    ),
    ("tiff/rgb48.tiff", "-pix_fmt rgb48le"),
    ("tiff/rgba.tiff", "-pix_fmt rgba"),
    ("tiff/gray.tiff", "-pix_fmt gray"),
    ("tiff/gray16.tiff", "-pix_fmt gray16le"),
    ("tiff/palette.tiff", "-pix_fmt pal8"),
    ("tiff/bits.tiff", "-pix_fmt monob"),
    ("tiff/yuv420p.tiff", "-pix_fmt yuv420p"),
    ("tiff/yuv444p.tiff", "-pix_fmt yuv444p"),
    ("webp/lossy.webp", "-c:v libwebp -pix_fmt yuv420p"),
    ("webp/lossy-alpha.webp", "-c:v libwebp -pix_fmt yuva420p"),
    (
        "webp/lossless.webp",
        "-c:v libwebp -lossless 1 -pix_fmt bgra",
    ),
    ("avif/8-bit.avif", "@aom -still-picture 1 -pix_fmt yuv420p"),
    (
        "avif/10-bit.avif",
        "@aom -still-picture 1 -pix_fmt yuv420p10le",
    ),
    ("avif/444.avif", "@aom -still-picture 1 -pix_fmt yuv444p"),
    ("avif/gray.avif", "@aom -still-picture 1 -pix_fmt gray"),
    (
        "avif/bt2020-pq.avif",
        "@aom -still-picture 1 -pix_fmt yuv420p10le -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc",
    ),
];

const ANIMATED: &[(&str, &str)] = &[
    ("gif/still.gif", "@i"),
    ("gif/animation.gif", "@v=64x48,10,1"),
    ("gif/animation-no-loop.gif", "@v=64x48,10,1 -loop -1"),
    ("gif/animation-odd-size.gif", "@v=63x47,5,2"),
    ("png/animation.apng", "@v=64x48,10,1 -f apng -plays 0"),
    (
        "png/animation-rgba.apng",
        "@v=64x48,10,1 -f apng -pix_fmt rgba",
    ),
    (
        "webp/animation.webp",
        "@v=64x48,10,1 -c:v libwebp_anim -loop 0",
    ),
    (
        "webp/animation-lossless.webp",
        "@v=64x48,10,1 -c:v libwebp_anim -lossless 1",
    ),
    ("avif/sequence.avif", "@v=64x48,10,1 @aom -pix_fmt yuv420p"),
];

pub(super) fn recipes() -> Vec<Recipe> {
    let still = PICTURES.iter().map(|(name, line)| {
        // Larger than the other pictures, so that payload is left when the headers are read.
        recipe(*name, format!("@i=320x240 -frames:v 1 {line}"))
    });
    let animated = ANIMATED.iter().map(|(name, line)| recipe(*name, *line));
    still.chain(animated).collect()
}
