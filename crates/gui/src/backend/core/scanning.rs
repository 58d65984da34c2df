//! Scanning, its history, and what the user says of drives.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::drives::Drive;
use videocatalog_core::catalog::jobs::Job;
use videocatalog_core::event::Sink;
use videocatalog_core::home::Home;
use videocatalog_core::human;
use videocatalog_core::report::{self, Params};
use videocatalog_core::scan::{self, ScanError, ScanOptions, ScanRequest, Summary};
use videocatalog_core::tools::Tool;
use videocatalog_core::volume::VolumeInfo;
use videocatalog_core::watch;

use super::CoreBackend;
use super::browse::drive_lines;
use crate::backend::Trouble;
use crate::backend::browse::DriveLine;
use crate::backend::scanning::{DriveEdit, Place, ScanSetup, Scanning, Standing};

/// How long volumes may take to say what they are.
const LOOK: Duration = Duration::from_secs(3);

/// Tools without which a scan leaves something out.
const WANTED: [Tool; 2] = [Tool::MediaInfo, Tool::Ffmpeg];

impl Scanning for CoreBackend {
    fn standing(&self, cancel: &CancelToken) -> Result<Standing, Trouble> {
        let catalog = self.reading()?;
        let lines = drive_lines(&catalog)?;
        let drives: Vec<Drive> = lines.iter().map(|line| line.drive.clone()).collect();
        let now_us = self.home().clock.now_us();
        let params = Params {
            top_n: 1,
            folder_depth: 1,
            recent_days: 1,
            largest_limit: 1,
        };
        let bundle = report::bundle(&self.searcher, &catalog, &drives, params, now_us, cancel);
        let jobs = catalog.jobs(None)?;
        let was_interrupted = |drive: &&Drive| {
            jobs.iter()
                .find(|job| job.drive_label == drive.label)
                .is_some_and(|job| job.status != "Done" && job.status != "Running")
        };
        let interrupted = drives
            .iter()
            .filter(was_interrupted)
            .map(|drive| drive.label.clone())
            .collect();
        let (overview, unread) = bundle
            .map(|bundle| (bundle.overview, bundle.unread))
            .unwrap_or_default();
        Ok(Standing {
            drives: lines,
            overview,
            unread,
            interrupted,
            missing_tools: self.missing(&WANTED),
        })
    }

    fn scan_setup(&self) -> Result<ScanSetup, Trouble> {
        let home = self.home();
        // One may have been installed since; for the scan that matters.
        self.forget_tools();
        let lines = drive_lines(&self.reading()?)?;
        Ok(ScanSetup {
            options: ScanOptions::from_settings(&home.loaded.settings),
            drive_types: home.workdir.drive_types(),
            places: places(&lines),
            missing_tools: self.missing(&WANTED),
        })
    }

    fn save_drive_type(&self, drive_type: &str) -> Result<(), Trouble> {
        let workdir = &self.home().workdir;
        workdir
            .add_drive_type(drive_type)
            .map_err(|error| Trouble::new(error, "check that the working directory can be written"))
    }

    fn scan(
        &self,
        request: &ScanRequest,
        said: &DriveEdit,
        sink: Arc<dyn Sink>,
        cancel: &CancelToken,
    ) -> Result<Summary, Trouble> {
        let catalog = self.writing()?;
        let home = self.home();
        let (label, mode) = (&request.label, request.mode.name());
        home.log.line(&format!("scan of `{label}` begins ({mode})"));
        let outside = home.surroundings(sink, cancel.clone());
        let ended = scan::run(request, &catalog, &outside);
        match &ended {
            Ok(summary) => {
                let message = summary.message();
                home.log
                    .line(&format!("scan of `{label}` ended: {message}"));
            }
            Err(error) => home.log.line(&format!("scan of `{label}` failed: {error}")),
        }
        let summary = ended?;
        // The row is there now, if it was not before.
        let drive = catalog.drive(label)?;
        catalog.annotate(&drive, said.drive_type.as_deref(), said.notes.as_deref())?;
        Ok(summary)
    }

    fn jobs(&self) -> Result<Vec<Job>, Trouble> {
        // Opened for writing, so that jobs whose process is gone are no longer shown as running.
        Ok(self.writing().or_else(|_| self.reading())?.jobs(None)?)
    }

    fn delete_job(&self, id: i64) -> Result<(), Trouble> {
        if self.writing()?.delete_job(id)? {
            Ok(())
        } else {
            Err(Trouble::new("this scan runs, or is gone", "stop it first"))
        }
    }

    fn edit_drive(&self, edit: &DriveEdit) -> Result<(), Trouble> {
        let mut catalog = self.writing()?;
        let drive = catalog.drive(&edit.label)?;
        catalog.annotate(&drive, edit.drive_type.as_deref(), edit.notes.as_deref())?;
        if let Some(root) = &edit.root {
            scan::set_root(&catalog, drive, root, &Home::probe())?;
        }
        if let Some(new) = &edit.new_label {
            catalog.rename(&edit.label, new)?;
        }
        Ok(())
    }

    fn forget(&self, label: &str) -> Result<(), Trouble> {
        let now = self.home().clock.now_utc();
        Ok(self.writing()?.forget(label, now)?)
    }

    fn log_tail(&self, lines: usize) -> Vec<String> {
        self.home().log.tail(lines)
    }
}

impl CoreBackend {
    fn missing(&self, tools: &[Tool]) -> Vec<(&'static str, &'static str)> {
        let toolbox = self.tools();
        tools
            .iter()
            .filter(|tool| toolbox.probe(**tool).result.is_err())
            .map(|tool| (tool.name(), tool.lost_without()))
            .collect()
    }
}

/// Drives that are there, known ones first, then other volumes; one that hangs is left out.
fn places(lines: &[DriveLine]) -> Vec<Place> {
    let online = lines.iter().filter(|line| line.is_online);
    let mut places: Vec<Place> = online
        .map(|line| Place {
            folder: PathBuf::from(&line.drive.mount_path),
            label: Some(line.drive.label.clone()),
            about: size(
                line.drive
                    .total_bytes
                    .and_then(|bytes| u64::try_from(bytes).ok()),
            ),
        })
        .collect();
    let probe = Home::probe();
    let looking = Arc::clone(&probe);
    let mounted = watch::call(LOOK, move || looking.mounted()).unwrap_or_default();
    for folder in mounted {
        if folder == Path::new("/") || places.iter().any(|place| place.folder == folder) {
            continue;
        }
        let (probe, asked) = (Arc::clone(&probe), folder.clone());
        let Some(Ok(volume)) = watch::call(LOOK, move || probe.probe(&asked)) else {
            continue;
        };
        places.push(Place {
            folder,
            label: None,
            about: about(&volume),
        });
    }
    places
}

fn about(volume: &VolumeInfo) -> String {
    let parts = [
        volume.volume_label.clone(),
        volume.fs_format.clone(),
        Some(size(volume.total_bytes)),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(", ")
}

fn size(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "?".into(), human::size)
}

impl From<ScanError> for Trouble {
    fn from(error: ScanError) -> Self {
        Self::new(&error, error.hint())
    }
}
