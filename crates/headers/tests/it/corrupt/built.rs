//! Files that no program writes: parts nested a thousand deep, a hundred thousand empty parts, tables that lead back to
//! themselves, sizes beyond every disk.

/// Returns what each is, its extension, and its bytes.
pub(super) fn files() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let mut files = mp4();
    files.extend(ebml());
    files.extend(riff());
    files.extend(others());
    files
}

fn repeat(part: &[u8], count: usize) -> Vec<u8> {
    part.repeat(count)
}

/// A box that fits its content.
fn boxed(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len() + 8).unwrap();
    [&size.to_be_bytes()[..], name, content].concat()
}

fn ftyp() -> Vec<u8> {
    boxed(b"ftyp", b"isom\0\0\0\x01isom")
}

fn mp4() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let nested = |names: &[&[u8; 4]]| {
        let mut inner = Vec::new();
        for depth in 0..1_000 {
            inner = boxed(names[depth % names.len()], &inner);
        }
        [ftyp(), boxed(b"moov", &inner)].concat()
    };
    let with_moov = |content: Vec<u8>| [ftyp(), boxed(b"moov", &content)].concat();
    let huge = |name: &[u8; 4]| {
        [
            &ftyp()[..],
            &1_u32.to_be_bytes(),
            name,
            &(1_u64 << 63).to_be_bytes(),
            &[0; 64],
        ]
        .concat()
    };
    // A table that claims four thousand million entries.
    let table = |name: &[u8; 4]| {
        let content = [&[0; 4][..], &u32::MAX.to_be_bytes(), &[0; 64]].concat();
        let stbl = boxed(b"stbl", &boxed(name, &content));
        boxed(b"trak", &boxed(b"mdia", &boxed(b"minf", &stbl)))
    };
    let tables = [
        b"stts", b"stsz", b"stsc", b"stco", b"co64", b"stss", b"ctts", b"stsd",
    ]
    .map(table)
    .concat();
    vec![
        ("moov in moov", "mp4", nested(&[b"moov"])),
        (
            "trak in mdia in trak",
            "mp4",
            nested(&[b"trak", b"mdia", b"minf", b"stbl"]),
        ),
        (
            "udta, meta and ilst nested",
            "mp4",
            nested(&[b"udta", b"meta", b"ilst"]),
        ),
        ("moof nested", "mp4", nested(&[b"moof", b"traf"])),
        (
            "100,000 empty boxes",
            "mp4",
            [ftyp(), repeat(&boxed(b"free", &[]), 100_000)].concat(),
        ),
        (
            "100,000 empty boxes in moov",
            "mp4",
            with_moov(repeat(&boxed(b"free", &[]), 100_000)),
        ),
        (
            "50,000 empty tracks",
            "mp4",
            with_moov(repeat(&boxed(b"trak", &[]), 50_000)),
        ),
        (
            "50,000 fragments",
            "mp4",
            [
                ftyp(),
                repeat(&boxed(b"moof", &boxed(b"traf", &[])), 50_000),
            ]
            .concat(),
        ),
        ("tables of 2^32 entries", "mp4", with_moov(tables)),
        ("moov of 2^63 bytes", "mp4", huge(b"moov")),
        ("mdat of 2^63 bytes", "mp4", huge(b"mdat")),
        ("heif with meta nested", "heic", {
            let mut inner = Vec::new();
            for _ in 0..1_000 {
                inner = boxed(b"ipco", &inner);
            }
            let meta = boxed(b"meta", &[&[0; 4][..], &boxed(b"iprp", &inner)].concat());
            [boxed(b"ftyp", b"heic\0\0\0\0mif1"), meta].concat()
        }),
    ]
}

/// An element that fits its content, its size in eight bytes.
fn element(id: &[u8], content: &[u8]) -> Vec<u8> {
    let size = (1_u64 << 56) | content.len() as u64;
    [id, &size.to_be_bytes(), content].concat()
}

