"""The words that an option or an argument takes, where they are fixed, for those who type them."""

from __future__ import annotations

_KINDS_OF_CAUSE = ("code", "config", "data", "docs", "process", "infrastructure", "vendor", "usage")
_CHANNELS = ("email", "phone", "chat", "web", "in_person", "social", "api", "monitoring", "internal")
_PLACES = ("sandbox", "vm", "container", "staging", "production")
_KINDS_OF_MESSAGE = (
    *("acknowledge", "acknowledge_late", "ask", "ask_chase", "cannot_reproduce", "closed", "compensation", "duplicate"),
    *("escalated", "no_response", "not_an_error", "not_reproduced", "rca_summary", "recurrence", "reopened"),
    *("resolution", "update", "update_late", "verify_chase", "verify_request", "withdrawn", "wont_fix", "workaround"),
)
_FORM = (
    *("error_message", "steps", "expected", "actual", "frequency", "environment.product", "environment.version"),
    *("consequences", "environment.os", "environment.browser", "environment.device", "first_seen_at"),
    *("last_worked_at", "changed_before", "customer.second_contact", "attachments"),
)
CHOICES: dict[str, tuple[str, ...]] = {
    "--channel": _CHANNELS,
    "--severity": ("S1", "S2", "S3", "S4"),
    "--detected-by": ("customer", "monitoring", "internal"),
    "--frequency": ("always", "often", "sometimes", "once", "unknown"),
    "--place": _PLACES,
    "--waive": ("intake_complete", "tested_automated", "tested_manual", "rollback", "deployed"),
    "attach --kind": ("screenshot", "log", "data", "other"),
    "diagnose --kind": _KINDS_OF_CAUSE,
    "diagnose --confidence": ("likely", "confirmed"),
    "escalate --to": ("vendor", "consultant", "team"),
    "fix --kind": _KINDS_OF_CAUSE,
    "test --mode": ("automated", "manual"),
    "test --result": ("pass", "fail"),
    "test --level": ("unit", "integration", "regression", "acceptance"),
    "resolve --kind": _KINDS_OF_CAUSE,
    "close --as": (*("duplicate", "not_an_error", "wont_fix", "withdrawn", "no_response", "cannot_reproduce", "spam"),),
    "reopen --reason": ("not_fixed", "recurred", "wrong_duplicate", "new_information", "premature"),
    "received --kind": (*("answer", "chaser", "confirmation", "thanks", "not_fixed", "other", "auto_reply", "bounce"),),
    "update --kind": (
        *("closed", "compensation", "escalated", "not_reproduced", "rca_summary", "recurrence", "reopened"),
        *("update", "update_late"),
    ),
    "compensate --decision": ("none", "offered", "accepted", "declined"),
    "message draft KIND": _KINDS_OF_MESSAGE,
    "message lint --kind": _KINDS_OF_MESSAGE,
    "message templates KIND": _KINDS_OF_MESSAGE,
    "--lang": ("de", "en"),
    "legal --review": ("not_needed", "in_review", "cleared"),
    "rca why --cause": ("occurrence", "escape"),
    "rca why --ends-in": ("process", "policy", "design", "tooling", "training", "resource", "supplier"),
    "rca why --missing-level": ("unit", "integration", "regression", "acceptance"),
    "rca check --format": ("text", "github"),
    "rca show --format": ("yaml", "md", "html", "8d", "8d-html"),
    "rca action --kind": ("prevent", "detect", "mitigate"),
    "rca action --strength": ("strong", "intermediate", "weak"),
    "check --explain": (
        *(
            "file",
            "config",
            "template",
            "lint",
            "yaml",
            "conflict",
            "doubled_key",
            "missing",
            "value",
            "id",
            "place",
            "duplicate_id",
        ),
        *("seal", "state", "guard", "reference", "attachment", "orphan", "link", "known_error", "signature", "pattern"),
        *("item_id", "unknown_key", "all"),
    ),
    "fsck --explain": (
        *("event_without_commit", "event_rewritten", "event_removed", "time_set_back", "report_removed"),
        *("unreadable", "shallow", "all"),
    ),
    "stats --by": ("component", "severity", "customer", "owner", "kind", "channel", "month"),
    "apply --outcome": ("worked", "failed", "partial"),
    "import FORMAT": ("mail", "github", "bugzilla", "jira", "zendesk", "jsonl"),
    "export FORMAT": ("jsonl", "csv", "markdown"),
    "answer QUESTION": _FORM,
}
"""The fixed words of an option or argument, with the command's name before it where others mean something else by it.

Written down once more, because the modules that know them load the schema: 100 ms at a press of a key. A test compares.
"""
