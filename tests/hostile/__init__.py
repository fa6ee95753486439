"""Text, files and repositories of strangers: every promise of docs/concepts/trust.md about them has its test here."""
