import json
from pathlib import Path

import ingest
from benchmarks.bulk import rows
from benchmarks.bulk.__main__ import line
from benchmarks.bulk.watch import Seen
from benchmarks.bulk.worker import MADE_UP, SomeReader
from tests.workers.factories import SmallReader


def test_the_file_is_as_real_sets_are(tmp_path: Path) -> None:
    made = list(rows.reviews(20_000))
    texts, ids = [row[3] for row in made], [row[1] for row in made]
    assert 55 < sum(map(len, texts)) / len(texts) < 65
    assert 0.28 < 1 - len(set(texts)) / len(texts) < 0.36
    assert 0.08 < 1 - len(set(ids)) / len(ids) < 0.12
    assert len({row[0] for row in made}) == rows.PRODUCTS
    assert made == list(rows.reviews(20_000))
    assert made != list(rows.reviews(20_000, seed=1))


def test_every_row_goes_in(tmp_path: Path) -> None:
    file = rows.write(tmp_path / "reviews.csv", 300)
    found = list(ingest.rows(file, "reviews"))
    assert len(found) == 300
    assert all(isinstance(row, ingest.Row) for row in found)


def test_only_the_first_texts_are_read_and_timed(tmp_path: Path) -> None:
    small, log = SmallReader(), tmp_path / "log.json"
    reader = SomeReader(small, rows=2, log=log)
    assert reader.version == small.version
    first, then = reader(["好", "差"]), reader(["差"])
    assert [found["sentiment"]["label"] for found in first] == ["positive", "negative"]
    assert then == [MADE_UP]
    measured = json.loads(log.read_text())
    assert measured["rows"] == 2
    assert 0 < measured["reading"] <= measured["all"]
    assert SomeReader(None, rows=0, log=None)(["差"]) == [MADE_UP]


def test_rates_are_of_the_stage_and_of_the_processor() -> None:
    seen = Seen(
        gaps={"import": 1.0, "score": 3.0},
        megabytes={"web": 180.0, "nlp0": 700.0, "nlp1": 750.0},
        state="succeeded",
        stages={"import": (0.0, 5.0), "score": (5.0, 25.0), "suspects": (25.0, 28.0), "daily": (28.0, 29.0)},
        processor={"import": {"workers": 4.0, "postgres": 2.0}},
    )
    found = line(100, seen, {"rows": 20, "reading": 1.9, "all": 2.0}, 170.0)
    assert (found["import_per_s"], found["import_per_python_s"], found["import_per_postgres_s"]) == (
        20,
        25,
        50,
    )
    assert (found["score_per_s"], found["of_nlp_alone"]) == (10.0, 0.95)
    assert found["suspects_s"] == 3.0
    assert (found["daily_s"], found["longest_gap_s"], found["worker_mb"]) == (1.0, 3.0, 750.0)
