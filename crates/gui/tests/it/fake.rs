//! A backend that answers the same for ever, fails at everything, or never answers: for what a real catalogue does not do when
//! it is asked to.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::Vec2;
use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::SchemaState;
use videocatalog_core::catalog::backups::Backup;
use videocatalog_core::catalog::drives::Drive;
use videocatalog_core::catalog::jobs::Job;
use videocatalog_core::diagnose::DatabaseFile;
use videocatalog_core::duplicates::{Evidence, NearDuplicates, NearFile, NearGroup, Reason};
use videocatalog_core::event::Sink;
use videocatalog_core::gpu::{Adapter, Capabilities, Hwaccel, Tried, checklist};
use videocatalog_core::maintain::{Action, Outcome};
use videocatalog_core::report::document::Document;
use videocatalog_core::report::{CategoryEntry, FilePlace, Overview};
use videocatalog_core::scan::{ScanOptions, ScanRequest, Summary};
use videocatalog_core::search::Hit;
use videocatalog_core::semantic::IndexStatus;
use videocatalog_core::settings::{GpuPolicy, Settings as AllOfThem};
use videocatalog_gui::backend::browse::{
    Asked, Bitmap, Browse, Details, DriveLine, ExportWanted, Exported, Fit, How, Page,
};
use videocatalog_gui::backend::databases::{DatabaseLine, Databases};
use videocatalog_gui::backend::duplicates::{Duplicates, Planned};
use videocatalog_gui::backend::graphics::{Card, Graphics};
use videocatalog_gui::backend::meaning::Meaning;
use videocatalog_gui::backend::reporting::{Format, Question, Report, Reporting};
use videocatalog_gui::backend::scanning::{DriveEdit, Place, ScanSetup, Scanning, Standing};
use videocatalog_gui::backend::server::{Server, ServerSetup};
use videocatalog_gui::backend::settings::{AllSettings, Setting, Settings};
use videocatalog_gui::backend::toolbox::{Diagnosis, ToolLine, Toolbox};
use videocatalog_gui::backend::{Backend, Trouble};
use videocatalog_gui::job::Running;

use crate::kit::{self, Lab};

/// How it answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// With the same every time.
    Steady,
    /// The same, and the graphics card needs help.
    Needy,
    /// With an error.
    Failing,
    /// Not at all.
    Silent,
}

/// The backend.
pub(crate) struct Fake(pub(crate) Mood);

/// What goes wrong when it fails.
pub(crate) const TROUBLE: &str = "the disk is on fire";
/// What to do about it.
pub(crate) const HINT: &str = "fetch some water";

impl Fake {
    fn answer<T>(&self, steady: T) -> Result<T, Trouble> {
        match self.0 {
            Mood::Steady | Mood::Needy => Ok(steady),
            Mood::Failing => Err(Trouble::new(TROUBLE, HINT)),
            Mood::Silent => loop {
                // Its thread ends with the test.
                std::thread::park();
            },
        }
    }

    /// What cannot fail says nothing when it does.
    fn always<T: Default>(&self, steady: T) -> T {
        self.answer(steady).unwrap_or_default()
    }
}

/// Opens a window in front of it.
pub(crate) fn window(mood: Mood, width: f32, height: f32) -> Lab {
    let backend: Arc<dyn Backend> = Arc::new(Fake(mood));
    Lab {
        folder: tempfile::tempdir().unwrap(),
        window: kit::window(&backend, Vec2::new(width, height)),
    }
}

fn drive(id: i64, label: &str, notes: Option<&str>) -> Drive {
    Drive {
        id,
        label: label.into(),
        mount_path: format!("/media/{label}"),
        mount_bytes: format!("/media/{label}").into_bytes(),
        fs_format: Some("exfat".into()),
        total_bytes: Some(8_001_563_222_016),
        free_bytes: Some(2_400_000_000_000),
        scanned_at: Some("2026-05-01T20:15:00Z".into()),
        drive_type: Some("HDD 3.5".into()),
        notes: notes.map(str::to_owned),
        scan_mode: Some("Delta".into()),
        serial: None,
        model: None,
        drive_uid: format!("{id:032x}"),
        shard_file: format!("data/shards/{label}.db"),
        volume_tier: None,
        volume_id: None,
        volume_root: None,
        volume_label: None,
        profile: Some("HDD".into()),
    }
}

