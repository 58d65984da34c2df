//! Which profile fits a drive: what the system knows of it, and a measurement where it knows too little.

use std::path::Path;

use super::{Measured, Profile};
use crate::path::os_to_bytes;
use crate::volume::{self, VolumeInfo};

/// A disk whose chunks arrive faster than this, in seconds, may be an SSD.
const SSD_LATENCY_S: f64 = 0.001;

/// A disk that is also faster than this, in bytes a second, is one.
const SSD_BYTES_PER_SECOND: f64 = 300e6;

/// A disk at least as fast as this is worked like an internal one.
const HDD_BYTES_PER_SECOND: f64 = 80e6;

/// Returns the profile for the volume of the folder `root`. `bench` is called only if the system knows neither that the
/// volume is a share, nor how its disk is attached and whether it spins.
///
/// Memory cards are measured too: they do not spin, but few are what one calls an SSD.
pub fn detect(info: &VolumeInfo, root: &Path, bench: impl FnOnce() -> Option<Measured>) -> Profile {
    if info.is_network || volume::is_unc(&os_to_bytes(root.as_os_str())) {
        return Profile::Network;
    }
    let bus = info.bus.as_deref();
    if bus == Some("usb") || info.is_removable == Some(true) {
        return Profile::Usb;
    }
    match info.is_rotational {
        Some(true) => Profile::Hdd,
        Some(false) if bus != Some("mmc") => Profile::Ssd,
        Some(false) | None => classify(bench()),
    }
}

/// Returns the profile for what was measured; where nothing was, the middle one.
fn classify(measured: Option<Measured>) -> Profile {
    let Some(measured) = measured else {
        return Profile::Hdd;
    };
    let latency_s = measured.latency.as_secs_f64();
    let speed = measured.bytes_per_second;
    if latency_s <= 0.0 || speed <= 0.0 {
        Profile::Hdd
    } else if latency_s < SSD_LATENCY_S && speed > SSD_BYTES_PER_SECOND {
        Profile::Ssd
    } else if speed >= HDD_BYTES_PER_SECOND {
        Profile::Hdd
    } else {
        Profile::Usb
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::volume::Identity;

    fn info(change: impl FnOnce(&mut VolumeInfo)) -> VolumeInfo {
        let mut info = VolumeInfo::unknown(Identity::serial(1), PathBuf::from("/mnt"));
        change(&mut info);
        info
    }

    fn measured(latency_us: u64, megabytes_per_second: f64) -> Measured {
        Measured {
            latency: Duration::from_micros(latency_us),
            bytes_per_second: megabytes_per_second * 1e6,
        }
    }

    #[test]
    fn what_the_system_knows_needs_no_measurement() {
        let check = |change: fn(&mut VolumeInfo), expected| {
            let profile = detect(&info(change), Path::new("/mnt"), || {
                panic!("nothing to measure")
            });
            assert_eq!(profile, expected);
        };
        check(|info| info.is_network = true, Profile::Network);
        check(|info| info.bus = Some("usb".to_owned()), Profile::Usb);
        check(|info| info.is_removable = Some(true), Profile::Usb);
        check(|info| info.is_rotational = Some(true), Profile::Hdd);
        check(|info| info.is_rotational = Some(false), Profile::Ssd);
        check(
            |info| {
                info.is_network = true;
                info.is_removable = Some(true);
            },
            Profile::Network,
        );
        check(
            |info| {
                info.bus = Some("usb".to_owned());
                info.is_rotational = Some(false);
            },
            Profile::Usb,
        );
        check(
            |info| {
                info.bus = Some("nvme".to_owned());
                info.is_removable = Some(false);
                info.is_rotational = Some(false);
            },
            Profile::Ssd,
        );
        let share = Path::new(r"\\server\share\folder");
        assert_eq!(
            detect(&info(|_| {}), share, || panic!("nothing to measure")),
            Profile::Network
        );
    }

    #[test]
    fn the_rest_is_measured() {
        for (result, expected) in [
            (Some(measured(999, 300.1)), Profile::Ssd),
            (Some(measured(1000, 300.1)), Profile::Hdd),
            (Some(measured(999, 300.0)), Profile::Hdd),
            (Some(measured(9000, 80.0)), Profile::Hdd),
            (Some(measured(9000, 79.9)), Profile::Usb),
            (Some(measured(100, 79.9)), Profile::Usb),
            (Some(measured(0, 500.0)), Profile::Hdd),
            (Some(measured(100, 0.0)), Profile::Hdd),
            (None, Profile::Hdd),
        ] {
            let profile = detect(&info(|_| {}), Path::new("/mnt"), || result);
            assert_eq!(profile, expected, "{result:?}");
        }
        let card = info(|info| {
            info.bus = Some("mmc".to_owned());
            info.is_rotational = Some(false);
        });
        assert_eq!(
            detect(&card, Path::new("/mnt"), || Some(measured(5000, 20.0))),
            Profile::Usb
        );
    }
}