fn ebml() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    const SEGMENT: &[u8] = &[0x18, 0x53, 0x80, 0x67];
    let head = || {
        element(
            &[0x1a, 0x45, 0xdf, 0xa3],
            &element(&[0x42, 0x82], b"matroska"),
        )
    };
    let nested = |outer: &[&[u8]], id: &[u8]| {
        let mut inner = Vec::new();
        for _ in 0..1_000 {
            inner = element(id, &inner);
        }
        for id in outer.iter().rev() {
            inner = element(id, &inner);
        }
        [head(), element(SEGMENT, &inner)].concat()
    };
    let largest = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe];
    let unknown = [0xff];
    vec![
        (
            "SimpleTag in SimpleTag",
            "mkv",
            nested(&[&[0x12, 0x54, 0xc3, 0x67], &[0x73, 0x73]], &[0x67, 0xc8]),
        ),
        (
            "ChapterAtom in ChapterAtom",
            "mkv",
            nested(&[&[0x10, 0x43, 0xa7, 0x70], &[0x45, 0xb9]], &[0xb6]),
        ),
        ("Segment in Segment", "mkv", nested(&[], SEGMENT)),
        (
            "TrackEntry in TrackEntry",
            "mkv",
            nested(&[&[0x16, 0x54, 0xae, 0x6b]], &[0xae]),
        ),
        (
            "100,000 empty Voids",
            "mkv",
            [head(), element(SEGMENT, &repeat(&[0xec, 0x80], 100_000))].concat(),
        ),
        (
            "50,000 empty Clusters",
            "mkv",
            [
                head(),
                element(SEGMENT, &repeat(&[0x1f, 0x43, 0xb6, 0x75, 0x80], 50_000)),
            ]
            .concat(),
        ),
        (
            "50,000 Clusters of unknown size",
            "mkv",
            [
                head(),
                SEGMENT.to_vec(),
                unknown.to_vec(),
                repeat(&[0x1f, 0x43, 0xb6, 0x75, 0xff], 50_000),
            ]
            .concat(),
        ),
        (
            "50,000 empty tracks",
            "mkv",
            [
                head(),
                element(
                    SEGMENT,
                    &element(&[0x16, 0x54, 0xae, 0x6b], &repeat(&[0xae, 0x80], 50_000)),
                ),
            ]
            .concat(),
        ),
        (
            "a Segment of the largest size",
            "mkv",
            [&head()[..], SEGMENT, &largest, &[0; 64]].concat(),
        ),
        (
            "Tracks of the largest size",
            "mkv",
            [
                &head()[..],
                SEGMENT,
                &largest,
                &[0x16, 0x54, 0xae, 0x6b],
                &largest,
                &[0; 64],
            ]
            .concat(),
        ),
        ("a SeekHead that leads to itself", "mkv", {
            let id = element(&[0x53, 0xab], &[0x11, 0x4d, 0x9b, 0x74]);
            let seek = element(&[0x4d, 0xbb], &[id, element(&[0x53, 0xac], &[0])].concat());
            [
                head(),
                element(
                    SEGMENT,
                    &element(&[0x11, 0x4d, 0x9b, 0x74], &repeat(&seek, 1_000)),
                ),
            ]
            .concat()
        }),
    ]
}

