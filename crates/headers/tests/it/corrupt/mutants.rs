//! Ways to damage a file. All of them are the same on every run.

/// `SplitMix64`: numbers that a seed decides.
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }
}

/// Returns lengths to cut a file to: every one in its first bytes, around everything that looks like the beginning of a
/// part, in even steps, and just before the end.
pub(super) fn cuts(bytes: &[u8]) -> Vec<usize> {
    let length = bytes.len();
    let mut cuts: Vec<usize> = (0..length.min(80)).collect();
    cuts.extend((1..64).map(|step| length * step / 64));
    for at in parts(bytes) {
        cuts.extend([at.saturating_sub(1), at, at + 4, at + 8, at + 9]);
    }
    cuts.extend([
        length / 2,
        length.saturating_sub(2),
        length.saturating_sub(1),
    ]);
    cuts.retain(|cut| *cut < length);
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// Returns where parts of a file seem to begin: before and at names of four letters, as in MP4, RIFF, IFF and PNG.
fn parts(bytes: &[u8]) -> Vec<usize> {
    bytes
        .windows(4)
        .enumerate()
        .filter(|(_, name)| {
            name.iter()
                .all(|byte| byte.is_ascii_alphanumeric() || *byte == b' ')
        })
        .flat_map(|(at, _)| [at, at.saturating_sub(4)])
        .take(120)
        .collect()
}

/// Returns ranges of a file to be damaged: short and long ones, near the beginning and all over.
pub(super) fn ranges(length: usize) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    for size in [1, 4, 16, 64, 1_024] {
        let step = (length / 24).max(1);
        let starts = (0..length).step_by(step);
        let near = (0..length.min(128)).step_by(size.clamp(4, 16));
        ranges.extend(
            starts
                .chain(near)
                .map(|from| (from, (from + size).min(length))),
        );
    }
    ranges.extend((0..16).map(|part| (length * part / 16, length)));
    ranges
}

/// Changes one to eight bytes, half of the time near the beginning, where headers are.
pub(super) fn flip(bytes: &mut [u8], random: &mut Random) {
    for _ in 0..=random.below(8) {
        let end = if random.below(2) == 0 {
            bytes.len().min(512)
        } else {
            bytes.len()
        };
        let at = random.below(end);
        let change = u8::try_from(random.below(255) + 1).unwrap();
        bytes[at] ^= change;
    }
}

/// Puts sizes that cannot be right at many places and hands each file on.
pub(super) fn lies(bytes: &[u8], mut check: impl FnMut(usize, &[u8], &[u8])) {
    let mut random = Random::new(11);
    let length = bytes.len();
    // Every place near the beginning, some later.
    let mut places: Vec<usize> = (0..length.min(160)).collect();
    places.extend((0..160).map(|_| random.below(length)));
    let mut bytes = bytes.to_vec();
    for place in places {
        for lie in LIES {
            let lie = &lie[..lie.len().min(length - place)];
            let kept = bytes[place..place + lie.len()].to_vec();
            bytes[place..place + lie.len()].copy_from_slice(lie);
            check(place, lie, &bytes);
            bytes[place..place + lie.len()].copy_from_slice(&kept);
        }
    }
}

/// 0, 1, the largest numbers with and without sign, in four bytes of either order, and 2^63 and the largest in eight.
const LIES: [&[u8]; 8] = [
    &[0, 0, 0, 0],
    &[0, 0, 0, 1],
    &[1, 0, 0, 0],
    &[0x7f, 0xff, 0xff, 0xff],
    &[0xff, 0xff, 0xff, 0x7f],
    &[0xff, 0xff, 0xff, 0xff],
    &[0x80, 0, 0, 0, 0, 0, 0, 0],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
];
