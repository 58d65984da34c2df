//! Every form of a query, and every way to get one wrong.

use std::fmt::Write;
use std::ops::Bound;

use proptest::prelude::*;

use super::*;

/// 2024-06-15T12:00:00Z, a Saturday.
fn context() -> Context {
    in_zone(TimeZone::UTC)
}

fn in_zone(zone: TimeZone) -> Context {
    Context::new(1_718_452_800_000_000, || zone)
}

fn ends<T: fmt::Debug>(interval: &Interval<T>) -> String {
    let low = match &interval.low {
        Bound::Included(low) => format!("[{low:?}"),
        Bound::Excluded(low) => format!("({low:?}"),
        Bound::Unbounded => "(".into(),
    };
    let high = match &interval.high {
        Bound::Included(high) => format!("{high:?}]"),
        Bound::Excluded(high) => format!("{high:?})"),
        Bound::Unbounded => ")".into(),
    };
    format!("{low} {high}")
}

fn moments(interval: &Interval<i64>) -> String {
    let text = |bound: Bound<i64>| match bound {
        Bound::Included(us) | Bound::Excluded(us) => crate::clock::utc_text(us),
        Bound::Unbounded => "*".into(),
    };
    format!("{} .. {}", text(interval.low), text(interval.high))
}

fn literal(text: &Text) -> String {
    match text {
        Text::Contains(text) => format!("'{}'", String::from_utf8_lossy(text)),
        Text::Matches(pattern) => {
            format!(
                "pattern '{}'",
                String::from_utf8_lossy(pattern.longest_literal())
            )
        }
    }
}

/// The meaning in one line.
fn meaning(expr: &Expr) -> String {
    let list = |parts: &[Expr], between: &str| {
        let parts: Vec<String> = parts.iter().map(meaning).collect();
        format!("({})", parts.join(between))
    };
    match expr {
        Expr::Everything => "everything".into(),
        Expr::All(parts) => list(parts, " & "),
        Expr::OneOf(parts) => list(parts, " | "),
        Expr::Not(inner) => format!("!{}", meaning(inner)),
        Expr::Is(condition) => match condition {
            Condition::Path(text) => literal(text),
            Condition::Name(text) => format!("name {}", literal(text)),
            Condition::Drive(text) => format!("drive {}", literal(text)),
            Condition::Regex(regex) => format!("regex {regex}"),
            Condition::SizeBytes(range) => format!("size {}", ends(range)),
            Condition::ModifiedUs(range) => format!("modified {}", moments(range)),
            Condition::DurationS(range) => format!("duration {}", ends(range)),
            Condition::Lines(range) => format!("lines {}", ends(range)),
            Condition::AudioChannels(range) => format!("channels {}", ends(range)),
            Condition::BitrateBps(range) => format!("bitrate {}", ends(range)),
            Condition::FrameRate(range) => format!("fps {}", ends(range)),
            Condition::Width(range) => format!("width {}", ends(range)),
            Condition::Height(range) => format!("height {}", ends(range)),
            other => format!("{other:?}"),
        },
    }
}

fn check(text: &str, expected: &str) {
    match parse(text, &context()) {
        Ok(query) => assert_eq!(meaning(&query.expr), expected, "{text}"),
        Err(error) => panic!("{text}: {error:?}"),
    }
}

#[test]
fn words_and_signs() {
    check("", "everything");
    check("  ", "everything");
    check("Čapek RUR", "('capek' & 'rur')");
    check("\"two  words\"", "'two  words'");
    check("a-b 100% x_y", "('a-b' & '100%' & 'x_y')");
    check("film -trailer", "('film' & !'trailer')");
    check("-\"two words\" NOT x", "(!'two words' & !'x')");
    check("a OR b c", "('a' | ('b' & 'c'))");
    check("a | b", "('a' | 'b')");
    check("(a OR b) c", "(('a' | 'b') & 'c')");
    check("-(a b)", "!('a' & 'b')");
    check("a - b", "('a' & '-' & 'b')");
    check("film(1999) x", "('film(1999)' & 'x')");
    check("\"say \\\"hi\\\"\"", "'say \"hi\"'");
    check("\"OR\" \"a*\"", "('or' & 'a*')");
    check("films\\1999", "'films/1999'");
    check("--x", "'--x'");
}

