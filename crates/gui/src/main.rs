//! Opens the window.
#![cfg_attr(windows, windows_subsystem = "windows")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use eframe::egui::ViewportBuilder;
use videocatalog_core::environment::{Environment, Platform};
use videocatalog_gui::app::App;
use videocatalog_gui::backend::Backend;
use videocatalog_gui::backend::core::CoreBackend;

/// As the command line has it.
const STORAGE: u8 = 4;

/// Every file on every drive you own, in a window
#[derive(Parser)]
#[command(name = "videocatalog-gui", version)]
struct Arguments {
    /// The working directory
    #[arg(long, value_name = "DIR")]
    home: Option<PathBuf>,
    /// The catalogue, if it is not the one of the working directory
    #[arg(long, value_name = "FILE")]
    catalog_db: Option<PathBuf>,
}

#[expect(
    clippy::print_stderr,
    reason = "without a window there is nowhere else to say it"
)]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (home, catalog_db) = (arguments.home.as_deref(), arguments.catalog_db.as_deref());
    let backend = match CoreBackend::new(environment(), home, catalog_db) {
        Ok(backend) => backend,
        Err(trouble) => {
            eprintln!("error: {}\nhint: {}", trouble.message, trouble.hint);
            return ExitCode::from(STORAGE);
        }
    };
    let options = eframe::NativeOptions {
        viewport: ViewportBuilder::default()
            .with_app_id("videocatalog")
            .with_inner_size([1280.0, 820.0])
            .with_min_inner_size([900.0, 600.0]),
        // Size, place, theme and widths of columns stay with the catalogue that they were chosen for.
        persistence_path: Some(backend.workdir().root().join("window.ron")),
        ..eframe::NativeOptions::default()
    };
    let backend: Arc<dyn Backend> = Arc::new(backend);
    let opened = eframe::run_native(
        "VideoCatalog",
        options,
        Box::new(move |created| Ok(Box::new(App::new(&created.egui_ctx, &backend)))),
    );
    match opened {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(
                "error: no window could be opened: {error}\n\
                 hint: it needs a desktop with OpenGL 2.1 or newer (on Debian libgl1-mesa-dri draws without a graphics card); \
                 `videocatalog search` and the page of `videocatalog serve` work without one"
            );
            ExitCode::FAILURE
        }
    }
}

/// The environment is read here, once.
fn environment() -> Environment {
    Environment {
        variables: std::env::vars_os().collect(),
        executable_dir: std::env::current_exe()
            .ok()
            .and_then(|path| path.parent().map(PathBuf::from)),
        current_dir: std::env::current_dir().unwrap_or_default(),
        platform: Platform::current(),
    }
}
