//! Frames of a film: one process of ffmpeg a film, whoever wants how many.
//!
//! Several consumers (contact sheet, poster, the check of both ends; fingerprints and analysis later) put their wishes
//! into one [`Plan`]; it is carried out by one process that seeks to each wish and decodes the keyframe before it. A
//! keyframe costs a few milliseconds, an exact frame up to half a second, so each [`Shot`] says which time it really shows.
//! Frames for fingerprints must not depend on the machine: a plan that holds any is decoded in software.

use std::ffi::OsString;
use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::Path;

use crate::gpu::Hwaccel;
use crate::tools::{Limits, StreamError, run_streaming};

/// The most frames of one plan: each is an input of its own.
const MOST_FRAMES: usize = 32;

/// Two wishes closer than this are met by one frame.
const SAME_S: f64 = 0.02;

/// Before this time no seeking is needed.
const BEGINNING_S: f64 = 0.5;

/// How far ahead of a wish a second attempt begins: more than between two keyframes of most films.
const AHEAD_S: f64 = 12.0;

/// Letters kept of a complaint.
const LONGEST_COMPLAINT: usize = 160;

/// The wishes of all consumers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    times_s: Vec<f64>,
    needs_software: bool,
    is_exact: bool,
}

/// The places of one consumer's frames in a plan, in the order of its wishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket(Vec<usize>);

impl Plan {
    /// Adds a consumer's wishes: times in seconds from the beginning.
    pub fn want(&mut self, times_s: impl IntoIterator<Item = f64>) -> Ticket {
        let mut places = Vec::new();
        for time in times_s {
            let time = if time.is_finite() { time.max(0.0) } else { 0.0 };
            let known = self
                .times_s
                .iter()
                .position(|other| (other - time).abs() < SAME_S);
            places.push(known.unwrap_or(self.times_s.len()));
            if known.is_none() && self.times_s.len() < MOST_FRAMES {
                self.times_s.push(time);
            }
        }
        Ticket(places)
    }

    /// Demands the frames at just these times, whatever they cost, where keyframes are too rare.
    pub fn need_exact(&mut self) {
        self.is_exact = true;
    }

    /// Demands that decoding does not depend on the machine.
    pub fn need_software(&mut self) {
        self.needs_software = true;
    }
}

/// One frame, 8 bits each of red, green and blue, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Shot {
    /// The time it really shows, in seconds.
    pub time_s: f64,
    /// Width divided by height as the film is shown, whatever shape the frame was given; `None`: nobody knows.
    pub aspect: Option<f64>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `width * height * 3` bytes.
    pub rgb: Vec<u8>,
}

/// What carrying out a plan gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shots {
    shots: Vec<Option<Shot>>,
    /// What ffmpeg complained of.
    pub complaints: Vec<String>,
}

impl Shots {
    /// Returns a consumer's frames; `None` where there was none.
    pub fn of<'a>(&'a self, ticket: &'a Ticket) -> impl Iterator<Item = Option<&'a Shot>> {
        ticket
            .0
            .iter()
            .map(|place| self.shots.get(*place).and_then(Option::as_ref))
    }

    /// Returns what ffmpeg complained of that is about the drive and not the film, if that is why there is no frame.
    pub(crate) fn fault_of_drive(&self) -> Option<&str> {
        if self.shots.iter().any(Option::is_some) {
            return None;
        }
        let mut complaints = self.complaints.iter().map(String::as_str);
        complaints.find(|complaint| is_of_drive(complaint))
    }
}

/// How frames are decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decoding {
    /// Width of the frames in pixels.
    pub width: u32,
    /// Height of the frames in pixels.
    pub height: u32,
    /// Whether a film of another shape is squeezed; otherwise what it does not fill is black.
    pub is_squeezed: bool,
    /// How the graphics card helps.
    pub hwaccel: Option<Hwaccel>,
}

