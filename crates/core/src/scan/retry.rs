//! Errors that are worth another try.

use std::io;
use std::time::Duration;

use super::walk::sleep;
use crate::cancel::CancelToken;
use crate::watch::Abandoned;

/// Waits before the second and the third attempt.
const WAITS: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(1)];

/// Makes a call up to three times, as long as its error is one that may pass.
///
/// # Errors
/// [`Abandoned`] when the call was given up.
pub(crate) fn transient<T>(
    cancel: &CancelToken,
    mut call: impl FnMut() -> Result<io::Result<T>, Abandoned>,
) -> Result<io::Result<T>, Abandoned> {
    for wait in WAITS {
        match call()? {
            Err(error) if is_transient(&error) && !cancel.is_cancelled() => sleep(wait, cancel),
            answer => return Ok(answer),
        }
    }
    call()
}

/// Returns whether an error is one of those that networks and tired disks take back: the documented list.
pub(crate) fn is_transient(error: &io::Error) -> bool {
    if error.kind() == io::ErrorKind::TimedOut {
        return true;
    }
    let Some(code) = error.raw_os_error() else {
        return false;
    };
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        [
            Errno::STALE,
            Errno::TIMEDOUT,
            Errno::IO,
            Errno::CONNRESET,
            Errno::CONNABORTED,
            Errno::NETRESET,
            Errno::NETDOWN,
            Errno::NETUNREACH,
        ]
        .iter()
        .any(|errno| errno.raw_os_error() == code)
    }
    #[cfg(windows)]
    {
        // ERROR_SEM_TIMEOUT, ERROR_NETNAME_DELETED, ERROR_NETWORK_BUSY's neighbours, ERROR_BAD_NET_NAME,
        // ERROR_REQ_NOT_ACCEP.
        matches!(code, 121 | 64 | 65 | 67 | 71)
    }
    #[cfg(not(any(unix, windows)))]
    {
        let _unknown = code;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn passing_errors_are_tried_again_and_others_are_not() {
        for (errno, expected_calls) in [
            (rustix::io::Errno::NOENT, 1),
            (rustix::io::Errno::ACCESS, 1),
        ] {
            let mut calls = 0;
            let answer: io::Result<()> = transient(&CancelToken::new(), || {
                calls += 1;
                Ok(Err(errno.into()))
            })
            .unwrap();
            assert!(answer.is_err());
            assert_eq!(calls, expected_calls);
        }
        let mut calls = 0;
        let answer = transient(&CancelToken::new(), || {
            calls += 1;
            Ok(if calls < 2 {
                Err(rustix::io::Errno::IO.into())
            } else {
                Ok(calls)
            })
        });
        assert_eq!(answer.unwrap().unwrap(), 2);
    }
}
