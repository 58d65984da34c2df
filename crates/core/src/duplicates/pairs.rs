//! Which files are the same film or the same sound, and what says so.

use serde::Serialize;
use videocatalog_fingerprint::keyframes::SCORE_THRESHOLD;

use crate::catalog::candidates::Measured;
use crate::human;
use crate::settings::Fingerprints;

/// Below this the sound does not count: two films with the same music are not the same film.
const LEAST_VIDEO: f64 = 0.5;

/// Share of equal bits below which two sounds are not the same recording, whatever the settings say.
const OTHER_SOUND: f64 = 0.65;

/// How much two films with different sound have to look alike. Of 336 films that were changed (`scripts/bench/films`), nine in
/// ten of the wrong pairs were below, nearly all with a logo at the same place; dubbed copies are above.
const LEAST_CONTRADICTED: f64 = 0.85;

/// What speaks for a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// The same bytes.
    Exact,
    /// Picture and sound.
    Consensus,
    /// The picture.
    Video,
    /// The sound.
    Audio,
    /// One is a part of the other.
    Clip,
}

impl Reason {
    /// Returns its name, as it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Consensus => "consensus",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Clip => "clip",
        }
    }
}

/// What speaks for two files being the same, each from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// What decided.
    pub reason: Reason,
    /// All together.
    pub score: f64,
    /// By the signatures of keyframes.
    pub keyframes: Option<f64>,
    /// By TMK.
    pub tmk: Option<f64>,
    /// By the sound: 1 minus the share of bits that differ.
    pub sound: Option<f64>,
    /// How one has to be laid to look like the other, if not as it is.
    pub laid: Option<String>,
    /// By how many seconds the second sound begins later.
    pub shift_s: Option<f64>,
    /// Of a part: where it begins in the whole, in seconds.
    pub from_s: Option<f64>,
    /// Of a part: where it ends.
    pub to_s: Option<f64>,
}

impl Evidence {
    /// Returns it in words.
    pub fn words(&self) -> String {
        if self.reason == Reason::Exact {
            return "the same bytes".into();
        }
        if let (Some(from), Some(to)) = (self.from_s, self.to_s) {
            let (from, to) = (human::duration(from), human::duration(to));
            return format!("clip {:.2}: {from} to {to} of the whole", self.score);
        }
        let scores = [
            ("keyframes", self.keyframes),
            ("TMK", self.tmk),
            ("sound", self.sound),
        ];
        let mut words: Vec<String> = scores
            .iter()
            .filter_map(|(name, score)| Some(format!("{name} {:.2}", (*score)?)))
            .collect();
        words.extend(self.laid.as_ref().map(|way| format!("laid {way}")));
        format!("{}: {}", self.reason.name(), words.join(", "))
    }

    /// Returns that of the same bytes.
    pub fn exact() -> Self {
        Self {
            reason: Reason::Exact,
            score: 1.0,
            keyframes: None,
            tmk: None,
            sound: None,
            laid: None,
            shift_s: None,
            from_s: None,
            to_s: None,
        }
    }
}

/// From when on a pair counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Score of TMK, and of picture and sound together.
    pub video: f64,
    /// Share of a sound's bits that may differ.
    pub sound: f64,
    /// Whether picture and sound are judged together.
    pub consensus: bool,
    /// The picture's share in that.
    pub video_weight: f64,
}

impl Thresholds {
    /// Returns those of the settings.
    pub fn from_settings(settings: &Fingerprints) -> Self {
        Self {
            video: settings.tmk_similarity_threshold,
            sound: settings.chroma_match_threshold,
            consensus: settings.consensus_enabled,
            video_weight: settings.consensus_video_weight,
        }
    }
}

