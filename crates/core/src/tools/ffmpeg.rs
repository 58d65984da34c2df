//! What a certain FFmpeg can do: builds differ widely.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::run::run;

/// How long FFmpeg may take to list what it knows.
const LIST_TIMEOUT: Duration = Duration::from_secs(10);

/// Decoders that some builds lack and that are worth naming.
pub const OF_INTEREST_DECODERS: [&str; 16] = [
    "h264",
    "hevc",
    "vvc",
    "av1",
    "libdav1d",
    "vp9",
    "mpeg2video",
    "mpeg4",
    "vc1",
    "prores",
    "dca",
    "truehd",
    "eac3",
    "flac",
    "opus",
    "webp",
];

/// Encoders for pictures and samples that some builds lack.
pub const OF_INTEREST_ENCODERS: [&str; 6] = [
    "libwebp",
    "mjpeg",
    "png",
    "libsvtav1",
    "libaom-av1",
    "libx264",
];

/// What an FFmpeg can do. A list that it would not give is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FfmpegAbilities {
    /// Ways of hardware decoding that are built in; whether the machine has the hardware is another question.
    pub hwaccels: Vec<String>,
    /// Names of decoders.
    pub decoders: BTreeSet<String>,
    /// Names of encoders.
    pub encoders: BTreeSet<String>,
}

impl FfmpegAbilities {
    /// Asks the FFmpeg at `path`.
    pub(super) fn ask(path: &Path) -> Self {
        let list = |argument: &str| {
            run(path, ["-hide_banner", argument], LIST_TIMEOUT)
                .ok()
                .filter(|output| output.status.success())
                .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
                .unwrap_or_default()
        };
        Self {
            hwaccels: hwaccels(&list("-hwaccels")),
            decoders: codecs(&list("-decoders")),
            encoders: codecs(&list("-encoders")),
        }
    }

    /// Returns whether there is a decoder of that name.
    pub fn decodes(&self, name: &str) -> bool {
        self.decoders.contains(name)
    }

    /// Returns whether there is an encoder of that name.
    pub fn encodes(&self, name: &str) -> bool {
        self.encoders.contains(name)
    }
}

/// Reads the names below a heading that ends with a colon.
fn hwaccels(text: &str) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .skip_while(|line| !line.ends_with(':'))
        .skip(1)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Reads the names of a list whose legend ends with a line of hyphens; each line has flags, name and description.
fn codecs(text: &str) -> BTreeSet<String> {
    text.lines()
        .skip_while(|line| !line.trim().starts_with("---"))
        .skip(1)
        .filter_map(|line| line.split_whitespace().nth(1))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read() {
        assert_eq!(
            hwaccels("Hardware acceleration methods:\nvdpau\ncuda\n\nvaapi\n"),
            ["vdpau", "cuda", "vaapi"]
        );
        assert!(hwaccels("").is_empty());
        let text = "Decoders:\n V..... = Video\n A..... = Audio\n .....D = Supports direct rendering method 1\n ------\n V....D 012v                 Uncompressed 4:2:2 10-bit\n VFS..D h264                 H.264 / AVC\n A....D dca                  DCA (DTS Coherent Acoustics) (codec dts)\n";
        let names: Vec<String> = codecs(text).into_iter().collect();
        assert_eq!(names, ["012v", "dca", "h264"]);
        assert!(codecs("V..... = Video").is_empty());
    }
}
