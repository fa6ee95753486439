"""Tell the customer that it is done.

Asks for confirmation, and takes what is missing of diagnosis, fix and tests as options.

\b
issuelog resolve 7K3M
issuelog resolve 7K3M --cause "a typo in the label" --kind docs --summary "corrected the label" --ref pr:12 \\
    --tested-automated "link check" --tested-manual "read the page"
issuelog resolve 7K3M --without-reproduction "the vendor confirmed it" …
"""

from __future__ import annotations

from typing import Annotated

import typer

from issuelog.cli import params
from issuelog.cli.results import Changes
from issuelog.cli.session import Session

Text = str | None


def resolve(
    session: Session,
    report: params.Report,
    said: params.Saying,
    cause: Annotated[Text, typer.Option("--cause", metavar="TEXT", help="Why it happened.")] = None,
    kind: Annotated[Text, typer.Option("--kind", metavar="K", help="What was wrong: code, config, docs, …")] = None,
    summary: Annotated[Text, typer.Option("--summary", metavar="TEXT", help="What was changed.")] = None,
    ref: Annotated[list[str] | None, typer.Option("--ref", metavar="REF", help="git:<sha>, pr:<n> or a URL.")] = None,
    rollback: Annotated[Text, typer.Option("--rollback", metavar="TEXT", help="The way back.")] = None,
    fixed_in: Annotated[Text, typer.Option("--fixed-in", metavar="V", help="The first version with the fix.")] = None,
    tested_automated: Annotated[
        Text, typer.Option("--tested-automated", metavar="TEXT", help="An automated test that passed.")
    ] = None,
    tested_manual: Annotated[
        Text, typer.Option("--tested-manual", metavar="TEXT", help="A manual test that passed.")
    ] = None,
    version: Annotated[Text, typer.Option("--version", metavar="V", help="The version that was deployed.")] = None,
    place: Annotated[Text, typer.Option("--place", metavar="P", help="Where it was deployed.")] = None,
    customer_steps: Annotated[
        Text, typer.Option("--customer-steps", metavar="TEXT", help="What the customer has to do.")
    ] = None,
    without_reproduction: Annotated[
        Text, typer.Option("--without-reproduction", metavar="REASON", help="Why it was not reproduced.")
    ] = None,
    impact: params.Impact = None,
    waive: params.Waive = None,
) -> Changes:
    """Resolve."""
    from issuelog.actions import ending
    from issuelog.cli.commits import checked, looking_up_tags
    from issuelog.model.step import Waiver

    refs = checked(session, ref or ())
    carrier, around = looking_up_tags(session, refs)
    words = session.words(said, impact=impact, customer_steps=customer_steps)
    solution = ending.Solution(
        cause=cause,
        kind=kind,
        summary=summary,
        refs=refs,
        rollback=rollback,
        fixed_in=fixed_in,
        tested_automated=tested_automated,
        tested_manual=tested_manual,
        version=version,
        place=place,
    )
    return session.change(
        report,
        lambda tracker: ending.resolve(
            tracker.voice,
            words,
            solution,
            without_reproduction=without_reproduction,
            carrier=carrier,
            waiver=Waiver(tuple(waive or ()), said.because or ""),
        ),
        around=around,
    )
