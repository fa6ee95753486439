"""The options that every command takes, before or after its name, and how a command gets its session."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, TypeGuard

import typer

from issuelog.cli import params
from issuelog.cli.session import Session

Common = dict[str, Any]


def _common(
    directory: Annotated[Path | None, typer.Option("-C", metavar="DIR", help="Work as if started in DIR.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    color: Annotated[
        str | None, typer.Option("--color", metavar="auto|always|never", help="Colour the output.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the answer alone, no hints.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Show the diff and the commit message; change nothing.")
    ] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask; fail where something is missing.")] = False,
    by: Annotated[str | None, typer.Option("--by", metavar="'NAME <MAIL>'", help="Who does it, if not you.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="When it happened: ISO 8601, or '2h ago'.")
    ] = None,
    include_edits: Annotated[
        bool, typer.Option("--include-edits", help="Commit what you edited in the report by hand first, by itself.")
    ] = False,
    redact: Annotated[bool, typer.Option("--redact", help="Put placeholders in the place of secrets.")] = False,
    allow_secret: Annotated[bool, typer.Option("--allow-secret", help="Commit secrets as they are, for ever.")] = False,
) -> None: ...


def _of_several(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before more than three are changed.")] = False,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Of several reports, go on after one that is refused.")
    ] = False,
) -> None:
    """The options of commands that change several reports, given on standard input."""


_COMMON = inspect.signature(_common, eval_str=True).parameters
_OF_SEVERAL = inspect.signature(_of_several, eval_str=True).parameters


def root_options(ctx: typer.Context, **common: Any) -> None:
    """Keep the options that stand before a command's name."""
    ctx.obj = _merged(ctx.obj or {}, common)


def _set_signature(function: Any, parameters: list[inspect.Parameter]) -> None:
    function.__signature__ = inspect.Signature(parameters)
    function.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}


_CONTEXT = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
_set_signature(
    root_options, [_CONTEXT, *(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in _COMMON.values())]
)


def bind(function: Callable[..., Any], *, only_without_verb: bool = False) -> Callable[..., Any]:
    """Return a command for the parser: takes the common options as well, and hands `function` its session.

    What `function` returns is printed. With `only_without_verb` the common options are kept for the verb, and
    `function` runs only where there is none.
    """
    bundles = {one.name: one.annotation for one in _declared(function) if _is_bundle(one.annotation)}
    own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own_parameters(function)]
    taken = {flag for parameter in own for flag in _flags(parameter)}
    every = {**_COMMON, **(_OF_SEVERAL if any(one.annotation == params.Report for one in own) else {})}
    # Where a command means something else by all spellings of an option, as `stats --by month`, it has none of them.
    every = {name: one for name, one in every.items() if not set(_flags(one)) <= taken}
    shared = [_without(parameter, taken) for parameter in every.values()]

    def command(ctx: typer.Context, **values: Any) -> int:
        common = {name: values.pop(name) for name in every}
        ctx.obj = _merged(ctx.obj or {}, common)
        if only_without_verb and ctx.invoked_subcommand:
            return 0
        for name, bundle in bundles.items():
            values[name] = bundle(**{part.name: values.pop(part.name) for part in fields(bundle)})
        session = Session(ctx.command_path, **ctx.obj)
        return int(session.output.show(function(session, **values)))

    _set_signature(command, [_CONTEXT, *own, *shared])
    return command


def own_parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return what a command takes besides its session and the common options, bundles of options spread out."""
    return [part for one in _declared(function) for part in _parts(one)]


def _declared(function: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(function, eval_str=True).parameters.values())[1:]


def _parts(parameter: inspect.Parameter) -> list[inspect.Parameter]:
    """Return a parameter, or the options of a bundle of them."""
    if not _is_bundle(parameter.annotation):
        return [parameter]
    return list(inspect.signature(parameter.annotation).parameters.values())


def _is_bundle(annotation: Any) -> TypeGuard[type[Any]]:
    return isinstance(annotation, type) and is_dataclass(annotation)


def _merged(before: Common, given: Common) -> Common:
    return {**before, **{name: value for name, value in given.items() if value or name not in before}}


def _flags(parameter: inspect.Parameter) -> list[str]:
    """Return an option's spellings; in an annotation Typer keeps the first of them as the default."""
    info = next(iter(getattr(parameter.annotation, "__metadata__", ())), None)
    declared = [getattr(info, "default", None), *(getattr(info, "param_decls", None) or ())]
    return [flag for flag in declared if isinstance(flag, str)]


def _without(parameter: inspect.Parameter, taken: set[str]) -> inspect.Parameter:
    """Return a common option without the short spelling that a command uses for something else."""
    flags = [flag for flag in _flags(parameter) if flag not in taken]
    kind = inspect.Parameter.KEYWORD_ONLY
    if len(flags) == len(_flags(parameter)):
        return parameter.replace(kind=kind)
    info = parameter.annotation.__metadata__[0]
    option = typer.Option(*flags, metavar=info.metavar, help=info.help)
    return parameter.replace(kind=kind, annotation=Annotated[parameter.annotation.__origin__, option])
