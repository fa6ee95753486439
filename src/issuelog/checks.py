"""The rules of `check`: small functions, one a rule; each yields what is wrong with one report."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from issuelog.errors import Conflict, InvalidFile, NotFound, Problem, UsageError
from issuelog.model.identifier import is_report_id
from issuelog.model.merge import state_of
from issuelog.model.report import Environment, Event
from issuelog.store import reports
from issuelog.store.files import read_regular
from issuelog.store.reports import Stored, to_data
from issuelog.store.yamlfile import Node
from issuelog.tracker import Tracker

Rule = Callable[[Tracker, Stored], Iterator[Problem]]
INVALIDATING = frozenset({"yaml", "missing", "enum", "id", "file", "config"})
"""Rules whose breach means that a file is no report at all; others find fault with a report."""


def check_tracker(tracker: Tracker, paths: Sequence[Path] | None = None) -> list[Problem]:
    """Return every problem of these files, or of the whole tracker with its policy."""
    problems: list[Problem] = []
    if paths is None:
        try:
            _ = tracker.policy
        except InvalidFile as error:
            return list(error.problems)
        paths = [Path(file.path) for file in tracker.layout.files()]
    for path in paths:
        problems += check_file(tracker, path.resolve() if not path.is_symlink() else path.absolute())
    return problems


def check_file(tracker: Tracker, path: Path) -> list[Problem]:
    """Return every problem of one file."""
    if not path.is_relative_to(tracker.layout.root):
        raise UsageError(f"{path} lies outside the tracker {tracker.layout.root}")
    shown = tracker.relative(path)
    try:
        stored = reports.read(path, shown)
    except InvalidFile as error:
        return [Problem(**{**vars(problem), "rule": _broad(problem.rule)}) for problem in error.problems]
    except Conflict as error:
        return [Problem(shown, 1, 1, "file", error.message)]
    except NotFound as error:
        raise UsageError(error.message) from None
    return [problem for rule in RULES for problem in rule(tracker, stored)]


def _broad(rule: str) -> str:
    return rule if rule in INVALIDATING else "enum"


def _at(stored: Stored, rule: str, message: str, *path: str | int, level: str = "error") -> Problem:
    node: Node = stored.root.at(path)
    return Problem(stored.path, node.line + 1, node.column + 1, rule, message, level)


def _place(tracker: Tracker, stored: Stored) -> Iterator[Problem]:
    wanted = tracker.relative(tracker.layout.report(stored.report.id))
    if stored.path != wanted:
        yield _at(stored, "place", f"it belongs in {wanted}", "id")


def _seal(_: Tracker, stored: Stored) -> Iterator[Problem]:
    if not stored.report.is_sealed:
        yield _at(
            stored, "seal", "the story is not the one that was sealed: the customer's words were changed", "story"
        )


def _state(_: Tracker, stored: Stored) -> Iterator[Problem]:
    """The events lead to the state that the report claims."""
    here = state_of(to_data(stored.report)["events"])
    if here != stored.report.state:
        yield _at(stored, "state", f"the events lead to {here}, the report says {stored.report.state}", "state")


def _attachments(tracker: Tracker, stored: Stored) -> Iterator[Problem]:
    folder = tracker.layout.attachments(stored.report.id)
    for number, attachment in enumerate(stored.report.attachments):
        content = None
        if "/" not in attachment.file and attachment.file not in {".", ".."}:
            try:
                content = read_regular(folder / attachment.file)
            except Conflict as error:
                yield _at(stored, "attachment", error.message, "attachments", number, "file")
                continue
        if content is None:
            yield _at(stored, "attachment", f"{attachment.file} is not there", "attachments", number, "file")
        elif hashlib.sha256(content).hexdigest() != attachment.sha256:
            yield _at(
                stored, "attachment", f"{attachment.file} is not what was attached", "attachments", number, "sha256"
            )


def _links(tracker: Tracker, stored: Stored) -> Iterator[Problem]:
    links = stored.report.links
    for field, target in (("duplicate_of", links.duplicate_of), ("recurrence_of", links.recurrence_of)):
        if target and not tracker.layout.report(target).is_file():
            yield _at(stored, "link", f"there is no report {target}", "links", field)
    for number, target in enumerate(links.related):
        if is_report_id(target) and not tracker.layout.report(target).is_file():
            yield _at(stored, "link", f"there is no report {target}", "links", "related", number)


def _unique_ids(_: Tracker, stored: Stored) -> Iterator[Problem]:
    for path, items in _lists(stored.report):
        for item, count in Counter(items).items():
            if count > 1:
                yield _at(stored, "item_id", f"{'.'.join(map(str, path))} has the id {item} {count} times", *path)


def _lists(model: BaseModel, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], list[str]]]:
    for name in type(model).model_fields:
        value: Any = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _lists(value, (*path, name))
        elif isinstance(value, list) and value and isinstance(value[0], BaseModel):
            yield (*path, name), [item.id for item in value if getattr(item, "id", None)]
            for number, item in enumerate(value):
                yield from _lists(item, (*path, name, number))


def _unknown_keys(_: Tracker, stored: Stored) -> Iterator[Problem]:
    for path in _extras(stored.report):
        name = ".".join(map(str, path))
        yield _at(stored, "unknown_key", f"{name} is not known; it is kept", *path, level="warning")


def _extras(model: BaseModel, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if not isinstance(model, (Event, Environment)):
        yield from ((*path, key) for key in model.model_extra or {})
    for name in type(model).model_fields:
        value: Any = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _extras(value, (*path, name))
        elif isinstance(value, list):
            for number, item in enumerate(value):
                if isinstance(item, BaseModel):
                    yield from _extras(item, (*path, name, number))


RULES: tuple[Rule, ...] = (_place, _seal, _state, _attachments, _links, _unique_ids, _unknown_keys)
