//! The vectors of an index in whole numbers, in files beside it that are mapped into memory: one of texts, one of frames.
//!
//! The index is the truth: a file of another index or another model is not used, documents that came later are added from
//! the index, and those that went are left out when what was found is measured exactly. It is replaced, never changed.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use videocatalog_models::nearest::{Best, cosine, quantise, scan};

use super::SemanticError;
use crate::catalog::semantic::{Found, Kind, SemanticDb, numbers};
use crate::search::index::bytes::Bytes;

const MAGIC: [u8; 8] = *b"VCVECT01";

/// Bytes before the first vector; then vectors, documents, files and scales, each from a multiple of eight.
const HEADER: usize = 128;

/// Documents that the file may lack, or have too many, before it is made again; and which part of all.
const STALE: u64 = 1_000;
const STALE_PART: u64 = 50;

/// What lies nearer than the tenth is looked for among so many times more by whole numbers.
const MORE: usize = 4;

/// A mapped file.
pub(super) struct Sidecar {
    bytes: Bytes,
    dim: usize,
    count: usize,
    last_document: i64,
}

fn path_of(db: &SemanticDb, kind: Kind) -> PathBuf {
    db.path().with_extension(match kind {
        Kind::Documents => "vectors",
        Kind::Frames => "frames",
    })
}

/// Makes the file again if it lacks much of what the index has.
pub(super) fn refresh(
    db: &SemanticDb,
    kind: Kind,
    model_id: i64,
    dim: usize,
) -> Result<(), SemanticError> {
    let failed = |source| SemanticError::Sqlite {
        path: db.path().display().to_string(),
        source,
    };
    let (count, last) = db.extent(kind).map_err(failed)?;
    if let Some(sidecar) = Sidecar::open(db, kind, model_id, dim).map_err(failed)? {
        let known = sidecar.count as u64;
        let newer = last.abs_diff(sidecar.last_document);
        let gone = (known + newer).saturating_sub(count);
        if newer + gone <= STALE.max(count / STALE_PART) {
            return Ok(());
        }
    }
    let path = path_of(db, kind);
    write(db, kind, model_id, dim, &path).map_err(|error| match error {
        WriteError::Sqlite(source) => failed(source),
        WriteError::Io(source) => SemanticError::File {
            path: path.display().to_string(),
            source,
        },
    })
}

enum WriteError {
    Sqlite(rusqlite::Error),
    Io(io::Error),
}

impl From<rusqlite::Error> for WriteError {
    fn from(source: rusqlite::Error) -> Self {
        Self::Sqlite(source)
    }
}

impl From<io::Error> for WriteError {
    fn from(source: io::Error) -> Self {
        Self::Io(source)
    }
}

fn write(
    db: &SemanticDb,
    kind: Kind,
    model_id: i64,
    dim: usize,
    path: &Path,
) -> Result<(), WriteError> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let (mut documents, mut files, mut scales) = (Vec::new(), Vec::new(), Vec::new());
    {
        let mut out = BufWriter::with_capacity(1 << 20, file.as_file_mut());
        out.write_all(&[0; HEADER])?;
        let mut whole: Vec<i8> = Vec::with_capacity(dim);
        db.each_vector(
            kind,
            model_id,
            0,
            |document, of, vector| -> Result<(), WriteError> {
                let vector = numbers(vector);
                if vector.len() == dim && documents.len() < u32::MAX as usize {
                    whole.clear();
                    scales.push(quantise(&vector, &mut whole));
                    documents.push(document);
                    files.push(of);
                    out.write_all(bytemuck::cast_slice(&whole))?;
                }
                Ok(())
            },
        )?;
        let length = documents.len() * dim;
        out.write_all(&vec![0; length.next_multiple_of(8) - length])?;
        out.write_all(bytemuck::cast_slice::<i64, u8>(&documents))?;
        out.write_all(bytemuck::cast_slice::<i64, u8>(&files))?;
        out.write_all(bytemuck::cast_slice::<f32, u8>(&scales))?;
        out.flush()?;
    }
    let header = header(
        &db.uid()?,
        model_id,
        dim,
        documents.len(),
        documents.last().copied().unwrap_or(0),
    );
    io::Seek::rewind(file.as_file_mut())?;
    file.as_file_mut().write_all(&header)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn header(uid: &str, model_id: i64, dim: usize, count: usize, last: i64) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    let whose = blake3::hash(format!("{uid} {model_id}").as_bytes());
    let parts: [&[u8]; 5] = [
        &MAGIC,
        &(dim as u64).to_le_bytes(),
        &(count as u64).to_le_bytes(),
        &last.to_le_bytes(),
        whose.as_bytes(),
    ];
    for (to, from) in header.iter_mut().zip(parts.concat()) {
        *to = from;
    }
    header
}

