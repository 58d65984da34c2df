//! Black bars: rows and columns at the edges that are dark in nearly all frames.
//!
//! Not in all of them, as subtitles and signs are written into bars, and not with every pixel, as encoders leave noise.

/// Brightness of what may still be a bar.
const DARK: u8 = 24;

/// Of `n` pixels of a line in a bar, at most `n / BRIGHT_SHARE` are brighter.
const BRIGHT_SHARE: usize = 32;

/// A quarter of the frames may show something in a bar.
const FRAMES_SHARE: usize = 4;

/// What is left of frames when bars are cut off, in pixels; right and bottom are the first ones cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crop {
    /// First column.
    pub left: usize,
    /// First row.
    pub top: usize,
    /// Column after the last.
    pub right: usize,
    /// Row after the last.
    pub bottom: usize,
}

impl Crop {
    /// Finds the bars of grey frames of one size. Nothing is cut off where less than a quarter of a side would be left: then
    /// it is not bars that are dark, but the film.
    pub fn of(width: usize, height: usize, frames: &[Vec<u8>]) -> Self {
        let (mut rows, mut columns) = (vec![0; height], vec![0; width]);
        for frame in frames {
            count_lines(width, height, frame, &mut rows, &mut columns);
        }
        let most = frames.len() / FRAMES_SHARE;
        let (top, bottom) = lines_left(&rows, most);
        let (left, right) = lines_left(&columns, most);
        Self {
            left,
            top,
            right,
            bottom,
        }
    }

    /// Returns left, top, right and bottom in ten thousandths of the sides.
    pub(super) fn in_ten_thousandths(self, width: usize, height: usize) -> [u16; 4] {
        let share = |place: usize, side: usize| {
            u16::try_from(place * 10_000 / side.max(1)).unwrap_or(10_000)
        };
        [
            share(self.left, width),
            share(self.top, height),
            share(self.right, width),
            share(self.bottom, height),
        ]
    }
}

/// Counts the rows and columns of a frame that show something.
fn count_lines(
    width: usize,
    height: usize,
    frame: &[u8],
    rows: &mut [usize],
    columns: &mut [usize],
) {
    let mut bright_in_column = vec![0; width];
    for (row, count) in frame.chunks_exact(width).zip(rows) {
        let bright = row.iter().filter(|pixel| **pixel > DARK).count();
        *count += usize::from(bright > width / BRIGHT_SHARE);
        for (bright, pixel) in bright_in_column.iter_mut().zip(row) {
            *bright += usize::from(*pixel > DARK);
        }
    }
    for (bright, count) in bright_in_column.iter().zip(columns) {
        *count += usize::from(*bright > height / BRIGHT_SHARE);
    }
}

/// Returns where the first line that shows something in more than `most` frames begins, and where the last one ends.
fn lines_left(counts: &[usize], most: usize) -> (usize, usize) {
    let all = counts.len();
    let shows = |count: &usize| *count > most;
    let first = counts.iter().position(shows).unwrap_or(0);
    let end = counts.iter().rposition(shows).map_or(all, |last| last + 1);
    // The line beside a bar is a mixture of both.
    let first = if first > 0 { first + 1 } else { 0 };
    let end = if end < all {
        end.saturating_sub(1)
    } else {
        all
    };
    if end.saturating_sub(first) * 4 < all {
        (0, all)
    } else {
        (first, end)
    }
}
