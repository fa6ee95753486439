"""The 8D report: eight disciplines, each with what the report knows of it, or what supplies it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from issuelog.exporting.analysis import cause_part, looks_part, measures, walk_part
from issuelog.exporting.document import SEVERITIES, commits, note
from issuelog.exporting.gathered import Facts as Known
from issuelog.exporting.wording import Wording, person
from issuelog.model.paper import Block, Facts, Paper, Part, Steps, Todo, Verbatim, part

Data = Mapping[str, Any]
_DEFECT = ("error_message", "error_code", "expected", "actual", "frequency", "first_seen_at", "consequences")


def eight_d(known: Known) -> Paper:
    """Return the 8D report on a report; a discipline of which nothing is known names the command that helps."""
    report = known["report"]
    head = {
        "severity": SEVERITIES[report["severity"]],
        "state": report["state"],
        "received": report["source"]["received_at"],
        "customer": report.get("customer", {}).get("name"),
        "product": report.get("intake", {}).get("environment", {}).get("product"),
        "version": report.get("intake", {}).get("environment", {}).get("version"),
        "times are in": known["timezone"],
        "as of": known["as_of"],
    }
    facts = Wording(known["timezone"]).facts(head)
    return Paper(known["id"], report["title"], (facts, *note(known)), tuple(_EightD(known).parts()))


class _EightD:
    def __init__(self, known: Known) -> None:
        self.known = known
        self.id: str = known["id"]
        self.report: Data = known["report"]
        self.rca: Data = known["report"].get("rca", {})
        self.say = Wording(known["timezone"])

    def parts(self) -> Iterator[Part]:
        """Yield D1 to D8."""
        planned = 'rca action ID TEXT --kind prevent --strength strong --owner WHO --due TIME --measure "…"'
        yield self._discipline("D1: The team", "nobody owns it", "assign ID WHO", *self._team())
        yield self._discipline("D2: What is wrong", "nothing is known of it", "ask ID --missing", *self._problem())
        yield self._discipline(
            "D3: What holds until the fix", "no way to go on was offered", "workaround ID TEXT", *self._containment()
        )
        yield self._discipline(
            "D4: Why it happened, and why it reached the customer",
            "no cause is named",
            "diagnose ID --cause TEXT --kind code",
            *self._causes(),
        )
        yield self._discipline(
            "D5: What corrects it for good, and how that was proven",
            "no fix is described",
            "fix ID --kind code --summary TEXT --ref REF",
            *self._correction(),
        )
        yield self._discipline(
            "D6: What was put in place",
            "nothing is deployed",
            "deploy ID --version V --place production",
            *self._implemented(),
        )
        yield self._discipline(
            "D7: What keeps it from coming back", "no measure is planned", planned, *self._prevented()
        )
        yield self._discipline(
            "D8: How it ended, and thanks to the team", "it is not closed", "next ID", *self._ended()
        )

    def _discipline(self, title: str, absent: str, command: str, *found: Block | Part | None) -> Part:
        blocks = [one for one in found if not isinstance(one, Part)]
        parts = [one for one in found if isinstance(one, Part)]
        todo = Todo(((absent, f"issuelog {command.replace('ID', self.id, 1)}"),))
        return part(title, *blocks, parts=parts) or Part(title, (todo,))

    def _section(self, name: str, *skip: str, only: Sequence[str] = ()) -> Facts:
        data: Data = self.report.get(name, {})
        return self.say.facts(_named({key: value for key, value in data.items() if not only or key in only}), skip)

    def _team(self) -> Iterator[Block | Part | None]:
        source = self.report["source"]
        roles = {
            "owner": self.report.get("owner"),
            "analysis by": self.rca.get("owner"),
            "reviewed by": self.rca.get("reviewer"),
            "recorded by": source["recorded_by"],
        }
        others = ", ".join(dict.fromkeys(person(row["by"]) for row in self.known["timeline"]))
        yield self.say.facts({**{role: person(who or "") for role, who in roles.items()}, "took part": others})
        helpers = [{key: one.get(key) for key in ("to", "party", "opened_at", "closed_at")} for one in self._help()]
        yield part("Help from outside", self.say.table(helpers))

    def _help(self) -> Sequence[Data]:
        found: Sequence[Data] = self.report.get("escalations", ())
        return found

    def _problem(self) -> Iterator[Block | Part | None]:
        yield Verbatim(self.report["story"])
        intake: Data = self.report.get("intake", {})
        yield self.say.facts({key: intake.get(key) for key in (*_DEFECT, "environment")})
        yield part("Steps", Steps(tuple(intake.get("steps", ()))))
        yield part("How far it reaches", self._section("impact"))
        attempts = [_without(one, "id", "command", "note") for one in self.report.get("attempts", ())]
        yield part("Reproduced", self.say.table(attempts, ("at", "outcome", "hits", "runs", "place")))

    def _containment(self) -> Iterator[Block | Part | None]:
        workaround: Data = self.report.get("workaround", {})
        facts = {"how to go on": workaround.get("text"), **_without(workaround, "text")}
        first = next((one for one in self.report.get("messages", ()) if one["direction"] == "out"), None)
        if first and workaround:
            facts["the customer first heard from us"] = first["at"]
        yield self.say.facts(facts)

    def _causes(self) -> Iterator[Block | Part | None]:
        yield self._section("diagnosis")
        yield from (cause_part(self.say, cause) for cause in self.rca.get("causes", ()))
        yield part("What contributed", self.say.table(self.rca.get("factors", [])))
        yield part("How it was noticed", self.say.facts(self.rca.get("detection")))
        rejected = [one for one in self.report.get("hypotheses", ()) if one["result"] == "rejected"]
        ruled_out = [_without(one, "id", "by", "result") for one in rejected]
        yield part("Ruled out", self.say.table(ruled_out, ("text", "test")))

    def _correction(self) -> Iterator[Block | Part | None]:
        yield self._section("fix", "tests", "deployed", "fixed_in")
        tests = [_without(one, "id") for one in self.report.get("fix", {}).get("tests", ())]
        yield part("Tests", self.say.table(tests, ("at", "mode", "scenario")))
        yield commits(self.known, self.say)

    def _implemented(self) -> Iterator[Block | Part | None]:
        fix: Data = self.report.get("fix", {})
        # An id such as D1 would be taken for a discipline.
        yield self.say.table([_without(one, "id") for one in fix.get("deployed", ())], ("at", "version", "place"))
        yield self.say.facts({"fixed in": fix.get("fixed_in")})
        yield part("Confirmed by the customer", self._section("verification"))
        yield part("Watched afterwards", self._section("monitor", "checks"))

    def _prevented(self) -> Iterator[Block | Part | None]:
        yield measures(self.rca, self.say)
        yield looks_part(self.rca, self.say)
        yield walk_part(self.rca)
        yield part("What is not done, and why", self.say.table(self.rca.get("not_done", [])))
        yield part("Earlier errors like it", self.say.facts(self.rca.get("recurrence")))
        yield self.say.facts({"where else": self.rca.get("spread"), **_known_error(self.report)})

    def _ended(self) -> Iterator[Block | Part | None]:
        closure: Data = self.report.get("closure", {})
        told = {"what happened": self.rca.get("summary"), "for the customer": self.rca.get("customer_summary")}
        accepted = {"analysis accepted": self.rca.get("accepted_at")} if closure else {}
        yield self.say.facts({**told, **_named(closure), **accepted})
        yield part("What the customer thought of it", self._section("feedback"))


def _named(data: Data) -> Data:
    """Return a section with nothing of who did it but the name: the report may go to the customer."""
    return {key: person(value) if key == "by" else value for key, value in data.items()}


def _known_error(report: Data) -> dict[str, Any]:
    return {"known error": report.get("links", {}).get("known_error")}


def _without(data: Data, *names: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in names}
