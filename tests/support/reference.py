"""The generated parts of the documentation, made from the code that they describe.

A document holds a generated part between two marks, `<!-- begin NAME -->` and `<!-- end NAME -->`.
"""

from __future__ import annotations

import html
import importlib
import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from issuelog.actions.customer import TOLD_BY_UPDATE
from issuelog.cli.catalogue import ALIASES, COMMANDS, GROUPS, module_of
from issuelog.cli.options import bind, own_parameters
from issuelog.customer import templates
from issuelog.errors import ExitCode
from issuelog.model.clocks import KINDS
from issuelog.model.guards import Guard
from issuelog.model.lifecycle import TRANSITIONS
from issuelog.model.policy import Policy, SomeTargets
from issuelog.model.report import Resolution, Severity, State
from issuelog.model.schema import SCHEMAS, schema_of
from support import lint_scores
from support.cli import Tracker

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SCHEMA_FILES = {kind: DOCS / "reference" / f"{kind}.schema.json" for kind in SCHEMAS}
_PART = re.compile(r"(<!-- begin ([a-z-]+) -->\n).*?(<!-- end \2 -->\n)", re.DOTALL)
_ENDING = "close --as "
_OPEN = tuple(state for state in State if state is not State.CLOSED)
_AT = ("--at", "2026-11-16T08:12Z")
_STORY = ("--story", "The export stops at 40 %.", "--customer", "Acme GmbH", "--contact", "jo@acme.example")
_SOLUTION = (
    "--cause=the file was kept in memory",
    "--kind=docs",
    "--summary=it is written line by line",
    "--ref=pr:1182",
    "--tested-automated=5,000 lines",
    "--tested-manual=the customer's steps",
)
_DEPLOYED = {"acknowledge": (), "resolve": ("--version=8.10.3", "--place=production")}
_UNEVEN = {
    r"\bKE-\d{6}-[0-9A-Z]{4}\b": "KE-261116-9QXA",
    r"\b(?!KE-)[A-Z]+-\d{6}-[0-9A-Z]{4}\b": "CR-261116-7K3M",
    r"\b[0-9a-f]{40}\b": "4f9e2c1d8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d",
    r"-[0-9a-f]{10}\.log\b": "-4f9e2c1d8a.log",
}


def documents() -> list[Path]:
    """Return every page that people read."""
    return [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
        *sorted(DOCS.rglob("*.md")),
    ]


def parts_of(text: str) -> list[str]:
    """Return the names of a page's generated parts."""
    return [found[2] for found in _PART.finditer(text)]


def generated(text: str, parts: Mapping[str, Callable[[], str]]) -> str:
    """Return a page with its generated parts made anew."""
    return _PART.sub(lambda found: f"{found[1]}{parts[found[2]]()}{found[3]}", text)


def schema(kind: str) -> str:
    """Return a schema file as `issuelog schema` prints it."""
    return json.dumps(schema_of(kind), indent=2, ensure_ascii=True) + "\n"


