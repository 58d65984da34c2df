"""Times faster-whisper on recordings: MODEL RECORDING... Writes what it heard beside a recording that has no text."""
import pathlib
import sys
import time

from faster_whisper import WhisperModel


def words(text):
    kept = "".join(c if c.isalnum() else " " for c in text.lower().replace("'", ""))
    return kept.split()


def wrong(said, heard):
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        row, above = [i], row
        for j, other in enumerate(heard, 1):
            row.append(min(above[j - 1] + (word != other), row[-1] + 1, above[j] + 1))
    return row[-1]


began = time.perf_counter()
model = WhisperModel(sys.argv[1], device="cpu", compute_type="float32", cpu_threads=1, num_workers=1)
print(f"loaded in {time.perf_counter() - began:.2f} s")
for recording in map(pathlib.Path, sys.argv[2:]):
    began = time.perf_counter()
    segments, info = model.transcribe(
        str(recording), language="en", beam_size=1, vad_filter=True, word_timestamps=True, condition_on_previous_text=False
    )
    heard = " ".join(segment.text.strip() for segment in segments)
    took = time.perf_counter() - began
    print(f"{recording.name}: {info.duration:.1f} s in {took:.2f} s, real-time factor {took / info.duration:.3f}")
    text = recording.with_suffix(".txt")
    if text.exists():
        said = words(text.read_text())
        print(f"  {wrong(said, words(heard))} of {len(said)} words wrong")
    else:
        text.write_text(heard)
