"""What the verbs of `known-error` share: the options that tell of an error, and how a known error is shown.

Annotations are not deferred: those of the options are looked at when the command is called.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from issuelog.cli.results import Changes, Document, Table
from issuelog.model.text import one_line

if TYPE_CHECKING:
    from issuelog.cli.session import Session
    from issuelog.model.known_error import KnownError
    from issuelog.publishing.privacy import Private
    from issuelog.publishing.publisher import Kept, Published
    from issuelog.publishing.site import Written
    from issuelog.store.search import Hit, Search

_PARTS = {
    "symptom": "symptom",
    "check": "how to check that it is this error",
    "cause": "cause",
    "workaround": "workaround",
    "solution": "solution",
    "check_gone": "how to check that it is gone",
    "prevention": "prevention",
}
"""The texts of a known error, in the order in which somebody reads who has the error."""

_COLUMNS = (
    *("id", "title", "component", "product", "affected_versions", "fixed_in", "sources", "worked", "failed", "partial"),
    *("published_at", "reviewed_at", "state"),
)
_AT_A_GLANCE = ("id", "title", "component", "fixed_in", "applied", "state")


def _text(option: str, help: str) -> Any:
    return typer.Option(option, metavar="TEXT", help=help)


@dataclass(frozen=True)
class Telling:
    """The options that tell of an error; what is not given is taken from the report."""

    title: Annotated[str | None, _text("--title", "What it is called, in one line.")] = None
    symptom: Annotated[str | None, _text("--symptom", "What somebody sees who has it (- or @FILE).")] = None
    check: Annotated[str | None, _text("--check", "How to check that it is this error.")] = None
    cause: Annotated[str | None, _text("--cause", "Why it happens.")] = None
    workaround: Annotated[str | None, _text("--workaround", "How to go on without the fix.")] = None
    solution: Annotated[
        list[str] | None, typer.Option("--solution", metavar="TEXT", help="A step that solves it; once for each.")
    ] = None
    check_gone: Annotated[str | None, _text("--check-gone", "How to check that it is gone.")] = None
    prevention: Annotated[str | None, _text("--prevention", "What keeps it from coming back.")] = None
    affected: Annotated[
        str | None, typer.Option("--affected", metavar="RANGE", help="Versions that have it, such as >=8.8,<8.10.")
    ] = None
    fixed_in: Annotated[str | None, typer.Option("--fixed-in", metavar="V", help="The first version without it.")] = (
        None
    )
    product: Annotated[str | None, typer.Option("--product", metavar="NAME", help="The product that has it.")] = None
    component: Annotated[str | None, typer.Option("--component", metavar="C", help="The part of the product.")] = None
    label: Annotated[list[str] | None, typer.Option("--label", metavar="L", help="A word to find it by.")] = None
    may_say: Annotated[
        list[str] | None,
        typer.Option("--may-say", metavar="WORDS", help="Words that look like a customer's, and are nobody's."),
    ] = None

    def facts(self, session: "Session") -> dict[str, Any]:
        """Return what was given, by the fields of a known error."""
        names = {"affected": "affected_versions", "label": "labels"}
        given = {names.get(one.name, one.name): getattr(self, one.name) for one in fields(self)}
        return {
            name: session.text(value, f"--{name.replace('_', '-')}") if name in _PARTS and name != "solution" else value
            for name, value in given.items()
        }


class PublishedChange(Changes):
    """The change of a report, with the known error that it is in now."""

    def __init__(self, done: "Published") -> None:
        super().__init__([done.change])
        self._done = done

    @property
    def data(self) -> Any:
        """The change, with the known error."""
        return {**super().data, "known_error": self._done.known.id, "path": self._done.path}

    def quiet(self) -> Iterator[str]:
        """Yield the known error's id."""
        yield f"{self._done.known.id}\n"

    def hints(self) -> Iterator[str]:
        """Yield where it is, and what comes next."""
        if self._done.change.commit:
            yield f"known error: {self._done.known.id}   ({self._done.path})"
        yield from super().hints()


