"""The application: commands are found by name and imported only when they are called."""

from __future__ import annotations

import difflib
import importlib
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from issuelog.cli.catalogue import ALIASES, COMMANDS, GROUPS, module_of
from issuelog.cli.options import bind, root_options
from issuelog.errors import UsageError

_SETTINGS = {"help_option_names": ["-h", "--help"]}
_RULED_OUT = re.compile(r"-[A-Za-z_]{2,}:")
_ABOUT = """Follow an error that a customer reported from the first alert to its root cause, in git.

A report is one YAML file, a change is one commit. `issuelog next ID` always names the one next command.
"""


def application() -> Callable[..., Any]:
    """Return the whole command line, ready to be called with arguments."""
    app = _typer(_Commands)
    app.callback(cls=_Commands, help=_ABOUT, context_settings=_SETTINGS)(root_options)
    return typer.main.get_command(app)


def _typer(cls: type[TyperGroup]) -> typer.Typer:
    return typer.Typer(
        cls=cls,
        rich_markup_mode=None,
        add_completion=False,
        pretty_exceptions_enable=False,
        no_args_is_help=False,
        context_settings=_SETTINGS,
    )


def _help(text: str | None) -> str:
    """Return a module's or function's text as help: what stands below the mark are examples."""
    words, mark, examples = inspect.cleandoc(text or "").partition("\b\n")
    if not mark:
        return words
    return f"{words}\b\nExamples:\n" + "".join(f"  {line}\n" for line in examples.strip().splitlines())


def _summary(text: str | None) -> str:
    return inspect.cleandoc(text or "").split("\n", 1)[0]


class _Commands(TyperGroup):
    """The top: every command of the catalogue, imported when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in COMMANDS:
            return None
        return _command(name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        _require_known(ctx, args[0], [*COMMANDS, *ALIASES])
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        for group, names in GROUPS.items():
            with formatter.section(group):
                formatter.write_dl([(name, _summary(_module(name).__doc__)) for name in names])


class _Verbs(TyperGroup):
    """A command with verbs of its own: `rca why ID`, or `rca ID why`, whichever comes to mind."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        verbs = self.list_commands(ctx)
        if len(args) > 1 and args[0] not in verbs and not args[0].startswith("-") and args[1] in verbs:
            args = [args[1], args[0], *args[2:]]
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        _require_known(ctx, args[0], self.list_commands(ctx))
        return super().resolve_command(ctx, args)


class _Command(TyperCommand):
    """A command whose help is named where its options are wrong."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            if getattr(error, "ctx", ctx) is None:  # the parser forgets it where an option has no argument
                error.ctx = ctx  # type: ignore[attr-defined]
            raise


class _Asking(_Command):
    """A command that takes a query: `-owner:kim` is a term of it, and no row of short options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        terms = [arg for arg in args[:end] if _RULED_OUT.match(arg)]
        options = [arg for arg in args[:end] if not _RULED_OUT.match(arg)]
        mark = ["--"] if terms or end < len(args) else []
        return super().parse_args(ctx, [*options, *mark, *terms, *args[end + 1 :]])


def _module(name: str) -> Any:
    return importlib.import_module(module_of(name))


def _command(name: str) -> Any:
    """Return one command as the parser knows it: the module's function of that name, or its table of verbs."""
    module = _module(name)
    verbs: Mapping[str, Callable[..., Any]] | None = getattr(module, "VERBS", None)
    if verbs is None:
        app = _typer(TyperGroup)
        function = getattr(module, module.__name__.rpartition(".")[2])
        _add(app, name, function, module.__doc__)
        return typer.main.get_command(app)
    app = _typer(_Verbs)
    default = getattr(module, "DEFAULT", None)
    app.callback(
        cls=_Verbs, help=_help(module.__doc__), invoke_without_command=default is not None, context_settings=_SETTINGS
    )(bind(default, only_without_verb=True) if default else root_options)
    for verb, function in verbs.items():
        _add(app, verb, function, function.__doc__)
    return typer.main.get_command(app)


def _add(app: typer.Typer, name: str, function: Callable[..., Any], text: str | None) -> None:
    cls = _Asking if "query" in inspect.signature(function).parameters else _Command
    app.command(name=name, cls=cls, help=_help(text), context_settings=_SETTINGS)(bind(function))


def _require_known(ctx: Any, name: str, known: list[str]) -> None:
    if name in known or name.startswith("-"):
        return
    (_, *group) = ctx.command_path.split()
    close = [" ".join([*group, one]) for one in difflib.get_close_matches(name, known, n=3, cutoff=0.5)]
    hint = f"did you mean {' or '.join(close)}?" if close else f"{ctx.command_path} --help   shows all commands"
    raise UsageError(f"there is no command {' '.join([*group, name])!r}", hint=hint)
