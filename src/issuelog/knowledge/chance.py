"""What chance alone would do: tests of whether a difference says something, and quantiles. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, exp, lgamma, log

LEVEL = 0.05
"""How often chance alone may be taken for a change, in all that is tested together."""
FEWEST_FOR_A_TENTH = 10
"""Of fewer numbers none tells what the slowest tenth took."""
_ALMOST_EQUAL = 1e-9


def equal_rates(now: int, before: int) -> float:
    """Return how probable so great a difference of two counts is, where both periods are as long and the rates equal.

    The exact conditional test: given their sum, one of two such Poisson counts is binomial with one half. Two-sided.
    J. Przyborowski and H. Wilenski, Homogeneity of Results in Testing Samples from Poisson Series, Biometrika 31
    (1940), 313-323.
    """
    total, least = now + before, min(now, before)
    if not total:
        return 1.0
    return min(1.0, 2 * sum(exp(_log_choose(total, hits) - total * log(2)) for hits in range(least + 1)))


def equal_shares(hits: int, trials: int, other_hits: int, other_trials: int) -> float:
    """Return how probable so great a difference of two shares is, where both are shares of the same. Two-sided.

    R. A. Fisher's exact test: The Logic of Inductive Inference, Journal of the Royal Statistical Society 98 (1935),
    39-82. Tables that are no more probable than the one that was seen count.
    """
    total, of_all = hits + other_hits, trials + other_trials
    if not trials or not other_trials:
        return 1.0

    def weight(here: int) -> float:
        return _log_choose(trials, here) + _log_choose(other_trials, total - here) - _log_choose(of_all, total)

    possible = range(max(0, total - other_trials), min(total, trials) + 1)
    seen = weight(hits) + _ALMOST_EQUAL
    return min(1.0, sum(exp(found) for here in possible if (found := weight(here)) <= seen))


def beyond_chance(probabilities: Sequence[float], level: float = LEVEL) -> list[bool]:
    """Return of each of several tests whether it shows a difference, so that all of them together err seldom enough.

    Who looks at forty components finds two of them changed by chance alone. S. Holm, A Simple Sequentially Rejective
    Multiple Test Procedure, Scandinavian Journal of Statistics 6 (1979), 65-70.
    """
    shows = [False] * len(probabilities)
    for place, number in enumerate(sorted(range(len(probabilities)), key=probabilities.__getitem__)):
        if probabilities[number] > level / (len(probabilities) - place):
            break
        shows[number] = True
    return shows


def median(values: Sequence[float]) -> float | None:
    """Return the middle of some values, None where there are none."""
    if not values:
        return None
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def slowest_tenth(values: Sequence[float]) -> float | None:
    """Return the 90th percentile: the least value that nine tenths do not exceed; None of fewer than ten."""
    if len(values) < FEWEST_FOR_A_TENTH:
        return None
    return sorted(values)[ceil(len(values) * 9 / 10) - 1]


def _log_choose(total: int, chosen: int) -> float:
    return lgamma(total + 1) - lgamma(chosen + 1) - lgamma(total - chosen + 1)
