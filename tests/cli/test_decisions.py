"""What is decided besides the fix: help from outside, compensation, a legal review, and the look whether it is back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.lives import ACCEPT, ACK, ANALYSIS, CLOSABLE, CONFIRM, PAID, READY, RESOLVE, Life, lived

ESCALATE = "escalate ID --to vendor --party Initech --reason 'their driver' --tried 'version 4.2' --due 2d"
BACK = "escalate ID --back --outcome 'fixed in their 4.3'"
UPDATE = "update ID --confirmed 'the export stops' --checking 'the driver'"
OFFER = "compensate ID --decision offered --kind credit --amount 50.00 --currency EUR --approved-by 'Kim Lee'"
UNPAID = tuple(step for step in CLOSABLE if step != PAID)
IN_REVIEW = "legal ID --review in_review"


def due(life: Life, clock: str, *more: str) -> list[dict[str, Any]]:
    return [row for row in life.tracker.json("due", *more) if row["clock"] == clock]


def runs(life: Life, clock: str, *more: str) -> list[dict[str, Any]]:
    explained = life.tracker.json("sla", "explain", life.id, *more)["clocks"]
    return [run for run in explained if run["clock"] == clock]


def policy(life: Life, text: str) -> None:
    config = life.tracker.root / ".issuelog/config.yaml"
    config.write_text(f"{config.read_text()}\n{text}\n")


def next_command(life: Life) -> str:
    found: str = life.tracker.json("next", life.id)["command"]
    return found


# --- Help from outside ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        (ESCALATE.replace("--due 2d", "--due '2h ago'"), 2, "which is past"),
        (f"{ESCALATE} --back", 2, "--outcome and --which alone"),
        (f"{ESCALATE} --outcome x", 2, "go with --back"),
        (BACK, 4, "no such open escalation"),
    ],
)
def test_help_is_called_in_for_a_time_to_come_and_comes_back_from_where_it_was_called(
    tmp_path: Path, line: str, code: int, says: str
) -> None:
    life = lived(tmp_path, ACK)
    before = life.tracker.fingerprint()
    done = life.run(line)
    assert done.code == code
    assert says in done.err
    assert life.tracker.fingerprint() == before


def test_nobody_is_called_in_for_a_closed_report(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE, "close ID --known-error none")
    (fact,) = life.missing(ESCALATE)
    assert fact["command"].startswith(f"issuelog reopen {life.id}")


def test_of_several_calls_for_help_the_command_of_a_refusal_names_each(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE)
    life.ok(ESCALATE)
    life.ok(ESCALATE.replace("Initech", "Globex"))
    missing = life.missing("close ID --known-error none")
    assert [fact["what"] for fact in missing] == ["escalation E1 to Initech is open", "escalation E2 to Globex is open"]
    assert [row["item"] for row in due(life, "escalation")] == ["E1", "E2"]
    assert [row["command"].rpartition(" --which ")[2] for row in due(life, "escalation")] == ["E1", "E2"]
    done = life.run("escalate ID --back --outcome TEXT")
    assert (done.code, "several open escalations: E1 Initech, E2 Globex" in done.err) == (4, True)
    life.follow(missing)
    assert due(life, "escalation") == []
    life.ok("close ID --known-error none")


def test_a_report_that_is_closed_for_good_waits_for_no_help(tmp_path: Path) -> None:
    life = lived(tmp_path, ACK)
    life.ok(ESCALATE)
    assert life.ok("list -q is:escalated") == f"{life.id}\n"
    life.ok("close ID --as spam")
    assert (life.ok("list -q is:escalated"), due(life, "escalation")) == ("", [])


def test_a_report_that_is_watched_names_the_command_that_ends_it(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE)
    life.ok("monitor ID --until 3d --pattern EXPORT-507")
    (fact,) = life.missing("close ID --known-error none")
    life.follow([fact])
    life.ok("close ID --known-error none")


@pytest.mark.parametrize(("language", "said"), [("en", "a supplier of ours"), ("de", "einer unserer Zulieferer")])
@pytest.mark.parametrize("line", [UPDATE, f"{UPDATE} --kind escalated"])
def test_an_update_says_that_somebody_helps_and_not_who(tmp_path: Path, language: str, said: str, line: str) -> None:
    life = lived(tmp_path, ACK)
    life.ok(f"set ID customer.language={language}")
    life.ok(ESCALATE)
    life.ok(line)
    told = life.report["messages"][-1]["text"]
    assert said in told
    assert "Initech" not in told
    life.ok(BACK)
    life.ok(UPDATE)
    assert said not in life.report["messages"][-1]["text"]


def test_it_names_them_where_policy_allows_it_or_the_writer_does(tmp_path: Path) -> None:
    life = lived(tmp_path, ACK)
    life.ok(ESCALATE)
    life.ok(f"{UPDATE} --slot 'external_role=the maker of the driver'")
    assert "brought in the maker of the driver" in life.report["messages"][-1]["text"]
    policy(life, "parties_named: true")
    life.ok(UPDATE)
    assert "brought in Initech" in life.report["messages"][-1]["text"]


# --- Compensation -----------------------------------------------------------------------------------------------


def test_the_decision_on_compensation_is_due_once_it_is_resolved(tmp_path: Path) -> None:
    life = lived(tmp_path, *READY)
    assert due(life, "compensation") == []
    life.ok(RESOLVE, "--at", "2h ago")
    (row,) = due(life, "compensation")
    assert row["command"] == f"issuelog compensate {life.id} --decision none --because TEXT"
    assert not row["overdue"]
    assert due(life, "compensation", "--at", "2027-12-01")[0]["overdue"]
    assert due(life, "compensation", "--at", "3h ago") == []
    life.ok(PAID)
    assert due(life, "compensation") == []
    assert [one["due_at"] for one in due(life, "compensation", "--at", "1h ago")] == [row["due_at"]]
    assert [run["outcome"] for run in runs(life, "compensation")] == ["kept"]


@pytest.mark.parametrize("made", ["triage ID --severity S3 --because 'few are hit'", "policy"])
def test_where_policy_asks_for_none_it_is_not_due(tmp_path: Path, made: str) -> None:
    life = lived(tmp_path, *READY, RESOLVE)
    assert due(life, "compensation")
    policy(life, "compensation_decided: []") if made == "policy" else life.ok(made)
    assert due(life, "compensation") == []


def test_the_time_to_decide_is_one_of_the_policy(tmp_path: Path) -> None:
    life = lived(tmp_path, *READY, RESOLVE)
    before = due(life, "compensation")[0]["due_at"]
    policy(life, "settle_days: 6")
    after = due(life, "compensation")[0]["due_at"]
    assert before < after
    assert before[10:] == after[10:]


def test_what_was_decided_before_it_was_resolved_is_not_asked_for(tmp_path: Path) -> None:
    life = lived(tmp_path, *READY, PAID, RESOLVE)
    assert runs(life, "compensation") == []


def test_an_ending_without_a_fix_asks_for_no_decision(tmp_path: Path) -> None:
    life = lived(tmp_path)
    life.ok("close ID --as spam")
    assert runs(life, "compensation") == []


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("compensate ID --decision offered", 2, "what is offered?"),
        ("compensate ID --decision none --kind credit", 2, "offers nothing"),
        ("compensate ID --decision accepted", 5, "nothing was offered"),
        ("compensate ID --decision declined", 5, "nothing was offered"),
        ("compensate ID --decision offered --amount 5.00", 2, "--currency EUR"),
        ("compensate ID --decision offered --amount 5.00 --currency EUR", 2, "--approved-by WHO"),
        ("compensate ID --decision offered --amount much --currency EUR --approved-by Kim", 2, "amount"),
        ("update ID --kind compensation", 5, "no offer was decided on"),
    ],
)
def test_nothing_is_offered_accepted_or_told_that_was_not_decided(
    tmp_path: Path, line: str, code: int, says: str
) -> None:
    life = lived(tmp_path, ACK)
    before = life.tracker.fingerprint()
    done = life.run(line)
    assert done.code == code
    assert says in done.err
    assert life.tracker.fingerprint() == before


def test_the_customer_is_told_what_was_offered_and_takes_it_or_not(tmp_path: Path) -> None:
    life = lived(tmp_path, ACK)
    life.ok(OFFER)
    life.ok("update ID --kind compensation")
    assert "we have arranged 50.00 EUR (credit)." in life.report["messages"][-1]["text"]
    life.ok("compensate ID --decision declined")
    known = life.report["compensation"]
    assert (known["decision"], known["amount"], known["kind"]) == ("declined", "50.00", "credit")
    assert life.run("update ID --kind compensation").code == 5
    life.ok(PAID)
    assert "amount" not in life.report["compensation"]
    assert "kind" not in life.report["compensation"]


# --- The legal review -------------------------------------------------------------------------------------------


def test_a_legal_review_is_asked_after_until_it_is_over(tmp_path: Path) -> None:
    life = lived(tmp_path, ACK)
    life.ok(IN_REVIEW, "--at", "3h ago")
    (row,) = due(life, "legal")
    assert row["command"] == f"issuelog legal {life.id} --review cleared --note TEXT"
    assert due(life, "legal", "--at", "2027-12-01")[0]["overdue"]
    life.ok("legal ID --review not_needed", "--at", "1h ago")
    assert due(life, "legal") == []
    assert len(due(life, "legal", "--at", "2h ago")) == 1
    life.ok("note ID 'told the customer'")
    (run,) = runs(life, "legal")
    told = [event["at"] for event in life.report["events"] if event["action"] == "legal"]
    assert (run["outcome"], run["started_at"], run["ended_at"]) == ("kept", *told)


def test_a_report_is_not_closed_while_its_legal_review_waits(tmp_path: Path) -> None:
    life = lived(tmp_path, *CLOSABLE, IN_REVIEW)
    missing = life.missing("close ID --known-error none")
    assert [fact["what"] for fact in missing] == ["the legal review is not over"]
    assert next_command(life) == missing[0]["command"]
    life.follow(missing)
    life.ok("close ID --known-error none")


# --- The look whether it is back --------------------------------------------------------------------------------


def watched(tmp_path: Path) -> Life:
    return lived(tmp_path, *READY, RESOLVE, CONFIRM, *ANALYSIS, ACCEPT, PAID, "monitor ID --until 5d")


def test_before_the_watch_is_over_somebody_has_to_look(tmp_path: Path) -> None:
    life = watched(tmp_path)
    (row,) = due(life, "monitor")
    assert row["due_at"] == life.report["monitor"]["until"]
    assert row["command"] == f"issuelog monitor {life.id} --check TEXT"
    assert due(life, "monitor", "--at", "2027-12-01")[0]["overdue"]
    life.ok("monitor ID --check 'no hits in the logs of staging'")
    assert due(life, "monitor") == []
    assert [run["outcome"] for run in runs(life, "monitor")] == ["kept"]


def test_who_ends_the_watch_need_not_look(tmp_path: Path) -> None:
    life = watched(tmp_path)
    life.ok("monitor ID --off")
    assert due(life, "monitor") == []


def test_a_log_in_which_it_was_seen_is_a_look(tmp_path: Path) -> None:
    life = watched(tmp_path)
    (tmp_path / "a.log").write_text("2026-11-22 ERROR EXPORT-507: worker terminated\n")
    life.tracker.ok("watch-log", str(tmp_path / "a.log"), "--record")
    assert life.report["monitor"]["checks"][0]["seen"] == 1
    assert due(life, "monitor") == []


def test_a_report_that_came_back_is_watched_no_more(tmp_path: Path) -> None:
    life = watched(tmp_path)
    life.ok("reopen ID --reason not_fixed --evidence 'a log'")
    assert due(life, "monitor") == []
