"""The rules of `check`: small functions, one a rule; each yields what is wrong with one file."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from issuelog.customer import rulebook, templates
from issuelog.errors import Conflict, InvalidFile, NotFound, Problem, UsageError
from issuelog.model.identifier import is_known_error_id, is_report_id
from issuelog.model.lifecycle import unmet
from issuelog.model.merge import NAMED_BY, state_of
from issuelog.model.pattern import pattern
from issuelog.model.report import Environment, Event
from issuelog.model.signature import parse
from issuelog.store import known_errors, reports
from issuelog.store.documents import Document, to_data
from issuelog.store.files import read_regular
from issuelog.store.known_errors import Stored as KnownStored
from issuelog.store.layout import Layout
from issuelog.store.parallel import spread
from issuelog.store.refreshing import FILES_WORTH_A_PROCESS
from issuelog.store.reports import Stored
from issuelog.store.yamlfile import Node
from issuelog.tracker import Tracker

Find = Callable[[Tracker, Stored], Iterator[Problem]]
FindInKnown = Callable[[Tracker, KnownStored], Iterator[Problem]]
_SHOWN = 60
MERGE_FAULTS = frozenset({"yaml", "conflict", "doubled_key", "item_id", "state"})
"""Rules whose breach may come from a merge line by line."""


def check_tracker(tracker: Tracker, paths: Sequence[Path] | None = None) -> list[Problem]:
    """Return every problem of these files, or of the whole tracker with its policy."""
    problems: list[Problem] = []
    if paths is None:
        try:
            _ = tracker.policy
        except InvalidFile as error:
            return list(error.problems)
        paths = [*(Path(file.path) for file in tracker.layout.files()), *tracker.layout.known_error_files()]
        folder = tracker.layout.known_errors
        problems += [
            Problem(tracker.relative(link), 1, 1, "file", "it is a symbolic link, and none is followed")
            for link in (*tracker.layout.links(), *([folder] if folder.is_symlink() else []))
        ]
        problems += _check_words(tracker.layout)
    return problems + _check_files(tracker, paths)


def _check_words(layout: Layout) -> Iterator[Problem]:
    """Yield the faults of the tracker's own templates and rules for messages."""
    for folder in (layout.templates, layout.lint):
        if folder.exists() and not folder.is_dir():
            yield Problem(layout.relative(folder), 1, 1, "template", "it is no folder, and nothing in it is read")
    for path in sorted([*layout.templates.glob("*/*.md"), *layout.lint.glob("*.yaml")]):
        try:
            if path.suffix == ".yaml":
                rulebook.language_of(path.stem, layout.lint)
            elif path.stem in templates.kinds():
                templates.slots_of(path.stem, path.parent.name, layout.templates)
        except InvalidFile as error:
            yield from (replace(problem, path=layout.relative(problem.path)) for problem in error.problems)


def _check_files(tracker: Tracker, paths: Sequence[Path]) -> list[Problem]:
    def work(share: Sequence[tuple[int, Path]]) -> Iterator[tuple[int, list[Problem]]]:
        for place, path in share:
            yield place, check_file(tracker, path.resolve() if not path.is_symlink() else path.absolute())

    with spread(work, list(enumerate(paths)), FILES_WORTH_A_PROCESS) as results:
        found = dict(tracker.watch(results, len(paths)))
    return [problem for place in range(len(paths)) for problem in found[place]]


def check_file(tracker: Tracker, path: Path) -> list[Problem]:
    """Return every problem of one file."""
    if not path.is_relative_to(tracker.layout.root):
        raise UsageError(f"{path} lies outside the tracker {tracker.layout.root}")
    shown = tracker.relative(path)
    try:
        if path.parent == tracker.layout.known_errors:
            known = known_errors.read(path, shown)
            return [problem for rule in RULES if rule.known for problem in rule.known(tracker, known)]
        stored = reports.read(path, shown)
    except InvalidFile as error:
        return [Problem(**{**vars(problem), "rule": _broad(problem.rule)}) for problem in error.problems]
    except Conflict as error:
        return [Problem(shown, 1, 1, "file", error.message)]
    except NotFound as error:
        raise UsageError(error.message) from None
    return [problem for rule in RULES if rule.find for problem in rule.find(tracker, stored)]


def _broad(rule: str) -> str:
    return rule if rule in INVALIDATING else "value"


def _at(stored: Document[Any], rule: str, message: str, *path: str | int, level: str = "error") -> Problem:
    node: Node = stored.root.at(path)
    return Problem(stored.path, node.line + 1, node.column + 1, rule, message, level)


def _place(tracker: Tracker, stored: Stored) -> Iterator[Problem]:
    wanted = tracker.relative(tracker.layout.report(stored.report.id))
    if stored.path != wanted:
        yield _at(stored, "place", f"it belongs in {wanted}", "id")


