use super::*;

fn decide(mounts: &[&str], paths: &[&str]) -> Reroot {
    let mut survey = Survey::new(mounts.iter().map(|mount| mount.as_bytes()), None);
    for path in paths {
        survey.see(path.as_bytes());
    }
    survey.decide()
}

/// One line a case: the mounts, then (path, where it lies); `!` in front of a place means outside, an empty one nowhere.
fn check(mounts: &[&str], cases: &[(&str, &str)], mount_path: &str) {
    let paths: Vec<&str> = cases.iter().map(|(path, _)| *path).collect();
    let reroot = decide(mounts, &paths);
    assert_eq!(
        String::from_utf8_lossy(&reroot.mount_path()),
        mount_path,
        "{mounts:?}"
    );
    for (path, expected) in cases {
        let expected = match expected.strip_prefix('!') {
            Some(outside) => Placed::Outside(outside.into()),
            None if expected.is_empty() => Placed::Nowhere,
            None => Placed::Inside(expected.as_bytes().to_vec()),
        };
        assert_eq!(
            reroot.place(path.as_bytes()),
            expected,
            "{path} below {mounts:?}"
        );
    }
}

#[test]
fn posix_paths() {
    check(
        &["/mnt/media/"],
        &[
            ("/mnt/media/a/b.mp4", "a/b.mp4"),
            ("/mnt/media/back\\slash.mp4", "back\\slash.mp4"),
            ("/mnt/media/C:/x", "C:/x"),
            ("/mnt/media2/a", "!mnt/media2/a"),
            ("/mnt/media", ""),
            ("", ""),
            ("/mnt//media/./a", "a"),
            ("E:\\Films\\a.mp4", "!E:/Films/a.mp4"),
        ],
        "/mnt/media",
    );
    check(&["/"], &[("/a/b", "a/b")], "/");
}

#[test]
fn accents_of_the_mount_match_in_either_form() {
    check(
        &["/mnt/e\u{301}te\u{301}"],
        &[("/mnt/été/a", "a")],
        "/mnt/e\u{301}te\u{301}",
    );
}

#[test]
fn windows_paths() {
    check(
        &["E:\\"],
        &[
            ("E:\\Films\\a.mp4", "Films/a.mp4"),
            ("e:/Films/a.mp4", "Films/a.mp4"),
            ("F:\\Films\\a.mp4", "Films/a.mp4"),
            ("\\\\?\\E:\\long\\a.mp4", "long/a.mp4"),
            ("\\\\nas\\films\\b.mp4", "b.mp4"),
            ("\\nas\\films\\c.mp4", "c.mp4"),
            ("/mnt/e/a", "!mnt/e/a"),
        ],
        "E:\\",
    );
    check(
        &["E:/Media/"],
        &[
            ("E:\\media\\a", "a"),
            ("F:\\Media\\b", "b"),
            ("E:\\Other\\a", "!E:/Other/a"),
        ],
        "E:\\Media",
    );
    check(&["G:"], &[("G:\\a", "a")], "G:\\");
}

#[test]
fn shares() {
    for mount in ["\\\\nas\\films", "\\nas\\films", "\\\\?\\UNC\\nas\\films\\"] {
        check(
            &[mount],
            &[
                ("\\\\nas\\films\\a\\b", "a/b"),
                ("\\nas\\films\\a\\c", "a/c"),
                ("\\\\?\\UNC\\nas\\films\\d", "d"),
                ("\\\\other\\share\\e", "e"),
            ],
            "\\\\nas\\films",
        );
    }
    check(
        &["\\\\nas\\films\\Old"],
        &[
            ("\\nas\\films\\Old\\a", "a"),
            ("\\nas\\films\\New\\a", "!nas/films/New/a"),
        ],
        "\\\\nas\\films\\Old",
    );
}

#[test]
fn a_relative_mount_is_found_at_the_end_of_the_absolute_one() {
    let mount = "/mnt/media/lib";
    for (relative, ups) in [
        ("media/lib/", ""),
        ("lib/", ""),
        ("./lib/", ""),
        ("../lib/", ""),
        ("../../media/lib/", ""),
        ("", ""),
        ("./", ""),
        ("../../", ""),
    ] {
        let (a, b) = (
            format!("{relative}{ups}x/a.mp4"),
            format!("{relative}b.mp4"),
        );
        check(&[mount], &[(&a, "x/a.mp4"), (&b, "b.mp4")], mount);
        // Together with rows of the same mount given absolute.
        check(
            &[mount],
            &[(&a, "x/a.mp4"), (&b, "b.mp4"), ("/mnt/media/lib/c", "c")],
            mount,
        );
    }
    check(
        &["media/lib"],
        &[("media/lib/a", "a"), ("media/b", "!media/b")],
        "media/lib",
    );
}

#[test]
fn without_a_mount_the_paths_say_it() {
    check(
        &[],
        &[("/mnt/x/a/1", "a/1"), ("/mnt/x/b/2", "b/2")],
        "/mnt/x",
    );
    check(&[], &[("D:\\V\\a\\1", "a/1"), ("D:\\V\\2", "2")], "D:\\V");
    check(
        &[],
        &[("\\nas\\v\\a\\1", "a/1"), ("\\nas\\v\\2", "2")],
        "\\\\nas\\v",
    );
    check(&[], &[("lib/a", "a"), ("lib/x/b", "x/b")], "lib");
    check(&[], &[], ".");
}

#[test]
fn a_mount_that_holds_no_path_is_not_where_they_came_from() {
    // A link was resolved in the mount and not in the paths.
    check(
        &["/data/disk/lib"],
        &[
            ("/media/link/lib/a/x", "a/x"),
            ("/media/link/lib/a/y", "a/y"),
        ],
        "/media/link/lib",
    );
    check(
        &["/new/place"],
        &[("/old/spot/x", "x"), ("/old/spot/y", "y")],
        "/old/spot",
    );
    // Scanned on Windows, later moved to another system.
    check(
        &["/mnt/usb"],
        &[("E:\\a\\1", "a/1"), ("E:\\2", "2")],
        "E:\\",
    );
    check(
        &["/mnt/usb", "E:\\"],
        &[("E:\\a\\1", "a/1"), ("E:\\a\\2", "a/2")],
        "E:\\",
    );
}
