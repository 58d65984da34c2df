//! Which files are the same film or the same sound, and what says so.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde::Serialize;
use videocatalog_fingerprint::Dihedral;
use videocatalog_fingerprint::chromaprint::{self, LARGEST_SHIFT_ITEMS};
use videocatalog_fingerprint::keyframes::SCORE_THRESHOLD;
use videocatalog_fingerprint::tmk::{LEVEL1_THRESHOLD, Matcher, Tmk};

use super::sounds;
use crate::cancel::CancelToken;
use crate::catalog::signatures::SignedFile;
use crate::settings::Fingerprints;

/// Films whose lengths differ by more are not the same film: by a tenth, and by ten seconds of short ones.
const LONGER_BY: f64 = 0.1;
const LONGER_BY_S: f64 = 10.0;

/// Below this the sound does not count: two films with the same music are not the same film.
const LEAST_VIDEO: f64 = 0.5;

/// Items of a sound that say something; with fewer it counts as silent.
const FEWEST_TELLING: usize = 24;

/// What speaks for a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// The same bytes.
    Exact,
    /// Picture and sound.
    Consensus,
    /// The picture.
    Video,
    /// The sound.
    Audio,
}

impl Reason {
    /// Returns its name, as it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Consensus => "consensus",
            Self::Video => "video",
            Self::Audio => "audio",
        }
    }
}

/// What speaks for two files being the same, each from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// What decided.
    pub reason: Reason,
    /// All together.
    pub score: f64,
    /// By the signatures of keyframes.
    pub keyframes: Option<f64>,
    /// By TMK.
    pub tmk: Option<f64>,
    /// By the sound: 1 minus the share of bits that differ.
    pub sound: Option<f64>,
    /// How one has to be laid to look like the other, if not as it is.
    pub laid: Option<&'static str>,
    /// By how many seconds the second sound begins later.
    pub shift_s: Option<f64>,
}

impl Evidence {
    /// Returns it in words.
    pub fn words(&self) -> String {
        if self.reason == Reason::Exact {
            return "the same bytes".into();
        }
        let scores = [
            ("keyframes", self.keyframes),
            ("TMK", self.tmk),
            ("sound", self.sound),
        ];
        let mut words: Vec<String> = scores
            .iter()
            .filter_map(|(name, score)| Some(format!("{name} {:.2}", (*score)?)))
            .collect();
        words.extend(self.laid.map(|way| format!("laid {way}")));
        format!("{}: {}", self.reason.name(), words.join(", "))
    }

    /// Returns that of the same bytes.
    pub(super) const fn exact() -> Self {
        Self {
            reason: Reason::Exact,
            score: 1.0,
            keyframes: None,
            tmk: None,
            sound: None,
            laid: None,
            shift_s: None,
        }
    }
}

/// From when on a pair counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Score of TMK, and of picture and sound together.
    pub video: f64,
    /// Share of a sound's bits that may differ.
    pub sound: f64,
    /// Whether picture and sound are judged together.
    pub consensus: bool,
    /// The picture's share in that.
    pub video_weight: f64,
}

impl Thresholds {
    /// Returns those of the settings.
    pub fn from_settings(settings: &Fingerprints) -> Self {
        Self {
            video: settings.tmk_similarity_threshold,
            sound: settings.chroma_match_threshold,
            consensus: settings.consensus_enabled,
            video_weight: settings.consensus_video_weight,
        }
    }
}

/// A pair that counts: places among the files, the first below the second.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pair {
    pub(super) one: usize,
    pub(super) other: usize,
    pub(super) evidence: Evidence,
}

/// Reads the TMK signature of a file by its place.
pub(super) type ReadTmk<'r> = dyn Fn(usize) -> Option<Tmk> + 'r;

/// Returns the pairs among some files that count. `None` if it was cancelled.
pub(super) fn find(
    files: &[&SignedFile],
    thresholds: &Thresholds,
    read_tmk: &ReadTmk<'_>,
    cancel: &CancelToken,
) -> Option<Vec<Pair>> {
    let mut candidates = seen_alike(files, cancel);
    let audible = files
        .iter()
        .enumerate()
        .filter_map(|(place, file)| Some((place, audible(file)?)));
    candidates.extend(sounds::candidates(audible));
    candidates.sort_unstable();
    candidates.dedup();
    let mut matcher = Matcher::new();
    let mut pairs = Vec::new();
    // Candidates come by their first file, whose signature is read once.
    let mut held: Option<(usize, Option<Tmk>)> = None;
    for (one, other) in candidates {
        if cancel.is_cancelled() {
            return None;
        }
        let (Some(a), Some(b)) = (files.get(one), files.get(other)) else {
            continue;
        };
        let tmk = if a.has_tmk && b.has_tmk {
            if held.as_ref().is_none_or(|(place, _)| *place != one) {
                held = Some((one, read_tmk(one)));
            }
            let first = held.as_ref().and_then(|(_, tmk)| tmk.as_ref());
            first
                .zip(read_tmk(other).as_ref())
                .and_then(|(first, second)| tmk_score(first, second, &mut matcher))
        } else {
            None
        };
        if let Some(evidence) = judge(a, b, tmk, thresholds) {
            pairs.push(Pair {
                one,
                other,
                evidence,
            });
        }
    }
    Some(pairs)
}

