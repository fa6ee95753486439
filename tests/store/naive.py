"""What is in a tracker, read from every file anew: what the index has to say at every moment, however it came about."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from issuelog.config import load_policy
from issuelog.errors import Conflict, InvalidFile, NotFound, Problem
from issuelog.knowledge import solution
from issuelog.model import likeness, signature
from issuelog.model.clocks import clocks, lasting_conditions
from issuelog.model.known_error import KnownError
from issuelog.model.likeness import Likeness
from issuelog.model.policy import Policy
from issuelog.model.report import Report
from issuelog.model.row import make_row
from issuelog.model.times import iso, parse_iso
from issuelog.store import known_errors, reports
from issuelog.store.passages import words
from issuelog.tracker import Tracker as Files
from support.cli import Done, Tracker

AT = "2026-12-01T12:00:00Z"
Content = reports.Stored | known_errors.Stored | list[Problem]
Contents = dict[Path, Content]
Seen = tuple[list[tuple[str, str]], list[tuple[str, str]], list[tuple[object, ...]]]
"""The signatures, the outcomes, and what is like others."""
_CONDITIONS = ("waiting", "escalated", "unverified", "monitoring", "overdue", "reopened")


def index_file(tracker: Tracker) -> Path:
    """Return the file of the index; it may be gone."""
    found = list((tracker.root / ".git" / "issuelog").glob("index-*.sqlite"))
    assert len(found) <= 1
    return found[0] if found else tracker.root / ".git" / "issuelog" / "none"


def require_right(tracker: Tracker, at: str = AT) -> None:
    """What `list` shows and warns of, and what can be searched, is what is in the files."""
    done = tracker.run("list", "--json", "--at", at)
    contents = _contents(tracker)
    _require_right_list(tracker, done, at, contents)
    assert _indexed(tracker) == _read(tracker, contents)


def require_right_list(tracker: Tracker, done: Done, at: str = AT) -> None:
    _require_right_list(tracker, done, at, _contents(tracker))


def _require_right_list(tracker: Tracker, done: Done, at: str, contents: Contents) -> None:
    items, warnings = _shown(tracker, at, contents)
    assert done.code == 0, done.err
    now = parse_iso(at)
    assert [_urgency(item, now) for item in done.json] == [_urgency(item, now) for item in items]
    # Two files may be of one id: which of them comes first nobody says.
    assert sorted(done.json, key=_path) == sorted(items, key=_path)
    assert sorted(done.err.splitlines()) == warnings


def full_read(tracker: Tracker, at: str = AT) -> tuple[list[dict[str, Any]], list[str]]:
    """Return what `list` has to show, the most urgent first, and to warn of, in the order of the alphabet."""
    return _shown(tracker, at, _contents(tracker))


def _shown(tracker: Tracker, at: str, contents: Contents) -> tuple[list[dict[str, Any]], list[str]]:
    policy = load_policy(tracker.root / ".issuelog/config.yaml")
    now = parse_iso(at)
    items, warnings = [], []
    for found in contents.values():
        if isinstance(found, list):
            warnings += [f"warning: {problem}; not shown (issuelog check)" for problem in found]
        elif isinstance(found, reports.Stored):
            items.append(_item(found.report, policy, found.path, now))
    return sorted(items, key=lambda item: _urgency(item, now)), sorted(warnings)


def _contents(tracker: Tracker) -> Contents:
    """Return what is in each file now."""
    return {path: _file(path, tracker.root) for path in _files(tracker.root)}


def _files(root: Path) -> Iterator[Path]:
    parents = [*root.glob("reports/*/*"), root / "known-errors"]
    for folder in parents:
        if not any(part.is_symlink() for part in (folder, folder.parent)) and folder.is_dir():
            yield from (path for path in folder.iterdir() if path.name.endswith(".yaml") and path.name[0] != ".")


def _file(path: Path, root: Path) -> Content:
    """Return a report, a known error, or what is wrong."""
    shown = str(path.relative_to(root))
    try:
        if shown.startswith("reports"):
            return reports.read(path, shown)
        return known_errors.read(path, shown)
    except InvalidFile as error:
        return list(error.problems)
    except (Conflict, NotFound) as error:
        return [Problem(shown, 1, 1, "file", error.message)]


def _item(report: Report, policy: Policy, path: str, now: datetime) -> dict[str, Any]:
    first = min(clocks(report, policy), key=lambda clock: clock.at, default=None)
    holding = {
        *lasting_conditions(report),
        *(["overdue"] if first and first.at < now else []),
        *(["monitoring"] if report.monitor.until and report.monitor.until > now else []),
    }
    return {
        "id": report.id,
        "title": report.title,
        "state": report.state.value,
        "severity": report.severity.value,
        "customer": report.customer.name or report.customer.contact,
        "owner": report.owner,
        "component": report.component,
        "received_at": iso(report.source.received_at),
        "updated_at": iso(max(event.at for event in report.events)),
        "conditions": [name for name in _CONDITIONS if name in holding],
        "next_due": {"clock": first.clock, "at": iso(first.at)} if first else None,
        "path": path,
    }


def _path(item: dict[str, Any]) -> str:
    return str(item["path"])


def _urgency(item: dict[str, Any], now: datetime) -> tuple[object, ...]:
    due = item["next_due"]
    is_late = due is not None and parse_iso(due["at"]) < now
    # A report without a clock comes after those that have one.
    return item["state"] == "closed", not is_late, item["severity"], due is None, due and due["at"], item["id"]


def _read(tracker: Tracker, contents: Contents) -> dict[str, Any]:
    policy = load_policy(tracker.root / ".issuelog/config.yaml")
    found: dict[str, Any] = {}
    for path, read in contents.items():
        shown = str(path.relative_to(tracker.root))
        if isinstance(read, list):
            found[shown] = len(read)
        elif isinstance(read, reports.Stored):
            found[shown] = make_row(read.report, policy, shown), words(read.root), _of_report(read.report)
        else:
            row = tuple(known_errors.row(read.known_error, shown))
            found[shown] = row, words(read.root), _of_known_error(read.known_error)
    return found


def _of_report(report: Report) -> Seen:
    """Return what precedents see of a report."""
    precedents, links = report.precedents, report.links
    outcomes = [(one.ref, one.outcome) for one in precedents.tried] + [
        (one.ref, "rejected") for one in precedents.rejected
    ]
    outcomes += [(links.duplicate_of, "duplicate")] if links.duplicate_of else []
    alike = _alike(likeness.of_report(report), solution.in_short(solution.of_report(report)))
    return sorted((str(one), one.loose) for one in signature.of_report(report)), sorted(outcomes), alike


def _of_known_error(known: KnownError) -> Seen:
    """Return what precedents see of a known error; one that is retired is like nothing."""
    signatures = [one for text in known.signature if (one := signature.parse(text))]
    helps = solution.in_short(solution.of_known_error(known))
    alike = [] if known.retired else _alike(likeness.of_known_error(known), helps)
    return sorted((str(one), one.loose) for one in signatures), [], alike


def _alike(found: Likeness, helps: str) -> list[tuple[object, ...]]:
    tags = [" ".join(sorted(words)) for words in (found.components, found.prefix)]
    texts = " ".join(found.title), " ".join(found.body), found.beginning
    return [(found.day, found.product, found.version, *tags, helps, *texts)]


def _indexed(tracker: Tracker) -> dict[str, Any]:
    """Return the same as the index has it."""
    files = Files.around(tracker.root, print)
    root = str(tracker.root.resolve())
    found, _ = files.ask(lambda connection: dict(_rows(connection, root)))
    if index_file(tracker).exists():
        require_whole(index_file(tracker))
    return found


def _rows(connection: sqlite3.Connection, root: str) -> Iterator[tuple[str, Any]]:
    texts = {number: text for number, *text in connection.execute("SELECT rowid, * FROM words")}
    known = {number: tuple(row) for number, *row in connection.execute("SELECT * FROM known_error")}
    cursor = connection.execute("SELECT * FROM report")
    names = [column[0] for column in cursor.description]
    rows = {row[0]: dict(zip(names[1:], row[1:], strict=True)) for row in cursor}
    seen = _seen(connection)
    groups = [column[0] for column in connection.execute("SELECT * FROM words").description]
    for number, folder, name, problems in connection.execute("SELECT number, folder, name, problems FROM file"):
        path = str(Path(folder.decode()) / name.decode()).removeprefix(f"{root}/")
        if problems is not None:
            assert number not in rows.keys() | texts.keys() | known.keys() | seen.keys()
            yield path, len(json.loads(problems))
            continue
        of_file = dict(zip(groups, texts.pop(number), strict=True))
        alike = seen.pop(number, ([], [], []))
        yield path, (rows.pop(number) if number in rows else known.pop(number), of_file, alike)
    assert (texts, known, rows, seen) == ({}, {}, {}, {}), "nothing is left of files that are gone"


def _seen(connection: sqlite3.Connection) -> dict[int, Seen]:
    """Return what precedents see, by the numbers of the files."""
    found: dict[int, Seen] = {}
    queries = (
        "SELECT number, signature, loose FROM signature ORDER BY 2, 3",
        "SELECT number, ref, outcome FROM outcome ORDER BY 2, 3",
        "SELECT compared.*, title, body, beginning FROM compared JOIN terms ON terms.rowid = number",
    )
    for place, query in enumerate(queries):
        for number, *row in connection.execute(query):
            found.setdefault(number, ([], [], []))[place].append(tuple(row))
    assert (
        connection.execute("SELECT count(*) FROM compared").fetchall()
        == connection.execute("SELECT count(*) FROM terms").fetchall()
    )
    return found


def require_whole(database: Path) -> None:
    """The database is whole, and its words are in its inverted index."""
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for table in ("words", "terms"):
            connection.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)")
        connection.rollback()
