from __future__ import annotations

import subprocess

from hypothesis import given
from hypothesis import strategies as st

from issuelog.vcs.message import MAX_SUBJECT, CommitMessage

REPORT = "CR-261122-7K3M"


def trailers(message: CommitMessage) -> dict[str, str]:
    """Return the trailers as git reads them."""
    command = ["git", "interpret-trailers", "--parse"]
    done = subprocess.run(command, input=str(message), capture_output=True, text=True, check=True)
    return dict(line.split(": ", 1) for line in done.stdout.splitlines())


def test_a_change_of_state_says_where_from_and_where_to() -> None:
    message = CommitMessage(REPORT, "acknowledge", "new", "acknowledged")
    assert message.subject == "CR-261122-7K3M: acknowledge"
    assert trailers(message) == {
        "Issuelog-Report": REPORT,
        "Issuelog-Action": "acknowledge",
        "Issuelog-From": "new",
        "Issuelog-To": "acknowledged",
    }


def test_a_change_that_keeps_the_state_names_none() -> None:
    message = CommitMessage(REPORT, "note", "new", "new")
    assert trailers(message) == {"Issuelog-Report": REPORT, "Issuelog-Action": "note"}


def test_a_new_report_comes_from_nowhere() -> None:
    message = CommitMessage(REPORT, "new", None, "new")
    assert trailers(message) == {"Issuelog-Report": REPORT, "Issuelog-Action": "new", "Issuelog-To": "new"}


def test_a_change_of_no_report() -> None:
    message = CommitMessage(None, "init")
    assert message.subject == "issuelog: init"
    assert trailers(message) == {"Issuelog-Action": "init"}


def test_what_an_action_adds_comes_last() -> None:
    message = CommitMessage(REPORT, "undo note", extra=(("Issuelog-Undoes", "1234abcd"),))
    assert list(trailers(message).items())[-1] == ("Issuelog-Undoes", "1234abcd")


def test_the_whole_text_as_git_stores_it() -> None:
    expected = "CR-261122-7K3M: note\n\nIssuelog-Report: CR-261122-7K3M\nIssuelog-Action: note\n"
    assert str(CommitMessage(REPORT, "note")) == expected


@given(st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=200))
def test_the_subject_is_one_line_of_at_most_72_characters(action: str) -> None:
    message = CommitMessage(REPORT, action)
    assert len(message.subject) <= MAX_SUBJECT == 72
    assert str(message).split("\n")[:2] == [message.subject, ""]
