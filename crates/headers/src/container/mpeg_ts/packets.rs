//! Packets of a transport stream, one after the other, finding the next one where bytes are lost.

/// How packets lie in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Bytes from packet to packet: 188, 192 or 204.
    pub(super) size: usize,
    /// Bytes before the sync byte: 4 on Blu-ray, a time stamp.
    pub(super) skip: usize,
}

const SYNC: u8 = 0x47;

impl Layout {
    /// Returns the layout of the file that begins with these bytes.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        [(188, 0), (192, 4), (204, 0)]
            .into_iter()
            .map(|(size, skip)| Self { size, skip })
            .find(|layout| layout.is_synced(head, 8))
    }

    /// Returns whether the next packets, `most` at most, begin as they should.
    pub(super) fn is_synced(self, bytes: &[u8], most: usize) -> bool {
        let mut packets = bytes
            .iter()
            .skip(self.skip)
            .step_by(self.size)
            .take(most)
            .peekable();
        packets.peek().is_some() && packets.all(|byte| *byte == SYNC)
    }

    /// Returns how far away the next packets are, if there are any.
    pub(super) fn resync(self, bytes: &[u8]) -> Option<usize> {
        (0..bytes.len()).find(|at| {
            let rest = bytes.get(*at..).unwrap_or_default();
            rest.len() >= self.size * 3 && self.is_synced(rest, 4)
        })
    }
}

/// What a packet carries.
#[derive(Debug)]
pub(super) struct Packet<'a> {
    pub(super) pid: u16,
    /// Something begins in it: a section, or a packet of the elementary stream.
    pub(super) unit_start: bool,
    pub(super) payload: &'a [u8],
    /// The program's clock in 1/90,000 s.
    pub(super) clock: Option<u64>,
}

/// Packets in a run of bytes.
pub(super) struct Packets<'a> {
    bytes: &'a [u8],
    layout: Layout,
    at: usize,
}

impl<'a> Packets<'a> {
    pub(super) fn new(bytes: &'a [u8], layout: Layout) -> Self {
        Self {
            bytes,
            layout,
            at: 0,
        }
    }

    /// Returns how many bytes were used.
    pub(super) fn used(&self) -> usize {
        self.at
    }
}

impl<'a> Iterator for Packets<'a> {
    type Item = Packet<'a>;

    fn next(&mut self) -> Option<Packet<'a>> {
        loop {
            let rest = self.bytes.get(self.at..)?;
            let packet = rest.get(self.layout.skip..self.layout.skip + 188)?;
            if packet.first() != Some(&SYNC) {
                // What is left over is tried again with the bytes that follow.
                self.at += self.layout.resync(rest)?;
                continue;
            }
            // A file may end without the check bytes of its last packet.
            self.at = (self.at + self.layout.size).min(self.bytes.len());
            if let Some(packet) = parse(packet) {
                return Some(packet);
            }
        }
    }
}

/// Returns what a packet carries, or `None` if it is known to be broken or encrypted.
fn parse(packet: &[u8]) -> Option<Packet<'_>> {
    let (head, mut payload) = packet.split_first_chunk::<4>()?;
    let [_, high, low, control] = *head;
    if high & 0x80 != 0 || control & 0xc0 != 0 {
        return None;
    }
    let mut clock = None;
    if control & 0x20 != 0 {
        let (length, rest) = payload.split_first()?;
        let (field, rest) = rest.split_at_checked(usize::from(*length))?;
        if let [flags, a, b, c, d, e, ..] = *field
            && flags & 0x10 != 0
        {
            let base = u64::from(u32::from_be_bytes([a, b, c, d]));
            clock = Some(base << 1 | u64::from(e >> 7));
        }
        payload = rest;
    }
    if control & 0x10 == 0 {
        payload = &[];
    }
    Some(Packet {
        pid: u16::from(high & 0x1f) << 8 | u16::from(low),
        unit_start: high & 0x40 != 0,
        payload,
        clock,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_found_again() {
        let mut bytes = Vec::new();
        for n in 0..14_u8 {
            bytes.extend([0x47, 0x40, n, 0x10]);
            bytes.resize(bytes.len() + 184, 0xff);
            if n == 9 {
                bytes.resize(bytes.len() + 100, 0);
            }
        }
        let layout = Layout::of(&bytes).unwrap();
        assert_eq!((layout.size, layout.skip), (188, 0));
        let pids: Vec<_> = Packets::new(&bytes, layout)
            .map(|packet| packet.pid)
            .collect();
        assert_eq!(pids, (0..14).collect::<Vec<_>>());
    }
}
