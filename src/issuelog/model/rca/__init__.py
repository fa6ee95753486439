"""When a root cause analysis is asked for, and the rules that it has to satisfy before it is accepted."""

from issuelog.model.rca.required import ALIKE_DAYS, why_required
from issuelog.model.rca.rules import RULES, findings
from issuelog.model.rca.subject import Failed, Finding, Subject

__all__ = ["ALIKE_DAYS", "RULES", "Failed", "Finding", "Subject", "findings", "why_required"]
