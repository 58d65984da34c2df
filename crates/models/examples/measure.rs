//! How fast models run and vectors are searched, on one thread: what `scripts/bench/models` compares with other programs.
//!
//! Usage: measure MOBILENET.onnx LIBRARY|- VECTORS

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use image::RgbImage;
use videocatalog_models::nearest::{Best, cosine, quantise, scan};
use videocatalog_models::normalise;
use videocatalog_models::picture::{PictureEmbedder, Preprocessing};
use videocatalog_models::runtime::onnx::Library;
use videocatalog_models::runtime::{Provider, Runtime};
use videocatalog_testkit::random::Random;

const DIM: usize = 384;
const QUERIES: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, library, vectors] = arguments.as_slice() else {
        return Err("MOBILENET.onnx LIBRARY|- VECTORS".into());
    };
    let mut runtimes = vec![Runtime::embedded(1)];
    if library != "-" {
        let library = Library::open(&Path::new(library).canonicalize()?)?;
        runtimes.push(Runtime::onnx(library, Provider::Cpu, 1));
    }
    for runtime in runtimes {
        pictures(&runtime, Path::new(model))?;
    }
    search(vectors.parse()?);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what it is for")]
fn pictures(runtime: &Runtime, model: &Path) -> Result<(), Box<dyn Error>> {
    const PICTURES: u32 = 200;
    let session = runtime.load(model)?;
    let embedder = PictureEmbedder::new(vec![session], Preprocessing::default())?;
    // The size that needs no resizing, as the peer does none.
    let picture = [RgbImage::from_pixel(224, 224, image::Rgb([90, 120, 30]))];
    embedder.embed(&picture, &|| false)?;
    let began = Instant::now();
    for _ in 0..PICTURES {
        embedder.embed(&picture, &|| false)?;
    }
    let each = f64::from(PICTURES) / began.elapsed().as_secs_f64();
    println!("mobilenet {}: {each:.0} pictures/s", runtime.describe());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what it is for")]
#[expect(clippy::cast_precision_loss, reason = "figures of a few digits")]
fn search(count: usize) {
    let mut random = Random::new(7);
    let mut vector = || -> Vec<f32> {
        let mut vector: Vec<f32> = (0..DIM)
            .map(|_| random.below(1 << 20) as f32 / f32::from(1_u16 << 15) - 16.0)
            .collect();
        let _random_numbers_have_a_length = normalise(&mut vector);
        vector
    };
    let vectors: Vec<Vec<f32>> = (0..count).map(|_| vector()).collect();
    let queries: Vec<Vec<f32>> = (0..QUERIES).map(|_| vector()).collect();
    let began = Instant::now();
    let mut whole = Vec::with_capacity(count * DIM);
    let scales: Vec<f32> = vectors
        .iter()
        .map(|vector| quantise(vector, &mut whole))
        .collect();
    let built = began.elapsed();
    let (mut took, mut right) = (0.0, 0);
    for query in &queries {
        let began = Instant::now();
        let mut best = Best::new(40);
        scan(query, &whole, &scales, 0, &|_| true, &mut best);
        let mut found: Vec<(f32, u32)> = best
            .into_sorted()
            .into_iter()
            .filter_map(|(_, place)| Some((cosine(query, vectors.get(place as usize)?), place)))
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        took += began.elapsed().as_secs_f64();
        let mut exact: Vec<(f32, u32)> = (0..)
            .zip(&vectors)
            .map(|(place, vector)| (cosine(query, vector), place))
            .collect();
        exact.sort_by(|a, b| b.0.total_cmp(&a.0));
        let wanted: Vec<u32> = exact.iter().take(10).map(|(_, place)| *place).collect();
        right += found
            .iter()
            .take(10)
            .filter(|(_, place)| wanted.contains(place))
            .count();
    }
    println!(
        "search {count} x {DIM}: {:.2} ms a query, recall@10 {:.3}, built in {:.2} s, {} MB",
        took * 1_000.0 / QUERIES as f64,
        right as f64 / (QUERIES * 10) as f64,
        built.as_secs_f64(),
        (whole.len() + scales.len() * 4) >> 20
    );
}
