import json
from pathlib import Path

import pytest

from nlp.__main__ import main
from nlp.digest_file import digest_file
from nlp.pipeline import Analyzer
from nlp.reading import ReadError
from nlp.segment import Segmenter
from tests.nlp.letters import LetterEncoder


@pytest.fixture(scope="module")
def analyzer(segmenter: Segmenter) -> Analyzer:
    return Analyzer(LetterEncoder(), segmenter)


def file(folder: Path, *rows: str) -> str:
    path = folder / "reviews.csv"
    path.write_text("\n".join(["text,when", *rows]) + "\n", encoding="utf-8")
    return str(path)


def test_reviews_are_named_by_their_rows(tmp_path: Path, analyzer: Analyzer) -> None:
    rows = [f"物流送货真快{'一二三四五六'[number]},2026-06-0{number + 1} 10:00:00" for number in range(6)]
    found = digest_file(file(tmp_path, *rows), analyzer, date_column="when")
    assert (found["reviews"], found["from"], found["to"]) == (6, "2026-06-01", "2026-06-06")
    [pro] = found["summary"]["pros"]
    assert {quote["review_id"] for quote in pro["quotes"]} <= set(range(1, 7))


def test_suspects_are_left_out(tmp_path: Path, analyzer: Analyzer) -> None:
    assert digest_file(file(tmp_path, "此用户没有填写评价。,", "物流送货真快啊,"), analyzer)["reviews"] == 1


def test_without_dates_nothing_is_emerging(tmp_path: Path, analyzer: Analyzer) -> None:
    path = file(tmp_path, "物流送货真快,")
    assert digest_file(path, analyzer)["emerging"] is None
    assert digest_file(path, analyzer, date_column="when")["from"] is None


@pytest.mark.parametrize("value", ["昨天", "2026-13-40", "0"])
def test_a_date_that_cannot_be_read_is_named_with_its_row(
    tmp_path: Path, analyzer: Analyzer, value: str
) -> None:
    path = file(tmp_path, "物流快,2026-06-01", f"屏幕好,{value}")
    with pytest.raises(ReadError, match=f"row 2, column 'when': '{value}' is no date"):
        digest_file(path, analyzer, date_column="when")


def test_a_missing_column_is_named(tmp_path: Path, analyzer: Analyzer) -> None:
    with pytest.raises(ReadError, match="no column 'day'"):
        digest_file(file(tmp_path, "物流快,2026-06-01"), analyzer, date_column="day")


def test_an_empty_file_has_an_empty_digest(tmp_path: Path, analyzer: Analyzer) -> None:
    assert digest_file(file(tmp_path), analyzer)["reviews"] == 0


def test_the_command_writes_the_digest(
    tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Analyzer, "load", lambda *_, **__: analyzer)
    path, out = file(tmp_path, *["物流送货真快,2026-06-01"] * 5), tmp_path / "out.json"
    command = ["digest", path, "--date-column", "when", "--names", "物流,送货", "-o", str(out)]
    assert main(command) == 0
    assert json.loads(out.read_text("utf-8")) == digest_file(path, analyzer, date_column="when")
    assert main([*command, "--text-column", "评论"]) == 2
