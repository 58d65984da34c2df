//! Completions and manual pages, for packagers.

use std::path::Path;

use crate::args;
use crate::failure::Failure;

pub(crate) fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    clap_complete::generate(
        shell,
        &mut args::command(),
        "videocatalog",
        &mut std::io::stdout(),
    );
    Ok(())
}

pub(crate) fn man(dir: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::usage(
            format!(
                "cannot write manual pages into `{}`: {error}",
                dir.display()
            ),
            "choose a folder that may be written",
        )
    };
    std::fs::create_dir_all(dir).map_err(failed)?;
    clap_mangen::generate_to(args::command(), dir).map_err(failed)
}
