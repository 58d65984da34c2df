use std::path::Path;
use std::time::Instant;
use videocatalog_models::runtime::onnx::Library;
use videocatalog_models::runtime::{Provider, Runtime};
use videocatalog_models::text::sentence::Usage;
use videocatalog_models::text::{Sentence, TextEmbedder};
fn main() {
    let folder = std::env::args().nth(1).unwrap();
    let folder = Path::new(&folder);
    let lines: Vec<String> = std::fs::read_to_string("scripts/bench/retrieval.tsv")
        .unwrap()
        .lines()
        .map(|l| l.replace('\t', " "))
        .take(256)
        .collect();
    let lib = Library::open(&folder.join("libonnxruntime.so").canonicalize().unwrap()).unwrap();
    for runtime in [Runtime::embedded(1), Runtime::onnx(lib, Provider::Cpu, 1)] {
        let session = runtime
            .load(&folder.join("minilm/model.onnx").canonicalize().unwrap())
            .unwrap();
        let usage = Usage {
            most_tokens: 256,
            ..Usage::default()
        };
        let s = Sentence::new(
            "x".into(),
            vec![session],
            &folder.join("minilm/tokenizer.json"),
            &usage,
        )
        .unwrap();
        let t = Instant::now();
        let batch = s.embed(&lines, &|| false).unwrap();
        let b = t.elapsed().as_secs_f64();
        let t = Instant::now();
        let single: Vec<Vec<f32>> = lines
            .iter()
            .map(|l| {
                s.embed(std::slice::from_ref(l), &|| false)
                    .unwrap()
                    .pop()
                    .unwrap()
            })
            .collect();
        let o = t.elapsed().as_secs_f64();
        let worst = batch
            .iter()
            .zip(&single)
            .map(|(a, b)| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>())
            .fold(1.0_f32, f32::min);
        let same = batch.iter().zip(&single).filter(|(a, b)| a == b).count();
        println!(
            "{} batch {:.0}/s single {:.0}/s worst cosine {worst} same {same}/{}",
            runtime.describe(),
            lines.len() as f64 / b,
            lines.len() as f64 / o,
            lines.len()
        );
    }
}
