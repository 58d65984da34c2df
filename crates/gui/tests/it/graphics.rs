//! The graphics card: what is told of it, who may compute, and help with what is missing.

use egui_kittest::kittest::Queryable;

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
