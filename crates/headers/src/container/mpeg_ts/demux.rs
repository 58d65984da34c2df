//! From packets to streams: which there are, and what they begin with.

use std::collections::BTreeMap;

use super::descriptors;
use super::elementary::{Codec, Elementary};
use super::packets::Packet;
use super::pes::{self, Header, Parsed};
use super::psi::{self, Section};
use crate::{StreamKind, Tag, push_tag};

/// Streams kept of a file.
const MOST_STREAMS: usize = 512;

/// Programs kept of a file.
const MOST_PROGRAMS: usize = 256;

const PAT: u16 = 0;
const SDT: u16 = 0x11;
const EIT: u16 = 0x12;

/// Puts a packet of an elementary stream together.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    /// The header as far as it has come; `None` outside one.
    header: Option<Vec<u8>>,
    in_body: bool,
}

/// What a packet brought.
pub(super) enum Brought<'a> {
    Nothing,
    /// A header, and payload after it.
    Begin(Header, Vec<u8>),
    More(&'a [u8]),
}

impl Assembler {
    pub(super) fn push<'a>(&mut self, packet: &Packet<'a>) -> Brought<'a> {
        if packet.unit_start {
            self.header = Some(Vec::new());
            self.in_body = false;
        }
        let Some(bytes) = &mut self.header else {
            return if self.in_body {
                Brought::More(packet.payload)
            } else {
                Brought::Nothing
            };
        };
        bytes.extend_from_slice(packet.payload);
        match pes::parse(bytes) {
            Parsed::More => return Brought::Nothing,
            Parsed::No => self.header = None,
            Parsed::Yes(header) => {
                let payload = bytes.split_off(header.length.min(bytes.len()));
                self.header = None;
                self.in_body = true;
                return Brought::Begin(header, payload);
            }
        }
        Brought::Nothing
    }
}

/// Where the payload of a PID goes.
#[derive(Debug, Default)]
struct Route {
    assembler: Assembler,
    main: usize,
    /// The AC-3 half of a TrueHD stream.
    core: Option<usize>,
    current: usize,
    seen: bool,
}

impl Route {
    fn choose(&self, header: &Header) -> usize {
        match self.core {
            Some(core) if header.extension == Some(0x76) => core,
            _ => self.main,
        }
    }
}

/// What is known of a transport stream so far.
#[derive(Debug, Default)]
pub(super) struct Demux {
    pub(super) streams: Vec<Elementary>,
    /// Programs in the order in which their maps came.
    pub(super) programs: Vec<u16>,
    pub(super) tags: Vec<Tag>,
    /// The first time of a program's clock, and where it is.
    pub(super) clock: Option<(u16, u64)>,
    /// Number and PID of the map of every program announced.
    announced: Vec<(u16, u16)>,
    sections: BTreeMap<u16, Section>,
    routes: BTreeMap<u16, Route>,
    has_events: bool,
    /// There are no tables: what a stream is must be guessed.
    guesses: bool,
}

impl Demux {
    /// Returns one that takes every PID with pictures or sound for a stream, for files without tables.
    pub(super) fn guessing() -> Self {
        Self {
            guesses: true,
            ..Self::default()
        }
    }

    /// Takes what a packet says of tables.
    pub(super) fn push_table(&mut self, packet: &Packet<'_>) {
        if packet.payload.is_empty() || !self.is_table(packet.pid) {
            return;
        }
        let section = self.sections.entry(packet.pid).or_default();
        for section in section.push(packet.payload, packet.unit_start) {
            self.table(packet.pid, &section);
        }
    }

    /// Takes what a packet brings of a stream.
    pub(super) fn push(&mut self, packet: &Packet<'_>) {
        if self.clock.is_none()
            && let Some(clock) = packet.clock
        {
            self.clock = Some((packet.pid, clock));
        }
        if packet.payload.is_empty() {
            return;
        }
        if self.guesses {
            self.guess(packet);
        }
        self.payload(packet);
    }

    fn is_table(&self, pid: u16) -> bool {
        matches!(pid, PAT | SDT | EIT) || self.announced.iter().any(|(_, map)| *map == pid)
    }

    fn table(&mut self, pid: u16, section: &[u8]) {
        let Some((table, number, body)) = psi::body(section) else {
            return;
        };
        match (pid, table) {
            (PAT, 0) => {
                for program in psi::pat(body) {
                    if !self.announced.contains(&program) && self.announced.len() < MOST_PROGRAMS {
                        self.announced.push(program);
                    }
                }
            }
            (SDT, 0x42) => {
                for (provider, name) in psi::sdt(body) {
                    push_tag(&mut self.tags, "service_name", &name);
                    push_tag(&mut self.tags, "service_provider", &provider);
                }
            }
            (EIT, 0x4e..=0x6f) if !self.has_events => {
                self.has_events = true;
                let mut events = Elementary::named(StreamKind::Data, "epg");
                events.base.id = Some(EIT.into());
                self.add(events);
            }
            (_, 2) if self.announced.contains(&(number, pid)) => self.map(number, body),
            _ => {}
        }
    }

