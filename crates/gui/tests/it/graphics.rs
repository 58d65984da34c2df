//! The graphics card: what is told of it, who may compute, and help with what is missing.

use egui_kittest::kittest::{NodeT, Queryable};

use crate::fake::{self, Mood};
use crate::kit::Lab;

#[test]
fn without_a_card_the_processor_computes_and_says_why() {
    let mut lab = Lab::without_programs();
    lab.click("Tools");
    lab.click("GPU");
    lab.sees("provider: CPU");
    lab.sees("no NVIDIA card");
    lab.sees("none is found");
    lab.click("Processor only");
    lab.sees("`gpu.policy` is CPU_ONLY from now on");
    let saved = std::fs::read_to_string(lab.home().join("settings.json")).unwrap();
    assert!(saved.contains("CPU_ONLY"), "{saved}");
    lab.click("Troubleshoot…");
    lab.sees("NVIDIA driver");
    lab.close_dialog();
}

#[test]
fn decoding_on_the_card_is_forbidden_and_allowed_at_once() {
    let mut lab = Lab::without_programs();
    let saved = |lab: &Lab| {
        let text = std::fs::read_to_string(lab.home().join("settings.json")).unwrap();
        let saved: serde_json::Value = serde_json::from_str(&text).unwrap();
        saved["gpu"]["allow_hwaccel_video"].clone()
    };
    lab.click("Tools");
    lab.click("GPU");
    lab.click("Use FFmpeg hwaccel when available");
    lab.sees("`gpu.allow_hwaccel_video` is false from now on");
    assert_eq!(saved(&lab), false);
    lab.click("Use FFmpeg hwaccel when available");
    lab.sees("`gpu.allow_hwaccel_video` is true from now on");
    assert_eq!(saved(&lab), true);
    lab.click("Processor only");
    lab.sees("`gpu.policy` is CPU_ONLY from now on");
    lab.until("nothing is left to be allowed", |window| {
        window
            .get_by_label("Use FFmpeg hwaccel when available")
            .accesskit_node()
            .is_disabled()
    });
}

#[test]
fn whoever_looks_again_has_the_card_tried_again() {
    let mut lab = fake::window(Mood::Needy, 1280.0, 820.0);
    lab.click("Tools");
    lab.click("GPU");
    lab.sees("libcudnn.so.9");
    lab.click("Close");
    lab.sees("provider: CPU");
    lab.click("Diagnostics");
    lab.click("GPU");
    lab.sees("provider: CPU");
    lab.click("Refresh");
    lab.sees("provider: CUDA");
}

#[test]
fn help_comes_once_by_itself_and_goes_when_the_card_works() {
    let mut lab = fake::window(Mood::Needy, 1280.0, 820.0);
    lab.click("Tools");
    lab.click("GPU");
    // A card that is there and does not work: the assistant opens by itself.
    lab.sees("Models on the graphics card");
    lab.sees("missing");
    lab.sees("libcudnn.so.9");
    lab.click("Close");
    lab.click("Diagnostics");
    lab.click("GPU");
    lab.sees("RTX 4070");
    lab.window.run_steps(5);
    let again = lab.window.query_by_label("Models on the graphics card");
    assert!(again.is_none());
    lab.click("Troubleshoot…");
    lab.sees("Models on the graphics card");
    lab.click("Retry CUDA provider");
    lab.until("it closes by itself", |window| {
        window
            .query_by_label("Models on the graphics card")
            .is_none()
    });
    lab.sees("Models run on the graphics card (CUDA)");
}
