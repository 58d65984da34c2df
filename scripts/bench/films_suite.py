"""Films that nobody owns, and what people do to films: sources of moving pictures and tunes, each changed in many ways."""

import concurrent.futures
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

SECONDS = 25
SCENES = 5
X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
AAC = ["-c:a", "aac", "-b:a", "96k"]

# What is done to a film: arguments of ffmpeg behind the input, and the extension. `{other}` is another source.
CHANGES = {
    "worse": (["-crf", "35", *X264, *AAC], "mp4"),
    "mpeg4": (["-c:v", "mpeg4", "-q:v", "6", "-c:a", "libmp3lame"], "avi"),
    "vp9": (["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "500k", "-c:a", "libopus"], "webm"),
    "hevc": (["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", *AAC], "mkv"),
    "smaller": (["-vf", "scale=iw/4*2:ih/4*2", *X264, *AAC], "mp4"),
    "larger": (["-vf", "scale=1280:720", *X264, *AAC], "mp4"),
    "cropped": (["-vf", "crop=iw*0.9:ih*0.9", *X264, *AAC], "mp4"),
    "letterbox": (["-vf", "pad=iw:ih*4/3:0:(oh-ih)/2", *X264, *AAC], "mp4"),
    "pillarbox": (["-vf", "pad=iw*4/3:ih:(ow-iw)/2:0", *X264, *AAC], "mp4"),
    "logo": (["-vf", "drawbox=x=iw*0.82:y=ih*0.05:w=iw*0.14:h=ih*0.14:color=white@0.9:t=fill", *X264, *AAC], "mp4"),
    "subtitles": (
        ["-vf", "drawbox=x=iw*0.2:y=ih*0.85:w=iw*0.6:h=ih*0.08:color=white@0.9:t=fill:enable='lt(mod(t,4),2)'", *X264, *AAC],
        "mp4",
    ),
    "mirrored": (["-vf", "hflip", *X264, *AAC], "mp4"),
    "quarter-turned": (["-vf", "transpose=1", *X264, *AAC], "mp4"),
    "half-turned": (["-vf", "hflip,vflip", *X264, *AAC], "mp4"),
    "begun-later": (["-ss", str(SECONDS * 0.1), *X264, *AAC], "mp4"),
    "ended-earlier": (["-t", str(SECONDS * 0.9), *X264, *AAC], "mp4"),
    "intro": (["-vf", "tpad=start_duration=3:color=black", "-af", "adelay=3000:all=1", *X264, *AAC], "mp4"),
    "faster": (["-vf", "setpts=PTS/1.05", "-af", "atempo=1.05", *X264, *AAC], "mp4"),
    "grey": (["-vf", "hue=s=0", *X264, *AAC], "mp4"),
    "noise": (["-vf", "noise=alls=25:allf=t", *X264, *AAC], "mp4"),
    "rate": (["-r", "12", *X264, *AAC], "mp4"),
    "brighter": (["-vf", "eq=brightness=0.08:contrast=1.2", *X264, *AAC], "mp4"),
    "blurred": (["-vf", "gblur=sigma=2", *X264, *AAC], "mp4"),
    "other-sound": (["-i", "{other}", "-map", "0:v", "-map", "1:a", "-shortest", *X264, *AAC], "mp4"),
    "clip": (["-ss", str(SECONDS / 3), "-t", str(SECONDS / 3), *X264, *AAC], "mp4"),
    "sound-mp3": (["-vn", "-c:a", "libmp3lame", "-b:a", "96k"], "mp3"),
    "sound-opus": (["-vn", "-c:a", "libopus", "-b:a", "48k"], "opus"),
}

GENERATORS = [
    "life=s=160x90:mold=10:ratio=0.3:death_color=#803020:life_color=#20e0a0:seed={seed},scale=640:360",
    "mandelbrot=s=640x360:start_x=-0.7{seed}:start_y=0.1{seed}:end_scale=0.05:maxiter=200",
    "cellauto=s=160x90:rule={rule}:random_seed={seed},scale=640:360,negate",
    "gradients=s=640x360:seed={seed}:speed=0.08:n=6",
    "sierpinski=s=640x360:seed={seed}",
    "testsrc2=s=640x360,hue=h={seed}*7:s=1.5",
]


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, arguments)], check=True)


