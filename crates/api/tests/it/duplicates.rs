//! What `/v1/duplicates` answers.

use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::Access;
use videocatalog_core::duplicates::{Job, Thresholds, Wanted, near};
use videocatalog_core::settings::Settings;

use crate::lab::Lab;

/// Gives all films of a drive the same signature of keyframes: 16 frames of a picture that moves.
fn sign(lab: &Lab, label: &str) -> usize {
    let catalog = lab.catalog();
    let drive = catalog.drive(label).unwrap();
    let shard = catalog.open_shard(&drive, Access::Write).unwrap();
    let mut bytes = vec![1, 16, 0];
    bytes.extend(
        [0_u16, 0, 10_000, 10_000]
            .iter()
            .flat_map(|share| share.to_le_bytes()),
    );
    let value = |index: usize| {
        if index.is_multiple_of(3) {
            1.0 / 16.0
        } else {
            -1.0 / 16.0
        }
    };
    let floats = [40.0_f32, 0.3].into_iter().chain((0..256).map(value));
    bytes.extend(floats.flat_map(f32::to_le_bytes));
    shard
        .execute(
            "INSERT INTO keyframe_signatures(file_id, algorithm, duration_seconds, signature, updated_utc)
             SELECT e.id, 'x', 60.0, ?1, '' FROM entries e JOIN kinds k ON k.id = e.kind_id
              WHERE k.category = 'video' AND e.deleted_change IS NULL AND e.size_bytes > 0",
            [bytes],
        )
        .unwrap()
}

#[test]
fn what_was_compared_is_shown_and_nothing_is_compared_for_a_request() {
    let lab = Lab::new();
    let films = sign(&lab, "Media");
    assert!(films > 1, "{films}");
    let served = lab.serve();
    let before = served.ok("/v1/duplicates").json();
    assert_eq!(before["groups"], serde_json::json!([]));
    let left = before["not_compared"].as_u64().unwrap();
    assert!(left > 1, "{before}");

    let wanted = Wanted {
        thresholds: Thresholds::from_settings(&Settings::default().fingerprints),
        reason: None,
        least_score: 0.0,
        most: 10,
        labels: &[],
    };
    let job = Job {
        compares: true,
        now_utc: "2026-11-24T00:00:00Z",
        cancel: &CancelToken::new(),
        tell: &|_, _| {},
    };
    let found = near(&lab.catalog(), &wanted, &job).unwrap().unwrap();
    assert_eq!(found.newly_compared, left);
    let after = served.ok("/v1/duplicates").json();
    assert_eq!(
        (&after["not_compared"], &after["total_groups"]),
        (&0.into(), &1.into())
    );
    let files = after["groups"][0]["files"].as_array().unwrap();
    assert_eq!(files.len(), films);
    assert_eq!(
        (&files[0]["keep"], &files[0]["evidence"]),
        (&true.into(), &().into())
    );
    assert_eq!(files[1]["evidence"]["reason"], "video");
    assert_eq!(after["groups"][0]["reason"], "video");
    assert_eq!(
        served.ok("/v1/duplicates?kind=audio").json()["total_groups"],
        0
    );
    let other = served.ok("/v1/duplicates?offset=1").json();
    assert_eq!(
        (&other["groups"], &other["next_offset"]),
        (&serde_json::json!([]), &().into())
    );
}

#[test]
fn copies_of_the_same_bytes_are_shown_with_the_one_to_keep() {
    let lab = Lab::new();
    let catalog = lab.catalog();
    let drive = catalog.drive("Media").unwrap();
    let shard = catalog.open_shard(&drive, Access::Write).unwrap();
    shard
        .execute_batch(
            "UPDATE root SET change_id = change_id + 1;
             INSERT INTO changes SELECT change_id, '2023-11-14T00:00:00Z' FROM root;
             UPDATE entries SET size_bytes = 77, change_id = (SELECT change_id FROM root) WHERE deleted_change IS NULL;
             INSERT OR REPLACE INTO hashes(file_id, hash, legacy, stale, change_id)
             SELECT id, CAST(printf('%032d', 7) AS BLOB), 0, 0, change_id FROM entries
              WHERE deleted_change IS NULL ORDER BY id LIMIT 3;",
        )
        .unwrap();
    let served = lab.serve();
    let page = served.ok("/v1/duplicates?kind=exact&drive=Media").json();
    assert_eq!(page["total_groups"], 1, "{page}");
    assert_eq!(page["reclaimable_bytes"], 154, "{page}");
    let files = page["groups"][0]["files"].as_array().unwrap();
    let keep: Vec<bool> = files
        .iter()
        .map(|file| file["keep"].as_bool().unwrap())
        .collect();
    assert_eq!(keep, [true, false, false]);
    assert_eq!(files[1]["evidence"]["reason"], "exact");
}

#[test]
fn what_cannot_be_asked_for_is_refused() {
    let lab = Lab::new();
    let served = lab.serve();
    assert_eq!(served.get("/v1/duplicates?kind=smell").status, 400);
    assert_eq!(served.get("/v1/duplicates?drive=Nope").status, 404);
}
