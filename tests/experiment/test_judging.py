"""How often a run has to pass before an error may be said to be gone."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from issuelog.errors import Refused
from issuelog.experiment.judging import Tally, runs_needed

CONFIDENCES = st.sampled_from((0.5, 0.9, 0.95, 0.99, 0.9999))


@given(hits=st.integers(1, 60), misses=st.integers(1, 60), confidence=CONFIDENCES, verdicts=st.integers(1, 30))
def test_so_many_runs_are_enough_and_one_fewer_is_not(hits: int, misses: int, confidence: float, verdicts: int) -> None:
    seen = Tally(hits, misses)
    needed = runs_needed(seen, confidence, verdicts)
    low = seen.interval[0]
    assert verdicts * (1 - low) ** needed < 1 - confidence
    assert needed == 1 or verdicts * (1 - low) ** (needed - 1) >= 1 - confidence


@given(hits=st.integers(1, 50), misses=st.integers(1, 50), more=st.integers(1, 50), confidence=CONFIDENCES)
def test_what_shows_more_often_takes_no_more_runs(hits: int, misses: int, more: int, confidence: float) -> None:
    assume(more < misses)
    rarely, often = Tally(hits, misses), Tally(hits + more, misses - more)
    assert runs_needed(often, confidence) <= runs_needed(rarely, confidence)


@given(hits=st.integers(1, 100), confidence=CONFIDENCES, verdicts=st.integers(1, 30))
def test_what_always_shows_is_gone_where_it_does_not_show_once(hits: int, confidence: float, verdicts: int) -> None:
    assert runs_needed(Tally(hits, 0), confidence, verdicts) == 1


def test_what_hardly_ever_shows_is_refused() -> None:
    with pytest.raises(Refused, match="too rarely"):
        runs_needed(Tally(1, 9_999), 0.95)
