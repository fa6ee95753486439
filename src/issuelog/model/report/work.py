"""What was done about the error: tried, supposed, found out, fixed and tested."""

from typing import Literal

from issuelog.model.report.fields import Count, ItemId, Line, Section, Text, Time, section
from issuelog.model.report.kinds import CauseKind, Place
from issuelog.model.report.received import Environment


class Tried(Section):
    """An earlier solution that was applied to this report."""

    id: ItemId
    ref: Line
    outcome: Literal["worked", "failed", "partial"]
    at: Time
    note: Text | None = None


class Rejected(Section):
    """An earlier report or known error that looked like this one, and is not the same."""

    id: ItemId
    ref: Line
    at: Time
    by: Line
    note: Text | None = None


class Precedents(Section):
    """What the past had to offer."""

    searched_at: Time | None = None
    tried: list[Tried] = []
    rejected: list[Rejected] = []


class Hypothesis(Section):
    """A supposed cause and how it was tested; `source` is the earlier report or known error that it was taken from."""

    id: ItemId
    text: Text
    test: Text | None = None
    source: Line | None = None
    result: Literal["open", "confirmed", "rejected"] = "open"
    at: Time
    by: Line


class Attempt(Section):
    """An attempt to reproduce: the error showed `hits` times in `runs`.

    One by machine ran `command` at the commit `revision` of the product; the rest says by what rule the error showed,
    after how many seconds a run was ended, and how many more runs said nothing. `artifact` is the file with the output.
    """

    id: ItemId
    at: Time
    by: Line
    place: Place
    environment: Environment = section()
    runs: Count
    hits: Count
    outcome: Literal["reproduced", "intermittent", "not_reproduced"]
    command: Text | None = None
    revision: Line | None = None
    expect_exit: Line | None = None
    expect_output: Line | None = None
    timeout: Count | None = None
    silent: Count | None = None
    artifact: Line | None = None
    note: Text | None = None


class Diagnosis(Section):
    """Why the error happens."""

    cause: Text | None = None
    kind: CauseKind | None = None
    confidence: Literal["likely", "confirmed"] | None = None
    introduced_in: Line | None = None
    affected_versions: Line | None = None
    first_bad_commit: Line | None = None
    at: Time | None = None


class Workaround(Section):
    """How the customer can go on before the fix."""

    text: Text | None = None
    offered_at: Time | None = None


class Escalation(Section):
    """Help that was called in, and until when it is expected."""

    id: ItemId
    to: Literal["vendor", "consultant", "team"]
    party: Line
    reason: Text
    tried_so_far: list[Text] = []
    due_at: Time
    opened_at: Time
    closed_at: Time | None = None
    outcome: Text | None = None


class Test(Section):
    """A test of the fix before it was deployed.

    One by machine ran `command` at two commits of the product: the error shows at `before`, and not at `after`.
    """

    id: ItemId
    level: Line
    mode: Literal["automated", "manual"]
    scenario: Text
    result: Literal["pass", "fail"]
    ref: Line | None = None
    command: Text | None = None
    before: Line | None = None
    after: Line | None = None
    artifacts: list[Line] = []
    at: Time
    by: Line


class Deployment(Section):
    """A version that carries the fix, and where it runs."""

    id: ItemId
    version: Line
    place: Line
    at: Time


class Fix(Section):
    """What was changed so that the error cannot happen again."""

    kind: CauseKind | None = None
    summary: Text | None = None
    refs: list[Line] = []
    rollback: Text | None = None
    tests: list[Test] = []
    deployed: list[Deployment] = []
    fixed_in: Line | None = None
    at: Time | None = None
