"""An analysis as a document, from the facts of its report; `export` has it as a part of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from issuelog.exporting.analysis import analysis_parts
from issuelog.exporting.document import note
from issuelog.exporting.wording import Wording
from issuelog.model.paper import Paper, Part, Todo, part


def paper(known: Mapping[str, Any]) -> Paper:
    """Return the analysis of a report as a document of its own."""
    report = known["report"]
    rca = report.get("rca", {})
    say = Wording(known["timezone"])
    if not rca:
        todo = Todo((("it has no root cause analysis", f"issuelog rca start {known['id']}"),))
        return Paper(known["id"], report["title"], (todo,), ())
    head = {name: rca.get(name) for name in ("status", "owner", "reviewer", "due_at", "accepted_at")}
    facts = say.facts({**head, "times are in": known["timezone"]})
    return Paper(known["id"], report["title"], (facts, *note(known)), tuple(one for one in sections(rca, say) if one))


def sections(rca: Mapping[str, Any], say: Wording) -> Iterator[Part | None]:
    """Yield the parts of an analysis; None stands for one of which nothing is known."""
    yield part("What happened", say.facts({name: rca.get(name) for name in ("summary", "spread")}))
    yield from analysis_parts(rca, say)
    yield part("For the customer", say.facts({"in short": rca.get("customer_summary")}))
