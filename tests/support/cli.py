"""Running issuelog in tests: in this process for speed, or as a process of its own where that matters."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pytest

from issuelog.cli import app
from issuelog.cli.main import main
from issuelog.store import yamlfile
from support.copying import copy_tree, index_follows

# A process parses one command line, and builds the parser of it once; in this one it took a tenth of the time of all
# tests to build them anew for each command. They depend on nothing but the code.
for _builder in ("application", "_command"):
    pytest.MonkeyPatch().setattr(app, _builder, cache(getattr(app, _builder)))

# What stands in a text depends on nothing but the text, and nobody changes what was read from it; a process reads a
# text once, the commands of a test one after another that which the one before has written.
_LONGEST_KEPT = 1 << 16
_build = yamlfile._build
_kept = lru_cache(maxsize=256)(_build)
pytest.MonkeyPatch().setattr(
    yamlfile, "_build", lambda text, path: (_kept if len(text) < _LONGEST_KEPT else _build)(text, path)
)


@dataclass(frozen=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The JSON error on standard error."""
        found: dict[str, Any] = json.loads(self.err.splitlines()[-1])["error"]
        return found


class Tracker:
    """A real git repository with a tracker in it, driven by the command line."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def make(cls, root: Path, *, init: bool = True) -> Tracker:
        """Make a repository in a new folder, and a tracker in it: a copy, where the same settings of git made one."""
        if init:
            return cls.copied(_template(), root)
        root.mkdir(parents=True, exist_ok=True)
        tracker = cls(root)
        tracker.git("init", "-q", "-b", "main")
        return tracker

    @classmethod
    def filled(cls, root: Path, fill: Callable[[Tracker], object]) -> Tracker:
        """Make a tracker as `fill` leaves one behind: the first is kept, and copied for everybody who asks."""
        if fill not in _filled:
            first = cls.make(Path(tempfile.mkdtemp(dir=_folder.name), "filled"))
            fill(first)
            _filled[fill] = first.root
        return cls.copied(_filled[fill], root)

    def become(self, fill: Callable[[Tracker], object]) -> None:
        """Be one that `fill` has filled, in the place of a new one."""
        shutil.rmtree(self.root)
        self.filled(self.root, fill)

    @classmethod
    def copied(cls, original: Path, root: Path) -> Tracker:
        """Copy a repository and all that lies in it into a new folder."""
        copy_tree(original, root)
        copy = cls(root)
        if not index_follows(original, root):
            copy.git("update-index", "-q", "--refresh")  # it says what stat said of the originals
        return copy

    def git(self, *arguments: str, check: bool = True) -> str:
        """Run git in the repository and return its output."""
        done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def run(self, *arguments: str, stdin: str | bytes = "") -> Done:
        """Run issuelog in this process."""
        return run("-C", str(self.root), *arguments, stdin=stdin)

    def ok(self, *arguments: str, stdin: str | bytes = "") -> str:
        """Run issuelog, which has to succeed, and return its standard output."""
        done = self.run(*arguments, stdin=stdin)
        assert done.code == 0, f"exit {done.code}: {done.err}"
        return done.out

    def json(self, *arguments: str) -> Any:
        """Run issuelog with --json, which has to succeed, and return what it printed."""
        return json.loads(self.ok("--json", *arguments))

    def spawn(self, *arguments: str, stdin: str = "", env: dict[str, str] | None = None) -> Done:
        """Run issuelog as a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "issuelog", *arguments],
            cwd=self.root,
            input=stdin,
            capture_output=True,
            text=True,
            env={**os.environ, **(env or {})},
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def new(self, *arguments: str, story: str = "I press export and the bar stops") -> str:
        """Record a report and return its id."""
        return self.ok("new", "-q", "--story", story, "--customer", "Acme GmbH", *arguments).strip()

    def complete(self, *arguments: str, severity: str = "S4") -> str:
        """Record a report whose intake is complete, and return its id."""
        return self.new(*COMPLETE, "--severity", severity, *arguments)

    def path(self, report: str) -> Path:
        """Return a report's file."""
        return next(self.root.glob(f"reports/*/*/{report}.yaml"))

    def ids(self) -> list[str]:
        """Return the ids of all reports, from the names of their files: no command has looked at them."""
        return sorted(path.stem for path in self.root.glob("reports/*/*/*.yaml"))

    def show(self, report: str) -> Any:
        """Return a report as JSON."""
        return self.json("show", report)

    def subjects(self) -> list[str]:
        """Return the subjects of the commits, the newest first."""
        return self.git("log", "--format=%s").splitlines()

    def fingerprint(self) -> str:
        """Return HEAD, its branch, the index where it differs from HEAD, and which files differ from the index.

        Equal before and after means that nothing changed.
        """
        found = self.git("status", "--porcelain=v2", "--branch", "--no-renames", "--untracked-files=all")
        # How far others have come is no change of ours.
        return "\n".join(line for line in found.split("\n") if not line.startswith("# branch.ab "))


_templates: dict[object, Path] = {}
_filled: dict[Callable[[Tracker], object], Path] = {}
_folder = tempfile.TemporaryDirectory(prefix="issuelog-templates-")


def _template() -> Path:
    """Return a tracker as `init` makes it under the settings of git that hold now."""
    settings = {name: value for name, value in os.environ.items() if name.startswith("GIT_")}
    config = Path(settings.pop("GIT_CONFIG_GLOBAL", os.devnull)).read_bytes()
    key = config, *sorted(settings.items())
    if key not in _templates:
        # A folder of its own: a child that was forked before may have made one that this process does not know of.
        template = Tracker.make(Path(tempfile.mkdtemp(dir=_folder.name), "template"), init=False)
        template.ok("init")
        for sample in template.root.glob(".git/hooks/*.sample"):
            sample.unlink()
        _templates[key] = template.root
    return _templates[key]


COMPLETE = (
    "--error-message=EXPORT-507: worker terminated",
    "--step=Open Reports",
    "--step=Press Export",
    "--expected=A CSV file is offered",
    "--actual=A red box",
    "--frequency=always",
    "--product=billing-web",
    "--product-version=8.10",
    "--consequences=The month-end run is blocked",
)
"""Options of `new` that make the intake complete."""


def run(*arguments: str, stdin: str | bytes = "") -> Done:
    """Run issuelog in this process and return what it printed."""
    content = stdin.encode() if isinstance(stdin, str) else stdin
    streams = [io.TextIOWrapper(io.BytesIO(given), encoding="utf-8", newline="") for given in (content, b"", b"")]
    before = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = streams
    try:
        code = main(list(arguments))
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
    printed = []
    for stream in streams[1:]:
        stream.flush()
        stream.seek(0)
        printed.append(stream.read())
    return Done(code, *printed)
