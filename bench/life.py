"""The life of one report, invented: what happened to it until the two years were over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bench import words
from bench.words import Trouble
from issuelog.model.identifier import ulid
from issuelog.model.report import seal

START = datetime(2024, 11, 1, tzinfo=UTC)
SPAN = timedelta(days=730)
END = START + SPAN
"""Reports are spread over these two years, and whatever would happen later has not happened."""

_STATES = ("new", "acknowledged", "reproduced", "resolved", "rca", "closed")
_REACHED = (13, 24, 13, 9, 3, 38)
_ENDINGS = ("duplicate", "not_an_error", "wont_fix", "withdrawn", "no_response", "spam")
_LABELS = ("import", "month-end", "regression", "vip", "mobile")
_LARGE_SHARE = 0.02
_BRIEF_SHARE = 0.8


class _Over(Exception):
    """The two years are over."""


class Life:
    """One report from the first alert as far as it came; `data` is what its file is to hold."""

    def __init__(self, random: Random, name: str, received: datetime) -> None:
        self.random = random
        self.at = received
        self.trouble: Trouble = random.choice(words.TROUBLES)
        self.number = random.randrange(2, 900)
        self.owner, self.second = random.sample(words.PEOPLE, 2)
        self.customer, self.contact, tier, language, zone = random.choice(words.CUSTOMERS)
        self.product = random.choice(list(words.COMPONENTS))
        self.version = f"{random.randrange(6, 10)}.{random.randrange(20)}"
        self.channel = random.choice(("email", "email", "email", "web", "web", "phone", "chat", "api"))
        self.brief = random.random() < _BRIEF_SHARE
        story = self._story()
        recorded = received + timedelta(minutes=random.randrange(30))
        self.data: dict[str, Any] = {
            "schema": 1,
            "id": name,
            "title": self.said(self.trouble.title),
            "state": "new",
            "severity": random.choices(("S1", "S2", "S3", "S4"), (4, 14, 50, 32))[0],
            "component": random.choice(words.COMPONENTS[self.product]),
            "labels": random.sample(_LABELS, random.choice((0, 0, 1, 2))),
            "source": {
                "channel": self.channel,
                "received_at": received,
                "recorded_at": recorded,
                "recorded_by": self.owner,
                "external_ref": f"TICKET-{random.randrange(10**6)}" if random.random() < 0.4 else None,
            },
            "customer": {
                "name": self.customer,
                "contact": self.contact,
                "tier": tier,
                "language": language,
                "timezone": zone,
            },
            "story": story,
            "story_sha256": seal(story),
            "intake": self._intake(),
        }
        self.event(random.choice(("new", "new", "import")), to="new")

    def said(self, text: str) -> str:
        """Return a text of the trouble with this report's number in it."""
        return text.replace("{n}", str(self.number))

    def part(self, name: str) -> dict[str, Any]:
        """Return a section, made where there is none."""
        made: dict[str, Any] = self.data.setdefault(name, {})
        return made

    def add(self, items: list[Any], letter: str, **facts: Any) -> str:
        """Append an item to a list and return its id."""
        items.append({"id": f"{letter}{len(items) + 1}", **facts})
        return f"{letter}{len(items)}"

    def event(self, action: str, *, to: str | None = None, **facts: Any) -> None:
        """Record a step, and the state that it leads to."""
        events = self.data.setdefault("events", [])
        came_from = self.data["state"] if to and events else None
        newest = events[-1]["id"] if events else None
        head = {"id": ulid(self.at, self.random.randbytes(10), newest), "at": self.at, "by": self.owner}
        events.append({**head, "action": action, "from": came_from, "to": to, **facts})
        self.data["state"] = to or self.data["state"]

    def detail(self, action: str, **facts: Any) -> None:
        """Record a step that a brief report takes together with the next."""
        if not self.brief:
            self.event(action, **facts)

    def may(self, chance: float) -> bool:
        """Whether something happens that a brief report does without."""
        return not self.brief and self.random.random() < chance

    def later(self, hours: float) -> None:
        """Let some time pass, in the mean so many hours."""
        self.at += timedelta(seconds=60 + int(self.random.expovariate(1 / hours) * 3600))
        if self.at > END:
            raise _Over

    def message(self, kind: str, text: str, *, promise: float | None = None, incoming: bool = False) -> str:
        """Record a message between us and the customer and return its id."""
        return self.add(
            self.data.setdefault("messages", []),
            "M",
            direction="in" if incoming else "out",
            kind=kind,
            channel=self.channel,
            at=self.at,
            by=self.customer if incoming else self.owner,
            text=text,
            next_update_at=self.at + timedelta(hours=promise) if promise else None,
        )

    def live(self, original: str | None) -> None:
        """Go as far as chance and the calendar let it."""
        wanted = _STATES.index(self.random.choices(_STATES, _REACHED)[0])
        try:
            if wanted == 0:
                return
            self._acknowledged()
            if wanted == 5 and self.random.random() < 0.2:
                self._ended(original)
                return
            for stage in (self._reproduced, self._resolved, self._analysed, self._closed)[: wanted - 1]:
                stage()
            if wanted == 5 and self.random.random() < 0.04:
                self._reopened()
        except _Over:
            return

    def _story(self) -> str:
        lines = self.random.sample(words.STORY, self.random.randrange(1, 6))
        signed = [self.random.choice(words.CONTACTS), self.customer, ""]
        return "\n".join(["Hello,", "", f"{self.said(self.trouble.actual)}.", *lines, "", *signed])

    def _intake(self) -> dict[str, Any]:
        trouble, random = self.trouble, self.random
        return {
            "error_message": self.said(trouble.message),
            "steps": [self.said(step) for step in trouble.steps],
            "expected": self.said(trouble.expected),
            "actual": self.said(trouble.actual),
            "frequency": random.choice(("always", "often", "sometimes", "once", "unknown")),
            "environment": {
                "product": self.product,
                "version": self.version,
                "os": random.choice(words.SYSTEMS),
                "browser": random.choice(words.BROWSERS) if self.product.endswith("web") else None,
            },
            "consequences": self.said(trouble.consequences),
        }

    def _log(self) -> str:
        """Return what the customer's machine wrote, about 50 kB of it."""
        lines = []
        for number in range(self.random.randrange(550, 750)):
            at = self.at + timedelta(milliseconds=37 * number)
            level = self.random.choice(("DEBUG", "INFO", "INFO", "WARN", "ERROR"))
            task = self.random.getrandbits(32)
            lines.append(f"{at:%Y-%m-%d %H:%M:%S} {level:5} [worker-{number % 8}] task {task:08x}: step {number}, ok")
        return "Here is our log:\n\n" + "\n".join(lines) + "\n"

    def _acknowledged(self) -> None:
        random = self.random
        self.later(1)
        thanks = "Thank you for reporting this. We are sorry for the trouble."
        text = f"Hello,\n\n{thanks}\nYour report is {self.data['id']}.\n"
        message = self.message("acknowledge", text, promise=8)
        self.data["owner"] = self.owner
        self.event("acknowledge", to="acknowledged", message=message)
        if self.may(0.9):
            self.later(2)
            self.data["impact"] = {"users": self.number, "accounts": random.randrange(1, 5)}
            self.data["severity_reason"] = "It holds up the daily work of a whole team"
            self.event("triage")
        if self.may(0.7):
            self._asked()
        if random.random() < _LARGE_SHARE:
            self.later(4)
            self.event("received", message=self.message("answer", self._log(), incoming=True))
        if self.may(0.6):
            self.later(5)
            self.event("note", text=random.choice(words.NOTES))
        if self.may(0.4):
            self._escalated()

    def _asked(self) -> None:
        self.later(2)
        asked = self.at
        text = "Since when do you see it, and what changed shortly before?"
        message = self.message("ask", f"Hello,\n\nTwo answers would help us most:\n\n1. {text}\n", promise=24)
        question = {"field": "changed_before", "text": text, "asked_at": asked}
        questions = self.data.setdefault("questions", [])
        found = self.add(questions, "Q", **question)
        self.data["waiting_on"] = "customer"
        self.event("ask", questions=[found], message=message)
        if self.random.random() < 0.8:
            self.later(12)
            answer = self.random.choice(words.ANSWERS)
            questions[-1] |= {"answered_at": self.at, "answer": answer}
            self.data["intake"]["changed_before"] = answer
            self.data["waiting_on"] = None
            self.event("answer", question=found)

    def _escalated(self) -> None:
        self.later(6)
        found = {"to": "vendor", "party": "Nordic Hosting", "reason": self.said(self.trouble.actual)}
        times = {"due_at": self.at + timedelta(days=2), "opened_at": self.at}
        escalations = self.data.setdefault("escalations", [])
        escalation = self.add(escalations, "E", **found, tried_so_far=["a restart", "another machine"], **times)
        self.event("escalate", escalation=escalation, party="Nordic Hosting")
        if self.random.random() < 0.85:
            self.later(30)
            escalations[-1] |= {"closed_at": self.at, "outcome": "They see nothing unusual on their side"}
            self.event("escalate back", escalation=escalation)

    def _attempt(self, *, place: str, hits: int) -> None:
        runs = self.random.randrange(max(hits, 1), 12)
        outcome = "not_reproduced" if not hits else "reproduced" if hits == runs else "intermittent"
        attempt = self.add(
            self.data.setdefault("attempts", []),
            "R",
            at=self.at,
            by=self.owner,
            place=place,
            environment={"product": self.product, "version": self.version},
            runs=runs,
            hits=hits,
            outcome=outcome,
            note=self.random.choice(words.NOTES) if self.random.random() < 0.3 else None,
        )
        self.event("reproduce", to="reproduced" if hits else None, attempt=attempt, outcome=outcome)

    def _reproduced(self) -> None:
        if self.may(0.5):
            self.later(6)
            self._attempt(place="sandbox", hits=0)
        self.later(10)
        self._attempt(place=self.random.choice(("sandbox", "vm", "container", "staging")), hits=2)
        if self.may(0.7):
            self.later(3)
            message = self.message("update", f"Hello,\n\n{self.random.choice(words.UPDATES)}\n", promise=24)
            self.event("update", message=message)

    def _resolved(self) -> None:
        trouble, random = self.trouble, self.random
        if self.may(0.6):
            self.later(4)
            guess = {"text": self.said(trouble.cause), "test": "Measure it on a copy", "at": self.at, "by": self.owner}
            found = self.add(self.data.setdefault("hypotheses", []), "H", **guess, result="confirmed")
            self.event("hypothesis add", hypothesis=found)
        self.later(20)
        self.data["diagnosis"] = {"cause": self.said(trouble.cause), "kind": trouble.kind, "confidence": "confirmed"}
        self.data["diagnosis"] |= {"introduced_in": self.version, "at": self.at}
        self.detail("diagnose", kind=trouble.kind)
        self.later(20)
        fix = self.part("fix")
        fix |= {"kind": trouble.kind, "summary": self.said(trouble.cure), "rollback": "Install the version before it"}
        fix["refs"] = [f"git:{random.getrandbits(160):040x}", f"pr:{random.randrange(9000)}"]
        self.detail("fix", refs=fix["refs"])
        for mode in ("automated", "manual"):
            self.later(3)
            told = {"level": "acceptance", "mode": mode, "scenario": self.said(trouble.expected)}
            test = self.add(fix.setdefault("tests", []), "T", **told, result="pass", at=self.at, by=self.owner)
            self.detail("test", test=test, result="pass")
        self.later(10)
        fix["fixed_in"] = f"{self.version}.{len(fix.get('deployed', [])) + 1}"
        deployed = {"version": fix["fixed_in"], "place": "production", "at": self.at}
        self.detail("deploy", deployment=self.add(fix.setdefault("deployed", []), "D", **deployed))
        self.later(2)
        said = f"What happened: {self.said(trouble.cause)}\nWhat we changed: {fix['summary']}\n"
        message = self.message("resolution", f"Hello,\n\nIt is corrected.\n\n{said}\nDoes it work for you now?\n")
        self.data["verification"] = {"requested_at": self.at}
        self.event("resolve", to="resolved", message=message)

    def _analysed(self) -> None:
        if self.data["severity"] not in {"S1", "S2"}:
            return
        self.later(20)
        trouble, rca = self.trouble, self.part("rca")
        rca |= {"status": "draft", "owner": self.owner, "due_at": self.at + timedelta(days=10)}
        self.event("rca start", to="rca", owner=self.owner)
        rca["causes"] = []
        for kind in ("occurrence", "escape"):
            self.later(4)
            whys: list[Any] = []
            for why in trouble.whys:
                self.add(whys, "W", why=why, evidence=self.said("seen in the record of {n} cases"))
            cause = self.add(rca["causes"], "C", kind=kind, whys=whys, end_kind=trouble.ends_in)
            self.event("rca why", cause=cause, why="W3")
        rca["detection"] = {"how": "A customer told us", "should_have": trouble.measure, "gap_minutes": self.number}
        plan = {"text": trouble.measure, "kind": "prevent", "strength": "strong", "cause": "C1", "owner": self.second}
        action = self.add(rca.setdefault("actions", []), "A", **plan, due_at=self.at + timedelta(days=30))
        rca["actions"][-1]["measure"] = "None of its kind in 90 days"
        self.event("rca action", rca_action=action)

    def _closed(self) -> None:
        self.later(60)
        self.data["verification"] |= {"outcome": "confirmed", "at": self.at, "by": self.customer}
        self.event("verify", outcome="confirmed")
        if self.random.random() < 0.3:
            self.data["feedback"] = {"score": self.random.randrange(1, 6), "at": self.at}
        self.later(10)
        if self.data["state"] == "rca":
            self.part("rca").update(status="accepted", reviewer=self.second, accepted_at=self.at)
            self.part("rca")["actions"][0] |= {"status": "done", "evidence": "It ran", "closed_at": self.at}
            self.data["compensation"] = {"decision": "none", "at": self.at}
            self.event("rca accept", reviewer=self.second)
        self.part("links")["known_error"] = "none"
        self.data["closure"] = {"resolution": "fixed", "at": self.at, "by": self.owner}
        self.event("close", to="closed", resolution="fixed")

    def _reopened(self) -> None:
        self.later(200)
        self.data["verification"] = {}
        self.data["closure"] = {}
        self.event("reopen", to="acknowledged", reason="not_fixed", evidence=self.random.choice(words.ANSWERS))

    def _ended(self, original: str | None) -> None:
        self.later(30)
        ending = self.random.choice(_ENDINGS if original else _ENDINGS[1:])
        facts: dict[str, Any] = {"resolution": ending}
        if ending == "duplicate":
            facts["duplicate_of"] = self.part("links")["duplicate_of"] = original
        if ending != "spam":
            facts["message"] = self.message(ending, "Hello,\n\nWe are sorry for the trouble. Here is the way on.\n")
        self.data["closure"] = {"resolution": ending, "at": self.at, "by": self.owner}
        self.data["waiting_on"] = None
        self.event("duplicate" if ending == "duplicate" else f"close --as {ending}", to="closed", **facts)
