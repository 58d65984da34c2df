//! Reading a file in places, within a budget.

use std::io;

/// Bytes that can be read anywhere.
pub trait Source {
    /// Returns the length in bytes.
    fn len(&self) -> u64;

    /// Reads some bytes at `offset`; 0 only at the end.
    ///
    /// # Errors
    /// What the system says.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Returns whether there are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Source for &[u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|offset| self.get(offset..))
            .unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        Ok(count)
    }
}

/// How much may be read of one file.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes in all.
    pub bytes: u64,
    /// Separate reads in all: each may be a seek.
    pub reads: u32,
}

impl Default for Limits {
    /// 4 MiB in 256 reads; an ordinary file takes a few dozen KiB in a handful.
    fn default() -> Self {
        Self {
            bytes: 4 << 20,
            reads: 256,
        }
    }
}

/// Why reading went no further.
#[derive(Debug)]
pub enum Stop {
    /// The system refused.
    Io(io::Error),
    /// The budget is used up; what is known is all that will be.
    Budget,
    /// The file ends before what it announced: the first byte after what should be there.
    End {
        /// Length in bytes the file would have to have, as far as known.
        expected: u64,
    },
    /// Something contradicts the format.
    Damaged {
        /// What, in plain words: "a box larger than its parent".
        what: &'static str,
        /// Offset in the file.
        at: u64,
    },
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Bytes read at once where less was asked for.
const WINDOW: usize = 16 << 10;

/// Windows kept: enough for a parser that goes back and forth between a table and what it points to.
const WINDOWS: usize = 6;

/// Bytes that are fetched for a few, and how many such places are remembered: a box's length, kind and first numbers stand
/// together.
const SIP: usize = 64;
const SIPS: usize = 32;

/// The longest run of bytes handed out at once.
pub(crate) const LONGEST_RUN: usize = 1 << 20;

/// A source with a small cache and a budget.
pub struct Reader<'a> {
    source: &'a mut dyn Source,
    length: u64,
    limits: Limits,
    bytes_read: u64,
    reads: u32,
    /// Most recently used last.
    windows: Vec<(u64, Vec<u8>)>,
    /// What was sipped last, the oldest overwritten first.
    sips: Vec<(u64, [u8; SIP])>,
    next_sip: usize,
}

impl<'a> Reader<'a> {
    /// Wraps a source.
    pub fn new(source: &'a mut dyn Source, limits: Limits) -> Self {
        let length = source.len();
        Self {
            source,
            length,
            limits,
            bytes_read: 0,
            reads: 0,
            windows: Vec::with_capacity(WINDOWS),
            sips: Vec::with_capacity(SIPS),
            next_sip: 0,
        }
    }

    /// Returns the length of the file in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Returns how many bytes were read from the source.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Returns how many bytes may still be read.
    pub fn bytes_left(&self) -> u64 {
        self.limits.bytes.saturating_sub(self.bytes_read)
    }

    /// Fills `buffer` from `offset`.
    ///
    /// # Errors
    /// [`Stop::End`] where the file is shorter.
    pub fn read_exact(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), Stop> {
        let end = offset.saturating_add(buffer.len() as u64);
        if end > self.length {
            return Err(Stop::End { expected: end });
        }
        if buffer.len() > WINDOW {
            return self.fetch(offset, buffer);
        }
        let mut done = 0;
        while done < buffer.len() {
            let at = offset + done as u64;
            let rest = buffer.get_mut(done..).unwrap_or_default();
            let copied = self.copy_from_window(at, rest)?;
            if copied == 0 {
                return Err(Stop::End { expected: end });
            }
            done += copied;
        }
        Ok(())
    }

    /// Fills a few bytes from `offset` without reading a window's worth around them, unless they are at hand: for hopping
    /// over tables.
    ///
    /// # Errors
    /// As [`Self::read_exact`].
    pub(crate) fn sip(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), Stop> {
        let end = offset.saturating_add(buffer.len() as u64);
        let at_hand = self
            .windows
            .iter()
            .any(|(at, bytes)| *at <= offset && end <= *at + bytes.len() as u64);
        if at_hand || end > self.length {
            return self.read_exact(offset, buffer);
        }
        if buffer.len() > SIP / 4 || offset.saturating_add(SIP as u64) > self.length {
            return self.fetch(offset, buffer);
        }
        let (at, bytes) = if let Some(sip) = self.sipped(offset, end) {
            sip
        } else {
            let mut bytes = [0; SIP];
            self.fetch(offset, &mut bytes)?;
            self.remember((offset, bytes));
            (offset, bytes)
        };
        let skip = usize::try_from(offset - at).unwrap_or(SIP);
        for (to, from) in buffer.iter_mut().zip(bytes.iter().skip(skip)) {
            *to = *from;
        }
        Ok(())
    }

    fn sipped(&self, offset: u64, end: u64) -> Option<(u64, [u8; SIP])> {
        self.sips
            .iter()
            .find(|(at, _)| *at <= offset && end <= at + SIP as u64)
            .copied()
    }

