//! `gui`: the window is a program of its own beside this one.

use std::ffi::OsString;

use videocatalog_core::tools::sibling;

use crate::args::Global;
use crate::context;
use crate::failure::{Failure, code};

pub(crate) fn gui(global: &Global) -> Result<(), Failure> {
    let environment = context::environment();
    let program = sibling::beside(&environment, "videocatalog-gui").ok_or_else(|| {
        Failure::new(
            code::MISSING,
            "the window, `videocatalog-gui`, is not installed beside this program",
            "install it: `cargo install --path crates/gui`; everything but the window works without it",
        )
    })?;
    let flags = [
        ("--home", &global.home),
        ("--catalog-db", &global.catalog_db),
    ];
    let given = flags
        .into_iter()
        .filter_map(|(flag, path)| Some((flag, path.as_ref()?)));
    let arguments: Vec<OsString> = given
        .flat_map(|(flag, path)| [flag.into(), environment.absolute(path).into_os_string()])
        .collect();
    sibling::start_alone(&program, &arguments)
        .map_err(|error| Failure::new(code::MISSING, error.to_string(), "install it again"))
}
