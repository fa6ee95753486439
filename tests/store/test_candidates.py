"""What a reference means: the finders of reports, of known errors and of either say the same where it is not clear."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from issuelog.errors import NotFound
from issuelog.store import known_errors, references
from issuelog.store.layout import Layout
from support.cli import Tracker
from support.known import put_known

Find = Callable[[Layout, str], str]
FINDERS: list[tuple[Find, str, str]] = [
    (Layout.find, "report", "reports"),
    (known_errors.find, "known error", "known errors"),
    (references.find, "report and no known error", "reports and known errors"),
]


def put_both(tracker: Tracker, number: int) -> None:
    """Put a report's file and a known error there; of both only the names count."""
    folder = tracker.root / "reports/2026/11"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"CR-261116-A{number:03}.yaml").write_text("")
    put_known(tracker, f"KE-261116-B{number:03}")


def refusal(find: Find, tracker: Tracker, typed: str) -> NotFound:
    with pytest.raises(NotFound) as error:
        find(Layout(tracker.root), typed)
    return error.value


@pytest.mark.parametrize(("find", "one", "many"), FINDERS)
def test_a_reference_that_means_none_or_several_is_refused_in_the_same_words(
    tracker: Tracker, find: Find, one: str, many: str
) -> None:
    assert refusal(find, tracker, " zzz ").message == f"no {one} goes by 'zzz'"
    assert refusal(find, tracker, "x" * 100).message == f"no {one} goes by '{'x' * 80}…'"
    for number in range(10):
        put_both(tracker, number)
    for typed in ("", "-", " -- "):
        assert refusal(find, tracker, typed).message == f"no {one} goes by {typed.strip()!r}"
    found = refusal(find, tracker, "261116-")
    count = 20 if "and" in many else 10
    assert found.message.startswith(f"'261116-' means {count} {many}: ")
    assert found.message.count("-261116-") == 8
    assert found.message.endswith(f" and {count - 8} more")
    assert found.hint == "type more of the id"


@pytest.mark.parametrize(
    ("find", "wanted"),
    [
        (Layout.find, "CR-261116-A001"),
        (known_errors.find, "KE-261116-B001"),
        (references.find, "CR-261116-A001"),
        (references.find, "KE-261116-B001"),
    ],
)
def test_an_id_a_part_of_it_and_its_file_are_understood(tracker: Tracker, find: Find, wanted: str) -> None:
    put_both(tracker, 1)
    put_both(tracker, 2)
    part = wanted[-4:]
    for typed in (wanted, part.lower(), part.replace("0", "o"), f" x/{wanted}.yaml "):
        assert find(Layout(tracker.root), typed) == wanted, typed
