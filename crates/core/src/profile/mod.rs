//! How hard a drive may be worked: the documented performance profiles.
//!
//! `detect` chooses a profile (with a measurement from `bench` where the system does not know the disk), `values` turns it
//! and the user's wishes into numbers, and `rate` keeps a drive responsive while it is worked.

mod bench;
mod detect;
mod rate;
mod values;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use bench::{Measured, measure};
pub use detect::detect;
pub use rate::{RateController, XorShift, enumeration_pause};
pub use values::{Overrides, resolve};

/// The four kinds of drive that are treated differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Profile {
    /// No seek time, many requests at once.
    Ssd,
    /// Spinning, seeks are dear.
    Hdd,
    /// Attached over USB or otherwise slow; treated gently.
    Usb,
    /// A network share; treated gently.
    Network,
}

impl Profile {
    /// Returns the documented name, in capitals.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ssd => "SSD",
            Self::Hdd => "HDD",
            Self::Usb => "USB",
            Self::Network => "NETWORK",
        }
    }

    /// Reads a choice in any case of letters: a profile, or `None` for `AUTO`, which leaves it to detection.
    ///
    /// # Errors
    ///
    /// [`UnknownProfile`] for any other word.
    pub fn parse_choice(text: &str) -> Result<Option<Self>, UnknownProfile> {
        if text.trim().eq_ignore_ascii_case("AUTO") {
            return Ok(None);
        }
        text.parse().map(Some)
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    /// Reads a profile in any case of letters; `AUTO` is none, see [`Profile::parse_choice`].
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let word = text.trim();
        [Self::Ssd, Self::Hdd, Self::Usb, Self::Network]
            .into_iter()
            .find(|profile| profile.name().eq_ignore_ascii_case(word))
            .ok_or_else(|| UnknownProfile(text.to_owned()))
    }
}

/// A word that names no performance profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no performance profile (AUTO, SSD, HDD, USB or NETWORK)")]
pub struct UnknownProfile(
    /// The word.
    pub String,
);

/// Which of the three places decided the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A flag.
    Cli,
    /// The settings file.
    Settings,
    /// Detection.
    Auto,
}

/// The resolved tuning of one scan; the names are those of the documented performance line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Performance {
    /// The profile in force.
    pub profile: Profile,
    /// The profile that detection chose; equal to `profile` unless it was overridden.
    pub auto_profile: Option<Profile>,
    /// Who chose `profile`.
    pub source: Source,
    /// Threads that work on files, 1 to 64.
    pub worker_threads: usize,
    /// Bytes read at once while hashing, at least 65,536.
    pub hash_chunk_bytes: usize,
    /// Processes of ffmpeg at once, 1 to `worker_threads`.
    pub ffmpeg_parallel: usize,
    /// Whether small pauses keep the drive responsive for others.
    pub gentle_io: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_any_case() {
        for (text, expected) in [
            ("SSD", Some(Profile::Ssd)),
            ("hdd", Some(Profile::Hdd)),
            ("Usb", Some(Profile::Usb)),
            (" network ", Some(Profile::Network)),
            ("auto", None),
            ("AUTO", None),
        ] {
            assert_eq!(Profile::parse_choice(text), Ok(expected), "{text}");
        }
        let error = Profile::parse_choice("fast").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`fast` is no performance profile (AUTO, SSD, HDD, USB or NETWORK)"
        );
        assert!("AUTO".parse::<Profile>().is_err());
    }

    #[test]
    fn shown_and_serialised_alike() {
        for profile in [Profile::Ssd, Profile::Hdd, Profile::Usb, Profile::Network] {
            assert_eq!(
                serde_json::to_string(&profile).unwrap(),
                format!("\"{profile}\"")
            );
        }
    }
}
