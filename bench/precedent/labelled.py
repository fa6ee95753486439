"""Sets of reports whose duplicates are known: JSON lines, one report each, as `../shared/precedent/README.md` tells.

Reports that name each other as duplicates are a group, however long the chain. In order of time, each report of a group
but its first is a query; all that came before it are candidates, and any of its group among them is right.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from issuelog.model.report import MAX_TITLE

_LONGEST_STORY = 1_000_000
_NO_TITLE = "(no title)"


@dataclass(frozen=True)
class Labelled:
    """One report of a set; `duplicate_of` is what its tracker said of it, which no search is shown."""

    id: str
    created: str
    title: str
    body: str
    product: str = ""
    component: str = ""
    version: str = ""
    duplicate_of: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: dict[str, Any]) -> Labelled:
        """Return the report that a line of a set holds."""
        named, components = data.get("duplicate_of") or [], data.get("component") or []
        return cls(
            data["id"],
            data["created"],
            data.get("title") or "",
            data.get("body") or "",
            data.get("product") or "",
            components if isinstance(components, str) else ", ".join(components),
            data.get("version") or "",
            (named,) if isinstance(named, str) else tuple(named),
        )

    def json_line(self) -> str:
        """Return the report as `issuelog import jsonl` takes it: a title that is too long goes on in the story."""
        story = f"{self.title}\n{self.body}" if len(self.title) > MAX_TITLE else self.body
        facts = {
            "title": self.title[:MAX_TITLE].strip() or _NO_TITLE,
            "story": story[:_LONGEST_STORY] if story.strip() else self.title.strip() or _NO_TITLE,
            "channel": "web",
            "received_at": self.created,
            "customer": "Somebody",
            "external_ref": self.id,
            "product": self.product,
            "component": self.component,
            "version": self.version,
        }
        return json.dumps({name: value for name, value in facts.items() if value})


@dataclass(frozen=True)
class LabelledSet:
    """Reports in order of time."""

    reports: Sequence[Labelled]

    @classmethod
    def of(cls, reports: Iterable[Labelled]) -> LabelledSet:
        """Return a set of these reports. Raises ValueError where two have one id."""
        made = cls(sorted(reports, key=lambda report: (report.created, report.id)))
        if len(made.place) != len(made.reports):
            raise ValueError("two reports have the same id")
        return made

    @cached_property
    def place(self) -> dict[str, int]:
        """How many reports came before each."""
        return {report.id: number for number, report in enumerate(self.reports)}

    @cached_property
    def truth(self) -> dict[str, frozenset[str]]:
        """What is right for each query, in the order of the queries: the earlier reports of its group."""
        right = {one: frozenset(group[:at]) for group in self._groups() for at, one in enumerate(group) if at}
        return dict(sorted(right.items(), key=lambda item: self.place[item[0]]))

    @property
    def queries(self) -> list[str]:
        """The queries in order of time."""
        return list(self.truth)

    @property
    def later(self) -> list[str]:
        """The later half of the queries: weights may have been learned from the others."""
        return self.queries[len(self.truth) // 2 :]

    def _groups(self) -> Iterator[list[str]]:
        """Yield the reports of each group in order of time."""
        beside: dict[str, set[str]] = defaultdict(set)
        for report in self.reports:
            for other in report.duplicate_of:
                if other in self.place and other != report.id:
                    beside[report.id].add(other)
                    beside[other].add(report.id)
        seen: set[str] = set()
        for first in beside:
            if first not in seen:
                group = _connected(first, beside)
                seen |= group
                yield sorted(group, key=self.place.__getitem__)


def load(path: Path, count: int | None = None) -> LabelledSet:
    """Return the set of a file, or its first reports in order of time."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", errors="replace") as file:
        whole = LabelledSet.of(Labelled.of(json.loads(line)) for line in file if line.strip())
    return whole if count is None else LabelledSet(whole.reports[:count])


def _connected(first: str, beside: dict[str, set[str]]) -> set[str]:
    found, waiting = {first}, [first]
    while waiting:
        new = beside[waiting.pop()] - found
        found |= new
        waiting += new
    return found
