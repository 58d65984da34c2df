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
