//! Matroska and its web flavour.

use super::recipe::{Recipe, recipe};

const FILMS: &[(&str, &str)] = &[
    ("matroska/h264-aac.mkv", "@v @a @x264 -c:a aac"),
    (
        "matroska/h264-aac-languages-titles.mkv",
        "@v @a @a -map 0 -map 1 -map 2 @x264 -c:a aac -metadata:s:v:0 title=Picture -metadata:s:a:0 language=eng -metadata:s:a:0 title=Original -metadata:s:a:1 language=ger -metadata:s:a:1 title=Deutsch -disposition:a:0 default+original -disposition:a:1 dub",
    ),
    (
        "matroska/h264-commentary-and-impaired.mkv",
        "@v @a @a @a -map 0 -map 1 -map 2 -map 3 @x264 -c:a ac3 -disposition:a:1 comment -disposition:a:2 visual_impaired -metadata:s:a:1 title=Commentary",
    ),
    (
        "matroska/h264-subrip-forced.mkv",
        "@v @in=sub.srt @in=sub.srt -map 0 -map 1 -map 2 @x264 -c:s srt -metadata:s:s:0 language=eng -disposition:s:0 default+forced -metadata:s:s:1 language=fre -disposition:s:1 hearing_impaired",
    ),
    (
        "matroska/h264-ass-font.mkv",
        "@v @in=sub.ass -map 0 -map 1 @x264 -c:s ass @attach=font.ttf -metadata:s:t mimetype=application/x-truetype-font",
    ),
    (
        "matroska/h264-webvtt.mkv",
        "@v @in=sub.vtt -map 0 -map 1 @x264 -c:s webvtt",
    ),
    (
        "matroska/h264-pgs.mkv",
        "@v @in=sub.sup -map 0 -map 1 @x264 -c:s copy -metadata:s:s:0 language=jpn",
    ),
    (
        "matroska/h264-dvdsub.mkv",
        "@v @in=sub.sup -map 0 -map 1 @x264 -c:s dvdsub -s:s 160x120",
    ),
    (
        "matroska/h264-dvbsub.mkv",
        "@v @in=sub.sup -map 0 -map 1 @x264 -c:s dvbsub",
    ),
    (
        "matroska/h264-chapters.mkv",
        "@v @a @in=chapters.txt -map 0 -map 1 -map_metadata 2 @x264 -c:a aac",
    ),
    (
        "matroska/h264-tags.mkv",
        "@v @a @x264 -c:a aac -metadata title=A~Title~é -metadata artist=Artist -metadata comment=Some~words -metadata date=2020 -metadata genre=Noir -metadata creation_time=2020-02-03T04:05:06Z",
    ),
    (
        "matroska/h264-cover.mkv",
        "@v @a -map 0 -map 1 @x264 -c:a aac @attach=cover.jpg -metadata:s:t mimetype=image/jpeg -metadata:s:t filename=cover.jpg",
    ),
    (
        "matroska/h264-cues-at-front.mkv",
        "@v=160x120,25,2 @x264 -cues_to_front 1",
    ),
    ("matroska/h264-live.mkv", "@v @a @x264 -c:a aac -live 1"),
    ("matroska/h264-dash.mkv", "@v @x264 -dash 1"),
    (
        "matroska/h264-raw-rgb-flags.mkv",
        "@v @x264 -default_mode infer_no_subs",
    ),
    ("matroska/h264-high10.mkv", "@v @x264 -pix_fmt yuv420p10le"),
    (
        "matroska/h264-high422-10.mkv",
        "@v @x264 -pix_fmt yuv422p10le",
    ),
    ("matroska/h264-high444.mkv", "@v @x264 -pix_fmt yuv444p"),
    (
        "matroska/h264-interlaced-tff.mkv",
        "@v=160x128 -vf setfield=tff @x264 -flags +ilme+ildct -x264-params tff=1",
    ),
    ("matroska/h264-sar-4-3.mkv", "@v -vf setsar=4/3 @x264"),
    ("matroska/h264-cropped-178x100.mkv", "@v=178x100 @x264"),
    ("matroska/h264-23.976.mkv", "@v=160x120,24000/1001,2 @x264"),
    ("matroska/h264-29.97.mkv", "@v=160x120,30000/1001,2 @x264"),
    (
        "matroska/h264-vfr.mkv",
        r"@v=160x120,25,3 -vf select=lt(n\,20)+not(mod(n\,5)) -vsync vfr @x264",
    ),
    (
        "matroska/h264-bt709-full.mkv",
        "@v @x264 -pix_fmt yuvj420p -color_primaries bt709 -color_trc bt709 -colorspace bt709",
    ),
    (
        "matroska/h264-bt709-limited.mkv",
        "@v @x264 -color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv",
    ),
    (
        "matroska/h264-two-pictures.mkv",
        "@v @v=320x180,30 -map 0 -map 1 @x264",
    ),
    (
        "matroska/h264-mp3.mkv",
        "@v @a=44100 @x264 -c:a libmp3lame -ac 2",
    ),
    ("matroska/h264-mp2.mkv", "@v @a=44100 @x264 -c:a mp2 -ac 2"),
    (
        "matroska/h264-ac3-5.1.mkv",
        "@v @a @x264 -c:a ac3 -af aformat=channel_layouts=5.1 -b:a 448k",
    ),
    (
        "matroska/h264-eac3-5.1.mkv",
        "@v @a @x264 -c:a eac3 -af aformat=channel_layouts=5.1 -b:a 256k",
    ),
    (
        "matroska/h264-dts-5.1.mkv",
        "@v @a @x264 -c:a dca -strict -2 -af aformat=channel_layouts=5.1(side)",
    ),
    (
        "matroska/h264-truehd-5.1.mkv",
        "@v @a @x264 -c:a truehd -strict -2 -af aformat=channel_layouts=5.1",
    ),
    (
        "matroska/h264-truehd-stereo.mkv",
        "@v @a @x264 -c:a truehd -strict -2 -ac 2",
    ),
    (
        "matroska/h264-flac-24.mkv",
        "@v @a @x264 -c:a flac -sample_fmt s32 -ac 2",
    ),
    (
        "matroska/h264-flac-16.mkv",
        "@v @a=44100 @x264 -c:a flac -sample_fmt s16",
    ),
    (
        "matroska/h264-pcm-s16le.mkv",
        "@v @a @x264 -c:a pcm_s16le -ac 2",
    ),
    (
        "matroska/h264-pcm-s24le.mkv",
        "@v @a @x264 -c:a pcm_s24le -ac 2",
    ),
    (
        "matroska/h264-pcm-f32le.mkv",
        "@v @a @x264 -c:a pcm_f32le -ac 2",
    ),
    ("matroska/h264-pcm-s16be.mkv", "@v @a @x264 -c:a pcm_s16be"),
    ("matroska/h264-pcm-u8.mkv", "@v @a=8000 @x264 -c:a pcm_u8"),
    ("matroska/h264-alac.mkv", "@v @a @x264 -c:a alac -ac 2"),
    (
        "matroska/h264-opus-5.1.mkv",
        "@v @a @x264 -c:a libopus -af aformat=channel_layouts=5.1",
    ),
    (
        "matroska/h264-opus-stereo.mkv",
        "@v @a @x264 -c:a libopus -ac 2",
    ),
    (
        "matroska/h264-vorbis.mkv",
        "@v @a=44100 @x264 -c:a libvorbis -ac 2",
    ),
    (
        "matroska/h264-aac-5.1.mkv",
        "@v @a @x264 -c:a aac -af aformat=channel_layouts=5.1",
    ),
    ("matroska/h264-tta.mkv", "@v @a @x264 -c:a tta -ac 2"),
    (
        "matroska/h264-wavpack.mkv",
        "@v @a @x264 -c:a wavpack -ac 2",
    ),
    ("matroska/hevc-main.mkv", "@v @x265"),
    ("matroska/hevc-main10.mkv", "@v @x265 -pix_fmt yuv420p10le"),
    ("matroska/hevc-main12.mkv", "@v @x265 -pix_fmt yuv420p12le"),
    ("matroska/hevc-444-10.mkv", "@v @x265 -pix_fmt yuv444p10le"),
    ("matroska/hevc-422-10.mkv", "@v @x265 -pix_fmt yuv422p10le"),
    (
        "matroska/hevc-hlg.mkv",
        "@v @x265=colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc -pix_fmt yuv420p10le",
    ),
    ("matroska/hevc-cropped-162x90.mkv", "@v=162x90 @x265"),
    (
        "matroska/hevc-eac3-languages.mkv",
        "@v @a @a -map 0 -map 1 -map 2 @x265 -c:a eac3 -ac 2 -metadata:s:a:0 language=eng -metadata:s:a:1 language=kor",
    ),
    ("matroska/av1-main.mkv", "@v @av1"),
    ("matroska/av1-10-bit.mkv", "@v @av1 -pix_fmt yuv420p10le"),
    (
        "matroska/av1-bt709.mkv",
        "@v @aom -color_primaries bt709 -color_trc bt709 -colorspace bt709",
    ),
    ("matroska/av1-444.mkv", "@v @aom -pix_fmt yuv444p"),
    ("matroska/vp8-vorbis.mkv", "@v @a @vp8 -c:a libvorbis"),
    ("matroska/vp9-opus.mkv", "@v @a @vp9 -c:a libopus"),
    (
        "matroska/vp9-10-bit.mkv",
        "@v @vp9 -pix_fmt yuv420p10le -profile:v 2",
    ),
    (
        "matroska/mpeg4-mp3.mkv",
        "@v @a=44100 -c:v mpeg4 -c:a libmp3lame",
    ),
    ("matroska/xvid-b-frames.mkv", "@v -c:v libxvid -bf 2"),
    (
        "matroska/mpeg2-ac3.mkv",
        "@v @a -c:v mpeg2video -c:a ac3 -ac 2",
    ),
    (
        "matroska/mpeg2-interlaced.mkv",
        "@v=160x128 -vf setfield=tff -c:v mpeg2video -flags +ilme+ildct -top 1",
    ),
    ("matroska/mpeg1.mkv", "@v -c:v mpeg1video"),
    ("matroska/mjpeg.mkv", "@v -c:v mjpeg -pix_fmt yuvj420p"),
    (
        "matroska/prores.mkv",
        "@v=160x128 -c:v prores_ks -profile:v 3",
    ),
    ("matroska/ffv1-yuv420p.mkv", "@v -c:v ffv1 -level 3"),
    ("matroska/ffv1-rgb.mkv", "@v=64x48 -c:v ffv1 -pix_fmt bgr0"),
    (
        "matroska/ffv1-yuv422p10.mkv",
        "@v -c:v ffv1 -level 3 -pix_fmt yuv422p10le",
    ),
    (
        "matroska/theora-vorbis.mkv",
        "@v @a -c:v libtheora -c:a libvorbis",
    ),
    ("matroska/wmv2-vfw.mkv", "@v -c:v wmv2"),
    ("matroska/msmpeg4-vfw.mkv", "@v -c:v msmpeg4"),
    ("matroska/huffyuv-vfw.mkv", "@v=64x48 -c:v huffyuv"),
    (
        "matroska/raw-yuv420p.mkv",
        "@v=64x48 -c:v rawvideo -allow_raw_vfw 1",
    ),
    ("matroska/opus.mka", "@a -c:a libopus -ac 2"),
    (
        "matroska/flac.mka",
        "@a -c:a flac -ac 2 -metadata title=Song -metadata artist=Singer -metadata album=Record -metadata track=3",
    ),
    ("matroska/aac.mka", "@a=44100 -c:a aac -ac 2"),
    ("matroska/dts.mka", "@a -c:a dca -strict -2 -ac 2"),
    (
        "matroska/subtitles-only.mks",
        "@in=sub.srt -c:s srt -metadata:s:s:0 language=pol -f matroska",
    ),
    ("webm/vp8-vorbis.webm", "@v @a @vp8 -c:a libvorbis -ac 2"),
    ("webm/vp8-opus.webm", "@v @a @vp8 -c:a libopus -ac 2"),
    (
        "webm/vp8-alpha.webm",
        "@v @vp8 -pix_fmt yuva420p -auto-alt-ref 0",
    ),
    ("webm/vp9-opus.webm", "@v @a @vp9 -c:a libopus -ac 2"),
    ("webm/vp9-444.webm", "@v @vp9 -pix_fmt yuv444p -profile:v 1"),
    ("webm/vp9-422.webm", "@v @vp9 -pix_fmt yuv422p -profile:v 1"),
    (
        "webm/vp9-10-bit-hdr.webm",
        "@v @vp9 -pix_fmt yuv420p10le -profile:v 2 -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -color_range tv",
    ),
    (
        "webm/vp9-alpha.webm",
        "@v @vp9 -pix_fmt yuva420p -auto-alt-ref 0",
    ),
    (
        "webm/vp9-bt709.webm",
        "@v @vp9 -color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv",
    ),
    (
        "webm/vp9-opus-webvtt.webm",
        "@v @a @in=sub.vtt -map 0 -map 1 -map 2 @vp9 -c:a libopus -c:s webvtt -metadata:s:s:0 language=eng",
    ),
    (
        "webm/vp9-opus-chapters-tags.webm",
        "@v @a @in=chapters.txt -map 0 -map 1 -map_metadata 2 @vp9 -c:a libopus -metadata artist=Artist",
    ),
    ("webm/vp9-live.webm", "@v @vp9 -live 1"),
    ("webm/av1-opus.webm", "@v @a @av1 -c:a libopus -ac 2"),
    ("webm/av1-10-bit.webm", "@v @av1 -pix_fmt yuv420p10le"),
    (
        "webm/av1-hdr.webm",
        "@v @aom -pix_fmt yuv420p10le -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -color_range tv",
    ),
    ("webm/opus.webm", "@a -c:a libopus -ac 2"),
    ("webm/vorbis.webm", "@a=44100 -c:a libvorbis -ac 2"),
];

pub(super) fn recipes() -> Vec<Recipe> {
    FILMS
        .iter()
        .map(|(name, line)| recipe(*name, *line))
        .collect()
}
