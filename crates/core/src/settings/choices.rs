//! Settings that are one of a few names.

use serde_json::Value;

use super::typed::Typed;

/// Declares an enum of names; the first one is what a value that was never checked becomes.
macro_rules! choice {
    (
        $(#[doc = $about:literal])+
        $name:ident { $( $(#[doc = $doc:literal])+ $variant:ident = $text:literal, )+ }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $( $(#[doc = $doc])+ $variant, )+ }

        impl $name {
            /// The names, as they stand in the file.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the name, as it stands in the file.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $text, )+ }
            }

            /// Returns the choice with this name, in any case.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|choice| choice.name().eq_ignore_ascii_case(name))
            }
        }

        impl Typed for $name {
            fn typed(value: &Value) -> Self {
                value
                    .as_str()
                    .and_then(Self::from_name)
                    .unwrap_or(choice!(@first $($variant)+))
            }
        }
    };
    (@first $first:ident $($rest:ident)*) => { Self::$first };
}

choice! {
    /// How hard a drive is worked: by detection, or as if it were of one kind.
    ProfileChoice {
        /// By what detection says of the drive.
        Auto = "AUTO",
        /// Like a drive without seek time.
        Ssd = "SSD",
        /// Like a spinning drive.
        Hdd = "HDD",
        /// Like a slow drive on USB.
        Usb = "USB",
        /// Like a share in the network.
        Network = "NETWORK",
    }
}

choice! {
    /// How much a scan learns of media files.
    MediaLevel {
        /// Nothing but their names, sizes and hashes.
        Off = "off",
        /// What their headers say, read by this program alone.
        Headers = "headers",
        /// The headers; and with the help of other programs pictures, decode checks, subtitles, rare formats.
        Full = "full",
    }
}

choice! {
    /// How thoroughly films are checked.
    IntegrityLevel {
        /// Only whether their parts add up to the file.
        Off = "off",
        /// Their first and last pictures are decoded too.
        Quick = "quick",
        /// All of them is decoded.
        Full = "full",
    }
}

choice! {
    /// Which subtitles are read for search.
    SubtitleMode {
        /// Those in files of their own; those inside films where reading a whole film is cheap (not on USB and network).
        Auto = "auto",
        /// Those inside films too, everywhere.
        All = "all",
        /// Only those in files of their own.
        Files = "files",
    }
}

choice! {
    /// When a scan does its extra work.
    PhaseMode {
        /// Never.
        Off = "off",
        /// While files are being read.
        DuringScan = "during-scan",
        /// When all files are recorded.
        PostScan = "post-scan",
    }
}

choice! {
    /// Whether a part of the semantic work may run.
    Gate {
        /// When somebody asks for it.
        Manual = "manual",
        /// Always.
        Enabled = "enabled",
        /// Never, not even when asked.
        Off = "off",
    }
}

choice! {
    /// Whether paths get the prefix with which Windows lifts its length limit.
    LongPaths {
        /// Where they are too long otherwise.
        Auto = "auto",
        /// Everywhere.
        Force = "force",
        /// Nowhere.
        Off = "off",
    }
}

choice! {
    /// Who computes.
    GpuPolicy {
        /// The graphics card where that is safe.
        Auto = "AUTO",
        /// The graphics card, with a warning when it cannot.
        ForceGpu = "FORCE_GPU",
        /// The processor.
        CpuOnly = "CPU_ONLY",
    }
}

choice! {
    /// The kind of the index of nearest neighbours.
    AnnBackend {
        /// Whichever serves.
        Auto = "auto",
        /// The one of the FAISS library.
        Faiss = "faiss",
        /// A hierarchical navigable small world.
        Hnsw = "hnsw",
    }
}
