//! Four-character codes of video codecs, as AVI, Matroska and `QuickTime` write them.
//!
//! Writers disagree about case, so that of letters does not count, as it does not for ffmpeg.

/// Returns ffprobe's name of the codec that a code stands for.
///
/// An uncompressed picture has code 0 (`BI_RGB`) or 3 (`BI_BITFIELDS`) in a `BITMAPINFOHEADER`; both are `rawvideo`.
pub fn codec_of_fourcc(code: [u8; 4]) -> Option<&'static str> {
    let [first, second, third, fourth] = code;
    if third == 0 && fourth == 0 && second == 0 {
        return match first {
            0 | 3 => Some("rawvideo"),
            1 | 2 => Some("msrle"),
            _ => None,
        };
    }
    let upper = code.map(|byte| byte.to_ascii_uppercase());
    TABLE
        .iter()
        .find(|(_, codes)| codes.as_chunks::<4>().0.contains(&upper))
        .map(|(name, _)| *name)
        .or_else(|| by_pattern(upper))
}

/// Returns chroma and bits a sample of the codecs that have but one kind of picture, and of uncompressed pictures.
pub fn samples_of_fourcc(code: [u8; 4]) -> Option<(&'static str, u8)> {
    let by_code = match &code.map(|byte| byte.to_ascii_uppercase()) {
        b"I420" | b"IYUV" | b"YV12" | b"NV12" | b"NV21" | b"ULY0" | b"ULH0" | b"M8Y0" => {
            ("4:2:0", 8)
        }
        b"YUY2" | b"YUYV" | b"UYVY" | b"YVYU" | b"HDYC" | b"2VUY" | b"Y42B" | b"YV16" | b"422P"
        | b"ULY2" | b"ULH2" | b"M8Y2" => ("4:2:2", 8),
        b"444P" | b"YV24" | b"V308" | b"ULY4" | b"ULH4" | b"M8Y4" => ("4:4:4", 8),
        b"V408" => ("4:4:4a", 8),
        b"Y41B" | b"411P" | b"CLJR" => ("4:1:1", 8),
        b"Y800" | b"Y8  " | b"GREY" | b"M8G0" => ("gray", 8),
        b"BGR\x18" | b"RGB\x18" | b"24BG" | b"ULRG" | b"M8RG" => ("rgb", 8),
        b"RGBA" | b"BGRA" | b"ARGB" | b"ABGR" | b"ULRA" | b"M8RA" => ("rgba", 8),
        b"P010" => ("4:2:0", 10),
        b"P210" | b"V210" | b"UQY2" => ("4:2:2", 10),
        b"V410" => ("4:4:4", 10),
        b"R210" => ("rgb", 10),
        _ => return samples_of_codec(codec_of_fourcc(code)?),
    };
    Some(by_code)
}

/// Codecs that have but one kind of picture.
fn samples_of_codec(codec: &str) -> Option<(&'static str, u8)> {
    Some(match codec {
        "h261" | "h263" | "h263p" | "h263i" | "flv1" | "msmpeg4v1" | "msmpeg4v2" | "msmpeg4v3"
        | "wmv1" | "wmv2" | "wmv3" | "vp3" | "vp5" | "vp6" | "vp6f" | "vp7" | "rv10" | "rv20"
        | "rv30" | "rv40" | "asv1" | "asv2" | "svq3" => ("4:2:0", 8),
        "svq1" | "indeo3" | "indeo4" | "indeo5" => ("4:1:0", 8),
        "vp6a" => ("4:2:0a", 8),
        "cinepak" | "flashsv" | "flashsv2" | "zlib" => ("rgb", 8),
        _ => return None,
    })
}

/// Families whose last characters say a size or version.
fn by_pattern(upper: [u8; 4]) -> Option<&'static str> {
    Some(match &upper {
        [
            b'D',
            b'V',
            b'H',
            b'1' | b'2' | b'3' | b'4' | b'5' | b'6' | b'P' | b'Q',
        ] => "dvvideo",
        b"AI5P" | b"AI5Q" | b"AI52" | b"AI53" | b"AI55" | b"AI56" | b"AI1P" | b"AI1Q" | b"AI12"
        | b"AI13" | b"AI15" | b"AI16" | b"AIVX" => "h264",
        [b'M', b'X', b'3' | b'4' | b'5', b'N' | b'P']
        | [b'X', b'D', b'V' | b'5', _]
        | [b'H', b'D', b'V', b'1'..=b'9'] => "mpeg2video",
        _ => return None,
    })
}

