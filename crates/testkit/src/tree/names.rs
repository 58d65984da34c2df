//! Names as they are met in media libraries: films, episodes, tracks, photos, papers.
//!
//! Every name is valid on every system: none of the characters that Windows refuses, none ends in a dot or space.

use crate::random::Random;

/// What a folder and everything below it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Theme {
    /// The root: a little of everything.
    Mixed,
    Films,
    Series,
    Music,
    Photos,
    Papers,
}

const FILM_EXTENSIONS: &[(&str, u64)] = &[
    (".mkv", 46),
    (".mp4", 18),
    (".avi", 6),
    (".m4v", 2),
    (".mov", 2),
    (".wmv", 1),
    (".srt", 14),
    (".nfo", 5),
    (".jpg", 5),
    (".idx", 1),
];
const EPISODE_EXTENSIONS: &[(&str, u64)] = &[
    (".mkv", 60),
    (".mp4", 16),
    (".avi", 4),
    (".ts", 2),
    (".srt", 13),
    (".nfo", 3),
    (".jpg", 2),
];
const TRACK_EXTENSIONS: &[(&str, u64)] = &[
    (".mp3", 48),
    (".flac", 28),
    (".m4a", 10),
    (".opus", 3),
    (".wav", 2),
    (".ogg", 2),
    (".jpg", 4),
    (".m3u", 1),
    (".cue", 1),
    (".log", 1),
];
const PHOTO_EXTENSIONS: &[(&str, u64)] = &[
    (".jpg", 55),
    (".JPG", 14),
    (".heic", 10),
    (".png", 5),
    (".cr2", 4),
    (".ARW", 3),
    (".dng", 2),
    (".mp4", 5),
    (".MOV", 2),
];
const PAPER_EXTENSIONS: &[(&str, u64)] = &[
    (".pdf", 36),
    (".docx", 14),
    (".txt", 12),
    (".xlsx", 7),
    (".odt", 4),
    (".zip", 8),
    (".7z", 2),
    (".iso", 1),
    (".exe", 2),
    (".bak", 3),
    (".md", 3),
    (".tar.gz", 2),
    ("", 6),
];

const WORDS: &[&str] = &[
    "Amber", "Autumn", "Basement", "Berlin", "Bridge", "Canyon", "Captain", "Crossing", "Dawn",
    "Desert", "Distant", "Echo", "Empire", "Falling", "Fire", "Forest", "Ghost", "Golden",
    "Harbor", "Hidden", "Horizon", "House", "Island", "Journey", "Kingdom", "Lantern", "Last",
    "Letters", "Little", "Lost", "Midnight", "Mirror", "Moon", "Mountain", "Night", "Northern",
    "Ocean", "Orchard", "Paper", "Quiet", "Rain", "Return", "River", "Road", "Secret", "Shadow",
    "Silent", "Silver", "Sister", "Station", "Storm", "Summer", "Thirteen", "Tide", "Tower",
    "Train", "Valley", "Violet", "Voices", "Watcher", "Weight", "Wild", "Winter", "Wolf",
];
const WORDS_BEYOND_ASCII: &[&str] = &[
    "Amélie",
    "Čapek",
    "Crème",
    "Déjà",
    "Éternité",
    "Façade",
    "Fußball",
    "Größe",
    "Hôtel",
    "Île",
    "Jalapeño",
    "Läuft",
    "Naïve",
    "Niño",
    "Öland",
    "Pokémon",
    "Přítel",
    "Señora",
    "Straße",
    "Über",
    "Война",
    "Κόσμος",
    "七人の侍",
    "千与千寻",
    "기생충",
    "霸王别姬",
    "مدينة",
];
const ARTISTS: &[&str] = &[
    "Anna Lind",
    "Björk",
    "Blue Harbor",
    "Cesária",
    "Die Ärzte",
    "Field Notes",
    "Kraftfeld",
    "Los Niños",
    "Motörbreath",
    "Nordlicht",
    "Ólafur",
    "Paper Birds",
    "Sigur",
    "The Watchers",
    "坂本龍一",
    "周杰伦",
];
const PLACES: &[&str] = &[
    "Beach",
    "Birthday",
    "Christmas",
    "Garden",
    "Hiking",
    "København",
    "Lisboa",
    "München",
    "New York",
    "Paris",
    "School",
    "Skiing",
    "Tokyo",
    "Wedding",
    "Zürich",
    "京都",
];
const PAPERS: &[&str] = &[
    "Invoice", "Contract", "Letter", "Manual", "Notes", "Rechnung", "Report", "Résumé", "Scan",
    "Setup", "Steuer", "Tickets", "backup", "driver", "project",
];
const RESOLUTIONS: &[&str] = &["480p", "576p", "720p", "1080p", "1080p", "1080p", "2160p"];
const SOURCES: &[&str] = &["BluRay", "WEB-DL", "WEBRip", "DVDRip", "HDTV"];
const CODECS: &[&str] = &["x264", "x265", "H.264", "HEVC", "AV1", "XviD"];