/// Returns the sound of a file, unless it says nothing.
fn audible(file: &SignedFile) -> Option<&chromaprint::Fingerprint> {
    file.sound
        .as_ref()
        .filter(|sound| sound.telling_items() >= FEWEST_TELLING)
}

/// Returns pairs of films of similar length whose keyframes look alike, however they lie.
fn seen_alike(files: &[&SignedFile], cancel: &CancelToken) -> Vec<(usize, usize)> {
    let mut films: Vec<(f64, usize)> = files
        .iter()
        .enumerate()
        .filter(|(_, file)| is_telling(file))
        .map(|(place, file)| (file.duration_s.unwrap_or(0.0), place))
        .collect();
    films.sort_by(|one, other| one.0.total_cmp(&other.0));
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut found = Vec::new();
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some((length, place)) = films.get(index).copied() else {
                            return found;
                        };
                        if cancel.is_cancelled() {
                            return found;
                        }
                        let longest = (length * (1.0 + LONGER_BY)).max(length + LONGER_BY_S);
                        let near = films
                            .iter()
                            .skip(index + 1)
                            .take_while(|(other, _)| *other <= longest);
                        let near = near.map(|(_, other)| *other);
                        look(files, place, near, &mut found);
                    }
                })
            })
            .collect();
        let found = workers.into_iter().map(thread::ScopedJoinHandle::join);
        found.flatten().flatten().collect()
    })
}

fn look(
    files: &[&SignedFile],
    place: usize,
    near: impl Iterator<Item = usize>,
    found: &mut Vec<(usize, usize)>,
) {
    let Some(signature) = files.get(place).and_then(|file| file.keyframes.as_ref()) else {
        return;
    };
    let ways = Dihedral::ALL.map(|way| signature.laid(way));
    for other in near {
        let Some(beside) = files.get(other).and_then(|file| file.keyframes.as_ref()) else {
            continue;
        };
        let is_alike = ways
            .iter()
            .any(|way| beside.score_of_vector(way) >= SCORE_THRESHOLD);
        if is_alike {
            found.push((place.min(other), place.max(other)));
        }
    }
}

/// Blank and standing pictures are like each other whatever they are of.
fn is_telling(file: &SignedFile) -> bool {
    file.keyframes
        .as_ref()
        .is_some_and(|signature| !signature.is_blank() && !signature.is_static())
}

fn tmk_score(one: &Tmk, other: &Tmk, matcher: &mut Matcher) -> Option<f64> {
    if one.is_blank() || other.is_blank() {
        return None;
    }
    let first = one.level1(other).ok()?;
    if first < LEVEL1_THRESHOLD {
        return Some(0.0);
    }
    matcher
        .level2(one, other)
        .ok()
        .map(|second| f64::from(second.score))
}

/// Returns what speaks for a pair, if that is enough.
fn judge(
    one: &SignedFile,
    other: &SignedFile,
    tmk: Option<f64>,
    thresholds: &Thresholds,
) -> Option<Evidence> {
    let telling = is_telling(one) && is_telling(other);
    let signatures = one.keyframes.as_ref().zip(other.keyframes.as_ref());
    let seen = signatures
        .filter(|_| telling)
        .map(|(one, other)| one.best_score(other));
    let keyframes = seen.map(|(score, _)| f64::from(score).clamp(0.0, 1.0));
    let laid = seen
        .map(|(_, way)| way)
        .filter(|way| *way != Dihedral::Identity)
        .map(Dihedral::name);
    let heard = audible(one)
        .zip(audible(other))
        .and_then(|(one, other)| chromaprint::compare(one, other, LARGEST_SHIFT_ITEMS));
    let sound = heard.map(|heard| 1.0 - heard.bit_error_rate);
    let is_heard = heard.is_some_and(|heard| heard.bit_error_rate <= thresholds.sound);
    let video = keyframes.into_iter().chain(tmk).reduce(f64::max);
    let is_seen = keyframes.is_some_and(|score| score >= f64::from(SCORE_THRESHOLD))
        || tmk.is_some_and(|score| score >= thresholds.video);
    let together = video.zip(sound).map(|(video, sound)| {
        thresholds.video_weight * video + (1.0 - thresholds.video_weight) * sound
    });
    let is_film = one.is_video && other.is_video;
    let (reason, score) = match (video, together) {
        (Some(_), Some(together)) if is_film && is_seen && is_heard && thresholds.consensus => {
            (Reason::Consensus, together)
        }
        (Some(video), _) if is_film && is_seen => (Reason::Video, video),
        (Some(video), Some(together))
            if is_film
                && thresholds.consensus
                && is_heard
                && video >= LEAST_VIDEO
                && together >= thresholds.video =>
        {
            (Reason::Consensus, together)
        }
        // Of two films the picture decides.
        _ if !is_film && is_heard => (Reason::Audio, sound?),
        _ => return None,
    };
    Some(Evidence {
        reason,
        score,
        keyframes,
        tmk,
        sound,
        laid: laid.filter(|_| is_seen),
        shift_s: heard.filter(|_| is_heard).map(|heard| heard.shift_s()),
    })
}
