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

/// Listens to a file from `from_ms` on.
pub(super) fn hear(
    ffmpeg: &Path,
    path: &Path,
    from_ms: i64,
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
    let arguments = arguments(path, from_ms);
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
            from_ms,
            keep,
        };
        let cutter = Cutter::new(&mut listener.voice, batch_seconds);
        let ended = hearing.listen(&chunks, cutter, cancel);
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
                Ok(Ok(ran)) if ran.bytes == 0 => End::Nothing(complaint(&ran)),
                Ok(Ok(_)) => End::Heard,
                Ok(Err(error)) => End::Broken(error.to_string()),
                Err(_) => End::Broken("the decoding thread broke off".into()),
            }),
        }
    })
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
    keep: Keep<'h>,
}

impl Hearing<'_> {
    fn listen(
        &mut self,
        chunks: &Receiver<Vec<u8>>,
        mut cutter: Cutter<'_>,
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
                let until_ms = cutter.done_ms();
                if let Some(ended) = self.window(&window, until_ms)? {
                    return Ok(ended);
                }
            }
            came = Instant::now();
        }
        if cancel.is_cancelled() {
            return Ok(Listened::Stopped);
        }
        if let Some(window) = cutter.finish() {
            let until_ms = window.end_ms();
            if let Some(ended) = self.window(&window, until_ms)? {
                return Ok(ended);
            }
        }
        Ok(Listened::ToTheEnd)
    }

    /// Listens to a window; the file was heard until `until_ms` then.
    fn window(&mut self, window: &Window, until_ms: i64) -> Result<Option<Listened>, ScanError> {
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
        (self.keep)(
            heard.language.as_deref(),
            &heard.segments,
            self.from_ms + until_ms,
        )?;
        Ok(None)
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

fn arguments(path: &Path, from_ms: i64) -> Vec<OsString> {
    let from = format!("{}.{:03}", from_ms / 1_000, from_ms % 1_000);
    let rate = SAMPLE_RATE.to_string();
    // A name that begins with a dash or looks like an address is still a file.
    let mut input = OsString::from("file:");
    input.push(path);
    let mut arguments: Vec<OsString> = ["-nostdin", "-hide_banner", "-loglevel", "error"]
        .map(OsString::from)
        .to_vec();
    arguments.extend(["-ss", &from, "-vn", "-sn", "-dn", "-i"].map(OsString::from));
    arguments.push(input);
    arguments.extend(
        [
            "-map", "0:a:0", "-ac", "1", "-ar", &rate, "-f", "s16le", "pipe:1",
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