fn lines() -> Vec<DriveLine> {
    let shelf = "shelf B2, behind the atlases";
    vec![
        DriveLine {
            drive: drive(1, "Films A", Some(shelf)),
            is_online: false,
            health: None,
        },
        DriveLine {
            drive: drive(2, "Films B", None),
            is_online: true,
            health: Some("Warning: 8 sectors wait to be replaced".into()),
        },
        DriveLine {
            drive: drive(3, "Music", None),
            is_online: true,
            health: None,
        },
    ]
}

fn hits() -> Vec<Hit> {
    let names = [
        "Nosferatu (1922) [2160p HEVC].mkv",
        "Metropolis (1927).mkv",
        "Der blaue Engel (1930) with a title that is longer than any column.mkv",
        "M (1931).mkv",
    ];
    let hit = |(number, name): (i64, &str)| Hit {
        drive_label: if number % 2 == 0 {
            "Films A"
        } else {
            "Films B"
        }
        .into(),
        file_id: number,
        path: format!("/media/Films/silent/{name}"),
        rel_path: format!("silent/{name}"),
        path_b64: None,
        name: name.into(),
        ext: Some("mkv".into()),
        mime: Some("video/x-matroska".into()),
        category: "video".into(),
        size_bytes: Some(4_294_967_296 + number),
        mtime_utc: Some("2024-02-29T12:00:00Z".into()),
        deleted: false,
    };
    (0..).zip(names).map(hit).collect()
}

fn jobs() -> Vec<Job> {
    let job = |id: i64, label: &str, status: &str, message: &str| Job {
        id,
        drive_label: label.into(),
        started_at: "2026-05-01T20:15:00Z".into(),
        status: status.into(),
        finished_at: Some("2026-05-01T21:00:00Z".into()),
        total_av: Some(12_345),
        total_all: Some(23_456),
        done_av: Some(12),
        duration_sec: Some(2_700),
        message: Some(message.into()),
        mode: Some("delta".into()),
    };
    vec![
        job(3, "Films B", "Done", "23456 files: 12 new, 3 changed"),
        job(
            2,
            "Films A",
            "Stopped",
            "the process ended before the job did",
        ),
    ]
}

