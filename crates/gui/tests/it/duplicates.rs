//! Copies: looked for, shown side by side, and planned for.

use eframe::egui::accesskit::Toggled;
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use videocatalog_testkit::media::{encode, video};

use crate::kit::Lab;

#[test]
fn copies_are_shown_side_by_side_and_a_plan_is_written() {
    let mut lab = Lab::new();
    lab.click("Duplicates");
    lab.click("Look for copies");
    lab.sees("No file has fingerprints yet");

    let film = lab.drive().join("film.mkv");
    video(&film, 12).unwrap();
    let small = [
        "-i",
        film.to_str().unwrap(),
        "-vf",
        "scale=80:60",
        "-g",
        "5",
    ];
    encode(&small, &lab.drive().join("small.mp4")).unwrap();
    let tune = "aevalsrc=0.3*sin(2*PI*t*300*(1+floor(mod(t*4\\,5))/7)):s=22050:d=12";
    let song = lab.drive().join("song.flac");
    encode(&["-f", "lavfi", "-i", tune], &song).unwrap();
    let again = ["-i", song.to_str().unwrap(), "-b:a", "64k"];
    encode(&again, &lab.drive().join("song.m4a")).unwrap();
    lab.scan_with_fingerprints();

    lab.click("Duplicates");
    lab.click("Look for copies");
    lab.sees("The best by");
    lab.sees("Frames of the file");
    lab.sees("small.mp4");
    // Both stay, and one of them could go after all.
    lab.window.key_press(Key::Num2);
    lab.sees("2 groups, ");
    assert_eq!(kept(&lab), [true, true]);
    lab.window.key_press(Key::Num2);
    lab.window.step();
    assert_eq!(kept(&lab), [true, false]);
    lab.click_row(1);
    lab.sees("song.m4a");
    lab.sees("audio: sound ");
    lab.click("Write a plan");
    lab.sees("could go; nothing was done");
    let exports = std::fs::read_dir(lab.home().join("exports")).unwrap();
    let names: Vec<_> = exports.map(|entry| entry.unwrap().path()).collect();
    let folder = names
        .iter()
        .find(|path| path.to_string_lossy().contains("duplicates_"));
    let script = std::fs::read_to_string(folder.unwrap().join("Films_B.sh")).unwrap();
    assert!(script.contains("step $'song."), "{script}");
    assert!(song.exists(), "nothing was done");

    lab.window.key_press_modifiers(Modifiers::SHIFT, Key::Num2);
    lab.sees("will not be shown as a copy of that again");
    lab.sees("1 group, ");
    lab.click("Look for copies");
    lab.sees("1 group, ");
}

/// Returns which files of the group that is shown are kept.
fn kept(lab: &Lab) -> Vec<bool> {
    let boxes = ["Keep 1", "Keep 2"];
    let boxes = boxes.map(|label| lab.window.get_by_label(label));
    boxes
        .iter()
        .map(|one| one.accesskit_node().toggled() == Some(Toggled::True))
        .collect()
}
