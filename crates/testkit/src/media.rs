//! Small real media, made by ffmpeg, and files that try a catalogue's patience.
//!
//! Only encoders that ffmpeg brings itself are used, so that any build of it will do; [`corpus`] skips what a build lacks.

mod corpus;

pub use corpus::{Choice, Made, corpus, seeds};

use std::ffi::OsStr;
use std::fs::FileTimes;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, UNIX_EPOCH};

/// Makes a film of `seconds` seconds with moving picture and sound; the extension decides the container.
///
/// # Errors
/// When ffmpeg is missing or fails; the message says which.
pub fn video(path: &Path, seconds: u32) -> io::Result<()> {
    let picture = format!("testsrc2=size=160x120:rate=10:duration={seconds}");
    let sound = tone(seconds);
    ffmpeg(
        &[
            "-f",
            "lavfi",
            "-i",
            &picture,
            "-f",
            "lavfi",
            "-i",
            &sound,
            "-c:v",
            "mpeg4",
            "-q:v",
            "5",
            "-c:a",
            "aac",
            "-b:a",
            "64k",
            "-shortest",
        ],
        path,
    )
}

/// Makes a tone of `seconds` seconds: `.flac`, `.wav` or `.m4a`.
///
/// # Errors
/// When ffmpeg is missing or fails, or the extension is none of these.
pub fn audio(path: &Path, seconds: u32) -> io::Result<()> {
    let encoder = match path.extension().and_then(OsStr::to_str) {
        Some("flac") => "flac",
        Some("wav") => "pcm_s16le",
        Some("m4a") => "aac",
        _ => return Err(io::Error::other("audio is made as .flac, .wav or .m4a")),
    };
    let sound = tone(seconds);
    ffmpeg(&["-f", "lavfi", "-i", &sound, "-c:a", encoder], path)
}

/// Makes a picture of 160 × 120 points: `.png` or `.jpg`.
///
/// # Errors
/// When ffmpeg is missing or fails.
pub fn image(path: &Path) -> io::Result<()> {
    ffmpeg(
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=160x120:rate=1",
            "-frames:v",
            "1",
        ],
        path,
    )
}

/// Runs ffmpeg with these arguments (inputs, encoders, metadata) into a new file; the extension decides the container.
///
/// # Errors
/// When ffmpeg is missing or fails; the message says which.
pub fn encode(arguments: &[&str], output: &Path) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "tests make their media with it")]
    let mut command = Command::new("ffmpeg");
    command
        .args(["-nostdin", "-v", "error", "-y"])
        .args(arguments)
        .arg(output);
    finish(command, "ffmpeg (`scripts/test` installs it where it can)")
}

/// Returns what ffprobe says of a file: the JSON text with `format`, `streams` and `chapters`.
///
/// # Errors
/// When ffprobe is missing or fails.
pub fn ffprobe(path: &Path) -> io::Result<String> {
    #[expect(clippy::disallowed_methods, reason = "tests compare with it")]
    let output = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-of",
            "json",
            "-show_format",
            "-show_streams",
            "-show_chapters",
        ])
        .arg(path)
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        ));
    }
    String::from_utf8(output.stdout).map_err(io::Error::other)
}

fn tone(seconds: u32) -> String {
    format!("sine=frequency=440:sample_rate=22050:duration={seconds}")
}

fn ffmpeg(arguments: &[&str], output: &Path) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "tests make their media with it")]
    let mut command = Command::new("ffmpeg");
    command
        .args(["-nostdin", "-v", "error", "-y"])
        .args(arguments)
        // The same bytes from the same version of ffmpeg, whenever it runs.
        .args(["-map_metadata", "-1", "-fflags", "+bitexact"])
        .args([
            "-flags:v",
            "+bitexact",
            "-flags:a",
            "+bitexact",
            "-threads",
            "1",
        ])
        .arg(output);
    finish(command, "ffmpeg (`scripts/test` installs it where it can)")
}

fn finish(mut command: Command, name: &str) -> io::Result<()> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| io::Error::new(error.kind(), format!("cannot run {name}: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "{name} failed ({}): {}",
        output.status,
        String::from_utf8_lossy(&output.stderr).trim()
    )))
}

/// Makes a small library at `root`, which is made if need be: films, sound, pictures and papers in folders as people keep
/// them, and in `odd` what makes catalogues stumble.
///
/// # Errors
/// When ffmpeg is missing or fails, or something cannot be written.
pub fn library(root: &Path) -> io::Result<()> {
    for folder in [
        "Films/Amélie (2001)",
        "Music/Björk",
        "Photos/2019",
        "Papers",
        ".hidden",
    ] {
        fs_err::create_dir_all(root.join(folder))?;
    }
    video(
        &root.join("Films/Amélie (2001)/Amélie (2001) [480p].mp4"),
        2,
    )?;
    video(&root.join("Films/clip.mkv"), 1)?;
    audio(&root.join("Music/Björk/01 - Tone.flac"), 1)?;
    audio(&root.join("Music/Björk/02 - Tone.m4a"), 1)?;
    audio(&root.join("Music/note.wav"), 1)?;
    image(&root.join("Photos/2019/IMG_0001.JPG.jpg"))?;
    image(&root.join("Photos/京都.png"))?;
    fs_err::write(root.join("Papers/notes.txt"), "words\n")?;
    fs_err::write(root.join("Papers/notes (copy).txt"), "words\n")?;
    fs_err::write(root.join("Papers/Thumbs.db"), "cache")?;
    fs_err::write(root.join(".hidden/inside.txt"), "hidden with its folder")?;
    // A film whose name does not say so.
    fs_err::copy(root.join("Films/clip.mkv"), root.join("Papers/nameless"))?;
    odd_files(&root.join("odd"))
}

