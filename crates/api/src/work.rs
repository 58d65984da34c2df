//! Work that may block: a few at a time, on threads of their own, stopped when nobody waits for it any more.

use std::sync::Arc;

use axum::http::StatusCode;
use tokio::sync::OwnedSemaphorePermit;
use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::store::{Catalog, StoreError};
use videocatalog_core::report::Source;

use crate::problem::Problem;
use crate::state::Api;

/// What a piece of work works with.
pub(crate) struct Work<'a> {
    pub(crate) api: &'a Api,
    pub(crate) catalog: &'a Catalog,
    /// Raised when the client is gone or its time is up.
    pub(crate) cancel: &'a CancelToken,
}

impl<'a> Work<'a> {
    /// Returns what reports are made from.
    pub(crate) fn source(&self) -> Source<'a> {
        Source {
            searcher: &self.api.searcher,
            catalog: self.catalog,
            cancel: self.cancel,
        }
    }
}

/// Raises the token when the request that waits is dropped.
struct Waiting(CancelToken);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Api {
    /// Does something that may block, when its turn comes, and returns what it returned.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Work<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let limit = self.config.limits.request;
        tokio::time::timeout(limit, self.in_turn(job))
            .await
            .unwrap_or_else(|_| {
                Err(Problem::busy(format!(
                    "it took longer than {} seconds",
                    limit.as_secs()
                )))
            })
    }

    /// The same, however long it takes, as long as somebody waits for it and the token is not raised.
    pub(crate) async fn patiently<T: Send + 'static>(
        &self,
        cancel: CancelToken,
        job: impl FnOnce(&Work<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = Arc::clone(&self.long_turn).try_acquire_owned();
        let turn = turn.map_err(|_| {
            Problem::new(
                StatusCode::CONFLICT,
                "something else that takes long is under way",
            )
            .hint("wait until it is done, or stop it: DELETE /v1/semantic/jobs?id=…")
        })?;
        self.with_turn(turn, cancel, job).await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Work<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| Problem::busy("the server is being stopped"))?;
        self.with_turn(turn, CancelToken::new(), job).await
    }

    async fn with_turn<T: Send + 'static>(
        &self,
        turn: OwnedSemaphorePermit,
        cancel: CancelToken,
        job: impl FnOnce(&Work<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let waiting = Waiting(cancel);
        let (api, cancel) = (self.clone(), waiting.0.clone());
        let done = tokio::task::spawn_blocking(move || {
            // Until the work really ended, not until its client lost patience.
            let _turn = turn;
            if cancel.is_cancelled() {
                return Err(Problem::busy("nobody waits for it any more"));
            }
            let lent = api.pool.take().map_err(|error| no_catalogue(&error))?;
            let result = job(&Work {
                api: &api,
                catalog: &lent.catalog,
                cancel: &cancel,
            });
            api.pool.give_back(lent);
            api.pool.watch();
            result
        });
        match done.await {
            Ok(result) => result,
            // It was logged where it happened.
            Err(_) => Err(Problem::internal(
                "a bug stopped this request; the server goes on",
            )),
        }
    }
}

fn no_catalogue(error: &StoreError) -> Problem {
    Problem::busy(error.to_string()).hint(error.hint())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;
    use std::time::Duration;

    use crate::state::tests::api;

    #[test]
    fn work_ends_when_nobody_waits_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let api = api(folder.path());
        let (tell, told) = sync_channel(1);
        let (begin, begun) = sync_channel(1);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_time()
            .build()
            .unwrap();
        let waiting = runtime.spawn(async move {
            api.work(move |work| {
                begin.send(()).unwrap();
                while !work.cancel.is_cancelled() {
                    std::thread::yield_now();
                }
                tell.send(()).unwrap();
                Ok(())
            })
            .await
        });
        begun.recv_timeout(Duration::from_mins(1)).unwrap();
        waiting.abort();
        told.recv_timeout(Duration::from_mins(1)).unwrap();
    }
}