impl Decoding {
    /// Returns frames whose longer side has `longest` pixels, of a film of that size; both sides even.
    pub fn fitting(size: Option<(u32, u32)>, longest: u32, hwaccel: Option<Hwaccel>) -> Self {
        let (width, height) = size
            .filter(|(width, height)| *width > 0 && *height > 0)
            .unwrap_or((16, 9));
        let (width, height) = (u64::from(width), u64::from(height));
        let longest = u64::from(longest.clamp(16, 4_096));
        let (w, h) = if width >= height {
            (longest, longest * height / width)
        } else {
            (longest * width / height, longest)
        };
        // A film that is much longer than wide is cut to what can still be seen.
        let even = |side: u64| {
            u32::try_from(side.max(longest / 8) / 2 * 2)
                .unwrap_or(2)
                .max(2)
        };
        Self {
            width: even(w),
            height: even(h),
            is_squeezed: false,
            hwaccel,
        }
    }

    /// Returns the same without black bars, whose shape has to be given back to what is squeezed: see [`Shot::aspect`].
    #[must_use]
    pub fn squeezed(self) -> Self {
        Self {
            is_squeezed: true,
            ..self
        }
    }
}

/// Carries out a plan. What keyframes do not give (transport streams are sought in roughly, some films have a single
/// keyframe) is asked for once more, from further ahead and with all frames.
///
/// # Errors
/// When ffmpeg cannot be started, takes too long or is stopped. A film it cannot decode is none: it has no shots.
pub fn take(
    ffmpeg: &Path,
    film: &Path,
    plan: &Plan,
    decoding: Decoding,
    limits: &Limits,
) -> Result<Shots, StreamError> {
    let hwaccel = decoding.hwaccel.filter(|_| !plan.needs_software);
    let wishes: Vec<Wish> = (0..)
        .zip(&plan.times_s)
        .map(|(place, time)| Wish {
            place,
            from_s: *time,
            keyframes: !plan.is_exact,
            is_exact: plan.is_exact,
            hwaccel,
        })
        .collect();
    let mut shots = Shots {
        shots: vec![None; wishes.len()],
        complaints: Vec::new(),
    };
    carry_out(ffmpeg, film, &wishes, decoding, limits, &mut shots)?;
    let missing: Vec<Wish> = wishes
        .into_iter()
        .filter(|wish| shots.shots.get(wish.place).is_some_and(Option::is_none))
        .map(|wish| Wish {
            from_s: (wish.from_s - AHEAD_S).max(0.0),
            keyframes: false,
            is_exact: false,
            hwaccel: None,
            ..wish
        })
        .collect();
    if !missing.is_empty() {
        // What was wrong counts only if it is wrong again.
        shots.complaints.clear();
        carry_out(ffmpeg, film, &missing, decoding, limits, &mut shots)?;
    }
    Ok(shots)
}

/// One frame that is wished for.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Wish {
    /// Its place in the plan.
    place: usize,
    /// From where on it is looked for.
    from_s: f64,
    /// Whether only keyframes are decoded.
    keyframes: bool,
    /// Whether frames before that time are decoded and thrown away.
    is_exact: bool,
    /// How the graphics card helps.
    hwaccel: Option<Hwaccel>,
}

