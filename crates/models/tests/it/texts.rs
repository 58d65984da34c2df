//! Texts through a real sentence model.

use videocatalog_models::manifest::{Model, Role};
use videocatalog_models::nearest::cosine;
use videocatalog_models::text::sentence::Usage;
use videocatalog_models::text::{Sentence, TextEmbedder};

#[test]
fn minilm_knows_what_is_meant() {
    let Some(folder) = super::fetched("minilm") else {
        return;
    };
    let model = Model::at(&folder).unwrap().unwrap();
    assert_eq!(model.role, Role::Text);
    let mut all = Vec::new();
    for runtime in super::runtimes() {
        let session = runtime.load(&model.file).unwrap();
        let tokenizer = model.part("tokenizer.json").unwrap();
        let usage = Usage {
            most_tokens: 256,
            ..Usage::default()
        };
        let embedder =
            Sentence::new(model.id().unwrap(), vec![session], tokenizer, &usage).unwrap();
        assert_eq!(embedder.dim(), 384);
        let texts = [
            "a dog runs on the beach",
            "puppy playing by the sea",
            "quarterly tax return spreadsheet",
            "",
        ];
        let vectors = embedder
            .embed(&texts.map(str::to_owned), &|| false)
            .unwrap();
        assert!(cosine(&vectors[0], &vectors[1]) > 0.5);
        assert!(cosine(&vectors[0], &vectors[2]) < 0.2);
        // An index that was interrupted embeds other texts together, and has to end up the same.
        for (text, vector) in texts.iter().zip(&vectors) {
            let alone = embedder.embed(&[(*text).to_owned()], &|| false).unwrap();
            assert_eq!(&alone[0], vector, "{text}");
        }
        let long = "word ".repeat(100_000);
        assert_eq!(embedder.embed(&[long], &|| false).unwrap().len(), 1);
        all.push(vectors);
    }
    for other in &all[1..] {
        for (a, b) in all[0].iter().zip(other) {
            assert!(cosine(a, b) > 0.98, "{}", cosine(a, b));
        }
    }
}
