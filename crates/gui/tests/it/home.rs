//! The first page, and a first scan.

use crate::kit::Lab;

#[test]
fn a_first_scan_from_the_welcome_on() {
    let mut lab = Lab::new();
    lab.write("films/Nosferatu (1922).mkv", 3_000);
    lab.write("music/song.flac", 2_000);
    lab.write("notes.txt", 10);
    lab.sees("Scan the first drive");
    lab.scan("Films B");
    lab.click("View summary");
    lab.sees("video");
    lab.click("Close");
    lab.click("Home");
    lab.sees("1 of 1");
    lab.click("Search");
    lab.fill("Search every drive", "nosferatu");
    lab.sees("1 file");
    lab.sees("Nosferatu (1922).mkv");
    lab.click("Jobs");
    lab.sees("3 files: 3 new");
}