fn carry_out(
    ffmpeg: &Path,
    film: &Path,
    wishes: &[Wish],
    decoding: Decoding,
    limits: &Limits,
    shots: &mut Shots,
) -> Result<(), StreamError> {
    let arguments = arguments(film, wishes, decoding);
    let frame_bytes = decoding.width as usize * decoding.height as usize * 3;
    let most = frame_bytes * wishes.len();
    let mut raw = Vec::with_capacity(most);
    let ran = run_streaming(ffmpeg, arguments, limits, |chunk| {
        raw.extend_from_slice(chunk);
        // More than was asked for would be another program's output.
        if raw.len() > most {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    let said = String::from_utf8_lossy(&ran.stderr);
    shots.complaints.append(&mut complaints(&said));
    // ffmpeg says of which inputs a frame came, and writes the frames in the inputs' order.
    let mut shown = shown(&said);
    shown.sort_by_key(|frame| frame.input);
    shown.dedup_by_key(|frame| frame.input);
    for (frame, rgb) in shown.into_iter().zip(raw.chunks_exact(frame_bytes.max(1))) {
        let wish = wishes.get(frame.input);
        let place = wish.map_or(usize::MAX, |wish| wish.place);
        if let Some(slot) = shots.shots.get_mut(place) {
            *slot = Some(Shot {
                time_s: frame.time_s,
                aspect: frame.aspect,
                width: decoding.width,
                height: decoding.height,
                rgb: rgb.to_vec(),
            });
        }
    }
    Ok(())
}

fn arguments(film: &Path, wishes: &[Wish], decoding: Decoding) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = [
        "-nostdin",
        "-hide_banner",
        "-loglevel",
        "level+info",
        "-copyts",
    ]
    .map(OsString::from)
    .to_vec();
    let mut graph = String::new();
    let mut joined = String::new();
    let (width, height) = (decoding.width, decoding.height);
    for (input, wish) in wishes.iter().enumerate() {
        if let Some(hwaccel) = wish.hwaccel {
            arguments.extend(["-hwaccel", hwaccel.name()].map(OsString::from));
        }
        // One thread: keyframes alone cannot be decoded in parallel, and starting threads costs more than they bring.
        arguments.extend(["-threads", "1", "-an", "-sn", "-dn"].map(OsString::from));
        if wish.keyframes {
            arguments.extend(["-skip_frame", "nokey"].map(OsString::from));
        }
        // The beginning is where reading begins: formats without an index cannot be sought even there.
        if wish.from_s >= BEGINNING_S {
            if !wish.is_exact {
                arguments.push("-noaccurate_seek".into());
            }
            arguments.push("-ss".into());
            arguments.push(format!("{:.3}", wish.from_s).into());
        }
        arguments.push("-i".into());
        // A name that begins with a dash or looks like an address is still a file.
        let mut name = OsString::from("file:");
        name.push(film);
        arguments.push(name);
        let scaled = if decoding.is_squeezed {
            format!("scale={width}:{height}:flags=area")
        } else {
            format!(
                "scale=iw*sar:ih,scale={width}:{height}:force_original_aspect_ratio=decrease:flags=area,\
                 pad={width}:{height}:-1:-1"
            )
        };
        let _ = write!(
            graph,
            "[{input}:V:0]trim=end_frame=1,showinfo@s{input}=checksum=0,{scaled},\
             setsar=1,format=rgb24,setpts=PTS-STARTPTS[v{input}];"
        );
        let _ = write!(joined, "[v{input}]");
    }
    let _ = write!(graph, "{joined}concat=n={}:v=1:a=0[out]", wishes.len());
    arguments.push("-filter_complex".into());
    arguments.push(graph.into());
    arguments.extend(
        [
            "-map",
            "[out]",
            "-fps_mode",
            "passthrough",
            "-f",
            "rawvideo",
            "pipe:1",
        ]
        .map(OsString::from),
    );
    arguments
}

/// A frame that ffmpeg says it passed on.
#[derive(Debug, PartialEq)]
struct Shown {
    input: usize,
    time_s: f64,
    /// Width divided by height, as it is to be shown.
    aspect: Option<f64>,
}

/// Returns the frames that ffmpeg says it passed on.
fn shown(said: &str) -> Vec<Shown> {
    said.lines()
        .filter_map(|line| {
            let rest = line.split_once("showinfo@s")?.1;
            let place = rest.split([' ', '@']).next()?.parse().ok()?;
            let time = rest.split_once("pts_time:")?.1.split_whitespace().next()?;
            Some(Shown {
                input: place,
                time_s: time.parse().unwrap_or(0.0),
                aspect: aspect(rest),
            })
        })
        .collect()
}

/// Returns width divided by height of a frame of which ffmpeg says ` sar:1/1 s:1920x1080 `.
fn aspect(said: &str) -> Option<f64> {
    let word = |key: &str| said.split_once(key)?.1.split_whitespace().next();
    let pair = |text: &str, between: char| -> Option<f64> {
        let (a, b) = text.split_once(between)?;
        let (a, b): (f64, f64) = (a.parse().ok()?, b.parse().ok()?);
        (a > 0.0 && b > 0.0).then_some(a / b)
    };
    let shape = pair(word(" s:")?, 'x')?;
    // 0/1: nobody knows, so pixels are square.
    let of_pixel = word(" sar:").and_then(|sar| pair(sar, '/'));
    Some(shape * of_pixel.unwrap_or(1.0))
}

/// Returns whether a complaint is about the drive, and not about what is in the film.
pub(crate) fn is_of_drive(complaint: &str) -> bool {
    [
        "Input/output error",
        "I/O error",
        "Permission denied",
        "Operation not permitted",
        "Stale file handle",
        "Connection timed out",
        "Transport endpoint is not connected",
        "No such device",
        "No such file or directory",
        "Resource temporarily unavailable",
    ]
    .iter()
    .any(|words| complaint.contains(words))
}

/// Returns the lines of errors, without where in ffmpeg they arose; at most a few.
fn complaints(said: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in said.lines().flat_map(|line| line.split('\r')) {
        let Some((_, text)) = line
            .split_once("[error] ")
            .or_else(|| line.split_once("[fatal] "))
        else {
            continue;
        };
        let text: String = text.trim().chars().take(LONGEST_COMPLAINT).collect();
        if !text.is_empty() && !found.contains(&text) && found.len() < 8 {
            found.push(text);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_shared_between_consumers() {
        let mut plan = Plan::default();
        let ends = plan.want([0.0, 9.0]);
        let sheet = plan.want([f64::NAN, 4.5, 9.01]);
        assert_eq!(plan.times_s, [0.0, 9.0, 4.5]);
        assert_eq!((ends.0, sheet.0), (vec![0, 1], vec![0, 2, 1]));
    }

    #[test]
    fn frames_keep_the_shape_of_the_film() {
        let check = |size, expected| {
            let decoding = Decoding::fitting(size, 480, None);
            assert_eq!((decoding.width, decoding.height), expected);
        };
        check(Some((1_920, 1_080)), (480, 270));
        check(Some((1_080, 1_920)), (270, 480));
        check(Some((100_000, 1)), (480, 60));
        check(Some((0, 5)), (480, 270));
        check(None, (480, 270));
    }

    #[test]
    fn what_ffmpeg_says_is_understood() {
        let said = "[showinfo@s12 @ 0x55] [info] n:   0 pts:    23 pts_time:10.023  duration: 1\n\
                    [h264 @ 0x1] [error] error while decoding MB 3 4\r[h264 @ 0x1] [error] error while decoding MB 3 4\n";
        let frame = Shown {
            input: 12,
            time_s: 10.023,
            aspect: None,
        };
        assert_eq!(shown(said), [frame]);
        assert_eq!(complaints(said), ["error while decoding MB 3 4"]);
    }

    #[test]
    fn the_shape_of_a_film_is_understood() {
        let check = |said, expected| assert_eq!(aspect(said), expected, "{said}");
        check("fmt:yuv420p sar:1/1 s:1920x1080 i:P", Some(16.0 / 9.0));
        check("fmt:yuv420p sar:4/3 s:300x200 i:P", Some(2.0));
        check("fmt:yuv420p sar:0/1 s:300x200 i:P", Some(1.5));
        check("fmt:yuv420p s:0x200 i:P", None);
        check("fmt:yuv420p", None);
    }

    #[test]
    fn the_card_decodes_as_it_was_found_to_but_never_what_must_not_depend_on_it() {
        let wish = |hwaccel| Wish {
            place: 0,
            from_s: 0.0,
            keyframes: true,
            is_exact: false,
            hwaccel,
        };
        let decoding = Decoding::fitting(None, 64, None);
        let written = |hwaccel, decoding| {
            let arguments = arguments(Path::new("a.mkv"), &[wish(hwaccel)], decoding);
            let words: Vec<_> = arguments
                .iter()
                .map(|word| word.to_string_lossy())
                .collect();
            words.join(" ")
        };
        let by_card = written(Some(Hwaccel::Cuda), decoding);
        assert!(
            by_card.contains("-hwaccel cuda") && by_card.contains("pad="),
            "{by_card}"
        );
        assert!(written(Some(Hwaccel::Auto), decoding).contains("-hwaccel auto"));
        let squeezed = written(None, decoding.squeezed());
        assert!(
            !squeezed.contains("-hwaccel") && !squeezed.contains("pad="),
            "{squeezed}"
        );
    }

    #[test]
    fn complaints_about_the_drive_are_told_from_those_about_the_film() {
        assert!(is_of_drive("Error opening input: Input/output error"));
        assert!(!is_of_drive("Invalid data found when processing input"));
        assert!(!is_of_drive("error while decoding MB 3 4"));
    }
}
