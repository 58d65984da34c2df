//! A plan as scripts, for bash and for PowerShell. Every name is written so that neither shell finds anything in it.

use std::fmt::Write;

use super::{PlanFile, PlanGroup, QUARANTINE};
use crate::path::display::printable;

/// A file that could go, and the group it is of.
#[derive(Clone, Copy)]
pub(super) struct Step<'p> {
    pub(super) group: &'p PlanGroup,
    pub(super) file: &'p PlanFile,
}

/// The steps of one drive.
pub(super) struct Script<'p> {
    pub(super) label: &'p str,
    pub(super) root: &'p str,
    pub(super) created_utc: &'p str,
    pub(super) steps: &'p [Step<'p>],
}

const BASH: &str = r#"set -uo pipefail
program=${VIDEOCATALOG:-videocatalog}
moved=0 left=0

# path, length, time, hash, what stays if that is on this drive
step() {
    local from="$root/$1" to="$root/$quarantine/$1"
    if [ -n "$5" ] && [ ! -f "$root/$5" ]; then
        printf 'left, as what was to stay is gone: %q\n' "$1"
        left=$((left + 1))
        return
    fi
    if ! "$program" duplicates check --size "$2" --mtime-us "$3" --hash "$4" -- "$from"; then
        left=$((left + 1))
        return
    fi
    if [ -e "$to" ]; then
        printf 'left, as it lies in the quarantine already: %q\n' "$1"
        left=$((left + 1))
        return
    fi
    if mkdir -p -- "${to%/*}" && mv -n -- "$from" "$to"; then
        moved=$((moved + 1))
    else
        left=$((left + 1))
    fi
}

[ -d "$root" ] || { printf 'there is no folder %q; name the drive'\''s root as the argument\n' "$root" >&2; exit 2; }
"#;

const POWERSHELL: &str = r#"$ErrorActionPreference = 'Stop'
$program = if ($env:VIDEOCATALOG) { $env:VIDEOCATALOG } else { 'videocatalog' }
$script:moved = 0; $script:left = 0

# Path, length, time, hash, what stays if that is on this drive
function Step([string]$path, [string]$size, [string]$time, [string]$hash, [string]$stays) {
    $from = Join-Path $root $path
    $to = Join-Path (Join-Path $root $quarantine) $path
    if ($stays -and -not (Test-Path -LiteralPath (Join-Path $root $stays) -PathType Leaf)) {
        "left, as what was to stay is gone: $path"; $script:left++; return
    }
    & $program duplicates check --size $size --mtime-us $time --hash $hash -- $from
    if ($LASTEXITCODE -ne 0) { $script:left++; return }
    if (Test-Path -LiteralPath $to) { "left, as it lies in the quarantine already: $path"; $script:left++; return }
    try {
        New-Item -ItemType Directory -Force -Path ([System.IO.Path]::GetDirectoryName($to)) | Out-Null
        Move-Item -LiteralPath $from -Destination $to
        $script:moved++
    } catch { "left: $path`: $_"; $script:left++ }
}

if (-not (Test-Path -LiteralPath $root -PathType Container)) { Write-Error "there is no folder $root; name the drive's root with -Root"; exit 2 }
"#;

impl Script<'_> {
    fn head(&self) -> String {
        let bytes: u64 = self.steps.iter().map(|step| step.file.size_bytes).sum();
        format!(
            "# Plan of VideoCatalog, {}: {} files, {} bytes, of the drive {}.\n\
             # Each is moved into {QUARANTINE} on the same drive, if it is still what it was. Nothing is deleted.\n\
             # Read it before you run it.\n",
            self.created_utc,
            self.steps.len(),
            bytes,
            printable(self.label.as_bytes())
        )
    }

    /// Returns what of a group stays, if that is on this drive: of another one nothing can be said here.
    fn stays<'g>(&self, group: &'g PlanGroup) -> &'g str {
        if group.keep.drive_label == self.label {
            &group.keep.rel_path
        } else {
            ""
        }
    }

    pub(super) fn bash(&self) -> String {
        let mut text = format!("#!/usr/bin/env bash\n{}", self.head());
        let (root, quarantine) = (bash(self.root), bash(QUARANTINE));
        // Writing into a text cannot fail.
        let _written = writeln!(text, "root=${{1:-{root}}}\nquarantine={quarantine}");
        text.push_str(BASH);
        for step in self.steps {
            let file = step.file;
            let _written = writeln!(
                text,
                "{}step {} {} {} {} {}",
                comment(step.group),
                bash(&file.place.rel_path),
                file.size_bytes,
                file.mtime_us,
                file.hash,
                bash(self.stays(step.group))
            );
        }
        text.push_str("echo \"$moved moved, $left left\"\n[ \"$left\" -eq 0 ]\n");
        text
    }

    pub(super) fn powershell(&self) -> String {
        let (root, quarantine) = (powershell(self.root), powershell(QUARANTINE));
        let mut text = format!("{}param([string]$Root = {root})\n", self.head());
        let _written = writeln!(text, "$quarantine = {quarantine}");
        text.push_str(POWERSHELL);
        for step in self.steps {
            let file = step.file;
            let _written = writeln!(
                text,
                "{}Step {} {} '{}' {} {}",
                comment(step.group),
                powershell(&file.place.rel_path),
                file.size_bytes,
                file.mtime_us,
                file.hash,
                powershell(self.stays(step.group))
            );
        }
        text.push_str(
            "\"$script:moved moved, $script:left left\"\nexit [int]($script:left -gt 0)\n",
        );
        text
    }
}

