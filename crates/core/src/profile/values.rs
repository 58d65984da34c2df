//! The documented numbers of each profile, and who may change them: a flag before a setting before the profile, each
//! value by itself.

use super::{Performance, Profile, Source};

/// Processors that are reckoned with where the system does not tell how many there are.
const UNKNOWN_CPUS: usize = 4;

/// Most threads that ever work on files.
const MOST_THREADS: usize = 64;

/// Fewest bytes that are read at once; below it the calls cost more than the reading.
const SMALLEST_CHUNK: usize = 64 * 1024;

/// What the user chose in one place (the flags, or the settings); `None` leaves a value to the next place.
///
/// A zero counts as not chosen, as it always has in settings files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// The profile; `AUTO` is `None`.
    pub profile: Option<Profile>,
    /// Threads that work on files.
    pub worker_threads: Option<usize>,
    /// Bytes read at once while hashing.
    pub hash_chunk_bytes: Option<usize>,
    /// Processes of ffmpeg at once.
    pub ffmpeg_parallel: Option<usize>,
    /// Whether to pause for the sake of others.
    pub gentle_io: Option<bool>,
}

/// Returns the tuning of a scan. `cpus` is the number of processors, 0 if it is unknown.
pub fn resolve(
    flags: &Overrides,
    settings: &Overrides,
    detected: Profile,
    cpus: usize,
) -> Performance {
    let (profile, source) = match (flags.profile, settings.profile) {
        (Some(profile), _) => (profile, Source::Cli),
        (None, Some(profile)) => (profile, Source::Settings),
        (None, None) => (detected, Source::Auto),
    };
    let cpus = if cpus == 0 { UNKNOWN_CPUS } else { cpus };
    let value = |of: fn(&Overrides) -> Option<usize>, default: fn(Profile, usize) -> usize| {
        [of(flags), of(settings)]
            .into_iter()
            .flatten()
            .find(|chosen| *chosen > 0)
            .unwrap_or_else(|| default(profile, cpus))
    };
    let worker_threads = value(|chosen| chosen.worker_threads, threads).clamp(1, MOST_THREADS);
    Performance {
        profile,
        auto_profile: Some(detected),
        source,
        worker_threads,
        hash_chunk_bytes: value(|chosen| chosen.hash_chunk_bytes, chunk_bytes).max(SMALLEST_CHUNK),
        ffmpeg_parallel: value(|chosen| chosen.ffmpeg_parallel, ffmpeg_parallel)
            .clamp(1, worker_threads),
        gentle_io: flags
            .gentle_io
            .or(settings.gentle_io)
            .unwrap_or(is_gentle(profile)),
    }
}

fn threads(profile: Profile, cpus: usize) -> usize {
    match profile {
        Profile::Ssd => cpus.saturating_mul(2).clamp(8, 32),
        Profile::Hdd => cpus.clamp(6, 16),
        Profile::Usb => cpus.clamp(4, 8),
        Profile::Network => 6,
    }
}

fn chunk_bytes(profile: Profile, _cpus: usize) -> usize {
    match profile {
        Profile::Ssd => 1024 * 1024,
        Profile::Hdd => 512 * 1024,
        Profile::Usb | Profile::Network => 256 * 1024,
    }
}

fn ffmpeg_parallel(profile: Profile, cpus: usize) -> usize {
    match profile {
        Profile::Ssd => cpus.clamp(1, 4),
        Profile::Hdd => cpus.clamp(1, 2),
        Profile::Usb | Profile::Network => 1,
    }
}

const fn is_gentle(profile: Profile) -> bool {
    matches!(profile, Profile::Usb | Profile::Network)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Overrides = Overrides {
        profile: None,
        worker_threads: None,
        hash_chunk_bytes: None,
        ffmpeg_parallel: None,
        gentle_io: None,
    };

    #[test]
    fn every_number_of_every_profile() {
        fn check(
            profile: Profile,
            cpus: usize,
            threads: usize,
            chunk: usize,
            ffmpeg: usize,
            gentle: bool,
        ) {
            assert_eq!(
                resolve(&NOTHING, &NOTHING, profile, cpus),
                Performance {
                    profile,
                    auto_profile: Some(profile),
                    source: Source::Auto,
                    worker_threads: threads,
                    hash_chunk_bytes: chunk,
                    ffmpeg_parallel: ffmpeg,
                    gentle_io: gentle,
                },
                "{profile} on {cpus} processors"
            );
        }
        for (cpus, threads, ffmpeg) in [
            (0, 8, 4), // counts as 4
            (1, 8, 1),
            (4, 8, 4),
            (5, 10, 4),
            (16, 32, 4),
            (64, 32, 4),
        ] {
            check(Profile::Ssd, cpus, threads, 1_048_576, ffmpeg, false);
        }
        for (cpus, threads, ffmpeg) in [(0, 6, 2), (1, 6, 1), (8, 8, 2), (16, 16, 2), (64, 16, 2)] {
            check(Profile::Hdd, cpus, threads, 524_288, ffmpeg, false);
        }
        for (cpus, threads) in [(0, 4), (1, 4), (6, 6), (64, 8)] {
            check(Profile::Usb, cpus, threads, 262_144, 1, true);
        }
        for cpus in [0, 1, 64] {
            check(Profile::Network, cpus, 6, 262_144, 1, true);
        }
    }

    #[test]
    fn each_value_comes_from_the_first_place_that_has_it() {
        let flags = Overrides {
            worker_threads: Some(3),
            gentle_io: Some(false),
            ..NOTHING
        };
        let settings = Overrides {
            profile: Some(Profile::Usb),
            worker_threads: Some(5),
            hash_chunk_bytes: Some(100_000),
            ..NOTHING
        };
        assert_eq!(
            resolve(&flags, &settings, Profile::Ssd, 8),
            Performance {
                profile: Profile::Usb,
                auto_profile: Some(Profile::Ssd),
                source: Source::Settings,
                worker_threads: 3,
                hash_chunk_bytes: 100_000,
                ffmpeg_parallel: 1,
                gentle_io: false,
            }
        );
        let flags = Overrides {
            profile: Some(Profile::Network),
            ..NOTHING
        };
        let resolved = resolve(&flags, &settings, Profile::Ssd, 8);
        assert_eq!(
            (resolved.profile, resolved.source, resolved.worker_threads),
            (Profile::Network, Source::Cli, 5)
        );
    }

    #[test]
    fn wishes_are_clamped_and_zeros_are_none() {
        let wish = |threads, chunk, ffmpeg| Overrides {
            worker_threads: Some(threads),
            hash_chunk_bytes: Some(chunk),
            ffmpeg_parallel: Some(ffmpeg),
            ..NOTHING
        };
        let numbers = |flags: Overrides, settings: Overrides| {
            let resolved = resolve(&flags, &settings, Profile::Hdd, 8);
            (
                resolved.worker_threads,
                resolved.hash_chunk_bytes,
                resolved.ffmpeg_parallel,
            )
        };
        assert_eq!(numbers(wish(1000, 1, 1000), NOTHING), (64, 65_536, 64));
        assert_eq!(numbers(wish(1, 65_536, 9), NOTHING), (1, 65_536, 1));
        assert_eq!(numbers(wish(64, 65_537, 2), NOTHING), (64, 65_537, 2));
        assert_eq!(numbers(wish(0, 0, 0), NOTHING), (8, 524_288, 2));
        assert_eq!(numbers(wish(0, 0, 0), wish(4, 131_072, 3)), (4, 131_072, 3));
    }
}
