//! The PowerShell scripts of the older program, looked at as text: there is no PowerShell where these tests run.

use std::path::Path;

use clap::Command;

fn file(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/windows");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn script() -> String {
    file("scan-drive.ps1")
}

/// Returns the script without comments, as far as lines go.
fn code() -> String {
    code_of(&script())
}

fn code_of(script: &str) -> String {
    let (_, code) = script.split_once("#>").unwrap();
    let lines: Vec<&str> = code
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .collect();
    lines.join("\n")
}

fn has_flag(command: &Command, flag: &str) -> bool {
    command
        .get_arguments()
        .any(|arg| arg.get_long() == Some(flag))
}

#[test]
fn every_flag_it_uses_is_one() {
    let mut command = videocatalog::command();
    command.build();
    let scan_drive = command.find_subcommand("scan-drive").unwrap();
    let code = code();
    let flags: Vec<&str> = code
        .split(['"', '\''])
        .filter_map(|text| text.strip_prefix("--"))
        .map(|text| text.split('=').next().unwrap())
        .collect();
    assert_eq!(
        flags,
        [
            "label",
            "mount",
            "catalog-db",
            "shard-db",
            "verbose",
            "debug"
        ]
    );
    for flag in flags {
        assert!(has_flag(scan_drive, flag), "--{flag}");
    }
    assert!(code.contains("@('scan-drive')"));
}

#[test]
fn it_has_the_documented_parameters_and_describes_them() {
    let (script, code) = (script(), code());
    for (parameter, kind) in [
        ("Label", "string"),
        ("MountPath", "string"),
        ("CatalogDb", "string"),
        ("ShardDb", "string"),
        ("VerboseMode", "switch"),
        ("DebugMode", "switch"),
        ("Remaining", "string[]"),
    ] {
        assert!(
            code.contains(&format!("[{kind}] ${parameter}")),
            "{parameter}"
        );
        assert!(
            script.contains(&format!(".PARAMETER {parameter}\n")),
            "{parameter}"
        );
    }
    // Values of flags that are passed on must not be taken for parameters.
    assert!(code.contains("PositionalBinding = $false"));
    assert!(!code.contains("Mandatory") && !code.contains("Position ="));
}

#[test]
fn it_passes_on_output_and_exit_code_and_evaluates_nothing() {
    let (script, code) = (script(), code());
    assert!(
        code.trim_end()
            .ends_with("& $program @arguments\nexit $LASTEXITCODE")
    );
    check(&script, &code);
}

#[test]
fn the_one_of_the_window_passes_on_everything_and_does_not_wait() {
    let script = file("launch-gui.ps1");
    let code = code_of(&script);
    assert!(code.trim_end().ends_with("& $program @arguments"));
    assert!(code.contains("'videocatalog-gui.exe'"));
    assert!(code.contains("PositionalBinding = $false") && !code.contains("LASTEXITCODE"));
    check(&script, &code);
}

fn check(script: &str, code: &str) {
    for word in [
        "Invoke-Expression",
        "iex ",
        "Start-Process",
        "cmd /c",
        "cmd.exe",
    ] {
        assert!(!code.contains(word), "{word}");
    }
    // Windows PowerShell reads a file without a mark in the system's old encoding.
    assert!(script.is_ascii());
    let count = |character| code.matches(character).count();
    assert_eq!(count('{'), count('}'));
    assert_eq!(count('('), count(')'), "outside of strings there are none");
}

#[test]
fn a_value_behind_an_equals_sign_is_the_same() {
    let lab = crate::lab::Lab::with_files();
    let mount = format!("--mount={}", lab.drive.to_str().unwrap());
    let ran = lab.ok(&["scan-drive", "--label=-odd label\\", &mount]);
    assert!(ran.stdout.contains("total files: 5"), "{ran:?}");
    let listed = lab.ok(&["drives", "--json"]).json();
    assert_eq!(listed[0]["label"], "-odd label\\");
}
