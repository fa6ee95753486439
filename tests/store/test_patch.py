"""The laws of a change: it says what it should, and no other line of a hand-made file is touched."""

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any

from hypothesis import given, note, settings
from hypothesis import strategies as st

from issuelog.errors import InvalidFile
from issuelog.store.yamlfile import parse
from issuelog.store.yamltext import dump, patch
from store.hand import UNKNOWN, Hand, Path
from store.made import LOOK_ALIKES, reports, scraps, short_keys, trees

seeds = st.integers(0, 10**9).map(Random)


def read(text: str) -> Any:
    return parse(text, "a.yaml").plain()


def known(value: Any) -> Any:
    """The data without the keys that a hand added."""
    if isinstance(value, dict):
        return {key: known(item) for key, item in value.items() if not key.startswith(UNKNOWN)}
    return [known(item) for item in value] if isinstance(value, list) else value


def all_keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*(all_keys(item) for item in value.values()))
    return set().union(*map(all_keys, value)) if isinstance(value, list) else set()


def apply(text: str, old: dict[str, Any], new: dict[str, Any]) -> str:
    return patch(text, parse(text, "a.yaml"), old, new)


class Change:
    """A random change of data; `touched` holds the old places that it concerns."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.share = random.choice([0.03, 0.1, 0.3, 0.6])
        self.touched: set[Path] = set()
        self.gone: set[Path] = set()
        self.retold: set[Path] = set()
        self.inside: set[Path] = set()
        self.number = 0

    def now(self) -> bool:
        return self.random.random() < self.share

    def fresh(self) -> str:
        """A text that stands nowhere else."""
        self.number += 1
        return f"{self.random.choice(LOOK_ALIKES)}{self.number} new"

    def anything(self) -> Any:
        item = {"id": self.fresh(), "note": self.fresh()}
        return self.random.choice([self.fresh(), [self.fresh(), self.fresh()], item, {"a": {"b": [item]}}, {}, []])

    def touch(self, path: Path, *, gone: bool = True) -> None:
        self.touched.add(path)
        if gone:
            self.gone.add(path)

    def value(self, old: Any, path: Path) -> Any:
        if isinstance(old, dict):
            new: Any = self.mapping(old, path)
        elif isinstance(old, list):
            new = self.sequence(old, path)
        elif self.now():
            self.touch(path)
            self.retold.add(path)
            return self.fresh()
        else:
            return old
        if old != new:
            self.inside.add(path)
        if old and not new:
            self.touch(path, gone=False)
        return new

    def mapping(self, old: dict[str, Any], path: Path) -> dict[str, Any]:
        new: dict[str, Any] = {}
        for key, value in old.items():
            if self.now():
                new[self.fresh()] = self.anything()
            if key in {"id", "schema"} or not (self.now() and self.now()):
                new[key] = value if key in {"id", "schema"} else self.value(value, (*path, key))
                continue
            self.touch((*path, key))
            if self.random.random() < 0.5:
                new[key] = self.anything()
        return new

    def sequence(self, old: list[Any], path: Path) -> list[Any]:
        nameless = isinstance(old[0], dict) and "id" not in old[0] if old else False
        if nameless:
            # Items that have no id are known again only where nothing else in their list changes.
            at = self.random.randrange(len(old))
            return [*old[:at], self.value(old[at], (*path, at)), *old[at + 1 :]]
        new: list[Any] = []
        for at, value in enumerate(old):
            if self.now():
                new.append(self.anything() if isinstance(value, list) else self.like(value))
            if isinstance(value, dict) and not self.now():
                new.append(self.value(value, (*path, at)))
            elif self.now():
                self.touch((*path, at))
            else:
                new.append(value)
        return new

    def like(self, value: Any) -> Any:
        return {"id": self.fresh(), "note": self.fresh()} if isinstance(value, dict) else self.fresh()


@settings(max_examples=150)
@given(reports, seeds)
def test_a_change_touches_nothing_else(old: dict[str, Any], random: Random) -> None:
    hand = Hand(random)
    text = hand.write(old)
    assert known(read(text)) == old, "the hand has to write what it is told"
    assert apply(text, old, deepcopy(old)) == text
    change = Change(random)
    new = change.mapping(old, ())
    changed = apply(text, old, new)
    note(f"{text}\n======\n{changed}")
    assert known(read(changed)) == new

    def concerned(path: Path, places: set[Path]) -> bool:
        return any(path[:depth] in places for depth in range(len(path) + 1))

    touched = change.touched | (hand.flow & change.inside)
    kept = [line.text for line in hand.lines if not line.blank and not concerned(line.owner, touched)]
    assert changed.startswith(hand.mark)
    lines = iter(changed.removeprefix(hand.mark).split(hand.newline))
    for line in kept:
        assert line in lines, f"{line!r} was changed, or moved"
    for path, comment in hand.trailing:
        if path in change.retold and not concerned(path, touched - {path}) and isinstance(path[-1], str):
            assert comment in changed
    for path in hand.unknown:
        assert concerned(path[:-1], change.gone) or path[-1] in all_keys(read(changed))
    assert hand.newline == "\n" or "\n" not in changed.replace("\r\n", "")
    assert known(read(apply(changed, new, old))) == old


@settings(max_examples=80)
@given(reports | trees(short_keys), trees(short_keys), seeds)
def test_anything_can_become_anything(old: dict[str, Any], new: dict[str, Any], random: Random) -> None:
    old, new = {"schema": "1", **old}, {"schema": "1", **new}
    for text in dump(old), Hand(random).write(old):
        changed = apply(text, old, new)
        assert known(read(changed)) == new
        assert known(read(apply(changed, new, old))) == old


@given(reports, seeds)
def test_what_was_dumped_changes_line_by_line(old: dict[str, Any], random: Random) -> None:
    change = Change(random)
    new = change.mapping(old, ())
    text = dump(old)
    changed = apply(text, old, new)
    assert read(changed) == new
    assert apply(changed, new, old) == text or read(apply(changed, new, old)) == old


@settings(max_examples=120)
@given(reports, st.lists(scraps, max_size=3), seeds)
def test_no_layout_breaks_the_editor(data: dict[str, Any], slips: list[str], random: Random) -> None:
    text = Hand(random).write(data)
    for slip in slips:
        at = random.randint(0, len(text))
        text = text[:at] + slip + text[at + random.choice([0, 0, 1, 10]) :]
    try:
        root = parse(text, "a.yaml")
    except InvalidFile:
        return
    # Whether the result says what it should is for the caller to see, who reads it back.
    patch(text, root, root.plain(), Change(random).mapping(root.plain(), ()))
