"""The one document that a team works from: everything that is known of a report, in the order in which it is read.

Each part shows all fields of its section, those too that nobody knew when this was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from issuelog.exporting.analysis import analysis
from issuelog.exporting.gathered import Facts as Known
from issuelog.exporting.wording import Wording, label, person
from issuelog.model.filenames import safe_name
from issuelog.model.paper import Block, Cell, Facts, Grid, Link, Paper, Part, Steps, Todo, Verbatim, Words, grid, part

Data = Mapping[str, Any]
SEVERITIES = {"S1": "S1 critical", "S2": "S2 high", "S3": "S3 medium", "S4": "S4 low"}
_SHORT = 10
_OUTCOMES = {"kept": "met", "broken": "missed"}
_ACTIVE = frozenset({".htm", ".html", ".xhtml", ".svg", ".xml", ".js", ".mjs", ".mht", ".mhtml", ".hta", ".xsl"})
"""What a browser would run or draw where it is opened from a document: it is named, not linked."""
_HEAD = ("schema", "id", "title", "state", "severity", "severity_reason", "owner", "component", "labels", "waiting_on")
_OF_ITS_OWN = frozenset(
    {*_HEAD, "source", "customer", "story", "story_sha256", "story_redacted_sha256", "intake", "impact", "attachments"}
    | {"questions", "precedents", "hypotheses", "attempts", "diagnosis", "workaround", "escalations", "fix", "messages"}
    | {"verification", "feedback", "monitor", "compensation", "legal", "rca", "links", "closure", "events"}
    | {"also_known_as"}
)
WITHOUT_CUSTOMER = (
    "The customer is left out: names, mail addresses and telephone numbers that the report knows are replaced. "
    "Read it before you hand it on."
)


def document(known: Known, attachments: str | None) -> Paper:
    """Return the document on a report; `attachments` is the address of their folder, seen from the document.

    Without an address they are named and not linked.
    """
    return Paper(
        known["id"], known["report"]["title"], tuple(_head(known)), tuple(_Document(known, attachments).parts())
    )


def _head(known: Known) -> list[Block]:
    say, report = Wording(known["timezone"]), known["report"]
    source, environment = report["source"], report.get("intake", {}).get("environment", {})
    waits = report.get("waiting_on")
    rows = {
        "state": ", ".join([report["state"], *known["conditions"]]),
        "severity": SEVERITIES[report["severity"]],
        "why this severity": report.get("severity_reason"),
        "owner": report.get("owner") or "nobody yet",
        "component": report.get("component"),
        "labels": report.get("labels"),
        "product": environment.get("product"),
        "version": environment.get("version"),
        "waits on": f"the {waits}" if waits else None,
        "also known as": report.get("also_known_as"),
        "received": f"{say.time(source['received_at'])} by {label(source['channel'])}",
        **{label(name): part for name, part in source.items() if name not in {"received_at", "channel"}},
        **{f"customer {label(name)}": part for name, part in report.get("customer", {}).items()},
        "next": f"{known['next']['command']}   ({known['next']['why']})",
        "times are in": known["timezone"],
        "as of": known["as_of"],
    }
    return [say.facts(rows), *note(known)]


def note(known: Data) -> list[Block]:
    """Return what a reader has to know of the document itself."""
    return [Words(WITHOUT_CUSTOMER)] if known.get("without_customer") else []


def commits(known: Known, say: Wording) -> Part | None:
    """Return the commits of the product that have to do with a report."""
    rows = [(say.time(one["at"]), one["commit"][:_SHORT], one["summary"], one["words"]) for one in known["commits"]]
    return part("Commits of the product", grid(("when", "commit", "summary", "what it is"), rows))


class _Document:
    def __init__(self, known: Known, attachments: str | None) -> None:
        self.known = known
        self.report: Data = known["report"]
        self.attachments = attachments
        self.say = Wording(known["timezone"])

    def parts(self) -> Iterable[Part]:
        """Return the parts in which something stands."""
        report, section = self.report, self._section
        found = (
            part("What the customer said", Verbatim(report["story"]), self._sealed()),
            self._intake(),
            section("Impact", "impact"),
            self._questions(),
            self._timeline(),
            self._precedents(),
            self._each("Hypotheses", report.get("hypotheses"), lambda one: f"{one['id']}: {one['result']}", "result"),
            self._each("Attempts to reproduce", report.get("attempts"), _attempt, "outcome", "hits", "runs", "place"),
            section("Diagnosis", "diagnosis"),
            section("Workaround", "workaround"),
            self._each("Escalations", report.get("escalations"), _escalation, "to", "party"),
            self._fix(),
            commits(self.known, self.say),
            self._messages(),
            section("Verification", "verification"),
            section("Feedback", "feedback"),
            section("Monitoring", "monitor", checks="Checks"),
            section("Compensation", "compensation"),
            section("Legal review", "legal"),
            analysis(report.get("rca", {}), self.say),
            section("Links", "links"),
            self._closure(),
            self._files(),
            part("Other facts", self.say.facts(report, _OF_ITS_OWN)),
            self._clocks(),
            self._missing(),
            self._history(),
        )
        return [one for one in found if one]

    def _section(self, title: str, name: str, **tables: str) -> Part | None:
        data = self.report.get(name, {})
        below = (part(heading, self.say.table(data.get(key, []), ("id", "at"))) for key, heading in tables.items())
        return part(title, self.say.facts(data, tables), parts=below)

    def _each(
        self, title: str, items: Sequence[Data] | None, heading: Callable[[Data], str], *in_heading: str
    ) -> Part | None:
        """Return a part with a heading for each item of a list, and below it what the heading does not say."""
        return part(
            title, parts=[Part(heading(one), (self.say.facts(one, ("id", *in_heading)),)) for one in items or ()]
        )

    def _sealed(self) -> Facts | None:
        sealed = {name: self.report[name] for name in ("story_sha256", "story_redacted_sha256") if name in self.report}
        labels = {"story_sha256": "SHA-256 as it was recorded", "story_redacted_sha256": "with secrets replaced"}
        return self.say.facts({labels[name]: seal for name, seal in sealed.items()})

    def _intake(self) -> Part | None:
        intake = self.report.get("intake", {})
        steps = intake.get("steps", ())
        absent = grid(("what", "why"), [(label(name), why) for name, why in intake.get("unavailable", {}).items()])
        return part(
            "What we know from the customer",
            self.say.facts(intake, ("steps", "unavailable")),
            parts=[part("Steps", Steps(tuple(steps))), part("What cannot be had", absent)],
        )

    def _questions(self) -> Part | None:
        asked = self.report.get("questions", ())
        groups = {"Open": [one for one in asked if "answered_at" not in one]}
        groups["Answered"] = [one for one in asked if "answered_at" in one]
        return part(
            "Questions",
            parts=[
                part(name, *(self.say.facts({"question": one["id"], **_without(one, "id")}) for one in questions))
                for name, questions in groups.items()
            ],
        )

    def _timeline(self) -> Part | None:
        rows = [
            (
                *(self.say.time(row["at"]), row["words"], _move(row["from"], row["to"]), person(row["by"])),
                self.say.time(row["recorded_at"]) if row["recorded_at"] else "",
            )
            for row in self.known["timeline"]
        ]
        return part("Timeline", grid(("when", "what", "state", "who", "recorded later"), rows))

    def _precedents(self) -> Part | None:
        return self._section("Earlier reports like it", "precedents", tried="Tried", rejected="Not the same error")

    def _fix(self) -> Part | None:
        return self._section("Fix", "fix", tests="Tests", deployed="Deployments")

    def _messages(self) -> Part | None:
        found = []
        for one in self.report.get("messages", ()):
            way = "to the customer" if one["direction"] == "out" else "from the customer"
            heading = f"{one['id']}: {label(one['kind'])}, {way}, {self.say.time(one['at'])}"
            facts = self.say.facts(one, ("id", "kind", "direction", "at", "text"))
            found.append(part(heading, facts, Verbatim(one["text"])))
        return part("Messages", parts=found)

    def _closure(self) -> Part | None:
        return self._section("How it ended", "closure")

    def _files(self) -> Part | None:
        items = self.report.get("attachments", [])
        table = self.say.table(items, ("id", "file", "kind", "bytes", "sha256"))
        if "file" in table.heads:
            place = table.heads.index("file")
            rows = [
                (*row[:place], self._file(item), *row[place + 1 :]) for row, item in zip(table.rows, items, strict=True)
            ]
            table = Grid(table.heads, tuple(rows))
        return part("Attachments", table)

    def _file(self, item: Data) -> Cell:
        name = item.get("file", "")
        is_harmless = safe_name(name) == name and PurePosixPath(name).suffix.lower() not in _ACTIVE
        return Link(name, f"{self.attachments}/{quote(name)}") if self.attachments and is_harmless else name

    def _clocks(self) -> Part | None:
        rows = [
            (
                clock["what"],
                clock["item"] or "",
                *(self.say.time(clock[name]) if clock[name] else "" for name in ("started_at", "due_at", "ended_at")),
                _OUTCOMES.get(clock["outcome"], clock["outcome"]),
            )
            for clock in self.known["clocks"]
        ]
        return part("Clocks", grid(("waits for", "of", "from", "due", "answered", "outcome"), rows))

    def _history(self) -> Part | None:
        """Return the commits of the report's file."""
        own = f"{self.report['id']}: "
        rows = [
            (self.say.time(one["at"]), person(one["by"]), one["summary"].removeprefix(own), one["commit"][:_SHORT])
            for one in self.known["history"]
        ]
        return part("History", grid(("when", "who", "what", "commit"), rows))

    def _missing(self) -> Part | None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for fact in self.known["missing"]:
            groups.setdefault(fact["for"], []).append((fact["what"], fact["command"]))
        headings = {"diagnosis": "Good to know", "prevention": "Still to be done"}
        return part(
            "Still missing",
            parts=[
                part(headings.get(name, f"Before it is {label(name)}"), Todo(tuple(rows)))
                for name, rows in groups.items()
            ],
        )


def _without(data: Data, *names: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in names}


def _move(came_from: str | None, to: str | None) -> str:
    if to is None or came_from == to:
        return ""
    return f"{came_from} → {to}" if came_from else to


def _attempt(one: Data) -> str:
    return f"{one['id']}: {label(one['outcome'])}, {one['hits']} of {one['runs']} runs, {one['place']}"


def _escalation(one: Data) -> str:
    return f"{one['id']}: {one['to']} {one['party']}, {'back' if 'closed_at' in one else 'open'}"
