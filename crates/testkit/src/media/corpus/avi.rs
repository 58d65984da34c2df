//! AVI, Windows Media and Flash.

use super::recipe::{Recipe, recipe};

const FILMS: &[(&str, &str)] = &[
    (
        "avi/mpeg4-mp3.avi",
        "@v @a=44100 -c:v mpeg4 -c:a libmp3lame -ac 2",
    ),
    (
        "avi/mpeg4-mp3-vbr.avi",
        "@v @a=44100 -c:v mpeg4 -c:a libmp3lame -q:a 4 -ac 2",
    ),
    ("avi/mpeg4-b-frames.avi", "@v -c:v mpeg4 -bf 2"),
    ("avi/mpeg4-divx-tag.avi", "@v -c:v mpeg4 -tag:v DX50"),
    ("avi/mpeg4-sar.avi", "@v -vf setsar=16/11 -c:v mpeg4"),
    ("avi/mpeg4-29.97.avi", "@v=160x120,30000/1001 -c:v mpeg4"),
    ("avi/mpeg4-23.976.avi", "@v=160x120,24000/1001 -c:v mpeg4"),
    ("avi/mpeg4-15.avi", "@v=160x120,15,2 -c:v mpeg4"),
    ("avi/xvid-ac3.avi", "@v @a -c:v libxvid -c:a ac3 -ac 2"),
    ("avi/xvid-qpel-b.avi", "@v -c:v libxvid -bf 2 -flags +qpel"),
    (
        "avi/xvid-pcm.avi",
        "@v @a -c:v libxvid -c:a pcm_s16le -ac 2",
    ),
    (
        "avi/mjpeg-pcm.avi",
        "@v @a -c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le",
    ),
    ("avi/mjpeg-422.avi", "@v -c:v mjpeg -pix_fmt yuvj422p"),
    (
        "avi/mjpeg-pcm-u8.avi",
        "@v @a=22050 -c:v mjpeg -pix_fmt yuvj420p -c:a pcm_u8",
    ),
    (
        "avi/h264-mp3.avi",
        "@v @a=44100 @x264 -bf 0 -c:a libmp3lame",
    ),
    ("avi/h264-aac.avi", "@v @a=44100 @x264 -bf 0 -c:a aac"),
    ("avi/h264-high-b-frames.avi", "@v @x264"),
    ("avi/ffv1.avi", "@v -c:v ffv1"),
    ("avi/ffv1-rgb.avi", "@v=64x48 -c:v ffv1 -pix_fmt bgr0"),
    ("avi/huffyuv.avi", "@v=64x48 -c:v huffyuv -pix_fmt yuv422p"),
    (
        "avi/huffyuv-rgb.avi",
        "@v=64x48 -c:v huffyuv -pix_fmt rgb24",
    ),
    ("avi/ffvhuff.avi", "@v=64x48 -c:v ffvhuff -pix_fmt yuv420p"),
    ("avi/utvideo.avi", "@v=64x48 -c:v utvideo"),
    ("avi/raw-bgr24.avi", "@v=64x48 -c:v rawvideo -pix_fmt bgr24"),
    (
        "avi/raw-yuv420p.avi",
        "@v=64x48 -c:v rawvideo -pix_fmt yuv420p",
    ),
    (
        "avi/raw-yuyv422.avi",
        "@v=64x48 -c:v rawvideo -pix_fmt yuyv422",
    ),
    (
        "avi/msmpeg4v2-mp3.avi",
        "@v @a=44100 -c:v msmpeg4v2 -c:a libmp3lame",
    ),
    ("avi/msmpeg4v3-mp2.avi", "@v @a=44100 -c:v msmpeg4 -c:a mp2"),
    ("avi/wmv2-adpcm.avi", "@v @a=44100 -c:v wmv2 -c:a adpcm_ms"),
    ("avi/mpeg2.avi", "@v -c:v mpeg2video"),
    ("avi/mpeg1-mp2.avi", "@v @a=44100 -c:v mpeg1video -c:a mp2"),
    ("avi/flv1.avi", "@v -c:v flv"),
    ("avi/zmbv.avi", "@v=64x48 -c:v zmbv"),
    ("avi/dv-size-cinepak.avi", "@v=64x48,10,1 -c:v cinepak"),
    ("avi/vp8.avi", "@v @vp8"),
    (
        "avi/mpeg4-two-sounds.avi",
        "@v @a=44100 @a=44100 -map 0 -map 1 -map 2 -c:v mpeg4 -c:a libmp3lame -metadata:s:a:0 language=eng -metadata:s:a:1 language=ger -metadata:s:a:1 title=Deutsch",
    ),
    (
        "avi/mpeg4-tags.avi",
        "@v @a=44100 -c:v mpeg4 -c:a libmp3lame -metadata title=A~Title -metadata artist=Artist -metadata comment=Words -metadata date=2003 -metadata genre=Western -metadata copyright=Nobody",
    ),
    (
        "avi/mpeg4-pcm-5.1.avi",
        "@v @a -c:v mpeg4 -c:a pcm_s16le -af aformat=channel_layouts=5.1",
    ),
    (
        "avi/mpeg4-pcm-24.avi",
        "@v @a -c:v mpeg4 -c:a pcm_s24le -ac 2",
    ),
    (
        "avi/mpeg4-ac3-5.1.avi",
        "@v @a -c:v mpeg4 -c:a ac3 -af aformat=channel_layouts=5.1",
    ),
    (
        "avi/mpeg4-dts.avi",
        "@v @a -c:v mpeg4 -c:a dca -strict -2 -ac 2",
    ),
    ("avi/mpeg4-alaw.avi", "@v @a=8000 -c:v mpeg4 -c:a pcm_alaw"),
    ("asf/wmv1-wmav1.wmv", "@v @a=44100 -c:v wmv1 -c:a wmav1"),
    (
        "asf/wmv2-wmav2.wmv",
        "@v @a=44100 -c:v wmv2 -c:a wmav2 -ac 2",
    ),
    (
        "asf/wmv2-wmav2-29.97.wmv",
        "@v=160x120,30000/1001,2 @a=44100,2 -c:v wmv2 -c:a wmav2",
    ),
    ("asf/wmv2-sar.wmv", "@v -vf setsar=4/3 -c:v wmv2"),
    (
        "asf/wmv2-tags.wmv",
        "@v @a=44100 -c:v wmv2 -c:a wmav2 -metadata title=A~Title -metadata artist=Artist -metadata comment=Words -metadata copyright=Nobody -metadata album=Album -metadata genre=Drama",
    ),
    (
        "asf/wmv2-languages.wmv",
        "@v @a=44100 @a=44100 -map 0 -map 1 -map 2 -c:v wmv2 -c:a wmav2 -metadata:s:a:0 language=eng -metadata:s:a:1 language=ger",
    ),
    (
        "asf/msmpeg4-mp3.asf",
        "@v @a=44100 -c:v msmpeg4 -c:a libmp3lame",
    ),
    ("asf/h264-aac.asf", "@v @a @x264 -c:a aac"),
    ("asf/mpeg4-ac3.asf", "@v @a -c:v mpeg4 -c:a ac3 -ac 2"),
    (
        "asf/mjpeg-pcm.asf",
        "@v @a -c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le",
    ),
    (
        "asf/wmv2-chapters.wmv",
        "@v @in=chapters.txt -map 0 -map_metadata 1 -c:v wmv2",
    ),
    ("asf/wmav2-stereo.wma", "@a=44100,2 -c:a wmav2 -ac 2"),
    (
        "asf/wmav2-mono-22050.wma",
        "@a=22050 -c:a wmav2 -ac 1 -b:a 32k",
    ),
    ("asf/wmav1.wma", "@a=44100 -c:a wmav1"),
    (
        "asf/wmav2-tags-cover.wma",
        "@a=44100 -c:a wmav2 -metadata title=Song -metadata artist=Singer -metadata album=Record -metadata track=5 -metadata date=2001 -metadata genre=Rock",
    ),
    ("flv/flv1-mp3.flv", "@v @a=44100 -c:v flv -c:a libmp3lame"),
    (
        "flv/flv1-mp3-22050.flv",
        "@v @a=22050 -c:v flv -c:a libmp3lame -ac 1",
    ),
    ("flv/h264-aac.flv", "@v @a=44100 @x264 -c:a aac -ac 2"),
    (
        "flv/h264-aac-29.97.flv",
        "@v=160x120,30000/1001,2 @a=44100,2 @x264 -c:a aac",
    ),
    ("flv/h264-mp3.flv", "@v @a=44100 @x264 -c:a libmp3lame"),
    ("flv/h264-only.flv", "@v @x264"),
    (
        "flv/h264-keyframe-index.flv",
        "@v=160x120,25,2 @x264 -g 10 -flvflags add_keyframe_index",
    ),
    ("flv/aac-only.flv", "@a=44100 -c:a aac -ac 2"),
    ("flv/flashsv.flv", "@v=64x48 -c:v flashsv"),
    ("flv/flashsv2.flv", "@v=64x48 -c:v flashsv2"),
    ("flv/pcm-s16le.flv", "@v @a=44100 -c:v flv -c:a pcm_s16le"),
    ("flv/adpcm-swf.flv", "@v @a=44100 -c:v flv -c:a adpcm_swf"),
    ("flv/nellymoser.flv", "@v @a=22050 -c:v flv -c:a nellymoser"),
    (
        "flv/h264-tags.flv",
        "@v @a=44100 @x264 -c:a aac -metadata title=A~Title -metadata comment=Words -metadata artist=Me",
    ),
];

pub(super) fn recipes() -> Vec<Recipe> {
    FILMS
        .iter()
        .map(|(name, line)| recipe(*name, *line))
        .collect()
}