#[test]
fn patterns() {
    check("*.mkv", "pattern '.mkv'");
    check("img_????.jpg", "pattern '.jpg'");
    check("name:*holiday*", "name pattern 'holiday'");
    check("path:films/**/*.avi", "pattern 'films/'");
    check("drive:back*", "drive pattern 'back'");
}

#[test]
fn texts_that_look_like_fields() {
    check("12:30", "'12:30'");
    check("C:\\films", "'c:/films'");
    check("http://x/y", "'http://x/y'");
    check("Mission: Impossible", "('mission:' & 'impossible')");
    check("\"size:\"4", "'size:4'");
}

#[test]
fn sizes() {
    check("size:>4gb", "size (4000000000 )");
    check("size:>=4GiB", "size [4294967296 )");
    check("size:<100", "size ( 100)");
    check("size:0", "size [0 0]");
    check("size:4gb", "size [3500000000 4500000000)");
    check("size:1.5mb", "size [1450000 1550000)");
    check("size:1mb..2mb", "size [1000000 2000000]");
    check("size:..2mb", "size ( 2000000]");
    check("SIZE:=12", "size [12 12]");
}

#[test]
fn times_and_durations() {
    check(
        "modified:2024",
        "modified 2024-01-01T00:00:00Z .. 2025-01-01T00:00:00Z",
    );
    check("modified:<2024-01", "modified * .. 2024-01-01T00:00:00Z");
    check("modified:>2024-01", "modified 2024-02-01T00:00:00Z .. *");
    check(
        "modified:2024-02-28..2024-02-29",
        "modified 2024-02-28T00:00:00Z .. 2024-03-01T00:00:00Z",
    );
    check(
        "modified:today",
        "modified 2024-06-15T00:00:00Z .. 2024-06-16T00:00:00Z",
    );
    check(
        "modified:yesterday",
        "modified 2024-06-14T00:00:00Z .. 2024-06-15T00:00:00Z",
    );
    check(
        "modified:thisweek",
        "modified 2024-06-10T00:00:00Z .. 2024-06-17T00:00:00Z",
    );
    check(
        "modified:lastmonth",
        "modified 2024-05-01T00:00:00Z .. 2024-06-01T00:00:00Z",
    );
    check(
        "modified:7d",
        "modified 2024-06-08T12:00:00Z .. 2024-06-15T12:00:00Z",
    );
    check(
        "modified:2024-06-15T10:30",
        "modified 2024-06-15T10:30:00Z .. 2024-06-15T10:31:00Z",
    );
    check(
        "modified:2024-06-15T10:30:05Z",
        "modified 2024-06-15T10:30:05Z .. 2024-06-15T10:30:06Z",
    );
    check("duration:1h..2h", "duration [3600.0 7200.0]");
    check("duration:>90m", "duration (5400.0 )");
    check("duration:1:30:00", "duration [5399.5 5400.5)");
    check("duration:1h30m", "duration [5370.0 5430.0)");
    check("duration:<45s", "duration ( 45.0)");
}

#[test]
fn dates_without_a_zone_are_local() {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(2));
    let query = parse("modified:2024-06-15", &in_zone(zone)).unwrap();
    assert_eq!(
        meaning(&query.expr),
        "modified 2024-06-14T22:00:00Z .. 2024-06-15T22:00:00Z"
    );
}

#[test]
fn pictures_and_sound() {
    check("res:>=2160p", "lines [2006 )");
    check("res:1080p", "lines [1003 1158)");
    check("res:4k", "lines [2006 2315)");
    check("res:sd", "lines [1 670)");
    check("res:1920x1080", "Frame(1920, 1080)");
    check("width:>=3840", "width [3840 )");
    check("codec:x265", "VideoCodec([\"hevc\"])");
    check("codec:hevc,av1", "VideoCodec([\"hevc\", \"av1\"])");
    check("hdr:dv", "Hdr([\"dv\"])");
    check("hdr:yes", "HasHdr(true)");
    check("audio:truehd", "AudioCodec([\"truehd\"])");
    check("audio:5.1", "channels [6 6]");
    check(
        "audio:stereo,flac",
        "(channels [2 2] | AudioCodec([\"flac\"]))",
    );
    check("channels:>=6", "channels [6 )");
    check("container:mkv", "Container([\"Matroska\"])");
    check("lang:jpn", "AudioLanguage([\"ja\", \"jpn\", \"japanese\"])");
    check(
        "subs:eng",
        "SubtitleLanguage([\"en\", \"eng\", \"english\"])",
    );
    check("subs:yes", "HasSubtitles(true)");
    check("bitrate:>20mbps", "bitrate (20000000 )");
    check("fps:>=50", "fps [50.0 )");
}