impl Backend for Fake {
    fn take_notices(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Browse for Fake {
    fn drives(&self) -> Result<Vec<DriveLine>, Trouble> {
        self.answer(lines())
    }

    fn search(&self, asked: &Asked, _cancel: &CancelToken) -> Result<Page, Trouble> {
        let reasons = [
            "name · meaning 0.71 · “Nosferatu, a symphony of horror”",
            "said at 00:12:31 · “… the city of the future …”",
            "meaning 0.52",
            "caption",
        ];
        let fit = |(rank, why): (u32, &str)| Fit {
            score: 1.0 / f64::from(rank),
            why: why.into(),
        };
        let fits = (1..).zip(reasons).map(fit).collect();
        self.answer(Page {
            total: 4,
            hits: hits(),
            fits: if asked.how == How::Words {
                Vec::new()
            } else {
                fits
            },
            elapsed_ms: 2.0,
            ..Page::default()
        })
    }

    fn details(&self, hit: &Hit) -> Result<Details, Trouble> {
        self.answer(Details {
            facts: vec![("name", hit.name.clone()), ("path", hit.path.clone())],
            said: vec!["00:12:31 Ask not what your country can do".into()],
            picture: None,
        })
    }

    fn thumbnails(&self, hits: &[Hit], _cancel: &CancelToken) -> Vec<Option<Bitmap>> {
        self.always(vec![None; hits.len()])
    }

    fn export(&self, _wanted: &ExportWanted, _running: &Running) -> Result<Exported, Trouble> {
        self.answer(Exported {
            path: "/exports/all.csv".into(),
            rows: 4,
            missing: Vec::new(),
        })
    }

    fn exports_folder(&self) -> Result<PathBuf, Trouble> {
        self.answer("/exports".into())
    }

    fn reveal(&self, _path: &Path) -> Result<(), Trouble> {
        self.answer(())
    }
}

impl Scanning for Fake {
    fn standing(&self, _cancel: &CancelToken) -> Result<Standing, Trouble> {
        let category = |category: &str, files, bytes| CategoryEntry {
            category: category.into(),
            files,
            bytes,
        };
        self.answer(Standing {
            drives: lines(),
            overview: Overview {
                total_files: 1_234_567,
                total_size: 9_876_543_210_123,
                average_size: 8_000_000,
                source: "inventory",
                categories: vec![
                    category("video", 456_789, 9_000_000_000_000),
                    category("audio", 654_321, 800_000_000_000),
                    category("image", 123_456, 76_543_210_123),
                ],
            },
            unread: Vec::new(),
            interrupted: vec!["Films A".into()],
            missing_tools: vec![("mediainfo", "no second opinion on odd files")],
        })
    }

    fn scan_setup(&self) -> Result<ScanSetup, Trouble> {
        self.answer(ScanSetup {
            options: ScanOptions::from_settings(
                &AllOfThem::from_document(&serde_json::Map::default()).0,
            ),
            drive_types: vec!["HDD 3.5".into(), "NVMe".into()],
            places: vec![Place {
                folder: "/media/Films B".into(),
                label: Some("Films B".into()),
                about: "8.0 TB".into(),
            }],
            missing_tools: Vec::new(),
        })
    }

    fn save_drive_type(&self, _drive_type: &str) -> Result<(), Trouble> {
        self.answer(())
    }

    fn scan(
        &self,
        _request: &ScanRequest,
        _said: &DriveEdit,
        _sink: Arc<dyn Sink>,
        _cancel: &CancelToken,
    ) -> Result<Summary, Trouble> {
        Err(Trouble::new(TROUBLE, HINT))
    }

    fn jobs(&self) -> Result<Vec<Job>, Trouble> {
        self.answer(jobs())
    }

    fn delete_job(&self, _id: i64) -> Result<(), Trouble> {
        self.answer(())
    }

    fn edit_drive(&self, _edit: &DriveEdit) -> Result<(), Trouble> {
        self.answer(())
    }

    fn forget(&self, _label: &str) -> Result<(), Trouble> {
        self.answer(())
    }

    fn log_tail(&self, _lines: usize) -> Vec<String> {
        self.always(vec!["[2026-05-01 20:15:00Z] a line".into()])
    }
}

impl Reporting for Fake {
    fn report_labels(&self) -> Result<Vec<String>, Trouble> {
        self.answer(lines().into_iter().map(|line| line.drive.label).collect())
    }

    fn report(
        &self,
        _question: &Question,
        _cancel: &CancelToken,
    ) -> Result<Option<Report>, Trouble> {
        self.answer(None)
    }

    fn export_report(
        &self,
        _document: &Document,
        _format: Format,
    ) -> Result<Vec<PathBuf>, Trouble> {
        self.answer(Vec::new())
    }
}

fn near_file(label: &str, name: &str, size: (u32, u32), evidence: Option<Evidence>) -> NearFile {
    let place = FilePlace {
        drive_label: label.into(),
        path: format!("/media/{label}/{name}"),
        rel_path: name.into(),
        path_b64: None,
    };
    NearFile {
        place,
        keep: evidence.is_none(),
        size_bytes: u64::from(size.0) * 2_000_000,
        duration_s: Some(5_640.0),
        width: Some(size.0),
        height: Some(size.1),
        bitrate_bps: Some(u64::from(size.0) * 4_000),
        codec: Some("h264".into()),
        evidence,
    }
}

impl Duplicates for Fake {
    fn near(
        &self,
        _reason: Option<Reason>,
        _running: &Running,
    ) -> Result<Option<NearDuplicates>, Trouble> {
        let evidence = |reason, score| Evidence {
            reason,
            score,
            keyframes: Some(score),
            ..Evidence::exact()
        };
        let group = |name: &str, reason, score| NearGroup {
            reason,
            score,
            reclaimable_bytes: 1_280_000_000,
            why: "the larger picture, 1920 × 1080 over 640 × 360".into(),
            files: vec![
                near_file("Films A", &format!("{name}.mkv"), (1_920, 1_080), None),
                near_file(
                    "Films B",
                    &format!("{name} small.mp4"),
                    (640, 360),
                    Some(evidence(reason, score)),
                ),
            ],
        };
        let groups = vec![
            group("Nosferatu (1922)", Reason::Consensus, 0.97),
            group("Metropolis (1927)", Reason::Video, 0.81),
        ];
        self.answer(Some(NearDuplicates {
            compared_files: 1_234,
            total_groups: 2,
            reclaimable_bytes: 2_560_000_000,
            groups,
            ..NearDuplicates::default()
        }))
    }

    fn pictures(&self, files: &[NearFile]) -> Vec<Option<Bitmap>> {
        self.always(vec![None; files.len()])
    }

    fn ignore(&self, _one: &NearFile, _other: &NearFile) -> Result<(), Trouble> {
        self.answer(())
    }

    fn plan(&self, _found: &NearDuplicates) -> Result<Planned, Trouble> {
        self.answer(Planned::default())
    }
}

impl Databases for Fake {
    fn databases(&self) -> Vec<DatabaseLine> {
        let line = |name: &str, target: &str, bytes, in_use: Option<&str>| DatabaseLine {
            name: name.into(),
            target: target.into(),
            path: format!("/home/data/{target}.db").into(),
            bytes,
            in_use: in_use.map(str::to_owned),
        };
        self.always(vec![
            line("Catalog", "catalog", Some(1_234_567), None),
            line("Shard Films A", "shard:Films A", Some(234_567_890), None),
            line("Shard Films B", "shard:Films B", None, Some("scan")),
        ])
    }

    fn maintain(
        &self,
        _action: Action,
        _target: &str,
        _running: &Running,
    ) -> Result<Vec<Outcome>, Trouble> {
        self.answer(Vec::new())
    }

    fn backups(&self, _target: &str) -> Result<Vec<Backup>, Trouble> {
        self.answer(Vec::new())
    }

    fn restore(
        &self,
        _target: &str,
        _backup: &Path,
        _running: &Running,
    ) -> Result<String, Trouble> {
        self.answer(String::new())
    }

    fn salvage(&self, _target: &str, _running: &Running) -> Result<String, Trouble> {
        self.answer(String::new())
    }

    fn catalogue(&self) -> PathBuf {
        self.always("/home/data/catalog.db".into())
    }

    fn switch(&self, _catalogue: &Path) -> Result<(), Trouble> {
        self.answer(())
    }

    fn reset(&self, _running: &Running) -> Result<PathBuf, Trouble> {
        self.answer(PathBuf::new())
    }

    fn export_catalogue(&self, _running: &Running) -> Result<PathBuf, Trouble> {
        self.answer(PathBuf::new())
    }
}

impl Toolbox for Fake {
    fn diagnose(&self) -> Diagnosis {
        let tool = |name, state, version: &str, path: Option<&str>| ToolLine {
            name,
            state,
            version: version.into(),
            path: path.map(PathBuf::from),
            source: "PATH".into(),
            errors: Vec::new(),
            lost_without: "pictures and checks of videos are skipped",
            how_to_get: "apt-get install it".into(),
        };
        self.always(Diagnosis {
            tools: vec![
                tool("ffmpeg", "found", "7.1", Some("/usr/bin/ffmpeg")),
                tool("mediainfo", "missing", "", None),
            ],
            ffmpeg: "decodes h264, hevc, av1; hardware: none".into(),
            workdir: "/home/somebody/.local/share/videocatalog".into(),
            room: Some((500_000_000_000, 120_000_000_000)),
            smartctl: Some("disks tell of their health only to an administrator"),
            databases: vec![DatabaseFile {
                path: "/home/somebody/.local/share/videocatalog/data/catalog.db".into(),
                size_bytes: Some(4_096_000),
                schema: SchemaState::Current { version: 2 },
            }],
        })
    }

    fn install(&self, _tool: &str, _running: &Running) -> Result<PathBuf, Trouble> {
        self.answer(PathBuf::new())
    }

    fn locate(&self, _tool: &str, _path: &Path) -> Result<PathBuf, Trouble> {
        self.answer(PathBuf::new())
    }
}

impl Meaning for Fake {
    fn index_status(&self) -> Result<IndexStatus, Trouble> {
        self.answer(IndexStatus {
            documents: 5,
            files: 4,
            spoken_files: 1,
            seen_files: 0,
            latest_updated_utc: None,
            vector_dim: 256,
            model: Some("hashed-256".into()),
        })
    }

    fn build_index(&self, _running: &Arc<Running>) -> Result<String, Trouble> {
        self.answer("The index is up to date".into())
    }

    fn transcribe(&self, _running: &Arc<Running>) -> Result<String, Trouble> {
        self.answer("1 file listened to".into())
    }
}

/// What CUDA says where cuDNN is missing.
const NO_CUDNN: &str = "libcudnn.so.9: cannot open shared object file";

impl Graphics for Fake {
    /// A card on which models do not run; looked at again, they do.
    fn card(&self, anew: bool) -> Card {
        let found = Capabilities {
            adapter: Some(Adapter {
                name: "NVIDIA GeForce RTX 4070".into(),
                total_bytes: Some(12 << 30),
                free_bytes: Some(11 << 30),
                driver: Some("560.35".into()),
            }),
            cuda: Tried {
                works: anew,
                error: (!anew).then(|| NO_CUDNN.into()),
            },
            directml: Tried {
                works: false,
                error: Some("DirectML is a part of Windows".into()),
            },
            runtime: Some("1.24.4".into()),
            ffmpeg_cuda: true,
            ffmpeg_hwaccels: vec!["cuda".into()],
            ..Capabilities::default()
        };
        let answered = self.answer(Card {
            checklist: checklist(&found),
            policy: GpuPolicy::Auto,
            provider: if anew { "CUDA" } else { "CPU" },
            messages: Vec::new(),
            may_decode: true,
            decodes_by: Some(Hwaccel::Cuda),
            wants_help: !anew && self.0 == Mood::Needy,
            found,
        });
        answered.unwrap()
    }

    fn install_cuda(&self, _running: &Running) -> Result<(), Trouble> {
        self.answer(())
    }
}

impl Settings for Fake {
    fn settings(&self) -> AllSettings {
        let keys = videocatalog_core::settings::keys();
        let some = keys.filter(|key| key.path().starts_with("media."));
        self.always(AllSettings {
            settings: some
                .map(|key| Setting {
                    key: key.clone(),
                    text: "full".into(),
                    default: "full".into(),
                })
                .collect(),
            file: Some("/home/settings.json".into()),
            warnings: vec!["`media.lvl` is no setting".into()],
        })
    }

    fn set(&self, _path: &str, _text: &str) -> Result<(), Trouble> {
        self.answer(())
    }
}

impl Server for Fake {
    fn server(&self) -> ServerSetup {
        self.always(ServerSetup {
            address: "http://127.0.0.1:8756".into(),
            has_key: false,
            is_automatic: false,
        })
    }

    fn serve(&self, _listening: &dyn Fn(&str), _cancel: &CancelToken) -> Result<(), Trouble> {
        self.answer(())
    }

    fn make_key(&self) -> Result<String, Trouble> {
        self.answer(String::new())
    }
}