def diagram() -> str:
    """Return the states and what leads from one to another, as mermaid draws them."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in TRANSITIONS.values():
        for source in row.sources:
            verbs = arrows.setdefault((source, row.target), [])
            verb = _ENDING + "…" if row.name.startswith(_ENDING) else row.name
            verbs += [] if verb in verbs else [verb]
    lines = ["    [*] --> new: new, import"]
    lines += [f"    {source} --> {target}: {', '.join(verbs)}" for (source, target), verbs in arrows.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```", ""])


def transitions() -> str:
    """Return the table of transitions; a guard that can be waived has a ° behind its name."""
    rows = [
        (
            f"`{row.name}`",
            "any but `closed`" if row.sources == _OPEN else " or ".join(f"`{source}`" for source in row.sources),
            f"`{row.target}`",
            ", ".join(_guard_name(guard) for guard in row.guards) or "none",
            f"`issuelog {row.command}`",
        )
        for row in TRANSITIONS.values()
    ]
    return _table(("transition", "from", "to", "guards", "command"), rows)


def guards() -> str:
    """Return the table of guards, each with what it asks for."""
    rows = {guard.name: (_guard_name(guard), _prose(_words(guard)), _verbs_with(guard)) for guard in _all_guards()}
    return _table(("guard", "asks for", "on the way"), list(rows.values()))


def exit_codes() -> str:
    """Return the table of exit codes."""
    return _table(("code", "name", "meaning"), [(f"`{code.value}`", code.name, code.meaning) for code in ExitCode])


def commands() -> str:
    """Return every command with its help, from the functions themselves: parsers print them differently."""
    parts = ["## Options of every command\n\nBefore or after the command's name.\n\n" + _listed(_common())]
    for group, names in GROUPS.items():
        parts.append(f"## {group}\n")
        parts += [_command(name) for name in names]
    return "\n".join(parts)


def headings() -> list[str]:
    """Return the heading of every command and every verb of one, as `commands` writes them."""
    return [
        heading for name in COMMANDS for heading in (f"### {name}", *(f"#### {name} {verb}" for verb in _verbs(name)))
    ]


@dataclass(frozen=True)
class Parameter:
    """One argument or option of a command, as its function declares it."""

    flags: tuple[str, ...]
    metavar: str
    help: str
    required: bool
    repeatable: bool
    default: str

    @property
    def shown(self) -> str:
        """How it is typed."""
        return ", ".join(self.flags) + (f" {self.metavar}" if self.flags and self.metavar else self.metavar)

    @property
    def meaning(self) -> str:
        """What it is for, and what holds where it is not given."""
        notes = [
            *(["required"] if self.required and self.flags else []),
            *(["may be repeated"] if self.repeatable and self.flags and "repeat" not in self.help else []),
            *([f"{self.default} unless given"] if self.default else []),
        ]
        return _prose(self.help) + (f" ({', '.join(notes)})" if notes else "")


def parameters(function: Callable[..., Any]) -> list[Parameter]:
    """Return what a command's function takes besides its session."""
    return [_parameter(one) for one in own_parameters(function)]


def _parameter(declared: inspect.Parameter) -> Parameter:
    info = declared.annotation.__metadata__[0]
    # In an annotation Typer keeps the first spelling as the default.
    flags = tuple(flag for flag in (info.default, *(info.param_decls or ())) if isinstance(flag, str))
    if type(info).__name__ == "OptionInfo" and not flags:
        flags = (f"--{declared.name.replace('_', '-')}",)
    given = declared.default
    return Parameter(
        flags=tuple(sorted(flags, key=len)),
        metavar=info.metavar or "",
        help=info.help or "",
        required=given is inspect.Parameter.empty,
        repeatable="list[" in str(declared.annotation.__origin__),
        default=f"`{given}`" if isinstance(given, str) else "",
    )


def _common() -> list[Parameter]:
    def nothing(session: Any) -> None: ...

    return parameters(bind(nothing))


def _module(name: str) -> Any:
    return importlib.import_module(module_of(name))


def _verbs(name: str) -> dict[str, Callable[..., Any]]:
    return dict(getattr(_module(name), "VERBS", {}))


def _command(name: str) -> str:
    module = _module(name)
    lines, examples = _help_of(module.__doc__)
    short = [alias for alias, full in ALIASES.items() if full == name]
    parts = [f"### {name}\n", lines]
    parts += [f"In short: `{alias}`.\n" for alias in short]
    verbs = _verbs(name)
    if not verbs:
        function = getattr(module, module.__name__.rpartition(".")[2])
        parts.append(_usage(name, function))
    parts += [f"```sh\n{examples.rstrip()}\n```\n"] if examples else []
    for verb, function in verbs.items():
        said, _ = _help_of(function.__doc__)
        default = (
            "\nThis is what the command does without a verb.\n" if getattr(module, "DEFAULT", None) is function else ""
        )
        parts += [f"#### {name} {verb}\n", said + default, _usage(f"{name} {verb}", function)]
    return "\n".join(parts)


def _usage(name: str, function: Callable[..., Any]) -> str:
    own = parameters(function)
    places = "".join(f" {one.metavar if one.required else f'[{one.metavar}]'}" for one in own if not one.flags)
    options = " [OPTIONS]" if any(one.flags for one in own) else ""
    return f"`issuelog {name}{places}{options}`\n" + (f"\n{_listed(own)}" if own else "")


def _listed(own: Iterable[Parameter]) -> str:
    return _table(("what", "meaning"), [(f"`{one.shown}`", one.meaning) for one in own])


def _help_of(text: str | None) -> tuple[str, str]:
    """Return a docstring's words and, below its mark, its examples."""
    words, _, examples = inspect.cleandoc(text or "").partition("\b\n")
    return _prose(words.strip()) + "\n", examples


def _all_guards() -> Iterator[Guard]:
    for row in TRANSITIONS.values():
        yield from row.guards