def _other_of_its_id(tracker: Tracker, stored: Stored) -> Iterator[Problem]:
    wanted = tracker.relative(tracker.layout.report(stored.report.id))
    if stored.path != wanted and (tracker.layout.root / wanted).exists():
        yield _at(stored, "duplicate_id", f"{wanted} has the same id", "id")


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


def _guards(_: Tracker, stored: Stored) -> Iterator[Problem]:
    for number, what in unmet(stored.report):
        yield _at(stored, "guard", what, "events", number)


def _references(_: Tracker, stored: Stored) -> Iterator[Problem]:
    """What an event names is still there."""
    data = to_data(stored.report)
    present = {path: {item.get("id") for item in _at_path(data, path)} for path in set(NAMED_BY.values())}
    for number, event in enumerate(data["events"]):
        for key, path in NAMED_BY.items():
            named = event.get(key) or []
            for item in named if isinstance(named, list) else [named]:
                if not isinstance(item, str) or item not in present[path]:
                    yield _at(stored, "reference", f"{path} has no {item}, which an event names", "events", number, key)


def _at_path(data: Any, path: str) -> list[Any]:
    for part in path.split("."):
        data = data.get(part, {})
    return data or []


def _attachments(tracker: Tracker, stored: Stored) -> Iterator[Problem]:
    folder = tracker.layout.attachments(stored.report.id)
    for above in (folder.parent, folder):
        if above.is_symlink():
            yield _at(stored, "attachment", f"{above.name} is a symbolic link, and none is followed", "attachments")
            return
    for number, attachment in enumerate(stored.report.attachments):
        content = None
        if "/" not in attachment.file and attachment.file not in {".", ".."}:
            try:
                content = read_regular(folder / attachment.file, attachment.bytes)
            except Conflict as error:
                yield _at(stored, "attachment", error.message, "attachments", number, "file")
                continue
        if content is None:
            yield _at(stored, "attachment", f"{attachment.file} is not there", "attachments", number, "file")
        elif hashlib.sha256(content).hexdigest() != attachment.sha256:
            yield _at(
                stored, "attachment", f"{attachment.file} is not what was attached", "attachments", number, "sha256"
            )


