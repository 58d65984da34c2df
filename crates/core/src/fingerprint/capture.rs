//! Fingerprints of one file: what ffmpeg decodes goes into the arithmetic of `videocatalog_fingerprint`.
//!
//! TMK needs every frame, so that one process decodes picture and sound together; the signature of keyframes needs a few,
//! which are sought. Decoding is always done in software: what comes out must not depend on the machine.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;

use videocatalog_fingerprint::chromaprint::{self, FFMPEG_FILTER, FPCALC_SECONDS, SAMPLE_RATE};
use videocatalog_fingerprint::keyframes::{self, Signature};
use videocatalog_fingerprint::luma;
use videocatalog_fingerprint::timeline::{self, Timeline};
use videocatalog_fingerprint::tmk::{self, FRAME_BYTES, FRAME_EDGE, FRAMES_PER_SECOND, Tmk};

use super::Kinds;
use super::programs::{self, Programs};
use crate::gather::TakeError;
use crate::media::frames::{self, Decoding, Plan, Shot, Shots, Ticket};
use crate::tools::{Limits, run_streaming};

/// Frames of which a signature is made; fewer where keyframes are rare.
const FRAMES: u32 = 16;

/// Films up to this length in seconds are short: with fewer keyframes than frames that are wanted, the frames at just these
/// times are decoded, so that the same film gets the same signature wherever an encoder put its keyframes.
const LONGEST_DECODED_S: f64 = 300.0;

/// Width of those frames: what the arithmetic was measured with.
const EDGE: u32 = 128;
const _: () = assert!(keyframes::USUAL_EDGE == EDGE as usize);

/// The sound, where ffmpeg leaves it.
const SOUND_FILE: &str = "sound.s16le";

/// Letters kept of a complaint.
const LONGEST_COMPLAINT: usize = 160;

/// A file, and what is known of it.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// Playing time in seconds.
    pub duration_s: Option<f64>,
    /// Whether there is sound to be heard; `None`: nobody knows.
    pub has_sound: Option<bool>,
    /// Width and height of the picture in pixels.
    pub size: Option<(u32, u32)>,
}

/// A fingerprint of sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    /// As fpcalc prints it.
    pub text: String,
    /// Milliseconds that were listened to.
    pub heard_ms: u64,
}

/// What came of a file.
#[derive(Clone, Debug, Default)]
pub struct Captured {
    /// All frames in order.
    pub tmk: Option<Tmk>,
    /// A picture about every half second, with TMK.
    pub timeline: Option<Timeline>,
    /// The first two minutes of sound.
    pub sound: Option<Sound>,
    /// The program of others that made the signature of all frames.
    pub tmk_by: Option<String>,
    /// The program of others that made the fingerprint of sound.
    pub sound_by: Option<String>,
    /// A few keyframes.
    pub keyframes: Option<Signature>,
    /// Why something is missing.
    pub failure: Option<String>,
}

