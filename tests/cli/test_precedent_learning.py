"""What a team says of precedents: what it hides, what it moves up and down, and what is learned from it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from issuelog.knowledge import learning
from issuelog.knowledge.learning import FEWEST
from issuelog.knowledge.ranking import PLAIN
from issuelog.precedent import lessons as lessons_module
from issuelog.precedent.lessons import IN_PASSING, School
from issuelog.store import index as index_module
from store.naive import index_file
from store.test_index_states import SETTLED_SECONDS
from support.cli import Tracker
from support.known import KNOWN, put_known
from support.mounts import in_own_mounts, make_read_only

SUBJECTS = ["export of invoices", "login with password", "printer in the basement", "upload of pictures"]
SUBJECTS += ["search by customer", "calendar of holidays", "currency of prices", "backup of tables"]


def record(tracker: Tracker, title: str, day: int, *options: str) -> str:
    said = ("--title", title, "--story", f"{title}, said on day {day}", "--customer", "Acme")
    return tracker.ok("new", "-q", *said, "--received", f"2026-10-{day:02}", *options).strip()


def refs(tracker: Tracker, *asked: str) -> list[str]:
    return [hit["ref"] for hit in tracker.json("precedent", *asked, "--limit", "50")["hits"]]


def evaluated(tracker: Tracker) -> Any:
    return tracker.json("precedent", "--evaluate")


def emphasis(tracker: Tracker) -> dict[str, float]:
    found: dict[str, float] = evaluated(tracker)["learned"]["emphasis"]
    return found


def kept(tracker: Tracker) -> int:
    """Return how many lessons the index has."""
    with closing(sqlite3.connect(index_file(tracker))) as connection:
        found: int = connection.execute("SELECT count(*) FROM lesson").fetchone()[0]
        return found


# --- What is not the same -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rejected", ["original", "first", "second"])
def test_what_is_rejected_takes_its_original_and_its_duplicates_along_for_this_report_alone(
    tracker: Tracker, rejected: str
) -> None:
    of = {name: record(tracker, SUBJECTS[0], day) for day, name in enumerate(("original", "first", "second"), 1)}
    other, asked, another = (record(tracker, SUBJECTS[0], day) for day in (4, 5, 6))
    for double in ("first", "second"):
        tracker.ok("duplicate", of[double], "--of", of["original"])
    assert {*refs(tracker, asked)} == {*of.values(), other, another}
    tracker.ok("precedent", asked, "--reject", of[rejected])
    assert {*refs(tracker, asked)} == {other, another}
    assert {*refs(tracker, another)} == {*of.values(), other, asked}
    assert {*of.values()} <= {*refs(tracker, "--text", SUBJECTS[0])}


OTHER_KNOWN = "KE-261116-0002"


def publish_two(tracker: Tracker) -> None:
    """Publish two known errors that are as like a report, and differ in nothing but their ids."""
    for identifier in (KNOWN, OTHER_KNOWN):
        put_known(tracker, identifier, title=SUBJECTS[0], solution=["Restart it"])


def worked_on(tracker: Tracker, title: str = "Zeppelin") -> str:
    """Return a report that is worked on."""
    report = tracker.complete("--title", title)
    tracker.ok("acknowledge", report)
    return report


SAID: dict[str, Callable[[str], tuple[str, ...]]] = {
    "rejected": lambda ref: ("precedent", "{}", "--reject", ref),
    "failed": lambda ref: ("apply", "{}", ref, "--outcome", "failed"),
    "worked": lambda ref: ("apply", "{}", ref, "--outcome", "worked"),
}


def say(tracker: Tracker, report: str, outcome: str, ref: str) -> None:
    tracker.ok(*(word.format(report) for word in SAID[outcome](ref)))


def known(found: list[str]) -> list[str]:
    return [ref for ref in found if ref in (KNOWN, OTHER_KNOWN)]


@pytest.mark.parametrize("outcome", SAID)
def test_what_became_of_one_elsewhere_moves_it_among_those_that_are_as_like(tracker: Tracker, outcome: str) -> None:
    publish_two(tracker)
    elsewhere, said = worked_on(tracker), ("--text", SUBJECTS[0])
    first, second = known(refs(tracker, *said))
    say(tracker, elsewhere, outcome, second if outcome == "worked" else first)
    assert known(refs(tracker, *said)) == [second, first]
    assert known(refs(tracker, record(tracker, SUBJECTS[0], 2))) == [second, first]


@pytest.mark.parametrize("outcome", ["failed", "worked"])
def test_what_became_of_one_in_a_report_does_not_move_it_for_that_report(tracker: Tracker, outcome: str) -> None:
    publish_two(tracker)
    asked = worked_on(tracker, SUBJECTS[0])
    first, second = known(refs(tracker, asked))
    say(tracker, asked, outcome, second if outcome == "worked" else first)
    assert known(refs(tracker, asked)) == [first, second]
    assert known(refs(tracker, "--text", SUBJECTS[0])) == [second, first]


def test_what_was_found_out_after_a_report_came_does_not_count_for_what_was_known_then(tracker: Tracker) -> None:
    publish_two(tracker)
    elsewhere = worked_on(tracker)
    asked = tracker.new("--title", SUBJECTS[0], "--received", "2026-11-16T08:01Z")
    first, second = known(refs(tracker, asked, "--earlier"))
    say(tracker, elsewhere, "failed", first)
    assert known(refs(tracker, asked, "--earlier")) == [first, second]
    assert known(refs(tracker, asked)) == [second, first]


def test_a_report_is_replayed_as_if_nothing_was_said_of_its_precedents_yet(tracker: Tracker) -> None:
    right, wrong = record(tracker, f"{SUBJECTS[0]} stops at half", 1), record(tracker, f"{SUBJECTS[0]} is slow", 2)
    asked = record(tracker, f"{SUBJECTS[0]} is slow and slow", 3)
    assert refs(tracker, asked) == [wrong, right]
    record(tracker, f"{SUBJECTS[0]} is slow and slow", 4)
    tracker.ok("precedent", asked, "--reject", wrong)
    tracker.ok("duplicate", asked, "--of", right)
    found = evaluated(tracker)
    assert (found["questions"], found["mrr"], found["default"]["mrr"]) == (1, 0.5, 0.5)


# --- What is learned ----------------------------------------------------------------------------------------------


def confirmed(tracker: Tracker) -> None:
    """Fill a tracker with pairs of reports, each confirmed to be the same, and with one alone."""
    for number, subject in enumerate(SUBJECTS, 1):
        record(tracker, f"{subject} stops", number)
        again = record(tracker, f"the {subject} stops at half of {number * 11}", number + 10)
        if number <= FEWEST + 1:
            tracker.ok("duplicate", again, "--of", first_of(tracker, subject))
    index_file(tracker).unlink()  # it is named after the folder


def first_of(tracker: Tracker, subject: str) -> str:
    return by_title(tracker, f"{subject} stops")


def by_title(tracker: Tracker, beginning: str) -> str:
    """Return the report whose title begins like this."""
    (found,) = (row["id"] for row in tracker.json("list") if row["title"].startswith(beginning))
    return str(found)


def settle(tracker: Tracker) -> None:
    """Let the index have all files as they are: what has just changed is read, and asked about, once more."""
    time.sleep(SETTLED_SECONDS)
    tracker.ok("list")


@pytest.fixture
def taught(tmp_path: Path) -> Tracker:
    """A tracker with one lesson more than are needed; nothing was learned yet."""
    tracker = Tracker.filled(tmp_path / "taught", confirmed)
    settle(tracker)
    return tracker


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Of which reports a lesson was made, and `learned` each time that something was learned."""
    seen: list[str] = []
    lesson = School._lesson

    def counting(self: School, ref: str) -> Any:
        seen.append(ref)
        return lesson(self, ref)

    def learned(given: Any) -> Any:
        seen.append("learned")
        return learning.learned(given)

    monkeypatch.setattr(School, "_lesson", counting)
    monkeypatch.setattr(lessons_module, "learned", learned)
    return seen