fn riff() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let chunk = |name: &[u8], content: &[u8]| {
        let size = u32::try_from(content.len()).unwrap();
        [name, &size.to_le_bytes(), content].concat()
    };
    let file = |kind: &[u8], content: &[u8]| chunk(b"RIFF", &[kind, content].concat());
    let mut lists = Vec::new();
    for _ in 0..1_000 {
        lists = chunk(b"LIST", &[b"hdrl", &lists[..]].concat());
    }
    let rf64 = [
        &b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0"[..],
        &[0xff; 28],
        b"fmt \x10\0\0\0\x01\0\x02\0",
        &[0xff; 12],
        b"data\xff\xff\xff\xff",
    ]
    .concat();
    vec![
        ("LIST in LIST", "avi", file(b"AVI ", &lists)),
        (
            "100,000 empty chunks",
            "avi",
            file(b"AVI ", &repeat(b"JUNK\0\0\0\0", 100_000)),
        ),
        (
            "50,000 empty streams",
            "avi",
            file(
                b"AVI ",
                &chunk(
                    b"LIST",
                    &[&b"hdrl"[..], &repeat(b"LIST\x04\0\0\0strl", 50_000)].concat(),
                ),
            ),
        ),
        (
            "100,000 empty chunks of sound",
            "wav",
            file(b"WAVE", &repeat(b"fact\0\0\0\0", 100_000)),
        ),
        ("RF64 of 2^64 bytes", "wav", rf64),
        (
            "WAVE with a format of nothing",
            "wav",
            file(
                b"WAVE",
                b"fmt \x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0data\0\0\0\0",
            ),
        ),
        (
            "100,000 empty pictures",
            "webp",
            file(
                b"WEBP",
                &[
                    &b"VP8X\x0a\0\0\0\x02\0\0\0\0\0\0\0\0\0"[..],
                    &repeat(b"ANMF\0\0\0\0", 100_000),
                ]
                .concat(),
            ),
        ),
        (
            "100,000 empty chunks of AIFF",
            "aiff",
            [
                &b"FORM\x7f\xff\xff\xffAIFF"[..],
                &repeat(b"ANNO\0\0\0\0", 100_000),
            ]
            .concat(),
        ),
    ]
}

