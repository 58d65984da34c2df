//! What goes into the library's films besides picture and sound: subtitles, chapters, a font, covers.

use std::io;
use std::path::{Path, PathBuf};

/// Three lines of dialogue.
const SUBRIP: &str = "1\n00:00:00,100 --> 00:00:00,400\nFirst line\n\n2\n00:00:00,500 --> 00:00:00,800\nSecond line\n\n";

const WEBVTT: &str =
    "WEBVTT\n\n00:00.100 --> 00:00.400\nFirst line\n\n00:00.500 --> 00:00.800\nSecond line\n";

const ASS: &str = "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,Sans,20\n\n\
    [Events]\nFormat: Layer, Start, End, Style, Text\nDialogue: 0,0:00:00.10,0:00:00.40,Default,First line\n";

const CHAPTERS: &str = ";FFMETADATA1\ntitle=With chapters\n\
    [CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=400\ntitle=Opening\n\
    [CHAPTER]\nTIMEBASE=1/1000\nSTART=400\nEND=700\ntitle=Añejo 京都\n\
    [CHAPTER]\nTIMEBASE=1/1000\nSTART=700\nEND=1000\ntitle=End\n";

/// Writes the parts into a hidden folder of `root` and returns it.
pub(super) fn write(root: &Path) -> io::Result<PathBuf> {
    let folder = root.join(".parts");
    fs_err::create_dir_all(&folder)?;
    fs_err::write(folder.join("sub.srt"), SUBRIP)?;
    fs_err::write(folder.join("sub.vtt"), WEBVTT)?;
    fs_err::write(folder.join("sub.ass"), ASS)?;
    fs_err::write(folder.join("chapters.txt"), CHAPTERS)?;
    fs_err::write(
        folder.join("font.ttf"),
        [&[0, 1, 0, 0][..], &[0; 60]].concat(),
    )?;
    fs_err::write(folder.join("sub.sup"), picture_subtitles())?;
    for cover in ["cover.jpg", "cover.png"] {
        let path = folder.join(cover);
        if !path.exists() {
            super::super::encode(
                &[
                    "-f",
                    "lavfi",
                    "-i",
                    "testsrc2=s=64x64:r=1:d=1",
                    "-frames:v",
                    "1",
                ],
                &path,
            )?;
        }
    }
    Ok(folder)
}

/// Returns Blu-ray subtitles (a `.sup` file): one white bar of 8 × 2 points, shown for half a second. ffmpeg makes no
/// picture subtitles of text, but copies these and turns them into other kinds.
fn picture_subtitles() -> Vec<u8> {
    let composition = |number: u8, state: u8, objects: &[u8]| {
        let mut data = vec![0, 160, 0, 120, 0x10, 0, number, state, 0, 0];
        data.push(u8::from(!objects.is_empty()));
        data.extend_from_slice(objects);
        data
    };
    // Object 0 in window 0 at (10, 100).
    let shown = composition(0, 0x80, &[0, 0, 0, 0, 0, 10, 0, 100]);
    let window = [1, 0, 0, 10, 0, 100, 0, 8, 0, 2];
    let palette = [0, 0, 1, 235, 128, 128, 255];
    // A line: run of 8 points of colour 1, end of line.
    let line = [0, 0x88, 1, 0, 0];
    let mut object = vec![0, 0, 0, 0xc0, 0, 0, 14, 0, 8, 0, 2];
    object.extend_from_slice(&line);
    object.extend_from_slice(&line);
    let mut file = Vec::new();
    for (kind, data) in [
        (0x16, shown.as_slice()),
        (0x17, &window),
        (0x14, &palette),
        (0x15, &object),
        (0x80, &[]),
    ] {
        segment(&mut file, 9_000, kind, data);
    }
    let hidden = composition(1, 0, &[]);
    for (kind, data) in [(0x16, hidden.as_slice()), (0x17, &window), (0x80, &[])] {
        segment(&mut file, 54_000, kind, data);
    }
    file
}

/// Appends a segment shown at `ticks` of 1/90,000 s.
fn segment(file: &mut Vec<u8>, ticks: u32, kind: u8, data: &[u8]) {
    file.extend_from_slice(b"PG");
    file.extend_from_slice(&ticks.to_be_bytes());
    file.extend_from_slice(&[0; 4]);
    file.push(kind);
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    file.extend_from_slice(&length.to_be_bytes());
    file.extend_from_slice(data);
}
