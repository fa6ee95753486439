"""issuelog: follow an error that a customer reported to its root cause, in git."""

__version__ = "0.1.0"