/// Captures the wanted fingerprints of a file.
///
/// # Errors
/// [`TakeError`]; a file that cannot be decoded is none, see [`Captured::failure`].
pub fn capture(
    programs: &Programs,
    source: &Source<'_>,
    wanted: Kinds,
    limits: &Limits,
) -> Result<Captured, TakeError> {
    let ffmpeg = &*programs.ffmpeg;
    let mut captured = Captured::default();
    if wanted.keyframes {
        captured.keyframes = signature(ffmpeg, source, limits, &mut captured.failure)?;
    }
    let mut video = wanted.video;
    let mut sound = wanted.sound && source.has_sound != Some(false);
    if let Some(program) = programs.tmk.as_ref().filter(|_| video) {
        captured.tmk = programs::tmk(program, ffmpeg, source.path, limits)?;
        if captured.tmk.is_some() {
            captured.tmk_by = Some(format!("tmk-hash-video {}", program.version_text()));
            video = false;
        }
    }
    if let Some(program) = programs.fpcalc.as_ref().filter(|_| sound) {
        captured.sound = programs::fpcalc(program, source.path, limits)?;
        if captured.sound.is_some() {
            captured.sound_by = Some(program.version_text());
            sound = false;
        }
    }
    if !video && !sound {
        return Ok(captured);
    }
    let run = decode(ffmpeg, source, video, sound, limits)?;
    let nothing = run.tmk.is_none() && run.sound.is_none();
    if nothing && video && sound && source.has_sound.is_none() {
        // ffmpeg gives nothing at all if one of two streams is not there.
        let seen = decode(ffmpeg, source, true, false, limits)?;
        let heard = decode(ffmpeg, source, false, true, limits)?;
        captured.failure = captured.failure.or(seen.failure);
        captured.tmk = seen.tmk;
        captured.timeline = seen.timeline;
        captured.sound = heard.sound;
        return Ok(captured);
    }
    captured.failure = captured.failure.or(run.failure);
    captured.tmk = captured.tmk.or(run.tmk);
    captured.timeline = run.timeline;
    captured.sound = captured.sound.or(run.sound);
    Ok(captured)
}

/// Returns the signature of frames that are spread over the film.
fn signature(
    ffmpeg: &Path,
    source: &Source<'_>,
    limits: &Limits,
    failure: &mut Option<String>,
) -> Result<Option<Signature>, TakeError> {
    let mut plan = Plan::default();
    plan.need_software();
    let ticket = match source.duration_s.filter(|seconds| *seconds >= 1.0) {
        Some(seconds) => plan.want(
            (0..FRAMES).map(|number| seconds * (f64::from(number) + 0.5) / f64::from(FRAMES)),
        ),
        None => plan.want([0.0]),
    };
    let decoding = Decoding::fitting(source.size, EDGE, None);
    let mut shots = frames::take(ffmpeg, source.path, &plan, decoding, limits)?;
    let mut seen = different(&shots, &ticket);
    let is_short = source
        .duration_s
        .is_some_and(|seconds| seconds <= LONGEST_DECODED_S);
    if is_short && seen.len() < FRAMES as usize {
        plan.need_exact();
        shots = frames::take(ffmpeg, source.path, &plan, decoding, limits)?;
        seen = different(&shots, &ticket);
    }
    let signature = of_shots(&seen);
    if signature.is_none() {
        let complaint = shots.complaints.first().cloned();
        *failure = complaint.or_else(|| Some("no frame could be decoded".into()));
    }
    Ok(signature)
}

/// Returns frames that differ: wishes between two keyframes are met by the same one.
fn different<'s>(shots: &'s Shots, ticket: &'s Ticket) -> Vec<&'s Shot> {
    let mut seen: Vec<&Shot> = Vec::new();
    for shot in shots.of(ticket).flatten() {
        let is_new = |other: &&Shot| (other.time_s - shot.time_s).abs() > 0.001;
        if seen.iter().all(is_new) {
            seen.push(shot);
        }
    }
    seen
}

fn of_shots(shots: &[&Shot]) -> Option<Signature> {
    let first = shots.first()?;
    let (width, height) = (first.width as usize, first.height as usize);
    let mut builder = keyframes::Builder::new(width, height).ok()?;
    for shot in shots {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 255"
        )]
        let grey: Vec<u8> = luma::of_rgb24(&shot.rgb)
            .into_iter()
            .map(|luma| luma.round() as u8)
            .collect();
        builder.push(&grey).ok()?;
    }
    builder.finish()
}

