from __future__ import annotations

import gzip
import json
import os
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[2]))

from bench.precedent import __main__ as bench
from bench.precedent import trackers
from bench.precedent.__main__ import destination, main, options
from bench.precedent.labelled import Labelled, LabelledSet, load
from bench.precedent.latency import Sample, latency_of, one_core
from bench.precedent.rivals import RIVALS, Bm25, FullText, Rival, answers, replay
from bench.precedent.scoring import rank, score
from bench.precedent.trackers import imported, sized, spaced

from issuelog.model.report import MAX_TITLE


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache and results of our own."""
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results.json")
    return tmp_path / "results.json"


def made(name: str, day: int, *duplicate_of: str, title: str = "It fails", body: str = "") -> Labelled:
    return Labelled(name, f"2020-01-{day:02}T00:00:00Z", title, body, duplicate_of=duplicate_of)


def a_set() -> LabelledSet:
    """b, d and e are one error, told of in a chain and out of order; so are c and f. Nobody knows x."""
    return LabelledSet.of(
        [
            made("f", 6, "c"),
            made("b", 2, "d"),
            made("c", 3),
            made("d", 4),
            made("a", 1, "x", "a"),
            made("e", 5, "d"),
        ]
    )


def test_a_query_is_right_with_any_earlier_report_of_its_group() -> None:
    assert a_set().truth == {"d": {"b"}, "e": {"b", "d"}, "f": {"c"}}


def test_reports_of_one_moment_are_in_the_order_of_their_ids() -> None:
    same = LabelledSet.of([made("q", 1, "p"), made("p", 1)])
    assert same.truth == {"q": {"p"}}


def test_the_later_half_of_the_queries_has_the_odd_one() -> None:
    assert a_set().queries == ["d", "e", "f"]
    assert a_set().later == ["e", "f"]


def test_two_reports_with_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="same id"):
        LabelledSet.of([made("a", 1), made("a", 2)])


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        (["a", "b"], 2),
        (["e", "f", "d", "nobody", "b"], 1),  # later ones, the query itself and strangers take no place
        (["a", "a", "c", "b"], 3),
        (["a", "c"], None),
        ([], None),
    ],
)
def test_a_rank_counts_earlier_reports_once(answer: list[str], place: int | None) -> None:
    assert rank(a_set(), "d", answer) == place


def test_a_score_is_the_mean_over_the_queries_and_no_answer_is_a_miss() -> None:
    found = score(a_set(), {"d": ["b"], "e": ["a", "d", "b"]}, ["d", "e", "f"])
    assert found.queries == 3
    assert found.recall == [0.3333, 0.6667, 0.6667]
    assert found.mrr == 0.5
    assert found.interval == (0.0, 1.0)
    assert score(a_set(), {}, []).recall == [0.0, 0.0, 0.0]


def test_the_tenth_place_counts_and_the_eleventh_does_not() -> None:
    many = LabelledSet.of([*(made(f"a{number:02}", 1) for number in range(12)), made("b", 2), made("c", 3, "b")])
    others = [f"a{number:02}" for number in range(12)]
    assert score(many, {"c": [*others[:9], "b"]}, ["c"]).recall == [0.0, 0.0, 1.0]
    assert score(many, {"c": [*others[:10], "b"]}, ["c"]).recall == [0.0, 0.0, 0.0]


def test_the_interval_narrows_around_the_recall_with_more_queries() -> None:
    chain = LabelledSet.of(
        [made("a000", 1), *(made(f"a{number:03}", 1, f"a{number - 1:03}") for number in range(1, 401))]
    )
    half = {query: ["a000"] for query in chain.queries[::2]}
    low, high = score(chain, half, chain.queries).interval
    assert low < 0.5 < high
    assert high - low < 0.12
    low, high = score(chain, half, chain.queries[:20]).interval
    assert high - low > 0.3


def reports(*texts: tuple[str, str]) -> list[Labelled]:
    return [made(f"r{number}", number, title=title, body=body) for number, (title, body) in enumerate(texts, 1)]


@pytest.mark.parametrize("rival", [FullText(), Bm25()])
def test_a_rival_finds_the_words_of_earlier_reports_alone(rival: Rival) -> None:
    known = LabelledSet.of(
        reports(
            ("Export stops", "at half of the rows"),
            ("Log-in fails", 'with the "new" password AND the old'),
            ("", ""),
            ("Log-in", 'NEW password OR "none" NOT'),
            ("Export stops", "and says password"),
        )
    )
    found = dict(replay(known, rival, ["r1", "r3", "r4"]))
    assert found["r1"] == found["r3"] == []
    assert found["r4"][0] == "r2"
    assert "r5" not in found["r4"]


@pytest.mark.parametrize("rival", [FullText(), Bm25()])
def test_a_rival_names_what_has_more_of_the_words_first(rival: Rival) -> None:
    known = LabelledSet.of(
        reports(("export half", "error rows"), ("export half", "colour blue"), ("export half", "error rows"))
    )
    assert dict(replay(known, rival, ["r3"]))["r3"] == ["r1", "r2"]


def test_bm25_takes_a_word_in_a_title_for_three() -> None:
    same = "one two three four five six"
    known = LabelledSet.of(reports(("umlaut", same), (same, "umlaut"), (same, same), ("umlaut", "")))
    assert dict(replay(known, Bm25(), ["r4"]))["r4"] == ["r1", "r2"]


def test_bm25_takes_a_word_as_often_as_it_is_asked_for() -> None:
    known = LabelledSet.of(
        reports(("", "umlaut"), ("", "label"), ("", "label umlaut umlaut"), ("", "label label umlaut"))
    )
    assert dict(replay(known, Bm25(), ["r3", "r4"])) == {"r3": ["r1", "r2"], "r4": ["r3", "r2", "r1"]}


def test_bm25_weighs_a_text_by_its_length_beside_the_others() -> None:
    def text(word: str, times: int, length: int) -> tuple[str, str]:
        return "", " ".join([word] * times + ["filler"] * (length - times))

    little = LabelledSet.of(reports(text("rows", 2, 20), text("rows", 1, 8), ("", "rows")))
    assert dict(replay(little, Bm25(), ["r3"]))["r3"] == ["r1", "r2"]
    much = LabelledSet.of(reports(text("rows", 1, 4), text("rows", 2, 40), ("", "rows")))
    assert dict(replay(much, Bm25(), ["r3"]))["r3"] == ["r1", "r2"]


def test_processes_share_the_queries_and_answer_as_one_does() -> None:
    words = ["export", "log-in", "umlaut", "label"]
    random = Random(3)
    known = LabelledSet.of(
        [
            made(f"r{number:02}", number, f"r{number - 1:02}", title=random.choice(words), body=random.choice(words))
            for number in range(1, 20)
        ]
    )
    found = answers(known, 2)
    for name, rival in RIVALS.items():
        assert found[name] == dict(replay(known, rival(), known.queries))
        assert len(found[name]) == len(known.queries)


def a_file(folder: Path, *lines: dict[str, Any]) -> Path:
    file = folder / "made.jsonl.gz"
    file.write_bytes(gzip.compress("".join(f"{json.dumps(line)}\n" for line in lines).encode()))
    return file


def line(name: str, **more: Any) -> dict[str, Any]:
    number = int(name[1:])
    return {"id": name, "created": f"2020-01-{number:02}T00:00:00Z", "title": f"Trouble {name}", "body": "", **more}


def test_a_file_is_read_as_it_is_described(tmp_path: Path) -> None:
    file = a_file(
        tmp_path,
        line("r2", duplicate_of="r1", component=["web", "api"], version="1.2", product="P"),
        line("r1", duplicate_of=[], component="web", title=None, body=None),
        line("r3", duplicate_of=["r1"]),
    )
    found = load(file)
    assert [report.id for report in found.reports] == ["r1", "r2", "r3"]
    assert [report.component for report in found.reports] == ["web", "web, api", ""]
    assert found.truth == {"r2": {"r1"}, "r3": {"r1", "r2"}}
    assert load(file, 2).truth == {"r2": {"r1"}}


def test_what_a_tracker_could_not_hold_is_put_where_it_can() -> None:
    long = json.loads(made("a", 1, title="x" * MAX_TITLE + " end", body="story").json_line())
    assert long["title"] == "x" * MAX_TITLE
    assert long["story"] == "x" * MAX_TITLE + " end\nstory"
    assert json.loads(made("a", 1, title="", body="story").json_line())["story"] == "story"
    bare = json.loads(made("a", 1, title="It fails").json_line())
    assert (bare["title"], bare["story"]) == ("It fails", "It fails")


def test_a_tracker_answers_with_the_earlier_ids_of_the_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trackers, "_AT_ONCE", 2)
    texts = [("Export stops at half", "EXPORT-507 worker terminated"), ("Label without umlaut", "glyph not found")]
    known = LabelledSet.of(reports(*texts, *texts))
    tracker = imported(known)
    found = tracker.answers(["r1", "r3", "r4"], 2)
    assert found["r1"] == []
    assert found["r3"][0] == "r1"
    assert found["r4"][0] == "r2"
    assert imported(known).own == tracker.own  # kept


def test_a_set_is_cut_or_continued_by_varied_copies() -> None:
    story = "several words of a story that goes on for some time, as long as others go on"
    known = LabelledSet.of(reports(*((f"title number{one} here", story) for one in range(20))))
    assert [one.id for one in sized(known, 5).reports] == ["r1", "r2", "r3", "r4", "r5"]
    larger = sized(known, 50)
    assert len(larger.reports) == 50
    assert set(known.reports) < set(larger.reports)
    copies = [one for one in larger.reports if "~" in one.id]
    assert not any(one.duplicate_of for one in copies)
    assert len({(one.title, one.body) for one in larger.reports}) > 45
    assert sized(known, 50) == larger


def test_spaced_items_come_from_all_over() -> None:
    assert list(spaced([str(number) for number in range(10)], 2)) == ["2", "7"]
    assert list(spaced(["a"], 5)) == ["a"]


def test_a_latency_sets_each_run_beside_those_of_its_round() -> None:
    rounds = [Sample(0.01, 0.1, 0.15), Sample(0.02, 0.1, 0.4), Sample(0.01, 0.3, 0.35)]
    found = latency_of(1000, 1, rounds)
    assert (found.median_ms, found.p95_ms, found.show_ms, found.beyond_ms) == (350.0, 400.0, 100.0, 50.0)
    assert found.times_python == 20.0


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system keeps no process on a core")
def test_the_cores_are_given_back() -> None:
    before = os.sched_getaffinity(0)
    with one_core() as cores:
        assert cores == len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before


def test_without_data_it_says_so_and_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "SHARED", tmp_path)
    main([])
    assert "nothing to measure" in capsys.readouterr().out


@pytest.mark.parametrize("partial", [["--first", "9"], ["--sizes", "1000"], ["--only", "quality"], ["--data", "x.gz"]])
def test_a_partial_run_has_nowhere_to_write_unless_told(partial: list[str], tmp_path: Path, kept: Path) -> None:
    assert destination(options(partial)) is None
    assert destination(options([*partial, "--out", str(tmp_path / "x")])) == tmp_path / "x"
    assert destination(options([])) == kept


def test_a_run_over_a_small_set_prints_and_writes_what_it_found(
    tmp_path: Path, kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_file(tmp_path, line("r1"), line("r2", title="Other"), line("r3", title="Trouble r1", duplicate_of="r1"))
    main(["--data", str(file), "--sizes", "2", "--out", str(tmp_path / "out.json")])
    printed = capsys.readouterr().out
    assert "made.jsonl.gz, 3 reports" in printed
    [found] = json.loads((tmp_path / "out.json").read_text())["sets"]
    assert [one["name"] for one in found["quality"]] == ["issuelog", *RIVALS]
    assert found["quality"][0]["all"] == {
        "queries": 1,
        "recall": [1.0, 1.0, 1.0],
        "mrr": 1.0,
        "interval": [1.0, 1.0],
    }
    assert [(one["reports"], one["runs"]) for one in found["latency"]] == [(2, 2)]
    assert not kept.exists()
