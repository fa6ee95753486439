"""In what form a list is written: the options of every list, and what they make of it.

Annotations are not deferred here: the parser reads them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import typer

from issuelog.cli.output import Output
from issuelog.cli.results import Table, ndjson_line, tabbed
from issuelog.errors import UsageError
from issuelog.model.text import cell, visible


@dataclass(frozen=True)
class Shape:
    """The options."""

    fields: Annotated[str | None, typer.Option("--fields", metavar="A,B", help="Which columns.")] = None
    template: Annotated[str | None, typer.Option("--format", metavar="'{id} {title}'", help="A line for each.")] = None
    zero: Annotated[bool, typer.Option("-0", help="End each with NUL instead of a line feed, for xargs -0.")] = False
    ndjson: Annotated[bool, typer.Option("--ndjson", help="One JSON object a line.")] = False

    @property
    def names(self) -> list[str] | None:
        """The columns that were asked for."""
        return [name.strip() for name in self.fields.split(",")] if self.fields is not None else None

    @property
    def end(self) -> str:
        """What ends a line."""
        return "\0" if self.zero else "\n"

    def is_for_people(self, output: Output) -> bool:
        """Whether people see the list as the command lays it out for them."""
        return output.for_people and not (self.fields or self.template is not None or self.zero or self.ndjson)

    def require_one(self, output: Output) -> None:
        """Raise UsageError where several forms are asked for that exclude each other."""
        asked = {
            "--format": self.template is not None,
            "--ndjson": self.ndjson,
            "--json": output.json,
            "-0": self.zero,
        }
        several = [name for name, is_so in asked.items() if is_so]
        if len(several) > 1 and set(several) != {"--format", "-0"}:
            raise UsageError(f"{' and '.join(several)} exclude each other")
        if self.fields is not None and self.template is not None:
            raise UsageError("--fields and --format exclude each other")

    def of(self, table: Table, output: Output) -> Table:
        """Return a table in this form; its own columns are what may be asked for. Raises UsageError."""
        self.require_one(output)
        known = table.columns
        names = self.names
        if names is not None:
            require_known(names, known)
            rows = [{name: row.get(name) for name in names} for row in table.rows]
            table = replace(table, rows=rows, columns=names, document=None)
        return replace(table, line=self._line(table.columns if names else known[:1], known))

    def _line(self, columns: Sequence[str], known: Sequence[str]) -> Callable[[Mapping[str, Any]], str] | None:
        template = self.template
        if template is not None:
            filled(template, dict.fromkeys(known))
            return lambda row: filled(template, {name: row.get(name) for name in known}) + self.end
        if self.ndjson:
            return ndjson_line
        if self.zero:
            return lambda row: tabbed((row.get(name) for name in columns), self.end)
        return None


def require_known(names: Sequence[str], known: Sequence[str]) -> None:
    """Raise UsageError for a field that there is not."""
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise UsageError(f"--fields: there is no {''.join(unknown[:1])!r}; there are: {', '.join(known)}")


def filled(template: str, row: Mapping[str, Any]) -> str:
    """Fill `{name}` in a template; a plain replacement, so that no value is ever looked into. Raises UsageError."""

    def fill(match: re.Match[str]) -> str:
        if match[1] not in row:
            raise UsageError(f"--format: there is no {match[1]!r}; there are: {', '.join(row)}")
        return cell(row[match[1]])

    safe = "\t".join(map(visible, template.split("\t")))
    return re.sub(r"\{(\w+)\}", fill, safe.replace("\\t", "\t").replace("\\n", "\n"))
