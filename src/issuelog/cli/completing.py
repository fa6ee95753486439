"""What a shell may offer for the word that is being typed: `issuelog __complete WORDS…`, the last of which it is.

A candidate a line, `value<TAB>description`; `:files` or `:folders` asks the shell for its own, with what stands in the
word before the path after a tab. It is asked at every press of a key: it reads the index as it is and nothing else.
What it says comes in part from customers, and goes into a command line: a value that a shell could take for anything
but a word is not offered.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

from issuelog.cli.catalogue import ALIASES, COMMANDS, module_of
from issuelog.cli.choices import CHOICES
from issuelog.cli.known import MOST, Candidate, Known, is_safe

_TITLE = 72
_FIRST_LINE = re.compile(r'"""(.*?)\.?(?:""")?\s*')
_WORDS = re.compile(r"[a-z-]+(?:\|[a-z-]+)+")
_OPERATOR = re.compile(r"(?:>=|<=|>|<)?(?:.*\.\.)?")

_LISTS = {"list --sort": True, "list --fields": False}
"""Options that take several words with commas, and whether each may have a minus."""
_PEOPLE = frozenset({"--owner", "--by", "--reviewer", "--approved-by", "--proxy", "WHO"})
_TERMS = frozenset({"QUERY…", "WORD…"})
_TAKES = {"done": {"open"}, "drop": {"open"}, "check": {"done"}, "reopen": {"done", "dropped"}}
"""By verb, in which states a measure is taken."""
_QUERIES = frozenset({"list --state", "list --severity", "list --owner", "list --component"})
"""Options that are terms of a query under another name."""


def answer(words: Sequence[str]) -> None:
    """Print what may stand for the last word."""
    stream = sys.stdout
    lines = [_line(value, meaning) for value, meaning in islice(_candidates(words), MOST)]
    try:
        stream.write("".join(line for line in lines if _can_be_said(line, stream.encoding)))
        stream.flush()
    except OSError:
        # Python would try once more while it closes the stream, and say so.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _can_be_said(line: str, encoding: str) -> bool:
    return line.encode(encoding, "ignore").decode(encoding) == line


def _line(value: str, meaning: str) -> str:
    from issuelog.model.text import one_line

    return f"{value}\t{one_line(meaning, _TITLE)}\n" if meaning else f"{value}\n"


def _candidates(words: Sequence[str]) -> Iterator[Candidate]:
    *before, typed = words
    if not before and not typed.startswith("-"):
        return _matching(_commands(), typed)  # the first word of all needs no parser, which takes longest to load
    return _Line.read(before).offer(typed)


def _commands() -> Iterator[Candidate]:
    for name in COMMANDS:
        yield name, _summary(name)
    for alias, name in ALIASES.items():
        yield alias, f"the same as {name}"


def _summary(name: str) -> str:
    """Return the first line of a command's module without importing it: all of them take 50 ms, this takes 2."""
    path = Path(__file__).parent / "commands" / f"{module_of(name).rpartition('.')[2]}.py"
    try:
        with path.open(encoding="utf-8") as file:
            found = _FIRST_LINE.fullmatch(file.readline())
    except OSError:
        return ""
    return found[1] if found else ""


def _matching(candidates: Iterable[Candidate], typed: str, begin: str = "") -> Iterator[Candidate]:
    """Yield those that begin with what was typed after `begin`, or else those in which it stands anywhere."""
    wanted = typed.casefold()
    known = list(candidates)
    found = [one for one in known if one[0].casefold().startswith(wanted)]
    found = found or [one for one in known if wanted in one[0].casefold() or wanted in one[1].casefold()]
    for value, meaning in found:
        yield begin + value, meaning


def _plain(values: Iterable[str]) -> Iterator[Candidate]:
    return ((value, "") for value in values)


@dataclass
class _Line:
    """A command line as far as it was typed, and what comes next. The parser cannot tell: it wants whole lines."""

    command: Any
    path: list[str] = field(default_factory=list)
    folder: Path = field(default_factory=Path.cwd)
    pending: Any = None
    """The option whose value comes next."""
    given: list[str] = field(default_factory=list)
    """The arguments that the command has so far."""
    used: set[str] = field(default_factory=set)
    only_arguments: bool = False

    @classmethod
    def read(cls, words: Sequence[str]) -> _Line:
        from issuelog.cli.app import application

        line = cls(application())
        for word in words:
            line._take(word)
        return line

    def _take(self, word: str) -> None:
        if self.pending is not None:
            self._value(self.pending, word)
            self.pending = None
        elif self.only_arguments or not word.startswith("-") or word == "-":
            self._argument(word)
        elif word == "--":
            self.only_arguments = True
        elif word.startswith("--"):
            self._long(word)
        else:
            self._short(word)

    def _long(self, word: str) -> None:
        flag, equals, value = word.partition("=")
        option = self._option(flag)
        if option is not None and not option.is_flag:
            if equals:
                self._value(option, value)
            else:
                self.pending = option

    def _short(self, word: str) -> None:
        """Take letters in one word: flags, and at last an option with its value."""
        for place, letter in enumerate(word[1:], 2):
            option = self._option(f"-{letter}")
            if option is None:
                if place == 2:  # -severity:S4 of a query
                    self._argument(word)
                return
            if not option.is_flag:
                if word[place:]:
                    self._value(option, word[place:])
                else:
                    self.pending = option
                return

    def _value(self, option: Any, value: str) -> None:
        if "-C" in option.opts:
            self.folder = Path(value).expanduser().absolute()

    def _argument(self, word: str) -> None:
        verbs = getattr(self.command, "commands", None)
        if not self.path:
            if word != "help":
                name = ALIASES.get(word, word)
                self.command = self.command.get_command(None, name)
                self.path.append(name)
        elif verbs and word in verbs:
            self.command = verbs[word]
            self.path.append(word)
        else:
            self.given.append(word)

    def _option(self, flag: str) -> Any:
        for option in self._options():
            if flag in option.opts or flag in option.secondary_opts:
                self.used.add(option.name)
                return option
        return None

    def _options(self) -> list[Any]:
        return [one for one in self.command.params if one.param_type_name == "option"]

    def offer(self, typed: str) -> Iterator[Candidate]:
        """Yield what may stand in the place of the word that was begun."""
        if self.pending is not None:
            return self._values(self.pending, self.pending.opts, typed)
        if self.only_arguments or not typed.startswith("-"):
            return self._arguments(typed)
        flag, equals, value = typed.partition("=")
        if equals and flag.startswith("--"):
            option = self._option(flag)
            return iter(()) if option is None else self._values(option, option.opts, value, f"{flag}=")
        terms = self._arguments(typed) if not typed.startswith("--") and self._asks() else iter(())
        return chain(self._flags(typed), terms)

    def _flags(self, typed: str) -> Iterator[Candidate]:
        """Yield the options; the short spelling of one only where it has no long one, or was typed."""
        for option in self._options():
            if option.hidden or (option.name in self.used and not option.multiple):
                continue
            fitting = [flag for flag in (*option.opts, *option.secondary_opts) if flag.startswith(typed)]
            long = [flag for flag in fitting if flag.startswith("--")]
            for flag in long or fitting:
                yield flag, option.help or ""
        if "--help".startswith(typed):
            yield "--help", "Show what it does and takes."
        if not self.path and "--version".startswith(typed):
            yield "--version", "Print the version."

    def _arguments(self, typed: str) -> Iterator[Candidate]:
        verbs = getattr(self.command, "commands", None)
        if not self.path:
            return _matching(_commands(), typed)
        if verbs:
            known = [(name, verb.get_short_help_str(_TITLE)) for name, verb in verbs.items()]
            fitting = [one for one in known if one[0].startswith(typed)]
            # The report may also stand before the verb.
            return iter(fitting) if fitting or self.given else iter(self._known().reports(typed))
        argument = self._place()
        return iter(()) if argument is None else self._values(argument, [argument.metavar or ""], typed)

    def _place(self) -> Any:
        """Return the argument whose turn it is."""
        arguments = [one for one in self.command.params if one.param_type_name == "argument"]
        if len(self.given) < len(arguments):
            return arguments[len(self.given)]
        return arguments[-1] if arguments and arguments[-1].nargs == -1 else None

    def _asks(self) -> bool:
        argument = self._place()
        return argument is not None and argument.metavar in _TERMS

    def _values(self, parameter: Any, names: Sequence[str], typed: str, begin: str = "") -> Iterator[Candidate]:
        """Yield the values of a parameter that goes by these names."""
        metavar = parameter.metavar or ""
        spelled = [*(f"{' '.join(self.path)} {name}" for name in names), *names]
        term = next((name for name in spelled if name in _QUERIES), None)
        if term:
            return self._terms(term.rpartition("--")[2], typed, begin)
        for name in spelled:
            if name in CHOICES:
                return _matching(_plain(CHOICES[name]), typed, begin)
            if name in _LISTS:
                return _listed(_columns(name), typed, begin, minus=_LISTS[name])
        if _WORDS.fullmatch(metavar):
            return _matching(_plain(metavar.split("|")), typed, begin)
        if metavar in _TERMS:
            return self._query(typed)
        if metavar in {"ID", "ID2"}:
            return _begun(self._known().reports(typed), begin)
        if metavar == "ACTION":
            known = self._known().actions(self.given[0], _TAKES[self.path[-1]])
            return _matching(known, typed, begin)
        if _PEOPLE & {*names}:
            return _matching(self._known().people(), typed, begin)
        if "--component" in names:
            return _matching(_plain(filter(is_safe, self._known().values("component"))), typed, begin)
        if "--known-error" in names:
            return _matching(chain(self._known().known_errors(), [("none", "It needs no entry.")]), typed, begin)
        if metavar == "REF" and "--ref" not in names:  # a report or a known error
            known = _matching(self._known().known_errors(), typed, begin)
            return chain(_begun(self._known().reports(typed), begin), known)
        if metavar == "KE":
            return _matching(self._known().known_errors(), typed, begin)
        return _path(parameter, typed, begin)

    def _query(self, typed: str) -> Iterator[Candidate]:
        """Yield the keys of a query, or what the key that was typed takes."""
        from issuelog.model.query import KEYS

        minus = "-" if typed.startswith("-") else ""
        key, colon, value = typed.removeprefix(minus).partition(":")
        if colon:
            return self._terms(key.lower(), value, f"{minus}{key}:")
        return ((f"{minus}{name}:", "") for name in KEYS if name.startswith(key.lower()))

    def _terms(self, key: str, typed: str, begin: str) -> Iterator[Candidate]:
        """Yield what a key of a query takes, after what was typed of it before: an operator, values and commas."""
        listed, comma, last = typed.rpartition(",")
        operator = _OPERATOR.match(last)
        signs = operator[0] if operator else ""
        taken = {*listed.casefold().split(",")}
        values = ((value, meaning) for value, meaning in self._of_key(key) if value.casefold() not in taken)
        if key == "id":
            return _begun(self._known().reports(last), begin + listed + comma)
        return _matching(values, last.removeprefix(signs).lstrip('"'), begin + listed + comma + signs)

    def _of_key(self, key: str) -> Iterator[Candidate]:
        from issuelog.model import query

        fixed = {
            "state": (*query.STATES, query.NONE),
            "severity": (*reversed(query.SEVERITIES),),
            "sev": (*reversed(query.SEVERITIES),),
            "channel": query.CHANNELS,
            "waiting": (*query.PARTIES, query.NONE),
            "resolution": (*query.RESOLUTIONS, query.NONE),
            "is": query.IS,
            **dict.fromkeys(("received", "updated", "closed", "due"), ("today", "yesterday", query.NONE)),
        }
        if key in fixed:
            yield from _plain(fixed[key])
        elif key in {"owner", "component", "customer"}:
            for value in self._known().values(key):
                # A mail address is a part of the name that needs no quotes.
                part = value.rpartition("<")[2].removesuffix(">") if value.endswith(">") else value
                if is_safe(part) and '"' not in part:
                    yield (f'"{part}"' if re.search(r"[\s,]", part) else part), value if part != value else ""
            yield query.NONE, ""

    def _known(self) -> Known:
        return Known(self.folder)


def _begun(candidates: Iterable[Candidate], begin: str) -> Iterator[Candidate]:
    return ((begin + value, meaning) for value, meaning in candidates)


def _columns(name: str) -> Sequence[str]:
    from issuelog.model.row import SHOWN
    from issuelog.store.selection import ORDERS, URGENCY

    return (URGENCY, *ORDERS) if name == "list --sort" else SHOWN


def _listed(known: Iterable[str], typed: str, begin: str, *, minus: bool) -> Iterator[Candidate]:
    """Yield the words that may come next in a list with commas."""
    listed, comma, last = typed.rpartition(",")
    taken = {word.removeprefix("-") for word in listed.split(",")}
    sign = "-" if minus and last.startswith("-") else ""
    left = [word for word in known if word not in taken]
    return _matching(_plain(left), last.removeprefix(sign), begin + listed + comma + sign)


def _path(parameter: Any, typed: str, begin: str) -> Iterator[Candidate]:
    """Yield the request that the shell completes a path, where the parameter is one, or a text that a file may give."""
    metavar = (parameter.metavar or "").rstrip("…")
    if metavar == "DIR":
        yield ":folders", begin
    elif metavar in {"FILE", "PATH", "BASE", "OURS", "THEIRS"}:
        yield ":files", begin
    elif metavar == "TEXT" and typed.startswith("@"):
        yield ":files", f"{begin}@"
