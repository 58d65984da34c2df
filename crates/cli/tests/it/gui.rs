//! `gui` starts the window that lies beside the program.

use std::path::{Path, PathBuf};

use videocatalog_testkit::program;

use crate::lab::{Lab, finish};

/// Returns the program in a folder of its own.
fn alone(lab: &Lab) -> PathBuf {
    let folder = lab.base().join("programs");
    std::fs::create_dir(&folder).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_videocatalog"));
    let copy = folder.join(program.file_name().unwrap());
    program::copy(program, &copy).unwrap();
    copy
}

#[test]
fn without_the_window_it_says_how_to_get_it() {
    let lab = Lab::new();
    let mut command = lab.program(&alone(&lab));
    command.arg("gui");
    let ran = finish(command);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(
        ran.stderr.contains("cargo install --path crates/gui"),
        "{ran:?}"
    );
}

#[cfg(unix)]
#[test]
fn the_window_gets_the_flags_and_is_not_waited_for() {
    let lab = Lab::new();
    let program = alone(&lab);
    let window = program.with_file_name("videocatalog-gui");
    program::script(
        &window,
        "echo \"$@\" > \"$0.new\"\nmv \"$0.new\" \"$0.called\"\nsleep 5",
    )
    .unwrap();
    let mut command = lab.program(&program);
    command.env("PATH", "/usr/bin:/bin");
    command.args(["--home", "there", "gui"]);
    let began = std::time::Instant::now();
    let ran = finish(command);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(began.elapsed().as_secs() < 5);
    let called = window.with_file_name("videocatalog-gui.called");
    while !called.exists() {
        assert!(began.elapsed().as_secs() < 60);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let called = std::fs::read_to_string(called).unwrap();
    let there = lab.base().join("there");
    assert_eq!(called.trim(), format!("--home {}", there.display()));
}
