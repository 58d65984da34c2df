//! Sound without pictures.

use super::recipe::{Recipe, recipe};

const TAGS: &str = "-metadata title=Song~é -metadata artist=Singer -metadata album=Record -metadata album_artist=Band \
    -metadata date=1999 -metadata track=4/9 -metadata genre=Jazz -metadata comment=Nice";

const SOUNDS: &[(&str, &str)] = &[
    (
        "mp3/cbr-128-stereo.mp3",
        "@a=44100,3 -c:a libmp3lame -b:a 128k -ac 2",
    ),
    (
        "mp3/cbr-320.mp3",
        "@a=48000,2 -c:a libmp3lame -b:a 320k -ac 2",
    ),
    (
        "mp3/cbr-64-mono.mp3",
        "@a=44100,2 -c:a libmp3lame -b:a 64k -ac 1",
    ),
    ("mp3/vbr-v2.mp3", "@a=44100,3 -c:a libmp3lame -q:a 2 -ac 2"),
    (
        "mp3/vbr-v9-mono.mp3",
        "@a=44100,3 -c:a libmp3lame -q:a 9 -ac 1",
    ),
    (
        "mp3/abr.mp3",
        "@a=44100,3 -c:a libmp3lame -abr 1 -b:a 160k -ac 2",
    ),
    ("mp3/mpeg2-22050.mp3", "@a=22050,2 -c:a libmp3lame -b:a 64k"),
    ("mp3/mpeg2.5-8000.mp3", "@a=8000,2 -c:a libmp3lame -b:a 16k"),
    (
        "mp3/joint-stereo-off.mp3",
        "@a=44100 -c:a libmp3lame -joint_stereo 0 -ac 2",
    ),
    (
        "mp3/no-xing.mp3",
        "@a=44100,2 -c:a libmp3lame -write_xing 0 -b:a 128k",
    ),
    (
        "mp3/no-id3.mp3",
        "@a=44100,2 -c:a libmp3lame -id3v2_version 0",
    ),
    ("mp3/mp2.mp2", "@a=44100,2 -c:a mp2 -b:a 192k -ac 2"),
    (
        "mp3/cover.mp3",
        "@a=44100 @in=cover.jpg -map 0 -map 1 -c:a libmp3lame -c:v copy -id3v2_version 3 -metadata:s:v title=Cover -metadata:s:v comment=Cover~(front)",
    ),
    (
        "mp3/cover-png.mp3",
        "@a=44100 @in=cover.png -map 0 -map 1 -c:a libmp3lame -c:v copy -metadata:s:v comment=Cover~(front)",
    ),
    (
        "mp3/chapters.mp3",
        "@a=44100 @in=chapters.txt -map 0 -map_metadata 1 -c:a libmp3lame",
    ),
    ("aac/lc-stereo.aac", "@a=44100,2 -c:a aac -ac 2"),
    ("aac/lc-mono-22050.aac", "@a=22050,2 -c:a aac -ac 1"),
    (
        "aac/lc-5.1.aac",
        "@a=48000,2 -c:a aac -af aformat=channel_layouts=5.1",
    ),
    (
        "aac/lc-id3.aac",
        "@a=44100,2 -c:a aac -write_id3v2 1 -metadata title=Song",
    ),
    ("ac3/stereo-192.ac3", "@a=48000,2 -c:a ac3 -b:a 192k -ac 2"),
    (
        "ac3/5.1-448.ac3",
        "@a=48000,2 -c:a ac3 -b:a 448k -af aformat=channel_layouts=5.1",
    ),
    ("ac3/mono-44100.ac3", "@a=44100,2 -c:a ac3 -ac 1"),
    ("ac3/stereo.eac3", "@a=48000,2 -c:a eac3 -ac 2"),
    (
        "ac3/5.1.eac3",
        "@a=48000,2 -c:a eac3 -af aformat=channel_layouts=5.1",
    ),
    ("dts/stereo.dts", "@a=48000,2 -c:a dca -strict -2 -ac 2"),
    (
        "dts/5.1.dts",
        "@a=48000,2 -c:a dca -strict -2 -af aformat=channel_layouts=5.1(side)",
    ),
    ("flac/16-stereo.flac", "@a=44100,2 -c:a flac -ac 2"),
    ("flac/16-mono.flac", "@a=22050,2 -c:a flac -ac 1"),
    (
        "flac/24-96000.flac",
        "@a=96000 -c:a flac -sample_fmt s32 -ac 2",
    ),
    (
        "flac/5.1.flac",
        "@a -c:a flac -af aformat=channel_layouts=5.1",
    ),
    (
        "flac/7.1.flac",
        "@a -c:a flac -af aformat=channel_layouts=7.1",
    ),
    (
        "flac/cover.flac",
        "@a=44100 @in=cover.jpg -map 0 -map 1 -c:a flac -c:v copy -disposition:v attached_pic",
    ),
    (
        "flac/cover-png.flac",
        "@a=44100 @in=cover.png -map 0 -map 1 -c:a flac -c:v copy -disposition:v attached_pic",
    ),
    ("wav/rf64.wav", "@a -c:a pcm_s16le -rf64 always"),
    (
        "wav/info-tags.wav",
        "@a -c:a pcm_s16le -metadata title=Song -metadata artist=Singer -metadata comment=Nice -metadata date=1999 -metadata genre=Jazz",
    ),
    (
        "wav/bext.wav",
        "@a -c:a pcm_s16le -write_bext 1 -metadata description=Tape -metadata originator=Radio -metadata origination_date=2020-01-02",
    ),
    (
        "wav/5.1.wav",
        "@a -c:a pcm_s16le -af aformat=channel_layouts=5.1",
    ),
    (
        "wav/7.1-24.wav",
        "@a -c:a pcm_s24le -af aformat=channel_layouts=7.1",
    ),
    (
        "wav/quad.wav",
        "@a -c:a pcm_s16le -af aformat=channel_layouts=quad",
    ),
    ("wav/96000-24.wav", "@a=96000 -c:a pcm_s24le -ac 2"),
    ("wav/mp3.wav", "@a=44100 -c:a libmp3lame"),
    ("wav/ac3.wav", "@a -c:a ac3 -ac 2"),
    ("wav/adpcm-ms.wav", "@a=44100 -c:a adpcm_ms"),
    ("wav/adpcm-ima.wav", "@a=44100 -c:a adpcm_ima_wav -ac 2"),
    ("wav/gsm.wav", "@a=8000 -c:a libgsm_ms"),
    (
        "aiff/tags.aiff",
        "@a=44100 -c:a pcm_s16be -metadata title=Song -metadata artist=Singer -metadata comment=Nice -write_id3v2 1",
    ),
    (
        "aiff/5.1.aiff",
        "@a -c:a pcm_s16be -af aformat=channel_layouts=5.1",
    ),
    ("aiff/sowt.aifc", "@a=44100 -f aiff -c:a pcm_s16le -ac 2"),
    ("aiff/ulaw.aifc", "@a=8000 -f aiff -c:a pcm_mulaw"),
    ("aiff/alaw.aifc", "@a=8000 -f aiff -c:a pcm_alaw"),
    ("aiff/ima4.aifc", "@a=44100 -f aiff -c:a adpcm_ima_qt"),
];

