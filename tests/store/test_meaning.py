"""What words mean here: the directions that are learned from a tracker's texts, and how they keep up with its files."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from math import log
from pathlib import Path
from random import Random
from struct import Struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from issuelog.model.likeness import of_text
from issuelog.store import latent, meaning
from issuelog.store.index import Index
from issuelog.store.latent import Space, Texts
from issuelog.store.meaning import Meanings, unpacked
from issuelog.store.rows import Read, ReadFile
from store.test_index_states import SETTLED_SECONDS

AT = datetime(2026, 11, 16, 8, tzinfo=UTC)
Counted = Mapping[str, float]
Matrix = NDArray[np.float64]


# --- Directions, beside the plain way to work them out ------------------------------------------------------------


def about(topics: int, texts: int, seed: int = 0) -> list[Counted]:
    """Return texts of a few subjects, each with words of its own; and words that tell nothing."""
    chance = Random(seed)
    found: list[Counted] = []
    for number in range(texts):
        # The subjects differ in how much is said of them, so that they come in an order.
        own = [f"t{number % topics}w{word}" for word in range(6) if chance.random() < 0.9 - 0.05 * (number % topics)]
        found.append(
            {term: 1 + chance.random() for term in [*own, "everybody", f"once{number}", f"twice{number // 2}"]}
        )
    return found


def dense(counted: Sequence[Counted], step: int = 1) -> tuple[list[str], Matrix, Matrix]:
    """Return the terms that tell something, what a rare one is worth, and the matrix of every so many texts."""
    having = {term: sum(term in one for one in counted) for one in counted for term in one}
    terms = [term for term, files in having.items() if 3 <= files <= 0.2 * len(counted)]
    rarity = np.array([log(len(counted) / having[term]) for term in terms])
    rows = np.array([[one.get(term, 0.0) for term in terms] for one in counted[::step]]) * rarity
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return terms, rarity, np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.sampled_from([(120, 1000), (121, 50)]))
def test_the_directions_of_terms_are_those_of_a_dense_decomposition(seed: int, sizes: tuple[int, int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latent, "_SAMPLE", sizes[1])
        require_dense(seed, *sizes)


def require_dense(seed: int, texts: int, sample: int) -> None:
    counted, dimensions = about(8, texts, seed), 8
    terms, rarity, matrix = dense(counted, -(-texts // sample))
    space = latent.space(Texts(counted), dimensions)
    assert sorted(space.terms) == sorted(terms)
    assert "everybody" not in space.terms
    assert not any(term.startswith(("once", "twice")) for term in space.terms)
    order = [list(space.terms).index(term) for term in terms]
    base = space.directions[order] / rarity[:, None]
    assert base.T @ base == pytest.approx(np.eye(dimensions), abs=1e-3)
    _, singular, wanted = np.linalg.svd(matrix)
    heights = np.linalg.norm(matrix @ base, axis=0)
    assert heights @ heights == pytest.approx(singular[:dimensions] @ singular[:dimensions], rel=0.01)
    if singular[dimensions - 1] > 1.5 * singular[dimensions]:  # else there are others that say nearly as much
        # The cosines of the angles between two spaces: all are 1 where these are one.
        assert np.linalg.svd(wanted[:dimensions] @ base)[1] == pytest.approx(np.ones(dimensions), abs=0.01)
    assert heights == pytest.approx(np.sort(heights)[::-1], rel=1e-3)


def test_a_text_points_where_its_terms_do_and_has_length_1() -> None:
    counted = about(6, 60)
    space = latent.space(Texts(counted), 4)
    texts = [*counted, {}, {"everybody": 2.0}, {"neverheard": 1.0}]
    found = latent.directions(Texts(texts), space)
    place = {term: number for number, term in enumerate(space.terms)}
    for text, direction in zip(texts, found, strict=True):
        known = [weight * space.directions[place[term]] for term, weight in text.items() if term in place]
        total = np.sum(known, axis=0) if known else np.zeros(4)
        assert direction == pytest.approx(total / (np.linalg.norm(total) or 1), abs=1e-4)
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.array([1.0] * 60 + [0.0] * 3), abs=1e-5)


def test_how_many_are_reckoned_at_once_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = Texts(about(6, 60))
    space = latent.space(texts, 4)
    whole = latent.directions(texts, space)
    for share in (1, 7, len(texts.places)):
        monkeypatch.setattr(latent, "_AT_ONCE", share)
        assert latent.space(texts, 4).directions == pytest.approx(space.directions, abs=1e-4)
        assert latent.directions(texts, space) == pytest.approx(whole, abs=1e-5)


@pytest.mark.parametrize("counted", [[], [{}], [{}] * 50, about(6, 4), [{"a": 1.0}] * 50])
def test_what_says_too_little_has_no_directions(counted: list[Counted]) -> None:
    texts = Texts(counted)
    space = latent.space(texts, 4)
    assert (list(space.terms), space.directions.shape) == ([], (0, 4))
    assert not latent.directions(texts, Space((), space.directions)).any()


def test_directions_are_kept_to_half_precision() -> None:
    rows = np.random.default_rng(1).standard_normal((5, 4)).astype(np.float32)
    assert latent.unpacked(latent.packed(rows), 4) == pytest.approx(rows, rel=1e-3, abs=1e-4)


# --- Keeping up with the files ------------------------------------------------------------------------------------

FEWEST, DIMENSIONS, GROWN = 32, 4, 17
"""`GROWN` more than the fewest is more than half as many again."""
TOPICS = DIMENSIONS
"""With more, which of them have a direction to themselves would depend on the order in which files are read."""


class Kept:
    """An index of plain files: the first line is a title, the others are the text."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "reports"
        self.folder.mkdir()
        self.database = root / "index.sqlite"
        self.index = Index(self.database, "key", lambda: [str(self.folder)], self._reader, lambda coming, _: coming)
        self._next = count()

    def _reader(self) -> ReadFile:
        def read(path: str) -> Read:
            title, body = Path(path).read_text().split("\n")
            return Read(likeness=of_text(title, body, AT))

        return read

    def write(self, topic: int, name: str = "", *, strange: bool = False) -> str:
        """Write a file about one subject, or one of which every word is new; return its name."""
        number = next(self._next)
        chance = Random(number)
        words = [f"strange{number}"] if strange else [f"topic{topic}word{chance.randrange(8)}" for _ in range(8)]
        name = name or f"{number:04}.yaml"
        (self.folder / name).write_text(f"{words[0]}\n{' '.join(words)}")
        return name

    def fill(self, files: int) -> list[str]:
        """Write so many files about all subjects in turn, and look."""
        names = [self.write(number % TOPICS) for number in range(files)]
        self.look()
        return names

    def look(self) -> dict[str, tuple[float, ...]]:
        """Look at all files; return the directions of those that have one."""
        sql = "SELECT CAST(name AS TEXT), direction FROM meaning JOIN file USING (number)"
        found = self.index.ask(lambda connection: connection.execute(sql).fetchall())
        return {name: unpacked(direction) for name, direction in found}

    def of(self, title: str, body: str = "") -> tuple[float, ...]:
        """Return what a text means now."""
        said = of_text(title, body, AT)
        return self.index.ask(lambda connection: Meanings(connection).of(said.title, said.body))

    def learned(self) -> list[int]:
        """Return of how many files the directions were learned, once for each time that it says."""
        return self.index.ask(lambda connection: [n for (n,) in connection.execute("SELECT files FROM learned")])

    def names(self) -> list[str]:
        """Return the names of all files."""
        return sorted(path.name for path in self.folder.iterdir())

    def run(self, sql: str, *values: object) -> None:
        """Do something to the database, as another process."""
        with closing(sqlite3.connect(self.database)) as connection:
            connection.execute(sql, values)
            connection.commit()

    def require_right(self) -> None:
        """After another change every file has its direction, which is that of its text."""
        self.write(0)
        found = self.look()
        assert sorted(found) == self.names()
        assert len(self.learned()) == 1
        for name, direction in found.items():
            title, body = (self.folder / name).read_text().split("\n")
            assert direction == pytest.approx(self.of(title, body) or (0.0,) * DIMENSIONS, abs=0.01)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """An index for which few files are enough, and few dimensions."""
    for name, value in {
        "FEWEST_FILES": FEWEST,
        "DIMENSIONS": DIMENSIONS,
        "_FORMAT": Struct(f"<{DIMENSIONS}e"),
    }.items():
        assert hasattr(meaning, name)
        monkeypatch.setattr(meaning, name, value)
    return Kept(tmp_path)


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many texts there were each time that directions were learned."""
    seen: list[int] = []
    space = latent.space

    def counting(texts: Texts, dimensions: int) -> Space:
        seen.append(texts.size)
        return space(texts, dimensions)

    monkeypatch.setattr(latent, "space", counting)
    return seen


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_few_files_mean_nothing_and_enough_do(kept: Kept, times: list[int]) -> None:
    names = kept.fill(FEWEST - 1)
    assert (kept.look(), kept.learned(), kept.of("topic1word2"), times) == ({}, [], (), [])
    names.append(kept.write(TOPICS - 1))
    found = kept.look()
    assert (sorted(found), kept.learned(), times) == (sorted(names), [FEWEST], [FEWEST])
    topic = {name: number % TOPICS for number, name in enumerate(names)}
    of_one = [cosine(found[a], found[b]) for a in names for b in names if a < b and topic[a] == topic[b]]
    of_two = [cosine(found[a], found[b]) for a in names for b in names if topic[a] != topic[b]]
    assert sum(of_one) / len(of_one) > 0.9 > 0.5 > sum(of_two) / len(of_two)
    assert kept.of("neverheard") == ()
    assert meaning.nearness(kept.of("topic1word2"), kept.of("topic1word2")) == pytest.approx(1)
    assert meaning.nearness(kept.of("topic1word2"), ()) == 0


def test_it_is_learned_once_and_anew_after_growth_by_half(kept: Kept, times: list[int]) -> None:
    kept.fill(FEWEST)
    kept.look()
    kept.fill(GROWN - 1)
    assert times == [FEWEST]
    assert sorted(kept.look()) == kept.names()
    kept.fill(1)
    assert times == [FEWEST, FEWEST + GROWN]
    assert kept.learned() == [FEWEST + GROWN]
    assert sorted(kept.look()) == kept.names()
    time.sleep(SETTLED_SECONDS)
    kept.look()
    assert times == [FEWEST, FEWEST + GROWN]


def test_new_files_mean_the_same_one_by_one_and_by_many(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.fill(FEWEST)
    new = ["mixed.yaml", *(kept.write(topic) for topic in range(TOPICS)), kept.write(0, strange=True)]
    words = [f"topic{topic}word{number}" for topic in (1, 2) for number in range(4)] * 2
    (kept.folder / new[0]).write_text(f"topic0word1 topic0word2 topic0word3\n{' '.join(words)} {words[0]} {words[0]}")
    one_by_one = kept.look()
    time.sleep(SETTLED_SECONDS)
    kept.look()
    described: list[int] = []
    directions = latent.directions

    def counting(texts: Texts, space: Space) -> latent.Numbers:
        described.append(texts.size)
        return directions(texts, space)

    monkeypatch.setattr(latent, "directions", counting)
    monkeypatch.setattr(meaning, "_MANY", 1)
    for name in new:
        (kept.folder / name).touch()
    by_many = kept.look()
    assert described == [len(new)]
    for name in new:
        assert by_many[name] == pytest.approx(one_by_one[name], abs=0.01)
    assert not any(by_many[new[-1]])
    assert not any(one_by_one[new[-1]])


def test_a_file_that_changed_means_something_else_and_one_that_is_gone_nothing(kept: Kept, times: list[int]) -> None:
    changed, gone, *others = kept.fill(FEWEST)
    before = kept.look()
    kept.write(3, changed)
    (kept.folder / gone).unlink()
    after = kept.look()
    topic = kept.of(" ".join(f"topic3word{number}" for number in range(8)))
    assert cosine(after[changed], topic) > 0.9 > cosine(before[changed], topic)
    assert gone not in after
    assert {name: after[name] for name in others} == {name: before[name] for name in others}
    assert times == [FEWEST]


def test_where_another_process_writes_meanwhile_it_is_left_for_the_next_time(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    space, others = latent.space, ["INSERT INTO emphasis VALUES ('[]', '{}')"]

    def meanwhile(texts: Texts, dimensions: int) -> Space:
        if others:
            kept.run(others.pop())
        return space(texts, dimensions)

    monkeypatch.setattr(latent, "space", meanwhile)
    kept.fill(FEWEST)
    assert not others
    with closing(sqlite3.connect(kept.database)) as connection:
        assert connection.execute("SELECT * FROM learned").fetchall() == []
    kept.require_right()


@pytest.mark.parametrize("many", [1, 1000])
def test_what_another_process_has_described_meanwhile_is_no_trouble(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(meaning, "_MANY", many)
    kept.fill(FEWEST)
    describe, removed = meaning._describe, []

    def late(connection: sqlite3.Connection, begin: Callable[..., None], new: Sequence[int]) -> None:
        for number in new:
            kept.run("INSERT OR REPLACE INTO meaning VALUES (?, ?)", number, bytes(2 * DIMENSIONS))
        describe(connection, begin, new)

    monkeypatch.setattr(meaning, "_describe", late)
    monkeypatch.setattr(kept.index, "remove", lambda: removed.append(1))
    kept.require_right()
    assert not removed


class Killed(BaseException):
    """The process is gone: nothing after it happens."""


@pytest.mark.parametrize(
    ("place", "before"),
    [
        ("latent.space", 0),
        ("latent.directions", 0),
        ("meaning._insert", 0),
        ("meaning._insert", FEWEST),
        ("meaning._describe", FEWEST),
        ("meaning._learn", 0),
        ("meaning._learn", FEWEST),
        ("latent.packed", FEWEST),
    ],
)
@pytest.mark.parametrize("many", [1, 1000])
def test_a_refresh_that_is_killed_in_between_leaves_what_the_next_one_puts_right(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, place: str, before: int, many: int
) -> None:
    monkeypatch.setattr(meaning, "_MANY", many)
    kept.fill(before)

    def killed(*_: Any) -> Any:
        raise Killed

    for number in range(5 if place == "meaning._describe" else FEWEST):
        kept.write(number % TOPICS)
    time.sleep(SETTLED_SECONDS)
    with monkeypatch.context() as patch:
        patch.setattr(f"issuelog.store.{place}", killed)
        with pytest.raises(Killed):
            kept.look()
    assert kept.index.ask(lambda connection: connection.execute("SELECT count(*) FROM compared").fetchone()) == (
        len(kept.names()),
    )
    kept.require_right()


DAMAGE = ["NULL", "x'ff'", "x''", "'text'", "zeroblob(2)", "zeroblob(900)", "x'ffffffffffffffff'", "7"]


@pytest.mark.parametrize("many", [1, 1000])
@pytest.mark.parametrize("table", ["direction", "meaning"])
@pytest.mark.parametrize("value", DAMAGE)
def test_a_direction_that_is_damaged_is_no_bug(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, table: str, value: str, many: int
) -> None:
    from issuelog.store.likeness import Likenesses

    monkeypatch.setattr(meaning, "_MANY", many)
    kept.fill(FEWEST)
    time.sleep(SETTLED_SECONDS)
    asked = of_text("topic1word1 topic1word2", "topic1word3", AT)

    def candidates(connection: sqlite3.Connection) -> list[str]:
        likenesses = Likenesses(connection)
        found = likenesses.candidates([*asked.title, *asked.body], likenesses.understood(asked))
        return sorted(one.likeness.beginning for one in found)

    right = kept.index.ask(candidates)
    assert right
    kept.run(f"UPDATE {table} SET direction = {value}")
    assert kept.index.ask(candidates) == right
    kept.write(1)
    assert len(kept.index.ask(candidates)) >= len(right)