def picture(path, seed):
    """Writes discs and slopes of a seed: a picture that has no other's shapes."""
    chance = random.Random(seed)
    width, height = 200, 120
    slope = [[chance.uniform(-120, 120) for _ in range(2)] + [chance.uniform(60, 190)] for _ in range(3)]
    discs = [
        (chance.random() * width, chance.random() * height, chance.uniform(5, 34) ** 2, [chance.randrange(256) for _ in range(3)])
        for _ in range(26)
    ]
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            colour = [int(min(255, max(0, across * x / width + down * y / height + base))) for across, down, base in slope]
            for left, top, square, of_disc in discs:
                if (x - left) ** 2 + (y - top) ** 2 < square:
                    colour = of_disc
            pixels += bytes(colour)
    path.write_bytes(b"P6\n%d %d\n255\n" % (width, height) + pixels)


def scene(folder, number, part):
    """Makes one scene of a film: a camera that moves over a picture, or a generator of ffmpeg."""
    seed = number * 10 + part + 1
    path = folder / f"scene-{seed}.mkv"
    seconds = SECONDS / SCENES
    if number % 3 == 2:
        source = GENERATORS[(number + part) % len(GENERATORS)].format(seed=seed, rule=[18, 30, 45, 73, 110, 150][seed % 6])
        ffmpeg("-f", "lavfi", "-i", source, "-r", 25, "-t", seconds, "-an", *X264, "-g", 50, path)
        return path
    still = folder / f"picture-{seed}.ppm"
    picture(still, seed)
    x, y = ("t*24", "t*10") if seed % 2 else ("120-t*24", "60-t*8")
    moves = f"scale=800:480,crop=640:360:{x}:{y}"
    ffmpeg("-loop", 1, "-framerate", 25, "-i", still, "-t", seconds, "-vf", moves, *X264, "-g", 50, path)
    return path


def source(folder, number):
    """Makes a film of some scenes, with a tune of its own."""
    parts = [scene(folder, number, part) for part in range(SCENES)]
    listing = folder / f"parts-{number}.txt"
    listing.write_text("".join(f"file '{part.name}'\n" for part in parts))
    steps, notes, start = 5 + number * 3, 7 + number % 5, 180 + number * 23
    melody = f"{start}*pow(1.0595\\,mod(floor(t*4)*{steps}+floor(t/3)*{notes}\\,17))"
    tune = f"aevalsrc=0.3*sin(2*PI*t*{melody})+0.1*sin(2*PI*t*{melody}*1.5):s=44100:d={SECONDS}"
    path = folder / f"{number:02}_source.mkv"
    ffmpeg(
        *("-f", "concat", "-i", listing, "-f", "lavfi", "-i", tune, "-map", "0:v", "-map", "1:a"),
        *("-c:v", "copy", *AAC, "-t", SECONDS, path),
    )
    return path


def make(folder, sources, also):
    """Returns the folder with all films, made once; those of `also` are sources too."""
    films, scratch = folder / "films", folder / "scratch"
    if (folder / "done").exists():
        return films
    shutil.rmtree(folder, ignore_errors=True)
    films.mkdir(parents=True)
    scratch.mkdir()
    print(f"making {folder}: {sources} sources, {len(CHANGES)} changes of each", file=sys.stderr)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        made = list(pool.map(lambda number: source(scratch, number), range(sources)))
        for path in also:
            # Without sound of their own they get none: that is ordinary too.
            name = scratch / f"{len(made):02}_source.mkv"
            ffmpeg("-i", path, "-c", "copy", name)
            made.append(name)
        list(pool.map(lambda number: change(films, made, number, len(also)), range(len(made))))
    shutil.rmtree(scratch)
    (folder / "done").touch()
    return films


def change(films, made, number, of_others):
    shutil.copy(made[number], films)
    other = made[(number + 1) % (len(made) - of_others)]
    for name, (arguments, extension) in CHANGES.items():
        to = films / f"{number:02}_{name}.{extension}"
        try:
            ffmpeg("-i", made[number], *[str(other) if one == "{other}" else one for one in arguments], to)
        except subprocess.CalledProcessError:
            # A film without sound has no sound to be taken from it, a short one no end to be cut off.
            to.unlink(missing_ok=True)


def film_of(path):
    """Returns number and change of a film by its name."""
    number, _, name = Path(path).stem.partition("_")
    return number, name
