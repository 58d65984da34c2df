//! Texts into vectors: a sentence model, a table of words, or what is built in.

mod hashed;
pub mod sentence;
mod table;
pub mod words;

pub use self::hashed::Hashed;
pub use self::sentence::Sentence;
pub use self::table::Table;
use crate::runtime::ModelError;

/// Turns texts into vectors.
pub trait TextEmbedder: Send + Sync {
    /// Returns what is written beside each vector: another one, and the vectors cannot be compared.
    fn id(&self) -> &str;

    /// Returns how many numbers a vector has.
    fn dim(&self) -> usize;

    /// Returns a vector of length one for each text; zeros where a text says nothing.
    ///
    /// # Errors
    /// When a model fails, gives something that is no vector, or is stopped.
    fn embed(
        &self,
        texts: &[String],
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, ModelError>;

    /// Returns the vector of what is looked for. `rarity` says of a word how much it tells, 0 to 1.
    ///
    /// # Errors
    /// As [`Self::embed`].
    fn embed_query(
        &self,
        text: &str,
        rarity: &dyn Fn(&str) -> f32,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Vec<f32>, ModelError> {
        let _ = rarity;
        first(self.embed(&[text.to_owned()], is_stopped)?)
    }
}

/// Returns the only vector of one text.
fn first(vectors: Vec<Vec<f32>>) -> Result<Vec<f32>, ModelError> {
    let first = vectors.into_iter().next();
    first.ok_or_else(|| ModelError::Output("nothing".into()))
}

/// Embeds one text after the other.
fn each(
    texts: &[String],
    is_stopped: &dyn Fn() -> bool,
    embed: impl Fn(&str) -> Result<Vec<f32>, ModelError>,
) -> Result<Vec<Vec<f32>>, ModelError> {
    let embedded = texts.iter().map(|text| {
        if is_stopped() {
            return Err(ModelError::Stopped);
        }
        embed(text)
    });
    embedded.collect()
}
