"""What a range of commits changed, in words.

Reports and known errors, each with its steps and fields, from where two branches parted; first what to look at:
rules that changed, reports changed by hand, stories and attachments that are not as they were, what was waived.

\b
issuelog review main..fix/export
issuelog review origin/main           # what a push would bring
issuelog review v2026.10..v2026.11 --json
issuelog review --explain waived
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from issuelog.cli.results import Document, Result, Table
from issuelog.cli.session import Session
from issuelog.errors import UsageError
from issuelog.model.text import one_line

if TYPE_CHECKING:
    from issuelog.model.difference import Difference
    from issuelog.reviewing import Review, Reviewed

_LONGEST = 160
_OF_NEW = ("severity", "source.channel", "customer.name", "component", "story")
"""What is told of a new report; JSON has all of it."""
_SAID_BY_STEPS = frozenset({"id", "at", "by"})


def review(
    session: Session,
    commits: Annotated[
        str | None,
        typer.Argument(metavar="RANGE", help="BASE..TIP as git names them, or BASE: up to HEAD."),
    ] = None,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="RULE", help="Why a rule asks to look; or: all.")
    ] = None,
) -> Result:
    """Say what a range of commits changed."""
    from issuelog.reviewing import RULES, Reviewing

    if explain:
        rows = [{"rule": rule, "asks": words} for rule, words in RULES.items() if explain in {rule, "all"}]
        if not rows:
            raise UsageError(f"there is no rule {explain!r}; there are: {', '.join(RULES)}, all")
        return Table(rows, ("rule", "asks"), wide=frozenset({"asks"}), fold=True)
    found = Reviewing(session.tracker).run(session.need(commits, "RANGE", "Which commits, as in main..HEAD?"))
    return Document(found.data(), "\n".join(_told(found)) + "\n", brief=_head(found))


def _head(found: Review) -> str:
    counts = [
        _some(found.commits, "commit"),
        _some(len(found.reports), "report"),
        *([_some(len(found.known_errors), "known error")] if found.known_errors else []),
        *([f"{_some(found.others, 'file')} of other things"] if found.others else []),
    ]
    by = f", by {', '.join(map(one_line, found.by))}" if found.by else ""
    return f"{found.base.short}..{found.tip.short}: {', '.join(counts)}{by}"


def _told(found: Review) -> Iterator[str]:
    yield _head(found)
    if found.notices:
        yield from ("", "To look at")
    for notice in found.notices:
        commit = f"   (git show {notice.commit[:10]})" if notice.commit else ""
        yield f"  {one_line(notice.path)}: {one_line(notice.message)} [{notice.rule}]{commit}"
    for one in (*found.reports, *found.known_errors):
        yield from ("", f"{one.id}  {one_line(one.title)}")
        yield from (f"  {line}" for line in _of_one(one))


def _of_one(one: Reviewed) -> Iterator[str]:
    if one.came != "changed":
        yield ", ".join(filter(None, (one.came, one.state_after or one.state_before)))
    elif one.state_before != one.state_after:
        yield f"{one.state_before} → {one.state_after}"
    for step in one.steps:
        yield f"{step['at']}  {one_line(step['by'].partition(' <')[0])}  {one_line(step['words'], _LONGEST)}"
    if one.came == "changed":
        yield from (f"{field.path}: {_turned(field)}" for field in one.fields)
    elif one.came == "new":
        yield from _of_new(one.fields)


def _of_new(fields: Sequence[Difference]) -> Iterator[str]:
    values = {field.path: field.after for field in fields}
    for path in _OF_NEW:
        section, _, name = path.partition(".")
        value = values.get(section, {}).get(name) if name else values.get(section)
        if value:
            yield f"{path}: {_value(value)}"


def _turned(field: Difference) -> str:
    if field.after is None:
        return f"taken away, it was {_value(field.before)}"
    return _value(field.after) if field.before is None else f"{_value(field.before)} → {_value(field.after)}"


def _value(value: Any) -> str:
    return one_line(_flat(value), _LONGEST)


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        parts = (f"{key.replace('_', ' ')} {_flat(part)}" for key, part in value.items() if key not in _SAID_BY_STEPS)
        return ", ".join(parts)
    return ", ".join(map(_flat, value)) if isinstance(value, list) else str(value)


def _some(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
