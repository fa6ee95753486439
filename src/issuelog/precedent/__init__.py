"""Precedents: the earlier reports and known errors that are most like a report, with the reason and what helped."""
