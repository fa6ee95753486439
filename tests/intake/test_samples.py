"""Real mails, mailboxes and exports; they are kept beside the repository, not in it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from issuelog.errors import InvalidFile
from issuelog.intake import bugzilla, github, jira, mail, mailbox
from issuelog.intake.incoming import Incoming, Rejected

Reader = Callable[[bytes, str], Iterator[Incoming | Rejected]]

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
READERS: dict[str, Reader] = {
    "mail": mail.read,
    "mbox": lambda data, name: mailbox.read(io.BytesIO(data), name),
    "github": github.read,
    "bugzilla": bugzilla.read,
    "jira": jira.read,
}
FILES = [
    pytest.param(reader, path, id=f"{folder}/{path.name}")
    for folder, reader in READERS.items()
    for path in sorted((SAMPLES / folder).glob("*"))
]


@pytest.mark.parametrize("folder", READERS)
def test_there_are_samples(folder: str) -> None:
    if not (SAMPLES / folder).is_dir():
        pytest.skip(f"no folder of samples at {SAMPLES / folder}")
    assert any((SAMPLES / folder).iterdir())


@pytest.mark.skipif(not FILES, reason=f"no folder of samples at {SAMPLES}")
@pytest.mark.parametrize(("reader", "path"), FILES)
def test_a_sample_is_read_or_refused(reader: Reader, path: Path) -> None:
    items = outcome(reader, path)
    if isinstance(items, InvalidFile):
        assert [problem.path for problem in items.problems] == [path.name]
        return
    assert items
    for item in items:
        assert isinstance(item, Incoming)
        assert item.title.strip()
        assert item.story.strip()
        for text in (item.title, item.story, item.customer or "", *(file.name for file in item.files)):
            text.encode()  # raises for lone surrogates
            assert "\0" not in text


def outcome(reader: Reader, path: Path) -> list[Incoming | Rejected] | InvalidFile:
    try:
        return list(reader(path.read_bytes(), path.name))
    except InvalidFile as refused:
        return refused
