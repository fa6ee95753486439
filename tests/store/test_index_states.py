"""Whatever is done to the files, to git and to the index, in whatever order: a list says what a full read says."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from store.naive import index_file, require_right
from support.cli import Tracker
from support.known import put_known

SETTLED_SECONDS = 0.03
"""After this long the stamp of a file tells its next change."""
MONTHS = ("2026/10", "2026/11", "2026/12")
REPORT = """schema: 1
id: {id}
title: {title}
state: {state}
severity: {severity}
source:
  channel: email
  received_at: 2026-11-2{day}T09:00:00Z
  recorded_at: 2026-11-22T09:00:00Z
  recorded_by: Ana Reyes <ana@example.com>
story: The export stops
story_sha256: d18348df34ae3b3707a93248d559daa65be50f0027e36d09b16ecd13c05e3e6d
events:
  - id: E1
    at: 2026-11-22T09:00:00Z
    by: Ana Reyes <ana@example.com>
    action: new
    to: new
"""
POLICY = "prefix: CR\ntargets:\n  S1:\n    acknowledge: {hours}h\n"
BROKEN = (b"schema: 1\nid: [\n", b"", b"\xff\xfe", b"schema: 1\ntitle: no report\n")
BY_THE_WAY = st.booleans()
"""Whether time passes first, so that the index may trust the stamps of what it has read."""

ids = st.builds(
    "CR-26{}{:02}-{}AAA".format, st.sampled_from(["10", "11", "12"]), st.integers(1, 2), st.sampled_from("BCD")
)
titles = st.sampled_from(["Export stops", "Login fails", "Émile's 中文 page", "'no'", "A tab is red"])
which = st.integers(0, 99)
reports = st.builds(
    REPORT.format,
    id=ids,
    title=titles,
    state=st.sampled_from(["new", "acknowledged", "closed"]),
    severity=st.sampled_from(["S1", "S2", "S4"]),
    day=st.integers(0, 9),
)


class World(RuleBasedStateMachine):
    """A tracker, and all that happens around it."""

    make: Callable[[], Tracker]

    @initialize()
    def begin(self) -> None:
        self.tracker = type(self).make()
        self.tracker.new()

    def files(self) -> list[Path]:
        return sorted(path for path in self.tracker.root.glob("reports/*/*/*.yaml") if path.is_file())

    def one(self, number: int) -> Path | None:
        files = self.files()
        return files[number % len(files)] if files else None

    def wait(self, settled: bool) -> None:
        if settled:
            time.sleep(SETTLED_SECONDS)
            require_right(self.tracker)  # which leaves an index of settled files for what comes

    @rule(title=titles, settled=BY_THE_WAY)
    def is_recorded(self, title: str, settled: bool) -> None:
        self.wait(settled)
        self.tracker.run("new", "-q", "--story", title, "--customer", "Acme GmbH", "--at", "2026-11-20T09:00Z")

    @rule(number=which, settled=BY_THE_WAY)
    def is_changed(self, number: int, settled: bool) -> None:
        self.wait(settled)
        if path := self.one(number):
            self.tracker.run("note", path.stem, "seen by a colleague")

    @rule(content=reports, settled=BY_THE_WAY)
    def is_written(self, content: str, settled: bool) -> None:
        self.wait(settled)
        name = content.split()[3]
        path = self.tracker.root / f"reports/20{name[3:5]}/{name[5:7]}/{name}.yaml"
        if not path.is_dir() and self.is_inside(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.write_text(content)

    def is_inside(self, path: Path) -> bool:
        return not any(parent.is_symlink() or parent.is_file() for parent in path.parents)

    @rule(number=which, title=titles, settled=BY_THE_WAY, replaced=st.booleans())
    def is_edited(self, number: int, title: str, settled: bool, replaced: bool) -> None:
        self.wait(settled)
        if path := self.one(number):
            edited = re.sub(rb"(?m)^title: .*", b"title: " + title.encode(), path.read_bytes())
            self.overwrite(path, edited, replaced=replaced)

    def overwrite(self, path: Path, content: bytes, *, replaced: bool) -> None:
        if replaced:
            beside = path.with_name(".swap")
            beside.write_bytes(content)
            beside.replace(path)
        else:
            path.write_bytes(content)

    @rule(number=which, settled=BY_THE_WAY)
    def is_edited_in_secret(self, number: int, settled: bool) -> None:
        """Neither the size nor the time of the file tells of it."""
        self.wait(settled)
        if path := self.one(number):
            before, content = path.stat(), path.read_bytes()
            path.write_bytes(
                content.replace(b"severity: S1", b"severity: S3").replace(b"severity: S2", b"severity: S1")
            )
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
            assert path.stat().st_size == before.st_size

    @rule(number=which, content=st.sampled_from(BROKEN), settled=BY_THE_WAY)
    def is_broken_and_mended(self, number: int, content: bytes, settled: bool) -> None:
        self.wait(settled)
        if path := self.one(number):
            before = path.read_bytes()
            path.write_bytes(content)
            self.wait(settled)
            require_right(self.tracker)
            path.write_bytes(before)

    @rule(number=which, content=st.sampled_from(BROKEN))
    def is_broken(self, number: int, content: bytes) -> None:
        if path := self.one(number):
            path.write_bytes(content)

    @rule(number=which, settled=BY_THE_WAY)
    def is_deleted(self, number: int, settled: bool) -> None:
        self.wait(settled)
        if path := self.one(number):
            path.unlink()

    @rule(number=which)
    def is_touched(self, number: int) -> None:
        if path := self.one(number):
            path.touch()

    @rule(number=which, name=ids, settled=BY_THE_WAY)
    def is_renamed(self, number: int, name: str, settled: bool) -> None:
        self.wait(settled)
        path = self.one(number)
        if path and not path.with_name(f"{name}.yaml").is_dir():
            path.rename(path.with_name(f"{name}.yaml"))

    @rule(month=st.sampled_from(MONTHS), other=st.sampled_from(["2026/09", "2025/11", *MONTHS]), settled=BY_THE_WAY)
    def month_is_renamed(self, month: str, other: str, settled: bool) -> None:
        self.wait(settled)
        source, target = self.tracker.root / "reports" / month, self.tracker.root / "reports" / other
        if source.is_dir() and self.is_inside(source / "file") and self.is_inside(target / "file"):
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                source.rename(target)

    @rule(month=st.sampled_from(["2026/11", "2026"]), settled=BY_THE_WAY)
    def folder_becomes_a_link(self, month: str, settled: bool) -> None:
        self.wait(settled)
        folder, aside = self.tracker.root / "reports" / month, self.tracker.root / "aside"
        if folder.is_symlink():
            folder.unlink()
            aside.rename(folder)
        elif folder.is_dir() and not aside.exists():
            folder.rename(aside)
            folder.symlink_to(aside)

    @rule(number=which, settled=BY_THE_WAY, kind=st.sampled_from(["link", "broken link", "folder", "pipe"]))
    def is_replaced_by_something_else(self, number: int, settled: bool, kind: str) -> None:
        self.wait(settled)
        if not (path := self.one(number)):
            return
        other = self.tracker.root / "other.yaml"
        if kind == "folder":
            path.unlink()
            path.mkdir()
        elif kind == "pipe":
            path.unlink()
            os.mkfifo(path)
        else:
            path.rename(other)
            path.symlink_to(other if kind == "link" else "nowhere")
        require_right(self.tracker)
        self.wait(settled)
        path.rmdir() if kind == "folder" else path.unlink()

    @rule(hours=st.integers(1, 3), settled=BY_THE_WAY)
    def policy_is_edited(self, hours: int, settled: bool) -> None:
        self.wait(settled)
        (self.tracker.root / ".issuelog/config.yaml").write_text(POLICY.format(hours=hours * 100))

    @rule(back=st.integers(1, 4), settled=BY_THE_WAY)
    def older_commit_is_checked_out(self, back: int, settled: bool) -> None:
        self.wait(settled)
        if (self.tracker.root / "aside").exists():
            return
        self.tracker.git("add", "-A")
        self.tracker.git("commit", "-q", "--allow-empty", "-m", "by hand")
        self.tracker.git("checkout", "-q", f"HEAD~{back}", check=False)
        require_right(self.tracker)
        self.wait(settled)
        self.tracker.git("checkout", "-q", "main")

    @rule(title=titles, settled=BY_THE_WAY)
    def known_error_is_written(self, title: str, settled: bool) -> None:
        self.wait(settled)
        put_known(self.tracker, f"KE-261116-{len(title):04}", title=title, cause="the worker")

    @rule()
    def known_errors_are_gone(self) -> None:
        shutil.rmtree(self.tracker.root / "known-errors", ignore_errors=True)

    @rule(settled=BY_THE_WAY)
    def index_is_deleted(self, settled: bool) -> None:
        self.wait(settled)
        index_file(self.tracker).unlink(missing_ok=True)

    @precondition(lambda self: index_file(self.tracker).exists())
    @rule(size=st.integers(0, 200_000), garbage=st.binary(max_size=200))
    def index_is_cut_off(self, size: int, garbage: bytes) -> None:
        before = index_file(self.tracker).stat().st_size
        gone = before - min(size, before)
        with index_file(self.tracker).open("r+b") as file:
            file.truncate(before - gone)
            file.seek(0, os.SEEK_END)
            file.write(garbage[: max(gone - 1, 0)])  # more would be a page that was overwritten: no length tells of it

    @precondition(lambda self: index_file(self.tracker).exists())
    @rule(garbage=st.binary(min_size=16, max_size=5000))
    def index_is_overwritten(self, garbage: bytes) -> None:
        index_file(self.tracker).write_bytes(garbage)

    @precondition(lambda self: index_file(self.tracker).exists())
    @rule(table=st.sampled_from(["report", "file", "folder", "words", "about"]))
    def index_loses_a_table(self, table: str) -> None:
        with closing(sqlite3.connect(index_file(self.tracker))) as connection:
            connection.execute(f"DROP TABLE {table}")

    @precondition(lambda self: index_file(self.tracker).exists())
    @rule()
    def index_is_of_another_version(self) -> None:
        with closing(sqlite3.connect(index_file(self.tracker))) as connection:
            connection.execute("UPDATE about SET key = '1:0.1.0:'")
            connection.execute("UPDATE report SET title = 'stale', item = '{}'")
            connection.commit()

    @invariant()
    def a_list_is_right(self) -> None:
        if hasattr(self, "tracker"):
            require_right(self.tracker)


def test_a_list_equals_a_full_read_whatever_happened(tmp_path: Path) -> None:
    made: list[Tracker] = []

    class Here(World):
        @staticmethod
        def make() -> Tracker:
            made.append(Tracker.make(tmp_path / f"world-{len(made)}"))
            return made[-1]

    longest = settings(max_examples=3, stateful_step_count=60, suppress_health_check=list(HealthCheck), deadline=None)
    run_state_machine_as_test(Here, settings=longest)
