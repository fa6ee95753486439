"""A product's repository with a small history, and a report of an error in it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.cli import COMPLETE, Tracker


@dataclass(frozen=True)
class Product:
    """A repository beside that of the tracker; `shas` are its commits, the oldest first."""

    root: Path
    shas: tuple[str, ...]

    @classmethod
    def make(cls, root: Path, contents: Sequence[str], name: str = "app.sh") -> Product:
        """Make a history of one branch in which a file has one content after the other."""
        root.mkdir()
        product = cls(root, ())
        product.git("init", "-q", "-b", "main")
        who = "Kim Sato <kim@example.com>"
        stream = "".join(
            f"commit refs/heads/main\nmark :{number}\nauthor {who} {1_700_000_000 + number} +0000\n"
            f"committer {who} {1_700_000_000 + number} +0000\n"
            f"{_data(f'change {number}')}M 644 inline {name}\n{_data(content)}"
            f"M 644 inline number\n{_data(str(number))}\n"
            for number, content in enumerate(contents, 1)
        )
        subprocess.run(["git", "fast-import", "--quiet"], cwd=root, input=stream.encode(), check=True)
        product.git("reset", "-q", "--hard")
        return cls(root, tuple(product.git("rev-list", "--reverse", "HEAD").split()))

    def git(self, *arguments: str) -> str:
        """Run git in it."""
        return subprocess.run(
            ["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True, env=dict(os.environ)
        ).stdout

    def fingerprint(self) -> str:
        """Return what must not change: HEAD, branches and tags, the index, the files, the work trees."""
        parts = (
            ("status", "--porcelain=v2", "--branch", "--untracked-files=all", "--ignored"),
            ("for-each-ref",),
            ("worktree", "list", "--porcelain"),
            ("ls-files", "--stage", "--debug"),
        )
        return "\n".join(self.git(*part) for part in parts)


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def reported(tracker: Tracker) -> str:
    """Record a report whose error can be reproduced now, and return its id."""
    report = tracker.new(*COMPLETE, "--severity", "S4")
    tracker.ok("acknowledge", report)
    return report


@pytest.fixture
def reported_tracker(tmp_path: Path) -> Tracker:
    """A tracker with one report, whose error can be reproduced now; a module that wants it calls it `tracker`."""
    return Tracker.filled(tmp_path / "repository", reported)


@pytest.fixture
def only_report(tracker: Tracker) -> str:
    """The one report of a tracker."""
    return tracker.ids()[0]


def use(product: Product, patch: pytest.MonkeyPatch) -> None:
    """Let the product be what the user's settings name, and temporary files be where a test sees them.

    Its commands may count their runs in the file $COUNT, and leave a mark at $MARK.
    """
    patch.setenv("ISSUELOG_PRODUCT_REPO", str(product.root))
    for name in ("count", "mark"):
        patch.setenv(name.upper(), str(product.root.parent / name))
    temporary = product.root.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    patch.setenv("TMPDIR", str(temporary))
    patch.setattr("tempfile.tempdir", None)


def left_behind(product: Product) -> list[str]:
    """Return what experiments have left: temporary folders, and work trees that git knows."""
    folders = [path.name for path in (product.root.parent / "temporary").iterdir()]
    known = product.root / ".git" / "worktrees"
    records = product.root / ".git" / "issuelog" / "worktrees"
    return folders + [path.name for folder in (known, records) if folder.is_dir() for path in folder.iterdir()]
