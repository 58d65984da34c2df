//! Measures the window without a screen: CPU time of a frame, key press to results, memory. `frames HOME`; see
//! `scripts/bench/window`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what it is for")]

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{Context, Event, Key, Modifiers, PointerButton, Pos2, RawInput, Rect, Vec2};
use videocatalog_core::environment::{Environment, Platform};
use videocatalog_gui::app::App;
use videocatalog_gui::backend::Backend;
use videocatalog_gui::backend::core::CoreBackend;

const SIZE: Vec2 = Vec2::new(1280.0, 820.0);
const FRAMES: usize = 600;
const WORDS: [&str; 6] = [
    "matrix 1999",
    "2160p hevc",
    "s01e02",
    "brother",
    "zzzzqq",
    "the a",
];

struct Bench {
    context: Context,
    app: App,
    time: f64,
}

impl Bench {
    /// Draws one frame with these events; returns how long it took without painting.
    fn frame(&mut self, events: Vec<Event>) -> Duration {
        self.time += 1.0 / 60.0;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE)),
            time: Some(self.time),
            events,
            ..RawInput::default()
        };
        let began = Instant::now();
        self.app.poll(&self.context);
        let app = &mut self.app;
        let output = self.context.run_ui(input, |ui| app.show(ui));
        let took = began.elapsed();
        drop(output);
        took
    }

    fn settle(&mut self) {
        self.frame(Vec::new());
        while self.app.is_searching() {
            std::thread::sleep(Duration::from_micros(200));
            self.frame(Vec::new());
        }
        self.frame(Vec::new());
    }
}

fn key(key: Key, modifiers: Modifiers) -> Vec<Event> {
    let event = |pressed| Event::Key {
        key,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers,
    };
    vec![event(true), event(false)]
}

fn told(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| {
        let index = (times.len() * share / 100).min(times.len().saturating_sub(1));
        times
            .get(index)
            .map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    println!(
        "{name}: {} times, p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms, worst {:.2} ms",
        times.len(),
        at(50),
        at(95),
        at(99),
        at(100)
    );
}

fn main() -> ExitCode {
    let Some(home) = std::env::args_os().nth(1) else {
        eprintln!("usage: frames HOME");
        return ExitCode::from(2);
    };
    let environment = Environment {
        variables: std::env::vars_os().collect(),
        executable_dir: None,
        current_dir: std::env::current_dir().unwrap_or_default(),
        platform: Platform::current(),
    };
    let backend: Arc<dyn Backend> =
        match CoreBackend::new(environment, Some(Path::new(&home)), None) {
            Ok(backend) => Arc::new(backend),
            Err(trouble) => {
                eprintln!("error: {}", trouble.sentence());
                return ExitCode::from(4);
            }
        };
    let began = Instant::now();
    let context = Context::default();
    let app = App::new(&context, &backend);
    let mut bench = Bench {
        context,
        app,
        time: 0.0,
    };
    bench.frame(Vec::new());
    told("App and its first frame", vec![began.elapsed()]);
    bench.frame(key(Key::F, Modifiers::COMMAND));
    bench.settle();
    told("until the first results", vec![began.elapsed()]);

    let still = (0..FRAMES).map(|_| bench.frame(Vec::new())).collect();
    told("a frame of the table", still);
    let at = Pos2::new(640.0, 500.0);
    let button = |pressed| Event::PointerButton {
        pos: at,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    bench.frame(vec![Event::PointerMoved(at), button(true), button(false)]);
    let scrolled = (0..FRAMES).map(|_| bench.frame(key(Key::PageDown, Modifiers::NONE)));
    let scrolled = scrolled.collect();
    told("a frame while it is scrolled", scrolled);

    bench.frame(key(Key::F, Modifiers::COMMAND));
    bench.settle();
    let mut typed = Vec::new();
    for word in WORDS {
        bench.frame(key(Key::A, Modifiers::COMMAND));
        for letter in word.chars() {
            let pressed = Instant::now();
            bench.frame(vec![Event::Text(letter.to_string())]);
            bench.settle();
            typed.push(pressed.elapsed());
        }
    }
    told("key press to results drawn", typed);

    let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in memory
        .lines()
        .filter(|line| line.starts_with("Rss") || line.starts_with("VmHWM"))
    {
        println!("{line}");
    }
    ExitCode::SUCCESS
}
