//! Matroska and `WebM` (RFC 9559).
//!
//! What describes the film lies before the first cluster or where a `SeekHead` points to. Clusters are stepped over; of the
//! first one only as many packets are read as codecs need that say too little in their headers. The sizes, and the cluster
//! that the last cue points to, tell whether the file is all there.

mod attachments;
mod chapters;
mod codecs;
mod cues;
mod ebml;
mod frames;
mod stream;
mod tags;
#[cfg(test)]
pub(crate) mod tests;
mod track;

use ebml::{Element, element};

use crate::{Media, Reader, Stop, Structure};

const EBML: u32 = 0x1a45_dfa3;
const SEGMENT: u32 = 0x1853_8067;
const SEEK_HEAD: u32 = 0x114d_9b74;
const INFO: u32 = 0x1549_a966;
const TRACKS: u32 = 0x1654_ae6b;
const CLUSTER: u32 = 0x1f43_b675;
const CUES: u32 = 0x1c53_bb6b;
const ATTACHMENTS: u32 = 0x1941_a469;
const CHAPTERS: u32 = 0x1043_a770;
const TAGS: u32 = 0x1254_c367;

/// Microseconds from 1970 to 2001, where `DateUTC` begins to count nanoseconds.
const EPOCH_2001: i64 = 978_307_200_000_000;

/// Elements looked at before the first cluster.
const MOST_BEFORE: usize = 64;

/// Clusters stepped over in a file without a `SeekHead`: each may be a seek.
const MOST_CLUSTERS: usize = 16;

/// Places followed from `SeekHeads`.
const MOST_SEEKS: usize = 64;

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let header = element(reader, 0)?;
    if header.id != EBML {
        return Err(Stop::Damaged {
            what: "no EBML header",
            at: 0,
        });
    }
    header.children(reader, |reader, child| {
        if child.id == 0x4282 {
            media.variant = Some(child.text(reader)?).filter(|kind| !kind.is_empty());
        }
        Ok(())
    })?;
    let mut segment = find_segment(reader, header.end().unwrap_or(header.body))?;
    // A writer that left room for the size and never came back.
    segment.size = segment.size.filter(|size| *size > 0);
    media.structure = match segment.end() {
        None => Structure::Unchecked,
        Some(end) if end > reader.length() => Structure::Truncated {
            expected_bytes: Some(end),
        },
        Some(_) => Structure::Complete,
    };
    let mut gathered = Gathered::new(&segment);
    let fault = gathered.gather(reader, media);
    if let Err(Stop::Io(error)) = fault {
        return Err(Stop::Io(error));
    }
    let result = gathered.tell(reader, media);
    fault.and(result)
}

/// Returns the Segment, which may follow padding.
fn find_segment(reader: &mut Reader<'_>, start: u64) -> Result<Element, Stop> {
    let mut at = start;
    for _ in 0..4 {
        let found = element(reader, at)?;
        match found.end() {
            _ if found.id == SEGMENT => return Ok(found),
            Some(end) if matches!(found.id, 0xec | 0xbf) => at = end,
            _ => break,
        }
    }
    Err(Stop::Damaged {
        what: "no segment after the EBML header",
        at,
    })
}

/// What was found, in no order in particular.
struct Gathered {
    base: u64,
    /// Where the segment ends; none where it does not say.
    end: Option<u64>,
    /// Where elements were read, so that none is read twice.
    seen: Vec<u64>,
    /// Ids and places that `SeekHeads` name.
    seeks: Vec<(u32, u64)>,
    scale_ns: u64,
    duration: f64,
    title: String,
    muxer: String,
    date: Option<i64>,
    tracks: Vec<track::Track>,
    files: Vec<attachments::Attached>,
    tags: Vec<tags::Tagged>,
    cluster: Option<Element>,
    cues: Option<Element>,
}

