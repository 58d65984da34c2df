//! A model of pictures and texts that knows three colours: the mean of a picture's, and of a text's words.

use std::io;
use std::path::Path;

use super::{Attribute, Graph, mean_color};

/// The words that it knows, and their colours, from -1 to 1; any other word is nearly none.
pub const COLOR_WORDS: [(&str, [f32; 3]); 3] = [
    ("red", [1.0, -1.0, -1.0]),
    ("green", [-1.0, 1.0, -1.0]),
    ("blue", [-1.0, -1.0, 1.0]),
];

/// Returns the half that turns texts into vectors.
pub fn color_words() -> Vec<u8> {
    let mut graph = Graph::default()
        .whole_input("input_ids", &[None, None])
        .output("text_embeds", &[None, Some(3)]);
    let mut table = vec![0.05, 0.05, 0.05];
    for (_, color) in COLOR_WORDS {
        table.extend(color);
    }
    let rows = COLOR_WORDS.len() as u64 + 1;
    let table = graph.weights(&[rows, 3], &table);
    let words = graph.node(
        "Gather",
        &[&table, "input_ids"],
        &[Attribute::Whole("axis", 0)],
    );
    graph.node_into(
        "ReduceMean",
        &[&words],
        "text_embeds",
        &[
            Attribute::Wholes("axes", &[1]),
            Attribute::Whole("keepdims", 0),
        ],
    );
    graph.finish()
}

/// Writes all files of the model into a folder.
///
/// # Errors
/// What the system says.
pub fn put_color_towers(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("vision.onnx"), mean_color())?;
    std::fs::write(folder.join("text.onnx"), color_words())?;
    let words = (1..).zip(COLOR_WORDS);
    let words: Vec<String> = words
        .map(|(number, (word, _))| format!("\"{word}\": {number}"))
        .collect();
    let tokenizer = format!(
        r#"{{"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": {{"type": "Lowercase"}},
"pre_tokenizer": {{"type": "Whitespace"}}, "post_processor": null, "decoder": null,
"model": {{"type": "WordLevel", "vocab": {{"[UNK]": 0, {}}}, "unk_token": "[UNK]"}}}}"#,
        words.join(", ")
    );
    std::fs::write(folder.join("tokenizer.json"), tokenizer)?;
    std::fs::write(
        folder.join("preprocessor.json"),
        r#"{"size": {"shortest_edge": 224}, "crop_size": {"height": 224, "width": 224}, "do_center_crop": true,
"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "resample": 3}"#,
    )?;
    std::fs::write(folder.join("manifest.json"), r#"{"likeness": [0.5, 1.0]}"#)
}