/// Codec names, each with its codes in capitals, one after the other.
const TABLE: &[(&str, &[u8])] = &[
    (
        "h264",
        b"H264X264AVC1AVC3DAVCSMV2VSSHQ264V264GAVCUMSVTSHDINMC",
    ),
    ("hevc", b"HEVCH265X265HVC1HEV1DVHEDVH1"),
    ("vvc", b"VVC1VVI1H266"),
    ("av1", b"AV01"),
    ("vp3", b"VP30VP31"),
    ("vp5", b"VP50"),
    ("vp6", b"VP60VP61VP62"),
    ("vp6f", b"VP6FFLV4"),
    ("vp6a", b"VP6A"),
    ("vp7", b"VP70VP71"),
    ("vp8", b"VP80"),
    ("vp9", b"VP90VP09"),
    (
        "mpeg4",
        b"\x04\0\0\0FMP4DIVXDX50XVIDMP4SM4S2DIV1BLZ0MP4VUMP4WV1FSEDGRMP43IV2HDX4DMK2DYM4DIGIEPHV\
          EM4AM4CCSN40VSPXULDXGEOXDM4VSIPPXVIXDXGMPM4VSMP4DCODMVXMFFDSFVFWVIDMSM4V",
    ),
    ("msmpeg4v1", b"MPG4MP41"),
    ("msmpeg4v2", b"MP42DIV2"),
    ("msmpeg4v3", b"DIV3MP43MPG3DIV5DIV6DIV4DVX3AP41COL1COL03IVD"),
    ("wmv1", b"WMV1"),
    ("wmv2", b"WMV2GXVE"),
    ("wmv3", b"WMV3"),
    ("vc1", b"WVC1WMVAVC-1"),
    ("wmv3image", b"WMVP"),
    ("vc1image", b"WVP2"),
    ("mss1", b"MSS1"),
    ("mss2", b"MSS2"),
    ("msa1", b"MSA1"),
    ("h261", b"H261"),
    ("h263", b"H263U263D263T263L263VIVOM263VX1KZYGOX263LSVMZ263"),
    ("h263p", b"ILVR"),
    ("h263i", b"I263"),
    ("flv1", b"FLV1S263"),
    ("mpeg1video", b"MPG1PIM1MP1V\x01\0\0\x10M1V XMPGBW10"),
    (
        "mpeg2video",
        b"MPG2MPEGEM2VMMESSLIFM701MP2VMPGVLMP2PIM2DVR AVMPM2V1\x02\0\0\x10VCR2",
    ),
    (
        "mjpeg",
        b"MJPGMJPALJPGJPGLJPEGIJPGAVDIACDVQIVGSLMJCJPGIJLVMVJPAVI1AVI2MTSJZJPGMJPPDMB1DMB2\
          AVRJADJV",
    ),
    ("mjpegb", b"MJPB"),
    ("jpegls", b"MJLS"),
    ("jpeg2000", b"MJ2CIPJ2LJ2CMJP2"),
    ("huffyuv", b"HFYU"),
    ("ffvhuff", b"FFVH"),
    ("ffv1", b"FFV1"),
    (
        "magicyuv",
        b"M8RGM8RAM8YAM8Y0M8Y2M8Y4M8G0M0RGM0RAM0Y2M0R0M0R2M2RGM2RA",
    ),
    (
        "utvideo",
        b"ULRGULRAULY0ULY2ULY4ULH0ULH2ULH4UQRGUQRAUQY0UQY2UMRGUMRAUMY2UMY4UMH2UMH4",
    ),
    ("lagarith", b"LAGS"),
    ("cfhd", b"CFHD"),
    ("prores", b"APCHAPCNAPCSAPCOAP4HAP4XACPO"),
    ("dnxhd", b"AVDNAVDH"),
    (
        "dvvideo",
        b"DVSDDVHDDVSLDV25DV50CDVCCDVHCDV5DVCSDVC DVCPDVPPDV5NDV5PDVIS",
    ),
    ("theora", b"THEO"),
    ("dirac", b"DRACBBCD"),
    ("snow", b"SNOW"),
    ("cinepak", b"CVID"),
    ("indeo2", b"RT21"),
    ("indeo3", b"IV31IV32"),
    ("indeo4", b"IV41IV42"),
    ("indeo5", b"IV50"),
    ("svq1", b"SVQ1SVQI"),
    ("svq3", b"SVQ3"),
    ("rv10", b"RV10RV13"),
    ("rv20", b"RV20"),
    ("rv30", b"RV30"),
    ("rv40", b"RV40"),
    ("msvideo1", b"MSVCCRAMWHAM"),
    ("msrle", b"MRLE"),
    ("8bps", b"8BPS"),
    ("qtrle", b"RLE "),
    ("smc", b"SMC "),
    ("rpza", b"RPZAAZPR"),
    ("truemotion1", b"DUCKPVEZ"),
    ("truemotion2", b"TM20"),
    ("truemotion2rt", b"TR20"),
    ("cyuv", b"CYUV"),
    ("loco", b"LOCO"),
    ("wnv1", b"WNV1YUV8"),
    ("aasc", b"AASCAAS4"),
    ("asv1", b"ASV1"),
    ("asv2", b"ASV2"),
    ("vcr1", b"VCR1"),
    ("cljr", b"CLJRCLPL"),
    ("fraps", b"FPS1"),
    ("zlib", b"ZLIB"),
    ("mszh", b"MSZH"),
    ("zmbv", b"ZMBV"),
    ("kmvc", b"KMVC"),
    ("tscc", b"TSCC"),
    ("tscc2", b"TSC2"),
    ("cscd", b"CSCD"),
    ("ulti", b"ULTI"),
    ("vixl", b"VIXLXIXL"),
    ("qpeg", b"QPEGQ1.0Q1.1"),
    ("flashsv", b"FSV1"),
    ("flashsv2", b"FSV2"),
    ("png", b"MPNGPNG1PNG "),
    ("tiff", b"TIFF"),
    ("bmp", b"BMP "),
    ("aura", b"AURA"),
    ("aura2", b"AUR2"),
    ("dxtory", b"XTOR"),
    ("g2m", b"G2M2G2M3G2M4G2M5"),
    ("fic", b"FICV"),
    ("hap", b"HAP1HAP5HAPYHAPAHAPM"),
    ("speedhq", b"SHQ0SHQ1SHQ2SHQ3SHQ4SHQ5SHQ7SHQ9"),
    ("screenpresso", b"SPV1"),
    ("rscc", b"ISCCRSCC"),
    ("pixlet", b"PXLT"),
    ("mvha", b"MVHA"),
    ("mv30", b"MV30"),
    ("vble", b"VBLE"),
    ("dxv", b"DXDIDXT5DXD3"),
    ("cllc", b"CLLC"),
    ("vmnc", b"VMNC"),
    ("xan_wc4", b"XXAN"),
    ("v210", b"V210C210"),
    ("v210x", b"V21X"),
    ("r210", b"R210"),
    ("v308", b"V308"),
    ("v408", b"V408"),
    ("v410", b"V410"),
    ("ayuv", b"AYUV"),
    ("yuv4", b"YUV4"),
    (
        "rawvideo",
        b"I420IYUVYV12YUY2YUYVYUNVUYVYHDYCUYNVUYNYUYV12VUYV422YVYUY422Y42BY41BYUV9YV16YV24\
          YVU9444PNV12NV21P010P210P016P216Y800Y8  GREYGRAY24BGRAW RGB RGBABGR BGRAARGBABGR\
          RGB\x18B48RB64AB16GYV1K",
    ),
    ("avrn", b"AVRN"),
    ("hymt", b"HYMT"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_names_in_either_case() {
        for (code, name) in [
            (b"H264", Some("h264")),
            (b"x264", Some("h264")),
            (b"xvid", Some("mpeg4")),
            (b"DIV3", Some("msmpeg4v3")),
            (b"dvsd", Some("dvvideo")),
            (b"apch", Some("prores")),
            (b"MJPG", Some("mjpeg")),
            (b"\0\0\0\0", Some("rawvideo")),
            (b"\x01\0\0\0", Some("msrle")),
            (b"mx3p", Some("mpeg2video")),
            (b"????", None),
        ] {
            assert_eq!(codec_of_fourcc(*code), name);
        }
    }

    #[test]
    fn every_list_is_made_of_fours() {
        for (name, codes) in TABLE {
            assert_eq!(codes.len() % 4, 0, "{name}");
            assert!(
                codes.iter().all(|byte| !byte.is_ascii_lowercase()),
                "{name}"
            );
        }
    }
}