def test_duplicates_teach_and_what_was_learned_is_kept(taught: Tracker, made: list[str]) -> None:
    found = evaluated(taught)
    assert found["learned"]["lessons"] == FEWEST + 1
    assert found["learned"]["emphasis"] != dict(PLAIN)
    assert found.keys() == {*found["default"], "default", "learned"}
    assert found["questions"] == found["default"]["questions"] == FEWEST + 1
    assert len(set(made)) == len(made) == FEWEST + 2
    made.clear()
    assert evaluated(taught) == found
    taught.ok("precedent", first_of(taught, SUBJECTS[-1]))
    assert made == []


def test_with_one_lesson_too_few_nothing_is_learned(taught: Tracker) -> None:
    for subject in SUBJECTS[:2]:
        taught.ok("undo", by_title(taught, f"the {subject}"))
    found = evaluated(taught)
    assert found["learned"] == {"lessons": FEWEST - 1, "emphasis": dict(PLAIN)}
    measured = {name: found[name] for name in found["default"]}
    assert measured == found["default"]


def test_who_asks_for_something_else_learns_a_few_lessons_in_passing(taught: Tracker, made: list[str]) -> None:
    asked = first_of(taught, SUBJECTS[-1])
    for passed in (IN_PASSING, FEWEST + 1, FEWEST + 1):
        taught.ok("precedent", asked)
        assert kept(taught) == passed
    assert made.count("learned") == 2
    in_passing = taught.json("precedent", asked)
    index_file(taught).unlink()
    at_once = emphasis(taught)
    assert taught.json("precedent", asked) == in_passing
    assert at_once != dict(PLAIN)