impl Gathered {
    fn new(segment: &Element) -> Self {
        Self {
            base: segment.body,
            end: segment.end(),
            seen: Vec::new(),
            seeks: Vec::new(),
            scale_ns: 1_000_000,
            duration: 0.0,
            title: String::new(),
            muxer: String::new(),
            date: None,
            tracks: Vec::new(),
            files: Vec::new(),
            tags: Vec::new(),
            cluster: None,
            cues: None,
        }
    }

    /// Reads everything that is not payload. One part that cannot be read does not keep the others from being read: the
    /// first fault is returned in the end.
    fn gather(&mut self, reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
        let mut fault = self.walk(reader, media);
        let mut index = 0;
        while let Some((id, at)) = self.seeks.get(index).copied() {
            index += 1;
            if index > MOST_SEEKS || matches!(fault, Err(Stop::Io(_) | Stop::Budget)) {
                break;
            }
            if !self.seen.contains(&at) && id != CLUSTER {
                let result = self.follow(reader, media, id, at);
                fault = fault.and(result);
            }
        }
        fault
    }

    /// Walks from the segment's beginning to the first cluster, or, where no `SeekHead` tells what comes later, some way on.
    fn walk(&mut self, reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
        let end = self.end.unwrap_or(u64::MAX).min(reader.length());
        let (mut at, mut before, mut clusters) = (self.base, 0, 0);
        while at < end && before < MOST_BEFORE && clusters < MOST_CLUSTERS {
            let found = match element(reader, at) {
                Ok(found) => found,
                Err(Stop::Damaged { .. }) if self.blank(reader, media, at)? => break,
                // Where the segment ends is not known: it may have been here.
                Err(Stop::Damaged { .. }) if clusters > 0 && self.end.is_none() => break,
                Err(stop) => return Err(stop),
            };
            if found.id == CLUSTER {
                clusters += 1;
                self.cluster.get_or_insert(found);
                if !self.seeks.is_empty() {
                    break;
                }
            } else {
                before += 1;
                self.part(reader, media, &found)?;
            }
            match found.end() {
                Some(next) => at = next,
                None => break,
            }
        }
        if clusters > 0 && at > reader.length() && self.end.is_none() {
            return Err(Stop::End { expected: at });
        }
        Ok(())
    }

    /// Returns whether there are zeros where the segment should have an element, and notes it.
    fn blank(&self, reader: &mut Reader<'_>, media: &mut Media, at: u64) -> Result<bool, Stop> {
        let head = reader.up_to(at, 12)?;
        let blank = self.end.is_some() && head.len() == 12 && head.iter().all(|byte| *byte == 0);
        if blank && !media.structure.is_faulty() {
            media.structure = Structure::Zeros { at };
        }
        Ok(blank)
    }

    fn follow(
        &mut self,
        reader: &mut Reader<'_>,
        media: &mut Media,
        id: u32,
        at: u64,
    ) -> Result<(), Stop> {
        if at >= reader.length() {
            return Err(Stop::End {
                expected: self.end.unwrap_or_default().max(at.saturating_add(2)),
            });
        }
        if self.blank(reader, media, at)? {
            return Ok(());
        }
        match element(reader, at) {
            Ok(found) if found.id == id => self.part(reader, media, &found),
            Err(Stop::Damaged { .. }) | Ok(_) => Ok(()), // An editor forgot to change the SeekHead.
            Err(stop) => Err(stop),
        }
    }

