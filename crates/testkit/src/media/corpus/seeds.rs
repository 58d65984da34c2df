//! One tiny file a format: where a fuzzer begins, and tests of damage.

use super::recipe::{Recipe, recipe};

/// Folders are the names of the formats in snake case, as the fuzz targets are called.
const SEEDS: &[(&str, &str)] = &[
    (
        "mp4/seed.mp4",
        "@v=32x32,5,0.6 @a=8000,0.3 @in=sub.srt -map 0 -map 1 -map 2 -c:v mpeg4 -g 2 -c:a aac -b:a 8k -c:s mov_text -metadata title=Seed -metadata:s:a:0 language=eng",
    ),
    (
        "mp4/seed-h264.mp4",
        "@v=32x32,5,0.6 @x264 -x264-params no-info=1 -crf 40",
    ),
    (
        "mp4/seed-fragmented.mp4",
        "@v=32x32,5,0.6 -c:v mpeg4 -g 1 -movflags +frag_keyframe+empty_moov",
    ),
    (
        "matroska/seed.mkv",
        "@v=32x32,5,0.6 @a=8000,0.3 @in=sub.srt @in=chapters.txt -map 0 -map 1 -map 2 -map_metadata 3 -c:v mpeg4 -c:a libopus -b:a 8k -c:s srt",
    ),
    ("matroska/seed-h264.mkv", "@v=32x32,5,0.6 @x264 -crf 40"),
    (
        "avi/seed.avi",
        "@v=32x32,5,0.6 @a=8000,0.3 -c:v mpeg4 -c:a libmp3lame -b:a 8k -metadata title=Seed -reserve_index_space 64",
    ),
    (
        "mpeg_ts/seed.ts",
        "@v=32x32,5,0.6 @a=8000,0.3 -c:v mpeg2video -r 25 -c:a mp2 -ar 16000 -b:a 32k",
    ),
    ("mpeg_ts/seed-h264.ts", "@v=32x32,5,0.4 @x264 -crf 40"),
    (
        "mpeg_ps/seed.mpg",
        "@v=32x32,25,0.2 @a=16000,0.2 -c:v mpeg2video -f vob -c:a mp2 -b:a 32k",
    ),
    (
        "asf/seed.wmv",
        "@v=32x32,5,0.6 @a=8000,0.3 -c:v wmv2 -c:a wmav2 -b:a 24k -metadata title=Seed -packetsize 800",
    ),
    (
        "flv/seed.flv",
        "@v=32x32,5,0.6 @a=11025,0.3 -c:v flv -c:a libmp3lame -b:a 16k",
    ),
    ("flv/seed-h264.flv", "@v=32x32,5,0.6 @x264 -crf 40"),
    (
        "ogg/seed.ogg",
        "@a=8000,0.3 -c:a libvorbis -metadata title=Seed",
    ),
    ("ogg/seed.opus", "@a=48000,0.2 -c:a libopus -b:a 8k"),
    ("ogg/seed.ogv", "@v=32x32,5,0.4 -c:v libtheora"),
    (
        "mp3/seed.mp3",
        "@a=8000,0.5 -c:a libmp3lame -b:a 8k -metadata title=Seed -write_id3v1 1",
    ),
    ("aac/seed.aac", "@a=8000,0.5 -c:a aac -b:a 8k"),
    ("ac3/seed.ac3", "@a=48000,0.2 -c:a ac3 -b:a 64k"),
    ("ac3/seed.eac3", "@a=48000,0.2 -c:a eac3 -b:a 64k"),
    (
        "dts/seed.dts",
        "@a=48000,0.05 -c:a dca -strict -2 -b:a 384k",
    ),
    (
        "flac/seed.flac",
        "@a=8000,0.1 -c:a flac -metadata title=Seed -metadata_header_padding 64",
    ),
    (
        "wav/seed.wav",
        "@a=8000,0.2 -c:a pcm_u8 -metadata title=Seed",
    ),
    (
        "wav/seed-extensible.wav",
        "@a=8000,0.02 -c:a pcm_s24le -af aformat=channel_layouts=5.1",
    ),
    (
        "aiff/seed.aiff",
        "@a=8000,0.1 -c:a pcm_s16be -metadata title=Seed",
    ),
    ("aiff/seed.aifc", "@a=8000,0.1 -f aiff -c:a pcm_mulaw"),
    ("video_stream/seed.m2v", "@v=32x32,25,0.2 -c:v mpeg2video"),
    ("video_stream/seed.h264", "@v=32x32,5,0.4 @x264 -crf 40"),
    (
        "video_stream/seed.hevc",
        "@v=64x64,5,0.4 @x265=info=0 -crf 40",
    ),
    ("jpeg/seed.jpg", "@i=64x48 -frames:v 1 -pix_fmt yuvj420p"),
    ("png/seed.png", "@i=32x24 -frames:v 1"),
    ("png/seed.apng", "@v=16x16,5,0.6 -f apng"),
    ("gif/seed.gif", "@v=16x16,5,0.6"),
    ("bmp/seed.bmp", "@i=32x24 -frames:v 1"),
    ("tiff/seed.tiff", "@i=32x24 -frames:v 1"),
    ("web_p/seed.webp", "@i=32x24 -frames:v 1 -c:v libwebp"),
    (
        "web_p/seed-animated.webp",
        "@v=16x16,5,0.6 -c:v libwebp_anim",
    ),
    (
        "heif/seed.avif",
        "@i=32x32 -frames:v 1 @aom -still-picture 1",
    ),
];

pub(super) fn recipes() -> Vec<Recipe> {
    SEEDS
        .iter()
        .map(|(name, line)| recipe(*name, *line))
        .collect()
}
