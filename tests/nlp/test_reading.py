import codecs
import gzip
import io
import json
import sys
from pathlib import Path

import pytest

from nlp.reading import ReadError, texts

ROWS = ["质量很好，推荐", '说"好"的\n第二行', "", "a,b"]


def csv_bytes(encoding: str) -> bytes:
    body = 'id,text\r\n1,"质量很好，推荐"\r\n2,"说""好""的\n第二行"\r\n3,\r\n4,"a,b"\r\n'
    return body.encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("suffix", [".csv", ".CSV", ".csv.gz"])
def test_csv_in_any_encoding(tmp_path: Path, encoding: str, suffix: str) -> None:
    path = tmp_path / f"in{suffix}"
    data = csv_bytes(encoding)
    path.write_bytes(gzip.compress(data) if suffix.endswith(".gz") else data)
    assert list(texts(str(path), "text")) == ROWS
    assert list(texts(str(path), "id")) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("suffix", [".jsonl", ".ndjson.gz"])
def test_json_lines(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"in{suffix}"
    data = "\n".join(json.dumps({"text": row, "n": 1}) for row in ROWS).encode() + b"\n\n"
    path.write_bytes(gzip.compress(data) if suffix.endswith(".gz") else data)
    assert list(texts(str(path), "text")) == ROWS


def test_plain_file_is_a_text_a_line(tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    path.write_bytes("好\r\n\n差".encode("gb18030"))
    assert list(texts(str(path), "text")) == ["好", "", "差"]


class Standard:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def test_standard_input_is_a_text_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    data = codecs.BOM_UTF8 + "好\r\n".encode() + "差\n".encode("gb18030") + "完".encode()
    monkeypatch.setattr(sys, "stdin", Standard(data))
    assert list(texts("-", "text")) == ["好", "差", "完"]


def test_standard_input_in_no_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Standard("好\n".encode() + b"ab\xff\xff\n"))
    with pytest.raises(ReadError, match="line 2, column 3"):
        list(texts("-", "text"))


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.csv", b"", "no column 'text'; the columns are none"),
        ("a.csv", b"id,body\n1,x\n", "line 1: no column 'text'; the columns are id, body"),
        ("a.csv", b"id,text\n1,x\n2\n", "line 3: no value in column 'text'"),
        ("a.csv", b'id,text\n1,"x\n2,y\n', "line 3, column 'text': .*quotation mark"),
        ("a.csv", b"text\nok\nab\xff\xff\n", "line 3, byte 3"),
        ("a.csv", b"text\n" + b"x" * 200_000, "line 2, column 'text': field larger"),
        ("a.jsonl", b'{"text": "a"}\n{"text": }\n', "line 2, column 10: not JSON"),
        ("a.jsonl", b'{"text": 5}\n', "line 1, column 'text': no text"),
        ("a.jsonl", b"[1]\n", "line 1, column 'text': no text"),
        ("a.jsonl", b"[" * 100_000, "line 1, column 1"),
        ("a.csv.gz", b"text\nok\n", "a.csv.gz: "),
        ("a.csv.gz", gzip.compress(b"text\nok\n" * 1000)[:-20], "a.csv.gz: "),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ReadError, match=message) as raised:
        list(texts(str(path), "text"))
    assert str(raised.value).startswith(str(path))


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(ReadError, match=str(path)):
            list(texts(str(path), "text"))


def test_undecodable_bytes_far_into_a_file(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes("好好\n".encode() * 400_000 + b"ab\xff\xff\n")
    with pytest.raises(ReadError, match="line 400001, byte 3"):
        list(texts(str(path), "text"))


def test_rows_are_streamed(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(b"text,n\nfirst,1\nsecond\n" + b"x,1\n" * 10 + b'"')
    stream = texts(str(path), "text")
    assert [next(stream), next(stream)] == ["first", "second"]
