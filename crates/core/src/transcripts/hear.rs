//! One file: its sound is decoded by ffmpeg while what was decoded before is listened to.

use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, SendTimeoutError, Sender, bounded};
use videocatalog_models::runtime::ModelError;
use videocatalog_models::speech::cut::{Cutter, Window};
use videocatalog_models::speech::{SAMPLE_RATE, Segment, Transcriber};

use super::Listener;
use crate::cancel::CancelToken;
use crate::media::frames::is_of_drive;
use crate::scan::ScanError;
use crate::tools::{Limits, StreamError, Streamed, run_streaming};

/// Chunks of sound that may wait: half a minute or so.
const CHUNKS_AHEAD: usize = 16;

/// How soon the wish to stop is noticed.
const TICK: Duration = Duration::from_millis(100);

/// Nothing decoded for so long: the drive hangs.
const LONGEST_SILENCE: Duration = Duration::from_mins(3);

/// Characters of what ffmpeg complains about that are kept.
const LONGEST_COMPLAINT: usize = 300;

/// How much may be heard without a word until that is written down.
const WORDLESS_MS: i64 = 60_000;

/// What ffmpeg complains about that says nothing of the file, but of the machine and of ffmpeg itself.
const OF_THE_MACHINE: [&str; 2] = ["Cannot allocate memory", "Decoder not found"];

/// How it ended.
pub(super) enum End {
    /// All of it was heard.
    Heard,
    /// No sound came, and ffmpeg said why.
    Nothing(String),
    /// Somebody stopped it.
    Stopped,
    /// Nothing came any more.
    Hung,
    /// Something failed that may work another time.
    Broken(String),
}

/// Writes what was said in a window, and until when the file was heard, milliseconds.
pub(super) type Keep<'k> =
    &'k mut dyn FnMut(Option<&str>, &[Segment], i64) -> Result<(), ScanError>;

/// What is listened to.
pub(super) struct Sound<'s> {
    pub(super) ffmpeg: &'s Path,
    pub(super) path: &'s Path,
    /// Which of its sounds.
    pub(super) stream: usize,
    /// Where to go on.
    pub(super) from_ms: i64,
    /// How long it plays, if that is known.
    pub(super) duration_s: Option<f64>,
}

/// Listens to a file.
pub(super) fn hear(
    sound: &Sound<'_>,
    listener: &mut Listener,
    batch_seconds: f64,
    cancel: &CancelToken,
    keep: Keep<'_>,
) -> Result<End, ScanError> {
    let (sender, chunks) = bounded(CHUNKS_AHEAD);
    // The decoder is stopped also when nobody asked for that: when it hangs, or what listens fails.
    let limits = Limits {
        timeout: Duration::MAX,
        cancel: CancelToken::new(),
        is_gentle: true,
    };
    let (ffmpeg, arguments) = (sound.ffmpeg, arguments(sound));
    listener.transcriber.begin();
    thread::scope(|scope| {
        let (limits, its_limits) = (&limits, limits.clone());
        let decoder = thread::Builder::new()
            .name("decode".into())
            .spawn_scoped(scope, move || {
                decode(ffmpeg, arguments, &its_limits, &sender)
            })
            .map_err(|source| ScanError::System {
                what: "start a thread",
                source,
            })?;
        let mut hearing = Hearing {
            transcriber: listener.transcriber.as_mut(),
            from_ms: sound.from_ms,
            kept_ms: 0,
            keep,
        };
        let mut cutter = Cutter::new(&mut listener.voice, batch_seconds);
        let ended = hearing.listen(&chunks, &mut cutter, cancel);
        if let Some(error) = cutter.failure() {
            listener.warnings.push(format!(
                "the model of voices failed ({error}); whatever is loud enough is listened to"
            ));
        }
        if !matches!(ended, Ok(Listened::ToTheEnd)) {
            limits.cancel.cancel();
        }
        drop(chunks);
        let decoded = decoder.join();
        match ended? {
            Listened::Stopped => Ok(End::Stopped),
            Listened::Hung => Ok(End::Hung),
            Listened::Failed(error) => Ok(End::Broken(error.to_string())),
            Listened::ToTheEnd => Ok(match decoded {
                Ok(Ok(ran)) => judge(sound, &ran),
                Ok(Err(error)) => End::Broken(error.to_string()),
                Err(_) => End::Broken("the decoding thread broke off".into()),
            }),
        }
    })
}

/// Returns what it means that ffmpeg ended so. What is not the file's fault is tried another time.
fn judge(sound: &Sound<'_>, ran: &Streamed) -> End {
    let said = String::from_utf8_lossy(&ran.stderr);
    let was_killed = ran.status.is_some_and(|status| status.code().is_none());
    let is_of_machine = OF_THE_MACHINE.iter().any(|words| said.contains(words));
    if was_killed || is_of_machine || is_of_drive(&said) {
        return End::Broken(complaint(ran));
    }
    #[expect(clippy::cast_precision_loss, reason = "a playing time")]
    let from_s = sound.from_ms as f64 / 1_000.0;
    let is_at_end = sound.from_ms > 0
        && sound
            .duration_s
            .is_none_or(|seconds| from_s >= seconds * 0.95 - 5.0);
    match (ran.bytes, sound.from_ms) {
        (1.., _) => End::Heard,
        (0, 0) => End::Nothing(complaint(ran)),
        // The rest of what was heard before.
        (0, _) if is_at_end => End::Heard,
        _ => End::Broken(complaint(ran)),
    }
}

