//! Network shares: from what the system says is mounted to one canonical address. Pure text, so that the forms of every
//! system are tested on all of them.

/// A share and the folder in it that was mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    /// The canonical address: `smb://server/share`, `nfs://server/export`. Server names are in lower case, and so are
    /// SMB shares, whose names do not tell cases apart.
    pub(crate) address: String,
    /// The mounted folder inside the share; `/` between names, none in front or behind.
    pub(crate) folder: Vec<u8>,
}

/// Returns the share behind a mount of a network file system, from the source in the mount table; `None` if the source
/// names no server or export, so that it proves nothing.
#[cfg(any(target_os = "linux", target_os = "macos", test))]
pub(crate) fn from_mount(fs_format: &str, source: &[u8]) -> Option<Share> {
    match fs_format {
        "cifs" | "smb" | "smb2" | "smb3" | "smbfs" | "fuse.smbnetfs" => from_smb(source),
        "nfs" | "nfs4" => host_and_path("nfs", source, false),
        "fuse.sshfs" | "macfuse.sshfs" => host_and_path("sshfs", source, true),
        "glusterfs" | "fuse.glusterfs" => host_and_path("glusterfs", source, false),
        "ceph" | "fuse.ceph" | "fuse.ceph-fuse" => whole("ceph", source),
        "davfs" | "webdav" | "fuse.davfs" | "fuse.davfs2" => whole("webdav", source),
        other => whole(other.strip_prefix("fuse.").unwrap_or(other), source),
    }
}

/// Returns the share in `//server/share`, `\\server\share\folder`, `\\?\UNC\server\share` or
/// `//DOMAIN;user:password@server/share`; whoever logs in is no part of it.
pub(crate) fn from_smb(source: &[u8]) -> Option<Share> {
    let slashes: Vec<u8> = source
        .iter()
        .map(|byte| if *byte == b'\\' { b'/' } else { *byte })
        .collect();
    let rest = strip_prefix_any_case(&slashes, b"//?/unc/")
        .or_else(|| strip_prefix_any_case(&slashes, b"smb://"))
        .or_else(|| slashes.strip_prefix(b"//"))?;
    let mut names = rest
        .split(|byte| *byte == b'/')
        .filter(|name| !name.is_empty());
    let server = without_user(names.next()?);
    let share = names.next()?;
    // `\\?\C:\…` and `\\.\device` are local.
    if server.is_empty() || matches!(server, b"?" | b".") {
        return None;
    }
    Some(Share {
        address: format!("smb://{}/{}", lower(server), lower(share)),
        folder: names.collect::<Vec<_>>().join(&b'/'),
    })
}

/// Returns whether the path is a Windows share (`\\server\share`), as opposed to a drive or a device.
pub(crate) fn is_unc(path: &[u8]) -> bool {
    path.starts_with(b"\\\\") && from_smb(path).is_some()
}

/// Returns the share in `server:/path`. The folder stays part of the address: where an export ends is not to be seen.
#[cfg(any(target_os = "linux", target_os = "macos", test))]
fn host_and_path(scheme: &str, source: &[u8], keep_user: bool) -> Option<Share> {
    // The colons of an IPv6 address stand in brackets.
    let search_from = source
        .iter()
        .position(|byte| *byte == b']')
        .filter(|_| source.contains(&b'['))
        .unwrap_or(0);
    let colon = search_from
        + source
            .get(search_from..)?
            .iter()
            .position(|byte| *byte == b':')?;
    let (host, path) = (source.get(..colon)?, source.get(colon + 1..)?);
    let server = lower(without_user(host));
    if server.is_empty() {
        return None;
    }
    let user = host
        .iter()
        .rposition(|byte| *byte == b'@')
        .and_then(|at| host.get(..=at))
        .filter(|_| keep_user)
        .map(String::from_utf8_lossy)
        .unwrap_or_default();
    let path = String::from_utf8_lossy(path);
    // A path that does not begin at the root begins at the user's home.
    let separator = if path.starts_with('/') { "" } else { "/~/" };
    let path = path.trim_end_matches('/');
    Some(Share {
        address: format!("{scheme}://{user}{server}{separator}{path}")
            .trim_end_matches('/')
            .to_owned(),
        folder: Vec::new(),
    })
}

