//! A cursor over bytes in memory; reading past the end gives `None`.

/// What is left of a run of bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes<'a> {
    rest: &'a [u8],
}

macro_rules! number {
    ($name:ident, $type:ty, $from:ident) => {
        pub(crate) fn $name(&mut self) -> Option<$type> {
            self.array().map(<$type>::$from)
        }
    };
}

#[expect(
    dead_code,
    reason = "a complete set; not every reader needs every width"
)]
impl<'a> Bytes<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) const fn left(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.rest.split_at_checked(count)?;
        self.rest = tail;
        Some(head)
    }

    pub(crate) fn skip(&mut self, count: usize) -> Option<()> {
        self.take(count).map(|_| ())
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.rest.split_first_chunk::<N>()?;
        self.rest = tail;
        Some(*head)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    number!(u16_be, u16, from_be_bytes);
    number!(u16_le, u16, from_le_bytes);
    number!(i16_be, i16, from_be_bytes);
    number!(u32_be, u32, from_be_bytes);
    number!(u32_le, u32, from_le_bytes);
    number!(i32_be, i32, from_be_bytes);
    number!(i32_le, i32, from_le_bytes);
    number!(u64_be, u64, from_be_bytes);
    number!(u64_le, u64, from_le_bytes);

    pub(crate) fn u24_be(&mut self) -> Option<u32> {
        self.array()
            .map(|[a, b, c]: [u8; 3]| u32::from_be_bytes([0, a, b, c]))
    }

    pub(crate) fn u24_le(&mut self) -> Option<u32> {
        self.array()
            .map(|[a, b, c]: [u8; 3]| u32::from_le_bytes([a, b, c, 0]))
    }
}
