"""The guards of the lifecycle, one small function each: what a draft lacks, and the commands that supply it.

A guard yields a :class:`Missing` for each absent fact and nothing where it is satisfied. Commands name the report
by its id, so that they can be copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from issuelog.errors import Missing
from issuelog.model import form, rca
from issuelog.model.history import is_fresh, open_questions, said_by_customer, sent
from issuelog.model.policy import Policy
from issuelog.model.report import CauseKind, Place, Report, Resolution, State, Test
from issuelog.model.times import iso

Check = Callable[[Report, "Context"], Iterator[tuple[str, str]]]
"""Yields (what is missing, the command that supplies it)."""

NOT_DEPLOYED = frozenset({CauseKind.DOCS, CauseKind.PROCESS})
TRIAL_PLACES = frozenset({Place.SANDBOX, Place.VM, Place.CONTAINER, Place.STAGING})
ACKNOWLEDGING = frozenset({"acknowledge", "acknowledge_late"})
CHASING = frozenset({"ask_chase", "verify_chase"})
ASKING = frozenset({"ask", "verify_request", "resolution"}) | CHASING
REQUESTING = frozenset({"resolution", "verify_request", "verify_chase"})


@dataclass(frozen=True)
class Context:
    """What a guard may look at besides the report."""

    policy: Policy
    at: datetime
    alike: Sequence[str] = ()
    """Other reports of the same error, or of the same component and kind of cause, received within `rca.ALIKE_DAYS`."""


@dataclass(frozen=True)
class Guard:
    """A condition of a transition: its name (for `--waive`), in words, and the check.

    What is `lasting` still holds afterwards, whatever happens to the report.
    """

    name: str
    words: str
    check: Check
    waivable: bool = False
    lasting: bool = True

    def missing(self, report: Report, context: Context) -> list[Missing]:
        """Return what the report lacks for this guard."""
        return [Missing(self.name, what, f"issuelog {command}") for what, command in self.check(report, context)]


def _first_answer(report: Report, context: Context) -> Iterator[tuple[str, str]]:
    answers = [message for message in report.messages if message.direction == "out" and message.kind in ACKNOWLEDGING]
    if not answers:
        yield "no first answer to the customer", f"acknowledge {report.id}"
        return
    answer = answers[-1]
    latest = context.policy.terms(report).due(report.severity, "next_update", answer.at)
    if answer.next_update_at is None:
        yield "the answer names no time for the next word", f"acknowledge {report.id} --next-update TIME"
    elif answer.next_update_at <= answer.at:
        yield "the next word is promised for the past", f"acknowledge {report.id} --next-update TIME"
    elif latest and answer.next_update_at > latest:
        yield (
            f"the next word is promised for {iso(answer.next_update_at)}; "
            f"policy allows {iso(latest)} for {report.severity}",
            f"acknowledge {report.id} --next-update {iso(latest)}",
        )


def _intake_complete(report: Report, _: Context) -> Iterator[tuple[str, str]]:
    asked = {question.field: question for question in open_questions(report)}
    for field in form.missing(report, required_only=True):
        question = asked.get(field.name)
        if question:
            yield (
                f"{field.name}: asked as {question.id}, not answered",
                f"answer {report.id} {question.id} TEXT",
            )
        else:
            yield f"{field.name}: {field.question}", f"ask {report.id} --missing"


def _reproduced(report: Report, _: Context) -> Iterator[tuple[str, str]]:
    if not any(attempt.hits >= 1 and is_fresh(report, attempt.at) for attempt in report.attempts):
        yield (
            "no attempt in which the error showed",
            f"reproduce {report.id} --runs N --hits N --place sandbox --env version=V",
        )


def _diagnosed(report: Report, _: Context) -> Iterator[tuple[str, str]]:
    diagnosis = report.diagnosis
    if not diagnosis.cause or not diagnosis.kind:
        yield "no cause and its kind", f"diagnose {report.id} --cause TEXT --kind code"
    elif diagnosis.at and not is_fresh(report, diagnosis.at):
        yield (
            "the diagnosis is from before the report came back",
            f"diagnose {report.id} --cause TEXT --kind code",
        )


def _fixed(report: Report, _: Context) -> Iterator[tuple[str, str]]:
    fix = report.fix
    absent = [
        name for name, given in (("kind", fix.kind), ("summary", fix.summary), ("reference", fix.refs)) if not given
    ]
    if absent:
        yield (
            f"the fix has no {', no '.join(absent)}",
            f"fix {report.id} --kind code --summary TEXT --ref git:SHA",
        )
    elif fix.at and not is_fresh(report, fix.at):
        yield "the fix is from before the report came back", f"fix {report.id} --kind code --summary TEXT --ref git:SHA"


def _passed(report: Report, mode: str) -> list[Test]:
    return [
        test for test in report.fix.tests if test.mode == mode and test.result == "pass" and is_fresh(report, test.at)
    ]


def _tested(mode: str) -> Check:
    def check(report: Report, _: Context) -> Iterator[tuple[str, str]]:
        if not _passed(report, mode):
            yield (
                f"no {mode} test that passed",
                f"test {report.id} --mode {mode} --level regression --scenario TEXT --result pass",
            )

    return check


def _rollback(report: Report, context: Context) -> Iterator[tuple[str, str]]:
    if report.severity in context.policy.rollback_required and not report.fix.rollback:
        yield f"no way back ({report.severity} needs a rollback)", f"fix {report.id} --rollback TEXT"


def _deployed(report: Report, _: Context) -> Iterator[tuple[str, str]]:
    if report.fix.kind in NOT_DEPLOYED:
        return
    if not any(item.place not in TRIAL_PLACES and is_fresh(report, item.at) for item in report.fix.deployed):
        yield "the fix is not deployed where customers are", f"deploy {report.id} --version V --place production"


def _in_order(report: Report, _: Context) -> Iterator[tuple[str, str]]:
    """Diagnosed, tested, deployed, told: each not before the one in front of it."""
    ready = diagnosed = report.diagnosis.at
    for mode in ("automated", "manual"):
        passed = [test.at for test in _passed(report, mode)]
        valid = [at for at in passed if diagnosed is None or at >= diagnosed]
        if diagnosed and passed and not valid:
            yield (
                f"the {mode} test ({iso(max(passed))}) ran before the diagnosis ({iso(diagnosed)})",
                f"test {report.id} --mode {mode} --level regression --scenario TEXT --result pass",
            )
        elif valid:
            ready = max(ready or valid[0], min(valid))
    deployments = [item.at for item in report.fix.deployed if is_fresh(report, item.at)]
    carrying = [at for at in deployments if ready is None or at >= ready]
    if ready and deployments and not carrying:
        yield (
            f"the deployment ({iso(max(deployments))}) came before the diagnosis and the tests ({iso(ready)})",
            f"deploy {report.id} --version V --place production",
        )
    told = [message.at for message in sent(report, {"resolution"})]
    ready = min(carrying, default=ready)
    if told and ready and max(told) < ready:
        yield f"the customer was told before it was done ({iso(ready)})", _resolving(report)


def _told_resolution(report: Report, _: Context) -> Iterator[tuple[str, str]]:
    if not sent(report, {"resolution"}):
        yield "no message that asks the customer to confirm", _resolving(report)


def _resolving(report: Report) -> str:
    """Return the command that tells the customer: on the same way to `resolved`, and with what the template lacks."""
    reproduced = report.state is not State.ACKNOWLEDGED or worked(report)
    by = "" if reproduced else " --without-reproduction REASON"
    message = "" if report.diagnosis.cause and report.fix.summary else " --message TEXT"
    return f"resolve {report.id}{by}{message}"


def worked(report: Report) -> bool:
    """Whether an earlier solution worked, and no later word on the same one took that back."""
    tried = sorted(report.precedents.tried, key=lambda known: known.at)
    last = {known.ref: known.outcome for known in tried if is_fresh(report, known.at)}
    return "worked" in last.values()


def _precedent_worked(report: Report, _: Context) -> Iterator[tuple[str, str]]:
    if not worked(report):
        yield (
            "neither reproduced nor a precedent that worked",
            f"reproduce {report.id} --runs N --hits N --place sandbox --env version=V",
        )


def uncorrected(report: Report, context: Context) -> list[tuple[str, str]]:
    """Return what is missing before the customer can be asked whether it works, and the commands that supply it."""
    if report.state not in {State.NEW, State.ACKNOWLEDGED, State.REPRODUCED} or worked(report):
        return []
    return [*_fixed(report, context), *_deployed(report, context)]


def _verified(report: Report, _: Context) -> Iterator[tuple[str, str]]:
    known = report.verification
    outcome = known.outcome if known.at is None or is_fresh(report, known.at) else None
    if outcome in {"confirmed", "proxy"}:
        return
    if outcome == "lapsed":
        asked = sorted(message.at for message in sent(report, REQUESTING))
        if len(asked) < 2:
            yield "the customer was asked only once whether it works", f"verify {report.id} --request"
        elif known.at and known.at < asked[1]:
            yield "the customer was asked again since", f"verify {report.id} --lapsed"
    elif outcome == "not_fixed":
        yield "the customer says it is not fixed", f"reopen {report.id} --reason not_fixed --evidence TEXT"
    else:
        yield "the customer has not confirmed", f"verify {report.id} --confirmed"


def _rca_accepted(report: Report, context: Context) -> Iterator[tuple[str, str]]:
    reason = rca.why_required(report, context.policy, context.alike)
    if report.rca.status == "accepted" or reason is None:
        return
    if report.verification.outcome == "not_fixed":
        return  # the next solution will be analysed
    if report.rca.status is None or report.state is State.RESOLVED:
        yield f"policy asks for a root cause analysis: {reason}", f"rca start {report.id}"
        return
    open_findings = rca.findings(report, context.policy)
    for finding in open_findings:
        yield finding.what, aimed(finding.command, report.id)
    if not open_findings:
        yield "the root cause analysis is not accepted", f"rca accept {report.id} --reviewer WHO"


def aimed(command: str, report_id: str) -> str:
    """Put the report's id behind the command's name (two words for `rca why`)."""
    words = command.split(" ")
    at = 2 if words[0] == "rca" else 1
    return " ".join([*words[:at], report_id, *words[at:]])


def _actions_owned(report: Report, _: Context) -> Iterator[tuple[str, str]]:
    for action in report.rca.actions:
        if action.status == "open" and not action.owner:
            yield f"action {action.id} has no owner", f"set {report.id} rca.actions.{action.id}.owner=WHO"
        if action.status == "open" and not action.due_at:
            yield f"action {action.id} has no due date", f"set {report.id} rca.actions.{action.id}.due_at=TIME"


def _nothing_open(report: Report, _: Context) -> Iterator[tuple[str, str]]:
    for question in open_questions(report):
        yield f"question {question.id} is open", f"answer {report.id} {question.id} TEXT"
    for item in report.escalations:
        if item.closed_at is None:
            yield (
                f"escalation {item.id} to {item.party} is open",
                f"escalate {report.id} --back --outcome TEXT --which {item.id}",
            )
    if report.legal.review == "in_review":
        yield "the legal review is not over", f"legal {report.id} --review cleared --note TEXT"


def _monitoring_over(report: Report, context: Context) -> Iterator[tuple[str, str]]:
    until = report.monitor.until
    if until and until > context.at:
        yield f"monitoring runs until {iso(until)}", f"monitor {report.id} --off"


def _compensation_decided(report: Report, context: Context) -> Iterator[tuple[str, str]]:
    if report.severity in context.policy.compensation_decided and report.compensation.decision is None:
        yield (
            f"no decision on compensation ({report.severity})",
            f"compensate {report.id} --decision none --because TEXT",
        )


def _known_error_decided(report: Report, context: Context) -> Iterator[tuple[str, str]]:
    if report.severity in context.policy.known_error_decided and not report.links.known_error:
        yield (
            "no decision whether the known-error base gets an entry; "
            f"issuelog known-error publish {report.id} makes one",
            f"close {report.id} --known-error none",
        )


def _duplicate_target(report: Report, _: Context) -> Iterator[tuple[str, str]]:
    if report.links.duplicate_of is None:
        yield "the report that it duplicates", f"duplicate {report.id} --of ID2"


def _told(resolution: Resolution) -> Check:
    def check(report: Report, _: Context) -> Iterator[tuple[str, str]]:
        if not sent(report, {resolution.value}):
            yield "no message to the customer", f"close {report.id} --as {resolution} --message TEXT"

    return check


def _two_environments(report: Report, _: Context) -> Iterator[tuple[str, str]]:
    places = {
        (attempt.place, tuple(sorted(attempt.environment.model_dump(exclude_none=True).items())))
        for attempt in report.attempts
        if not attempt.hits and is_fresh(report, attempt.at)
    }
    if len(places) < 2:
        yield (
            f"attempts in two environments in which it did not show (so far: {len(places)})",
            f"reproduce {report.id} --runs N --hits 0 --place vm --env os=NAME",
        )


def _two_chasers(report: Report, _: Context) -> Iterator[tuple[str, str]]:
    """A question, and two reminders of it: the first word since we last heard of the customer is no reminder yet."""
    heard = max((message.at for message in said_by_customer(report)), default=None)
    asked = [message for message in sent(report, ASKING) if heard is None or message.at > heard]
    chasers = [message for message in asked[:1] if message.kind in CHASING] + asked[1:]
    if len(chasers) < 2:
        command = f"ask {report.id} {'--again' if open_questions(report) else '-q TEXT'}"
        yield f"two chasers without an answer (so far: {len(chasers)})", command


FIRST_ANSWER = Guard(
    "first_answer",
    "an outbound message by a person, lint-clean, with a next-update time within policy",
    _first_answer,
)
INTAKE = Guard("intake_complete", "the intake is complete", _intake_complete, waivable=True)
REPRODUCED = Guard("reproduced", "an attempt with hits of 1 or more, its environment, and where it ran", _reproduced)
PRECEDENT = Guard("precedent_worked", "a precedent that worked, or `--without-reproduction REASON`", _precedent_worked)
DIAGNOSED = Guard("diagnosed", "a diagnosis with a cause and its kind", _diagnosed)
FIXED = Guard("fixed", "a fix with kind, summary and a reference", _fixed)
TESTED_AUTOMATED = Guard("tested_automated", "an automated test that passed", _tested("automated"), waivable=True)
TESTED_MANUAL = Guard("tested_manual", "a manual test that passed", _tested("manual"), waivable=True)
ROLLBACK = Guard("rollback", "a rollback, where policy asks for one (S1, S2)", _rollback, waivable=True)
DEPLOYED = Guard("deployed", "deployed, but for docs and process fixes", _deployed, waivable=True)
IN_ORDER = Guard("in_order", "diagnosed, tested, deployed, told, in this order", _in_order, lasting=False)
TOLD = Guard("told", "a lint-clean message that asks the customer to confirm", _told_resolution)
VERIFIED = Guard("verified", "the customer confirmed, or lapsed after two requests, or a named proxy", _verified)
RCA_ACCEPTED = Guard(
    "rca_accepted", "a root cause analysis accepted, where policy requires one", _rca_accepted, lasting=False
)
ACTIONS_OWNED = Guard("actions_owned", "every open action has an owner and a due date", _actions_owned, lasting=False)
NOTHING_OPEN = Guard("nothing_open", "no open question, escalation or legal review", _nothing_open, lasting=False)
MONITORED = Guard("monitoring_over", "monitoring is over", _monitoring_over, lasting=False)
COMPENSATED = Guard(
    "compensation_decided",
    "a decision on compensation, where policy asks for one (S1, S2)",
    _compensation_decided,
)
KNOWN_ERROR = Guard(
    "known_error_decided", "a decision whether the known-error base gets an entry", _known_error_decided
)
DUPLICATE_TARGET = Guard("duplicate_target", "a target that is no duplicate itself", _duplicate_target)
TWO_ENVIRONMENTS = Guard("two_environments", "attempts in two environments", _two_environments)
TWO_CHASERS = Guard("two_chasers", "two chasers that were not answered", _two_chasers, lasting=False)


def told_closing(resolution: Resolution) -> Guard:
    """Return the guard that the customer was told of this ending."""
    return Guard("told", f"a lint-clean message of kind {resolution}", _told(resolution))
