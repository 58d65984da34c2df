//! What a query means, without its spelling.

use std::ops::Bound;

use regex::bytes::Regex;

use super::wildcard::Wildcard;
use crate::media::Category;

/// A query that was understood.
#[derive(Clone, Debug)]
pub struct Query {
    /// What a file must be like.
    pub expr: Expr,
    /// Whether the query says something of deleted files; if not, they are left out.
    pub mentions_deleted: bool,
}

/// A condition made of others.
#[derive(Clone, Debug)]
pub enum Expr {
    /// Every file.
    Everything,
    /// Every one of these; there are at least two.
    All(Vec<Expr>),
    /// At least one of these; there are at least two.
    OneOf(Vec<Expr>),
    /// Not this.
    Not(Box<Expr>),
    /// This.
    Is(Condition),
}

/// Something that is so of a file, or not. What nobody knows of a file is not so.
#[derive(Clone, Debug)]
pub enum Condition {
    /// In the path relative to the root.
    Path(Text),
    /// In the name.
    Name(Text),
    /// The path relative to the root, as stored, matches; the expression itself says whether case counts.
    Regex(Regex),
    /// The extension is one of these: lower case, no dot; an empty one means none.
    Extension(Vec<String>),
    /// The category is one of these.
    Category(Vec<Category>),
    /// The drive's label.
    Drive(Text),
    /// Length in bytes.
    SizeBytes(Interval<u64>),
    /// Last modification, microseconds since 1970.
    ModifiedUs(Interval<i64>),
    /// Duration in seconds.
    DurationS(Interval<f64>),
    /// Lines of the picture as people name it: the short side, or 9/16 of the long one where that is more, so that a wide
    /// film of 3840x1600 counts as 2160.
    Lines(Interval<u32>),
    /// Exactly this width and height.
    Frame(u32, u32),
    /// Width in pixels, as shown.
    Width(Interval<u32>),
    /// Height in pixels, as shown.
    Height(Interval<u32>),
    /// The first video stream's codec, in ffprobe's names: one of these.
    VideoCodec(Vec<String>),
    /// The first audio stream's codec, likewise.
    AudioCodec(Vec<String>),
    /// Channels of the first audio stream.
    AudioChannels(Interval<u32>),
    /// The container, likewise.
    Container(Vec<String>),
    /// One of these kinds of HDR: hdr10, hdr10+, hlg, dv.
    Hdr(Vec<String>),
    /// Whether it is a picture with any kind of HDR.
    HasHdr(bool),
    /// A sound track in one of these languages: equivalent codes of one language, lower case.
    AudioLanguage(Vec<String>),
    /// Subtitles inside the file in one of these languages.
    SubtitleLanguage(Vec<String>),
    /// Whether there are subtitles inside the file.
    HasSubtitles(bool),
    /// Bits a second of the whole file.
    BitrateBps(Interval<u64>),
    /// Frames a second.
    FrameRate(Interval<f64>),
    /// Whether the drive is there now.
    Online(bool),
    /// Whether the file was gone at the last scan.
    Deleted(bool),
    /// The hash of the content begins with these hexadecimal digits, lower case.
    Hash(String),
    /// Whether another file, on any drive, has the same content, as far as hashes are known.
    Duplicate(bool),
    /// How sound it is: one of these.
    Health(Vec<Health>),
}

/// A text that is looked for.
#[derive(Clone, Debug)]
pub enum Text {
    /// Anywhere; folded.
    Contains(Vec<u8>),
    /// The whole matches a pattern.
    Matches(Wildcard),
}

/// What is known of a file's soundness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It was checked and is sound.
    Sound,
    /// It was checked and is not.
    Damaged,
    /// Nobody judged it.
    Unknown,
}

/// Values between two ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval<T> {
    /// The lower end.
    pub low: Bound<T>,
    /// The upper end.
    pub high: Bound<T>,
}

impl<T: PartialOrd> Interval<T> {
    /// Returns whether the value lies between the ends.
    pub fn contains(&self, value: &T) -> bool {
        let above = match &self.low {
            Bound::Included(low) => value >= low,
            Bound::Excluded(low) => value > low,
            Bound::Unbounded => true,
        };
        above
            && match &self.high {
                Bound::Included(high) => value <= high,
                Bound::Excluded(high) => value < high,
                Bound::Unbounded => true,
            }
    }
}

impl Expr {
    /// Calls `visit` for every condition in it.
    pub(in crate::search) fn each(&self, visit: &mut dyn FnMut(&Condition)) {
        match self {
            Self::Everything => {}
            Self::All(parts) | Self::OneOf(parts) => {
                for part in parts {
                    part.each(visit);
                }
            }
            Self::Not(inner) => inner.each(visit),
            Self::Is(condition) => visit(condition),
        }
    }

    /// Returns whether any condition in it is such a one.
    pub(in crate::search) fn asks(&self, is_one: &dyn Fn(&Condition) -> bool) -> bool {
        let mut found = false;
        self.each(&mut |condition| found |= is_one(condition));
        found
    }
}