impl Theme {
    /// The folders of the root that come first.
    pub(super) const COLLECTIONS: [Self; 5] = [
        Self::Films,
        Self::Series,
        Self::Music,
        Self::Photos,
        Self::Papers,
    ];

    /// Returns a theme for another folder of the root.
    pub(super) fn any(random: &mut Random) -> Self {
        Self::COLLECTIONS
            .get(random.index(Self::COLLECTIONS.len()))
            .copied()
            .unwrap_or(Self::Papers)
    }

    /// Returns the name of a folder whose parent has that depth.
    pub(super) fn folder_name(self, parent_depth: usize, random: &mut Random) -> String {
        if parent_depth == 0 {
            return match self {
                Self::Films => "Films",
                Self::Series => "Series",
                Self::Music => "Music",
                Self::Photos => "Photos",
                Self::Papers | Self::Mixed => "Papers",
            }
            .to_owned();
        }
        match (self, parent_depth % 2) {
            (Self::Films, _) => format!("{} ({})", title(random), year(random)),
            (Self::Series, 1) => title(random),
            (Self::Series, _) => format!("Season {:02}", random.between(1, 24)),
            (Self::Music, 1) => random.pick(ARTISTS).to_owned(),
            (Self::Music, _) => format!("{} - {}", year(random), title(random)),
            (Self::Photos, 1) => year(random).to_string(),
            (Self::Photos, _) => format!("{} {}", date(random, "-"), random.pick(PLACES)),
            (Self::Papers | Self::Mixed, _) => {
                format!("{} {}", random.pick(PAPERS), random.pick(WORDS))
            }
        }
    }

    /// Returns stem and extension of the file with that number in a folder.
    pub(super) fn file_name(self, number: u64, random: &mut Random) -> (String, String) {
        if random.once_in(400) {
            let odd = random.pick(&[
                "Thumbs.db",
                ".DS_Store",
                "desktop.ini",
                ".nomedia",
                "README",
            ]);
            return (odd.to_owned(), String::new());
        }
        let (stem, ext) = match self {
            Self::Films => (film(random), random.pick_weighted(FILM_EXTENSIONS)),
            Self::Series => (
                format!(
                    "{} - S{:02}E{:02} - {}",
                    title(random),
                    random.between(1, 24),
                    number % 99 + 1,
                    title(random)
                ),
                random.pick_weighted(EPISODE_EXTENSIONS),
            ),
            Self::Music => (
                format!("{:02} - {}", number % 99 + 1, title(random)),
                random.pick_weighted(TRACK_EXTENSIONS),
            ),
            Self::Photos => (photo(random), random.pick_weighted(PHOTO_EXTENSIONS)),
            Self::Papers | Self::Mixed => (
                format!(
                    "{} {} {}",
                    random.pick(PAPERS),
                    date(random, "-"),
                    random.pick(WORDS)
                ),
                random.pick_weighted(PAPER_EXTENSIONS),
            ),
        };
        (stem, ext.to_owned())
    }
}

fn year(random: &mut Random) -> u64 {
    random.between(1950, 2025)
}

fn date(random: &mut Random, separator: &str) -> String {
    format!(
        "{}{separator}{:02}{separator}{:02}",
        random.between(2001, 2025),
        random.between(1, 12),
        random.between(1, 28)
    )
}

fn title(random: &mut Random) -> String {
    let mut words: Vec<&str> = Vec::new();
    for _ in 0..random.between(1, 4) {
        words.push(if random.once_in(12) {
            random.pick(WORDS_BEYOND_ASCII)
        } else {
            random.pick(WORDS)
        });
    }
    words.join(" ")
}

fn film(random: &mut Random) -> String {
    let (title, year) = (title(random), year(random));
    let (resolution, source, codec) = (
        random.pick(RESOLUTIONS),
        random.pick(SOURCES),
        random.pick(CODECS),
    );
    if random.once_in(2) {
        format!("{title} ({year}) [{resolution}]")
    } else {
        let dotted = title.replace(' ', ".");
        format!("{dotted}.{year}.{resolution}.{source}.{codec}")
    }
}

fn photo(random: &mut Random) -> String {
    let camera = random.pick(&["IMG", "IMG", "PXL", "DSC", "VID"]);
    if camera == "DSC" {
        return format!("DSC{:05}", random.below(100_000));
    }
    format!("{camera}_{}_{:06}", date(random, ""), random.below(235_959))
}
