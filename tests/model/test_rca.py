"""When a root cause analysis is complete, and what is said of one that is not: each rule by examples."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.model.guards import aimed
from issuelog.model.policy import Policy
from issuelog.model.rca import RULES, Failed, Finding, findings, why_required
from issuelog.model.rca.likeness import alike, person_in, phrase_in
from issuelog.model.rca.words import BLAME, HOPE, MADE, PONDER
from issuelog.model.report import Report

ANA, LI = "Ana Reyes <ana@example.com>", "Li Wei <li@example.com>"
POLICY = Policy.model_validate({"people": {"kim": "Kim Lee <kim@example.com>"}})
ROOT = "design notes are never revisited"
FAILED = Failed("CR-260301-AAAA", (ROOT,), "A1: it stopped again")
Spoil = Callable[[dict[str, Any]], object]


def complete() -> dict[str, Any]:
    """Return an analysis that satisfies every rule."""
    return {
        "status": "draft",
        "owner": ANA,
        "causes": [
            chain("C1", "occurrence", "design", "the worker kept the file in memory", "200 lines were assumed", ROOT),
            chain(
                "C2", "escape", "tooling", "no test had more lines", "fixtures are made by hand", "real data is rare"
            ),
        ],
        "detection": {"how": "a call", "should_have": "the export alarm", "gap_minutes": "360"},
        "process_walk": dict.fromkeys(POLICY.rca_stages, "none"),
        "actions": [
            {
                **{"id": "A1", "text": "stream all exports", "kind": "prevent", "strength": "strong", "cause": "C1"},
                **{"owner": LI, "due_at": "2026-12-15T09:00:00Z", "measure": "it is green"},
            },
            {
                **{"id": "A2", "text": "add data of real size", "kind": "detect", "strength": "intermediate"},
                **{"owner": LI, "due_at": "2026-12-15T09:00:00Z", "measure": "it is used", "cause": "C2"},
            },
        ],
        "recurrence": {
            **{"searched_at": "2026-11-20T09:00:00Z", "since": "2024-11-20T09:00:00Z"},
            "conclusion": "the first of its kind",
        },
    }


def chain(identifier: str, kind: str, end: str, *whys: str) -> dict[str, Any]:
    told = [{"id": f"W{number}", "why": why, "evidence": "a log"} for number, why in enumerate(whys, 1)]
    return {"id": identifier, "kind": kind, "whys": told, "end_kind": end}


def reported(rca: dict[str, Any], **more: Any) -> Report:
    """Return a report with this analysis, begun on 16 November."""
    at = "2026-11-16T09:00:00Z"
    event = {"at": at, "by": ANA}
    return Report.model_validate(
        {
            **{"schema": "1", "id": "CR-261116-7K3M", "title": "export stops", "state": "rca", "severity": "S1"},
            "source": {"channel": "email", "received_at": at, "recorded_at": at, "recorded_by": ANA},
            **{
                "customer": {"name": "Acme"},
                "story": "It stops.",
                "story_sha256": sha256(b"It stops.").hexdigest(),
                "rca": rca,
            },
            "events": [
                {**event, "id": "01KA5H2B0000000000000000AA", "action": "new", "to": "new"},
                {**event, "id": "01KA5H2B0000000000000000AB", "action": "rca start"},
            ],
            **more,
        }
    )


def found(rca: dict[str, Any], failed: Sequence[Failed] = ()) -> list[Finding]:
    return findings(reported(rca), POLICY, failed)


def spoilt(spoil: Spoil) -> dict[str, Any]:
    rca = copy.deepcopy(complete())
    spoil(rca)
    return rca


def last_why(text: str) -> Spoil:
    return lambda rca: rca["causes"][0]["whys"][2].update(why=text)


def action(**facts: Any) -> Spoil:
    return lambda rca: rca["actions"][0].update(facts)


def taking(name: str, *path: str | int) -> Spoil:
    """Take away a fact at a place."""

    def spoil(rca: Any) -> None:
        for part in path:
            rca = rca[part]
        del rca[name]

    return spoil


def nothing(_: dict[str, Any]) -> None:
    """Spoil nothing."""


EXAMPLES: Mapping[str, tuple[Sequence[Spoil], Sequence[Spoil]]] = {
    "both_causes": ([nothing], [lambda rca: rca["causes"].pop(0), lambda rca: rca["causes"].pop(1)]),
    "deep_enough": ([nothing], [lambda rca: rca["causes"][1]["whys"].pop()]),
    "evidence": ([nothing], [lambda rca: rca["causes"][0]["whys"][1].pop("evidence")]),
    "whys_differ": (
        [nothing, last_why("200 files were planned")],
        [last_why("The worker kept the whole file in memory."), last_why("200 lines were assumed")],
    ),
    "no_person": (
        [
            last_why("nothing asks whether the limit still holds"),
            last_why("nobody sees a kimono"),
            last_why("our acmeist mail"),
        ],
        [
            last_why("Kim did not look at it"),
            last_why("ana reyes changed it"),
            last_why("li@example.com had the key"),
            last_why("it was human error"),
            last_why("the reviewer should have been more careful"),
            last_why("somebody forgot to raise the limit"),
            last_why("menschliches Versagen im Betrieb"),
            last_why("Acme sent too many lines"),
        ],
    ),
    "systemic_end": ([nothing], [lambda rca: rca["causes"][0].pop("end_kind")]),
    "prevented": (
        [nothing, action(status="done", evidence="it is green")],
        [action(strength="weak"), action(kind="mitigate"), action(status="dropped"), action(text="be careful")],
    ),
    "actions_owned": (
        [nothing, lambda rca: [rca["actions"][1].update(status="done"), rca["actions"][1].pop("owner")]],
        [taking(name, "actions", 1) for name in ("owner", "due_at", "measure")],
    ),
    "actions_do": (
        [nothing, action(text="improve the export: add a test of 10,000 lines"), action(text="Limit einbauen")],
        [
            action(text=text)
            for text in (
                "investigate the memory",
                "consider another format",
                "Improve the export",
                "be more careful with limits",
                "remind the team to add tests",
                "Exporte genauer untersuchen",
                "Team sensibilisieren",
            )
        ],
    ),
    "due_in_time": (
        [action(due_at="2027-02-14T09:00:00Z"), action(due_at="2027-12-01T09:00:00Z", status="done")],
        [action(due_at="2027-02-15T10:00:00Z")],
    ),
    "answered": (
        [
            lambda rca: [
                rca["actions"][1].pop("cause"),
                rca.update(not_done=[{"id": "N1", "what": "more data", "why": "too dear", "cause": "C2"}]),
            ]
        ],
        [lambda rca: rca["actions"][1].pop("cause"), lambda rca: rca["actions"][1].update(status="dropped")],
    ),
    "detection": (
        [lambda rca: rca["detection"].update(gap_minutes="0")],
        [taking(name, "detection") for name in ("how", "should_have", "gap_minutes")],
    ),
    "searched": (
        [nothing],
        [
            lambda rca: rca.pop("recurrence"),
            lambda rca: rca["recurrence"].update(since="2025-11-20T09:00:00Z"),
            lambda rca: rca["recurrence"].pop("conclusion"),
        ],
    ),
    "walked": (
        [lambda rca: rca.update(process_walk={stage.upper(): "none" for stage in POLICY.rca_stages})],
        [lambda rca: rca["process_walk"].pop("review"), lambda rca: rca["process_walk"].update(test=" ")],
    ),
    "reviewer": (
        [lambda rca: rca.update(reviewer=LI)],
        [lambda rca: rca.update(reviewer="ANA REYES <ana@example.com>"), lambda rca: rca.update(reviewer=ANA)],
    ),
    "earlier_held": (
        [last_why("nobody measures sizes"), lambda rca: rca["recurrence"].update(conclusion=f"{FAILED.report}: more")],
        [nothing],
    ),
}
"""For each rule, what keeps it and what breaks it; `earlier_held` with an analysis that did not hold."""


def broken(rule: str, spoil: Spoil) -> list[Finding]:
    failed = [FAILED] if rule == "earlier_held" else []
    return [one for one in found(spoilt(spoil), failed) if one.rule == rule]


def test_every_rule_has_an_example_that_keeps_it_and_one_that_breaks_it() -> None:
    assert EXAMPLES.keys() == RULES.keys()
    assert all(keeps and breaks for keeps, breaks in EXAMPLES.values())


@pytest.mark.parametrize(("rule", "keeps"), [(rule, spoil) for rule, (keeps, _) in EXAMPLES.items() for spoil in keeps])
def test_what_keeps_a_rule_is_not_found(rule: str, keeps: Spoil) -> None:
    assert broken(rule, keeps) == []


@pytest.mark.parametrize(
    ("rule", "breaks"), [(rule, spoil) for rule, (_, breaks) in EXAMPLES.items() for spoil in breaks]
)
def test_each_fault_is_found_by_itself(rule: str, breaks: Spoil) -> None:
    (one,) = broken(rule, breaks)
    assert one.place.startswith("rca.")
    assert one.what
    assert one.helps
    assert one.command.split(" ")[0] in {"rca", "set"}


def test_a_complete_analysis_has_no_finding() -> None:
    assert found(complete()) == []


def test_an_empty_analysis_lacks_all_that_does_not_hang_on_something_else() -> None:
    rules = [one.rule for one in found({})]
    assert rules == ["both_causes", "both_causes", "prevented", "detection", "searched", "walked"]


def test_findings_come_in_the_order_of_the_rules() -> None:
    rules = [one.rule for one in found({"causes": [{"id": "C1", "kind": "escape"}]})]
    assert rules == sorted(rules, key=[*RULES].index)


def test_a_measure_counts_its_days_from_when_it_was_planned() -> None:
    later = {"id": "01KA5H2B0000000000000000AC", "at": "2026-12-16T09:00:00Z", "by": ANA, "action": "rca action"}
    report = reported(spoilt(action(due_at="2027-03-01T09:00:00Z")))
    told = report.model_copy(
        update={"events": [*report.events, report.events[0].model_validate({**later, "rca_action": "A1"})]}
    )
    assert [one.rule for one in findings(report, POLICY)] == ["due_in_time"]
    assert findings(told, POLICY) == []


def test_the_days_and_the_stages_are_the_policy_s() -> None:
    strict = Policy.model_validate({"rca_action_days": 7, "rca_stages": ["idea", "support"]})
    rules = {one.rule: one.what for one in findings(reported(complete()), strict)}
    assert rules.keys() == {"due_in_time", "walked"}
    assert rules["walked"] == "stages that were not walked: idea"


@pytest.mark.parametrize("lists", [BLAME, HOPE, PONDER, MADE])
def test_every_phrase_of_a_list_is_found_in_a_sentence(lists: dict[str, str]) -> None:
    for phrases in lists.values():
        for phrase in (line.strip().replace("*", "") for line in phrases.splitlines() if line.strip()):
            assert phrase_in(f"then {phrase.capitalize()}, as said", lists), phrase


def test_a_name_that_is_a_word_counts_in_full_only() -> None:
    assert person_in("Will the limit hold?", ["Will Hunt <will@example.com>"]) is None
    assert person_in("Hunt set it", ["Will Hunt <will@example.com>"])
    assert person_in("will hunt set it", ["Will Hunt <will@example.com>"])


@given(st.text(max_size=80), st.text(max_size=80))
def test_likeness_has_no_direction_and_a_text_is_like_itself(one: str, other: str) -> None:
    assert alike(one, one)
    assert alike(one, other) == alike(other, one)


@pytest.mark.parametrize(
    ("more", "alike_ones", "reason"),
    [
        ({"severity": "S4"}, (), None),
        ({"severity": "S2"}, (), "severity S2"),
        ({"severity": "S4", "impact": {"data_loss": "a day of orders"}}, (), "data was lost"),
        ({"severity": "S4", "impact": {"security": "keys were shown"}}, (), "it concerns security"),
        ({"severity": "S4", "impact": {"security": "none"}}, (), None),
        ({"severity": "S4", "links": {"recurrence_of": "CR-260301-AAAA"}}, (), "it is CR-260301-AAAA again"),
        ({"severity": "S4"}, ("CR-261110-AAAA",), None),
        ({"severity": "S4"}, ("CR-261110-AAAA", "CR-261111-AAAB"), "CR-261110-AAAA, CR-261111-AAAB are like it"),
    ],
)
def test_why_policy_asks_for_an_analysis(more: dict[str, Any], alike_ones: tuple[str, ...], reason: str | None) -> None:
    report = reported({}, **more)
    told = why_required(report, POLICY, alike_ones)
    assert (told or "").startswith(reason or "")
    assert (told is None) is (reason is None)


@pytest.mark.parametrize(("reason", "told"), [("recurred", "it recurred"), ("premature", "it was reopened")])
def test_what_came_back_is_analysed(reason: str, told: str) -> None:
    report = reported({}, severity="S4")
    back = {"id": "01KA5H2B0000000000000000AD", "at": "2026-11-17T09:00:00Z", "by": ANA, "action": "reopen"}
    again = report.events[0].model_validate({**back, "from": "closed", "to": "acknowledged", "reason": reason})
    assert why_required(report.model_copy(update={"events": [*report.events, again]}), POLICY) == told


@pytest.mark.parametrize(
    ("command", "with_id"),
    [
        ("rca why --cause escape --why TEXT", "rca why CR-261116-7K3M --cause escape --why TEXT"),
        ("rca action TEXT --kind prevent", "rca action CR-261116-7K3M TEXT --kind prevent"),
        ("set rca.actions.A1.owner=VALUE", "set CR-261116-7K3M rca.actions.A1.owner=VALUE"),
        ("rca edit", "rca edit CR-261116-7K3M"),
    ],
)
def test_a_finding_s_command_takes_the_report_behind_its_name(command: str, with_id: str) -> None:
    assert aimed(command, "CR-261116-7K3M") == with_id
