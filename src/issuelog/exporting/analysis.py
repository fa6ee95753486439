"""A root cause analysis as parts of a document: every field of it, those too that nobody knew when this was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from issuelog.exporting.wording import Wording, label
from issuelog.model.paper import Grid, Part, grid, part

Data = Mapping[str, Any]
_OF_THEIR_OWN = ("timeline", "causes", "factors", "detection", "process_walk", "actions", "not_done", "recurrence")
_MEASURES = (
    "id",
    "what",
    "kind",
    "strength",
    "cause",
    "owner",
    "due_at",
    "known by",
    "status",
    "evidence",
    "closed_at",
)
_CALLED = {"text": "what", "measure": "known by"}
"""Fields of a measure whose names say little beside the others: what is done, and what its success is known by."""


def analysis(rca: Data, say: Wording) -> Part | None:
    """Return an analysis as one part, with what it says of itself at its head."""
    return part("Root cause analysis", say.facts(rca, _OF_THEIR_OWN), parts=analysis_parts(rca, say))


def analysis_parts(rca: Data, say: Wording) -> Iterator[Part | None]:
    """Yield what stands below the head of an analysis; None stands for a part of which nothing is known."""
    yield part("What happened when", say.table(rca.get("timeline", []), ("at", "text"), ("id",)))
    yield from (cause_part(say, cause) for cause in rca.get("causes", ()))
    yield part("What contributed", say.table(rca.get("factors", [])))
    yield part("How it was noticed", say.facts(rca.get("detection")))
    yield walk_part(rca)
    yield part("Measures", measures(rca, say))
    yield looks_part(rca, say)
    yield part("What is not done, and why", say.table(rca.get("not_done", [])))
    yield part("Earlier errors like it", say.facts(rca.get("recurrence")))


def measures(rca: Data, say: Wording) -> Grid:
    """Return what keeps the error from coming back."""
    rows = [{_CALLED.get(name, name): value for name, value in one.items()} for one in rca.get("actions", ())]
    return say.table(rows, _MEASURES, ("checks",))


def looks_part(rca: Data, say: Wording) -> Part | None:
    """Return what somebody saw who looked whether the measures held."""
    looks = [
        {"measure": one["id"], **_without_id(check)}
        for one in rca.get("actions", ())
        for check in one.get("checks", ())
    ]
    return part("Whether they held", say.table(looks, ("measure", "at", "result", "evidence", "by")))


def walk_part(rca: Data) -> Part | None:
    """Return what was found at each stage of the process."""
    rows = [(label(name), found) for name, found in rca.get("process_walk", {}).items()]
    return part("Each stage from making to selling", grid(("stage", "finding"), rows))


def cause_part(say: Wording, cause: Data) -> Part | None:
    """Return a cause with its whys."""
    why = "Why it happened" if cause["kind"] == "occurrence" else "Why it reached the customer"
    whys = say.table(cause.get("whys", []), ("id", "why", "evidence"))
    return part(f"{why} ({cause['id']})", whys, say.facts(cause, ("id", "kind", "whys")))


def _without_id(data: Data) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != "id"}