/// Decodes picture, sound or both in one process.
fn decode(
    ffmpeg: &Path,
    source: &Source<'_>,
    picture: bool,
    sound: bool,
    limits: &Limits,
) -> Result<Captured, TakeError> {
    let scratch = tempfile::tempdir()?;
    let heard = scratch.path().join(SOUND_FILE);
    let arguments = arguments(source.path, picture, sound.then_some(heard.as_path()));
    let mut builder = tmk::Builder::new();
    let mut course = timeline::Builder::default();
    let mut rest: Vec<u8> = Vec::with_capacity(FRAME_BYTES);
    let ran = run_streaming(ffmpeg, arguments, limits, |chunk| {
        rest.extend_from_slice(chunk);
        let (frames, _) = rest.as_chunks::<FRAME_BYTES>();
        for frame in frames {
            let features = builder.push_rgb24(frame);
            course.push(&features);
        }
        rest.drain(..frames.len() * FRAME_BYTES);
        ControlFlow::Continue(())
    })?;
    let tmk = (builder.frame_count() > 0).then(|| builder.finish());
    let sound = sound.then(|| listen(&heard)).transpose()?.flatten();
    let failure = ((picture && tmk.is_none()) || (!picture && sound.is_none()))
        .then(|| complaint(&String::from_utf8_lossy(&ran.stderr)));
    Ok(Captured {
        timeline: tmk.is_some().then(|| course.finish()),
        tmk,
        sound,
        failure,
        ..Captured::default()
    })
}

fn arguments(path: &Path, picture: bool, sound: Option<&Path>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> =
        ["-nostdin", "-hide_banner", "-loglevel", "level+error", "-y"]
            .map(OsString::from)
            .to_vec();
    if !picture {
        arguments.push("-vn".into());
    }
    // A name that begins with a dash or looks like an address is still a file.
    let mut input = OsString::from("file:");
    input.push(path);
    arguments.extend(["-i".into(), input]);
    if picture {
        let size = format!("{FRAME_EDGE}:{FRAME_EDGE}");
        let rate = FRAMES_PER_SECOND.to_string();
        arguments.extend(
            [
                "-map", "0:V:0", "-s", &size, "-f", "rawvideo", "-c:v", "rawvideo", "-pix_fmt",
                "rgb24", "-r", &rate, "pipe:1",
            ]
            .map(OsString::from),
        );
    }
    if let Some(file) = sound {
        let seconds = FPCALC_SECONDS.to_string();
        arguments.extend(
            [
                "-map",
                "0:a:0",
                "-af",
                FFMPEG_FILTER,
                "-t",
                &seconds,
                "-f",
                "s16le",
            ]
            .map(OsString::from),
        );
        let mut output = OsString::from("file:");
        output.push(file);
        arguments.push(output);
    }
    arguments
}

/// Returns the fingerprint of decoded sound; `None` if there is none, or too little of it.
fn listen(file: &Path) -> io::Result<Option<Sound>> {
    let file = match File::open(file) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut reader = BufReader::new(file);
    let mut builder = chromaprint::Builder::default();
    let mut bytes = vec![0; 64 * 1024];
    let mut samples_heard = 0_u64;
    let mut rest = Vec::new();
    loop {
        let count = reader.read(&mut bytes)?;
        rest.extend_from_slice(bytes.get(..count).unwrap_or_default());
        let (pairs, _) = rest.as_chunks::<2>();
        let samples: Vec<i16> = pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect();
        samples_heard += samples.len() as u64;
        rest.drain(..samples.len() * 2);
        if !builder.push(&samples) || count == 0 {
            break;
        }
    }
    let fingerprint = builder.finish();
    if fingerprint.items.is_empty() {
        return Ok(None);
    }
    Ok(Some(Sound {
        text: fingerprint.to_text(),
        heard_ms: samples_heard * 1_000 / u64::from(SAMPLE_RATE),
    }))
}

/// Returns the first error that ffmpeg told, without where in it that arose.
fn complaint(said: &str) -> String {
    let errors = said.lines().filter_map(|line| {
        let (_, text) = line
            .split_once("[error] ")
            .or_else(|| line.split_once("[fatal] "))?;
        Some(text.trim().chars().take(LONGEST_COMPLAINT).collect())
    });
    errors
        .into_iter()
        .find(|text: &String| !text.is_empty())
        .unwrap_or_else(|| "nothing could be decoded".into())
}
