"""What runs show: the rule by which an error shows in one, and what many of them say together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from issuelog.errors import Refused, UsageError
from issuelog.experiment.running import TIMED_OUT, Ran
from issuelog.knowledge.standing import wilson
from issuelog.model.pattern import Pattern, pattern

SAYS_NOTHING = 125
"""The exit code by which a command says that it cannot tell, as for `git bisect run`."""
CANNOT_RUN = frozenset({126, 127})
"""What a shell says of a command that it cannot run."""
MOST_RUNS = 10_000

_NONZERO = "nonzero"
_MAX_CODE = 255


class Verdict(StrEnum):
    """What one run says."""

    SHOWN = "shown"
    NOT_SHOWN = "not shown"
    SILENT = "says nothing"


@dataclass(frozen=True)
class Rule:
    """When the error shows: by the exit code (`nonzero`, or a number), by the output, or by both."""

    exit: str | None = _NONZERO
    output: Pattern | None = None

    @classmethod
    def of(cls, expect_exit: str | None, expect_output: str | None) -> Rule:
        """Return the rule that somebody stated; raises UsageError where it is none."""
        found = _pattern(expect_output) if expect_output is not None else None
        if expect_exit is None:
            return cls(None if found else _NONZERO, found)
        if expect_exit != _NONZERO:
            if not (expect_exit.isascii() and expect_exit.isdigit()) or int(expect_exit) > _MAX_CODE:
                raise UsageError(f"--expect-exit is {expect_exit!r}; it has to be a number up to 255, or {_NONZERO}")
            if int(expect_exit) == SAYS_NOTHING:
                raise UsageError("exit code 125 says that a run tells nothing; it cannot be how the error shows")
            expect_exit = str(int(expect_exit))
        return cls(expect_exit, found)

    def judge(self, ran: Ran) -> Verdict:
        """Say whether the error showed in a run."""
        if ran.code == SAYS_NOTHING:
            return Verdict.SILENT
        if ran.code in CANNOT_RUN and self.exit != str(ran.code) and not ran.matched:
            return Verdict.SILENT
        by_code = self.exit is None or (ran.code != 0 if self.exit == _NONZERO else ran.code == int(self.exit))
        by_output = self.output is None or ran.matched
        return Verdict.SHOWN if by_code and by_output else Verdict.NOT_SHOWN

    @property
    def words(self) -> str:
        """The rule as people read it."""
        code = f"the exit code is {'not 0' if self.exit == _NONZERO else self.exit}" if self.exit else ""
        output = f"a line of the output has {self.output.source!r}" if self.output else ""
        return f"the error shows if {' and '.join(filter(None, (code, output)))}"


def says_of_time(seconds: float) -> str:
    """Return how a run counts that takes too long."""
    return f"a run that takes longer than {seconds:g} s is ended, and counts as exit code {TIMED_OUT}"


@dataclass(frozen=True)
class Tally:
    """How often the error showed, did not show, and how many runs said nothing."""

    hits: int = 0
    misses: int = 0
    silent: int = 0

    @property
    def runs(self) -> int:
        """The runs that said something."""
        return self.hits + self.misses

    @property
    def rate(self) -> float:
        """How often it showed, of the runs that said something."""
        return self.hits / self.runs if self.runs else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Between what rates it shows, at 95 %."""
        return wilson(self.hits, self.runs)

    @property
    def outcome(self) -> Literal["reproduced", "intermittent", "not_reproduced"]:
        """What an attempt with these runs is called."""
        return "not_reproduced" if not self.hits else "reproduced" if self.hits == self.runs else "intermittent"

    @property
    def words(self) -> str:
        """It as people read it: `the error showed in 3 of 10 runs, 30 % (11-60 %)`."""
        silent = f"{self.silent:,} run{'' if self.silent == 1 else 's'} said nothing"
        if not self.runs:
            return silent
        low, high = (round(100 * share) for share in self.interval)
        runs = "1 run" if self.runs == 1 else f"{self.runs:,} runs"
        told = f"the error showed in {self.hits:,} of {runs}, {100 * self.rate:.3g} % ({low}–{high} %)"
        return f"{told}; {silent}" if self.silent else told


def runs_needed(seen: Tally, confidence: float, verdicts: int = 1) -> int:
    """Return how often a run has to show nothing before it may be said that the error is not there.

    So many such `verdicts` together are wrong in fewer cases than `confidence` leaves: n is the least for which
    verdicts * (1 - rate)^n < 1 - confidence. The rate is the lower end of what was `seen` where the error is there: the
    rate in the middle is as often too high as too low, and then half of all answers would be less sure than they say.
    An error that showed in every run is taken for one that always shows. Raises Refused where n is more than anybody
    would wait for.
    """
    if seen.hits == seen.runs:
        return 1
    rate = seen.interval[0]
    allowed = (1 - confidence) / verdicts
    needed = max(1, math.floor(math.log(allowed) / math.log1p(-rate))) if rate > 0 else MOST_RUNS + 1
    while needed <= MOST_RUNS and (1 - rate) ** needed >= allowed:
        needed += 1
    if needed > MOST_RUNS:
        raise Refused(
            f"the error shows too rarely: to be sure that it is gone takes more than {MOST_RUNS:,} runs",
            hint="find a command in which it shows more often, or ask for less --confidence",
        )
    return needed


def _pattern(source: str) -> Pattern:
    try:
        return pattern(source)
    except UsageError as error:
        said = error.message.replace("cannot be watched for", "cannot be looked for")
        raise UsageError(f"--expect-output: {said}", error.hint) from None
