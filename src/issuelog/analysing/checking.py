"""All that stands between an analysis and its acceptance: its rules, what did not hold before, and its words."""

from __future__ import annotations

from collections.abc import Iterator

from issuelog.analysing.past import not_held
from issuelog.customer.voice import quoted
from issuelog.model import rca
from issuelog.model.report import Report
from issuelog.tracker import Tracker


def findings(tracker: Tracker, report: Report) -> list[rca.Finding]:
    """Return what an analysis lacks by its rules, beside the past of its tracker, and in what the customer reads."""
    return [*rca.findings(report, tracker.policy, not_held(tracker, report)), *_unfit(tracker, report)]


def _unfit(tracker: Tracker, report: Report) -> Iterator[rca.Finding]:
    """Yield what the lint of messages has against the words for the customer: they go into documents and mails."""
    words = report.rca.customer_summary
    for found in tracker.voice.read(report, "rca_summary", words) if words else ():
        if found.level == "error":
            what = f"the customer would read {quoted(found)!r}: {found.message}"
            yield rca.Finding(
                "customer_words", "rca.customer_summary", what, found.instead, "rca tell --customer-summary TEXT"
            )