def kept(done: "Kept", *, for_people: bool) -> Document | Table:
    """Return what was done with a known error alone, as the change of a report is told."""
    name = done.known.id
    data = {
        "id": name,
        "action": done.action,
        "from": None,
        "to": None,
        "commit": done.commit,
        "next": f"issuelog known-error show {name}",
        **({"preview": done.preview} if done.preview is not None else {}),
    }
    if done.preview is not None:
        return Document(data, done.preview or "nothing would change", brief=name)
    notes = [] if done.commit else [f"{name}: nothing to change"]
    if for_people:
        said = f"{name}: {done.action}   {done.commit[:10]}" if done.commit else ""
        return Document(data, said, brief=name, notes=notes)
    return Table([data], ("id", "action", "from", "to", "commit"), document=data, notes=notes)


def listed(found: Sequence[Mapping[str, Any]], *, stale_alone: bool, for_people: bool) -> Table:
    """Return known errors as a list."""
    old = [row for row in found if row["stale"]]
    shown = old if stale_alone else found
    said = f"{len(old)} of them should be looked at again: issuelog known-error list --stale"
    lines = [{**row, **row["applied"], "applied": _applied(row), "sources": len(row["sources"])} for row in shown]
    why = [f"{row['id']}: {', '.join(row['stale'])}" for row in shown if row["stale"]]
    return Table(
        lines,
        _AT_A_GLANCE if for_people else _COLUMNS,
        empty="no known errors",
        document=shown,
        notes=why if stale_alone else [said] if old else [],
    )


def exported(folder: Path, done: "Written", *, dry_run: bool) -> Document:
    """Return what became of the pages of a site."""
    counts = {"written": done.written, "removed": done.removed, "as they were": done.unchanged}
    said = ", ".join(f"{len(names)} {what}" for what, names in counts.items() if names)
    body = f"{folder}: {'this would be done: ' if dry_run else ''}{said}"
    return Document({"folder": str(folder), **vars(done)}, body, brief=str(folder))


def said_anew(session: "Session", error: "Private") -> dict[str, Any]:
    """Ask for each text that is not for everybody once more."""
    from issuelog.cli.prompt import ask

    told: dict[str, Any] = {}
    for found in error.findings:
        session.output.warn(f"not for everybody: {found}")
    for field in dict.fromkeys(found.field for found in error.findings):
        session.output.say(f"{field}: {error.texts[field]}")
        said = ask(f"{field.replace('_', ' ')}, said without it:")
        told[field] = [said] if field in {"solution", "labels"} else said
    return told


def places(session: "Session", looking: "Search", hit: "Hit") -> Iterator[dict[str, Any]]:
    """Yield the places of a hit."""
    whole = {"id": hit.id, "title": hit.title, "score": hit.score, "path": session.tracker.relative(hit.path)}
    for found in looking.places(hit):
        yield {**whole, "place": found.place, "line": found.line, "text": found.text}


def page(known: "KnownError", row: Mapping[str, Any]) -> str:
    """Return a known error for a person to read."""
    lines = [f"{known.id}   {_state(known, row)}", one_line(known.title), ""]
    lines += [f"  {name:<10}{one_line(str(value))}" for name, value in _facts(known, row).items() if value]
    for name, heading in _PARTS.items():
        value = getattr(known, name)
        if value:
            lines += ["", heading, *_indented(value)]
    if known.signature:
        lines += ["", "signature", *(f"  {one_line(one)}" for one in known.signature)]
    return "\n".join(lines) + "\n"


def _state(known: "KnownError", row: Mapping[str, Any]) -> str:
    if known.retired:
        return f"retired: {one_line(known.retired.because)}"
    return f"stale: {', '.join(row['stale'])}" if row["stale"] else "current"


def _facts(known: "KnownError", row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "component": known.component,
        "product": known.product,
        "labels": ", ".join(known.labels),
        "affected": known.affected_versions,
        "fixed in": known.fixed_in,
        "applied": _applied(row) or "never",
        "sources": ", ".join(known.sources),
        "published": f"{known.published_at:%Y-%m-%d} by {known.published_by.partition(' <')[0]}",
        "reviewed": f"{known.reviewed_at:%Y-%m-%d} by {(known.reviewed_by or '').partition(' <')[0]}"
        if known.reviewed_at
        else "",
    }


def _applied(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in row["applied"].items() if count)


def _indented(value: str | list[str]) -> list[str]:
    if isinstance(value, str):
        return [f"  {line}" for line in value.rstrip("\n").split("\n")]
    marks = [f"  {number}. " for number in range(1, len(value) + 1)]
    steps = [step.rstrip("\n").replace("\n", "\n" + " " * len(mark)) for mark, step in zip(marks, value, strict=True)]
    return [mark + step for mark, step in zip(marks, steps, strict=True)]