pub(super) fn recipes() -> Vec<Recipe> {
    let mut recipes: Vec<Recipe> = SOUNDS
        .iter()
        .map(|(name, line)| recipe(*name, *line))
        .collect();
    for kind in [
        "u8", "s16le", "s24le", "s32le", "f32le", "f64le", "mulaw", "alaw",
    ] {
        recipes.push(recipe(
            format!("wav/pcm-{kind}-stereo.wav"),
            format!("@a=44100 -c:a pcm_{kind} -ac 2"),
        ));
    }
    for kind in ["s8", "s16be", "s24be", "s32be", "f32be", "f64be"] {
        recipes.push(recipe(
            format!("aiff/pcm-{kind}.aiff"),
            format!("@a=44100 -c:a pcm_{kind} -ac 2"),
        ));
    }
    for (name, flags) in [
        ("id3v2.3", "-id3v2_version 3"),
        ("id3v2.4", "-id3v2_version 4"),
        ("id3v1", "-id3v2_version 0 -write_id3v1 1"),
        ("id3v2.3-and-id3v1", "-id3v2_version 3 -write_id3v1 1"),
    ] {
        recipes.push(recipe(
            format!("mp3/{name}.mp3"),
            format!("@a=44100 -c:a libmp3lame {flags} {TAGS}"),
        ));
    }
    recipes.push(recipe(
        "flac/tags.flac",
        format!("@a=44100 -c:a flac {TAGS}"),
    ));
    recipes
}