def _words(guard: Guard) -> str:
    """Return a guard's words; of the message that each ending needs, only what they share."""
    if guard.name != "told":
        return guard.words
    return "a lint-clean message to the customer: `resolution`, which asks to confirm, or one for the ending"


def _verbs_with(guard: Guard) -> str:
    names = [row.name for row in TRANSITIONS.values() if any(one.name == guard.name for one in row.guards)]
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names))


def _guard_name(guard: Guard) -> str:
    return f"`{guard.name}`" + ("°" if guard.waivable else "")


def _prose(text: str) -> str:
    """Return help text as Markdown: angle brackets are no tags, what stands in backquotes stays."""
    pieces = text.split("`")
    return "`".join(piece if place % 2 else html.escape(piece, quote=False) for place, piece in enumerate(pieces))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def json_parts(tracker: Tracker) -> dict[str, Callable[[], str]]:
    """Return the examples of JSON output by name, each from a real run; what differs between runs is evened out.

    The dates of commits are the caller's to fix.
    """
    report = tracker.json(*_AT, "new", *_STORY)["id"]
    changed = tracker.json(*_AT, "acknowledge", report, "--next-update", "2026-11-16T16:00Z")

    def shown(data: Any) -> str:
        text = json.dumps(data, indent=2)
        for pattern, even in _UNEVEN.items():
            text = re.sub(pattern, even, text)
        return f"```json\n{text.replace(str(tracker.root), '/home/ana/support')}\n```\n"

    def checked() -> str:
        path = tracker.path(report)
        before = path.read_text()
        path.write_text(before.replace("state: acknowledged", "state: reproduced"))
        found = json.loads(tracker.run("--json", "check").out)
        path.write_text(before)
        return shown(found)

    def root_cause(what: str = "list") -> str:
        other = Tracker.make(tracker.root / f"other-{what}")
        found = other.complete()
        for words in ("acknowledge", "reproduce --runs 1 --hits 1", "resolve", "rca start"):
            verb, *options = words.split()
            verbs = (verb, found, *options) if verb != "rca" else (verb, *options, found)
            other.ok(*_AT, *verbs, *(_SOLUTION if verb == "resolve" else ()))
        other.ok(*_AT, "rca", "action", found, "stream all exports", "--owner", "Li Wei", "--due", "2026-12-15")
        if what == "check":
            return shown(json.loads(other.run(*_AT, "--json", "rca", "check", found).out)[:1])
        if what == "returned":
            other.ok(*_AT, "actions", "done", found, "A1", "--evidence", "the nightly run")
            other.complete("--at", "2026-11-16T10:00Z")
            later = ("--at", "2026-11-17T08:12Z")
            return shown(json.loads(other.run(*later, "--json", "actions", "check", found, "A1").out))
        return shown(other.json(*_AT, "actions"))

    @cache
    def known() -> tuple[Tracker, str, Any]:
        """Return a tracker with a known error, its id, and what publishing it said."""
        other = Tracker.make(tracker.root / "known")
        found = other.complete("--title", "Long exports stop", severity="S4")
        for verb, *options in (("acknowledge", found), ("resolve", found, "--without-reproduction", "seen in the log")):
            other.ok(*_AT, verb, *options, *(_SOLUTION if verb == "resolve" else ()), *_DEPLOYED[verb])
        done = other.json(*_AT, "known-error", "publish", found, "--check", "the log says EXPORT-507")
        return other, done["known_error"], done

    def applied(*command: str) -> str:
        other, found, _ = known()
        if len(other.json("list")) == 1:  # of its own, and another with the same error
            other.ok(*_AT, "acknowledge", other.complete("--title", "Export stops", "--contact", "jo@acme.example"))
        new = next(row["id"] for row in other.json("list") if row["title"] == "Export stops")
        return shown(other.json(*_AT, *(word.format(new=new, known=found) for word in command)))

    def likened() -> str:
        # The score is learned, and learned anew now and then.
        return re.sub(r'"score": [\d.]+', '"score": 0.93', applied("precedent", "{new}"))

    def exported() -> str:
        other, _, _ = known()
        return shown(other.json("known-error", "export", str(other.root / "site")))

    def drafted() -> str:
        told = tracker.json(*_AT, "message", "draft", report, "update", "--slot", "confirmed=x", "--slot", "checking=y")
        return shown({**told, "text": "…"})

    def simulated() -> str:
        (tracker.root / "other.yaml").write_text("targets:\n  S3:\n    acknowledge: 5min\n")
        found = tracker.json(*_AT, "sla", "simulate", "other.yaml")
        return shown({**found, "clocks": found["clocks"][:1], "changed": found["changed"][:1]})

    def explained() -> str:
        found = tracker.json(*_AT, "sla", "explain", report)
        recorded = {"event": "01JCT158H2F7D9S1A3G5H7J9K1", "recorded_at": "2026-11-16T09:30:00Z"}
        backdated = [{**event, **recorded} for event in found["backdated"][:1]]
        return shown({**found, "clocks": found["clocks"][:1], "backdated": backdated})

    def counted() -> str:
        found = tracker.json(*_AT, "stats", "--by", "component", "--until", "2026-11-17", "component:none")
        (group,) = found["groups"]
        return shown({**found, "figures": found["figures"][:1], "groups": [{**group, "figures": group["figures"][:1]}]})

    def compared() -> str:
        found = tracker.json(*_AT, "trends", "--since", "2026-11-09")
        lists = (
            "discuss",
            "counts",
            "rates",
            "returned",
            "alike",
            "customers",
            "unsatisfied",
            "actions",
            "missed",
            "fixes",
        )
        return shown({**found, **{name: found[name][:1] for name in lists}})

    def reviewed() -> str:
        other = Tracker.make(tracker.root / "reviewed")
        found = other.complete("--received", "2026-11-16T08:00Z", *_AT)
        since = other.git("rev-parse", "HEAD").strip()
        other.ok(*_AT, "acknowledge", found)
        (other.root / ".issuelog" / "config.yaml").write_text("verify_days: 30\n")
        other.git("commit", "-q", "-a", "-m", "Wait longer")
        told = other.json("review", f"{since}..HEAD")
        fields = [{"path": "severity", "before": "S3", "after": "S2"}]
        notices = told["notices"][:1]
        return shown({**told, "notices": notices, "reports": [{**one, "fields": fields} for one in told["reports"]]})

    @cache
    def by_machine() -> tuple[Tracker, str]:
        other = Tracker.make(tracker.root / "machine")
        (other.root / "app.py").write_text("")
        other.git("add", "app.py")
        other.git("commit", "-q", "-m", "Begin")
        found = other.complete()
        other.ok(*_AT, "acknowledge", found)
        return other, found

    def ran(verb: str, *options: str) -> str:
        other, found = by_machine()
        first, *_, last = other.git("rev-list", "--reverse", "HEAD").split()
        words = [option.format(first=first, last=last) for option in options]
        done = other.json(*_AT, verb, found, "--run", "! ls reports/20*", "--repeat", "2", *words)
        # Which of several that tell as much is tried first depends on their ids, which are others each time.
        return shown({**done, **{key: done[key][:2] for key in ("steps",) if key in done}})

    def documented() -> str:
        found = tracker.json(*_AT, "export", report)
        first = {name: found[name][:1] for name in ("missing", "clocks", "timeline")}
        first["timeline"] = [{**row, "recorded_at": "2026-11-16T09:00:00Z"} for row in first["timeline"]]
        commits = [{**row, "at": "2026-11-16T09:00:00Z"} for row in found["history"][:1]]
        return shown({**found, **first, "history": commits, "report": {"schema": 1}})

    def linted() -> str:
        text = tracker.root / "answer.txt"
        text.write_text("You should have updated.\n")
        return shown(json.loads(tracker.run("--json", "message", "lint", str(text)).out))

    def fixed() -> str:
        other = Tracker.make(tracker.root / "fixed")
        found = other.complete("--received", "2026-11-16T08:00Z", *_AT)
        (other.root / "app.py").write_text("")
        other.git("add", "app.py")
        other.git("commit", "-q", "-m", f"Write line by line\n\nIssuelog-Report: {found}")
        return shown(other.json(*_AT, "fix", found, "--kind", "code", "--summary", "it is written line by line"))

    return {
        "json-fix": fixed,
        "json-hooks": lambda: shown(tracker.json("hooks", "status")),
        "json-change": lambda: shown(changed),
        "json-due": lambda: shown(tracker.json(*_AT, "due")[:1]),
        "json-sla-explain": explained,
        "json-sla-simulate": simulated,
        "json-stats": counted,
        "json-trends": compared,
        "json-reproduce-run": lambda: ran("reproduce"),
        "json-diagnose-bisect": lambda: ran("diagnose", "--bisect", "{first}..{last}"),
        "json-test-run": lambda: ran("test", "--at-version", "{last}", "--fixed-at", "{first}"),
        "json-export": documented,
        "json-lint": linted,
        "json-draft": drafted,
        "json-config": lambda: shown(tracker.json("config", "show", "targets.S1.acknowledge")),
        "json-error": lambda: shown({"error": tracker.run("--json", "resolve", report).error}),
        "json-list": lambda: shown(tracker.json(*_AT, "list")),
        "json-search": lambda: shown(tracker.json("search", "--limit", "1", "export")[:1]),
        "json-completion": lambda: shown({**tracker.json("completion", "fish"), "script": "…"}),
        "json-reindex": lambda: shown(tracker.json("reindex")),
        "json-missing": lambda: shown(
            {**(found := tracker.json("missing", report)), "missing": found["missing"][:2]},
        ),
        "json-next": lambda: shown(tracker.json("next", report)),
        "json-log": lambda: shown(tracker.json("log", report)),
        "json-review": reviewed,
        "json-check": checked,
        "json-doctor": lambda: shown(tracker.json("doctor")[-2:]),
        "json-actions": root_cause,
        "json-actions-check": lambda: root_cause("returned"),
        "json-rca-check": lambda: root_cause("check"),
        "json-import": lambda: shown(tracker.json("import", "mail", str(DOCS / "demo" / "customer-mail.eml"))),
        "json-precedent": likened,
        "json-apply": lambda: applied("apply", "{new}", "{known}"),
        "json-affected": lambda: applied("affected", "{known}"),
        "json-undo": lambda: shown(tracker.json("undo")),
        "json-known-error-publish": lambda: shown(known()[2]),
        "json-known-error-list": lambda: shown(known()[0].json(*_AT, "known-error", "list")),
        "json-known-error-show": lambda: shown(known()[0].json(*_AT, "known-error", "show", known()[1])),
        "json-known-error-export": exported,
        "json-init": lambda: shown(Tracker.make(tracker.root / "fresh", init=False).json("init")),
    }