#[test]
fn other_fields() {
    check("ext:.MKV,mp4", "Extension([\"mkv\", \"mp4\"])");
    check("category:av", "Category([Video, Audio])");
    check("category:videos", "Category([Video])");
    check("online:yes", "Online(true)");
    check("hash:AF1349", "Hash(\"af1349\")");
    check("dup:no", "Duplicate(false)");
    check("health:damaged,unknown", "Health([Damaged, Unknown])");
    check("deleted:any", "everything");
    check("deleted:yes", "Deleted(true)");
    check("regex:S\\d\\dE\\d\\d", "regex S\\d\\dE\\d\\d");
    check("regex:(a|b)c", "regex (a|b)c");
    assert!(parse("deleted:any", &context()).unwrap().mentions_deleted);
    assert!(!parse("any", &context()).unwrap().mentions_deleted);
}

/// Every error is shown with the place that it points at.
#[test]
fn errors_point_at_their_place() {
    let mut shown = String::new();
    for text in [
        "film \"open",
        "(a b",
        "a b)",
        "a OR",
        "OR b",
        "sise:>4gb",
        "xyz:1",
        "film size:>4zb",
        "size:",
        "size:2gb..1gb",
        "modified:2024-13",
        "modified:<7d",
        "hash:12g4",
        "hash:12",
        "regex:a(b",
        "\"č\" regex:x[",
        "category:films",
        "online:perhaps",
        "deleted:perhaps",
        "hdr:hdr11",
        "a -",
        "-)",
    ] {
        match parse(text, &context()) {
            Ok(query) => writeln!(shown, "{text}\n  means {}", meaning(&query.expr)).unwrap(),
            Err(error) => {
                writeln!(
                    shown,
                    "{}\n  {error}\n  hint: {}",
                    error.pointing(text),
                    error.hint
                )
                .unwrap();
            }
        }
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn hostile_queries_are_answered() {
    assert!(parse(&"(".repeat(60_000), &context()).is_err());
    assert!(parse(&"a ".repeat(30_000), &context()).is_err());
    assert!(parse(&"-".repeat(10_000), &context()).is_ok());
    assert!(parse(&"x".repeat(10_000), &context()).is_ok());
    assert!(parse(&"x".repeat(100_000), &context()).is_err());
    assert!(parse("hash:Ⱥෘ", &context()).is_err());
    assert!(
        parse(
            "regex:(((((a{1000}){1000}){1000}){1000}){1000})",
            &context()
        )
        .is_err()
    );
    let error = parse("\u{202e}\u{1b}[31m sise:1", &context()).unwrap_err();
    assert!(
        !error
            .pointing("\u{202e}\u{1b}[31m sise:1")
            .contains(['\u{202e}', '\u{1b}'])
    );
}

#[test]
fn every_example_is_a_query() {
    for field in fields::FIELDS {
        parse(field.example, &context()).unwrap();
        assert_eq!(
            fields::find(&field.name.to_uppercase()),
            fields::find(field.name)
        );
    }
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(text in "\\PC{0,40}|[-()|\":a-c*? ]{0,40}|(size|modified|duration|res|regex|fps|hash|audio|bitrate|channels):\\PC{0,12}") {
        match parse(&text, &context()) {
            Ok(_) => {}
            Err(error) => {
                prop_assert!(text.get(error.at.clone()).is_some(), "{:?} of {:?}", error.at, text);
                let _shown = error.pointing(&text);
            }
        }
    }
}

#[test]
fn a_folder_is_searched_by_its_path() {
    for (folder, sought) in [
        ("/mnt/films b", "/mnt/films b/"),
        (r"D:\Films\", "d:/films/"),
        ("/mnt/7\" (1999) | -x*", "/mnt/7\" (1999) | -x*/"),
        ("/", "/"),
    ] {
        let query = parse(&below(folder), &context()).unwrap();
        assert_eq!(meaning(&query.expr), format!("'{sought}'"), "{folder}");
    }
}