/// Returns a line that says why. A name in it can end no line.
fn comment(group: &PlanGroup) -> String {
    let keep = &group.keep;
    format!(
        "# {} {:.2}; stays: {} {}: {}\n",
        group.reason,
        group.score,
        printable(keep.drive_label.as_bytes()),
        printable(keep.path.as_bytes()),
        group.why
    )
}

/// Returns a word of bash that means just this text.
fn bash(text: &str) -> String {
    let mut word = String::from("$'");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b" /._-+,()[]{}@%=:".contains(&byte) {
            word.push(char::from(byte));
        } else {
            let _written = write!(word, "\\x{byte:02x}");
        }
    }
    word.push('\'');
    word
}

/// Returns an expression of PowerShell that means just this text. It takes several kinds of quotation marks for its own.
fn powershell(text: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut plain = String::new();
    for character in text.chars() {
        if character.is_ascii_graphic() && character != '\'' || character == ' ' {
            plain.push(character);
            continue;
        }
        if !plain.is_empty() {
            parts.push(format!("'{}'", std::mem::take(&mut plain)));
        }
        let code = u32::from(character);
        parts.push(format!("[char]::ConvertFromUtf32({code})"));
    }
    if !plain.is_empty() || parts.is_empty() {
        parts.push(format!("'{plain}'"));
    }
    match parts.as_slice() {
        [one] if one.starts_with('\'') => one.clone(),
        // In brackets, as arguments are no expressions otherwise.
        parts => format!("({})", parts.join(" + ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_nothing_but_names() {
        assert_eq!(bash("a b"), "$'a b'");
        assert_eq!(
            bash("'; rm -rf $HOME\n"),
            r"$'\x27\x3b rm -rf \x24HOME\x0a'"
        );
        assert_eq!(bash("é"), r"$'\xc3\xa9'");
        assert_eq!(powershell("a $b"), "'a $b'");
        assert_eq!(
            powershell("it’s 'x'\n"),
            "('it' + [char]::ConvertFromUtf32(8217) + 's ' + [char]::ConvertFromUtf32(39) + 'x' + [char]::ConvertFromUtf32(39) + [char]::ConvertFromUtf32(10))"
        );
        assert_eq!(powershell(""), "''");
    }
}
