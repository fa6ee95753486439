"""Running issuelog in tests: in this process for speed, or as a process of its own where that matters."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from issuelog.cli.main import main


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
        """Make a repository in a new folder, and a tracker in it."""
        root.mkdir(parents=True, exist_ok=True)
        tracker = cls(root)
        tracker.git("init", "-q", "-b", "main")
        if init:
            tracker.ok("init")
        return tracker

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

    def show(self, report: str) -> Any:
        """Return a report as JSON."""
        return self.json("show", report)

    def subjects(self) -> list[str]:
        """Return the subjects of the commits, the newest first."""
        return self.git("log", "--format=%s").splitlines()

    def fingerprint(self) -> tuple[str, str, str]:
        """Return HEAD, what git status says, and the index: equal before and after means that nothing changed."""
        head = self.git("rev-parse", "--verify", "--quiet", "HEAD", check=False)
        return head, self.git("status", "--porcelain=v1", "--untracked-files=all"), self.git("ls-files", "-s")


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
