//! Comparing what is new with everything, and keeping what was measured: each pair of contents is measured once.
//!
//! Contents are taken in portions; what was measured of one is written with it, so that a run may end anywhere and the next
//! goes on.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rusqlite::Connection;
use videocatalog_fingerprint::Dihedral;
use videocatalog_fingerprint::chromaprint::{self, Fingerprint, LARGEST_SHIFT_ITEMS};
use videocatalog_fingerprint::timeline::{self, Timeline};
use videocatalog_fingerprint::tmk::{LEVEL1_THRESHOLD, Matcher, Tmk};

use super::films::Films;
use super::items::{Item, Items, is_part_length};
use super::library::Library;
use super::pairs::{Thresholds, judge};
use super::sounds::Sounds;
use super::{Job, parts};
use crate::catalog::candidates::{self, Candidate, Measured, Part, ordered};
use crate::catalog::signatures;

/// New contents that are compared before what came of it is written.
const PORTION: usize = 512;

/// TMK signatures that are held, a quarter of a megabyte each.
const MOST_SIGNATURES: usize = 128;

/// Share of a sound's items that must be in the longer one, for it to be a part of that.
const LEAST_PART: f64 = 0.8;

/// What is known of pairs.
pub(super) struct Matches {
    pub(super) candidates: Vec<Candidate>,
    /// Contents that were compared now.
    pub(super) newly: u64,
    /// Contents that were not compared, as that was not wanted.
    pub(super) left: u64,
}

/// Why nothing can be said.
#[derive(Debug)]
pub(super) enum MatchError {
    Cancelled,
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for MatchError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Returns the pairs among the contents of a library, after comparing those that were not yet, unless the job says not to.
/// Where the catalogue cannot be written, what comes of that is forgotten.
pub(super) fn matches(
    catalog: &Connection,
    library: &Library<'_>,
    thresholds: &Thresholds,
    job: &Job<'_>,
) -> Result<Matches, MatchError> {
    let compared = candidates::compared(catalog)?;
    let is_new: Vec<bool> = library
        .contents
        .iter()
        .map(|content| compared.get(&content.key) != Some(&content.stamp))
        .collect();
    let news = is_new.iter().filter(|is_new| **is_new).count() as u64;
    let mut known = candidates::all(catalog)?;
    if news == 0 || !job.compares {
        return Ok(Matches {
            candidates: known,
            newly: 0,
            left: news,
        });
    }
    let changed: HashSet<&str> = library
        .contents
        .iter()
        .zip(&is_new)
        .filter(|(_, is_new)| **is_new)
        .map(|(content, _)| content.key.as_str())
        .collect();
    known.retain(|pair| !changed.contains(&*pair.a) && !changed.contains(&*pair.b));
    let items = Items::read(library, &is_new)?;
    let finder = Finder::new(&items);
    let mut store = Store::of(catalog, job);
    if library.unread.is_empty() {
        let keys = library.contents.iter().map(|content| &*content.key);
        let there: HashSet<&str> = keys.collect();
        let all = compared.keys().map(String::as_str);
        store.prune(&all.filter(|key| !there.contains(key)).collect::<Vec<_>>())?;
    }
    let mut meter = Meter::new(library, &items);
    let mut seen: HashSet<usize> = HashSet::new();
    let mut place = items.known;
    while place < items.all.len() {
        let portion = place..items.all.len().min(place + PORTION);
        (job.tell)((place - items.known) as u64, news);
        let pairs = finder.pairs(portion.clone(), job)?;
        let mut found = Vec::new();
        for (one, other) in pairs {
            if job.cancel.is_cancelled() {
                return Err(MatchError::Cancelled);
            }
            found.extend(meter.measure(one, other)?);
        }
        let done: Vec<usize> = portion
            .clone()
            .filter_map(|place| items.all.get(place).map(|item| item.content))
            .collect();
        seen.extend(&done);
        store.save(library, &done, &found, thresholds)?;
        known.extend(found);
        meter.forget();
        place = portion.end;
    }
    // Of these no fingerprint could be read: there is nothing to compare.
    let all = is_new.iter().enumerate();
    let rest: Vec<usize> = all
        .filter(|(content, is_new)| **is_new && !seen.contains(content))
        .map(|(content, _)| content)
        .collect();
    store.save(library, &rest, &[], thresholds)?;
    Ok(Matches {
        candidates: known,
        newly: news,
        left: 0,
    })
}

/// Where results are kept, if they can be.
struct Store<'c> {
    catalog: &'c Connection,
    now_utc: &'c str,
    is_writable: bool,
}

impl<'c> Store<'c> {
    fn of(catalog: &'c Connection, job: &Job<'c>) -> Self {
        Self {
            catalog,
            now_utc: job.now_utc,
            is_writable: catalog.is_readonly("main").is_ok_and(|is| !is),
        }
    }

    fn save(
        &mut self,
        library: &Library<'_>,
        contents: &[usize],
        found: &[Candidate],
        thresholds: &Thresholds,
    ) -> Result<(), MatchError> {
        let contents: Vec<(&str, &str)> = contents
            .iter()
            .filter_map(|content| library.contents.get(*content))
            .map(|content| (&*content.key, &*content.stamp))
            .collect();
        let found: Vec<_> = found
            .iter()
            .map(|candidate| {
                let verdict = judge(&candidate.measured, thresholds);
                let verdict = verdict.map(|found| (found.score, found.reason.name()));
                (candidate, verdict)
            })
            .collect();
        self.write(|catalog, now_utc| candidates::save(catalog, &contents, &found, now_utc))
    }

    fn prune(&mut self, gone: &[&str]) -> Result<(), MatchError> {
        self.write(|catalog, _| candidates::prune(catalog, gone))
    }

    /// A catalogue that is busy or read-only keeps nothing: what was found is right all the same.
    fn write(
        &mut self,
        write: impl FnOnce(&Connection, &str) -> rusqlite::Result<()>,
    ) -> Result<(), MatchError> {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked, DiskFull, ReadOnly};
        if !self.is_writable {
            return Ok(());
        }
        match write(self.catalog, self.now_utc) {
            Err(error) => match error.sqlite_error_code() {
                Some(DatabaseBusy | DatabaseLocked | DiskFull | ReadOnly) => {
                    self.is_writable = false;
                    Ok(())
                }
                _ => Err(error.into()),
            },
            Ok(()) => Ok(()),
        }
    }
}

/// Finds which pairs are worth measuring.
struct Finder<'i> {
    films: Films<'i>,
    sounds: Sounds<'i>,
    /// Of each item, those before it of which it may be a part, or which may be parts of it.
    parts: HashMap<usize, Vec<usize>>,
}

impl<'i> Finder<'i> {
    fn new(items: &'i Items) -> Self {
        let mut of_parts: HashMap<usize, Vec<usize>> = HashMap::new();
        for (part, whole) in parts::candidates(items) {
            let (before, after) = (part.min(whole), part.max(whole));
            of_parts.entry(after).or_default().push(before);
        }
        let keys = items.all.iter().map(|item| item.sound_keys.as_slice());
        Self {
            films: Films::new(items),
            sounds: Sounds::new(keys.collect()),
            parts: of_parts,
        }
    }

    /// Returns, for a portion of the items, the pairs with those before: the one before first.
    fn pairs(
        &self,
        portion: std::ops::Range<usize>,
        job: &Job<'_>,
    ) -> Result<Vec<(usize, usize)>, MatchError> {
        let next = AtomicUsize::new(portion.start);
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let work = || {
            let mut found = Vec::new();
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                if place >= portion.end || job.cancel.is_cancelled() {
                    return found;
                }
                let mut others = self.films.like(place);
                others.extend(self.sounds.like(place));
                others.extend(self.parts.get(&place).into_iter().flatten());
                found.extend(others.into_iter().map(|other| (other, place)));
            }
        };
        let mut pairs: Vec<(usize, usize)> = thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let found = workers.into_iter().map(thread::ScopedJoinHandle::join);
            found.flatten().flatten().collect()
        });
        if job.cancel.is_cancelled() {
            return Err(MatchError::Cancelled);
        }
        pairs.sort_unstable();
        pairs.dedup();
        Ok(pairs)
    }
}

/// Measures pairs. What is too large to be held of all is read when it is needed, and held for a portion.
struct Meter<'l> {
    stock: &'l Library<'l>,
    items: &'l Items,
    matcher: Matcher,
    sounds: Held<Fingerprint>,
    timelines: Held<Timeline>,
    signatures: Held<Tmk>,
}

impl<'l> Meter<'l> {
    fn new(library: &'l Library<'l>, items: &'l Items) -> Self {
        Self {
            stock: library,
            items,
            matcher: Matcher::new(),
            sounds: HashMap::new(),
            timelines: HashMap::new(),
            signatures: HashMap::new(),
        }
    }

    fn forget(&mut self) {
        self.sounds.clear();
        self.timelines.clear();
        self.signatures.clear();
    }

    /// Returns what two items have in common, if that is anything.
    fn measure(&mut self, one: usize, other: usize) -> Result<Option<Candidate>, MatchError> {
        let (Some(a), Some(b)) = (self.items.all.get(one), self.items.all.get(other)) else {
            return Ok(None);
        };
        let names = [a, b].map(|item| self.stock.contents.get(item.content).map(|it| &*it.key));
        let [Some(name_a), Some(name_b)] = names else {
            return Ok(None);
        };
        // So that the same comes of it whichever was compared first.
        let is_swapped = ordered(name_a, name_b).0 != name_a;
        let (a, b, name_a, name_b) = if is_swapped {
            (b, a, name_b, name_a)
        } else {
            (a, b, name_a, name_b)
        };
        let measured = if is_part_length(a, b) {
            self.part(a, b)?.map(|part| Measured {
                are_films: a.is_film && b.is_film,
                part: Some(part),
                ..Measured::default()
            })
        } else {
            Some(self.whole(a, b)?)
        };
        let is_something = |measured: &Measured| {
            measured.part.is_some()
                || measured.keyframes.is_some()
                || measured.tmk.is_some()
                || measured.sound.is_some()
        };
        Ok(measured.filter(is_something).map(|measured| Candidate {
            a: name_a.to_owned(),
            b: name_b.to_owned(),
            measured,
        }))
    }

    /// Compares two contents of about the same length.
    fn whole(&mut self, a: &Item, b: &Item) -> Result<Measured, MatchError> {
        let are_films = a.is_film && b.is_film;
        let signatures = a.keyframes.as_ref().zip(b.keyframes.as_ref());
        let signatures = signatures.filter(|_| are_films);
        let seen = signatures.map(|(a, b)| a.best_score(b));
        let tmk = if are_films { self.tmk(a, b)? } else { None };
        let heard = match (self.sound(a)?, self.sound(b)?) {
            (Some(a), Some(b)) => chromaprint::compare(&a, &b, LARGEST_SHIFT_ITEMS),
            _ => None,
        };
        Ok(Measured {
            are_films,
            keyframes: seen.map(|(score, _)| f64::from(score).clamp(0.0, 1.0)),
            laid: seen
                .map(|(_, way)| way)
                .filter(|way| *way != Dihedral::Identity)
                .map(|way| way.name().to_owned()),
            is_still: signatures.is_some_and(|(a, b)| a.is_static() || b.is_static()),
            tmk,
            sound: heard.map(|heard| 1.0 - heard.bit_error_rate),
            shift_s: heard.map(|heard| heard.shift_s()),
            part: None,
        })
    }

    /// Looks for the shorter of two contents in the longer one.
    fn part(&mut self, a: &Item, b: &Item) -> Result<Option<Part>, MatchError> {
        let is_a = a.length_s < b.length_s;
        let (short, long) = if is_a { (a, b) } else { (b, a) };
        let found = if short.is_film && long.is_film {
            // The same music under other pictures is no part.
            match (self.timeline(short)?, self.timeline(long)?) {
                (Some(short), Some(long)) => {
                    timeline::find(&short, &long).map(|place| (place.begins_s(), place.share))
                }
                _ => None,
            }
        } else {
            match (self.sound(long)?, self.sound(short)?) {
                (Some(long), Some(short)) => {
                    let heard = chromaprint::compare(&long, &short, long.items.len());
                    heard.and_then(|heard| {
                        let telling = short.telling_items().max(1);
                        #[expect(clippy::cast_precision_loss, reason = "two minutes at most")]
                        let share = f64::from(heard.pairs) / telling as f64;
                        (share >= LEAST_PART).then(|| (heard.shift_s(), 1.0 - heard.bit_error_rate))
                    })
                }
                _ => None,
            }
        };
        Ok(found.map(|(from_s, share)| Part {
            is_a,
            from_s: from_s.max(0.0),
            to_s: (from_s + short.length_s).min(long.length_s),
            share,
        }))
    }

    fn sound(&mut self, item: &Item) -> rusqlite::Result<Option<Rc<Fingerprint>>> {
        if item.sound_keys.is_empty() {
            return Ok(None);
        }
        held(self.stock, &mut self.sounds, item, signatures::sound_of)
    }

    fn timeline(&mut self, item: &Item) -> rusqlite::Result<Option<Rc<Timeline>>> {
        if item.scenes.is_empty() {
            return Ok(None);
        }
        held(
            self.stock,
            &mut self.timelines,
            item,
            signatures::timeline_of,
        )
    }

    /// Returns the score by TMK; `None` if one has none, or shows nothing.
    fn tmk(&mut self, a: &Item, b: &Item) -> rusqlite::Result<Option<f64>> {
        let has = |item: &Item| {
            let content = self.stock.contents.get(item.content);
            content.is_some_and(|content| content.kinds & 1 != 0)
        };
        if !has(a) || !has(b) {
            return Ok(None);
        }
        if self.signatures.len() > MOST_SIGNATURES {
            self.signatures.clear();
        }
        let first = held(self.stock, &mut self.signatures, a, signatures::tmk_of)?;
        let second = held(self.stock, &mut self.signatures, b, signatures::tmk_of)?;
        let pair = first.zip(second);
        Ok(pair.and_then(|(a, b)| tmk_score(&a, &b, &mut self.matcher)))
    }
}

/// Fingerprints by content; `None` where there is none, or one that cannot be read.
type Held<T> = HashMap<usize, Option<Rc<T>>>;

/// Returns a fingerprint of an item, read at most once.
fn held<T>(
    library: &Library<'_>,
    held: &mut Held<T>,
    item: &Item,
    read: impl FnOnce(&Connection, i64) -> rusqlite::Result<Option<T>>,
) -> rusqlite::Result<Option<Rc<T>>> {
    if let Some(one) = held.get(&item.content) {
        return Ok(one.clone());
    }
    let one = match library.first(item.content) {
        Some((shard, file_id)) => read(shard, file_id)?.map(Rc::new),
        None => None,
    };
    held.insert(item.content, one.clone());
    Ok(one)
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