fn others() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    // An IFD without entries, whose next one is itself.
    let ring = b"II*\0\x08\0\0\0\0\0\x08\0\0\0".to_vec();
    let entries = [
        &b"II*\0\x08\0\0\0\xff\xff"[..],
        &repeat(&[0x69, 0x87, 4, 0, 1, 0, 0, 0, 8, 0, 0, 0], 2_000),
    ]
    .concat();
    let guid = |name: &str| -> Vec<u8> {
        (0..name.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&name[at..at + 2], 16).unwrap())
            .collect()
    };
    let asf_header = guid("3026b2758e66cf11a6d900aa0062ce6c");
    let asf = |size: u64, count: u32, rest: &[u8]| {
        [
            &asf_header[..],
            &size.to_le_bytes(),
            &count.to_le_bytes(),
            &[1, 2],
            rest,
        ]
        .concat()
    };
    let empty_object = [&[7; 16][..], &24_u64.to_le_bytes()].concat();
    let page = |flags: u8| [&b"OggS\0"[..], &[flags], &[0; 20], &[0]].concat();
    vec![
        ("an IFD that leads to itself", "tiff", ring),
        ("IFDs in an IFD that lead to it", "tiff", entries),
        (
            "100,000 empty chunks",
            "png",
            [
                &b"\x89PNG\r\n\x1a\n"[..],
                &repeat(b"\0\0\0\0tEXt\0\0\0\0", 100_000),
            ]
            .concat(),
        ),
        (
            "nothing but markers",
            "jpg",
            [&b"\xff\xd8"[..], &vec![0xff; 1 << 20]].concat(),
        ),
        (
            "100,000 empty segments",
            "jpg",
            [&b"\xff\xd8"[..], &repeat(b"\xff\xe0\0\x02", 100_000)].concat(),
        ),
        (
            "100,000 empty extensions",
            "gif",
            [
                &b"GIF89a\x01\0\x01\0\0\0\0"[..],
                &repeat(b"\x21\xfe\0", 100_000),
            ]
            .concat(),
        ),
        (
            "100,000 empty pictures",
            "gif",
            [
                &b"GIF89a\x01\0\x01\0\0\0\0"[..],
                &repeat(b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\0", 100_000),
            ]
            .concat(),
        ),
        (
            "objects of no size",
            "wmv",
            asf(1 << 62, u32::MAX, &[0; 4_096]),
        ),
        (
            "100,000 empty objects",
            "wmv",
            asf(30 + 2_400_000, 100_000, &repeat(&empty_object, 100_000)),
        ),
        ("100,000 streams begin", "ogg", repeat(&page(2), 100_000)),
        (
            "100,000 empty pages",
            "ogg",
            [page(2), repeat(&page(0), 100_000)].concat(),
        ),
        (
            "100,000 empty tags",
            "flv",
            [
                &b"FLV\x01\x05\0\0\0\x09\0\0\0\0"[..],
                &repeat(b"\x09\0\0\0\0\0\0\0\0\0\0\0\0\0\x0b", 100_000),
            ]
            .concat(),
        ),
        ("objects nested in a script tag", "flv", {
            let script = [&b"\x02\0\x0aonMetaData"[..], &repeat(b"\x03\0\x01a", 2_000)].concat();
            let size = u32::try_from(script.len()).unwrap().to_be_bytes();
            [
                &b"FLV\x01\x05\0\0\0\x09\0\0\0\0\x12"[..],
                &size[1..],
                &[0; 7],
                &script,
            ]
            .concat()
        }),
        (
            "100,000 empty frames of ID3",
            "mp3",
            [
                &b"ID3\x03\0\0\0\x3d\x09\x00"[..],
                &repeat(b"TXXX\0\0\0\0\0\0", 100_000),
            ]
            .concat(),
        ),
        (
            "an ID3 tag that is all there is",
            "mp3",
            b"ID3\x04\0\0\x7f\x7f\x7f\x7f".to_vec(),
        ),
        (
            "frames without end",
            "mp3",
            repeat(&[&b"\xff\xfb\x90\x64"[..], &[0; 413]].concat(), 3_000),
        ),
        (
            "100,000 empty blocks",
            "flac",
            [&b"fLaC"[..], &repeat(&[1, 0, 0, 0], 100_000)].concat(),
        ),
        (
            "a comment of 2^32 lines",
            "flac",
            [&b"fLaC\x84\0\0\x10\0\0\0\0\xff\xff\xff\xff"[..], &[0; 8]].concat(),
        ),
        (
            "packets of nothing",
            "ts",
            repeat(
                &[&[0x47, 0x1f, 0xff, 0x10][..], &[0xff; 184]].concat(),
                5_000,
            ),
        ),
        (
            "packs of nothing",
            "mpg",
            repeat(&[0, 0, 1, 0xba, 0x44, 0, 4, 0, 4, 1, 0, 0, 3, 0xf8], 50_000),
        ),
        (
            "packets of no length",
            "mpg",
            [
                &[0, 0, 1, 0xba, 0x44, 0, 4, 0, 4, 1, 0, 0, 3, 0xf8][..],
                &repeat(&[0, 0, 1, 0xe0, 0, 0], 100_000),
            ]
            .concat(),
        ),
        (
            "100,000 start codes",
            "m2v",
            repeat(&[0, 0, 1, 0xb3], 100_000),
        ),
        (
            "DSDIFF of 2^63 bytes",
            "dff",
            [
                &b"FRM8\x80\0\0\0\0\0\0\0DSD "[..],
                &repeat(b"PROP\0\0\0\0\0\0\0\0", 50_000),
            ]
            .concat(),
        ),
        (
            "DSF of nothing",
            "dsf",
            [
                &b"DSD \x1c\0\0\0\0\0\0\0"[..],
                &[0xff; 16],
                b"fmt ",
                &[0; 48],
            ]
            .concat(),
        ),
        (
            "Monkey's Audio of nothing",
            "ape",
            [&b"MAC \x96\x0f\0\0"[..], &[0xff; 120]].concat(),
        ),
    ]
}
