"""Exporting reports: many of them for other programs, or the one document of each that a team works from."""

FORMATS = ("jsonl", "csv", "markdown")
"""What many reports are exported as."""
