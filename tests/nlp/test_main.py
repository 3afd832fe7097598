import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import nlp.__main__
from nlp.__main__ import batches, main, usable_cores
from nlp.pipeline import Analyzer

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def fake_engine(analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Let the command load the fake classifier, and remember how it asked."""
    asked: dict[str, Any] = {}

    def load(engine: str = "accurate", threads: int = 1) -> Analyzer:
        asked.update(engine=engine, threads=threads)
        return analyzer

    monkeypatch.setattr(nlp.__main__.Analyzer, "load", load)
    return asked


def written(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_analyze_in_order_over_many_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nlp.__main__, "_BATCH_TEXTS", 3)
    source, out = tmp_path / "in.csv", tmp_path / "out.jsonl"
    source.write_text("text\n" + "很好\n差\n" * 5, "utf-8")
    assert main(["analyze", str(source), "-o", str(out), "--only", "sentiment"]) == 0
    answers = written(out)
    assert [answer["sentiment"]["label"] for answer in answers] == ["positive", "negative"] * 5
    assert all(set(answer) == {"sentiment"} for answer in answers)
    assert list(tmp_path.glob("*.part")) == []


def test_everything_by_default(tmp_path: Path, analyzer: Analyzer) -> None:
    source, out = tmp_path / "in.jsonl.gz", tmp_path / "out.jsonl"
    source.write_bytes(gzip.compress('{"评论": "物流很快"}\n'.encode()))
    assert main(["analyze", str(source), "--text-column", "评论", "-o", str(out)]) == 0
    assert written(out) == analyzer(["物流很快"])
    assert "物流" in out.read_text("utf-8")


def test_engine_and_threads_are_passed_on(tmp_path: Path, fake_engine: dict[str, Any]) -> None:
    source, out = tmp_path / "in.txt", tmp_path / "out"
    source.write_text("好")
    assert main(["analyze", str(source), "-o", str(out), "--engine", "fast"]) == 0
    assert fake_engine == {"engine": "fast", "threads": usable_cores()}
    assert main(["analyze", str(source), "-o", str(out), "--threads", "3"]) == 0
    assert fake_engine["threads"] == 3


def test_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "in.txt"
    source.write_text("很好\n差\n")
    monkeypatch.setattr(sys.stdout, "reconfigure", lambda **options: None, raising=False)
    assert main(["analyze", str(source), "--only", "language,pii"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line) for line in lines] == [{"pii": [], "language": "zh"}] * 2


@pytest.mark.parametrize("column", ["description", None])
def test_describe_in_order(
    tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch, column: str | None
) -> None:
    monkeypatch.setattr(nlp.__main__, "_BATCH_TEXTS", 2)
    source, out = tmp_path / "in.csv", tmp_path / "out.jsonl"
    titles, descriptions = ["书包", "保温杯 500ml", "台灯"], ["防水轻便", "不漏水", ""]
    lines = [f"{title},{said}\n" for title, said in zip(titles, descriptions, strict=True)]
    source.write_text("title,description\n" + "".join(lines), "utf-8")
    chosen = ["--description-column", column] if column else []
    assert main(["describe", str(source), "-o", str(out), *chosen]) == 0
    assert written(out) == analyzer.describe(titles, descriptions if column else ["", "", ""])


@pytest.mark.parametrize(("file", "fault"), [("-", "read from a file"), ("in.csv", "no column 'title'")])
def test_describe_needs_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, file: str, fault: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text("name\n书包\n", "utf-8")
    assert main(["describe", file, "-o", "out"]) == 2
    assert fault in capsys.readouterr().err


def test_bad_input_names_its_place_and_leaves_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.jsonl"
    source.write_text("n,text\n1,好\n2\n")
    out.write_text("what was there")
    assert main(["analyze", str(source), "-o", str(out)]) == 2
    error = capsys.readouterr().err
    assert error == f"nlp: {source}: line 3: no value in column 'text', only 1 columns\n"
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["in.csv", "out.jsonl"]
    assert out.read_text() == "what was there"


def test_a_folder_that_is_not_there_cannot_be_written_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in.txt"
    source.write_text("好")
    assert main(["analyze", str(source), "-o", str(tmp_path / "none" / "out")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_device_is_written_to_as_it_is(tmp_path: Path) -> None:
    source = tmp_path / "in.txt"
    source.write_text("好")
    assert main(["analyze", str(source), "-o", os.devnull]) == 0
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize(
    "arguments",
    [[], ["analyse"], ["analyze"], ["analyze", "x", "--only", "joy"], ["analyze", "x", "--only", ","]],
)
def test_wrong_arguments_end_with_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_a_lone_surrogate_becomes_its_escape(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "质量\\ud800很好"}\n')
    assert main(["analyze", str(source), "-o", str(out)]) == 0
    assert len(written(out)) == 1


def test_batches_are_bounded_in_texts_and_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nlp.__main__, "_BATCH_TEXTS", 3)
    monkeypatch.setattr(nlp.__main__, "_BATCH_CHARACTERS", 10)
    assert list(batches(iter("abcdefg"))) == [["a", "b", "c"], ["d", "e", "f"], ["g"]]
    assert list(batches(iter(["x" * 12, "y", "z" * 9, "w"]))) == [["x" * 12], ["y", "z" * 9], ["w"]]
    assert list(batches(iter([]))) == []


HOLDING_A_WORD = [
    *(f"{one}玛丽苏{two}" for one in "衣裤鞋帽袜" for two in "好坏贵香新"),
    *(f"{chr(0x5000 + number)}，" for number in range(500)),
]


def test_words_are_suggested_best_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps({"评论": text}) + "\n" for text in HOLDING_A_WORD), "utf-8")
    assert main(["words", str(source), "--text-column", "评论", "--top", "1", "--least", "25"]) == 0
    word = json.loads(capsys.readouterr().out)
    assert (word["word"], word["count"], word["texts"]) == ("玛丽苏", 25, 25)
    assert word["score"] > 0
    assert main(["words", str(source), "--text-column", "评论", "--least", "26"]) == 0
    assert capsys.readouterr().out == ""


def test_a_change_of_words_is_told_beforehand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.txt"
    source.write_text("快递员热情\n物流快\n面料不错\n", "utf-8")
    assert main(["words-preview", str(source), "--add", "快递员", "--split", "不错"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["texts"], told["changed"], told["appearing"]) == (3, 2, {"快递员": 1})
    assert told["examples"][0] == {"before": ["快递", "员", "热情"], "after": ["快递员", "热情"]}
    assert main(["words-preview", str(source), "--add", "冰丝凉感", "a b"]) == 2
    assert "'a b'" in capsys.readouterr().err


def run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "nlp", *arguments]
    return subprocess.run(command, input=given, capture_output=True, cwd=ROOT, timeout=120, check=False)


def test_unknown_engine_for_real() -> None:
    ended = run("analyze", "-", "--engine", "none-such", given="好".encode())
    assert ended.returncode == 2
    assert ended.stderr.startswith(b"nlp: unknown engine 'none-such'; available: ")
    assert ended.stdout == b""


def test_standard_input_for_real() -> None:
    ended = run("analyze", "-", "--only", "sentiment", given="质量很好，非常满意\n太差了，退货\n".encode())
    assert ended.returncode == 0, ended.stderr
    scores = [json.loads(line)["sentiment"]["score"] for line in ended.stdout.splitlines()]
    assert scores[0] > 0 > scores[1]


def test_words_of_standard_input_for_real() -> None:
    ended = run("words", "-", "--top", "1", given="\n".join(HOLDING_A_WORD).encode())
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["word"] == "玛丽苏"


def test_sentiment_eval_for_real(tmp_path: Path) -> None:
    source = tmp_path / "labelled.csv"
    source.write_text("标注,评论\n1,质量很好，非常满意\n0,太差了，退货\n", "utf-8")
    ended = run("sentiment-eval", str(source), "--text-column", "评论", "--label-column", "标注")
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    assert (report["rows"], report["accuracy"], report["engine"]) == (2, 1.0, "accurate")


@pytest.mark.parametrize("rules", [[], ["--rules"]])
def test_aspects_eval_for_real(tmp_path: Path, rules: list[str]) -> None:
    source = tmp_path / "labelled.csv"
    source.write_text("text,aspect,opinion,category,polarity\n物流很快,物流,很快,物流,positive\n", "utf-8")
    ended = run("aspects-eval", str(source), *rules)
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    names = ("rows", "polarity_macro_f1", "pair_f1", "triplet_f1", "category_polarity_f1")
    assert [report[name] for name in names] == [1, 1.0, 1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("command", "missing"), [("sentiment-eval", b"label"), ("aspects-eval", b"polarity")]
)
def test_labels_that_are_missing(tmp_path: Path, command: str, missing: bytes) -> None:
    source = tmp_path / "unlabelled.csv"
    source.write_text("text\n好\n", "utf-8")
    ended = run(command, str(source))
    assert ended.returncode == 2
    assert b"no column " + missing in ended.stderr
