//! What each route answers.

use videocatalog_core::catalog::Access;
use videocatalog_core::catalog::Journal;
use videocatalog_core::catalog::lookup;
use videocatalog_core::catalog::pictures::{PicturedFile, Pictures};
use videocatalog_core::media::pictures::{Picture, PictureKind};
use videocatalog_core::path::RelPath;

use crate::lab::{FILES, KEY, Lab, MOUNT, OTHER};

#[test]
fn drives_are_listed_by_label() {
    let lab = Lab::new();
    let served = lab.serve();
    let reply = served.ok("/v1/drives");
    assert_eq!(reply.results("label"), [OTHER, "Media"]);
    let drive = reply.json()["results"][1].clone();
    assert_eq!(drive["mount_path"], MOUNT);
    assert_eq!(drive["online"], false);
    assert_eq!(drive["shard_path"], lab.shard("Media").to_str().unwrap());
}

#[test]
fn files_are_found_on_all_drives_or_some() {
    let lab = Lab::new();
    let served = lab.serve();
    let both = served.ok("/v1/search?q=clip&sort=path").json();
    assert_eq!(both["total_estimate"], 2);
    assert_eq!(both["results"][0]["online"], false);
    let one = served.ok("/v1/search?q=clip&drive=Media");
    assert_eq!(one.results("path"), [format!("{MOUNT}/Movies/clip.mp4")]);
    assert_eq!(one.results("rel_path"), ["Movies/clip.mp4"]);
    assert_eq!(
        served
            .ok("/v1/search?q=clip&drive=Media&drive=Disk%202%20(%C3%A9t%C3%A9)")
            .results("name")
            .len(),
        2
    );
    let unknown = served.get("/v1/search?q=clip&drive=Nope");
    assert_eq!(unknown.status, 404);
    assert!(unknown.json()["hint"].as_str().unwrap().contains("Media"));
}

#[test]
fn pages_of_a_search_join() {
    let lab = Lab::new();
    let served = lab.serve();
    let whole = served
        .ok("/v1/search?drive=Media&sort=path")
        .results("rel_path");
    assert_eq!(whole.len(), FILES.len());
    let (mut joined, mut offset) = (Vec::new(), Some(0));
    while let Some(from) = offset {
        let reply = served.ok(&format!(
            "/v1/search?drive=Media&sort=path&limit=5&offset={from}"
        ));
        joined.extend(reply.results("rel_path"));
        offset = reply.json()["next_offset"].as_u64();
    }
    assert_eq!(joined, whole);
    let beyond = served.ok("/v1/search?drive=Media&offset=500").json();
    assert_eq!(
        (&beyond["next_offset"], beyond["total_estimate"].as_u64()),
        (&serde_json::Value::Null, Some(12))
    );
}

#[test]
fn inventories_are_filtered() {
    let lab = Lab::new();
    let served = lab.serve();
    for (filter, expected) in [
        ("", 12),
        ("q=CODECS", 2),
        ("q=mnt/media/lib/movies", 4),
        ("q=/mnt/MEDIA/lib/Movies/c", 3),
        ("q=b/movies/clip", 1),
        ("q=/clip", 1),
        ("q=/movies", 4),
        ("q=media", 12),
        ("q=/mnt/media/lib/", 12),
        ("q=lib/clip", 0),
        ("q=mnt/media/lib2", 0),
        ("q=%25_", 1),
        ("q=_", 2),
        ("q=%C3%89%C3%89", 1),
        ("q=new%0Aline", 1),
        ("category=VIDEO", 6),
        ("category=nothing", 0),
        ("ext=MP4", 5),
        ("ext=.mp4", 5),
        ("mime=video/", 6),
        ("mime=VIDEO/MP4", 5),
        ("since=2021-07-01T08:00:00Z", 2),
        ("since=2021-07-01T08:00:01", 1),
        ("since=2021-07-01T13:00:00%2B05:00", 2),
        (
            "category=video&ext=mkv&q=hevc&mime=video&since=2000-01-01T00:00:00Z",
            1,
        ),
    ] {
        let target = format!("/v1/inventory?drive_label=Media&{filter}");
        let document = served.ok(&target).json();
        assert_eq!(document["total_estimate"], expected, "{target}: {document}");
        assert_eq!(document["results"].as_array().unwrap().len(), expected);
    }
    let wrong = served
        .get("/v1/inventory?drive_label=Media&since=yesterday")
        .json();
    assert!(
        wrong["error"].as_str().unwrap().contains("yesterday"),
        "{wrong}"
    );
}

