"""What the benchmarks share: measuring a program, alternating with its peers, and printing what came out."""

import argparse
import importlib.machinery
import importlib.util
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
TIME = "/usr/bin/time"


def arguments(description):
    """Returns a parser with the flags that every benchmark has."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each program runs")
    parser.add_argument("--json", type=Path, help="write all figures here as well")
    parser.add_argument("--work", type=Path, default=PROJECT / "target" / "bench", help="folder for trees and databases")
    parser.add_argument("--videocatalog", type=Path, help="program to measure, instead of building it")
    return parser


def beside(name):
    """Returns the benchmark of that name as a module: it makes trees or databases that others measure with too."""
    loader = importlib.machinery.SourceFileLoader(name, str(Path(__file__).with_name(name)))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


def cargo_build(*what):
    subprocess.run(["cargo", "build", "--release", "--locked", *what], cwd=PROJECT, check=True, stdout=sys.stderr)


def target_folder():
    return Path(os.environ.get("CARGO_TARGET_DIR", PROJECT / "target")) / "release"


def program(options):
    """Returns the command line program, built if none was named."""
    if options.videocatalog:
        return str(options.videocatalog.resolve())
    cargo_build("-p", "videocatalog")
    return str(target_folder() / "videocatalog")


def run(command, stdout=None, rss=True, codes=(0,)):
    """Runs a program to its end and returns what it cost; an exit code not among `codes` ends the benchmark.

    `cpu_s` is user and system time of the program and everything it waited for. `rss_mib` is asked of GNU time: a child
    of this interpreter would be charged with the interpreter's own memory.
    """
    with tempfile.NamedTemporaryFile("r") as report, tempfile.TemporaryFile("w+b") as errors:
        with_rss = rss and os.access(TIME, os.X_OK)
        prefix = [TIME, "-q", "-f", "%M", "-o", report.name] if with_rss else []
        out = open(stdout, "wb") if stdout else subprocess.DEVNULL
        began = time.perf_counter()
        child = subprocess.Popen([*prefix, *map(str, command)], stdin=subprocess.DEVNULL, stdout=out, stderr=errors)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        if stdout:
            out.close()
        if child.returncode not in codes:
            errors.seek(0)
            message = errors.read().decode(errors="replace")
            sys.exit(f"`{' '.join(map(str, command))}` ended with {child.returncode}:\n{message}")
        lines = report.read().split()
    return {
        "wall_s": wall,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "rss_mib": int(lines[-1]) / 1024 if with_rss and lines else None,
    }


def alternate(rounds, contestants):
    """Runs each contestant (name → function returning a sample) once a round, every round in another order."""
    samples = {name: [] for name in contestants}
    names = list(contestants)
    for number in range(rounds):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            print(f"  round {number + 1} of {rounds}: {name}", file=sys.stderr)
            samples[name].append(contestants[name]())
    return samples


def digest(samples):
    """Returns median and minimum of wall and CPU time, and the largest memory."""
    column = lambda key: [sample[key] for sample in samples if sample.get(key) is not None]
    memory = column("rss_mib")
    return {
        "wall_median_s": statistics.median(column("wall_s")),
        "wall_min_s": min(column("wall_s")),
        "cpu_median_s": statistics.median(column("cpu_s")),
        "cpu_min_s": min(column("cpu_s")),
        "rss_max_mib": max(memory) if memory else None,
        "samples": samples,
    }


def compare(title, samples, ours, facts=None):
    """Prints a table of all contestants and how ours stands to each, and returns the figures."""
    digests = {name: digest(own) for name, own in samples.items()}
    mine = digests[ours]
    rows = []
    for name, figures in digests.items():
        ratio = lambda key: figures_ratio(mine[key], figures[key])
        rows.append(
            [
                f"**{name}**" if name == ours else name,
                f"{figures['wall_median_s']:.3f} / {figures['wall_min_s']:.3f}",
                f"{figures['cpu_median_s']:.3f} / {figures['cpu_min_s']:.3f}",
                "?" if figures["rss_max_mib"] is None else f"{figures['rss_max_mib']:.0f}",
                "" if name == ours else f"{ratio('wall_median_s')} / {ratio('wall_min_s')}",
                "" if name == ours else f"{ratio('cpu_median_s')} / {ratio('cpu_min_s')}",
            ]
        )
    print(f"\n### {title}\n")
    table(["", "wall s (median / min)", "CPU s (median / min)", "peak MiB", "ours ÷ it, wall", "ours ÷ it, CPU"], rows)
    for name, value in (facts or {}).items():
        print(f"\n{name}: {value}")
    return {"title": title, "ours": ours, "contestants": digests, "facts": facts or {}}


def figures_ratio(ours, theirs):
    return f"{ours / theirs:.2f}" if theirs else "?"


def table(headings, rows):
    print("| " + " | ".join(headings) + " |")
    print("|" + "---|" * len(headings))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")


def first_line(*command):
    """Returns the first line that a program prints about itself, or None if there is no such program."""
    if not shutil.which(command[0]):
        return None
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    return ((done.stdout or done.stderr).splitlines() or [""])[0]


def machine():
    """Returns what the figures depend on besides the programs."""
    model = [line.split(":", 1)[1].strip() for line in read("/proc/cpuinfo").splitlines() if line.startswith("model name")]
    memory = [line.split()[1] for line in read("/proc/meminfo").splitlines() if line.startswith("MemTotal")]
    return {
        "cpus": os.cpu_count(),
        "cpu": model[0] if model else platform.processor(),
        "memory_mib": int(memory[0]) // 1024 if memory else None,
        "kernel": platform.release(),
        "load_1_min": os.getloadavg()[0],
        "commit": first_line("git", "-C", str(PROJECT), "rev-parse", "--short", "HEAD"),
        "utc": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def read(path):
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def begin(title, versions):
    """Prints the heading of a report and returns its beginning."""
    facts = machine()
    print(f"## {title}\n")
    print(
        f"{facts['cpus']} CPUs ({facts['cpu']}), {facts['memory_mib']} MiB, Linux {facts['kernel']}, "
        f"load {facts['load_1_min']:.2f}, commit {facts['commit']}, {facts['utc']}"
    )
    for name, version in versions.items():
        print(f"- {name}: {version or 'not installed'}")
    return {"benchmark": title, "machine": facts, "versions": versions, "results": []}


def finish(options, report):
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report, indent=2) + "\n")
        print(f"\nfigures written to {options.json}", file=sys.stderr)
