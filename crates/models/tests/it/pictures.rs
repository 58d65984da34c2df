//! Pictures through models.

use image::RgbImage;
use videocatalog_models::nearest::cosine;
use videocatalog_models::picture::{PictureEmbedder, Preprocessing};
use videocatalog_models::runtime::onnx::Library;
use videocatalog_models::runtime::{Provider, Runtime};
use videocatalog_testkit::onnx;

fn embedder(runtime: &Runtime, bytes: &[u8]) -> Result<PictureEmbedder, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    fs_err::write(&path, bytes).unwrap();
    let session = runtime.load(&path).map_err(|error| error.to_string())?;
    PictureEmbedder::new(vec![session], Preprocessing::default()).map_err(|error| error.to_string())
}

fn low(number: u32) -> u8 {
    let [low, ..] = number.to_le_bytes();
    low
}

fn pictures() -> Vec<RgbImage> {
    vec![
        RgbImage::from_pixel(64, 64, image::Rgb([250, 10, 10])),
        RgbImage::from_fn(640, 360, |x, y| image::Rgb([low(x), low(y), 128])),
        RgbImage::from_fn(100, 300, |x, y| image::Rgb([0, low(x ^ y), low(y)])),
    ]
}

#[test]
fn both_runtimes_give_the_same_vectors_of_the_true_architecture() {
    let bytes = onnx::mobilenet_v3_small(7);
    let mut all = Vec::new();
    for runtime in super::runtimes() {
        let embedder = embedder(&runtime, &bytes).unwrap();
        assert_eq!(embedder.provider(), Provider::Cpu);
        let together = embedder.embed(&pictures(), &|| false).unwrap();
        let alone = embedder.embed(&pictures()[1..2], &|| false).unwrap();
        assert!(together.iter().all(|vector| vector.len() == 1_024));
        assert!(cosine(&together[1], &alone[0]) > 0.999_99);
        assert!(cosine(&together[0], &together[1]) < 0.999);
        all.push(together);
    }
    for other in &all[1..] {
        for (a, b) in all[0].iter().zip(other) {
            assert!(cosine(a, b) > 0.999_99);
        }
    }
}

#[test]
fn the_vector_is_of_the_picture() {
    for runtime in super::runtimes() {
        let embedder = embedder(&runtime, &onnx::mean_color()).unwrap();
        let vectors = embedder.embed(&pictures(), &|| false).unwrap();
        // Nearly pure red, as the model sees it: 2.15, -1.86, -1.63 before it gets length one.
        let [red, green, blue] = vectors[0].as_slice() else {
            panic!("{:?}", vectors[0]);
        };
        assert!((*red - 0.656).abs() < 0.01, "{red} {green} {blue}");
        assert!(*green < -0.5 && *blue < -0.45, "{red} {green} {blue}");
    }
}

#[test]
fn broken_models_are_refused_and_nothing_breaks() {
    let good = onnx::mobilenet_v3_small(7);
    for runtime in super::runtimes() {
        let check = |bytes: &[u8], part: &str| {
            let error = embedder(&runtime, bytes).map(|_| ()).unwrap_err();
            assert!(error.contains(part), "{error}");
        };
        check(b"", "not a usable model");
        check(b"PK\x03\x04 no model", "not a usable model");
        check(&good[..good.len() / 2], "not a usable model");
        check(&onnx::of_something_else(), "no place for a picture");
        // NaNs come out only when it runs.
        let nans = embedder(&runtime, &onnx::not_a_number()).unwrap();
        let error = nans.embed(&pictures(), &|| false).unwrap_err();
        assert!(error.to_string().contains("NaN"), "{error}");
        let stopped = nans.embed(&pictures(), &|| true);
        assert!(stopped.is_err());
    }
}

#[test]
fn damage_anywhere_breaks_no_more_than_the_model() {
    let good = onnx::mean_color();
    for runtime in super::runtimes() {
        for place in 0..good.len() {
            for value in [0x00, 0x7f, 0xff] {
                let mut bytes = good.clone();
                bytes[place] = value;
                if let Ok(embedder) = embedder(&runtime, &bytes) {
                    drop(embedder.embed(&pictures()[..1], &|| false));
                }
            }
        }
    }
}

#[test]
fn what_is_no_library_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("libonnxruntime.so");
    fs_err::write(&path, b"no library").unwrap();
    assert!(Library::open(std::path::Path::new("libonnxruntime.so")).is_err());
    let missing = Library::open(&folder.path().join("missing.so"));
    assert!(missing.unwrap_err().to_string().contains("cannot be used"));
}
