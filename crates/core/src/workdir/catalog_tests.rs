//! Where the catalogue is found.

use std::collections::HashMap;
use std::path::Path;

use super::WorkingDir;
use crate::environment::{Environment, Platform};

#[test]
fn a_moved_working_directory_keeps_its_catalogue() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    std::fs::create_dir_all(home.join("data")).unwrap();
    std::fs::create_dir_all(folder.path().join("elsewhere")).unwrap();
    let environment = Environment {
        variables: HashMap::new(),
        executable_dir: None,
        current_dir: folder.path().to_path_buf(),
        platform: Platform::Unix,
    };
    let workdir = WorkingDir::new(&home);
    let usual = workdir.catalog_db();
    let check = |setting: &str, setting_for: &str, expected: &Path, warns: bool| {
        let (path, warning) = workdir.find_catalog(
            &environment,
            Some(Path::new(setting)),
            Some(Path::new(setting_for)),
        );
        assert_eq!(path, expected, "{setting}");
        assert_eq!(warning.is_some(), warns, "{warning:?}");
    };
    let elsewhere = folder.path().join("elsewhere/mine.db");
    check(elsewhere.to_str().unwrap(), "", &elsewhere, false);
    check("/no/such/folder/catalog.db", "", &usual, true);
    check("C:\\Users\\x\\catalog.db", "", &usual, false);
    std::fs::write(&usual, b"").unwrap();
    check("/was/here/data/catalog.db", "/was/here", &usual, false);
    check(elsewhere.to_str().unwrap(), "", &usual, true);
    std::fs::write(&elsewhere, b"").unwrap();
    check(elsewhere.to_str().unwrap(), "", &elsewhere, false);
    assert_eq!(workdir.find_catalog(&environment, None, None).0, usual);
}
