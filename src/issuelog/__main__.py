"""``python -m issuelog`` is the ``issuelog`` command."""

from issuelog.cli.main import entry

entry()
