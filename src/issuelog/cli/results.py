"""What commands return: an answer with its faces for JSON, for a pipe, and for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from issuelog.errors import ExitCode
from issuelog.model.text import cell, visible

if TYPE_CHECKING:
    from issuelog.model.report import Report
    from issuelog.precedent.finding import Found
    from issuelog.tracker import Change


class Result:
    """An answer. `data` is its JSON."""

    data: Any
    code: ExitCode = ExitCode.DONE

    @property
    def plain(self) -> bool:
        """Whether a terminal shows it as a pipe has it."""
        return False

    def json(self) -> Iterator[str | bytes]:
        """Yield the JSON document."""
        yield json.dumps(self.data, ensure_ascii=True, indent=2) + "\n"

    def piped(self) -> Iterator[str | bytes]:
        """Yield what a pipe reads: tab-separated lines, nothing cut, no header."""
        yield from ()

    def quiet(self) -> Iterator[str | bytes]:
        """Yield the least that is an answer."""
        yield from self.piped()

    def hints(self) -> Iterator[str]:
        """Yield what is said beside the answer, on standard error."""
        yield from ()


@dataclass
class Changes(Result):
    """What was changed, of so many reports that were asked for."""

    changes: list[Change]
    many: bool = False
    asked: int = 1
    code: ExitCode = ExitCode.DONE
    failures: int = 0
    past: Mapping[str, Found] | None = None
    """What was reported before, by the ids of those reports for which it was looked up."""

    def failed(self, code: ExitCode) -> None:
        """Count a report that was not changed; the first says how the command ends."""
        self.failures += 1
        self.code = self.code or code

    @property
    def data(self) -> Any:
        """One object, or a list where several reports were named."""
        items = [{**change_data(change), **self._past_data(change.report)} for change in self.changes]
        return items if self.many else items[0]

    def piped(self) -> Iterator[str | bytes]:
        for change in self.changes:
            if change.preview is not None:
                yield visible(change.preview) or "nothing would change\n"
                continue
            yield tabbed((change.report.id, change.action, change.came_from, change.to, change.commit))

    def quiet(self) -> Iterator[str]:
        for change in self.changes:
            yield f"{change.report.id}\n"

    def hints(self) -> Iterator[str]:
        from issuelog.cli.past import told

        for change in self.changes:
            if found := (self.past or {}).get(change.report.id):
                yield from told(found)
            if change.commit is None and change.preview is None:
                yield f"{change.report.id}: nothing to change"
            elif change.preview is None and not self.many:
                yield from _promised(change.report)
                yield f"next: {change.next.command}   ({change.next.why})"
        if self.many and self.asked != 1:
            yield self.summary()

    def _past_data(self, report: Report) -> dict[str, Any]:
        found = (self.past or {}).get(report.id)
        return {"precedents": found.data()["hits"], "offers": found.data()["offers"]} if found else {}

    def summary(self) -> str:
        """Return what became of all that were asked for."""
        done = sum(change.commit is not None or change.preview is not None for change in self.changes)
        parts = {
            "changed" if not any(change.preview for change in self.changes) else "would change": done,
            "as they were": len(self.changes) - done,
            "failed": self.failures,
            "not tried": self.asked - len(self.changes) - self.failures,
        }
        return ", ".join(f"{count:,} {what}" for what, count in parts.items() if count) or "no ids, nothing to do"


def _promised(report: Report) -> Iterator[str]:
    """Yield what was promised by the message that was just recorded."""
    told = report.events[-1].fact("message")
    message = next((one for one in report.messages if one.id == told and one.direction == "out"), None)
    if message and message.next_update_at:
        yield f"promised: the next word by {message.next_update_at:%Y-%m-%d %H:%M} UTC"


def change_data(change: Change) -> dict[str, Any]:
    """Return a change as JSON has it."""
    data = {
        "id": change.report.id,
        "action": change.action,
        "from": change.came_from,
        "to": change.to,
        "commit": change.commit,
        "next": change.next.command,
    }
    return data if change.preview is None else {**data, "preview": change.preview}


@dataclass
class Table(Result):
    """Rows with columns; `wide` columns shrink first where a terminal is narrow."""

    rows: Sequence[Mapping[str, Any]]
    columns: Sequence[str]
    empty: str = "nothing"
    code: ExitCode = ExitCode.DONE
    notes: Sequence[str] = field(default_factory=tuple)
    wide: frozenset[str] = frozenset({"title"})
    document: Any = None
    """The JSON, where it says more than the rows."""
    fold: bool = False
    """Whether a terminal breaks the wide columns into lines instead of cutting them."""
    line: Callable[[Mapping[str, Any]], str] | None = None
    """How a row is written where a form was asked for; a terminal shows that as a pipe has it."""

    @property
    def plain(self) -> bool:
        """Whether a terminal shows it as a pipe has it."""
        return self.line is not None

    @property
    def data(self) -> Any:
        """A list of objects, unless there is a document."""
        if self.document is not None:
            return self.document
        return [dict(row) for row in self.rows]

    def piped(self) -> Iterator[str | bytes]:
        for row in self.rows:
            yield self.line(row) if self.line else tabbed(row.get(name) for name in self.columns)

    def quiet(self) -> Iterator[str | bytes]:
        if self.line:
            yield from self.piped()
        else:
            yield from (f"{name}\n" for name in self.names())

    def names(self) -> Iterator[str]:
        """Yield what is the least of each row: its id."""
        return (cell(row.get("id", row.get(self.columns[0]))) for row in self.rows)

    def hints(self) -> Iterator[str]:
        yield from self.notes


@dataclass
class Document(Result):
    """One thing: `body` is what people and pipes read."""

    data: Any
    body: str
    brief: str | None = None
    code: ExitCode = ExitCode.DONE
    notes: Sequence[str] = ()
    picture: Sequence[Report] = ()
    """What a terminal shows instead of the body."""

    def piped(self) -> Iterator[str | bytes]:
        if self.body:
            yield visible(self.body if self.body.endswith("\n") else f"{self.body}\n")

    def quiet(self) -> Iterator[str | bytes]:
        yield visible(f"{self.brief}\n") if self.brief else next(self.piped(), "")

    def hints(self) -> Iterator[str]:
        yield from self.notes


def tabbed(values: Iterable[Any], end: str = "\n") -> str:
    """Return values as a line of cells with tabs between them."""
    return "\t".join(cell(value) for value in values) + end


def ndjson_line(row: Mapping[str, Any]) -> str:
    """Return a row as a line of JSON."""
    return f"{json.dumps(row)}\n"
