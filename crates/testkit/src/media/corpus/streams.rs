//! MPEG transport and program streams, bare video, Ogg.

use super::recipe::{Recipe, recipe};

const FILMS: &[(&str, &str)] = &[
    (
        "mpegts/h264-aac.ts",
        "@v=160x120,25,2 @a=48000,2 @x264 -c:a aac",
    ),
    ("mpegts/h264-ac3.ts", "@v @a @x264 -c:a ac3 -ac 2"),
    (
        "mpegts/h264-ac3-5.1.ts",
        "@v @a @x264 -c:a ac3 -af aformat=channel_layouts=5.1",
    ),
    ("mpegts/h264-eac3.ts", "@v @a @x264 -c:a eac3 -ac 2"),
    ("mpegts/h264-mp2.ts", "@v @a @x264 -c:a mp2 -ac 2"),
    ("mpegts/h264-mp3.ts", "@v @a=44100 @x264 -c:a libmp3lame"),
    (
        "mpegts/h264-aac-latm.ts",
        "@v @a @x264 -c:a aac -mpegts_flags latm",
    ),
    ("mpegts/h264-opus.ts", "@v @a @x264 -c:a libopus -ac 2"),
    (
        "mpegts/h264-dts.ts",
        "@v @a @x264 -c:a dca -strict -2 -ac 2",
    ),
    (
        "mpegts/h264-truehd.ts",
        "@v @a @x264 -c:a truehd -strict -2 -ac 2",
    ),
    (
        "mpegts/h264-s302m.ts",
        "@v @a @x264 -c:a s302m -strict -2 -ac 2",
    ),
    (
        "mpegts/h264-languages.ts",
        "@v @a @a -map 0 -map 1 -map 2 @x264 -c:a aac -metadata:s:a:0 language=eng -metadata:s:a:1 language=deu -disposition:a:1 hearing_impaired",
    ),
    (
        "mpegts/h264-dvbsub.ts",
        "@v @in=sub.sup -map 0 -map 1 @x264 -c:s dvbsub -metadata:s:s:0 language=swe",
    ),
    (
        "mpegts/h264-service-name.ts",
        "@v @a @x264 -c:a aac -metadata service_name=Channel -metadata service_provider=Sender",
    ),
    (
        "mpegts/h264-interlaced.ts",
        "@v=160x128 -vf setfield=tff @x264 -flags +ilme+ildct -x264-params tff=1",
    ),
    ("mpegts/h264-high10.ts", "@v @x264 -pix_fmt yuv420p10le"),
    ("mpegts/h264-422.ts", "@v @x264 -pix_fmt yuv422p10le"),
    ("mpegts/h264-29.97.ts", "@v=160x120,30000/1001,2 @x264"),
    ("mpegts/h264-50.ts", "@v=160x120,50,2 @x264"),
    ("mpegts/h264-sar.ts", "@v -vf setsar=16/11 @x264"),
    (
        "mpegts/h264-bt709.ts",
        "@v @x264 -color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv",
    ),
    ("mpegts/hevc-aac.ts", "@v @a @x265 -c:a aac"),
    ("mpegts/hevc-main10.ts", "@v @x265 -pix_fmt yuv420p10le"),
    (
        "mpegts/hevc-hlg.ts",
        "@v @x265=colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc -pix_fmt yuv420p10le",
    ),
    (
        "mpegts/mpeg2-mp2.ts",
        "@v @a -c:v mpeg2video -c:a mp2 -ac 2",
    ),
    (
        "mpegts/mpeg2-ac3-interlaced.ts",
        "@v=160x128 @a -vf setfield=tff -c:v mpeg2video -flags +ilme+ildct -top 1 -c:a ac3",
    ),
    ("mpegts/mpeg2-422.ts", "@v -c:v mpeg2video -pix_fmt yuv422p"),
    ("mpegts/mpeg2-16-9.ts", "@v -c:v mpeg2video -aspect 16:9"),
    ("mpegts/mpeg1-mp2.ts", "@v @a -c:v mpeg1video -c:a mp2"),
    ("mpegts/mpeg4-aac.ts", "@v @a -c:v mpeg4 -c:a aac"),
    ("mpegts/aac-only.ts", "@a=48000,2 -c:a aac -ac 2"),
    ("m2ts/h264-ac3.m2ts", "@v @a @x264 -c:a ac3 -ac 2"),
    (
        "m2ts/h264-pcm-bluray.m2ts",
        "@v @a @x264 -c:a pcm_bluray -ac 2",
    ),
    (
        "m2ts/h264-pgs.m2ts",
        "@v @in=sub.sup -map 0 -map 1 @x264 -c:s copy -metadata:s:s:0 language=eng",
    ),
    (
        "m2ts/h264-dts-5.1.m2ts",
        "@v @a @x264 -c:a dca -strict -2 -af aformat=channel_layouts=5.1(side)",
    ),
    ("m2ts/hevc-eac3.m2ts", "@v @a @x265 -c:a eac3 -ac 2"),
    ("m2ts/mpeg2-ac3.m2ts", "@v @a -c:v mpeg2video -c:a ac3"),
    (
        "mpegps/mpeg1-mp2.mpg",
        "@v=160x120,25,2 @a=44100,2 -c:v mpeg1video -c:a mp2",
    ),
    (
        "mpegps/mpeg2-mp2.mpg",
        "@v @a=48000 -f vob -c:v mpeg2video -c:a mp2 -ac 2",
    ),
    (
        "mpegps/mpeg2-svcd.mpg",
        "@v @a=44100 -f svcd -c:v mpeg2video -c:a mp2",
    ),
    (
        "mpegps/mpeg1-29.97.mpg",
        "@v=160x120,30000/1001,2 -c:v mpeg1video",
    ),
    (
        "mpegps/mpeg2-ac3.vob",
        "@v @a -f vob -c:v mpeg2video -c:a ac3 -ac 2",
    ),
    (
        "mpegps/mpeg2-ac3-5.1.vob",
        "@v @a -f vob -c:v mpeg2video -c:a ac3 -af aformat=channel_layouts=5.1",
    ),
    (
        "mpegps/mpeg2-dts.vob",
        "@v @a -f vob -c:v mpeg2video -c:a dca -strict -2 -ac 2",
    ),
    (
        "mpegps/mpeg2-pcm.vob",
        "@v @a -f vob -c:v mpeg2video -c:a pcm_dvd -ac 2",
    ),
    (
        "mpegps/mpeg2-16-9-interlaced.vob",
        "@v=160x128 -vf setfield=tff -f vob -c:v mpeg2video -flags +ilme+ildct -top 1 -aspect 16:9",
    ),
    (
        "mpegps/mpeg2-two-sounds.vob",
        "@v @a @a -map 0 -map 1 -map 2 -f vob -c:v mpeg2video -c:a ac3",
    ),
    (
        "mpegps/mpeg2-dvdsub.vob",
        "@v @in=sub.sup -map 0 -map 1 -f vob -c:v mpeg2video -c:s dvdsub",
    ),
    (
        "mpegps/mpeg2-dvd.mpg",
        "@v @a -f dvd -c:v mpeg2video -c:a ac3",
    ),
    ("mpegps/h264-aac.mpg", "@v @a -f vob @x264 -c:a mp2"),
    ("video/mpeg1.m1v", "@v -c:v mpeg1video"),
    ("video/mpeg2.m2v", "@v -c:v mpeg2video"),
    (
        "video/mpeg2-interlaced-16-9.m2v",
        "@v=160x128 -vf setfield=tff -c:v mpeg2video -flags +ilme+ildct -top 1 -aspect 16:9",
    ),
    ("video/h264-high.h264", "@v @x264"),
    ("video/h264-high10.h264", "@v @x264 -pix_fmt yuv420p10le"),
    ("video/hevc-main.hevc", "@v @x265"),
    ("video/hevc-main10.hevc", "@v @x265 -pix_fmt yuv420p10le"),
    ("ogg/vorbis-stereo.ogg", "@a=44100,2 -c:a libvorbis -ac 2"),
    ("ogg/vorbis-mono.ogg", "@a=22050 -c:a libvorbis -ac 1"),
    (
        "ogg/vorbis-5.1.ogg",
        "@a -c:a libvorbis -af aformat=channel_layouts=5.1",
    ),
    (
        "ogg/vorbis-tags.ogg",
        "@a=44100 -c:a libvorbis -metadata title=Song~é -metadata artist=Singer -metadata album=Record -metadata date=1998 -metadata track=7 -metadata genre=Soul -metadata comment=Nice",
    ),
    ("ogg/opus-stereo.opus", "@a=48000,2 -c:a libopus -ac 2"),
    ("ogg/opus-mono.opus", "@a -c:a libopus -ac 1 -b:a 24k"),
    (
        "ogg/opus-5.1.opus",
        "@a -c:a libopus -af aformat=channel_layouts=5.1",
    ),
    (
        "ogg/opus-tags.opus",
        "@a -c:a libopus -metadata title=Song -metadata artist=Singer -metadata album=Record -metadata date=2011",
    ),
    ("ogg/flac.oga", "@a=44100 -c:a flac -ac 2"),
    ("ogg/speex.ogg", "@a=16000 -c:a libspeex"),
    (
        "ogg/theora-vorbis.ogv",
        "@v @a=44100 -c:v libtheora -c:a libvorbis",
    ),
    ("ogg/theora-only.ogv", "@v -c:v libtheora"),
    ("ogg/theora-cropped-100x50.ogv", "@v=100x50 -c:v libtheora"),
    ("ogg/theora-444.ogv", "@v -c:v libtheora -pix_fmt yuv444p"),
    (
        "ogg/theora-29.97-sar.ogv",
        "@v=160x120,30000/1001 -vf setsar=4/3 -c:v libtheora",
    ),
    (
        "ogg/theora-opus-languages.ogv",
        "@v @a @a -map 0 -map 1 -map 2 -c:v libtheora -c:a libopus -metadata:s:a:0 language=eng -metadata:s:a:1 language=ger",
    ),
    ("ogg/vp8-vorbis.ogv", "@v @a @vp8 -c:a libvorbis"),
];

pub(super) fn recipes() -> Vec<Recipe> {
    FILMS
        .iter()
        .map(|(name, line)| recipe(*name, *line))
        .collect()
}
