//! What every page works with: who answers, what runs, what is told and asked, and what the user wants next.

use std::sync::Arc;

use eframe::egui::{self, Ui};

use crate::backend::{Backend, Trouble};
use crate::command::Command;
use crate::dialog::Dialog;
use crate::job::{Job, Running};
use crate::latest::Latest;
use crate::news::{Level, News, NewsDesk};

/// The surroundings of a page.
pub struct Shell {
    /// Who answers.
    pub backend: Arc<dyn Backend>,
    /// Banners and toasts.
    pub news: NewsDesk,
    /// Dialogs that are open, the topmost last.
    pub(crate) dialogs: Vec<Box<dyn Dialog>>,
    /// What was wished for since wishes were last carried out.
    pub(crate) wishes: Vec<Command>,
    running: Vec<Arc<Running>>,
    chores: Vec<Job<News>>,
    errands: Vec<Job<()>>,
    context: egui::Context,
}

impl Shell {
    /// Returns a shell in which nothing runs.
    pub fn new(context: egui::Context, backend: Arc<dyn Backend>) -> Self {
        Self {
            backend,
            news: NewsDesk::default(),
            dialogs: Vec::new(),
            wishes: Vec::new(),
            running: Vec::new(),
            chores: Vec::new(),
            errands: Vec::new(),
            context,
        }
    }

    /// Has something done once this frame is drawn.
    pub fn wish(&mut self, command: Command) {
        self.wishes.push(command);
    }

    /// Opens a dialog.
    pub fn ask(&mut self, dialog: impl Dialog + 'static) {
        self.dialogs.push(Box::new(dialog));
    }

    /// Starts work whose answer a page waits for; the bottom bar shows and stops it.
    pub fn start<T: Send + 'static>(
        &mut self,
        title: impl Into<String>,
        work: impl FnOnce(&dyn Backend, &Arc<Running>) -> Result<T, Trouble> + Send + 'static,
    ) -> Job<T> {
        let job = self.beside(title, work);
        self.running.push(Arc::clone(job.running()));
        job
    }

    /// Starts work that goes on beside everything else: the bottom bar does not show it, and the window closes without asking.
    pub fn beside<T: Send + 'static>(
        &self,
        title: impl Into<String>,
        work: impl FnOnce(&dyn Backend, &Arc<Running>) -> Result<T, Trouble> + Send + 'static,
    ) -> Job<T> {
        let backend = Arc::clone(&self.backend);
        Job::start(title, &self.context, move |running| {
            work(backend.as_ref(), running)
        })
    }

    /// Starts work that ends with a banner; what is shown of the catalogue is asked for again then.
    pub fn chore(
        &mut self,
        title: impl Into<String>,
        work: impl FnOnce(&dyn Backend, &Arc<Running>) -> Result<News, Trouble> + Send + 'static,
    ) {
        let job = self.start(title, work);
        self.chores.push(job);
    }

    /// Starts work that says something only if it fails.
    pub fn quietly(
        &mut self,
        title: impl Into<String>,
        work: impl FnOnce(&dyn Backend) -> Result<(), Trouble> + Send + 'static,
    ) {
        let job = self.start(title, move |backend, _| work(backend));
        self.errands.push(job);
    }

    /// Returns a worker that answers the latest question only.
    pub fn latest<Q: Clone + Send + 'static, A: Send + 'static>(
        &self,
        answer: impl Fn(&dyn Backend, &Q, &videocatalog_core::cancel::CancelToken) -> A + Send + 'static,
    ) -> Latest<Q, A> {
        let (backend, context) = (Arc::clone(&self.backend), self.context.clone());
        Latest::new(
            move |question, cancel| answer(backend.as_ref(), question, cancel),
            move || context.request_repaint(),
        )
    }

    /// Tells of something that failed.
    pub fn trouble(&mut self, trouble: &Trouble) {
        self.news
            .banner(News::new(Level::Error, trouble.sentence()));
    }

    /// Returns what runs, oldest first.
    pub fn running(&self) -> &[Arc<Running>] {
        &self.running
    }

    pub(crate) fn show_banners(&mut self, ui: &mut Ui) {
        self.news.show_banners(ui, &mut self.wishes);
    }

    pub(crate) fn show_toasts(&mut self, context: &egui::Context) {
        self.news.show_toasts(context, &mut self.wishes);
    }

    /// Takes what ended since the last frame.
    pub(crate) fn poll(&mut self) {
        self.running.retain(|running| !running.is_done());
        let chores = std::mem::take(&mut self.chores);
        for chore in chores {
            match chore.poll() {
                None => self.chores.push(chore),
                Some(Ok(news)) => {
                    self.news.banner(news);
                    self.wish(Command::Reload);
                }
                Some(Err(trouble)) => {
                    self.trouble(&trouble);
                    self.wish(Command::Reload);
                }
            }
        }
        let errands = std::mem::take(&mut self.errands);
        for errand in errands {
            match errand.poll() {
                None => self.errands.push(errand),
                Some(Ok(())) => {}
                Some(Err(trouble)) => self.trouble(&trouble),
            }
        }
        for notice in self.backend.take_notices() {
            self.news.banner(News::new(Level::Info, notice));
        }
    }
}
