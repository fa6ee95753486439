"""How far a solution can be relied on: how often it worked, of how many times that it was tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log, sqrt

_Z = 1.959963984540054
"""The quantile of the normal distribution that leaves 2.5 % on either side."""


def wilson(successes: float, trials: int) -> tuple[float, float]:
    """Return the Wilson score interval, at 95 %, of how often a thing succeeds; all is possible without a trial.

    E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, Journal of the American
    Statistical Association 22 (1927), 209-212. It holds for few trials too, where the usual interval does not.
    """
    if not trials:
        return 0.0, 1.0
    rate, square = successes / trials, _Z * _Z
    centre = rate + square / (2 * trials)
    reach = _Z * sqrt(rate * (1 - rate) / trials + square / (4 * trials * trials))
    scale = 1 + square / trials
    # At the ends of the scale the interval ends there too, and rounding must not say otherwise.
    low = (centre - reach) / scale if successes else 0.0
    return max(0.0, low), min(1.0, (centre + reach) / scale) if successes < trials else 1.0


@dataclass(frozen=True)
class Standing:
    """How often a solution worked, failed, and worked in part, which counts half."""

    worked: int = 0
    failed: int = 0
    partial: int = 0

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Standing:
        """Return the standing of a solution with so many of each outcome."""
        return cls(counts.get("worked", 0), counts.get("failed", 0), counts.get("partial", 0))

    @property
    def tried(self) -> int:
        """How often it was tried."""
        return self.worked + self.failed + self.partial

    @property
    def interval(self) -> tuple[float, float]:
        """Between what shares of the tries it works, at 95 %."""
        return wilson(self.worked + self.partial / 2, self.tried)

    @property
    def rank(self) -> tuple[float, float]:
        """What solutions are ranked by, the best last: how often it works at the least, then at the most."""
        return self.interval

    @property
    def log_odds(self) -> float:
        """The log of the odds that it works, by the middle of the interval: 0 for what was never tried."""
        low, high = self.interval
        return log((low + high) / (2 - low - high))

    @property
    def words(self) -> str:
        """The standing as people read it: 'worked 4 of 5 times (38–96 %)'."""
        if not self.tried:
            return "not tried yet"
        low, high = (round(100 * share) for share in self.interval)
        partly = f", {self.partial} in part" if self.partial else ""
        times = "time" if self.tried == 1 else "times"
        return f"worked {self.worked} of {self.tried} {times}{partly} ({low}–{high} %)"

    def data(self) -> dict[str, float | int]:
        """Return it as JSON has it."""
        low, high = self.interval
        return {
            "worked": self.worked,
            "failed": self.failed,
            "partial": self.partial,
            "low": round(low, 4),
            "high": round(high, 4),
        }