impl Sidecar {
    /// Maps the file of an index; `None` if there is none of this index and model.
    pub(super) fn open(
        db: &SemanticDb,
        kind: Kind,
        model_id: i64,
        dim: usize,
    ) -> rusqlite::Result<Option<Self>> {
        let Ok(bytes) = File::open(path_of(db, kind)).and_then(|file| Bytes::map(&file)) else {
            return Ok(None);
        };
        let number = |place: usize| -> Option<u64> {
            let bytes = bytes.get().get(place * 8..place * 8 + 8)?;
            Some(u64::from_le_bytes(bytes.try_into().ok()?))
        };
        let (Some(count), Some(last)) = (number(2), number(3)) else {
            return Ok(None);
        };
        let (count, last) = (usize::try_from(count).unwrap_or(0), last.cast_signed());
        let expected = header(&db.uid()?, model_id, dim, count, last);
        let length = count
            .checked_mul(dim)
            .and_then(|vectors| vectors.checked_next_multiple_of(8)?.checked_add(HEADER))
            .and_then(|vectors| count.checked_mul(20)?.checked_add(vectors));
        let is_whole = length == Some(bytes.get().len());
        let is_ours = bytes.get().get(..HEADER) == Some(&expected[..]);
        Ok((is_whole && is_ours).then_some(Self {
            bytes,
            dim,
            count,
            last_document: last,
        }))
    }

    fn part(&self, from: usize, length: usize) -> &[u8] {
        self.bytes
            .get()
            .get(from..from + length)
            .unwrap_or_default()
    }

    fn vectors(&self) -> &[i8] {
        bytemuck::cast_slice(self.part(HEADER, self.count * self.dim))
    }

    fn behind(&self) -> usize {
        HEADER + (self.count * self.dim).next_multiple_of(8)
    }

    fn documents(&self) -> &[i64] {
        bytemuck::cast_slice(self.part(self.behind(), self.count * 8))
    }

    fn files(&self) -> &[i64] {
        bytemuck::cast_slice(self.part(self.behind() + self.count * 8, self.count * 8))
    }

    fn scales(&self) -> &[f32] {
        bytemuck::cast_slice(self.part(self.behind() + self.count * 16, self.count * 4))
    }
}

/// Returns what of a kind is nearest to a vector, the nearest first, measured exactly.
pub(super) fn nearest(
    db: &SemanticDb,
    kind: Kind,
    model_id: i64,
    query: &[f32],
    counts: &dyn Fn(i64) -> bool,
    most: usize,
) -> rusqlite::Result<Vec<Found>> {
    let sidecar = Sidecar::open(db, kind, model_id, query.len())?;
    let mut candidates: Vec<(i64, i64)> = Vec::new();
    if let Some(sidecar) = &sidecar {
        let (documents, files) = (sidecar.documents(), sidecar.files());
        let mut best = Best::new(most.saturating_mul(MORE));
        let is_wanted = |place: u32| files.get(place as usize).is_some_and(|file| counts(*file));
        scan(
            query,
            sidecar.vectors(),
            sidecar.scales(),
            0,
            &is_wanted,
            &mut best,
        );
        candidates.extend(best.into_sorted().into_iter().filter_map(|(_, place)| {
            let place = place as usize;
            Some((*documents.get(place)?, *files.get(place)?))
        }));
    }
    let mut found = Vec::new();
    for (document, file) in candidates {
        // Gone since the file was made.
        if let Some(vector) = db.vector(kind, document, model_id)? {
            found.push(Found {
                document,
                file,
                score: f64::from(cosine(query, &vector)),
            });
        }
    }
    let after = sidecar.map_or(0, |sidecar| sidecar.last_document);
    let mut newer = Best::new(most);
    let mut places: Vec<(i64, i64)> = Vec::new();
    db.each_vector(
        kind,
        model_id,
        after,
        |document, file, vector| -> rusqlite::Result<()> {
            if counts(file) {
                let similarity = cosine(query, &numbers(vector));
                newer.push(similarity, u32::try_from(places.len()).unwrap_or(u32::MAX));
                places.push((document, file));
            }
            Ok(())
        },
    )?;
    found.extend(
        newer
            .into_sorted()
            .into_iter()
            .filter_map(|(score, place)| {
                let (document, file) = *places.get(place as usize)?;
                Some(Found {
                    document,
                    file,
                    score: f64::from(score),
                })
            }),
    );
    found.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then(a.document.cmp(&b.document))
    });
    found.truncate(most);
    Ok(found)
}
