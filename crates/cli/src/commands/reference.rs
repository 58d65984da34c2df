//! Completions and manual pages, for packagers.

use std::path::Path;

use videocatalog_core::search::query::fields::FIELDS;

use crate::args;
use crate::failure::Failure;
use crate::table::line;

pub(crate) fn completions(shell: clap_complete::Shell) {
    clap_complete::generate(
        shell,
        &mut args::command(),
        "videocatalog",
        &mut std::io::stdout(),
    );
    if shell == clap_complete::Shell::Fish {
        // The generator leaves the values of arguments without a flag out.
        let fields: Vec<String> = FIELDS
            .iter()
            .map(|field| format!("{}:", field.name))
            .collect();
        line(format_args!(
            "complete -c videocatalog -n \"__fish_videocatalog_using_subcommand search\" -f -a \"{}\"",
            fields.join(" ")
        ));
    }
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
