"""Parameters that several commands share."""

from dataclasses import dataclass
from typing import Annotated

import typer

Report = Annotated[
    str,
    typer.Argument(metavar="ID", help="A report: its id, a part of it, its file, or - for ids on standard input."),
]
Shown = Annotated[
    str,
    typer.Argument(metavar="ID", help="A report: its id, a part of it, its file, or - for many, on standard input."),
]
"""The same for commands that change nothing: they need no confirmation."""
Edit = Annotated[bool, typer.Option("--edit", "-e", help="Write the text in your editor.")]
One = Annotated[str, typer.Argument(metavar="ID", help="A report: its id, a part of it, or its file.")]
Channel = Annotated[str | None, typer.Option("--channel", metavar="C", help="How it is sent: email, phone, chat, …")]
NextUpdate = Annotated[
    str | None,
    typer.Option("--next-update", metavar="2h|TIME", help="When the customer hears from us again."),
]
Impact = Annotated[
    str | None,
    typer.Option("--impact", metavar="TEXT", help="Completes 'We are sorry that …' in the message."),
]
Waive = Annotated[
    list[str] | None,
    typer.Option("--waive", metavar="GUARD", help="Set a guard aside; recorded, and needs --because."),
]
Because = Annotated[str | None, typer.Option("--because", metavar="TEXT", help="The reason.")]


@dataclass(frozen=True)
class Saying:
    """The options of every command that says something to the customer."""

    message: Annotated[
        str | None,
        typer.Option("--message", "-m", metavar="TEXT", help="The message, instead of the template (- or @FILE)."),
    ] = None
    edit: Edit = False
    channel: Channel = None
    slot: Annotated[
        list[str] | None,
        typer.Option("--slot", metavar="NAME=TEXT", help="Fills a slot of the message's template; repeatable."),
    ] = None
    waive_lint: Annotated[
        list[str] | None,
        typer.Option(
            "--waive-lint",
            metavar="RULE",
            help="Set a rule of the message lint aside (never blame or ignorance); needs --because.",
        ),
    ] = None
    because: Because = None


@dataclass(frozen=True)
class Promising(Saying):
    """The same, where the message also says when the next word comes."""

    next_update: NextUpdate = None
