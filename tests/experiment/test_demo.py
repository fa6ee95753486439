"""From an error that shows at times to the proof that it is gone, as `make demo-bisect` tells it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from support.served import served

ROOT = Path(__file__).parents[2]


def test_a_flaky_error_is_reproduced_bisected_fixed_and_proven_fixed(tmp_path: Path) -> None:
    with served() as programs:
        path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
        done = subprocess.run(
            [ROOT / "docs" / "demo" / "bisect.sh"],
            cwd=tmp_path,
            env={**os.environ, "PATH": path, "TMPDIR": str(tmp_path), "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-3000:]
    for words in (
        "intermittent at ",
        "the error showed in 6 of 12 runs, 50 % (25–75 %)",
        "Limit the memory of the second worker",
        "by Kim Sato <kim@billing.example>",
        "first released in 8.10",
        "proves nothing",
        "(exit code 5, and nothing was changed)",
        "pass: it is gone",
        "it is no analysis yet",
        "one file of limits for all workers",
    ):
        assert words in done.stdout, words
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == []
