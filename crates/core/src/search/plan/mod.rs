//! A query made ready for one index: what does not depend on the single file is settled beforehand.
//!
//! Conditions on the drive become yes or no, conditions on words and kinds a set of their numbers, texts a set of matching
//! folders and a searcher for names. Then each block's files are narrowed down, the cheapest condition first.

mod text;

use std::ops::Bound;

use super::bits::Places;
use super::index::{Block, Column, Index, NO_TIME, NONE};
use super::query::{Condition, Expr, Health, Interval, Text};
use crate::catalog::indexing::WORDS;
use crate::path::absolute_text;

pub(super) use text::{FilePath, NameTest};
use text::{PathTest, PatternTest, RegexTest};

/// What is known of the drive and of all drives.
pub(super) struct Facts<'a> {
    /// Its label, folded.
    pub(super) label: &'a [u8],
    /// Where its root was last, folded, with `/` between names and none at the end.
    pub(super) mount: &'a [u8],
    /// Whether it is there now.
    pub(super) is_online: bool,
    /// First eight bytes of the hashes that several files have, ascending; empty if nobody asked.
    pub(super) shared_hashes: &'a [u64],
    /// For each [`Condition::Hash`] its text, and the files of this drive with such a hash, ascending.
    pub(super) hashed: &'a [(String, Vec<i64>)],
}

/// A query ready for the blocks of one index.
pub(super) enum Node {
    Every,
    Nothing,
    All(Vec<Node>),
    OneOf(Vec<Node>),
    Not(Box<Node>),
    Test(Box<Test>),
}

pub(super) enum Test {
    Path(PathTest),
    Name(NameTest),
    Pattern(PatternTest),
    Regex(RegexTest),
    /// By the number of the kind.
    Kinds(Vec<bool>),
    Sizes(Interval<u64>),
    Times(Interval<i64>),
    Deleted(bool),
    Ids(Vec<i64>),
    Shared(Vec<u64>, bool),
    Media(MediaTest),
}

/// A condition on what a file's headers say.
pub(super) enum MediaTest {
    Real(Column, Interval<f64>),
    Bitrate(Interval<u64>),
    Number(Column, Interval<u32>),
    Lines(Interval<u32>),
    Frame(u32, u32),
    /// The column of words, and the words that count by their number.
    Words(usize, Vec<bool>),
    HasHdr(bool),
    HasSubtitles(bool),
    Health([bool; 3]),
}

pub(super) const VIDEO_CODEC: usize = 0;
pub(super) const AUDIO_CODEC: usize = 1;
pub(super) const CONTAINER: usize = 2;
pub(super) const HDR: usize = 3;
const AUDIO_LANGUAGES: usize = 4;
const SUBTITLE_LANGUAGES: usize = 5;
const _: () = assert!(SUBTITLE_LANGUAGES + 1 == WORDS.len());

impl Node {
    /// Makes a query ready for an index.
    pub(super) fn new(expr: &Expr, index: &Index, facts: &Facts<'_>) -> Self {
        match expr {
            Expr::Everything => Self::Every,
            Expr::Not(inner) => match Self::new(inner, index, facts) {
                Self::Every => Self::Nothing,
                Self::Nothing => Self::Every,
                node => Self::Not(Box::new(node)),
            },
            Expr::All(parts) => Self::all(parts.iter().map(|part| Self::new(part, index, facts))),
            Expr::OneOf(parts) => {
                Self::one_of(parts.iter().map(|part| Self::new(part, index, facts)))
            }
            Expr::Is(condition) => Self::condition(condition, index, facts),
        }
    }

    /// Everything must hold; the cheapest is asked first.
    pub(super) fn all(parts: impl Iterator<Item = Self>) -> Self {
        let mut left = Vec::new();
        for part in parts {
            match part {
                Self::Every => {}
                Self::Nothing => return Self::Nothing,
                Self::All(inner) => left.extend(inner),
                part => left.push(part),
            }
        }
        left.sort_by_key(Self::cost);
        match left.len() {
            0 => Self::Every,
            1 => left.remove(0),
            _ => Self::All(left),
        }
    }

    fn one_of(parts: impl Iterator<Item = Self>) -> Self {
        let mut left = Vec::new();
        for part in parts {
            match part {
                Self::Nothing => {}
                Self::Every => return Self::Every,
                part => left.push(part),
            }
        }
        match left.len() {
            0 => Self::Nothing,
            1 => left.remove(0),
            _ => Self::OneOf(left),
        }
    }

    fn cost(&self) -> u32 {
        match self {
            Self::Every | Self::Nothing => 0,
            Self::All(parts) | Self::OneOf(parts) => parts.iter().map(Self::cost).sum(),
            Self::Not(inner) => inner.cost(),
            Self::Test(test) => match test.as_ref() {
                Test::Deleted(_) | Test::Ids(_) => 1,
                Test::Kinds(_) | Test::Sizes(_) | Test::Times(_) => 2,
                Test::Shared(..) | Test::Media(_) => 5,
                Test::Path(_) | Test::Name(_) => 50,
                Test::Pattern(_) => 500,
                Test::Regex(_) => 5_000,
            },
        }
    }

    fn condition(condition: &Condition, index: &Index, facts: &Facts<'_>) -> Self {
        let kinds = |is_one: &dyn Fn(&super::index::KindMeta) -> bool| {
            Test::Kinds(index.kinds().iter().map(is_one).collect())
        };
        let test = match condition {
            Condition::Path(Text::Contains(text)) => {
                Test::Path(PathTest::new(text, index, facts.mount))
            }
            Condition::Path(Text::Matches(pattern)) => {
                Test::Pattern(PatternTest::of_path(pattern, index))
            }
            Condition::Name(Text::Contains(text)) => Test::Name(NameTest::new(text)),
            Condition::Name(Text::Matches(pattern)) => Test::Pattern(PatternTest::of_name(pattern)),
            Condition::Regex(regex) => Test::Regex(RegexTest::new(regex.clone())),
            Condition::Extension(extensions) => kinds(&|kind| {
                let own = kind.ext.as_deref().unwrap_or_default();
                extensions.iter().any(|extension| extension == own)
            }),
            Condition::Category(categories) => kinds(&|kind| {
                categories
                    .iter()
                    .any(|category| category.name() == kind.category)
            }),
            Condition::Drive(text) => return Self::known(is_match(text, facts.label)),
            Condition::Online(online) => return Self::known(*online == facts.is_online),
            Condition::SizeBytes(sizes) => Test::Sizes(*sizes),
            Condition::ModifiedUs(times) => Test::Times(*times),
            Condition::Deleted(deleted) => Test::Deleted(*deleted),
            Condition::Hash(digits) => Test::Ids(
                facts
                    .hashed
                    .iter()
                    .find(|(text, _)| text == digits)
                    .map(|(_, ids)| ids.clone())
                    .unwrap_or_default(),
            ),
            Condition::Duplicate(shared) => Test::Shared(facts.shared_hashes.to_vec(), *shared),
            media => return Self::media(media, index),
        };
        match &test {
            Test::Kinds(kinds) if !kinds.contains(&true) => Self::Nothing,
            Test::Ids(ids) if ids.is_empty() => Self::Nothing,
            _ => Self::Test(Box::new(test)),
        }
    }

    fn media(condition: &Condition, index: &Index) -> Self {
        let words = |column: usize, wanted: &[String]| {
            MediaTest::Words(
                column,
                index
                    .words(column)
                    .iter()
                    .map(|text| {
                        text.split(',').any(|word| {
                            wanted
                                .iter()
                                .any(|want| word.trim().eq_ignore_ascii_case(want))
                        })
                    })
                    .collect(),
            )
        };
        let test = match condition {
            Condition::DurationS(range) => MediaTest::Real(Column::Duration, *range),
            Condition::FrameRate(range) => MediaTest::Real(Column::FrameRate, *range),
            Condition::BitrateBps(range) => MediaTest::Bitrate(*range),
            Condition::AudioChannels(range) => MediaTest::Number(Column::Channels, *range),
            Condition::Width(range) => MediaTest::Number(Column::Width, *range),
            Condition::Height(range) => MediaTest::Number(Column::Height, *range),
            Condition::Lines(range) => MediaTest::Lines(*range),
            Condition::Frame(width, height) => MediaTest::Frame(*width, *height),
            Condition::VideoCodec(wanted) => words(VIDEO_CODEC, wanted),
            Condition::AudioCodec(wanted) => words(AUDIO_CODEC, wanted),
            Condition::Container(wanted) => words(CONTAINER, wanted),
            Condition::Hdr(wanted) => words(HDR, wanted),
            Condition::AudioLanguage(wanted) => words(AUDIO_LANGUAGES, wanted),
            Condition::SubtitleLanguage(wanted) => words(SUBTITLE_LANGUAGES, wanted),
            Condition::HasHdr(wanted) => MediaTest::HasHdr(*wanted),
            Condition::HasSubtitles(wanted) => MediaTest::HasSubtitles(*wanted),
            Condition::Health(wanted) => MediaTest::Health(
                [Health::Unknown, Health::Sound, Health::Damaged]
                    .map(|known| wanted.contains(&known)),
            ),
            // All others were settled before.
            _ => return Self::Nothing,
        };
        match &test {
            MediaTest::Words(_, wanted) if !wanted.contains(&true) => Self::Nothing,
            _ => Self::Test(Box::new(Test::Media(test))),
        }
    }

    const fn known(holds: bool) -> Self {
        if holds { Self::Every } else { Self::Nothing }
    }

    /// Keeps the candidates of a block of which it is so.
    pub(super) fn narrow(&self, index: &Index, block: &Block<'_>, candidates: &mut Places) {
        match self {
            Self::Every => {}
            Self::Nothing => *candidates = Places::none(block.files),
            Self::All(parts) => {
                for part in parts {
                    if candidates.is_empty() {
                        return;
                    }
                    part.narrow(index, block, candidates);
                }
            }
            Self::OneOf(parts) => {
                let mut found = Places::none(block.files);
                for part in parts {
                    let mut left = candidates.clone();
                    left.remove(&found);
                    part.narrow(index, block, &mut left);
                    found.add(&left);
                }
                *candidates = found;
            }
            Self::Not(inner) => {
                let mut found = candidates.clone();
                inner.narrow(index, block, &mut found);
                candidates.remove(&found);
            }
            Self::Test(test) => test.narrow(index, block, candidates),
        }
    }
}

impl Test {
    fn narrow(&self, index: &Index, block: &Block<'_>, candidates: &mut Places) {
        match self {
            Self::Path(test) => test.narrow(block, candidates),
            Self::Name(test) => test.narrow(block, candidates),
            Self::Pattern(test) => test.narrow(index, block, candidates),
            Self::Regex(test) => test.narrow(index, block, candidates),
            Self::Kinds(kinds) => candidates.keep_values(block.kinds(), |kind| {
                kinds.get(kind as usize).copied().unwrap_or(false)
            }),
            Self::Sizes(range) if is_above(range, u64::try_from(block.largest).unwrap_or(0)) => {
                *candidates = Places::none(block.files);
            }
            Self::Times(range) if is_above(range, block.newest_us) => {
                *candidates = Places::none(block.files);
            }
            // Both ends are in, so that many values are compared at once.
            Self::Sizes(range) => {
                let signed = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
                let (low, high) = ends(range, 0, u64::MAX, |size, by| {
                    size.saturating_add_signed(by)
                });
                let (low, high) = (signed(low), signed(high));
                candidates.keep_values(block.sizes(), |size| (low..=high).contains(&size));
            }
            Self::Times(range) => {
                let (low, high) = ends(range, NO_TIME + 1, i64::MAX, i64::saturating_add);
                candidates.keep_values(block.times(), |time| (low..=high).contains(&time));
            }
            Self::Deleted(deleted) => candidates.keep_bits(block.deleted(), *deleted),
            Self::Ids(ids) => {
                candidates.keep_values(block.ids(), |id| ids.binary_search(&id).is_ok());
            }
            Self::Shared(shared, wanted) => candidates.keep_values(block.hashes(), |hash| {
                hash != 0 && shared.binary_search(&hash).is_ok() == *wanted
            }),
            Self::Media(test) => test.narrow(block, candidates),
        }
    }
}

/// Returns the first and the last whole number of an interval between `least` and `most`.
fn ends<T: Ord + Copy>(
    range: &Interval<T>,
    least: T,
    most: T,
    add: impl Fn(T, i64) -> T,
) -> (T, T) {
    let low = match range.low {
        Bound::Included(low) => low,
        Bound::Excluded(low) => add(low, 1),
        Bound::Unbounded => least,
    };
    let high = match range.high {
        Bound::Included(high) => high,
        Bound::Excluded(high) => add(high, -1),
        Bound::Unbounded => most,
    };
    (low.max(least), high.min(most))
}

