//! Which tools there are, what they are called, and what is lost without them.

use serde::Serialize;

use crate::environment::Platform;

/// A program or library of others that makes more possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tool {
    /// Decodes nearly everything.
    Ffmpeg,
    /// Describes media; comes with FFmpeg.
    Ffprobe,
    /// Describes media.
    MediaInfo,
    /// Asks disks for their health.
    Smartctl,
    /// Takes Chromaprint fingerprints.
    Fpcalc,
    /// `tmk-hash-video` and its siblings: TMK+PDQF signatures.
    Tmk,
    /// The library that runs ONNX models; no program.
    OnnxRuntime,
}

impl Tool {
    /// Every tool, the most useful first.
    pub const ALL: [Self; 7] = [
        Self::Ffmpeg,
        Self::Ffprobe,
        Self::MediaInfo,
        Self::Smartctl,
        Self::Fpcalc,
        Self::Tmk,
        Self::OnnxRuntime,
    ];

    /// Returns the name in settings (`tools.<name>.path`), on the command line and of the folder in `bin`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ffmpeg => "ffmpeg",
            Self::Ffprobe => "ffprobe",
            Self::MediaInfo => "mediainfo",
            Self::Smartctl => "smartctl",
            Self::Fpcalc => "fpcalc",
            Self::Tmk => "tmk",
            Self::OnnxRuntime => "onnxruntime",
        }
    }

    /// Returns the tool of that name; case does not count, and the program's own name will do.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        Self::ALL
            .into_iter()
            .find(|tool| tool.name() == name || tool.program() == name)
    }

    /// Returns the setting that names its place.
    pub fn setting(self) -> String {
        format!("tools.{}.path", self.name())
    }

    /// Returns the settings of older programs that name its place too.
    pub(super) const fn older_setting(self) -> Option<&'static str> {
        match self {
            Self::Fpcalc => Some("fingerprints.fpcalc_path"),
            Self::Tmk => Some("fingerprints.tmk_bin_path"),
            _ => None,
        }
    }

    const fn program(self) -> &'static str {
        match self {
            Self::Tmk => "tmk-hash-video",
            Self::OnnxRuntime => "libonnxruntime",
            _ => self.name(),
        }
    }

    /// Returns the names its file may have, the usual first.
    pub fn file_names(self, platform: Platform) -> Vec<String> {
        match (self, platform) {
            (Self::OnnxRuntime, Platform::Windows) => vec!["onnxruntime.dll".into()],
            (Self::OnnxRuntime, Platform::MacOs) => vec!["libonnxruntime.dylib".into()],
            (Self::OnnxRuntime, Platform::Unix) => vec!["libonnxruntime.so".into()],
            (_, Platform::Windows) => vec![format!("{}.exe", self.program())],
            _ => vec![self.program().into()],
        }
    }

    /// Returns whether a file of that name is the tool; libraries may carry a version behind it.
    pub(super) fn is_named(self, name: &str, platform: Platform) -> bool {
        self.file_names(platform).iter().any(|usual| {
            let is_same = if platform == Platform::Windows {
                name.eq_ignore_ascii_case(usual)
            } else {
                name == usual
            };
            is_same
                || (self.is_library()
                    && platform == Platform::Unix
                    && name
                        .strip_prefix(usual.as_str())
                        .is_some_and(|rest| rest.starts_with('.')))
        })
    }

    /// Returns whether it is loaded and not started.
    pub const fn is_library(self) -> bool {
        matches!(self, Self::OnnxRuntime)
    }

    /// Returns what to call it with to learn its version; `None` for libraries.
    pub(super) const fn version_argument(self) -> Option<&'static str> {
        match self {
            Self::Ffmpeg | Self::Ffprobe | Self::Fpcalc => Some("-version"),
            Self::MediaInfo | Self::Smartctl | Self::Tmk => Some("--version"),
            Self::OnnxRuntime => None,
        }
    }

    /// Returns whether a working tool may know no such argument and say how it is used instead.
    pub(super) const fn may_lack_version(self) -> bool {
        matches!(self, Self::Tmk)
    }

    /// Returns whether another one is looked for when the one in the settings does not work. Fingerprints depend on who
    /// made them, so their tools are not swapped behind the user's back.
    pub(super) const fn falls_back(self) -> bool {
        !matches!(self, Self::Fpcalc | Self::Tmk)
    }

    /// Returns what is lost without it, as the end of a sentence.
    pub const fn lost_without(self) -> &'static str {
        match self {
            Self::Ffmpeg => {
                "pictures, decode checks, fingerprints and analysis of videos are skipped"
            }
            Self::Ffprobe => "files that our own reader cannot make out stay undescribed",
            Self::MediaInfo => "no second opinion on files that our own reader cannot make out",
            Self::Smartctl => "the health of disks is not known",
            Self::Fpcalc => "fingerprints of sound are made by our own code alone",
            Self::Tmk => "signatures of videos are made by our own code alone",
            Self::OnnxRuntime => "light analysis, search by meaning and transcripts are off",
        }
    }

    /// Returns where it can be had by hand.
    pub const fn home_page(self) -> &'static str {
        match self {
            Self::Ffmpeg | Self::Ffprobe => "https://ffmpeg.org/download.html",
            Self::MediaInfo => "https://mediaarea.net/en/MediaInfo/Download",
            Self::Smartctl => "https://www.smartmontools.org/wiki/Download",
            Self::Fpcalc => "https://acoustid.org/chromaprint",
            Self::Tmk => "https://github.com/facebook/ThreatExchange/tree/main/tmk",
            Self::OnnxRuntime => "https://github.com/microsoft/onnxruntime/releases",
        }
    }

    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_found_by_name() {
        for tool in Tool::ALL {
            assert_eq!(Tool::from_name(tool.name()), Some(tool));
            assert_eq!(Tool::ALL.get(tool.index()), Some(&tool));
        }
        assert_eq!(Tool::from_name(" MediaInfo "), Some(Tool::MediaInfo));
        assert_eq!(Tool::from_name("tmk-hash-video"), Some(Tool::Tmk));
        assert_eq!(Tool::from_name("vlc"), None);
    }

    #[test]
    fn files_are_told_by_name() {
        for (tool, name, platform, expected) in [
            (Tool::Ffmpeg, "ffmpeg", Platform::Unix, true),
            (Tool::Ffmpeg, "ffmpeg.exe", Platform::Unix, false),
            (Tool::Ffmpeg, "FFmpeg.EXE", Platform::Windows, true),
            (Tool::Ffmpeg, "FFmpeg", Platform::Unix, false),
            (
                Tool::OnnxRuntime,
                "libonnxruntime.so.1.17.1",
                Platform::Unix,
                true,
            ),
            (
                Tool::OnnxRuntime,
                "libonnxruntime.sock",
                Platform::Unix,
                false,
            ),
            (
                Tool::OnnxRuntime,
                "onnxruntime.dll",
                Platform::Windows,
                true,
            ),
        ] {
            assert_eq!(tool.is_named(name, platform), expected, "{name}");
        }
    }
}
