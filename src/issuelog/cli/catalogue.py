"""All commands by group, the daily ones first. A command's code is in `commands/<name>.py`."""

from __future__ import annotations

GROUPS: dict[str, tuple[str, ...]] = {
    "Start": ("init", "new", "import", "missing", "next", "ask", "answer", "set", "edit", "attach", "note", "assign"),
    "Move a report on": (
        "acknowledge",
        "triage",
        "hypothesis",
        "reproduce",
        "diagnose",
        "workaround",
        "escalate",
        "fix",
        "test",
        "deploy",
        "resolve",
        "close",
        "reopen",
        "duplicate",
    ),
    "The customer": ("update", "received", "call", "message", "verify", "compensate", "legal"),
    "Root cause and knowledge": (
        "rca",
        "actions",
        "precedent",
        "apply",
        "affected",
        "known-error",
        "monitor",
        "watch-log",
    ),
    "Look": ("due", "list", "show", "search", "log", "review", "sla", "stats", "trends"),
    "Repository": (
        "sync",
        "check",
        "fsck",
        "undo",
        "export",
        "doctor",
        "config",
        "reindex",
        "completion",
        "schema",
        "hooks",
        "merge-driver",
    ),
}
ALIASES = {"ack": "acknowledge"}
COMMANDS = tuple(name for names in GROUPS.values() for name in names)


def module_of(command: str) -> str:
    """Return the module of a command; Python's own words get an underscore, a hyphen becomes one."""
    suffix = "_" if command in {"import", "list", "set", "next"} else ""
    return f"issuelog.cli.commands.{command.replace('-', '_')}{suffix}"