/// How listening ended.
enum Listened {
    ToTheEnd,
    Stopped,
    Hung,
    Failed(ModelError),
}

struct Hearing<'h> {
    transcriber: &'h mut dyn Transcriber,
    from_ms: i64,
    /// Until when of what came now it is written down.
    kept_ms: i64,
    keep: Keep<'h>,
}

impl Hearing<'_> {
    fn listen(
        &mut self,
        chunks: &Receiver<Vec<u8>>,
        cutter: &mut Cutter<'_>,
        cancel: &CancelToken,
    ) -> Result<Listened, ScanError> {
        let mut rest = Vec::new();
        let mut came = Instant::now();
        loop {
            if cancel.is_cancelled() {
                return Ok(Listened::Stopped);
            }
            let chunk = match chunks.recv_timeout(TICK) {
                Ok(chunk) => chunk,
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) if came.elapsed() > LONGEST_SILENCE => {
                    return Ok(Listened::Hung);
                }
                Err(RecvTimeoutError::Timeout) => continue,
            };
            rest.extend_from_slice(&chunk);
            let (pairs, _) = rest.as_chunks::<2>();
            let samples: Vec<f32> = pairs
                .iter()
                .map(|pair| f32::from(i16::from_le_bytes(*pair)) / 32_768.0)
                .collect();
            rest.drain(..samples.len() * 2);
            let windows = match cutter.push(&samples) {
                Ok(windows) => windows,
                Err(error) => return Ok(Listened::Failed(error)),
            };
            for window in windows {
                if let Some(ended) = self.window(&window)? {
                    return Ok(ended);
                }
            }
            let done_ms = cutter.done_ms();
            if done_ms >= self.kept_ms + WORDLESS_MS {
                self.keep(None, &[], done_ms)?;
            }
            came = Instant::now();
        }
        if cancel.is_cancelled() {
            return Ok(Listened::Stopped);
        }
        if let Some(window) = cutter.finish()
            && let Some(ended) = self.window(&window)?
        {
            return Ok(ended);
        }
        Ok(Listened::ToTheEnd)
    }

    /// Listens to a window.
    fn window(&mut self, window: &Window) -> Result<Option<Listened>, ScanError> {
        let mut heard = match self.transcriber.transcribe(&window.samples) {
            Ok(heard) => heard,
            Err(ModelError::Stopped) => return Ok(Some(Listened::Stopped)),
            Err(error) => return Ok(Some(Listened::Failed(error))),
        };
        let shift = self.from_ms + window.start_ms;
        for segment in &mut heard.segments {
            segment.start_ms += shift;
            segment.end_ms += shift;
            for word in &mut segment.words {
                word.start_ms += shift;
                word.end_ms += shift;
            }
        }
        self.keep(heard.language.as_deref(), &heard.segments, window.done_ms)?;
        Ok(None)
    }

    fn keep(
        &mut self,
        language: Option<&str>,
        segments: &[Segment],
        done_ms: i64,
    ) -> Result<(), ScanError> {
        self.kept_ms = done_ms;
        (self.keep)(language, segments, self.from_ms + done_ms)
    }
}

/// Decodes the sound of a file, and hands it on as it comes.
fn decode(
    ffmpeg: &Path,
    arguments: Vec<OsString>,
    limits: &Limits,
    chunks: &Sender<Vec<u8>>,
) -> Result<Streamed, StreamError> {
    run_streaming(ffmpeg, arguments, limits, |chunk| {
        let mut chunk = chunk.to_vec();
        loop {
            match chunks.send_timeout(chunk, TICK) {
                Ok(()) => return ControlFlow::Continue(()),
                Err(SendTimeoutError::Disconnected(_)) => return ControlFlow::Break(()),
                Err(SendTimeoutError::Timeout(_)) if limits.cancel.is_cancelled() => {
                    return ControlFlow::Break(());
                }
                Err(SendTimeoutError::Timeout(back)) => chunk = back,
            }
        }
    })
}

fn arguments(sound: &Sound<'_>) -> Vec<OsString> {
    let from = format!("{}.{:03}", sound.from_ms / 1_000, sound.from_ms % 1_000);
    let rate = SAMPLE_RATE.to_string();
    let stream = format!("0:a:{}", sound.stream);
    // A name that begins with a dash or looks like an address is still a file.
    let mut input = OsString::from("file:");
    input.push(sound.path);
    let mut arguments: Vec<OsString> = ["-nostdin", "-hide_banner", "-loglevel", "error"]
        .map(OsString::from)
        .to_vec();
    arguments.extend(["-ss", &from, "-vn", "-sn", "-dn", "-i"].map(OsString::from));
    arguments.push(input);
    // Where sound begins late or has gaps there is silence, so that samples tell the time.
    let filled = "aresample=async=1:first_pts=0";
    arguments.extend(
        [
            "-map", &stream, "-af", filled, "-ac", "1", "-ar", &rate, "-f", "s16le", "pipe:1",
        ]
        .map(OsString::from),
    );
    arguments
}

fn complaint(ran: &Streamed) -> String {
    let said = String::from_utf8_lossy(&ran.stderr);
    let first = said.lines().map(str::trim).find(|line| !line.is_empty());
    let text = first.unwrap_or("there is no sound in it");
    text.chars().take(LONGEST_COMPLAINT).collect()
}