#[cfg(any(target_os = "linux", target_os = "macos", test))]
fn whole(scheme: &str, source: &[u8]) -> Option<Share> {
    let source = String::from_utf8_lossy(source);
    let source = source.trim_end_matches('/');
    // These are what mount writes where there is no source.
    if matches!(source, "" | "none") || source == scheme {
        return None;
    }
    Some(Share {
        address: format!("{scheme}://{source}"),
        folder: Vec::new(),
    })
}

fn without_user(host: &[u8]) -> &[u8] {
    host.iter()
        .rposition(|byte| *byte == b'@')
        .and_then(|at| host.get(at + 1..))
        .unwrap_or(host)
}

fn lower(name: &[u8]) -> String {
    String::from_utf8_lossy(name).to_lowercase()
}

fn strip_prefix_any_case<'a>(text: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    let (front, rest) = text.split_at_checked(prefix.len())?;
    front.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_become_addresses() {
        fn check(fs_format: &str, source: &str, address: Option<&str>, folder: &str) {
            let expected = address.map(|address| Share {
                address: address.to_owned(),
                folder: folder.as_bytes().to_vec(),
            });
            assert_eq!(
                from_mount(fs_format, source.as_bytes()),
                expected,
                "{fs_format} {source}"
            );
        }
        check("cifs", "//NAS/Media", Some("smb://nas/media"), "");
        check("smb3", r"\\nas\media", Some("smb://nas/media"), "");
        check(
            "cifs",
            "//nas/Media/Films/Old",
            Some("smb://nas/media"),
            "Films/Old",
        );
        check("cifs", "//nas/media/", Some("smb://nas/media"), "");
        check(
            "smbfs",
            "//WORK;anna:x@NAS.local/Media",
            Some("smb://nas.local/media"),
            "",
        );
        check("cifs", "//nas", None, "");
        check("cifs", "none", None, "");
        check(
            "nfs4",
            "NAS:/export/Media/",
            Some("nfs://nas/export/Media"),
            "",
        );
        check("nfs", "nas:/", Some("nfs://nas"), "");
        check(
            "nfs",
            "[FE80::1%eth0]:/x",
            Some("nfs://[fe80::1%eth0]/x"),
            "",
        );
        check("nfs", "nothing", None, "");
        check(
            "fuse.sshfs",
            "anna@Host:/srv/Media",
            Some("sshfs://anna@host/srv/Media"),
            "",
        );
        check("fuse.sshfs", "host:films", Some("sshfs://host/~/films"), "");
        check("fuse.sshfs", "host:", Some("sshfs://host/~"), "");
        check(
            "fuse.glusterfs",
            "gl1:/vol0",
            Some("glusterfs://gl1/vol0"),
            "",
        );
        check("9p", "hostshare", Some("9p://hostshare"), "");
        check("9p", "9p", None, "");
        check("ceph", "m1,m2:/data", Some("ceph://m1,m2:/data"), "");
        check(
            "fuse.davfs2",
            "https://h/x/",
            Some("webdav://https://h/x"),
            "",
        );
        check("fuse.rclone", "cloud:pics", Some("rclone://cloud:pics"), "");
        check("virtiofs", "", None, "");
    }

    #[test]
    fn windows_shares_and_what_looks_like_them() {
        for (path, expected) in [
            (r"\\Server\Share\Folder", Some("smb://server/share")),
            (r"\\?\UNC\Server\Share\Folder", Some("smb://server/share")),
            (r"\\?\unc\Server\Share", Some("smb://server/share")),
            (r"\\?\C:\Users", None),
            (r"\\.\PhysicalDrive0", None),
            (r"C:\Users", None),
            (r"\\server", None),
        ] {
            assert_eq!(
                from_smb(path.as_bytes()).map(|share| share.address),
                expected.map(str::to_owned),
                "{path}"
            );
            assert_eq!(is_unc(path.as_bytes()), expected.is_some(), "{path}");
        }
        assert!(!is_unc(b"//server/share"), "on Unix that is a local path");
        assert_eq!(
            from_smb(br"\\s\Share\A\B").map(|share| share.folder),
            Some(b"A/B".to_vec())
        );
    }
}
