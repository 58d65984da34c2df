//! Shrinking a picture to 64 × 64: blurred twice by a box as wide as what is left out, then every n-th pixel taken.
//!
//! Sums run along a row or column, one pixel in and one out at a time, and are rounded at each step as in the reference.

const EDGE: usize = 64;

/// Returns the picture as 64 × 64 pixels. `luma` holds `width * height` values, at least one.
pub(super) fn to_64x64(width: usize, height: usize, luma: &[f32]) -> [f32; EDGE * EDGE] {
    if let Ok(picture) = <&[f32; EDGE * EDGE]>::try_from(luma)
        && width == EDGE
    {
        return *picture;
    }
    let (mut picture, mut blurred) = (luma.to_vec(), vec![0.0; luma.len()]);
    for _pass in 0..2 {
        let rows = picture.chunks_exact(width);
        for (row, target) in rows.zip(blurred.chunks_exact_mut(width)) {
            blur_row(row, target, window(width));
        }
        blur_columns(&blurred, &mut picture, width, window(height));
    }
    every_nth(width, height, &picture)
}

/// Returns how many pixels are averaged along a side of this length.
fn window(length: usize) -> usize {
    length.div_ceil(2 * EDGE)
}

/// Returns how many pixels of a window lie before its own, and how many after: even ones hang over to the end.
fn reach(window: usize) -> (usize, usize) {
    let after = window / 2;
    (window - after - 1, after)
}

/// Averages a row over a window, which is narrower near both ends.
fn blur_row(from: &[f32], to: &mut [f32], window: usize) {
    let (before, after) = reach(window);
    let (mut entering, mut leaving) = (from.iter(), from.iter());
    let (mut sum, mut count) = (0.0, 0);
    for value in entering.by_ref().take(after) {
        sum += value;
        count += 1;
    }
    for (index, target) in to.iter_mut().enumerate() {
        if let Some(value) = entering.next() {
            sum += value;
            count += 1;
        }
        if index > before
            && let Some(value) = leaving.next()
        {
            sum -= value;
            count -= 1;
        }
        *target = sum / as_float(count);
    }
}

/// Does to each column what [`blur_row`] does to a row, a row at a time: additions are then side by side.
fn blur_columns(from: &[f32], to: &mut [f32], width: usize, window: usize) {
    let height = from.len() / width;
    let (before, after) = reach(window);
    let row = |index: usize| {
        from.get(index * width..(index + 1) * width)
            .unwrap_or_default()
    };
    let mut sums = vec![0.0_f32; width];
    let mut count = 0;
    let mut entering = 0;
    for (index, target) in to.chunks_exact_mut(width).enumerate() {
        while entering <= index + after && entering < height {
            sums.iter_mut()
                .zip(row(entering))
                .for_each(|(sum, value)| *sum += value);
            entering += 1;
            count += 1;
        }
        if index > before {
            let leaving = row(index - before - 1);
            sums.iter_mut()
                .zip(leaving)
                .for_each(|(sum, value)| *sum -= value);
            count -= 1;
        }
        let averages = sums.iter().map(|sum| sum / as_float(count));
        target
            .iter_mut()
            .zip(averages)
            .for_each(|(target, value)| *target = value);
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a window of 2^24 pixels would need a side of 2^31"
)]
fn as_float(count: u32) -> f32 {
    count as f32
}

/// Takes the pixels at the centres of 64 × 64 equal fields.
fn every_nth(width: usize, height: usize, picture: &[f32]) -> [f32; EDGE * EDGE] {
    let mut small = [0.0; EDGE * EDGE];
    for (row, target) in small.as_chunks_mut::<EDGE>().0.iter_mut().enumerate() {
        let start = centre(row, height) * width;
        for (column, value) in target.iter_mut().enumerate() {
            let index = start + centre(column, width);
            *value = picture.get(index).copied().unwrap_or_default();
        }
    }
    small
}

/// Returns `(field + 0.5) * length / 64`, cut off.
fn centre(field: usize, length: usize) -> usize {
    (2 * field + 1) * length / (2 * EDGE)
}