def clocks() -> str:
    """Return the table of clocks: what each waits for, from when to when, and the command that answers it."""
    rows = [
        [f"`{name}`", kind.words, kind.begins, kind.ends, f"`{kind.command or 'next ID'}`"]
        for name, kind in KINDS.items()
    ]
    return _table(["clock", "waits for", "begins when", "ends with", "answered by"], rows)


def targets() -> str:
    """Return the table of the default targets by clock and severity."""
    known = Policy().default_terms.targets
    rows = [
        [f"`{clock}`", *(str(known[severity][clock] or "none") for severity in Severity)]
        for clock in SomeTargets.model_fields
    ]
    return _table(["clock", *Severity], rows)


def message_kinds() -> str:
    """Return the table of messages: which command says each, and the slots that it needs and may have."""
    said_by = _said_by()
    rows = []
    for kind in templates.kinds():
        required, optional = templates.find(kind, "en", None).slots()
        rows.append([f"`{kind}`", said_by[kind], _coded(required), _coded(optional)])
    return _table(["kind", "said by", "slots", "may have"], rows)


def _said_by() -> dict[str, str]:
    """Return which command says each kind of message."""
    commands = {
        "acknowledge": "acknowledge",
        "acknowledge_late": "acknowledge",
        "ask": "ask",
        "ask_chase": "ask --again",
        "resolution": "resolve",
        "verify_chase": "verify --request",
        "verify_request": "verify --request",
        "workaround": "workaround",
        **{resolution.value: f"close --as {resolution}" for resolution in Resolution},
        **{kind: f"update --kind {kind}" for kind in TOLD_BY_UPDATE},
        **dict.fromkeys(("update", "update_late"), "update"),
    }
    return {kind: f"`{command}`" for kind, command in commands.items()}


def _coded(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def scores() -> str:
    """Return how well the lint does on the sentences that it was not tuned on."""
    languages = {"en": "English", "de": "German"}
    return "\n".join(
        lint_scores.markdown(lint_scores.score(lint_scores.labelled(language, "unseen"), language), name, level=3)
        for language, name in languages.items()
    )


PARTS: dict[str, Callable[[], str]] = {
    "message-kinds": message_kinds,
    "lint-scores": scores,
    "clocks": clocks,
    "targets": targets,
    "diagram": diagram,
    "transitions": transitions,
    "guards": guards,
    "exit-codes": exit_codes,
    "commands": commands,
}
"""The generated parts by name."""
