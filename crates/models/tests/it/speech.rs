//! Speech: real recordings, a real model of voices and a real Whisper.

use videocatalog_models::runtime::{ModelError, Runtime};
use videocatalog_models::speech::cut::{Cutter, Window};
use videocatalog_models::speech::voice::Voice;
use videocatalog_models::speech::{Hearing, SAMPLE_RATE, Transcriber, load};

use crate::{fetched, runtimes};

/// Returns the samples of a recording of 16-bit numbers.
fn recording(name: &str) -> Option<Vec<f32>> {
    let bytes = fs_err::read(fetched(&format!("speech/{name}"))?).unwrap();
    let data = bytes.windows(4).position(|four| four == b"data").unwrap() + 8;
    let (numbers, _) = bytes.get(data..).unwrap().as_chunks::<2>();
    let samples = numbers.iter();
    Some(
        samples
            .map(|bytes| f32::from(i16::from_le_bytes(*bytes)) / 32_768.0)
            .collect(),
    )
}

fn windows(voice: &mut Voice, samples: &[f32]) -> Vec<Window> {
    let mut cutter = Cutter::new(voice, 30.0);
    let mut windows = Vec::new();
    for chunk in samples.chunks(10_000) {
        windows.extend(cutter.push(chunk).unwrap());
    }
    windows.extend(cutter.finish());
    windows
}

fn silero(runtime: &Runtime) -> Option<Voice> {
    let model = fetched("silero_vad.onnx")?.canonicalize().unwrap();
    Some(Voice::silero(runtime.load(&model).unwrap()).unwrap())
}

#[test]
fn voices_are_told_from_silence_and_noise() {
    let Some(speech) = recording("jfk.wav") else {
        return;
    };
    let second = SAMPLE_RATE as usize;
    let mut seed = 1_u32;
    let mut noise = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from(u16::try_from(seed >> 16).unwrap()) / 65_536.0 - 0.5
    };
    // A hum that is louder than many a voice, then somebody who speaks, then silence.
    let mut sound: Vec<f32> = (0..8 * second).map(|_| noise() * 0.2).collect();
    sound.extend(&speech);
    sound.extend(vec![0.0; 5 * second]);
    for runtime in runtimes() {
        let found = windows(&mut silero(&runtime).unwrap(), &sound);
        assert_eq!(found.len(), 1, "{runtime:?}");
        assert!((7_500..8_700).contains(&found[0].start_ms), "{runtime:?}");
        assert!(found[0].samples.len() > 9 * second, "{runtime:?}");
    }
    // Loudness alone takes the hum for a voice; that is why there is a model.
    assert_eq!(windows(&mut Voice::Loudness, &sound)[0].start_ms, 0);
    let another = runtimes()[0].load(&fetched("minilm/model.onnx").unwrap());
    assert!(Voice::silero(another.unwrap()).is_err());
}

fn whisper(hearing: &Hearing) -> Option<Result<Box<dyn Transcriber>, ModelError>> {
    let model = fetched("ggml-tiny.en.bin")?;
    Some(load(&model, hearing, Box::new(|| false)))
}

fn hearing() -> Hearing {
    Hearing {
        language: None,
        temperature: 0.0,
        has_words: true,
        threads: 2,
    }
}

#[test]
fn what_a_president_says_is_heard_with_its_times() {
    let Some(speech) = recording("jfk.wav") else {
        return;
    };
    let mut whisper = whisper(&hearing()).unwrap().unwrap();
    let heard = whisper.transcribe(&speech).unwrap();
    assert_eq!(heard.language.as_deref(), Some("en"));
    let text: Vec<&str> = heard
        .segments
        .iter()
        .map(|segment| segment.text.as_str())
        .collect();
    let text = text.join(" ");
    let words = "ask not what your country can do for you";
    assert!(text.to_lowercase().contains(words), "{text}");
    let word = |wanted: &str| {
        let mut words = heard.segments.iter().flat_map(|segment| &segment.words);
        words
            .find(|word| word.text.to_lowercase().starts_with(wanted))
            .unwrap()
    };
    // "my fellow Americans" comes first, the question seconds later.
    assert!(word("fellow").start_ms < 2_500, "{heard:?}");
    assert!((2_500..6_000).contains(&word("ask").start_ms), "{heard:?}");
    for segment in &heard.segments {
        assert!(
            segment.start_ms <= segment.end_ms && segment.end_ms <= 12_000,
            "{heard:?}"
        );
    }
    // Silence and next to nothing at all are no speech, and nothing breaks.
    let silence = whisper.transcribe(&vec![0.0; 1_600]).unwrap();
    assert!(silence.segments.len() < 2, "{silence:?}");
}

#[test]
fn who_stops_it_does_not_wait_for_the_end() {
    let (Some(speech), Some(model)) = (recording("dots.wav"), fetched("ggml-tiny.en.bin")) else {
        return;
    };
    let began = std::time::Instant::now();
    let mut whisper = load(&model, &hearing(), Box::new(|| true)).unwrap();
    let stopped = whisper.transcribe(&speech);
    assert!(matches!(stopped, Err(ModelError::Stopped)), "{stopped:?}");
    assert!(began.elapsed().as_secs() < 5);
}

#[test]
fn languages_that_a_model_does_not_know_are_refused() {
    for (language, message) in [
        ("de", Some("English alone")),
        ("klingon", Some("does not know the language")),
        ("a\0b", Some("NUL")),
        ("en-GB", None),
        ("auto", None),
    ] {
        let hearing = Hearing {
            language: Some(language.into()),
            ..hearing()
        };
        let Some(loaded) = whisper(&hearing) else {
            return;
        };
        match message {
            None => assert!(loaded.is_ok()),
            Some(message) => {
                let error = loaded.err().unwrap().to_string();
                assert!(error.contains(message), "{error}");
            }
        }
    }
}
