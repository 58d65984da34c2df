//! Files that are the same, by content, picture or sound: what comparing found before, and copies of the same bytes.

use axum::extract::State;
use serde::Serialize;
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, ToSchema};
use videocatalog_core::duplicates::{
    Clip, Evidence, Job, NearDuplicates, NearFile, NearGroup, Reason, Wanted, near,
};
use videocatalog_core::report::FilePlace;
use videocatalog_core::report::duplicates::{
    DuplicateGroup, DuplicatesReport, duplicates as exact,
};

use super::page::Page;
use crate::answer::Answer;
use crate::parameters::{Asked, Parameters, Read, one_of};
use crate::problem::Problem;
use crate::state::Api;
use crate::work::Work;

/// Groups that may be left out before the first.
const LARGEST_OFFSET: usize = 1_000_000;

/// What speaks for files being the same, as on the command line; `near`: all but the same bytes.
const KINDS: [(&str, Option<Reason>); 6] = [
    ("near", None),
    ("exact", Some(Reason::Exact)),
    ("consensus", Some(Reason::Consensus)),
    ("video", Some(Reason::Video)),
    ("audio", Some(Reason::Audio)),
    ("clip", Some(Reason::Clip)),
];

/// Which groups are wanted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Duplicates {
    #[param(required = false, schema_with = kind_names)]
    kind: Option<Reason>,
    /// Only files on this drive; may be given several times.
    #[param(required = false, value_type = Vec<String>, style = Form, explode)]
    drive: Vec<String>,
    /// Groups of a page; at most the largest page.
    #[param(required = false, minimum = 1)]
    limit: usize,
    /// Groups to leave out before the first.
    #[param(required = false, minimum = 0, maximum = 1_000_000, default = 0)]
    offset: usize,
}

fn kind_names() -> Schema {
    one_of(
        "What speaks for files being the same; near: all but the same bytes.",
        &KINDS,
    )
}

impl Read for Duplicates {
    fn read(query: &mut Parameters, api: &Api) -> Self {
        let kind = query.choice("kind", &KINDS).flatten();
        let drive = query.texts("drive");
        let Page { limit, offset } = Page::read(query, api);
        query.at_most("offset", offset, LARGEST_OFFSET, "ask for one kind");
        Self {
            kind,
            drive,
            limit,
            offset,
        }
    }
}

/// A page of groups.
#[derive(Serialize, ToSchema)]
pub(crate) struct DuplicatesPage {
    limit: usize,
    offset: usize,
    /// Where the next page begins; null: there is none.
    next_offset: Option<usize>,
    total_groups: u64,
    /// Bytes of all files but one of each group.
    reclaimable_bytes: u64,
    /// Contents with fingerprints that were not compared yet: `videocatalog duplicates` does that.
    not_compared: u64,
    /// Those that free most first.
    groups: Vec<Group>,
    /// Files that are a part of another: as many as groups, from the same offset.
    clips: Vec<PartOf>,
    /// Drives that could not be read, and why.
    unread: Vec<String>,
}

/// Files that are the same.
#[derive(Serialize, ToSchema)]
struct Group {
    /// exact, consensus, video or audio: what speaks for the weakest of it.
    reason: &'static str,
    /// The lowest score, 0 to 1.
    score: f64,
    reclaimable_bytes: u64,
    /// Why the first is the one to keep.
    why: String,
    /// The one to keep first.
    files: Vec<GroupFile>,
}

/// A file of a group.
#[derive(Serialize, ToSchema)]
struct GroupFile {
    drive_label: String,
    /// Absolute, at the drive's last mount.
    path: String,
    /// Relative to the drive's root.
    rel_path: String,
    /// The relative path's bytes in base64, where they are no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_b64: Option<String>,
    /// Whether it is the one to keep.
    keep: bool,
    size_bytes: u64,
    duration_s: Option<f64>,
    width: Option<u32>,
    height: Option<u32>,
    bitrate_bps: Option<u64>,
    codec: Option<String>,
    /// What speaks for it; null of the one to keep.
    evidence: Option<FileEvidence>,
}

/// What speaks for two files being the same, each from 0 to 1.
#[derive(Serialize, ToSchema)]
struct FileEvidence {
    /// exact, consensus, video, audio or clip.
    reason: &'static str,
    score: f64,
    /// By keyframes.
    keyframes: Option<f64>,
    /// By TMK.
    tmk: Option<f64>,
    /// By sound.
    sound: Option<f64>,
    /// How one has to be laid to look like the other.
    laid: Option<String>,
    /// By how many seconds the second sound begins later.
    shift_s: Option<f64>,
    /// Of a part: where it begins in the whole, in seconds.
    from_s: Option<f64>,
    /// Of a part: where it ends.
    to_s: Option<f64>,
}

/// A file that is a part of another.
#[derive(Serialize, ToSchema)]
struct PartOf {
    clip: GroupFile,
    of: GroupFile,
}