#[test]
fn inventories_come_by_path_and_in_pages() {
    let lab = Lab::new();
    let served = lab.serve();
    let whole = served.ok("/v1/inventory?drive_label=Media");
    let paths = whole.results("path");
    let mut sorted = paths.clone();
    sorted.sort_by_key(|path| path.to_lowercase());
    assert_eq!(paths, sorted);
    assert_eq!(whole.json()["next_offset"], serde_json::Value::Null);
    let mut joined = Vec::new();
    for offset in (0..12).step_by(5) {
        let page = served.ok(&format!(
            "/v1/inventory?drive_label=Media&limit=5&offset={offset}"
        ));
        joined.extend(page.results("path"));
        let next = page.json()["next_offset"].as_u64();
        assert_eq!(next, (offset + 5 < 12).then_some(offset + 5));
    }
    assert_eq!(joined, paths);
    let beyond = served
        .ok("/v1/inventory?drive_label=Media&offset=99999999999999999999")
        .json();
    assert_eq!(beyond["results"], serde_json::json!([]));
    assert_eq!(beyond["next_offset"], serde_json::Value::Null);
}

#[test]
fn files_are_found_by_both_forms_of_their_path() {
    let lab = Lab::new();
    let served = lab.serve();
    for path in ["/mnt/media/lib/Movies/clip.mp4", "Movies/clip.mp4"] {
        let file = served
            .ok(&format!("/v1/file?drive_label=Media&path={path}"))
            .json();
        assert_eq!(file["path"], "/mnt/media/lib/Movies/clip.mp4");
        assert_eq!(file["rel_path"], "Movies/clip.mp4");
        assert_eq!(file["size_bytes"], 5_000);
        let vector = served.ok(&format!(
            "/v1/features/vector?drive_label=Media&path={path}"
        ));
        assert_eq!(vector.json()["vector"], serde_json::json!([1.0, 2.0]));
    }
    for path in [
        "",
        "Movies",
        "movies/clip.mp4",
        "/etc/passwd",
        "../lib/Movies/clip.mp4",
        "Movies/clip.mp4%00",
        "%FF",
    ] {
        for route in ["file", "features/vector"] {
            let target = format!("/v1/{route}?drive_label=Media&path={path}");
            assert_eq!(served.get(&target).status, 404, "{target}");
        }
    }
}

#[test]
fn long_vectors_are_asked_for_explicitly() {
    let lab = Lab::new();
    let catalog = lab.catalog();
    let drive = catalog.drive("Media").unwrap();
    let shard = catalog.open_shard(&drive, Access::Write).unwrap();
    shard
        .execute_batch("UPDATE feature_vectors SET vec = zeroblob(4 * 2049), dim = 2049")
        .unwrap();
    let served = lab.serve();
    let listed = served
        .ok("/v1/features?drive_label=Media&kind=VIDEO&path=CLIP")
        .json();
    assert_eq!(listed["results"][0]["dim"], 2_049);
    let none = served
        .ok("/v1/features?drive_label=Media&kind=image")
        .json();
    assert_eq!(none["total_estimate"], 0);
    let target = "/v1/features/vector?drive_label=Media&path=Movies/clip.mp4";
    let refused = served.get(target);
    assert_eq!(refused.status, 400);
    assert!(
        refused.json()["hint"]
            .as_str()
            .unwrap()
            .contains("raw=true")
    );
    assert_eq!(served.get(&format!("{target}&raw=maybe")).status, 400);
    let whole = served.ok(&format!("{target}&raw=true")).json();
    assert_eq!(whole["vector"].as_array().unwrap().len(), 2_049);
}

