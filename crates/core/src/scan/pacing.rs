//! How fast a scan goes about its drive: threads, pauses, and the time between commits.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::profile::{Performance, Profile, XorShift, enumeration_pause};

/// The documented pause of the `--debug` aid.
const SLOW_WALK: Duration = Duration::from_millis(10);

/// Returns how many threads list folders: latency is hidden by asking several at once, a spinning disk is only made to
/// seek by it.
pub(crate) fn walk_threads(performance: &Performance) -> usize {
    let most = match performance.profile {
        Profile::Hdd | Profile::Usb => 2,
        Profile::Ssd => std::thread::available_parallelism()
            .map_or(2, usize::from)
            .clamp(2, 8),
        Profile::Network => 6,
    };
    performance.worker_threads.clamp(1, most)
}

/// Returns how many bytes are read at once. A disk without seeks gains nothing from long reads, while a buffer that stays
/// in the processor's cache makes hashing from the page cache twice as fast.
pub(crate) fn read_bytes(performance: &Performance) -> usize {
    const CACHED: usize = 65_536;
    match performance.profile {
        Profile::Ssd => performance.hash_chunk_bytes.min(CACHED),
        Profile::Hdd | Profile::Usb | Profile::Network => performance.hash_chunk_bytes,
    }
}

/// Returns what computes the pause after some files were listed.
pub(crate) fn walk(
    performance: &Performance,
    slow_walk: bool,
) -> Box<dyn Fn(usize) -> Duration + Send + Sync> {
    let (profile, gentle) = (performance.profile, performance.gentle_io);
    let is_paced = profile == Profile::Network || (profile == Profile::Usb && gentle);
    let random = Mutex::new(XorShift::new(0x5EED));
    Box::new(move |files| {
        let mut pause = if slow_walk {
            SLOW_WALK * u32::try_from(files).unwrap_or(u32::MAX)
        } else {
            Duration::ZERO
        };
        if is_paced {
            let mut random = random.lock().unwrap_or_else(PoisonError::into_inner);
            pause += (0..files)
                .map(|_| enumeration_pause(profile, gentle, &mut random))
                .sum::<Duration>();
        }
        pause
    })
}

/// Returns the longest time between commits; a share gets 1 to 3 seconds whatever the settings say.
pub(crate) fn batch_interval(wanted: Duration, profile: Profile) -> Duration {
    if profile == Profile::Network {
        wanted.clamp(Duration::from_secs(1), Duration::from_secs(3))
    } else {
        wanted
    }
}
