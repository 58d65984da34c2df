//! Pictures and numbers that tests make themselves.

/// Numbers from a seed, as in the generator of the reference fixtures.
pub(crate) struct Noise(pub u64);

impl Noise {
    pub(crate) fn byte(&mut self) -> u8 {
        self.0 = (self.0 * 1_103_515_245 + 12_345) & 0x7fff_ffff;
        ((self.0 >> 16) & 255) as u8
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.byte()).collect()
    }
}

/// Grey discs of different size and brightness on a slope, the same for the same seed at every size.
pub(crate) fn scene(width: usize, height: usize, seed: u64) -> Vec<u8> {
    let mut noise = Noise(seed * 7919 + 1);
    let mut share = || f32::from(noise.byte()) / 255.0;
    let discs: Vec<[f32; 4]> = (0..9)
        .map(|_| [share(), share(), 0.05 + share() * 0.2, share() * 255.0])
        .collect();
    let slope = [share() * 120.0, share() * 120.0];
    let pixel = |index: usize| {
        let x = ((index % width) as f32 + 0.5) / width as f32;
        let y = ((index / width) as f32 + 0.5) / height as f32;
        let inside =
            |disc: &&[f32; 4]| (x - disc[0]).powi(2) + (y - disc[1]).powi(2) < disc[2] * disc[2];
        let top = discs.iter().rev().find(inside);
        top.map_or(x * slope[0] + y * slope[1], |disc| disc[3]) as u8
    };
    (0..width * height).map(pixel).collect()
}

/// The place of the reference fixtures, which are not part of the repository; tests that need them say that they skip.
#[expect(
    clippy::disallowed_methods,
    reason = "tests that are listed as needing it"
)]
pub(crate) fn fixtures() -> Option<std::path::PathBuf> {
    let place = std::env::var_os("VIDEOCATALOG_FIXTURES").map(std::path::PathBuf::from);
    if place.is_none() {
        println!("skipped: VIDEOCATALOG_FIXTURES does not say where the reference fixtures are");
    }
    place
}

/// A film of `count` frames in RGB24, 64 × 64: scenes of 20 frames with a square that wanders and some noise.
pub(crate) fn film(count: usize, seed: u64) -> Vec<Vec<u8>> {
    let mut noise = Noise(seed + 5);
    let frame = |index: usize| {
        let mut picture = scene(64, 64, seed * 1000 + (index / 20) as u64);
        let (left, top) = (index * 3 % 50, index * 2 % 50);
        for y in top..top + 10 {
            picture[y * 64 + left..][..10].fill((index * 5 % 256) as u8);
        }
        let coloured = |value: &u8| [*value, value.saturating_add(noise.byte() / 16), value / 2];
        picture.iter().flat_map(coloured).collect()
    };
    (0..count).map(frame).collect()
}