    fn map(&mut self, number: u16, body: &[u8]) {
        let Some(map) = psi::pmt(body) else {
            return;
        };
        let known = self.programs.iter().position(|known| *known == number);
        let program = known.unwrap_or(self.programs.len());
        if known.is_none() {
            self.programs.push(number);
        }
        for entry in &map.entries {
            if let Some(route) = self.routes.get(&entry.pid) {
                for index in [Some(route.main), route.core].into_iter().flatten() {
                    if let Some(stream) = self.streams.get_mut(index)
                        && !stream.programs.contains(&program)
                    {
                        stream.programs.push(program);
                    }
                }
                continue;
            }
            let mut stream = descriptors::elementary(entry, map.registration);
            stream.programs.push(program);
            let core = (stream.codec == Codec::TrueHd && map.registration == Some(*b"HDMV"))
                .then(|| core_of(&stream));
            let Some(main) = self.add(stream) else {
                return;
            };
            let core = core.and_then(|core| self.add(core));
            let route = Route {
                main,
                core,
                current: main,
                ..Route::default()
            };
            self.routes.insert(entry.pid, route);
        }
    }

    fn add(&mut self, mut stream: Elementary) -> Option<usize> {
        if self.streams.len() >= MOST_STREAMS {
            return None;
        }
        stream.pictures_in_packets = true;
        self.streams.push(stream);
        Some(self.streams.len() - 1)
    }

    /// Makes a stream of a PID whose first packet is one of pictures or sound.
    fn guess(&mut self, packet: &Packet<'_>) {
        if !packet.unit_start || self.routes.contains_key(&packet.pid) {
            return;
        }
        let codec = match *packet.payload {
            [0, 0, 1, 0xe0..=0xef, ..] => Codec::AnyVideo,
            [0, 0, 1, 0xc0..=0xdf, ..] => Codec::MpegAudio,
            [0, 0, 1, 0xbd, ..] => Codec::AnyAudio,
            _ => return,
        };
        let mut stream = Elementary::new(codec);
        stream.base.id = Some(packet.pid.into());
        if let Some(main) = self.add(stream) {
            let route = Route {
                main,
                current: main,
                ..Route::default()
            };
            self.routes.insert(packet.pid, route);
        }
    }

    fn payload(&mut self, packet: &Packet<'_>) {
        let Some(route) = self.routes.get_mut(&packet.pid) else {
            return;
        };
        route.seen = true;
        match route.assembler.push(packet) {
            Brought::Nothing => {}
            Brought::Begin(header, payload) => {
                route.current = route.choose(&header);
                if let Some(stream) = self.streams.get_mut(route.current) {
                    stream.begin(header.pts, header.dts);
                    stream.push(&payload);
                }
            }
            Brought::More(payload) => {
                if let Some(stream) = self.streams.get_mut(route.current) {
                    stream.push(payload);
                }
            }
        }
    }

    /// Returns whether tables were expected and none was met.
    pub(super) fn is_blind(&self) -> bool {
        !self.guesses && self.announced.is_empty()
    }

    /// Returns whether there is a map of every program announced.
    pub(super) fn has_maps(&self) -> bool {
        self.guesses || !self.announced.is_empty() && self.programs.len() >= self.announced.len()
    }

    /// Returns whether reading on would not tell more of any stream; of those that were never met, too, unless `all`.
    pub(super) fn is_known(&mut self, all: bool) -> bool {
        let routes = &self.routes;
        let absent = |index: usize| {
            !all && routes
                .values()
                .any(|route| !route.seen && route.main == index)
        };
        let is_core = |index: usize| routes.values().any(|route| route.core == Some(index));
        self.streams
            .iter_mut()
            .enumerate()
            .all(|(index, stream)| stream.is_known() || absent(index) || is_core(index) && !all)
    }

    /// Returns a reader of times near the end of the file.
    pub(super) fn ends(&mut self) -> Ends<'_> {
        Ends {
            open: BTreeMap::new(),
            demux: self,
            clock: None,
        }
    }
}

fn core_of(stream: &Elementary) -> Elementary {
    let mut core = Elementary::new(Codec::Ac3);
    core.base.id = stream.base.id;
    core.base.language.clone_from(&stream.base.language);
    core.base.flags = stream.base.flags;
    core.programs.clone_from(&stream.programs);
    core
}

/// A packet of an elementary stream near the end that may go on.
#[derive(Debug, Default)]
struct Open {
    assembler: Assembler,
    stream: usize,
    pts: Option<u64>,
    bytes: u64,
}

/// Times near the end of the file.
pub(super) struct Ends<'a> {
    open: BTreeMap<u16, Open>,
    demux: &'a mut Demux,
    /// The last time of the clock that was first.
    pub(super) clock: Option<u64>,
}

impl Ends<'_> {
    pub(super) fn push(&mut self, packet: &Packet<'_>) {
        if let (Some((pid, _)), Some(clock)) = (self.demux.clock, packet.clock)
            && pid == packet.pid
        {
            self.clock = Some(clock);
        }
        let Some(route) = self.demux.routes.get(&packet.pid) else {
            return;
        };
        let open = self.open.entry(packet.pid).or_default();
        if packet.unit_start {
            note(open, &mut self.demux.streams);
        }
        match open.assembler.push(packet) {
            Brought::Nothing => {}
            Brought::Begin(header, payload) => {
                open.stream = route.choose(&header);
                open.pts = header.pts;
                open.bytes = payload.len() as u64;
            }
            Brought::More(payload) => open.bytes += payload.len() as u64,
        }
    }

    /// Takes what has come of packets that have no end.
    pub(super) fn finish(mut self) -> Option<u64> {
        for open in self.open.values_mut() {
            note(open, &mut self.demux.streams);
        }
        self.clock
    }
}

fn note(open: &mut Open, streams: &mut [Elementary]) {
    if let Some(pts) = open.pts.take()
        && let Some(stream) = streams.get_mut(open.stream)
    {
        let lasts = stream.packet_ticks(open.bytes);
        stream.times.note_end(pts, lasts);
    }
}