def _orphans(tracker: Tracker, stored: Stored) -> Iterator[Problem]:
    folder = tracker.layout.attachments(stored.report.id)
    known = {attachment.file for attachment in stored.report.attachments}
    present = sorted(path.name for path in folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else []
    for name in present:
        if name not in known and not name.startswith("."):
            where = tracker.relative(folder / name)
            yield _at(stored, "orphan", f"{where} is none of its attachments", "attachments", level="warning")


def _links(tracker: Tracker, stored: Stored) -> Iterator[Problem]:
    links = stored.report.links
    if links.duplicate_of == stored.report.id:
        yield _at(stored, "link", "it cannot be a duplicate of itself", "links", "duplicate_of")
    for field, target in (("duplicate_of", links.duplicate_of), ("recurrence_of", links.recurrence_of)):
        if target and not tracker.layout.report(target).is_file():
            yield _at(stored, "link", f"there is no report {target}", "links", field)
    for number, target in enumerate(links.related):
        if is_report_id(target) and not _is_there(tracker, target):
            yield _at(stored, "link", f"there is no report or known error {target}", "links", "related", number)
    known = links.known_error or ""
    if is_known_error_id(known) and not tracker.layout.known_error(known).is_file():
        yield _at(stored, "link", f"there is no known error {known}", "links", "known_error")
    yield from _precedents(tracker, stored)


def _is_there(tracker: Tracker, identifier: str) -> bool:
    """Whether a known error or a report has an id."""
    return any(path.is_file() for path in (tracker.layout.known_error(identifier), tracker.layout.report(identifier)))


def _precedents(tracker: Tracker, stored: Stored) -> Iterator[Problem]:
    """What was tried or found not to be the same is a report or a known error, or has a name of somebody else's."""
    precedents = stored.report.precedents
    for field, found in (("tried", precedents.tried), ("rejected", precedents.rejected)):
        for number, target in enumerate(known.ref for known in found):
            if not is_report_id(target):
                continue
            if not _is_there(tracker, target):
                place = ("precedents", field, number, "ref")
                yield _at(stored, "link", f"there is no report or known error {target}", *place, level="warning")


def _sources(tracker: Tracker, stored: KnownStored) -> Iterator[Problem]:
    for number, source in enumerate(stored.known_error.sources):
        if not tracker.layout.report(source).is_file():
            yield _at(stored, "link", f"there is no report {source}", "sources", number)


def _led_back_to(tracker: Tracker, stored: KnownStored) -> Iterator[Problem]:
    """The reports that a known error was made of name it; what is retired may have been replaced."""
    for number, source in enumerate([] if stored.known_error.retired else stored.known_error.sources):
        try:
            linked = reports.read(tracker.layout.report(source), source).report.links.known_error
        except (InvalidFile, Conflict, NotFound):
            continue  # told where the report is looked at
        if linked != stored.known_error.id:
            names = f"names {linked}" if linked else "names no known error"
            yield _at(stored, "known_error", f"{source}, of which it was made, {names}", "sources", number)


def _signatures(_: Tracker, stored: KnownStored) -> Iterator[Problem]:
    for number, text in enumerate(stored.known_error.signature):
        if parse(text) is None:
            words = f"{text[:_SHOWN]!r} is no signature of this version, and matches nothing"
            yield _at(stored, "signature", words, "signature", number, level="warning")


def _unknown_keys_of_known(_: Tracker, stored: KnownStored) -> Iterator[Problem]:
    for path in _extras(stored.known_error):
        name = ".".join(map(str, path))
        yield _at(stored, "unknown_key", f"{name} is not known; it is kept", *path, level="warning")


def _pattern(_: Tracker, stored: Stored) -> Iterator[Problem]:
    if stored.report.monitor.pattern:
        try:
            pattern(stored.report.monitor.pattern)
        except UsageError as error:
            yield _at(stored, "pattern", error.message, "monitor", "pattern")


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


@dataclass(frozen=True)
class Rule:
    """One rule: its id, what it asks for, what helps where it is broken, and how a breach is found.

    A rule without `find` or `known` is kept by the reader of the files: what breaks it is no report at all.
    """

    id: str
    words: str
    remedy: str
    find: Find | None = None
    known: FindInKnown | None = None
    """The same in a known error."""


RULES = (
    Rule("file", "A report is a regular file, no link, pipe or folder.", "put the file itself there"),
    Rule("config", "The policy holds: .issuelog/config.yaml has known keys and allowed values.", "correct that line"),
    Rule("template", "A message's template of your own has text, slots and conditions.", "correct that line"),
    Rule("lint", "The rules of your own for messages are rules, and weaken none that protects.", "correct that line"),
    Rule("yaml", "A report is one block of YAML without tags, anchors and aliases.", "correct it: issuelog edit ID"),
    Rule("conflict", "Git has left no conflict in the file.", "issuelog sync --resolve"),
    Rule("doubled_key", "No key stands twice; git doubles one where two sides add it.", "issuelog sync --resolve"),
    Rule("missing", "Every field that the schema asks for is there.", "issuelog edit ID; issuelog schema   lists them"),
    Rule("value", "Every field has an allowed value of its type.", "the message names it: issuelog edit ID"),
    Rule("id", "The id in the file is the file's name.", "git mv the file, or undo the edit of the id"),
    Rule("place", "A report lies in the folder of its id's year and month.", "git mv it there", _place),
    Rule(
        "duplicate_id", "No two files are of one id.", "keep one; of two reports give it another id", _other_of_its_id
    ),
    Rule(
        "seal",
        "The story is as the customer told it (or as it was redacted when it was recorded): its SHA-256 says so.",
        "issuelog log ID   shows the commit; git revert it",
        _seal,
    ),
    Rule("state", "The events lead to the state.", "undo the edit of the state; a command moves a report on", _state),
    Rule(
        "guard",
        "What a transition asks for is still there: evidence is added, never taken away.",
        "git log -p -- FILE   shows who took it out; supply it again",
        _guards,
    ),
    Rule(
        "reference",
        "What an event names is still there: nothing that was recorded is taken out.",
        "git log -p -- FILE   shows who took it out; git revert brings it back",
        _references,
    ),
    Rule(
        "attachment",
        "Every attachment is there and has the SHA-256 with which it was attached.",
        "git log -- FILE   finds it; git checkout COMMIT -- FILE   brings it back",
        _attachments,
    ),
    Rule(
        "orphan", "Each file beside a report is one of its attachments (warning).", "issuelog attach ID FILE", _orphans
    ),
    Rule(
        "link",
        "A link leads to a report or a known error that is there.",
        "issuelog set ID links.related=…; close ID --known-error KE|none",
        _links,
        _sources,
    ),
    Rule(
        "known_error",
        "A report of which a known error was made names it: the same was not published twice.",
        "issuelog known-error publish ID --into KE, or retire one of the two: issuelog known-error retire KE",
        known=_led_back_to,
    ),
    Rule(
        "signature",
        "A known error's signatures can be read (warning): others match nothing.",
        "take it out, and publish a report into it again: issuelog known-error publish ID --into KE",
        known=_signatures,
    ),
    Rule(
        "pattern",
        "What a report is watched for can be looked for in time in proportion to a log.",
        "issuelog monitor ID --pattern REGEX",
        _pattern,
    ),
    Rule("item_id", "No two items of a list have one id.", "issuelog sync --resolve, or issuelog edit ID", _unique_ids),
    Rule(
        "unknown_key",
        "Every key is known to the schema (warning); what is not is kept.",
        "correct its spelling, or leave it there for a newer version",
        _unknown_keys,
        _unknown_keys_of_known,
    ),
)
INVALIDATING = frozenset(rule.id for rule in RULES if rule.find is None and rule.known is None)
"""Rules whose breach means that a file is no report at all; others find fault with a report."""
