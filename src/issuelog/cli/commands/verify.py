"""Ask whether it works, or record the answer.

\b
issuelog verify 7K3M --request
issuelog verify 7K3M --confirmed --score 5 --comment "quick and friendly"
issuelog verify 7K3M --proxy "Sam of the customer's help desk"
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session
from issuelog.errors import UsageError


def verify(
    session: Session,
    report: params.Report,
    said: params.Saying,
    request: Annotated[bool, typer.Option("--request", help="Ask the customer; asked before, remind.")] = False,
    confirmed: Annotated[bool, typer.Option("--confirmed", help="The customer says it works.")] = False,
    not_fixed: Annotated[bool, typer.Option("--not-fixed", help="The customer says it does not.")] = False,
    lapsed: Annotated[bool, typer.Option("--lapsed", help="The customer did not answer two requests.")] = False,
    proxy: Annotated[str | None, typer.Option("--proxy", metavar="WHO", help="Who confirmed instead.")] = None,
    score: Annotated[int | None, typer.Option("--score", metavar="1-5", help="How content the customer is.")] = None,
    comment: Annotated[
        str | None, typer.Option("--comment", metavar="TEXT", help="What the customer said of us.")
    ] = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="Anything else.")] = None,
    impact: params.Impact = None,
) -> Changes:
    """Verify."""
    from issuelog.actions import customer

    outcomes = {"confirmed": confirmed, "not_fixed": not_fixed, "lapsed": lapsed, "proxy": proxy is not None}
    chosen = [name for name, given in outcomes.items() if given]
    if len(chosen) + request != 1:
        raise UsageError("give one of --request, --confirmed, --not-fixed, --lapsed, --proxy WHO")
    if request:
        words = session.words(said, impact=impact)
        return session.change(report, lambda tracker: customer.verify_request(tracker.voice, words))
    return session.change(
        report,
        lambda tracker: customer.verify(tracker.policy, chosen[0], by=proxy, note=note, score=score, comment=comment),
    )