#[test]
fn reports_add_up() {
    let lab = Lab::new();
    let served = lab.serve();
    let bytes: i64 = FILES.iter().map(|file| file.1).sum();
    let overview = served.ok("/v1/reports/overview?drive_label=Media").json();
    assert_eq!(overview["total_files"], FILES.len());
    assert_eq!(overview["total_size"], bytes);
    assert_eq!(overview["categories"][0]["category"], "video");
    let stats = served.ok("/v1/stats?drive_label=Media").json();
    assert_eq!(stats["totals"]["total_files"], FILES.len());
    assert_eq!(stats["totals"]["by_category"]["video"], 6);
    let extensions = served
        .ok("/v1/reports/top-extensions?drive_label=Media&limit=1")
        .json();
    assert_eq!(extensions["entries"][0]["extension"], ".mp4");
    let largest = served.ok("/v1/reports/largest-files?drive_label=Media&limit=2");
    assert!(largest.results("path")[0].ends_with("exact copy.mp4"));
    let folders = served
        .ok("/v1/reports/heaviest-folders?drive_label=Media&depth=1")
        .json();
    assert_eq!(folders["results"][0]["folder"], format!("{MOUNT}/Movies"));
    assert_eq!(folders["depth"], 1);
    let recent = served.ok("/v1/reports/recent?drive_label=Media");
    assert_eq!(recent.results("path"), [format!("{MOUNT}/Times/y2038.txt")]);
    let all = served
        .ok("/v1/reports/recent?drive_label=Media&days=36500&limit=3")
        .json();
    assert_eq!(
        (
            all["total"].as_u64(),
            all["results"].as_array().unwrap().len()
        ),
        (Some(12), 3)
    );
}

#[test]
fn jobs_are_paged_newest_first() {
    let lab = Lab::new();
    let served = lab.serve();
    let first = served.ok("/v1/jobs?limit=1").json();
    assert_eq!(first["total_estimate"], 2);
    assert_eq!(first["next_offset"], 1);
    let own = served.ok("/v1/jobs?drive_label=Media");
    assert_eq!(own.results("drive_label"), ["Media"]);
    assert_eq!(served.get("/v1/jobs?drive_label=Nope").status, 404);
}

#[test]
fn pictures_are_shown_by_number() {
    let lab = Lab::new();
    let catalog = lab.catalog();
    let drive = catalog.drive("Media").unwrap();
    let shard = catalog.open_shard(&drive, Access::Read).unwrap();
    let path = RelPath::from_bytes(b"Movies/clip.mp4".to_vec());
    let file_id = lookup::file_at(&shard, &path).unwrap().unwrap().file_id;
    let pictures =
        Pictures::open(&catalog.shard_path(&drive), &drive.drive_uid, Journal::Wal).unwrap();
    let of_kind = |kind, webp: &[u8]| Picture {
        kind,
        width: 2,
        height: 1,
        times_s: Vec::new(),
        webp: webp.to_vec(),
    };
    let file = PicturedFile {
        file_id,
        size_bytes: 1,
        mtime_us: 1,
        change_id: 1,
    };
    let kept = [
        of_kind(PictureKind::Sheet, b"RIFFsheet"),
        of_kind(PictureKind::Poster, b"RIFFposter"),
    ];
    pictures.save(file, &kept, None).unwrap();
    let served = lab.serve();
    let target = format!("/v1/thumb?drive_label=Media&file_id={file_id}");
    let poster = served.ok(&target);
    assert_eq!(poster.body, b"RIFFposter");
    assert_eq!(poster.header("content-type"), Some("image/webp"));
    assert!(poster.header("cache-control").unwrap().contains("max-age"));
    let sheet = served.ok(&format!("{target}&kind=sheet"));
    assert_eq!(sheet.body, b"RIFFsheet");
    let known = [
        ("X-API-Key", KEY),
        ("If-None-Match", sheet.header("etag").unwrap()),
    ];
    assert_eq!(
        served
            .ask("GET", &format!("{target}&kind=sheet"), &known)
            .status,
        304
    );
    for target in [
        format!("{target}&kind=cover"),
        "/v1/thumb?drive_label=Media&file_id=99999".into(),
        "/v1/thumb?drive_label=Disk%202%20(%C3%A9t%C3%A9)&file_id=1".into(),
        "/v1/thumb?drive_label=..%2F..%2Fcatalog&file_id=1".into(),
    ] {
        assert_eq!(served.get(&target).status, 404, "{target}");
    }
}
