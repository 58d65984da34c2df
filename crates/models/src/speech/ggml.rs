//! Looks through a model of whisper.cpp before that does: its own loader ends the program where a file is damaged.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use crate::runtime::ModelError;

/// "ggml", as it stands at the beginning.
const MAGIC: u32 = 0x6767_6d6c;

/// Whisper's vocabulary where it knows English alone; one more word and it knows many languages.
const ENGLISH_VOCABULARY: u32 = 51_864;

/// How many bytes hold how many numbers, by ggml's number of the type.
const TYPES: [(u32, u64, u64); 14] = [
    (0, 4, 1),
    (1, 2, 1),
    (2, 18, 32),
    (3, 20, 32),
    (6, 22, 32),
    (7, 24, 32),
    (8, 34, 32),
    (10, 84, 256),
    (11, 110, 256),
    (12, 144, 256),
    (13, 176, 256),
    (14, 210, 256),
    (15, 292, 256),
    (30, 2, 1),
];

/// What a model says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Whether it knows other languages than English.
    pub is_multilingual: bool,
    /// Layers of its encoder: 4 is tiny, 32 is large.
    pub layers: u32,
}

/// Reads what a model says of itself, and follows its parts to its end.
///
/// # Errors
/// When it cannot be read, or is no whole model.
pub fn read(path: &Path) -> Result<Header, ModelError> {
    let failed = |source| ModelError::Read {
        path: path.to_path_buf(),
        source,
    };
    let file = fs_err::File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    if length > crate::runtime::MOST_BYTES {
        return Err(ModelError::TooLarge {
            path: path.to_path_buf(),
            size_bytes: length,
        });
    }
    let mut reader = Reader {
        file: BufReader::new(file),
        at: 0,
        length,
    };
    reader.model().map_err(|error| match error {
        Wrong::Said(message) => ModelError::Unusable {
            path: path.to_path_buf(),
            message,
        },
        Wrong::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => ModelError::Unusable {
            path: path.to_path_buf(),
            message: format!("it is cut off after {length} bytes"),
        },
        Wrong::Io(source) => failed(source),
    })
}

enum Wrong {
    Io(io::Error),
    Said(String),
}

impl From<io::Error> for Wrong {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

struct Reader {
    file: BufReader<fs_err::File>,
    at: u64,
    length: u64,
}

impl Reader {
    fn model(&mut self) -> Result<Header, Wrong> {
        let magic = self.number()?;
        if magic != MAGIC {
            return Err(said("it is no ggml file of whisper.cpp"));
        }
        let vocabulary = self.within("words", 51_000..=52_000)?;
        self.within("sounds", 1_500..=1_500)?;
        let mut layers = 0;
        for side in ["sound", "text"] {
            if side == "text" {
                self.within("text", 448..=448)?;
            }
            let state = self.within("state", 64..=4_096)?;
            let heads = self.within("heads", 1..=state / 16)?;
            if state % heads != 0 {
                return Err(said("its heads do not divide its state"));
            }
            let found = self.within("layers", 1..=64)?;
            layers = layers.max(found);
        }
        let bands = self.within("bands", 80..=128)?;
        // How weights are stored: thousands tell the version of the quantisation.
        self.within("type", 0..=4_000)?;
        if self.number()? != bands {
            return Err(said("its filters do not fit its bands"));
        }
        let columns = self.within("columns", 201..=201)?;
        self.skip(u64::from(bands) * u64::from(columns) * 4)?;
        for _ in 0..self.within("tokens", 1..=vocabulary)? {
            let bytes = self.within("token", 0..=1_024)?;
            self.skip(u64::from(bytes))?;
        }
        let mut tensors = 0_u32;
        while self.at < self.length {
            self.tensor()?;
            tensors += 1;
        }
        if tensors < layers * 10 {
            return Err(said("it is cut off: parts of it are missing"));
        }
        Ok(Header {
            is_multilingual: vocabulary > ENGLISH_VOCABULARY,
            layers,
        })
    }

    fn tensor(&mut self) -> Result<(), Wrong> {
        let dimensions = self.within("dimensions", 1..=4)?;
        let name = self.within("name", 1..=256)?;
        let kind = self.number()?;
        let mut numbers = 1_u64;
        for _ in 0..dimensions {
            numbers *= u64::from(self.within("side", 1..=1 << 17)?);
        }
        let (_, bytes, per) = TYPES
            .into_iter()
            .find(|(number, ..)| *number == kind)
            .ok_or_else(|| {
                said(format!(
                    "it has numbers of a kind ({kind}) that is not known"
                ))
            })?;
        self.skip(u64::from(name) + numbers.div_ceil(per) * bytes)
    }

    fn number(&mut self) -> Result<u32, Wrong> {
        let mut bytes = [0; 4];
        self.file.read_exact(&mut bytes)?;
        self.at += 4;
        Ok(u32::from_le_bytes(bytes))
    }

    fn within(&mut self, what: &str, range: std::ops::RangeInclusive<u32>) -> Result<u32, Wrong> {
        let number = self.number()?;
        if !range.contains(&number) {
            return Err(said(format!(
                "it is damaged or no model of Whisper ({what}: {number})"
            )));
        }
        Ok(number)
    }

    fn skip(&mut self, bytes: u64) -> Result<(), Wrong> {
        self.at += bytes;
        if self.at > self.length {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        match i64::try_from(bytes) {
            // Stays within the buffer where that is possible.
            Ok(bytes) => self.file.seek_relative(bytes)?,
            Err(_) => drop(self.file.seek(SeekFrom::Start(self.at))?),
        }
        Ok(())
    }
}

fn said(message: impl Into<String>) -> Wrong {
    Wrong::Said(message.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that is built as a model is, with next to nothing in it.
    fn model() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut put = |numbers: &[u32]| {
            for number in numbers {
                bytes.extend_from_slice(&number.to_le_bytes());
            }
        };
        put(&[
            MAGIC, 51_864, 1_500, 384, 6, 1, 448, 384, 6, 1, 80, 1, 80, 201,
        ]);
        put(&vec![0; 80 * 201]);
        put(&[
            2,
            4,
            u32::from_le_bytes(*b"word"),
            4,
            u32::from_le_bytes(*b"more"),
        ]);
        for _ in 0..10 {
            put(&[
                2,
                4,
                1,
                6,
                2,
                u32::from_le_bytes(*b"name"),
                0,
                0,
                0,
                0,
                0,
                0,
            ]);
        }
        bytes
    }

    fn tried(bytes: &[u8]) -> Result<Header, ModelError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs_err::write(file.path(), bytes).unwrap();
        read(file.path())
    }

    #[test]
    fn a_model_that_is_cut_off_or_damaged_is_refused_before_it_is_loaded() {
        let whole = model();
        let header = tried(&whole).unwrap();
        assert!(!header.is_multilingual && header.layers == 1);
        for length in (0..whole.len()).step_by(37) {
            let error = tried(&whole[..length]).unwrap_err();
            assert!(
                matches!(error, ModelError::Unusable { .. }),
                "{length}: {error}"
            );
        }
        for (at, number) in [(1, 7), (2, u32::MAX), (5, 1 << 20), (10, 0)] {
            let mut damaged = whole.clone();
            damaged[at * 4..at * 4 + 4].copy_from_slice(&u32::to_le_bytes(number));
            assert!(tried(&damaged).is_err(), "{at}");
        }
        assert!(tried(b"GGUF").is_err());
        assert!(read(Path::new("/nowhere")).is_err());
    }
}
