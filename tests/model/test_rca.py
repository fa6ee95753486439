"""When a root cause analysis is complete, and what is said of one that is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from issuelog.model.guards import aimed
from issuelog.model.rca import RULES, findings
from issuelog.model.report import Rca

DUE = datetime(2026, 12, 15, tzinfo=UTC)


def complete() -> dict[str, Any]:
    """Return an analysis that satisfies every rule."""
    whys = [{"id": f"W{number}", "why": f"why {number}", "evidence": "a log"} for number in (1, 2, 3)]
    return {
        "status": "draft",
        "causes": [
            {"id": "C1", "kind": "occurrence", "whys": whys, "end_kind": "design"},
            {"id": "C2", "kind": "escape", "whys": [dict(why) for why in whys], "end_kind": "tooling"},
        ],
        "actions": [
            {
                "id": "A1",
                "text": "a nightly export",
                "kind": "prevent",
                "strength": "strong",
                "owner": "Li Wei",
                "due_at": DUE,
                "measure": "it is green",
                "cause": "C1",
            },
            {
                "id": "A2",
                "text": "data of real size",
                "kind": "detect",
                "strength": "intermediate",
                "owner": "Li Wei",
                "due_at": DUE,
                "measure": "it is used",
                "cause": "C2",
            },
        ],
    }


def relevant(data: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return the findings that are not those of an analysis which is complete but for its surroundings."""
    usual = {found.rule for found in findings(Rca.model_validate(complete()))}
    return [
        (found.rule, found.what, found.command)
        for found in findings(Rca.model_validate(data))
        if found.rule not in usual
    ]


def spoilt(spoil: Callable[[dict[str, Any]], object]) -> list[tuple[str, str, str]]:
    data = complete()
    spoil(data)
    return relevant(data)


@pytest.mark.parametrize(
    ("spoil", "rule", "what", "command"),
    [
        (
            lambda rca: rca["causes"].pop(0),
            "both_causes",
            "no occurrence cause: why it happened",
            "rca why --cause occurrence",
        ),
        (
            lambda rca: rca["causes"].pop(1),
            "both_causes",
            "no escape cause: why it reached the customer",
            "rca why --cause escape",
        ),
        (lambda rca: rca["causes"][1]["whys"].pop(), "deep_enough", "2 of 3 whys", "rca why --cause escape"),
        (
            lambda rca: rca["causes"][0]["whys"][1].pop("evidence"),
            "evidence",
            "W2 of the occurrence cause C1 has no evidence",
            "set rca.causes.C1.whys.W2.evidence=TEXT",
        ),
        (
            lambda rca: rca["causes"][0].pop("end_kind"),
            "systemic_end",
            "the occurrence cause C1",
            "rca why --cause occurrence --ends-in",
        ),
        (
            lambda rca: rca["actions"][0].update(strength="weak"),
            "prevented",
            "no preventive action stronger than training",
            "rca action TEXT --kind prevent",
        ),
        (lambda rca: rca["actions"][0].update(kind="mitigate"), "prevented", "no preventive action", "rca action"),
        (
            lambda rca: rca["actions"][1].pop("owner"),
            "actions_owned",
            "action A2 has no owner",
            "set rca.actions.A2.owner=",
        ),
        (
            lambda rca: rca["actions"][1].pop("due_at"),
            "actions_owned",
            "action A2 has no due_at",
            "set rca.actions.A2.due_at=",
        ),
        (
            lambda rca: rca["actions"][1].pop("measure"),
            "actions_owned",
            "action A2 has no measure",
            "set rca.actions.A2.measure=",
        ),
    ],
)
def test_each_fault_is_found_by_itself(
    spoil: Callable[[dict[str, Any]], object], rule: str, what: str, command: str
) -> None:
    ((found, words, helps),) = [one for one in spoilt(spoil) if one[0] == rule]
    assert found == rule
    assert what in words
    assert helps.startswith(command)


@pytest.mark.parametrize("status", ["done", "dropped"])
def test_an_ended_action_needs_no_owner(status: str) -> None:
    def spoil(rca: dict[str, Any]) -> None:
        rca["actions"][1].update(status=status)
        del rca["actions"][1]["owner"], rca["actions"][1]["due_at"], rca["actions"][1]["measure"]

    assert "actions_owned" not in {rule for rule, _, _ in spoilt(spoil)}


def test_a_dropped_action_prevents_nothing() -> None:
    assert "prevented" in {rule for rule, _, _ in spoilt(lambda rca: rca["actions"][0].update(status="dropped"))}


def test_an_action_that_was_done_still_prevents() -> None:
    assert spoilt(lambda rca: rca["actions"][0].update(status="done")) == []


def test_an_empty_analysis_lacks_both_causes_and_a_measure() -> None:
    assert [rule for rule, _, _ in relevant({})] == ["both_causes", "both_causes", "prevented"]


def test_findings_come_in_the_order_of_the_rules() -> None:
    order = [rule.__name__.removeprefix("_") for rule in RULES]
    found = [finding.rule for finding in findings(Rca.model_validate({"causes": [{"id": "C1", "kind": "escape"}]}))]
    assert found == sorted(found, key=order.index)
    assert set(found) <= set(order)


@pytest.mark.parametrize(
    ("command", "with_id"),
    [
        ("rca why --cause escape --why TEXT", "rca why CR-261116-7K3M --cause escape --why TEXT"),
        ("rca action TEXT --kind prevent", "rca action CR-261116-7K3M TEXT --kind prevent"),
        ("set rca.actions.A1.owner=VALUE", "set CR-261116-7K3M rca.actions.A1.owner=VALUE"),
    ],
)
def test_a_finding_s_command_takes_the_report_behind_its_name(command: str, with_id: str) -> None:
    assert aimed(command, "CR-261116-7K3M") == with_id