def test_what_was_learned_counts_in_the_scores(taught: Tracker) -> None:
    asked = by_title(taught, f"the {SUBJECTS[-1]}")
    before = taught.json("precedent", asked)["hits"]  # by now there are too few lessons
    assert emphasis(taught) != dict(PLAIN)
    after = taught.json("precedent", asked)["hits"]
    assert before[0]["ref"] == after[0]["ref"]
    assert before[0]["score"] != after[0]["score"]


def test_the_lesson_of_a_report_that_changed_is_made_anew(taught: Tracker, made: list[str]) -> None:
    found = evaluated(taught)
    made.clear()
    changed = by_title(taught, f"the {SUBJECTS[0]}")
    for often in (1, 2):  # the second time its rows get the numbers again that they had
        taught.ok("note", changed, f"seen {often} times")
        settle(taught)
        assert evaluated(taught) == found
        assert made == [changed, "learned"] * often


def test_a_lesson_that_is_said_in_another_file_goes_with_what_was_said_there(taught: Tracker, made: list[str]) -> None:
    late, middle = by_title(taught, f"the {SUBJECTS[0]}"), record(taught, "something else entirely", 9)
    assert evaluated(taught)["learned"]["lessons"] == FEWEST + 1
    taught.ok("duplicate", middle, "--of", first_of(taught, SUBJECTS[0]))
    made.clear()
    assert evaluated(taught)["learned"]["lessons"] == FEWEST + 2
    assert set(made) == {late, middle, "learned"}  # `late` has another one by now that is the same
    made.clear()
    taught.ok("undo", middle)
    again = evaluated(taught)
    assert again["learned"]["lessons"] == FEWEST + 1
    assert set(made) == {late, "learned"}
    index_file(taught).unlink()
    assert evaluated(taught) == again


def test_what_is_left_is_learned_anew_where_a_lesson_is_gone(taught: Tracker, made: list[str]) -> None:
    evaluated(taught)
    made.clear()
    taught.ok("undo", by_title(taught, f"the {SUBJECTS[0]}"))
    settle(taught)
    found = evaluated(taught)
    assert (found["learned"]["lessons"], made) == (FEWEST, ["learned"])
    index_file(taught).unlink()
    assert evaluated(taught) == found


def test_a_fresh_clone_comes_to_the_same(taught: Tracker, tmp_path: Path) -> None:
    asked = first_of(taught, SUBJECTS[-1])
    for _ in range(3):
        taught.ok("precedent", asked)
    taught.git("clone", "-q", ".", str(tmp_path / "clone"))
    clone = Tracker(tmp_path / "clone")
    assert evaluated(clone) == evaluated(taught)
    assert emphasis(clone) != dict(PLAIN)
    assert clone.json("precedent", asked) == taught.json("precedent", asked)


def test_a_lesson_of_what_nothing_was_like_is_no_trouble(taught: Tracker) -> None:
    odd, original = record(taught, "数据导出失败", 25), first_of(taught, SUBJECTS[0])
    taught.ok("duplicate", odd, "--of", original)
    path = taught.path(odd)
    path.write_text(path.read_text().replace("said on day 25", "数"))
    found = evaluated(taught)
    assert found["learned"]["lessons"] == FEWEST + 2
    assert found["learned"]["emphasis"] != dict(PLAIN)


# --- Where it cannot be kept --------------------------------------------------------------------------------------


def test_where_nothing_can_be_written_the_answer_is_the_same(taught: Tracker, tmp_path: Path) -> None:
    asked = by_title(taught, f"the {SUBJECTS[-1]}")
    found = evaluated(Tracker.filled(tmp_path / "other", confirmed))
    wanted = refs(taught, asked)

    def work() -> None:
        make_read_only(taught.root)
        assert refs(taught, asked) == wanted
        assert evaluated(taught) == found

    in_own_mounts(work, tmp_path / "told")


