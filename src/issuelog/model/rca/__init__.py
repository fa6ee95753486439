"""The rules that a root cause analysis has to satisfy before it is accepted."""

from issuelog.model.rca.rules import RULES, findings
from issuelog.model.rca.subject import Failed, Finding, Subject

__all__ = ["RULES", "Failed", "Finding", "Subject", "findings"]