/// Returns whether everything in an interval is more than the most that a block has.
fn is_above<T: PartialOrd + Copy>(range: &Interval<T>, most: T) -> bool {
    match &range.low {
        Bound::Included(low) => most < *low,
        Bound::Excluded(low) => most <= *low,
        Bound::Unbounded => false,
    }
}

impl MediaTest {
    fn narrow(&self, block: &Block<'_>, candidates: &mut Places) {
        let rows = block.media_rows();
        let row_of = |place: usize| {
            rows.get(place)
                .copied()
                .filter(|row| *row != NONE)
                .map(|row| row as usize)
        };
        if let Self::Health(wanted) = self {
            let health = block.media::<u32>(Column::Health);
            candidates.retain(|place| {
                let known = row_of(place).and_then(|row| health.get(row)).copied();
                wanted.get(known.unwrap_or(0) as usize) == Some(&true)
            });
            return;
        }
        let is_right = self.over(block);
        candidates.retain(|place| row_of(place).is_some_and(&is_right));
    }

    /// Returns what says of a row of the media columns whether it is so.
    fn over<'b>(&'b self, block: &Block<'b>) -> Box<dyn Fn(usize) -> bool + 'b> {
        let number = |column| {
            let column = block.media::<u32>(column);
            move |row: usize| column.get(row).copied().filter(|number| *number != NONE)
        };
        match self {
            Self::Real(column, range) => {
                let column = block.media::<f64>(*column);
                Box::new(move |row| {
                    column
                        .get(row)
                        .is_some_and(|value| !value.is_nan() && range.contains(value))
                })
            }
            Self::Bitrate(range) => {
                let column = block.media::<i64>(Column::Bitrate);
                Box::new(move |row| {
                    let bits = column.get(row).and_then(|bits| u64::try_from(*bits).ok());
                    bits.is_some_and(|bits| range.contains(&bits))
                })
            }
            Self::Number(column, range) => {
                let column = number(*column);
                Box::new(move |row| column(row).is_some_and(|value| range.contains(&value)))
            }
            Self::Lines(range) => {
                let (width, height) = (number(Column::Width), number(Column::Height));
                Box::new(move |row| {
                    width(row)
                        .zip(height(row))
                        .is_some_and(|(width, height)| range.contains(&lines(width, height)))
                })
            }
            Self::Frame(wide, high) => {
                let (width, height) = (number(Column::Width), number(Column::Height));
                Box::new(move |row| width(row) == Some(*wide) && height(row) == Some(*high))
            }
            Self::Words(column, wanted) => {
                let words = block.media_words(*column);
                Box::new(move |row| {
                    let word = words.get(row).copied().unwrap_or(NONE);
                    wanted.get(word as usize) == Some(&true)
                })
            }
            Self::HasHdr(wanted) => {
                let (words, height) = (block.media_words(HDR), number(Column::Height));
                Box::new(move |row| {
                    let has_any = words.get(row).is_some_and(|word| *word != NONE);
                    height(row).is_some() && has_any == *wanted
                })
            }
            Self::HasSubtitles(wanted) => {
                let streams = number(Column::Subtitles);
                Box::new(move |row| streams(row).is_some_and(|streams| (streams > 0) == *wanted))
            }
            // Of a file without headers something is known as well: nobody judged it.
            Self::Health(_) => Box::new(|_| false),
        }
    }
}

/// Returns the lines of a picture as people name it: see [`Condition::Lines`].
pub(crate) fn lines(width: u32, height: u32) -> u32 {
    let long = u64::from(width.max(height));
    let of_long = u32::try_from((long * 9 + 8) / 16).unwrap_or(u32::MAX);
    width.min(height).max(of_long)
}

fn is_match(text: &Text, folded: &[u8]) -> bool {
    match text {
        Text::Contains(part) => memchr::memmem::find(folded, part).is_some(),
        Text::Matches(pattern) => pattern.matches(folded),
    }
}

/// Returns where a drive's root was last, in the form that paths in queries have.
pub(super) fn folded_mount(mount_path: &str, separator: char) -> Vec<u8> {
    let text: String = mount_path
        .chars()
        .map(|c| if c == separator { '/' } else { c })
        .collect();
    super::fold::fold(text.trim_end_matches('/').as_bytes())
}

/// Returns a file's absolute path, at the place where the drive was last.
pub(super) fn absolute(mount_path: &str, separator: char, rel_path: &[u8]) -> Vec<u8> {
    absolute_text(mount_path, separator, rel_path)
}
