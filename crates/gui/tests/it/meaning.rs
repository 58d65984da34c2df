//! Searching by meaning and by looks, through the window, on a real catalogue.

use eframe::egui::Role;
use egui_kittest::kittest::{NodeT, Queryable};
use videocatalog_testkit::onnx;

use crate::kit::Lab;

fn first_row(lab: &Lab) -> String {
    let mut rows = lab.window.query_all_by_role(Role::Row);
    let row = rows.next().and_then(|row| row.accesskit_node().label());
    row.unwrap_or_default()
}

fn is_first(lab: &mut Lab, name: &str) {
    lab.until(name, |window| {
        let mut rows = window.query_all_by_role(Role::Row);
        let first = rows.next().and_then(|row| row.accesskit_node().label());
        first.is_some_and(|label| label.contains(name))
    });
}

#[test]
fn files_are_found_by_what_they_mean_and_by_what_is_said() {
    let mut lab = Lab::new();
    for name in [
        "Holiday/BeachInCrete_2015.mp4",
        "Holiday/SkiingInTheAlps.mp4",
        "Films/Speech.mkv",
        "Tax/return 2019.pdf",
    ] {
        lab.write(name, 2_000);
    }
    let words = "1\n00:12:31,500 --> 00:12:35,000\nAsk not what your country can do for you\n\n";
    std::fs::write(lab.drive().join("Films/Speech.en.srt"), words).unwrap();
    lab.form("Films B");
    lab.start_scan("Films B");
    lab.click("Search");
    lab.click("Meaning");
    lab.sees("The index is empty");
    lab.sees("What do you mean?");
    lab.fill("Search every drive", "beaches in crete");
    lab.sees("there is no semantic index yet");
    lab.click("Bring the index up to date");
    lab.sees("The index is up to date: 5 files looked at");
    is_first(&mut lab, "BeachInCrete_2015.mp4");
    lab.sees("the best 5 files");
    lab.sees("1 of them with words that are said");
    lab.click("Both");
    lab.replace("Search every drive", "ask not what your country");
    is_first(&mut lab, "said at 00:12:31");
    assert!(
        first_row(&lab).contains("Speech.mkv"),
        "{}",
        first_row(&lab)
    );
    lab.click_row(0);
    lab.sees("found by");
    lab.sees("first seen");
    lab.click("What is said (1 lines)");
    lab.sees("00:12:31 Ask not what your country can do for you");
    // Conditions narrow it, and words alone find by the path again.
    lab.replace("Search every drive", "tax papers ext:pdf");
    lab.sees("ext:pdf ×");
    is_first(&mut lab, "return 2019.pdf");
    lab.click("Words");
    lab.sees("Nothing found");
}

#[test]
fn what_looks_alike_is_found_after_light_analysis() {
    let mut lab = Lab::prepared(|home| {
        std::fs::create_dir_all(home.join("models")).unwrap();
        let model = home.join("models/mobilenetv3-small.onnx");
        std::fs::write(model, onnx::mean_color()).unwrap();
    });
    let picture = |name: &str, red: u8| {
        let image = image::RgbImage::from_pixel(64, 64, image::Rgb([red, 40, 90]));
        image.save(lab.drive().join(name)).unwrap();
    };
    picture("dusk.png", 200);
    picture("evening.png", 205);
    picture("night.png", 2);
    lab.write("broken.png", 10);
    lab.form("Photos");
    lab.click("Light analysis and search by meaning");
    lab.click("Look at pictures and films, to find look-alikes");
    lab.start_scan("Photos");
    lab.click("Search");
    lab.fill("Search every drive", "dusk");
    lab.sees("1 file ·");
    lab.click_row(0);
    lab.click("Find similar");
    lab.sees("Looks like dusk.png ×");
    is_first(&mut lab, "evening.png");
    lab.sees("looks like it");
    // What was never looked at says so, and writing a query is searching by words again.
    lab.replace("Search every drive", "broken");
    is_first(&mut lab, "broken.png");
    assert!(lab.window.query_by_label("Looks like dusk.png ×").is_none());
    lab.click_row(0);
    lab.sees("10 B (10 bytes)");
    lab.click("Find similar");
    lab.sees("`broken.png` was looked at, and nothing can be made of it");
    lab.click("Looks like broken.png ×");
    lab.sees("1 file ·");
}
