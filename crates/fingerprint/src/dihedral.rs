//! The eight ways to lay a square picture: turned by quarters, mirrored or not.
//!
//! A mirrored picture has the same cosine coefficients but for signs, a turned one has them transposed as well. So what a
//! fingerprint of the mirrored or turned film would be follows from the one that is there, without decoding again.

/// Edge of the square of coefficients.
const EDGE: usize = 16;

/// One of the eight ways to lay a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dihedral {
    /// As it is.
    Identity,
    /// Left and right swapped.
    MirrorHorizontal,
    /// Top and bottom swapped.
    MirrorVertical,
    /// Turned by half.
    Rotate180,
    /// Rows become columns: mirrored at the diagonal from the top left.
    Transpose,
    /// Turned clockwise by a quarter.
    Rotate90,
    /// Turned clockwise by three quarters.
    Rotate270,
    /// Mirrored at the diagonal from the top right.
    AntiTranspose,
}

impl Dihedral {
    /// All eight, [`Dihedral::Identity`] first.
    pub const ALL: [Self; 8] = [
        Self::Identity,
        Self::MirrorHorizontal,
        Self::MirrorVertical,
        Self::Rotate180,
        Self::Transpose,
        Self::Rotate90,
        Self::Rotate270,
        Self::AntiTranspose,
    ];

    /// Returns a name for people and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::MirrorHorizontal => "mirror-horizontal",
            Self::MirrorVertical => "mirror-vertical",
            Self::Rotate180 => "rotate-180",
            Self::Transpose => "transpose",
            Self::Rotate90 => "rotate-90",
            Self::Rotate270 => "rotate-270",
            Self::AntiTranspose => "anti-transpose",
        }
    }

    /// Returns the way that leads back.
    #[must_use]
    pub fn inverse(self) -> Self {
        match self {
            Self::Rotate90 => Self::Rotate270,
            Self::Rotate270 => Self::Rotate90,
            other => other,
        }
    }

    /// Tells whether rows become columns before anything is mirrored.
    pub fn transposes(self) -> bool {
        matches!(
            self,
            Self::Transpose | Self::Rotate90 | Self::Rotate270 | Self::AntiTranspose
        )
    }

    /// Tells whether left and right are swapped, after transposing.
    pub fn mirrors_horizontally(self) -> bool {
        matches!(
            self,
            Self::MirrorHorizontal | Self::Rotate180 | Self::Rotate90 | Self::AntiTranspose
        )
    }

    /// Tells whether top and bottom are swapped, after transposing.
    pub fn mirrors_vertically(self) -> bool {
        matches!(
            self,
            Self::MirrorVertical | Self::Rotate180 | Self::Rotate270 | Self::AntiTranspose
        )
    }

    /// Returns what the 16 × 16 coefficients (rows are vertical frequencies 1 to 16) would be of the picture laid this way.
    ///
    /// Exact: values move and change signs, nothing is rounded.
    pub fn of_coefficients(self, coefficients: &[f32; EDGE * EDGE]) -> [f32; EDGE * EDGE] {
        let mut result = [0.0; EDGE * EDGE];
        for (row, values) in result.as_chunks_mut::<EDGE>().0.iter_mut().enumerate() {
            for (column, value) in values.iter_mut().enumerate() {
                let from = if self.transposes() {
                    column * EDGE + row
                } else {
                    row * EDGE + column
                };
                let source = coefficients.get(from).copied().unwrap_or_default();
                *value = if self.changes_sign(row, column) {
                    -source
                } else {
                    source
                };
            }
        }
        result
    }

    /// A cosine of an odd frequency changes its sign when its axis is reversed; index 0 is frequency 1.
    fn changes_sign(self, row: usize, column: usize) -> bool {
        let by_column = self.mirrors_horizontally() && column.is_multiple_of(2);
        let by_row = self.mirrors_vertically() && row.is_multiple_of(2);
        by_column != by_row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered() -> [f32; 256] {
        std::array::from_fn(|index| f32::from(u16::try_from(index).unwrap()) + 1.0)
    }

    #[test]
    fn each_way_is_led_back_by_its_inverse() {
        for way in Dihedral::ALL {
            let there = way.of_coefficients(&numbered());
            assert_eq!(way.inverse().of_coefficients(&there), numbered(), "{way:?}");
        }
    }

    #[test]
    fn all_eight_differ() {
        for (index, way) in Dihedral::ALL.iter().enumerate() {
            for other in &Dihedral::ALL[index + 1..] {
                let laid = way.of_coefficients(&numbered());
                assert_ne!(
                    laid,
                    other.of_coefficients(&numbered()),
                    "{way:?} {other:?}"
                );
                assert_ne!(way.name(), other.name());
            }
        }
    }

    #[test]
    fn four_quarters_make_a_whole() {
        let quarter = |values| Dihedral::Rotate90.of_coefficients(&values);
        assert_eq!(quarter(quarter(quarter(quarter(numbered())))), numbered());
        assert_eq!(
            quarter(quarter(numbered())),
            Dihedral::Rotate180.of_coefficients(&numbered())
        );
    }
}
