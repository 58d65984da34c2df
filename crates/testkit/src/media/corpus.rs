//! A library of some 340 small real files: every container and codec that the header readers know, with what films carry
//! besides: chapters, covers, languages, marks, turned pictures, high dynamic range.
//!
//! Names say what is inside, and are the same on every run; a file that is there already is kept. The bytes are ffmpeg's
//! and differ between its versions.

mod audio;
mod avi;
mod built;
mod images;
mod matroska;
mod mp4;
mod parts;
mod recipe;
mod seeds;
mod streams;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use recipe::Recipe;

/// How many ffmpeg run at a time: most of them use little more than one core for so small a picture.
const AT_A_TIME: usize = 2;

/// Which files of the library are wanted.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Only containers (folders) of these names; empty: all.
    pub containers: Vec<String>,
    /// At most so many files: one of each container, then more of those that have more.
    pub count: Option<usize>,
    /// Leaves out what is slow to encode.
    pub quick: bool,
}

/// One file of the library.
#[derive(Clone, Debug)]
pub struct Made {
    /// `container/what is inside.extension`.
    pub name: String,
    /// Where it is, if it was made.
    pub path: PathBuf,
    /// Why it was not made: this ffmpeg lacks an encoder, for one.
    pub skipped: Option<String>,
}

/// Makes the library, or the chosen part of it, in `root`.
///
/// # Errors
/// When ffmpeg is missing or a folder cannot be written. A file that ffmpeg cannot make is noted in [`Made::skipped`].
pub fn corpus(root: &Path, choice: &Choice) -> io::Result<Vec<Made>> {
    make(root, &choose(recipes(), choice))
}

/// Makes one tiny file a format, a few KiB each, where a fuzzer and a test of damage begin. The folder is the name of
/// the format in snake case, as in `mpeg_ts/seed.ts`.
///
/// # Errors
/// As [`corpus`].
pub fn seeds(root: &Path) -> io::Result<Vec<Made>> {
    make(root, &[seeds::recipes(), built::seeds()].concat())
}

fn recipes() -> Vec<Recipe> {
    [
        mp4::recipes(),
        matroska::recipes(),
        avi::recipes(),
        streams::recipes(),
        audio::recipes(),
        images::recipes(),
        built::recipes(),
    ]
    .concat()
}

/// Returns what was chosen. Where a number was given, every container is shown before one of them is shown twice.
fn choose(recipes: Vec<Recipe>, choice: &Choice) -> Vec<Recipe> {
    let wanted = recipes.into_iter().filter(|recipe| {
        !(choice.quick && recipe.is_slow())
            && (choice.containers.is_empty()
                || choice
                    .containers
                    .iter()
                    .any(|name| name == recipe.container()))
    });
    let Some(count) = choice.count else {
        return wanted.collect();
    };
    let mut by_container: BTreeMap<String, Vec<Recipe>> = BTreeMap::new();
    for recipe in wanted {
        let container = recipe.container().to_owned();
        by_container.entry(container).or_default().push(recipe);
    }
    let mut ranked: Vec<(usize, Recipe)> = by_container.into_values().flat_map(ranked).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked
        .into_iter()
        .take(count)
        .map(|(_, recipe)| recipe)
        .collect()
}

/// Returns the recipes of a container with ranks from 0 to 999 of which the first come first: the first recipe of every
/// container, then as many of each as it has. Neighbours in a list are much alike, so the ranks leap through it.
fn ranked(recipes: Vec<Recipe>) -> impl Iterator<Item = (usize, Recipe)> {
    let length = recipes.len();
    // About the golden ratio of the length, and without a common factor, so that every place is met once.
    let leap = (length * 618 / 1_000..=length)
        .find(|leap| greatest_common_divisor(*leap, length) == 1)
        .unwrap_or(1);
    recipes.into_iter().enumerate().map(move |(place, recipe)| {
        let turn = (0..length)
            .find(|turn| turn * leap % length == place)
            .unwrap_or(place);
        (turn * 1_000 / length, recipe)
    })
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}

fn make(root: &Path, recipes: &[Recipe]) -> io::Result<Vec<Made>> {
    let parts = parts::write(root)?;
    for recipe in recipes {
        fs_err::create_dir_all(root.join(recipe.container()))?;
    }
    let next = AtomicUsize::new(0);
    let made = Mutex::new(Vec::with_capacity(recipes.len()));
    let work = || {
        while let Some(recipe) = recipes.get(next.fetch_add(1, Ordering::Relaxed)) {
            let result = one(root, &parts, recipe);
            if let Ok(mut made) = made.lock() {
                made.push((recipe.name.clone(), result));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(work);
        }
    });
    let mut made = made.into_inner().unwrap_or_default();
    made.sort_by(|(a, _), (b, _)| a.cmp(b));
    made.into_iter().map(|(_, result)| result).collect()
}

fn one(root: &Path, parts: &Path, recipe: &Recipe) -> io::Result<Made> {
    let path = root.join(&recipe.name);
    let mut made = Made {
        name: recipe.name.clone(),
        path: path.clone(),
        skipped: None,
    };
    if path.exists() {
        return Ok(made);
    }
    // Made aside and moved: what is there is whole.
    let aside = parts.join(recipe.name.replace('/', " "));
    if let Some(bytes) = recipe.bytes() {
        fs_err::write(&aside, bytes)?;
        fs_err::rename(&aside, &path)?;
        return Ok(made);
    }
    let arguments = recipe.arguments(parts);
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match super::encode(&words, &aside) {
        Ok(()) => fs_err::rename(&aside, &path)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(error),
        Err(error) => {
            fs_err::remove_file(&aside).ok();
            made.skipped = Some(error.to_string());
        }
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_there_are_enough() {
        let recipes = recipes();
        let names: BTreeSet<&str> = recipes.iter().map(|recipe| recipe.name.as_str()).collect();
        assert_eq!(names.len(), recipes.len());
        assert!(names.len() >= 320, "{}", names.len());
        assert!(names.iter().all(|name| name.split('/').count() == 2));
    }

    #[test]
    fn few_files_show_every_container() {
        let all: BTreeSet<String> = recipes()
            .iter()
            .map(|recipe| recipe.container().to_owned())
            .collect();
        let chosen = choose(
            recipes(),
            &Choice {
                count: Some(all.len()),
                quick: true,
                ..Choice::default()
            },
        );
        let shown: BTreeSet<String> = chosen
            .iter()
            .map(|recipe| recipe.container().to_owned())
            .collect();
        assert_eq!(shown, all);
    }

    #[test]
    fn files_are_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let choice = Choice {
            containers: vec!["wav".into(), "png".into()],
            count: Some(4),
            quick: true,
        };
        let made = corpus(folder.path(), &choice).unwrap();
        assert_eq!(made.len(), 4);
        assert!(
            made.iter()
                .all(|made| made.skipped.is_none() && made.path.exists())
        );
        let time = |made: &Made| std::fs::metadata(&made.path).unwrap().modified().unwrap();
        let before: Vec<_> = made.iter().map(time).collect();
        let again = corpus(folder.path(), &choice).unwrap();
        assert_eq!(before, again.iter().map(time).collect::<Vec<_>>());
    }
}
