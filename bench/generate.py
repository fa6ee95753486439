"""Reports to measure on: many, lifelike, and the same for the same seed.

python -m bench.generate FOLDER COUNT [--seed N] [--one-commit]
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from bench.life import END, SPAN, START, Life
from issuelog.model.identifier import report_id
from issuelog.model.report import Report
from issuelog.setup import init
from issuelog.store.layout import Layout
from issuelog.store.reports import new_text
from issuelog.vcs.message import CommitMessage

_PREFIX = "CR"
_AUTHOR = "Bench <bench@tracker.example>"


def lives(count: int, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield id and contents of `count` reports, the oldest first."""
    random = Random(seed)
    taken: set[str] = set()
    originals: list[str] = []
    for number in range(count):
        received = START + SPAN * ((number + random.random()) / count)
        name = report_id(_PREFIX, received, random.randrange(32**4))
        while name in taken:
            name = report_id(_PREFIX, received, random.randrange(32**4))
        taken.add(name)
        life = Life(random, name, received.replace(microsecond=0))
        life.live(random.choice(originals) if originals else None)
        if "duplicate_of" not in life.part("links"):
            originals.append(name)
        yield name, life.data


def reports(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield id and file of `count` reports, the oldest first."""
    for name, data in lives(count, seed):
        yield name, new_text(Report.model_validate(data))


def build(root: Path, count: int, *, seed: int = 1, one_commit: bool = False) -> None:
    """Make a repository with a tracker and `count` reports: a commit each, or one for all."""
    root.mkdir(parents=True, exist_ok=True)
    root = root.resolve()
    _git(root, "init", "-q", "-b", "main")
    name, _, mail = _AUTHOR.rstrip(">").partition(" <")
    # Maintenance would run at a moment of its own choosing, in the middle of a measurement.
    for key, value in {"user.name": name, "user.email": mail, "commit.gpgsign": "false", "gc.auto": "0"}.items():
        _git(root, "config", key, value)
    init(root, _PREFIX, lambda _: None)
    with subprocess.Popen(["git", "-C", str(root), "fast-import", "--quiet"], stdin=subprocess.PIPE) as importing:
        assert importing.stdin
        for chunk in _stream(Layout(root), reports(count, seed), one_commit=one_commit):
            importing.stdin.write(chunk)
        importing.stdin.close()
        if importing.wait():
            raise SystemExit("git fast-import failed")
    _git(root, "reset", "-q", "--hard")


def _stream(layout: Layout, made: Iterator[tuple[str, bytes]], *, one_commit: bool) -> Iterator[bytes]:
    """Yield what git fast-import reads."""
    for number, (name, content) in enumerate(made):
        if number == 0 or not one_commit:
            at = int(END.timestamp()) + number
            message = str(CommitMessage(None if one_commit else name, "import")).encode()
            yield f"commit refs/heads/main\ncommitter {_AUTHOR} {at} +0000\ndata {len(message)}\n".encode()
            yield message
            yield b"from refs/heads/main^0\n" if number == 0 else b""
        path = layout.report(name).relative_to(layout.root).as_posix()
        yield f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n"


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Build a repository from the command line."""
    parser = argparse.ArgumentParser(prog="bench.generate", description="Make a tracker full of reports.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--one-commit", action="store_true", help="one commit for all, instead of one each")
    given = parser.parse_args(arguments)
    build(given.folder, given.count, seed=given.seed, one_commit=given.one_commit)


if __name__ == "__main__":
    main()
