"""Trackers that are made once and kept between runs, in `.bench` or where BENCH_CACHE says."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from bench import generate, life, words
from bench.measure import Place, say
from issuelog import setup

_PROJECT = Path(__file__).resolve().parent.parent
_SOURCES = (generate, life, words, setup)
_SAMPLE = 50
_SEED = 1
_FINGERPRINT = re.compile("[0-9a-f]{16}")


def folder() -> Path:
    """Return the folder of everything that the bench keeps."""
    made = Path(os.environ.get("BENCH_CACHE") or _PROJECT / ".bench").resolve()
    made.mkdir(parents=True, exist_ok=True)
    return made


def fingerprint() -> str:
    """Return what names the trackers that the generator makes now: its source, and how reports are written."""
    found = hashlib.sha256()
    for module in _SOURCES:
        found.update(Path(str(module.__file__)).read_bytes())
    for name, content in generate.reports(_SAMPLE, _SEED):
        found.update(name.encode() + content)
    return found.hexdigest()[:16]


def tracker(count: int) -> Path:
    """Return a tracker of so many reports, made where there is none yet. It is for copying, not for working in."""
    kept = folder() / "trackers"
    current = kept / fingerprint()
    for old in kept.glob("*"):
        if old != current and _FINGERPRINT.fullmatch(old.name):
            shutil.rmtree(old)
    made = current / str(count)
    if not made.exists():
        say(f"making {count:,} reports")
        part = made.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        command = [sys.executable, "-m", "bench.generate", str(part), str(count), "--seed", str(_SEED)]
        subprocess.run(command, cwd=_PROJECT, check=True)
        part.rename(made)
    return made


def copy(count: int, target: Path) -> Place:
    """Return a copy of a tracker, to measure in."""
    source = tracker(count)
    say(f"copying {count:,} reports")
    # Python's own copy takes several times as long for so many files.
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)
    place = Place(target)
    place.git("update-index", "-q", "--refresh")  # it says what stat said of the originals
    return place
