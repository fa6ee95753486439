"""``python -m issuelog`` is the ``issuelog`` command."""

import sys

from issuelog.cli.main import main

sys.exit(main())
