"""The commands in the documentation are run as a reader would type them, and what they print is compared."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.reference import DOCS, ROOT
from support.served import served

GUIDED = {"README.md": ROOT / "README.md", **{page.name: page for page in sorted((DOCS / "guides").glob("*.md"))}}
"""The pages that can be typed from top to bottom."""
INSTALLED = Path(sys.executable).parent
WITH_THE_INSTALLED_PROGRAM = "README.md"
"""The page that is typed as on a reader's machine; the others call a program that need not import everything again."""

_BLOCK = re.compile(r"(?<=```console\n).*?(?=```\n)", re.DOTALL)
_MARK = "\x1e"
_EVEN = {
    r"(?:\r\x1b\[K[^\r\n]*(?=\r\x1b\[K))*\r\x1b\[K": "",  # how far it was, which a terminal has wiped away
    r"\x1b\[[0-9;]*m": "",
    r"[ \t]+$": "",
    r"\bCR-\d{6}-[0-9A-Z]{4}\b": "CR-261116-7K3M",
    r"\bKE-\d{6}-[0-9A-Z]{4}\b": "KE-261116-9QXA",
    r"\b[0-9a-f]{10}\b": "4f9e2c1d8a",
    r"\b[0-9a-f]{40}\b": "4f9e2c1d8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d",
    r"^  2026-[-\dT:]+Z(?=  )": "  2026-11-16T08:12:00Z",
    r"^index [0-9a-f.]+ ": "index 4f9e2c1..8a7b6c5 ",
    r"\b01[0-9A-HJKMNP-TV-Z]{24}\b": "01JCT158H2F7D9S1A3G5H7J9K1",
    r"(?<=^promised: the next word by )(?!2026-11-1\d)[-\d]+ [:\d]+": "2026-11-17 17:00",
}


@dataclass(frozen=True)
class Typed:
    """A command of a page, and the output that the page shows for it; empty where it shows none."""

    command: str
    output: str

    def __str__(self) -> str:
        first, *more = self.command.split("\n")
        return "".join([f"$ {first}\n", *(f"> {line}".rstrip() + "\n" for line in more), self.output])


def typed(block: str) -> Iterator[Typed]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        more = next((at for at, line in enumerate(lines[1:], 1) if line != ">" and line[:2] != "> "), len(lines))
        command = [lines[0], *(line[2:] for line in lines[1:more])]
        yield Typed("\n".join(command), "".join(f"{line}\n" for line in lines[more:]))


def session(text: str) -> list[Typed]:
    return [one for block in _BLOCK.findall(text) for one in typed(block)]


def run_at_terminal(script: str, folder: Path, programs: Path) -> tuple[int, str]:
    """Run a bash script with its output on a terminal, and return its exit code and what it printed."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 100, 0, 0))
    started = subprocess.Popen(
        ["bash", "-c", script],
        cwd=folder,
        env=environment(programs),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    printed = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # how Linux says that nobody holds the other end any more
            break
        if not piece:
            break
        printed += piece
    os.close(ours)
    return started.wait(), printed.decode().replace("\r\n", "\n")


def environment(programs: Path) -> dict[str, str]:
    path = f"{programs}{os.pathsep}{INSTALLED}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "GIT_PAGER": "cat", "NO_COLOR": "1"}


def evened(text: str) -> str:
    for pattern, even in _EVEN.items():
        text = re.sub(pattern, even, text, flags=re.MULTILINE)
    return text


def outputs(commands: list[Typed], folder: Path, programs: Path) -> list[str]:
    """Run all commands in one bash and return what each printed, evened out; every one has to succeed."""
    script = "set -e\n" + "".join(f"printf '{_MARK}'\n{one.command}\n" for one in commands)
    code, printed = run_at_terminal(script, folder, programs)
    said = printed.split(_MARK)[1:]
    assert (code, len(said)) == (0, len(commands)), f"exit {code} of: {commands[len(said) - 1].command}\n{said[-1]}"
    return [evened(one.replace(str(folder.resolve()), "/home/ana")) for one in said]


@pytest.mark.parametrize("page", GUIDED)
def test_the_commands_of_a_page_do_what_it_says(page: str, tmp_path: Path) -> None:
    path = GUIDED[page]
    text = path.read_text("utf-8")
    commands = session(text)
    with served() as programs:
        from_path = INSTALLED if page == WITH_THE_INSTALLED_PROGRAM else programs
        printed = iter(outputs(commands, tmp_path, from_path))

    def said(block: re.Match[str]) -> str:
        return "".join(
            str(Typed(one.command, output if one.output else ""))
            for one, output in zip(typed(block[0]), printed, strict=False)
        )

    now = _BLOCK.sub(said, text)
    if os.environ.get("UPDATE_DOCS"):
        path.write_text(now, "utf-8")
    else:
        assert gapless(text) == gapless(now), "make docs writes it anew"


def gapless(text: str) -> list[str]:
    """Return the lines of a text; versions of Rich put more or fewer blanks between columns."""
    return [re.sub(r"(?<=\S) {2,}", "  ", line) for line in text.splitlines()]


def test_the_tour_takes_an_error_to_its_end_in_six_commands() -> None:
    shown = {one.command: one.output for one in session(GUIDED["README.md"].read_text("utf-8"))}
    verbs = [subject.partition(": ")[2] for subject in shown["git log --format=%s"].splitlines()]
    assert verbs == ["close", "verify", "resolve", "reproduce", "acknowledge", "new", "init"]
    assert "closed" in shown["issuelog list"]


def test_the_demo_ends_in_a_closed_report(tmp_path: Path) -> None:
    with served() as programs:
        done = subprocess.run(
            [DOCS / "demo" / "demo.sh"],
            cwd=tmp_path,
            env={**environment(programs), "TMPDIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    listed = done.stdout.partition("$ issuelog list\n")[2].splitlines()[0]
    assert listed.split("\t")[1:3] == ["closed", "S2"]
    assert "(exit code 5, and nothing was changed)" in done.stdout
    assert "CR-" in listed
