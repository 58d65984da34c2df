//! The vectors of an index in whole numbers, in files beside it that are mapped into memory: one of texts, one of frames.
//!
//! The index is the truth: a file of another index or another model is not used, documents that came later are added from
//! the index, and those that went are left out when what was found is measured exactly. It is replaced, never changed.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::num::NonZero;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

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

/// Whole numbers are a little off: so many more than are wanted are measured exactly, at least.
const LEAST_MORE: usize = 200;

/// Vectors that are worth a thread of their own.
const PER_THREAD: usize = 100_000;

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
    let mut file = tempfile::Builder::new()
        .prefix(".vectors-")
        .tempfile_in(folder)?;
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

    /// Returns documents and files that are nearest by whole numbers; less than `wanted` only where there are no more.
    fn nearest(
        &self,
        query: &[f32],
        counts: &(dyn Fn(i64) -> bool + Sync),
        wanted: usize,
    ) -> Vec<(i64, i64)> {
        let (documents, files) = (self.documents(), self.files());
        let is_wanted = &|place: u32| files.get(place as usize).is_some_and(|file| counts(*file));
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let parts = self.count.div_ceil(PER_THREAD).clamp(1, processors);
        let each = self.count.div_ceil(parts).max(1);
        let bests: Vec<Best> = thread::scope(|scope| {
            let vectors = self.vectors().chunks(each * self.dim.max(1));
            let workers: Vec<_> = vectors
                .zip(self.scales().chunks(each))
                .zip((0_u32..).step_by(each))
                .map(|((vectors, scales), from)| {
                    scope.spawn(move || {
                        let mut best = Best::new(wanted);
                        scan(query, vectors, scales, from, is_wanted, &mut best);
                        best
                    })
                })
                .collect();
            let joined = workers
                .into_iter()
                .map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
            joined.collect()
        });
        let mut all = Best::new(wanted);
        for (similarity, place) in bests.into_iter().flat_map(Best::into_sorted) {
            all.push(similarity, place);
        }
        let places = all.into_sorted().into_iter();
        places
            .filter_map(|(_, place)| {
                let place = place as usize;
                Some((*documents.get(place)?, *files.get(place)?))
            })
            .collect()
    }

    fn scales(&self) -> &[f32] {
        bytemuck::cast_slice(self.part(self.behind() + self.count * 16, self.count * 4))
    }
}

/// Returns the files of which something of a kind is nearest to a vector, as many as are wanted, the nearest first, each
/// with what it was; measured exactly.
pub(super) fn nearest(
    db: &SemanticDb,
    kind: Kind,
    model_id: i64,
    query: &[f32],
    counts: &(dyn Fn(i64) -> bool + Sync),
    most: usize,
) -> rusqlite::Result<Vec<Found>> {
    let sidecar = Sidecar::open(db, kind, model_id, query.len())?;
    let after = sidecar.as_ref().map_or(0, |sidecar| sidecar.last_document);
    let newer = newer(db, kind, model_id, after, query, counts, most)?;
    let Some(sidecar) = sidecar else {
        return Ok(newer);
    };
    let mut wanted = most.saturating_add(LEAST_MORE.max(most / 2));
    loop {
        let candidates = sidecar.nearest(query, counts, wanted);
        let is_all = candidates.len() < wanted;
        let mut found = newer.clone();
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
        let mut files = best_of_files(found);
        if is_all || files.len() >= most {
            files.truncate(most);
            return Ok(files);
        }
        // Much of it is gone, or of a few files.
        wanted = wanted.saturating_mul(4);
    }
}

/// Returns the nearest files of what came after the vectors were written.
fn newer(
    db: &SemanticDb,
    kind: Kind,
    model_id: i64,
    after: i64,
    query: &[f32],
    counts: &dyn Fn(i64) -> bool,
    most: usize,
) -> rusqlite::Result<Vec<Found>> {
    let mut best = Best::new(most);
    let mut of_file: Option<(f32, (i64, i64))> = None;
    // What is of one file was written at once, so it lies together.
    db.each_vector(
        kind,
        model_id,
        after,
        |document, file, vector| -> rusqlite::Result<()> {
            let one = (cosine(query, &numbers(vector)), (file, document));
            match &mut of_file {
                Some(known) if known.1.0 == file => {
                    if one.0 > known.0 {
                        *known = one;
                    }
                }
                known => {
                    if let Some((score, place)) = known.replace(one)
                        && counts(place.0)
                    {
                        best.push(score, place);
                    }
                }
            }
            Ok(())
        },
    )?;
    if let Some((score, place)) = of_file
        && counts(place.0)
    {
        best.push(score, place);
    }
    let found = best.into_sorted().into_iter();
    Ok(found
        .map(|(score, (file, document))| Found {
            document,
            file,
            score: f64::from(score),
        })
        .collect())
}

/// Returns the best of each file, the nearest first.
fn best_of_files(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then(a.document.cmp(&b.document))
    });
    let mut seen = HashSet::new();
    found.retain(|found| seen.insert(found.file));
    found
}