    fn part(
        &mut self,
        reader: &mut Reader<'_>,
        media: &mut Media,
        part: &Element,
    ) -> Result<(), Stop> {
        self.seen.push(part.at);
        match part.id {
            SEEK_HEAD => self.seek_head(reader, part),
            INFO => self.info(reader, part),
            TRACKS if self.tracks.is_empty() => track::read(reader, part, &mut self.tracks),
            ATTACHMENTS => attachments::read(reader, part, &mut self.files),
            CHAPTERS => chapters::read(reader, part, &mut media.chapters),
            TAGS => tags::read(reader, part, &mut self.tags),
            CUES => {
                self.cues = Some(*part);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn seek_head(&mut self, reader: &mut Reader<'_>, head: &Element) -> Result<(), Stop> {
        head.children(reader, |reader, seek| {
            if seek.id != 0x4dbb || self.seeks.len() >= MOST_SEEKS {
                return Ok(());
            }
            let (mut id, mut position) = (None, None);
            seek.children(reader, |reader, child| {
                match child.id {
                    0x53ab => id = u32::try_from(child.number(reader)?).ok(),
                    0x53ac => position = Some(child.number(reader)?),
                    _ => {}
                }
                Ok(())
            })?;
            if let (Some(id), Some(position)) = (id, position) {
                self.seeks.push((id, self.base.saturating_add(position)));
            }
            Ok(())
        })
    }

    fn info(&mut self, reader: &mut Reader<'_>, info: &Element) -> Result<(), Stop> {
        info.children(reader, |reader, child| {
            match child.id {
                0x2a_d7b1 => self.scale_ns = child.number(reader)?,
                0x4489 => self.duration = child.float(reader)?,
                0x7ba9 => self.title = child.text(reader)?,
                0x4d80 => self.muxer = child.text(reader)?,
                0x4461 if child.size == Some(8) => {
                    self.date = Some(i64::from_be_bytes(reader.array(child.body)?));
                }
                _ => {}
            }
            Ok(())
        })
    }

    /// Fills in what was gathered.
    fn tell(&mut self, reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
        self.describe(media);
        let (told, wanted) = self.streams(reader, media)?;
        let packets = match &self.cluster {
            Some(cluster) if !wanted.is_empty() => {
                frames::read(reader, cluster, wanted, &mut media.streams)
            }
            _ => Ok(()),
        };
        for &(track, index) in &told {
            if let Some(stream) = media.streams.get_mut(index) {
                stream::settle(track, stream);
            }
        }
        tags::apply(&self.tags, &told, media);
        media.streams.iter_mut().for_each(stream::counted_rate);
        chapters::finish(&mut media.chapters, media.duration_s);
        let pictures = attachments::apply(reader, &self.files, media);
        let end = self.check_end(reader, media);
        packets.and(pictures).and(end)
    }

    #[expect(clippy::cast_precision_loss, reason = "a scale is a million or so")]
    fn describe(&self, media: &mut Media) {
        let scale = if self.scale_ns == 0 {
            1_000_000
        } else {
            self.scale_ns
        };
        media.duration_s = Some(self.duration * scale as f64 / 1e9)
            .filter(|seconds| seconds.is_finite() && *seconds > 0.0);
        media.tag("title", &self.title);
        media.tag("encoder", &self.muxer);
        if let Some(date) = self.date {
            let created = super::date::rfc3339((date / 1_000).saturating_add(EPOCH_2001));
            media.tag("creation_time", &created);
            media.created = Some(created);
        }
    }

    /// Adds the tracks to the streams. Returns which stream each track is, and which streams want a packet.
    #[expect(clippy::type_complexity, reason = "two lists, used once")]
    fn streams(
        &self,
        reader: &mut Reader<'_>,
        media: &mut Media,
    ) -> Result<(Vec<(&track::Track, usize)>, Vec<frames::Wanted>), Stop> {
        let (mut told, mut wanted) = (Vec::new(), Vec::new());
        for track in &self.tracks {
            let Some(known) = stream::known(reader, track)? else {
                continue;
            };
            let index = media.streams.len();
            told.push((track, index));
            if known.wants_packet {
                wanted.push(frames::Wanted {
                    track: track.number,
                    index,
                    nal_length: known.nal_length,
                    stripped: track.packing.stripped.clone(),
                });
            }
            media.streams.push(known.stream);
        }
        Ok((told, wanted))
    }

    /// Looks whether the cluster of the last cue is there, unless something is known to be wrong already.
    fn check_end(&self, reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
        let Some(cues) = &self.cues else {
            return Ok(());
        };
        if media.structure.is_faulty() {
            return Ok(());
        }
        if let Some(found) = cues::check(reader, cues, self.base, self.end)? {
            media.structure = found;
        }
        Ok(())
    }
}
