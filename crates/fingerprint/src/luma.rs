//! Brightness of pixels as 32-bit floats from 0 to 255, by the weights of Rec. 601.
//!
//! Each product and sum is rounded by itself, left to right: fingerprints that are compared byte by byte begin here.

/// Returns the brightness of one pixel.
#[inline]
pub fn of_pixel([red, green, blue]: [u8; 3]) -> f32 {
    0.299 * f32::from(red) + 0.587 * f32::from(green) + 0.114 * f32::from(blue)
}

/// Returns the brightness of pixels in RGB24. Bytes after the last whole pixel are ignored.
pub fn of_rgb24(rgb: &[u8]) -> Vec<f32> {
    rgb.as_chunks().0.iter().copied().map(of_pixel).collect()
}

/// Returns the brightness of grey pixels of one byte, which are their brightness already.
pub fn of_grey8(grey: &[u8]) -> Vec<f32> {
    grey.iter().copied().map(f32::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_those_of_rec_601() {
        assert_eq!(
            of_rgb24(&[255, 0, 0, 0, 255, 0, 0, 0, 255, 9]),
            [0.299 * 255.0, 0.587 * 255.0, 0.114 * 255.0]
        );
        assert_eq!(of_rgb24(&[0, 0, 0, 1]), [0.0]);
        assert_eq!(of_grey8(&[0, 7, 255]), [0.0, 7.0, 255.0]);
    }

    #[test]
    fn each_step_is_rounded() {
        // In one rounding at the end this would be another float for many of these.
        for byte in 0..=255_u8 {
            let of = |weight: f32, value: u8| weight * f32::from(value);
            let step = of(0.299, byte) + of(0.587, 255 - byte);
            let expected = step + of(0.114, byte / 3);
            let actual = of_pixel([byte, 255 - byte, byte / 3]);
            assert_eq!(actual.to_bits(), expected.to_bits());
        }
    }
}
