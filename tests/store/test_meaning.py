"""What words mean to each other in a tracker, learned from its texts and kept up with them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from random import Random
from struct import Struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuelog.store import latent, meaning, rows

WORDS = {"disk": ["volume", "storage", "mount", "sector"], "mail": ["letter", "inbox", "smtp", "sender"]}


def begin(connection: sqlite3.Connection, kind: str) -> None:
    connection.execute(f"BEGIN {kind}")


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    """An empty index that needs only a few files to learn from."""
    monkeypatch.setattr(meaning, "FEWEST_FILES", 80)
    monkeypatch.setattr(meaning, "DIMENSIONS", 4)
    monkeypatch.setattr(meaning, "_FORMAT", Struct("<4e"))
    monkeypatch.setattr(latent, "_MOST_TEXTS", 0.6)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        rows.make(connection)
        yield connection


def put(index: sqlite3.Connection, number: int, title: str, body: str = "") -> int:
    index.execute("INSERT INTO terms (rowid, title, body, beginning) VALUES (?, ?, ?, '')", (number, title, body))
    index.execute("INSERT INTO compared (number, day) VALUES (?, 0)", (number,))
    return number


def fill(index: sqlite3.Connection, count: int, first: int = 1) -> list[int]:
    """Put files that are about one of two subjects each, with words of it in titles and texts."""
    chance = Random(first)
    numbers = []
    for number in range(first, first + count):
        words = WORDS["disk" if number % 2 else "mail"]
        noise = [f"noise{chance.randint(0, 30)}" for _ in range(4)]
        numbers.append(
            put(index, number, " ".join(chance.sample(words, 2)), " ".join([*chance.sample(words, 2), *noise]))
        )
    return numbers


def directions(index: sqlite3.Connection) -> dict[int, tuple[float, ...]]:
    return {number: meaning.unpacked(found) for number, found in index.execute("SELECT number, direction FROM meaning")}


def test_words_of_one_subject_point_the_same_way(index: sqlite3.Connection) -> None:
    meaning.keep_up(index, begin, fill(index, 100))
    said = meaning.Meanings(index)
    disk, same, mail = (said.of(title.split(), []) for title in ("volume storage", "mount sector", "letter inbox"))
    assert meaning.nearness(disk, same) > 0.2 > meaning.nearness(disk, mail)
    assert said.of(["never", "heard"], []) == ()


def test_of_a_few_files_nothing_is_learned(index: sqlite3.Connection) -> None:
    meaning.keep_up(index, begin, fill(index, 79))
    assert directions(index) == {}
    assert meaning.Meanings(index).of(["volume"], []) == ()
    assert meaning.nearness((), (1.0, 0.0)) == 0


def test_it_is_learned_anew_when_the_tracker_has_grown_by_half(index: sqlite3.Connection) -> None:
    meaning.keep_up(index, begin, fill(index, 100))
    put(index, 500, "neologism", "volume storage")
    meaning.keep_up(index, begin, [500])
    assert index.execute("SELECT files FROM learned").fetchall() == [(100,)]
    more = fill(index, 60, 1_000)
    for number in range(2_000, 2_005):
        more.append(put(index, number, "neologism", "volume storage"))
    meaning.keep_up(index, begin, more)
    assert index.execute("SELECT files FROM learned").fetchall() == [(166,)]
    assert index.execute("SELECT count(*) FROM direction WHERE term = 'neologism'").fetchone() == (1,)
    assert len(directions(index)) == 166


@pytest.mark.parametrize("many", [1, 1_000])
def test_new_files_are_described_one_by_one_and_by_many_alike(
    index: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    meaning.keep_up(index, begin, fill(index, 100))
    monkeypatch.setattr(meaning, "_MANY", many)
    new = fill(index, 20, 3_000)
    meaning.keep_up(index, begin, new)
    found, said = directions(index), meaning.Meanings(index)
    for number in new:
        title, body = index.execute("SELECT title, body FROM terms WHERE rowid = ?", (number,)).fetchone()
        assert found[number] == pytest.approx(said.of(title.split(), body.split()), abs=2e-3)


def test_what_somebody_writes_meanwhile_leaves_it_for_the_next_time(
    index: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = iter([1, 2, 2, 2])
    monkeypatch.setattr(meaning, "_writes_of_others", lambda connection: next(versions))
    meaning.keep_up(index, begin, fill(index, 100))
    assert directions(index) == {}
    assert not index.in_transaction
    meaning.keep_up(index, begin, [])
    assert len(directions(index)) == 100


@given(st.integers(0, 10_000))
def test_the_space_is_that_of_a_dense_decomposition(seed: int) -> None:
    chance = Random(seed)
    subjects = [[f"w{subject}x{word}" for word in range(4)] for subject in range(8)]
    texts = [dict.fromkeys(chance.sample(subjects[number % 8], 3), 1.0) for number in range(80)]
    counted = latent.Texts(texts)
    space = latent.space(counted, 8)
    matrix = np.zeros((len(texts), len(counted.terms)))
    for row, text in enumerate(texts):
        for term in text:
            matrix[row, counted.terms[term]] = 1
    rarity = np.log(len(texts) / (matrix > 0).sum(0))
    kept = [counted.terms[term] for term in space.terms]
    weighted = (matrix * rarity)[:, kept]
    weighted /= np.linalg.norm(weighted, axis=1, keepdims=True)
    exact = np.linalg.svd(weighted)[2][:8].T
    found = np.linalg.qr(space.directions / rarity[kept][:, None])[0]
    assert np.linalg.svd(found.T @ exact)[1] == pytest.approx(np.ones(8), abs=1e-2)
    lengths = np.linalg.norm(latent.directions(counted, space), axis=1)
    assert lengths == pytest.approx(np.ones(len(texts)), abs=1e-4)
