//! Whether a film can be decoded: its two ends, with the frames that are taken anyway, or all of it.

use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use super::frames::{Plan, Shots, Ticket};
use super::{Level, Verdict};
use crate::tools::{Limits, StreamError, run_streaming};

/// How far before the end the last keyframe is looked for: the picture may end a little before the sound.
const BEFORE_END_S: f64 = 1.0;

/// Time that decoding a film may take besides four times its own length.
const FULL_TIMEOUT: Duration = Duration::from_mins(10);

/// Complaints of ffmpeg that mean damage, and not merely something unusual.
const DAMAGE: [&str; 6] = [
    "error while decoding",
    "concealing",
    "corrupt",
    "Invalid data found when processing input",
    "Invalid NAL unit size",
    "missing picture",
];

/// Wishes for the first and the last keyframe.
pub fn want_ends(plan: &mut Plan, duration_s: Option<f64>) -> Ticket {
    match duration_s {
        Some(seconds) => plan.want([0.0, (seconds - BEFORE_END_S).max(0.0)]),
        None => plan.want([0.0]),
    }
}

/// Returns what the frames of both ends tell.
pub fn ends(shots: &Shots, ticket: &Ticket) -> Verdict {
    let frames: Vec<bool> = shots.of(ticket).map(|shot| shot.is_some()).collect();
    let said = shots.complaints.iter().find(|text| is_damage(text));
    let because = |what: &str| match said.or(shots.complaints.first()) {
        Some(text) => format!("{what}: {text}"),
        None => what.to_owned(),
    };
    match frames.as_slice() {
        [false, ..] => Verdict::faulty(because("the first picture cannot be decoded"), Level::Ends),
        [_, false] => Verdict::faulty(because("the last picture cannot be decoded"), Level::Ends),
        _ if said.is_some() => Verdict::faulty(because("decoding has errors"), Level::Ends),
        _ => Verdict::sound(Level::Ends),
    }
}

fn is_damage(complaint: &str) -> bool {
    DAMAGE.iter().any(|word| complaint.contains(word))
}

/// Decodes all of a film or piece of music, as the older program did.
///
/// # Errors
/// When ffmpeg cannot be started, takes far too long or is stopped.
pub fn full(
    ffmpeg: &Path,
    film: &Path,
    duration_s: Option<f64>,
    limits: &Limits,
) -> Result<Verdict, StreamError> {
    let mut name = OsString::from("file:");
    name.push(film);
    let mut arguments: Vec<OsString> = ["-nostdin", "-v", "error", "-xerror", "-i"]
        .map(OsString::from)
        .to_vec();
    arguments.push(name);
    arguments.extend(["-map", "0:v?", "-map", "0:a?", "-f", "null", "-"].map(OsString::from));
    let limits = Limits {
        timeout: FULL_TIMEOUT
            + Duration::try_from_secs_f64(4.0 * duration_s.unwrap_or(0.0)).unwrap_or_default(),
        ..limits.clone()
    };
    let ran = run_streaming(ffmpeg, arguments, &limits, |_| ControlFlow::Continue(()))?;
    let said = String::from_utf8_lossy(&ran.stderr);
    let first = said.lines().find(|line| !line.trim().is_empty());
    Ok(
        match (ran.status.is_some_and(|status| status.success()), first) {
            (true, None) => Verdict::sound(Level::Full),
            (_, Some(line)) => Verdict::faulty(
                format!("decoding fails: {}", without_origin(line)),
                Level::Full,
            ),
            (false, None) => Verdict::faulty("decoding fails".into(), Level::Full),
        },
    )
}

/// Leaves out `[h264 @ 0x5581…]`, which differs from run to run.
fn without_origin(line: &str) -> &str {
    match line
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "))
    {
        Some((origin, text)) if origin.contains(" @ ") => text.trim(),
        _ => line.trim(),
    }
}
