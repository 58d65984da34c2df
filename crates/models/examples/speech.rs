//! Times turning recordings into text, and counts wrong words: MODEL VOICES THREADS RECORDING...
//!
//! A recording is 16-bit, one channel, 16 kHz; what is said in `name.wav` stands in `name.txt` beside it, if anywhere.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement"
)]

use std::path::Path;
use std::time::Instant;

use videocatalog_models::runtime::Runtime;
use videocatalog_models::speech::cut::Cutter;
use videocatalog_models::speech::voice::Voice;
use videocatalog_models::speech::{Hearing, SAMPLE_RATE, load};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, voices, threads, recordings @ ..] = arguments.as_slice() else {
        println!("MODEL VOICES THREADS RECORDING...");
        return;
    };
    let hearing = Hearing {
        language: None,
        temperature: 0.0,
        has_words: true,
        threads: threads.parse().unwrap(),
    };
    let began = Instant::now();
    let mut whisper = load(Path::new(model), &hearing, Box::new(|| false)).unwrap();
    let session = Runtime::embedded(1).load(Path::new(voices)).unwrap();
    let mut voice = Voice::silero(session).unwrap();
    println!("loaded in {:.2} s", began.elapsed().as_secs_f64());
    for recording in recordings {
        let bytes = std::fs::read(recording).unwrap();
        let data = bytes.windows(4).position(|four| four == b"data").unwrap() + 8;
        let (numbers, _) = bytes.get(data..).unwrap().as_chunks::<2>();
        let samples: Vec<f32> = numbers
            .iter()
            .map(|bytes| f32::from(i16::from_le_bytes(*bytes)) / 32_768.0)
            .collect();
        let seconds = samples.len() as f64 / f64::from(SAMPLE_RATE);
        let began = Instant::now();
        let mut cutter = Cutter::new(&mut voice, 30.0);
        let mut windows = cutter.push(&samples).unwrap();
        windows.extend(cutter.finish());
        let cut = began.elapsed().as_secs_f64();
        let mut heard = Vec::new();
        for window in &windows {
            for segment in whisper.transcribe(&window.samples).unwrap().segments {
                heard.push(segment.text);
            }
        }
        let took = began.elapsed().as_secs_f64();
        let heard = heard.join(" ");
        println!(
            "{recording}: {seconds:.1} s in {took:.2} s, real-time factor {:.3} ({:.3} of it finding voices)",
            took / seconds,
            cut / seconds
        );
        match std::fs::read_to_string(Path::new(recording).with_extension("txt")) {
            Ok(said) => {
                let (wrong, of) = wrong_words(&words(&said), &words(&heard));
                println!(
                    "  {wrong} of {of} words wrong: {:.1} %",
                    100.0 * wrong as f64 / of as f64
                );
            }
            Err(_) => println!("  {heard}"),
        }
    }
}

fn words(text: &str) -> Vec<String> {
    let kept: String = text
        .to_lowercase()
        .replace('\'', "")
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    kept.split_whitespace().map(str::to_owned).collect()
}

/// Returns how many words are wrong, missing or too many, and how many there are.
fn wrong_words(said: &[String], heard: &[String]) -> (usize, usize) {
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (i, word) in said.iter().enumerate() {
        let mut diagonal = std::mem::replace(row.first_mut().unwrap(), i + 1);
        let mut left = i + 1;
        for (other, cell) in heard.iter().zip(row.iter_mut().skip(1)) {
            let best = (diagonal + usize::from(word != other))
                .min(left + 1)
                .min(*cell + 1);
            diagonal = std::mem::replace(cell, best);
            left = best;
        }
    }
    (row.last().copied().unwrap_or(0), said.len())
}