@pytest.mark.parametrize("changed", [False, True])
def test_while_another_process_writes_the_answer_is_the_same(
    taught: Tracker, monkeypatch: pytest.MonkeyPatch, changed: bool
) -> None:
    monkeypatch.setattr(index_module, "_WAIT_SECONDS", 0)
    asked = by_title(taught, f"the {SUBJECTS[-1]}")
    wanted = refs(taught, asked)
    count = kept(taught)
    with closing(sqlite3.connect(index_file(taught), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        if changed:
            taught.path(asked).touch()
        assert refs(taught, asked) == wanted
        assert evaluated(taught)["learned"]["lessons"] == FEWEST + 1
        other.execute("ROLLBACK")
    assert kept(taught) == count


DAMAGE = [("lesson", value) for value in ("NULL", "x'ff'", "'{'", "'[]'")]
DAMAGE += [("lesson", "json_set(content, '$.lesson', json('{}'))"), ("lesson", "json_remove(content, '$.said')")]
DAMAGE += [("lesson", "json_set(content, '$.lesson.same', json('[999]'))")]
DAMAGE += [("emphasis", value) for value in ("NULL", "'{}'", "'[]'", "'null'", "'\"words\"'")]


@pytest.mark.parametrize(("table", "value"), DAMAGE)
def test_what_was_learned_may_be_damaged(taught: Tracker, table: str, value: str) -> None:
    asked = by_title(taught, f"the {SUBJECTS[-1]}")
    found, wanted = evaluated(taught), refs(taught, asked)

    def damage() -> None:
        with closing(sqlite3.connect(index_file(taught))) as connection:
            assert connection.execute(f"UPDATE {table} SET content = {value}").rowcount > 0
            connection.commit()

    damage()
    assert evaluated(taught) == found
    damage()
    assert refs(taught, asked) == wanted


# --- The page -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("own", [True, False])
def test_what_was_learned_from_the_others_is_measured_beside_the_default(
    taught: Tracker, monkeypatch: pytest.MonkeyPatch, own: bool
) -> None:
    found = evaluated(taught)
    emphases = [dict.fromkeys(PLAIN, -1.0), dict(PLAIN)]
    monkeypatch.setattr(School, "learn", lambda *_: emphases[own])
    monkeypatch.setattr(School, "unseen", lambda school: dict.fromkeys(school.lessons, emphases[0]) if own else {})
    turned = evaluated(taught)
    assert turned["default"] == found["default"]
    assert turned["mrr"] < turned["default"]["mrr"]


def test_people_read_what_was_reached_here_beside_the_default(taught: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    backwards = dict.fromkeys(PLAIN, -1.0)
    evaluated(taught)
    with monkeypatch.context() as patch:
        patch.setattr(School, "unseen", lambda school: dict.fromkeys(school.lessons, backwards))
        require_page(taught, evaluated(taught))
    require_page(taught, evaluated(taught))
    for subject in SUBJECTS[:2]:
        taught.ok("undo", by_title(taught, f"the {subject}"))
    assert taught.ok("precedent", "--evaluate").endswith(f"\n{FEWEST - 1} lessons; the default is used\n")


def require_page(taught: Tracker, found: Any) -> None:
    """The page, at a terminal and in a pipe, says what the JSON does."""
    page = taught.ok("--color", "always", "precedent", "--evaluate")
    assert taught.ok("precedent", "--evaluate") == page
    rows = [line.split() for line in page.splitlines()]
    assert rows[0] == ["questions", str(found["questions"])]
    assert rows[1] == ["here", "default"]
    for (name, now, plain), key in zip(rows[2:6], ("recall_at_1", "recall_at_5", "recall_at_10", "mrr"), strict=True):
        assert name.lower().replace("@", "_at_") == key
        assert (now, plain) == (f"{found[key]:.3f}", f"{found['default'][key]:.3f}")
    assert page.splitlines()[6].startswith(f"{FEWEST + 1} lessons; learned emphasis: ")
    for kind, weight in found["learned"]["emphasis"].items():
        assert f"{kind} {weight:g}" in page


def test_a_solution_that_worked_until_it_failed_teaches_nothing(tracker: Tracker) -> None:
    earlier = record(tracker, SUBJECTS[0], 1)
    tracker.ok("workaround", earlier, "Restart it")
    report = worked_on(tracker, SUBJECTS[0])
    say(tracker, report, "worked", earlier)
    assert evaluated(tracker)["questions"] == 1
    say(tracker, report, "failed", earlier)
    assert evaluated(tracker)["questions"] == 0
