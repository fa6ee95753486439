"""An analysis as a document, from the facts of its report; `export` has it as a part of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from issuelog.exporting.document import cause_part
from issuelog.exporting.wording import Wording, label
from issuelog.model.paper import Paper, Part, Todo, grid, part

_MEASURES = ("id", "text", "kind", "strength", "cause", "owner", "due_at", "measure", "status", "evidence", "closed_at")


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
    return Paper(known["id"], report["title"], (facts,), tuple(one for one in sections(rca, say) if one))


def sections(rca: Mapping[str, Any], say: Wording) -> Iterator[Part | None]:
    """Yield the parts of an analysis; None stands for one of which nothing is known."""
    yield part("What happened", say.facts({name: rca.get(name) for name in ("summary", "spread")}))
    yield part("What happened when", say.table(rca.get("timeline", []), ("at", "text")))
    yield from (cause_part(say, cause) for cause in rca.get("causes", ()))
    yield part("What contributed", say.table(rca.get("factors", [])))
    yield part("How it was noticed", say.facts(rca.get("detection")))
    walk = rca.get("process_walk", {})
    yield part("Each stage of the process", grid(("stage", "finding"), [(label(k), v) for k, v in walk.items()]))
    actions = [{name: value for name, value in one.items() if name != "checks"} for one in rca.get("actions", ())]
    yield part("Measures", say.table(actions, _MEASURES))
    looks = [{"measure": one["id"], **check} for one in rca.get("actions", ()) for check in one.get("checks", ())]
    yield part("Whether they held", say.table(looks, ("measure", "at", "result", "evidence", "by")))
    yield part("What is not done, and why", say.table(rca.get("not_done", [])))
    yield part("Earlier errors like it", say.facts(rca.get("recurrence")))
    yield part("For the customer", say.facts({"in short": rca.get("customer_summary")}))
