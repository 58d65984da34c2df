//! MP4, MOV, M4V, M4A, 3GP, 3G2, F4V.

use super::recipe::{Recipe, recipe};

const HDR10: &str = "hdr10=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:\
    master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400";

/// Lines of `name: arguments`; names without a slash get the folder.
const FILMS: &[(&str, &str)] = &[
    ("mp4/h264-aac-moov-at-end.mp4", "@v @a @x264 -c:a aac"),
    (
        "mp4/h264-aac-faststart.mp4",
        "@v @a @x264 -c:a aac -movflags +faststart",
    ),
    (
        "mp4/h264-aac-fragmented.mp4",
        "@v=160x120,25,3 @a=48000,3 @x264 -g 25 -c:a aac -movflags +frag_keyframe+empty_moov",
    ),
    (
        "mp4/h264-aac-fragmented-default-base.mp4",
        "@v=160x120,25,2 @a=48000,2 @x264 -g 25 -c:a aac -movflags +frag_keyframe+empty_moov+default_base_moof",
    ),
    (
        "mp4/h264-aac-fragmented-with-moov.mp4",
        "@v=160x120,25,2 @a=48000,2 @x264 -g 25 -c:a aac -movflags +frag_keyframe",
    ),
    (
        "mp4/h264-aac-dash.mp4",
        "@v=160x120,25,2 @a=48000,2 @x264 -g 25 -c:a aac -movflags +dash+global_sidx+delay_moov",
    ),
    (
        "mp4/h264-aac-cmaf.mp4",
        "@v=160x120,25,2 @x264 -g 25 -movflags +cmaf+frag_keyframe",
    ),
    (
        "mp4/h264-baseline-level-1.3.mp4",
        "@v @x264 -profile:v baseline -level 1.3",
    ),
    (
        "mp4/h264-main-level-3.1.mp4",
        "@v=320x180 @x264 -profile:v main -level 3.1",
    ),
    (
        "mp4/h264-high-level-4.1.mp4",
        "@v=320x180,30 @x264 -profile:v high -level 4.1",
    ),
    ("mp4/h264-high10.mp4", "@v @x264 -pix_fmt yuv420p10le"),
    ("mp4/h264-high422.mp4", "@v @x264 -pix_fmt yuv422p"),
    (
        "mp4/h264-high422-10-bit.mp4",
        "@v @x264 -pix_fmt yuv422p10le",
    ),
    ("mp4/h264-high444.mp4", "@v @x264 -pix_fmt yuv444p"),
    (
        "mp4/h264-high444-10-bit.mp4",
        "@v @x264 -pix_fmt yuv444p10le",
    ),
    ("mp4/h264-lossless.mp4", "@v @x264 -qp 0"),
    ("mp4/h264-gray.mp4", "@v @x264 -pix_fmt gray"),
    ("mp4/h264-rgb.mp4", "@v -c:v libx264rgb -preset superfast"),
    (
        "mp4/h264-full-range-bt709.mp4",
        "@v @x264 -pix_fmt yuvj420p -color_primaries bt709 -color_trc bt709 -colorspace bt709",
    ),
    (
        "mp4/h264-bt601.mp4",
        "@v @x264 -color_primaries smpte170m -color_trc smpte170m -colorspace smpte170m -color_range tv",
    ),
    (
        "mp4/h264-bt470bg.mp4",
        "@v @x264 -color_primaries bt470bg -color_trc gamma28 -colorspace bt470bg",
    ),
    (
        "mp4/h264-interlaced-tff.mp4",
        "@v=160x128 -vf setfield=tff @x264 -flags +ilme+ildct -x264-params tff=1",
    ),
    (
        "mp4/h264-interlaced-bff.mp4",
        "@v=160x128 -vf setfield=bff @x264 -flags +ilme+ildct -x264-params bff=1",
    ),
    ("mp4/h264-sar-4-3.mp4", "@v -vf setsar=4/3 @x264"),
    (
        "mp4/h264-sar-64-45.mp4",
        "@v=320x240 -vf setsar=64/45 @x264",
    ),
    ("mp4/h264-sar-1-1.mp4", "@v -vf setsar=1 @x264"),
    ("mp4/h264-cropped-178x100.mp4", "@v=178x100 @x264"),
    (
        "mp4/h264-rotated-90.mp4",
        "@v=160x90 @x264 -metadata:s:v:0 rotate=90",
    ),
    (
        "mp4/h264-rotated-180.mp4",
        "@v=160x90 @x264 -metadata:s:v:0 rotate=180",
    ),
    (
        "mp4/h264-rotated-270.mp4",
        "@v=160x90 @x264 -metadata:s:v:0 rotate=270",
    ),
    ("mp4/h264-23.976.mp4", "@v=160x120,24000/1001,2 @x264"),
    ("mp4/h264-29.97.mp4", "@v=160x120,30000/1001,2 @x264"),
    ("mp4/h264-59.94.mp4", "@v=160x120,60000/1001,1 @x264"),
    (
        "mp4/h264-vfr.mp4",
        r"@v=160x120,25,3 -vf select=lt(n\,20)+not(mod(n\,5)) -vsync vfr @x264",
    ),
    ("mp4/h264-intra.mp4", "@v @x264 -g 1"),
    ("mp4/h264-no-b-frames.mp4", "@v @x264 -bf 0"),
    (
        "mp4/h264-avc3.mp4",
        "@v @x264 -tag:v avc3 -bsf:v dump_extra",
    ),
    (
        "mp4/h264-mp3.mp4",
        "@v @a=44100 @x264 -c:a libmp3lame -ac 2",
    ),
    (
        "mp4/h264-ac3-5.1.mp4",
        "@v @a @x264 -c:a ac3 -af aformat=channel_layouts=5.1 -b:a 384k",
    ),
    (
        "mp4/h264-eac3-5.1.mp4",
        "@v @a @x264 -c:a eac3 -af aformat=channel_layouts=5.1 -b:a 256k",
    ),
    (
        "mp4/h264-flac.mp4",
        "@v @a @x264 -c:a flac -strict -2 -ac 2",
    ),
    (
        "mp4/h264-opus.mp4",
        "@v @a @x264 -c:a libopus -ac 2 -strict -2",
    ),
    ("mp4/h264-alac.mp4", "@v @a=44100 @x264 -c:a alac -ac 2"),
    (
        "mp4/h264-aac-5.1.mp4",
        "@v @a @x264 -c:a aac -af aformat=channel_layouts=5.1",
    ),
    (
        "mp4/h264-aac-mono-22050.mp4",
        "@v @a=22050 @x264 -c:a aac -ac 1",
    ),
    ("mp4/h264-dts.mp4", "@v @a @x264 -c:a dca -strict -2 -ac 2"),
    (
        "mp4/h264-aac-tags.mp4",
        "@v @a @x264 -c:a aac -metadata title=A~Title~é -metadata artist=Some~Artist -metadata album=An~Album -metadata date=2021-03-04 -metadata comment=No~comment -metadata genre=Drama -metadata track=3/12 -metadata creation_time=2020-02-03T04:05:06Z",
    ),
    (
        "mp4/h264-aac-title-of-streams.mp4",
        "@v @a @x264 -c:a aac -metadata:s:v:0 title=Picture -metadata:s:a:0 title=Sound -metadata:s:v:0 handler_name=My~Handler",
    ),
    (
        "mp4/h264-aac-two-languages.mp4",
        "@v @a @a=44100 -map 0 -map 1 -map 2 @x264 -c:a aac -metadata:s:a:0 language=eng -metadata:s:a:1 language=deu -disposition:a:0 default -disposition:a:1 0",
    ),
    (
        "mp4/h264-three-audio-commentary.mp4",
        "@v @a @a @a -map 0 -map 1 -map 2 -map 3 @x264 -c:a:0 aac -c:a:1 ac3 -c:a:2 libmp3lame -metadata:s:a:0 language=eng -metadata:s:a:1 language=fra -metadata:s:a:2 language=jpn -disposition:a:0 default -disposition:a:2 comment",
    ),
    (
        "mp4/h264-mov-text-two-languages.mp4",
        "@v @a @in=sub.srt @in=sub.srt -map 0 -map 1 -map 2 -map 3 @x264 -c:a aac -c:s mov_text -metadata:s:s:0 language=eng -metadata:s:s:1 language=spa -disposition:s:0 default",
    ),
    (
        "mp4/h264-mov-text-forced.mp4",
        "@v @in=sub.srt -map 0 -map 1 @x264 -c:s mov_text -metadata:s:s:0 language=ita -disposition:s:0 forced",
    ),
    (
        "mp4/h264-aac-chapters.mp4",
        "@v @a @in=chapters.txt -map 0 -map 1 -map_metadata 2 @x264 -c:a aac",
    ),
    (
        "mp4/h264-aac-cover-jpeg.mp4",
        "@v @a @in=cover.jpg -map 0 -map 1 -map 2 @x264 -c:a aac -c:v:1 copy -disposition:v:1 attached_pic",
    ),
    (
        "mp4/h264-aac-cover-png.mp4",
        "@v @a @in=cover.png -map 0 -map 1 -map 2 @x264 -c:a aac -c:v:1 copy -disposition:v:1 attached_pic",
    ),
    (
        "mp4/h264-two-pictures.mp4",
        "@v @v=320x180,30 -map 0 -map 1 @x264",
    ),
    ("mp4/h264-timecode.mov", "@v @x264 -timecode 01:02:03:04"),
    (
        "mp4/h264-edit-list-offset.mp4",
        "-itsoffset 0.3 @v @a @x264 -c:a aac",
    ),
    ("mp4/hevc-main.mp4", "@v @x265 -tag:v hvc1"),
    ("mp4/hevc-hev1.mp4", "@v @x265"),
    (
        "mp4/hevc-main10.mp4",
        "@v @x265 -pix_fmt yuv420p10le -tag:v hvc1",
    ),
    (
        "mp4/hevc-main12.mp4",
        "@v @x265 -pix_fmt yuv420p12le -tag:v hvc1",
    ),
    (
        "mp4/hevc-422-10.mp4",
        "@v @x265 -pix_fmt yuv422p10le -tag:v hvc1",
    ),
    (
        "mp4/hevc-444-8.mp4",
        "@v @x265 -pix_fmt yuv444p -tag:v hvc1",
    ),
    (
        "mp4/hevc-444-10.mp4",
        "@v @x265 -pix_fmt yuv444p10le -tag:v hvc1",
    ),
    ("mp4/hevc-gray.mp4", "@v @x265 -pix_fmt gray -tag:v hvc1"),
    (
        "mp4/hevc-hlg.mp4",
        "@v @x265=colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc -pix_fmt yuv420p10le -tag:v hvc1",
    ),
    (
        "mp4/hevc-bt2020-sdr.mp4",
        "@v @x265=colorprim=bt2020:transfer=bt2020-10:colormatrix=bt2020nc -pix_fmt yuv420p10le -tag:v hvc1",
    ),
    ("mp4/hevc-sar.mp4", "@v -vf setsar=16/11 @x265 -tag:v hvc1"),
    ("mp4/hevc-cropped-162x90.mp4", "@v=162x90 @x265 -tag:v hvc1"),
    (
        "mp4/hevc-rotated-90.mp4",
        "@v @x265 -tag:v hvc1 -metadata:s:v:0 rotate=90",
    ),
    (
        "mp4/hevc-aac-29.97.mp4",
        "@v=160x120,30000/1001 @a @x265 -tag:v hvc1 -c:a aac -ac 2",
    ),
    ("mp4/av1-main.mp4", "@v @av1"),
    ("mp4/av1-10-bit.mp4", "@v @av1 -pix_fmt yuv420p10le"),
    (
        "mp4/av1-bt709.mp4",
        "@v @aom -color_primaries bt709 -color_trc bt709 -colorspace bt709",
    ),
    ("mp4/av1-444.mp4", "@v @aom -pix_fmt yuv444p"),
    (
        "mp4/av1-opus.mp4",
        "@v @a @av1 -c:a libopus -ac 2 -strict -2",
    ),
    ("mp4/vp9-profile-0.mp4", "@v @vp9"),
    (
        "mp4/vp9-profile-2-10-bit.mp4",
        "@v @vp9 -pix_fmt yuv420p10le -profile:v 2",
    ),
    (
        "mp4/mpeg4-aac.mp4",
        "@v @a @a -map 0 -map 1 -c:v mpeg4 -c:a aac",
    ),
    (
        "mp4/mpeg4-advanced-simple.mp4",
        "@v -c:v libxvid -bf 2 -flags +qpel",
    ),
    ("mp4/mpeg2video.mp4", "@v -c:v mpeg2video"),
    ("mp4/mpeg1video.mp4", "@v -c:v mpeg1video"),
    ("mp4/mjpeg.mp4", "@v -c:v mjpeg -pix_fmt yuvj420p"),
    (
        "mov/prores-proxy.mov",
        "@v=160x128 -c:v prores_ks -profile:v 0",
    ),
    (
        "mov/prores-lt.mov",
        "@v=160x128 -c:v prores_ks -profile:v 1",
    ),
    (
        "mov/prores-422.mov",
        "@v=160x128 @a -c:v prores_ks -profile:v 2 -c:a pcm_s24le",
    ),
    (
        "mov/prores-hq.mov",
        "@v=160x128 -c:v prores_ks -profile:v 3 -color_primaries bt709 -color_trc bt709 -colorspace bt709",
    ),
    (
        "mov/prores-4444.mov",
        "@v=160x128 -c:v prores_ks -profile:v 4 -pix_fmt yuv444p10le",
    ),
    (
        "mov/prores-4444-alpha.mov",
        "@v=160x128 -c:v prores_ks -profile:v 4 -pix_fmt yuva444p10le",
    ),
    (
        "mov/prores-4444xq.mov",
        "@v=160x128 -c:v prores_ks -profile:v 5 -pix_fmt yuv444p10le",
    ),
    (
        "mov/prores-interlaced.mov",
        "@v=160x128 -vf setfield=tff -c:v prores_ks -profile:v 3 -flags +ildct",
    ),
    ("mov/mjpeg.mov", "@v -c:v mjpeg -pix_fmt yuvj422p"),
    (
        "mov/dnxhr-sq.mov",
        "@v=256x144 -c:v dnxhd -profile:v dnxhr_sq -pix_fmt yuv422p",
    ),
    ("mov/h264-pcm.mov", "@v @a @x264 -c:a pcm_s16le -ac 2"),
    ("mov/h264-pcm-s24be.mov", "@v @a @x264 -c:a pcm_s24be -ac 2"),
    ("mov/h264-pcm-s16be.mov", "@v @a @x264 -c:a pcm_s16be"),
    ("mov/h264-pcm-f32le.mov", "@v @a @x264 -c:a pcm_f32le -ac 2"),
    ("mov/h264-alac.mov", "@v @a @x264 -c:a alac"),
    (
        "mov/h264-pcm-5.1.mov",
        "@v @a @x264 -c:a pcm_s16le -af aformat=channel_layouts=5.1",
    ),
    ("mov/h264-ima-adpcm.mov", "@v @a @x264 -c:a adpcm_ima_qt"),
    ("mov/h264-mulaw.mov", "@v @a=8000 @x264 -c:a pcm_mulaw"),
    (
        "mov/h264-rotated-90.mov",
        "@v=160x90 @x264 -metadata:s:v:0 rotate=90",
    ),
    (
        "mov/h264-tags.mov",
        "@v @a @x264 -c:a aac -metadata title=Quick~Time -metadata artist=Me -metadata comment=Words -metadata creation_time=2019-01-02T03:04:05Z",
    ),
    (
        "mov/h264-mdta-tags.mov",
        "@v @x264 -movflags use_metadata_tags -metadata title=Keyed -metadata com.apple.quicktime.make=Apple",
    ),
    (
        "mov/h264-chapters.mov",
        "@v @a @in=chapters.txt -map 0 -map 1 -map_metadata 2 @x264 -c:a aac",
    ),
    (
        "mov/h264-fragmented.mov",
        "@v=160x120,25,2 @x264 -g 25 -movflags +frag_keyframe+empty_moov",
    ),
    ("mov/rle-animation.mov", "@v -c:v qtrle"),
    ("mov/rle-animation-alpha.mov", "@v -c:v qtrle -pix_fmt argb"),
    ("mov/png.mov", "@v -c:v png"),
    (
        "mov/raw-uyvy.mov",
        "@v=64x48 -c:v rawvideo -pix_fmt uyvy422",
    ),
    ("mov/v210.mov", "@v=96x64 -c:v v210"),
    (
        "mov/hevc-main10.mov",
        "@v @x265 -pix_fmt yuv420p10le -tag:v hvc1",
    ),
    ("m4v/h264-aac.m4v", "@v @a @x264 -c:a aac"),
    (
        "m4v/h264-ac3-chapters.m4v",
        "@v @a @in=chapters.txt -map 0 -map 1 -map_metadata 2 @x264 -c:a ac3",
    ),
    ("m4v/mpeg4-aac.m4v", "@v @a -f ipod -c:v mpeg4 -c:a aac"),
    ("3gp/h263-amr-size.3gp", "@v=176x144 -c:v h263"),
    (
        "3gp/mpeg4-aac.3gp",
        "@v=176x144 @a=44100 -c:v mpeg4 -c:a aac",
    ),
    ("3gp/h264-aac.3gp", "@v=176x144 @a=44100 @x264 -c:a aac"),
    ("3gp/h264-aac.3g2", "@v=176x144 @a=44100 @x264 -c:a aac"),
    (
        "3gp/mpeg4-aac.3g2",
        "@v=176x144 @a=44100 -c:v mpeg4 -c:a aac",
    ),
    ("f4v/h264-aac.f4v", "@v @a @x264 -c:a aac"),
    ("f4v/h264-mp3.f4v", "@v @a=44100 @x264 -c:a libmp3lame"),
    ("m4a/aac-stereo.m4a", "@a=44100,2 -c:a aac -ac 2"),
    ("m4a/aac-mono.m4a", "@a -c:a aac -ac 1 -b:a 48k"),
    (
        "m4a/aac-5.1.m4a",
        "@a -c:a aac -af aformat=channel_layouts=5.1",
    ),
    ("m4a/aac-96000.m4a", "@a=96000 -c:a aac -ac 2"),
    (
        "m4a/alac-16.m4a",
        "@a=44100 -c:a alac -ac 2 -sample_fmt s16p",
    ),
    (
        "m4a/alac-24.m4a",
        "@a=96000 -c:a alac -ac 2 -sample_fmt s32p",
    ),
    ("m4a/ac3.m4a", "@a -c:a ac3 -ac 2"),
    (
        "m4a/aac-tags-cover.m4a",
        "@a=44100 @in=cover.jpg -map 0 -map 1 -c:a aac -c:v copy -disposition:v attached_pic -metadata title=Song -metadata artist=Singer -metadata album=Record -metadata album_artist=Band -metadata date=1999 -metadata track=4 -metadata genre=Jazz -metadata comment=Nice",
    ),
    (
        "m4a/aac-chapters.m4a",
        "@a @in=chapters.txt -map 0 -map_metadata 1 -c:a aac",
    ),
    (
        "m4a/aac-chapters.m4b",
        "@a @in=chapters.txt -map 0 -map_metadata 1 -c:a aac -f ipod",
    ),
    ("m4a/flac.mp4", "@a -c:a flac -strict -2 -ac 2"),
    ("m4a/opus.mp4", "@a -c:a libopus -strict -2 -ac 2"),
    ("m4a/mp3.mp4", "@a=44100 -c:a libmp3lame -ac 2"),
];

pub(super) fn recipes() -> Vec<Recipe> {
    let mut recipes: Vec<Recipe> = FILMS
        .iter()
        .map(|(name, line)| recipe(*name, *line))
        .collect();
    for (name, tag) in [
        ("mp4/hevc-hdr10.mp4", "hvc1"),
        ("mov/hevc-hdr10.mov", "hvc1"),
    ] {
        recipes.push(recipe(
            name,
            format!("@v @x265={HDR10} -pix_fmt yuv420p10le -tag:v {tag}"),
        ));
    }
    recipes.push(recipe(
        "matroska/hevc-hdr10.mkv",
        format!("@v @x265={HDR10} -pix_fmt yuv420p10le"),
    ));
    recipes
}
