//! The fields of the query language.

/// A field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// What may stand after the colon.
    pub values: &'static str,
    /// What it is about.
    pub meaning: &'static str,
    /// A use of it.
    pub example: &'static str,
}

const fn field(
    name: &'static str,
    aliases: &'static [&'static str],
    values: &'static str,
    meaning: &'static str,
    example: &'static str,
) -> Field {
    Field {
        name,
        aliases,
        values,
        meaning,
        example,
    }
}

/// All of them.
pub const FIELDS: [Field; 26] = [
    field(
        "name",
        &["file"],
        "text or pattern",
        "the file's name",
        "name:IMG_????.jpg",
    ),
    field(
        "path",
        &["folder", "in"],
        "text or pattern",
        "the path below the drive's root, or an absolute one",
        "path:films/1999",
    ),
    field(
        "ext",
        &["extension", "type"],
        "list",
        "the extension",
        "ext:mkv,mp4",
    ),
    field(
        "category",
        &["kind", "cat"],
        "list",
        "video, audio, image, document, archive, executable, other; av is the first two",
        "category:video",
    ),
    field(
        "drive",
        &["label"],
        "text or pattern",
        "the drive's label",
        "drive:backup*",
    ),
    field(
        "size",
        &[],
        "size",
        "length: b, kb, mb, gb, tb (powers of 1,000), kib, mib, gib, tib (of 1,024)",
        "size:>4gb",
    ),
    field(
        "modified",
        &["date", "mtime", "dm"],
        "time",
        "when it was last written",
        "modified:<2024-01",
    ),
    field(
        "duration",
        &["length"],
        "duration",
        "playing time",
        "duration:1h..2h",
    ),
    field(
        "res",
        &["resolution"],
        "lines or WxH",
        "size of the picture; also sd, hd, fullhd, 4k, 8k",
        "res:>=2160p",
    ),
    field(
        "codec",
        &["video"],
        "list",
        "how the picture is coded",
        "codec:hevc",
    ),
    field(
        "hdr",
        &[],
        "list, yes or no",
        "hdr10, hdr10+, hlg, dv",
        "hdr:dv",
    ),
    field(
        "audio",
        &[],
        "list",
        "how the sound is coded, or its channels",
        "audio:truehd",
    ),
    field(
        "channels",
        &["ch"],
        "number",
        "channels of the sound",
        "channels:>=6",
    ),
    field(
        "container",
        &["format"],
        "list",
        "the kind of file its headers show",
        "container:mkv",
    ),
    field(
        "lang",
        &["language"],
        "list",
        "languages of the sound",
        "lang:jpn",
    ),
    field(
        "subs",
        &["subtitles", "sub"],
        "list, yes or no",
        "languages of subtitles inside the file",
        "subs:eng",
    ),
    field(
        "bitrate",
        &[],
        "bits a second",
        "of the whole file: kbps, mbps",
        "bitrate:>20mbps",
    ),
    field(
        "fps",
        &["framerate"],
        "number",
        "frames a second",
        "fps:>=50",
    ),
    field(
        "online",
        &[],
        "yes or no",
        "whether the drive is there now",
        "online:yes",
    ),
    field(
        "deleted",
        &[],
        "yes, no or any",
        "whether the file was gone at the last scan",
        "deleted:yes",
    ),
    field(
        "hash",
        &["blake3"],
        "hexadecimal",
        "how its BLAKE3 begins",
        "hash:af1349b9",
    ),
    field(
        "dup",
        &["duplicate"],
        "yes or no",
        "whether another file has the same content",
        "dup:yes",
    ),
    field(
        "health",
        &["integrity"],
        "list",
        "ok, damaged, unknown",
        "health:damaged",
    ),
    field(
        "width",
        &[],
        "number",
        "of the picture, in pixels",
        "width:>=3840",
    ),
    field(
        "height",
        &[],
        "number",
        "of the picture, in pixels",
        "height:1080",
    ),
    field(
        "regex",
        &["re"],
        "regular expression",
        "over the path below the drive's root",
        r"regex:S\d\dE\d\d",
    ),
];

/// Returns the field of a name, whatever its case.
pub fn find(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| {
        std::iter::once(&field.name)
            .chain(field.aliases)
            .any(|known| known.eq_ignore_ascii_case(name))
    })
}

/// Returns the name of a field that was probably meant.
pub fn suggest(name: &str) -> Option<&'static str> {
    let names = FIELDS
        .iter()
        .flat_map(|field| std::iter::once(&field.name).chain(field.aliases).copied());
    crate::settings::closest(&name.to_lowercase(), names)
}

/// Returns the table of the fields in Markdown.
pub fn markdown() -> String {
    use std::fmt::Write;
    let mut table = String::from("| field | value | meaning | example |\n|---|---|---|---|\n");
    for field in FIELDS {
        let names: Vec<String> = std::iter::once(&field.name)
            .chain(field.aliases)
            .map(|name| format!("`{name}:`"))
            .collect();
        // Writing into a text cannot fail.
        let _written = writeln!(
            table,
            "| {} | {} | {} | `{}` |",
            names.join(" "),
            field.values,
            field.meaning,
            field.example
        );
    }
    table
}
