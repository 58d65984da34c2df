//! The list of tags that iTunes keeps (`ilst`), covers included.

use super::boxes::Part;
use super::text;
use crate::tags::id3;
use crate::tags::picture::{self, Picture};
use crate::{Media, Reader, Stop};

/// Bytes read of a value.
const LONGEST: u64 = 8 << 10;

/// Kind of picture that is a front cover, as ID3 counts.
const FRONT: u32 = 3;

/// Reads the list. Where there are keys, names are numbers that count them from 1.
pub(super) fn read(
    reader: &mut Reader<'_>,
    list: &Part,
    keys: &[String],
    media: &mut Media,
) -> Result<(), Stop> {
    list.children(reader, |reader, item| {
        if item.kind == *b"covr" {
            return covers(reader, item, media);
        }
        if item.kind == *b"----" {
            return free(reader, item, media);
        }
        let number = usize::try_from(u32::from_be_bytes(item.kind)).unwrap_or_default();
        let named = number.checked_sub(1).and_then(|index| keys.get(index));
        let name = named.map(String::as_str).or_else(|| key(item.kind));
        if let Some(name) = name
            && let Some(data) = item.child(reader, *b"data")?
            && let Some(value) = value(reader, item.kind, &data)?
        {
            media.tag(name, &value);
        }
        Ok(())
    })
}

fn covers(reader: &mut Reader<'_>, item: &Part, media: &mut Media) -> Result<(), Stop> {
    item.children(reader, |reader, data| {
        if data.kind != *b"data" || data.length() < 8 {
            return Ok(());
        }
        let bytes = data.skip(8);
        let picture = Picture {
            kind: FRONT,
            title: String::new(),
        };
        picture::note_in_file(reader, bytes.body, bytes.length(), &picture, media)
    })
}

/// Reads an item that names itself: who made the name up, the name, the value.
fn free(reader: &mut Reader<'_>, item: &Part, media: &mut Media) -> Result<(), Stop> {
    let (mut name, mut data) = (String::new(), None);
    item.children(reader, |reader, part| {
        match &part.kind {
            b"name" => name = text::unicode(&part.skip(4).bytes(reader, 256)?),
            b"data" => {
                data.get_or_insert(*part);
            }
            _ => {}
        }
        Ok(())
    })?;
    if let Some(data) = data
        && let Some(value) = value(reader, item.kind, &data)?
    {
        media.tag(&name, &value);
    }
    Ok(())
}

fn value(reader: &mut Reader<'_>, item: [u8; 4], data: &Part) -> Result<Option<String>, Stop> {
    let bytes = data.bytes(reader, LONGEST)?;
    let Some((head, value)) = bytes.split_first_chunk::<8>() else {
        return Ok(None);
    };
    let [_, _, _, kind, ..] = *head;
    Ok(match (&item, kind) {
        (b"trkn" | b"disk", _) => position(value),
        (b"gnre", 0 | 21) => genre(value),
        (b"cpil" | b"pgap" | b"hdvd" | b"rtng" | b"stik" | b"tves" | b"tvsn" | b"akID", _)
        | (_, 21 | 22) => Some(number(value, kind != 22)),
        (_, 2) => Some(text::utf16(value)),
        (_, 23) => float(value),
        (_, 13 | 14 | 27) => None,
        _ => Some(text::unicode(value)),
    })
}

/// Which of how many.
fn position(value: &[u8]) -> Option<String> {
    let [_, _, a, b, rest @ ..] = value else {
        return None;
    };
    let which = u16::from_be_bytes([*a, *b]);
    let of = match rest {
        [c, d, ..] => u16::from_be_bytes([*c, *d]),
        _ => 0,
    };
    Some(if of > 0 {
        format!("{which}/{of}")
    } else {
        which.to_string()
    })
}

/// Genres of `ID3v1`, counted from 1.
fn genre(value: &[u8]) -> Option<String> {
    let [.., a, b] = value else {
        return None;
    };
    let index = usize::from(u16::from_be_bytes([*a, *b])).checked_sub(1)?;
    id3::genre_name(index).map(str::to_owned)
}

fn number(value: &[u8], signed: bool) -> String {
    let bytes = value.get(..value.len().min(8)).unwrap_or_default();
    let negative = signed && bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let start = if negative { -1 } else { 0 };
    bytes
        .iter()
        .fold(start, |number: i64, byte| number << 8 | i64::from(*byte))
        .to_string()
}

fn float(value: &[u8]) -> Option<String> {
    let value = f32::from_be_bytes(*value.first_chunk()?);
    Some(format!("{value:.6}"))
}

/// Returns ffprobe's name of a tag.
pub(super) fn key(kind: [u8; 4]) -> Option<&'static str> {
    Some(match &kind {
        b"\xa9nam" => "title",
        b"\xa9ART" | b"\xa9aut" => "artist",
        b"aART" => "album_artist",
        b"\xa9alb" => "album",
        b"\xa9day" => "date",
        b"\xa9gen" | b"gnre" => "genre",
        b"\xa9cmt" | b"\xa9inf" => "comment",
        b"\xa9com" | b"\xa9wrt" => "composer",
        b"\xa9cpy" | b"cprt" => "copyright",
        b"\xa9too" | b"\xa9enc" | b"\xa9swr" => "encoder",
        b"\xa9grp" => "grouping",
        b"\xa9lyr" => "lyrics",
        b"\xa9mak" | b"manu" => "make",
        b"\xa9mod" | b"modl" => "model",
        b"\xa9dir" => "director",
        b"\xa9dis" => "disclaimer",
        b"\xa9ed1" => "edit_date",
        b"\xa9fmt" => "original_format",
        b"\xa9hst" => "host_computer",
        b"\xa9ope" => "original_artist",
        b"\xa9PRD" | b"\xa9prd" => "producer",
        b"\xa9prf" => "performers",
        b"\xa9req" => "playback_requirements",
        b"\xa9src" => "original_source",
        b"\xa9st3" => "subtitle",
        b"\xa9trk" | b"trkn" => "track",
        b"\xa9url" => "url",
        b"\xa9wrn" => "warning",
        b"\xa9xyz" => "location",
        b"\xa9chp" => "chapter",
        b"disk" => "disc",
        b"desc" => "description",
        b"ldes" => "synopsis",
        b"tvsh" => "show",
        b"tven" => "episode_id",
        b"tves" => "episode_sort",
        b"tvsn" => "season_number",
        b"tvnn" => "network",
        b"stik" => "media_type",
        b"hdvd" => "hd_video",
        b"pgap" => "gapless_playback",
        b"cpil" => "compilation",
        b"rtng" => "rating",
        b"catg" => "category",
        b"keyw" => "keywords",
        b"pcst" => "podcast",
        b"purd" => "purchase_date",
        b"apID" => "account_id",
        b"akID" => "account_type",
        b"egid" => "episode_uid",
        b"tmpo" => "tmpo",
        b"soaa" => "sort_album_artist",
        b"soal" => "sort_album",
        b"soar" => "sort_artist",
        b"soco" => "sort_composer",
        b"sonm" => "sort_name",
        b"sosn" => "sort_show",
        _ => return None,
    })
}