/// Shows files that are the same: what comparing found, or copies of the same bytes
#[utoipa::path(get, path = "/v1/duplicates", params(Duplicates), responses((status = 200, body = DuplicatesPage)))]
pub(crate) async fn duplicates(
    State(api): State<Api>,
    asked: Asked<Duplicates>,
) -> Result<Answer, Problem> {
    api.of_all(asked, |work, asked| {
        // A label that is none would show nothing.
        let drives = work.catalog.select(&asked.drive)?;
        let most = asked.offset.saturating_add(asked.limit);
        if asked.kind == Some(Reason::Exact) {
            let found = exact(work.source(), &drives, most).ok_or_else(stopped)?;
            return Ok(of_exact(asked, found));
        }
        Ok(of_near(asked, compared(work, asked, most)?))
    })
    .await
}

/// Returns what was compared before: a request must not take as long as comparing may.
fn compared(work: &Work<'_>, asked: &Duplicates, most: usize) -> Result<NearDuplicates, Problem> {
    let wanted = Wanted {
        thresholds: work.api.config.thresholds,
        reason: asked.kind,
        least_score: 0.0,
        most,
        labels: &asked.drive,
    };
    let job = Job {
        compares: false,
        now_utc: "",
        cancel: work.cancel,
        tell: &|_, _| {},
    };
    near(work.catalog, &wanted, &job)?.ok_or_else(stopped)
}

fn stopped() -> Problem {
    Problem::busy("it was stopped half-way")
}

fn of_near(asked: &Duplicates, found: NearDuplicates) -> DuplicatesPage {
    let page = Page::new(asked.limit, asked.offset);
    let groups: Vec<Group> = found
        .groups
        .into_iter()
        .skip(asked.offset)
        .map(group)
        .collect();
    let clips: Vec<PartOf> = found
        .clips
        .into_iter()
        .skip(asked.offset)
        .map(part)
        .collect();
    let shown = asked.offset.saturating_add(groups.len()) as u64;
    let has_more = shown < found.total_groups || clips.len() == asked.limit;
    DuplicatesPage {
        limit: asked.limit,
        offset: asked.offset,
        next_offset: page.next(asked.limit, has_more),
        total_groups: found.total_groups,
        reclaimable_bytes: found.reclaimable_bytes,
        not_compared: found.not_compared,
        groups,
        clips,
        unread: found.unread,
    }
}

fn of_exact(asked: &Duplicates, found: DuplicatesReport) -> DuplicatesPage {
    let page = Page::new(asked.limit, asked.offset);
    let groups = found.groups.into_iter().skip(asked.offset);
    let groups: Vec<Group> = groups.map(group_of_copies).collect();
    let shown = asked.offset.saturating_add(groups.len()) as u64;
    DuplicatesPage {
        limit: asked.limit,
        offset: asked.offset,
        next_offset: page.next(
            groups.len(),
            shown < found.total.groups && !groups.is_empty(),
        ),
        total_groups: found.total.groups,
        reclaimable_bytes: found.total.reclaimable_bytes,
        not_compared: 0,
        groups,
        clips: Vec::new(),
        unread: found.unread,
    }
}

fn group(group: NearGroup) -> Group {
    Group {
        reason: group.reason.name(),
        score: group.score,
        reclaimable_bytes: group.reclaimable_bytes,
        why: group.why,
        files: group.files.into_iter().map(near_file).collect(),
    }
}

fn part(clip: Clip) -> PartOf {
    PartOf {
        clip: near_file(clip.clip),
        of: near_file(clip.of),
    }
}

fn near_file(file: NearFile) -> GroupFile {
    GroupFile {
        keep: file.keep,
        duration_s: file.duration_s,
        width: file.width,
        height: file.height,
        bitrate_bps: file.bitrate_bps,
        codec: file.codec,
        evidence: file.evidence.map(evidence),
        ..at(file.place, file.size_bytes)
    }
}

fn group_of_copies(group: DuplicateGroup) -> Group {
    let size = group.size_bytes;
    let files = group.places.into_iter().enumerate();
    Group {
        reason: Reason::Exact.name(),
        score: 1.0,
        reclaimable_bytes: group.reclaimable_bytes,
        why: "the first by drive and path: all are the same".into(),
        files: files
            .map(|(number, place)| GroupFile {
                keep: number == 0,
                evidence: (number > 0).then(|| evidence(Evidence::exact())),
                ..at(place, size)
            })
            .collect(),
    }
}

fn at(place: FilePlace, size_bytes: u64) -> GroupFile {
    GroupFile {
        drive_label: place.drive_label,
        path: place.path,
        rel_path: place.rel_path,
        path_b64: place.path_b64,
        keep: false,
        size_bytes,
        duration_s: None,
        width: None,
        height: None,
        bitrate_bps: None,
        codec: None,
        evidence: None,
    }
}

fn evidence(evidence: Evidence) -> FileEvidence {
    FileEvidence {
        reason: evidence.reason.name(),
        score: evidence.score,
        keyframes: evidence.keyframes,
        tmk: evidence.tmk,
        sound: evidence.sound,
        laid: evidence.laid,
        shift_s: evidence.shift_s,
        from_s: evidence.from_s,
        to_s: evidence.to_s,
    }
}