/// Returns what speaks for a pair being the same, or one being a part of the other, if that is enough.
pub(super) fn judge(measured: &Measured, thresholds: &Thresholds) -> Option<Evidence> {
    let is_heard = measured
        .sound
        .is_some_and(|sound| 1.0 - sound <= thresholds.sound);
    let evidence = |reason, score| Evidence {
        reason,
        score,
        keyframes: measured.keyframes,
        tmk: measured.tmk,
        sound: measured.sound,
        laid: measured.laid.clone(),
        shift_s: measured.shift_s.filter(|_| is_heard),
        from_s: measured.part.map(|part| part.from_s),
        to_s: measured.part.map(|part| part.to_s),
    };
    if let Some(part) = measured.part {
        let is_enough = measured.are_films || 1.0 - part.share <= thresholds.sound;
        return is_enough.then(|| evidence(Reason::Clip, part.share));
    }
    // Films that sound different have to look very much alike: a logo alone makes a likeness.
    let least = match measured.sound {
        Some(sound) if sound < OTHER_SOUND => LEAST_CONTRADICTED,
        _ => f64::from(SCORE_THRESHOLD),
    };
    // Of what stands still the picture alone says little.
    let looks_alike =
        measured.keyframes.is_some_and(|score| score >= least) && (!measured.is_still || is_heard);
    let is_seen = looks_alike || measured.tmk.is_some_and(|score| score >= thresholds.video);
    let keyframes = measured
        .keyframes
        .filter(|_| !measured.is_still || is_heard);
    let video = keyframes.into_iter().chain(measured.tmk).reduce(f64::max);
    let together = video.zip(measured.sound).map(|(video, sound)| {
        thresholds.video_weight * video + (1.0 - thresholds.video_weight) * sound
    });
    let (reason, score) = match (video, together) {
        (Some(_), Some(together))
            if measured.are_films && is_seen && is_heard && thresholds.consensus =>
        {
            (Reason::Consensus, together)
        }
        (Some(video), _) if measured.are_films && is_seen => (Reason::Video, video),
        (Some(video), Some(together))
            if measured.are_films
                && thresholds.consensus
                && is_heard
                && video >= LEAST_VIDEO
                && together >= thresholds.video =>
        {
            (Reason::Consensus, together)
        }
        // Of two films the picture decides.
        _ if !measured.are_films && is_heard => (Reason::Audio, measured.sound?),
        _ => return None,
    };
    let mut found = evidence(reason, score);
    found.laid = found.laid.filter(|_| is_seen);
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::candidates::Part;
    use crate::settings::Settings;

    fn verdict(measured: &Measured) -> Option<(Reason, f64)> {
        let thresholds = Thresholds::from_settings(&Settings::default().fingerprints);
        judge(measured, &thresholds).map(|found| (found.reason, found.score))
    }

    fn films(keyframes: f64, sound: f64) -> Measured {
        Measured {
            are_films: true,
            keyframes: Some(keyframes),
            sound: Some(sound),
            ..Measured::default()
        }
    }

    #[test]
    fn sound_never_makes_a_pair_of_films_that_look_different() {
        assert_eq!(verdict(&films(0.4, 1.0)), None);
        let still = Measured {
            is_still: true,
            ..films(0.99, 0.5)
        };
        assert_eq!(verdict(&still), None, "every black film looks like this");
    }

    #[test]
    fn what_looks_and_sounds_alike_is_a_consensus() {
        let (reason, score) = verdict(&films(0.9, 1.0)).unwrap();
        assert_eq!(reason, Reason::Consensus);
        assert!((score - 0.93).abs() < 1e-9);
        assert_eq!(verdict(&films(0.9, 0.5)), Some((Reason::Video, 0.9)));
        assert_eq!(verdict(&films(0.8, 0.5)), None, "a logo, perhaps");
        assert_eq!(verdict(&films(0.8, 0.7)), Some((Reason::Video, 0.8)));
    }

    #[test]
    fn a_part_is_no_duplicate() {
        let part = Part {
            is_a: true,
            from_s: 10.0,
            to_s: 20.0,
            share: 0.8,
        };
        let seen = Measured {
            are_films: true,
            part: Some(part),
            ..Measured::default()
        };
        assert_eq!(verdict(&seen), Some((Reason::Clip, 0.8)));
        let heard = Measured {
            are_films: false,
            ..seen
        };
        assert_eq!(verdict(&heard), None, "a fifth of the bits differ");
    }
}
