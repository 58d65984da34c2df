//! A connection that ends when its client reads nothing for too long; hyper waits for ever.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::time::{Sleep, sleep};

/// A connection and how long it may take to get rid of some bytes.
pub(crate) struct Stalling<T> {
    inner: T,
    limit: Duration,
    /// Set while bytes wait to be sent.
    until: Option<Pin<Box<Sleep>>>,
}

impl<T: Write + Unpin> Stalling<T> {
    pub(crate) fn new(inner: T, limit: Duration) -> Self {
        Self {
            inner,
            limit,
            until: None,
        }
    }

    fn limited<R>(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut T>, &mut Context<'_>) -> Poll<Result<R>>,
    ) -> Poll<Result<R>> {
        let polled = write(Pin::new(&mut self.inner), cx);
        if polled.is_ready() {
            self.until = None;
            return polled;
        }
        let limit = self.limit;
        let until = self.until.get_or_insert_with(|| Box::pin(sleep(limit)));
        match until.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(Error::new(
                ErrorKind::TimedOut,
                "the client reads nothing",
            ))),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T: Read + Unpin> Read for Stalling<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<T: Write + Unpin> Write for Stalling<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<Result<usize>> {
        self.limited(cx, |inner, cx| inner.poll_write(cx, buf))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.limited(cx, Write::poll_flush)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.limited(cx, Write::poll_shutdown)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        self.limited(cx, |inner, cx| inner.poll_write_vectored(cx, bufs))
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt, duplex};

    use super::*;

    fn run<T>(work: impl Future<Output = T>) -> T {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().build().unwrap().block_on(work)
    }

    async fn write<W: Write + Unpin>(to: &mut W, bytes: &[u8]) -> Result<usize> {
        poll_fn(|cx| Pin::new(&mut *to).poll_write(cx, bytes)).await
    }

    #[test]
    fn a_client_that_reads_nothing_is_given_up() {
        run(async {
            let (ours, _theirs) = duplex(16);
            let mut ours = Stalling::new(TokioIo::new(ours), Duration::from_millis(20));
            assert_eq!(write(&mut ours, &[7; 16]).await.unwrap(), 16);
            let error = write(&mut ours, &[7; 16]).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TimedOut);
        });
    }

    #[test]
    fn one_that_reads_slowly_is_not() {
        run(async {
            let (ours, mut theirs) = duplex(16);
            let mut ours = Stalling::new(TokioIo::new(ours), Duration::from_mins(10));
            for _ in 0..100 {
                let both = tokio::join!(write(&mut ours, &[7; 16]), async {
                    let mut read = [0; 16];
                    theirs.read_exact(&mut read).await
                });
                assert_eq!((both.0.unwrap(), both.1.unwrap()), (16, 16));
            }
        });
    }
}
