//! Which rows are chosen: one, some in a row, or some here and there.

use std::ops::Range;

/// How a row is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// It alone.
    Alone,
    /// With all from the row that was chosen before it (Shift).
    Through,
    /// Besides those that are chosen already; once more: no longer (Ctrl).
    Besides,
}

/// The rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chosen {
    /// The row that keys move from.
    at: Option<usize>,
    /// Where those that are chosen through to another begin.
    from: usize,
    /// Ascending, apart from each other, none empty.
    ranges: Vec<Range<usize>>,
}

impl Chosen {
    /// Returns the row that was chosen last.
    pub(crate) fn at(&self) -> Option<usize> {
        self.at
    }

    /// Returns them, ascending.
    pub(crate) fn ranges(&self) -> &[Range<usize>] {
        &self.ranges
    }

    /// Returns how many there are.
    pub(crate) fn count(&self) -> usize {
        self.ranges.iter().map(ExactSizeIterator::len).sum()
    }

    /// Returns whether a row is among them.
    pub(crate) fn contains(&self, row: usize) -> bool {
        let next = self.ranges.partition_point(|range| range.end <= row);
        self.ranges
            .get(next)
            .is_some_and(|range| range.contains(&row))
    }

    /// Chooses a row alone.
    pub(crate) fn alone(&mut self, row: usize) {
        self.choose(row, How::Alone);
    }

    pub(super) fn all(&mut self, rows: usize) {
        self.from = 0;
        self.at = rows.checked_sub(1);
        self.only(0..rows);
    }

    pub(super) fn choose(&mut self, row: usize, how: How) {
        match how {
            How::Through if self.at.is_some() => {
                let (first, last) = (self.from.min(row), self.from.max(row));
                self.only(first..last.saturating_add(1));
            }
            How::Besides => {
                self.switch(row);
                self.from = row;
            }
            How::Alone | How::Through => {
                self.only(row..row.saturating_add(1));
                self.from = row;
            }
        }
        self.at = Some(row);
    }

    fn only(&mut self, range: Range<usize>) {
        self.ranges.clear();
        if !range.is_empty() {
            self.ranges.push(range);
        }
    }

    fn switch(&mut self, row: usize) {
        let next = row.saturating_add(1);
        if self.contains(row) {
            let cut = |range: &Range<usize>| {
                if range.contains(&row) {
                    [range.start..row, next..range.end]
                } else {
                    [range.clone(), 0..0]
                }
            };
            self.ranges = self.ranges.iter().flat_map(cut).collect();
            self.ranges.retain(|range| !range.is_empty());
        } else {
            let place = self.ranges.partition_point(|range| range.start < row);
            self.ranges.insert(place, row..next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_chosen_alone_through_and_besides() {
        let mut chosen = Chosen::default();
        let among = |chosen: &Chosen| -> Vec<usize> {
            let among = (0..12).filter(|row| chosen.contains(*row)).collect();
            assert_eq!(chosen.count(), Vec::len(&among));
            among
        };
        chosen.choose(4, How::Through);
        assert_eq!(among(&chosen), [4]);
        chosen.choose(7, How::Through);
        assert_eq!((among(&chosen), chosen.at()), (vec![4, 5, 6, 7], Some(7)));
        chosen.choose(2, How::Through);
        assert_eq!(among(&chosen), [2, 3, 4], "from where it began");
        chosen.choose(3, How::Besides);
        assert_eq!(among(&chosen), [2, 4]);
        chosen.choose(9, How::Besides);
        chosen.choose(0, How::Besides);
        assert_eq!(among(&chosen), [0, 2, 4, 9]);
        chosen.choose(9, How::Besides);
        assert_eq!(among(&chosen), [0, 2, 4]);
        chosen.alone(5);
        assert_eq!(among(&chosen), [5]);
        chosen.all(1_000_000);
        assert_eq!(chosen.count(), 1_000_000);
        chosen.all(0);
        assert_eq!((chosen.count(), chosen.at()), (0, None));
    }
}
