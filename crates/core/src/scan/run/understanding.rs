//! The part of a scan in which other programs are asked about media files: what our reader does not know, pictures,
//! decode checks, subtitles inside films.
//!
//! What is left to ask follows from the rows, so that a scan after the installation of a tool does just what was missing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::Scan;
use crate::catalog::batch::Batch;
use crate::catalog::media::{self, MediaTask, Wanted};
use crate::catalog::pictures::{Attached, PicturedFile, Pictures};
use crate::catalog::shard;
use crate::event::{Event, Phase, Sink};
use crate::media::Reader;
use crate::profile::Profile;
use crate::scan::ask::{Answer, Asking, AskingPlan};
use crate::scan::pacing;
use crate::scan::pump::{TASKS_AHEAD, TICK};
use crate::scan::request::ScanError;
use crate::settings::SubtitleMode;
use crate::tools::Tool;
use crate::watch;

impl Scan<'_> {
    /// Asks other programs what is left to be asked.
    pub(super) fn understand(&mut self) -> Result<(), ScanError> {
        let options = self.request.options.media;
        if !options.tools {
            return Ok(());
        }
        let pictures = match options.pictures {
            Some(_) => Some(self.open_pictures()?),
            None => None,
        };
        // What only another program can read has its pictures and checks in the same scan.
        self.ask_for_headers()?;
        let wanted = Wanted {
            fallback: 0,
            check: options.check,
            subtitles: self.wants_subtitles(),
        };
        self.ask(wanted, pictures.as_ref())?;
        self.tell_missing();
        Ok(())
    }

    /// Asks the programs there are about files that ours could not read. Where there are none, that is told.
    fn ask_for_headers(&mut self) -> Result<(), ScanError> {
        let programs = [
            (Tool::Ffprobe, Reader::Ffprobe),
            (Tool::MediaInfo, Reader::MediaInfo),
        ];
        let (mut present, mut waiting) = (0, 0);
        for (tool, reader) in programs {
            let unread =
                media::unread(self.connection, reader).map_err(|error| self.write(error))?;
            // A tool that nothing waits for is not even looked for.
            if unread > 0 && self.outside.tools.need(tool).is_ok() {
                present |= reader.asked_bit();
            }
            if reader == Reader::Ffprobe {
                waiting = unread;
            }
        }
        if present == 0 {
            if waiting > 0 {
                self.media
                    .tool_missing
                    .insert(Tool::Ffprobe.name(), waiting);
            }
            return Ok(());
        }
        self.ask(
            Wanted {
                fallback: present,
                ..Wanted::default()
            },
            None,
        )
    }

    /// Subtitles inside a film are spread over all of it.
    fn wants_subtitles(&self) -> bool {
        match self.request.options.media.subtitles {
            SubtitleMode::All => true,
            SubtitleMode::Files => false,
            SubtitleMode::Auto => {
                matches!(self.performance.profile, Profile::Ssd | Profile::Hdd)
            }
        }
    }

    fn open_pictures(&self) -> Result<Pictures, ScanError> {
        let uid = &self.plan.drive.drive_uid;
        let pictures = Pictures::open(&self.shard_path, uid, self.catalog.journal())?;
        let again = self.request.mode == crate::scan::Mode::Full;
        let prepared = pictures.forget_unknown(&self.shard_path).and_then(|()| {
            if again {
                pictures.make_again(self.since_change)
            } else {
                Ok(())
            }
        });
        prepared.map_err(|source| ScanError::Write {
            path: pictures.path().to_path_buf(),
            source,
        })?;
        Ok(pictures)
    }

    fn ask(&mut self, wanted: Wanted, pictures: Option<&Pictures>) -> Result<(), ScanError> {
        let start = self.start()?;
        let filled = match pictures {
            Some(pictures) => {
                Attached::new(self.connection, pictures.path()).and_then(|_attached| {
                    media::fill_queue(self.connection, wanted, Some(Attached::TABLE), &start)
                })
            }
            None => media::fill_queue(self.connection, wanted, None, &start),
        };
        let files = filled.map_err(|error| self.write(error))?;
        if files == 0 {
            return Ok(());
        }
        self.media_files = Some(self.media_done + files);
        self.progress(Phase::Media);
        let options = self.request.options.media;
        let threads = self.performance.ffmpeg_parallel.max(1);
        let (task_sender, task_receiver) = bounded(TASKS_AHEAD.min(threads * 4));
        let (answer_sender, answer_receiver) = bounded(threads);
        let asking = Arc::new(Asking::new(
            AskingPlan {
                root: self.plan.root.clone(),
                check: wanted.check,
                pictures: options.pictures.filter(|_| pictures.is_some()),
                timeout: options.tool_timeout,
                hwaccel: self.request.options.analysis.hwaccel,
                policy: self.request.options.analysis.gpu.policy,
                is_gentle: self.performance.gentle_io
                    || matches!(self.performance.profile, Profile::Usb | Profile::Network),
            },
            Arc::clone(&self.outside.tools),
            Arc::clone(&self.tree),
            task_receiver,
            answer_sender,
            self.outside.cancel.clone(),
        ));
        let (limit, cancel) = (self.request.options.time_limit, self.outside.cancel.clone());
        thread::scope(|scope| {
            let work = Arc::clone(&asking);
            let watcher = thread::Builder::new()
                .name("media-watch".into())
                .spawn_scoped(scope, move || {
                    watch::run(&work, "media", threads, limit, &cancel);
                });
            let done = match watcher {
                Ok(_) => self.write_answers(pictures, &asking, &task_sender, &answer_receiver),
                Err(source) => Err(ScanError::System {
                    what: "start a thread",
                    source,
                }),
            };
            asking.stop();
            drop(task_sender);
            drop(answer_receiver);
            done
        })?;
        self.progress(Phase::Media);
        if asking.gave_up() {
            return Err(self.hung());
        }
        Ok(())
    }

    /// Gives tasks out and writes answers until there are none of either.
    fn write_answers(
        &mut self,
        pictures: Option<&Pictures>,
        asking: &Asking,
        tasks: &Sender<MediaTask>,
        answers: &Receiver<(MediaTask, Answer)>,
    ) -> Result<(), ScanError> {
        let clock = Arc::clone(&self.outside.clock);
        let mut batch = Batch::new(self.connection, clock.as_ref());
        let interval = pacing::batch_interval(
            self.request.options.batch_interval,
            self.performance.profile,
        );
        let mut page = Vec::new().into_iter();
        let (mut after, mut in_flight, mut is_exhausted) = (0, 0_usize, false);
        let (mut shown, mut committed) = (Instant::now(), Instant::now());
        while !(is_exhausted && in_flight == 0) {
            let is_stopping = self.outside.cancel.is_cancelled() || asking.gave_up();
            if is_stopping && in_flight == 0 {
                break;
            }
            while !is_stopping && !is_exhausted && !tasks.is_full() {
                let Some(task) = page.next() else {
                    page = media::next_tasks(self.connection, after, 256)
                        .map_err(|error| self.write(error))?
                        .into_iter();
                    is_exhausted = page.len() == 0;
                    continue;
                };
                let mut task: MediaTask = task;
                after = task.seq;
                if self.filter.hides(&task.path) {
                    continue;
                }
                self.keep_within_room(pictures, &mut task)?;
                in_flight += 1;
                if tasks.send(task).is_err() {
                    break;
                }
            }
            match answers.recv_timeout(TICK) {
                Ok((task, answer)) => {
                    in_flight -= 1;
                    self.media_done += 1;
                    self.write_answer(&mut batch, pictures, &task, answer)
                        .map_err(|error| self.write(error))?;
                }
                // Tasks that no worker took go unanswered once the workers leave.
                Err(RecvTimeoutError::Timeout) if is_stopping => break,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if committed.elapsed() >= interval {
                committed = Instant::now();
                self.commit_answers(&mut batch, pictures)?;
            }
            if shown.elapsed() >= 4 * TICK {
                shown = Instant::now();
                self.progress(Phase::Media);
            }
        }
        self.commit_answers(&mut batch, pictures)
    }

    fn commit_answers(
        &self,
        batch: &mut Batch<'_>,
        pictures: Option<&Pictures>,
    ) -> Result<(), ScanError> {
        batch.commit().map_err(|error| self.write(error))?;
        match pictures {
            Some(pictures) => pictures.commit().map_err(|source| ScanError::Write {
                path: pictures.path().to_path_buf(),
                source,
            }),
            None => Ok(()),
        }
    }

    /// Past the size that pictures may have, no more are made.
    fn keep_within_room(
        &mut self,
        pictures: Option<&Pictures>,
        task: &mut MediaTask,
    ) -> Result<(), ScanError> {
        let Some(pictures) = pictures.filter(|_| task.pictures) else {
            return Ok(());
        };
        let bytes = pictures.bytes().map_err(|source| ScanError::Write {
            path: pictures.path().to_path_buf(),
            source,
        })?;
        if bytes >= self.request.options.media.pictures_max_bytes {
            task.pictures = false;
            self.media.no_room += 1;
        }
        Ok(())
    }

    fn write_answer(
        &mut self,
        batch: &mut Batch<'_>,
        pictures: Option<&Pictures>,
        task: &MediaTask,
        answer: Answer,
    ) -> rusqlite::Result<()> {
        for tool in &answer.missing {
            *self.media.tool_missing.entry(tool.name()).or_default() += 1;
        }
        if let Some(problem) = answer.problem {
            self.sink.event(Event::Problem(problem));
        }
        if answer.asked != 0 {
            let change = batch.change()?;
            self.media.asked += 1;
            match &answer.read {
                Some(read) => media::save(self.connection, task.file_id, read, change)?,
                None => media::save_asked(self.connection, task.file_id, answer.asked)?,
            }
        }
        if let Some(verdict) = &answer.verdict {
            let change = batch.change()?;
            media::save_verdict(self.connection, task.file_id, verdict, change)?;
            self.media.checked += 1;
            let is_news = verdict.ok == Some(false) && task.known.integrity_ok != Some(false);
            self.media.faulty += u64::from(is_news);
        }
        if let Some(texts) = &answer.subtitles {
            batch.change()?;
            for (stream, language, lines) in texts {
                media::save_subtitle(
                    self.connection,
                    task.file_id,
                    *stream,
                    language.as_deref(),
                    lines,
                )?;
            }
            media::save_subtitles_read(self.connection, task.file_id)?;
            self.media.subtitled += 1;
        }
        if let (Some(store), Some(made)) = (pictures, answer.pictures) {
            let change_id = shard::root(self.connection)?.map_or(0, |root| root.change_id);
            let file = PicturedFile {
                file_id: task.file_id,
                size_bytes: task.size_bytes,
                mtime_us: task.mtime_us,
                change_id,
            };
            store.begin()?;
            let (made, failure) = match made {
                Ok(made) => (made, None),
                Err(reason) => (Vec::new(), Some(reason)),
            };
            store.save(file, &made, failure.as_deref())?;
            self.media.pictured += u64::from(!made.is_empty());
        }
        Ok(())
    }

    /// One sentence a tool, with what it was wanted for.
    fn tell_missing(&self) {
        let missing: &BTreeMap<&'static str, u64> = &self.media.tool_missing;
        for (name, files) in missing {
            let Some(tool) = Tool::from_name(name) else {
                continue;
            };
            if let Err(missing) = self.outside.tools.need(tool) {
                self.sink.event(Event::Warning(format!(
                    "{missing} ({files} files; a later scan makes up for it)"
                )));
            }
        }
        if self.media.no_room > 0 {
            self.sink.event(Event::Warning(format!(
                "{} files were left without pictures: the drive's pictures have reached `pictures.max_mb`",
                self.media.no_room
            )));
        }
    }
}
