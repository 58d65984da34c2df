//! Films that ffmpeg decodes: signatures through real codecs, and files of the reference program from its own films.

use crate::run;
use std::path::{Path, PathBuf};
use videocatalog_fingerprint::keyframes::{self, Signature, USUAL_EDGE};
use videocatalog_fingerprint::{Dihedral, tmk};

/// Sources that look nothing like each other, twelve seconds of each.
const SOURCES: [&str; 4] = [
    "testsrc2=size=320x180:rate=12:duration=12",
    "mandelbrot=size=320x180:rate=12:end_scale=0.02:maxiter=300,trim=duration=12",
    "nullsrc=size=320x180:rate=12:duration=12,\
     geq=lum=128+90*sin(X/23+T/4)*cos(Y/17-T/3)+30*sin((X+Y)/9):cb=128:cr=128",
    "life=size=320x180:rate=12:mold=25:ratio=0.15:seed=9:life_color=orange:death_color=#203060,trim=duration=12,gblur=2",
];

/// What is done to a copy, and how it lies then.
const TRANSFORMS: [(&str, &str, Dihedral); 10] = [
    ("scale=160:90", "-crf 34", Dihedral::Identity),
    ("fps=6", "-crf 24", Dihedral::Identity),
    ("scale=240:240,setsar=1", "-crf 24", Dihedral::Identity),
    ("pad=320:240:0:30", "-crf 26", Dihedral::Identity),
    ("pad=400:180:40:0", "-crf 26", Dihedral::Identity),
    ("hue=s=0", "-crf 26", Dihedral::Identity),
    (
        "noise=alls=12:allf=t:all_seed=3",
        "-crf 26",
        Dihedral::Identity,
    ),
    (
        "eq=brightness=0.06:contrast=1.1",
        "-crf 26",
        Dihedral::Identity,
    ),
    ("hflip", "-crf 26", Dihedral::MirrorHorizontal),
    ("transpose=clock", "-crf 26", Dihedral::Rotate90),
];

/// Encodes from inputs given as ffmpeg wants them.
fn encode(inputs: &str, filter: &str, options: &str, file: &str) {
    let graph = format!("{filter},format=yuv420p");
    let mut arguments: Vec<&str> = "-nostdin -v error -y"
        .split(' ')
        .chain(inputs.split(' '))
        .collect();
    arguments.extend(["-vf", &graph]);
    arguments.extend("-c:v libx264 -preset veryfast -g 12 -threads 1".split(' '));
    arguments.extend(options.split(' '));
    arguments.push(file);
    run("ffmpeg", &arguments);
}

fn signature(file: &Path) -> Signature {
    let scale = format!("scale={USUAL_EDGE}:{USUAL_EDGE}:flags=area,format=gray");
    let mut arguments = vec![
        "-nostdin",
        "-v",
        "error",
        "-skip_frame",
        "nokey",
        "-i",
        file.to_str().unwrap(),
    ];
    arguments.extend([
        "-an",
        "-vf",
        &scale,
        "-fps_mode",
        "passthrough",
        "-f",
        "rawvideo",
        "-",
    ]);
    let mut builder = keyframes::Builder::new(USUAL_EDGE, USUAL_EDGE).unwrap();
    for frame in run("ffmpeg", &arguments).chunks(USUAL_EDGE * USUAL_EDGE) {
        builder.push(frame).unwrap();
    }
    builder.finish().unwrap()
}

#[test]
fn signatures_survive_codecs_sizes_bars_and_mirrors() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    // Made once: not every generator draws the same twice.
    let films: [String; 4] = std::array::from_fn(|index| {
        let film = file(&format!("{index}.mkv"));
        encode(
            &format!("-f lavfi -i {}", SOURCES[index]),
            "null",
            "-crf 12",
            &film,
        );
        film
    });
    let originals = films.clone().map(|film| {
        let signature = signature(Path::new(&film));
        assert!((8..=16).contains(&signature.frames()), "{film}");
        assert!(!signature.is_static() && !signature.is_blank(), "{film}");
        signature
    });
    let copy = file("copy.mkv");
    for (index, film) in films.iter().enumerate() {
        for (filter, options, way) in TRANSFORMS {
            encode(&format!("-i {film}"), filter, options, &copy);
            let copy = signature(Path::new(&copy));
            for (other, original) in originals.iter().enumerate() {
                let (score, found) = original.best_score(&copy);
                println!("{filter}, {index} as {other}: {score:.3} {}", found.name());
                let same = score >= keyframes::SCORE_THRESHOLD;
                assert_eq!(
                    same,
                    other == index,
                    "{index} and {filter} against {other}: {score}"
                );
                assert!(
                    other != index || found == way,
                    "{index} and {filter}: {found:?}"
                );
            }
        }
    }
}

/// Needs the reference fixtures. Other versions of ffmpeg may choose other frames, so only 5.1 has to agree.
#[test]
fn films_give_the_files_of_the_reference_program() {
    let Some(place) = std::env::var_os("VIDEOCATALOG_FIXTURES").map(PathBuf::from) else {
        println!("skipped: VIDEOCATALOG_FIXTURES does not say where the reference fixtures are");
        return;
    };
    let version = String::from_utf8(run("ffmpeg", &["-version"])).unwrap();
    let (mut wrong, mut count) = (Vec::new(), 0);
    let folders = ["videos", "reencodes"]
        .map(|folder| std::fs::read_dir(place.join("tmk").join(folder)).unwrap());
    for file in folders
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
    {
        let decoded = decode_for_tmk(&file);
        let mut builder = tmk::Builder::new();
        decoded
            .as_chunks()
            .0
            .iter()
            .for_each(|frame| _ = builder.push_rgb24(frame));
        let name = file.file_stem().unwrap().to_str().unwrap();
        let expected = std::fs::read(place.join(format!("tmk/tmk/{name}.tmk"))).unwrap();
        count += 1;
        if builder.finish().to_bytes() != expected {
            wrong.push(name.to_owned());
        }
    }
    println!(
        "{} of {count} films as the reference program",
        count - wrong.len()
    );
    assert!(
        wrong.is_empty() || !version.starts_with("ffmpeg version 5.1"),
        "{wrong:?}"
    );
}

fn decode_for_tmk(file: &Path) -> Vec<u8> {
    let mut arguments = vec!["-nostdin", "-v", "error", "-i", file.to_str().unwrap()];
    arguments
        .extend("-s 64:64 -an -f rawvideo -c:v rawvideo -pix_fmt rgb24 -r 15 pipe:1".split(' '));
    run("ffmpeg", &arguments)
}
