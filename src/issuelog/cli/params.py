"""Parameters that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Report = Annotated[
    str,
    typer.Argument(metavar="ID", help="A report: its id, a part of it, its file, or - for ids on standard input."),
]
Message = Annotated[
    str | None,
    typer.Option("--message", "-m", metavar="TEXT", help="The message, instead of the template (- or @FILE)."),
]
Edit = Annotated[bool, typer.Option("--edit", "-e", help="Write the text in your editor.")]
NextUpdate = Annotated[
    str | None,
    typer.Option("--next-update", metavar="2h|TIME", help="When the customer hears from us again."),
]
Channel = Annotated[str | None, typer.Option("--channel", metavar="C", help="How it is sent: email, phone, chat, …")]
Impact = Annotated[
    str | None,
    typer.Option("--impact", metavar="TEXT", help="Completes 'We are sorry that …' in the message."),
]
WaiveLint = Annotated[
    list[str] | None,
    typer.Option(
        "--waive-lint", metavar="RULE", help="Set a rule of the message lint aside (never blame or ignorance)."
    ),
]
Waive = Annotated[
    list[str] | None,
    typer.Option("--waive", metavar="GUARD", help="Set a guard aside; recorded, and needs --because."),
]
Because = Annotated[str | None, typer.Option("--because", metavar="TEXT", help="The reason.")]