    fn remember(&mut self, sip: (u64, [u8; SIP])) {
        match self.sips.get_mut(self.next_sip) {
            Some(slot) => *slot = sip,
            None => self.sips.push(sip),
        }
        self.next_sip = (self.next_sip + 1) % SIPS;
    }

    /// Returns `count` bytes at `offset`. More than 1 MiB is refused as damage, so that no claimed size decides
    /// what is allocated.
    ///
    /// # Errors
    /// As [`Self::read_exact`].
    pub fn bytes(&mut self, offset: u64, count: u64) -> Result<Vec<u8>, Stop> {
        if offset.saturating_add(count) > self.length {
            return Err(Stop::End {
                expected: offset.saturating_add(count),
            });
        }
        let count = match usize::try_from(count) {
            Ok(count) if count <= LONGEST_RUN => count,
            _ => {
                return Err(Stop::Damaged {
                    what: "a part that is far too long",
                    at: offset,
                });
            }
        };
        let mut buffer = vec![0; count];
        self.read_exact(offset, &mut buffer)?;
        Ok(buffer)
    }

    /// Returns up to `count` bytes at `offset`: fewer at the end of the file, never more than 1 MiB.
    ///
    /// # Errors
    /// The budget or the system.
    pub fn up_to(&mut self, offset: u64, count: u64) -> Result<Vec<u8>, Stop> {
        let there = self.length.saturating_sub(offset);
        self.bytes(offset, count.min(there).min(LONGEST_RUN as u64))
    }

    /// Returns `N` bytes at `offset`.
    ///
    /// # Errors
    /// As [`Self::read_exact`].
    pub fn array<const N: usize>(&mut self, offset: u64) -> Result<[u8; N], Stop> {
        let mut array = [0; N];
        self.read_exact(offset, &mut array)?;
        Ok(array)
    }

    /// Returns whether everything read so far from the file's beginning is zero.
    pub(crate) fn begins_with_zeros(&mut self) -> bool {
        self.up_to(0, 4_096)
            .is_ok_and(|bytes| bytes.iter().all(|byte| *byte == 0))
    }

    fn copy_from_window(&mut self, offset: u64, to: &mut [u8]) -> Result<usize, Stop> {
        let start = offset - offset % WINDOW as u64;
        let index = match self.windows.iter().position(|(at, _)| *at == start) {
            Some(index) => index,
            None => self.load(start)?,
        };
        let window = self.windows.remove(index);
        let skip = usize::try_from(offset - start).unwrap_or(usize::MAX);
        let from = window.1.get(skip..).unwrap_or_default();
        let count = from.len().min(to.len());
        if let (Some(to), Some(from)) = (to.get_mut(..count), from.get(..count)) {
            to.copy_from_slice(from);
        }
        self.windows.push(window);
        Ok(count)
    }

    fn load(&mut self, start: u64) -> Result<usize, Stop> {
        let there = self.length.saturating_sub(start).min(WINDOW as u64);
        let mut buffer = if self.windows.len() == WINDOWS {
            self.windows.remove(0).1
        } else {
            Vec::with_capacity(WINDOW)
        };
        buffer.resize(usize::try_from(there).unwrap_or(WINDOW), 0);
        self.fetch(start, &mut buffer)?;
        self.windows.push((start, buffer));
        Ok(self.windows.len() - 1)
    }

    fn fetch(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), Stop> {
        if buffer.len() as u64 > self.bytes_left() || self.reads >= self.limits.reads {
            return Err(Stop::Budget);
        }
        self.reads += 1;
        let mut done = 0;
        while done < buffer.len() {
            let rest = buffer.get_mut(done..).unwrap_or_default();
            let count = self.source.read_at(offset + done as u64, rest)?;
            if count == 0 {
                // Shorter than it was when its length was asked for.
                return Err(Stop::End {
                    expected: offset + buffer.len() as u64,
                });
            }
            done += count.min(rest.len());
            self.bytes_read += count as u64;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_across_windows_and_stops_at_the_end() {
        let data: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
        let mut source = data.as_slice();
        let mut reader = Reader::new(&mut source, Limits::default());
        assert_eq!(reader.bytes(16_380, 10).unwrap(), &data[16_380..16_390]);
        assert_eq!(reader.bytes(50_000, 40_000).unwrap(), &data[50_000..90_000]);
        assert_eq!(reader.up_to(99_990, 100).unwrap(), &data[99_990..]);
        assert!(matches!(
            reader.bytes(99_990, 11),
            Err(Stop::End { expected: 100_001 })
        ));
        assert!(matches!(
            reader.bytes(u64::MAX - 3, u64::MAX),
            Err(Stop::End { .. })
        ));
    }

    #[test]
    fn the_budget_holds() {
        let data = vec![1; 1 << 20];
        let mut source = data.as_slice();
        let limits = Limits {
            bytes: 100_000,
            reads: 3,
        };
        let mut reader = Reader::new(&mut source, limits);
        for window in 0..3 {
            reader.array::<4>(window * 100_000).unwrap();
        }
        assert!(matches!(reader.array::<4>(400_000), Err(Stop::Budget)));
        // What was read stays readable.
        reader.array::<4>(100_000).unwrap();
        assert!(reader.bytes_read() <= 100_000);
    }
}
