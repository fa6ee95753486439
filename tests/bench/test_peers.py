from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2]))

from bench.issues import Issue, issues
from bench.measure import Meter, Place, Sample, TooSlow
from bench.peers import KINDS, Backlog, Cil, Peer, Store, Taskwarrior, Todoman
from bench.trial import Peers

from bench import peers

SIZE = 10


class Fake(Peer):
    """A tracker that does nothing, and shows as many issues as it is told to."""

    name, package, inside, command, remark = "fake", "fake (nowhere)", "bin", "true", "does nothing"
    shown = SIZE
    slow = ""

    def fill(self, place: Place, made: Iterator[Issue]) -> Sample | None:
        if self.slow == "fill":
            raise TooSlow
        return Sample(0.01, 0.5)

    def count(self, place: Place) -> int:
        if self.slow == "list":
            raise TooSlow
        return self.shown

    def looks(self, number: int) -> dict[str, Sequence[str]]:
        return {"list": ["true"], "show ID": ["true", str(number)]}

    def change(self, number: int) -> Sequence[str]:
        return ["touch", f"changed-{number}"]


def measured(fake: Fake, folder: Path, *sizes: int, only: str | None = None) -> Meter:
    folder = folder / "run"
    folder.mkdir()
    meter, found = Meter(2, only), Peers([(fake, "1.0")], [])
    for size in sizes:
        found.measure(meter, folder, size)
    return meter


def test_a_peer_does_what_it_can(tmp_path: Path) -> None:
    rows = measured(Fake(Store(tmp_path)), tmp_path, SIZE).rows
    assert [(row.tool, row.command, row.reports, row.runs) for row in rows] == [
        ("fake", "list", SIZE, 2),
        ("fake", "show ID", SIZE, 2),
        ("fake", "note ID TEXT", SIZE, 2),
        ("fake", "import FILE", SIZE, 1),
    ]
    assert rows[-1].times_python == 50


def test_each_change_is_of_another_issue(tmp_path: Path) -> None:
    measured(Fake(Store(tmp_path)), tmp_path, SIZE, only="fake note")
    assert {path.name for path in tmp_path.rglob("changed-*")} == {"changed-1", "changed-2", "changed-3"}


def test_a_peer_that_is_not_asked_for_is_not_filled(tmp_path: Path) -> None:
    assert measured(Fake(Store(tmp_path)), tmp_path, SIZE, only="cil").rows == []
    assert list((tmp_path / "run").iterdir()) == []


@pytest.mark.parametrize(
    ("slow", "shown", "why"),
    [("fill", SIZE, "filling > 120 s"), ("list", SIZE, "list > 30 s"), ("", 9, "its list shows 9 of 10")],
)
def test_a_peer_that_is_given_up_stays_given_up_for_more(tmp_path: Path, slow: str, shown: int, why: str) -> None:
    fake = Fake(Store(tmp_path))
    fake.slow, fake.shown = slow, shown
    rows = measured(fake, tmp_path, SIZE, 2 * SIZE).rows
    assert {(row.reports, row.median_ms, row.note) for row in rows} == {(SIZE, None, why), (2 * SIZE, None, why)}
    assert len(list((tmp_path / "run").iterdir())) == 1


def test_peers_that_are_not_installed_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = Peers.look(Store(tmp_path), tmp_path)
    assert (found.found, len(found.missing)) == ([], len(KINDS))


def test_the_cache_goes_before_the_path_and_a_program_of_another_kind_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, says in (("path", "echo 1.0"), ("store/pypi/bin", "echo todoman, version 4.7.0")):
        script = tmp_path / folder / "todo"
        script.parent.mkdir(parents=True)
        script.write_text(f"#!/bin/sh\n{says}\n")
        script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}{os.pathsep}{os.environ['PATH']}")
    assert Todoman(Store(tmp_path / "store")).version(tmp_path) == "4.7.0"
    assert Todoman(Store(tmp_path / "nowhere")).version(tmp_path) is None


def test_files_are_written_in_the_form_of_each_peer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Place, "seconds", lambda self, command, limit=None: 1.0)
    monkeypatch.setattr(peers.Peer, "run", "program")
    made = list(issues(SIZE))
    places: dict[type[Peer], Place] = {kind: Place(tmp_path / kind.command) for kind in KINDS}
    (places[Cil].folder / "issues").mkdir(parents=True)
    (places[Backlog].folder / "backlog").mkdir(parents=True)
    places[Taskwarrior].folder.mkdir()
    places[Todoman].folder.mkdir()
    for kind, place in places.items():
        kind(Store(tmp_path)).fill(place, iter(made))
    tasks = [json.loads(line) for line in (places[Taskwarrior].folder / "tasks.json").read_text().splitlines()]
    assert [task["description"] for task in tasks] == [issue.title for issue in made]
    assert [task["status"] == "pending" for task in tasks] == [issue.is_open for issue in made]
    for pattern in ("cil/issues/*.cil", "backlog/backlog/tasks/*.md", "todo/lists/bench/*.ics"):
        assert len(list(tmp_path.glob(pattern))) == SIZE
    cil = (places[Cil].folder / "issues/i_00000001.cil").read_text()
    head, _, body = cil.partition("\n\n")
    assert f"Summary: {made[0].title}" in head.splitlines()
    assert body.strip() == made[0].text.strip()
    calendar = (places[Todoman].folder / "lists/bench/1.ics").read_text()
    described = next(line for line in calendar.splitlines() if line.startswith("DESCRIPTION:"))
    assert described.removeprefix("DESCRIPTION:").replace("\\n", "\n").replace("\\", "") == made[0].text


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_said_of_a_peer_fits_into_a_line(kind: type[Peer]) -> None:
    assert len(f"{kind.name} 12.34.56: {kind.remark}") <= 120
