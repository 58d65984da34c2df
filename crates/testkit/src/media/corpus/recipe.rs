//! How one file is made: a line of ffmpeg's arguments with abbreviations.
//!
//! Words beginning with `@` stand for inputs and encoders (see [`expand`]), `~` for a space inside a word. Sources are made
//! up by ffmpeg; other inputs lie in the folder of parts.

use std::path::Path;

/// A file to be made.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    /// `container/what is inside.extension`.
    pub(super) name: String,
    line: String,
    bytes: Option<Vec<u8>>,
}

/// Returns the recipe of a file that is written as it stands.
pub(super) fn built(name: &str, bytes: Vec<u8>) -> Recipe {
    Recipe {
        name: name.to_owned(),
        line: String::new(),
        bytes: Some(bytes),
    }
}

/// Returns a recipe.
pub(super) fn recipe(name: impl Into<String>, line: impl Into<String>) -> Recipe {
    Recipe {
        name: name.into(),
        line: line.into(),
        bytes: None,
    }
}

impl Recipe {
    /// Returns the folder's name.
    pub(super) fn container(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// Returns whether encoding takes long; one picture never does.
    pub(super) fn is_slow(&self) -> bool {
        let slow = ["@x265", "@av1", "@aom", "libvpx", "@vp9", "@vp8"]
            .iter()
            .any(|slow| self.line.contains(slow));
        slow && !self.line.contains("-frames:v 1")
    }

    /// Returns the whole file, if it is not for ffmpeg to make.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        self.bytes.as_deref()
    }

    /// Returns ffmpeg's arguments but for the output.
    pub(super) fn arguments(&self, parts: &Path) -> Vec<String> {
        self.line
            .split_whitespace()
            .flat_map(|word| match word.strip_prefix('@') {
                None => vec![word.replace('~', " ")],
                Some(word) => {
                    let (name, value) = word.split_once('=').unwrap_or((word, ""));
                    expand(name, value, parts)
                }
            })
            .collect()
    }
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// Returns what an abbreviation stands for:
/// `@v=SIZE,RATE,SECONDS` moving picture, `@a=RATE,SECONDS` a tone, `@i=SIZE` one picture, `@in=NAME` a part,
/// `@attach=NAME` a part to attach, `@x264`, `@x265=PARAMETERS` and so on an encoder set to be quick.
fn expand(name: &str, value: &str, parts: &Path) -> Vec<String> {
    let mut values = value.split(',').filter(|value| !value.is_empty());
    let mut next = |default: &'static str| values.next().unwrap_or(default).to_owned();
    let part = || parts.join(value).to_string_lossy().into_owned();
    match name {
        "v" => {
            let (size, rate, seconds) = (next("160x120"), next("25"), next("1"));
            words(&format!(
                "-f lavfi -i testsrc2=s={size}:r={rate}:d={seconds}"
            ))
        }
        "a" => {
            let (rate, seconds) = (next("48000"), next("1"));
            words(&format!("-f lavfi -i sine=f=440:r={rate}:d={seconds}"))
        }
        "i" => words(&format!(
            "-f lavfi -i testsrc2=s={}:r=1:d=1",
            next("160x120")
        )),
        "in" => vec!["-i".into(), part()],
        "attach" => vec!["-attach".into(), part()],
        "x264" => words("-c:v libx264 -preset superfast -threads 1"),
        "x265" => words(&format!(
            "-c:v libx265 -preset ultrafast -x265-params log-level=error:{value}"
        )),
        "vp8" => words("-c:v libvpx -deadline realtime -cpu-used 8 -b:v 200k"),
        "vp9" => words("-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 200k"),
        "av1" => words("-c:v libsvtav1 -preset 12"),
        "aom" => words("-c:v libaom-av1 -cpu-used 8 -usage realtime -crf 40"),
        _ => vec![format!("@{name}")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_are_spelt_out() {
        let recipe = recipe(
            "mkv/x.mkv",
            "@v=16x16 @in=a.srt -metadata title=Two~words @x265=a=b",
        );
        let parts = Path::new("parts");
        let expected = format!(
            "-f lavfi -i testsrc2=s=16x16:r=25:d=1 -i {} -metadata title=Two words -c:v libx265 -preset ultrafast \
             -x265-params log-level=error:a=b",
            parts.join("a.srt").display()
        );
        assert_eq!(recipe.arguments(parts).join(" "), expected);
        assert!(recipe.is_slow());
        assert_eq!(recipe.container(), "mkv");
    }
}