/// Makes files that are unusual but allowed, as far as the system has them.
///
/// # Errors
/// When something cannot be written.
pub fn odd_files(folder: &Path) -> io::Result<()> {
    fs_err::create_dir_all(folder.join("empty folder"))?;
    fs_err::write(folder.join("empty.mp4"), b"")?;
    fs_err::write(folder.join(".hidden.mkv"), b"hidden")?;
    fs_err::write(folder.join("= starts like a formula.txt"), b"1")?;
    fs_err::write(folder.join(" spaces everywhere .txt"), b"2")?;
    fs_err::write(
        folder.join("letter\u{202e}gpj.exe"),
        b"turns the line around",
    )?;
    sparse(&folder.join("sparse.avi"), 8 << 20)?;
    for (name, seconds_before_1970) in [("before 1970.mov", 86_400), ("at 1970.mov", 0)] {
        let file = fs_err::File::create(folder.join(name))?;
        let time = UNIX_EPOCH - Duration::from_secs(seconds_before_1970);
        file.file().set_times(FileTimes::new().set_modified(time))?;
    }
    #[cfg(unix)]
    odd_files_of_unix(folder)?;
    Ok(())
}

/// Makes a file of `bytes` bytes of which only the last is written.
///
/// # Errors
/// When it cannot be written.
pub fn sparse(path: &Path, bytes: u64) -> io::Result<()> {
    let mut file = fs_err::File::create(path)?;
    file.seek(SeekFrom::Start(bytes.saturating_sub(1)))?;
    file.write_all(b"!")
}

#[cfg(unix)]
fn odd_files_of_unix(folder: &Path) -> io::Result<()> {
    use std::os::unix::ffi::OsStrExt;

    fs_err::write(folder.join("two\nlines.mp4"), b"a")?;
    fs_err::write(folder.join("back\\slash.mp4"), b"b")?;
    fs_err::write(folder.join("question?mark*.mp4"), b"c")?;
    fs_err::write(
        folder.join(format!("{}.mp4", "n".repeat(251))),
        b"255 bytes",
    )?;
    fs_err::write(folder.join("decomposed e\u{301}.txt"), b"d")?;
    // macOS takes no such names.
    if !cfg!(target_os = "macos") {
        fs_err::write(folder.join("composed \u{e9}.txt"), b"e")?;
        fs_err::write(folder.join(OsStr::from_bytes(b"latin caf\xe9.mp4")), b"f")?;
    }
    for (link, target) in [
        ("link to file", "empty.mp4"),
        ("link to folder", "empty folder"),
        ("link to nowhere", "no such file"),
        ("link to itself", "link to itself"),
        ("empty folder/link to above", ".."),
    ] {
        fs_err::os::unix::fs::symlink(target, folder.join(link))?;
    }
    #[expect(clippy::disallowed_methods, reason = "there is no call for it in std")]
    let mut mkfifo = Command::new("mkfifo");
    mkfifo.arg(folder.join("pipe.mp4"));
    finish(mkfifo, "mkfifo")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_library_is_what_it_says() {
        let folder = tempfile::tempdir().unwrap();
        library(folder.path()).unwrap();
        let begins_with = |path: &str, skip: usize, expected: &[u8]| {
            let bytes = std::fs::read(folder.path().join(path)).unwrap();
            assert_eq!(
                bytes.get(skip..skip + expected.len()),
                Some(expected),
                "{path}"
            );
        };
        begins_with("Films/Amélie (2001)/Amélie (2001) [480p].mp4", 4, b"ftyp");
        begins_with("Films/clip.mkv", 0, b"\x1a\x45\xdf\xa3");
        begins_with("Music/Björk/01 - Tone.flac", 0, b"fLaC");
        begins_with("Music/note.wav", 0, b"RIFF");
        begins_with("Photos/2019/IMG_0001.JPG.jpg", 0, b"\xff\xd8\xff");
        begins_with("Photos/京都.png", 0, b"\x89PNG");
        let odd = std::fs::read_dir(folder.path().join("odd")).unwrap();
        assert_eq!(odd.count(), 21);
    }

    #[test]
    fn ffmpeg_says_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let error = image(&folder.path().join("no/such/folder/x.png")).unwrap_err();
        assert!(error.to_string().starts_with("ffmpeg"), "{error}");
        assert!(audio(&folder.path().join("x.mp3"), 1).is_err());
    }
}
