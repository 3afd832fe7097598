from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from ingest import CorruptFileError, UnsupportedFileError
from ingest import lines as lines_module
from ingest.lines import BOM, GB18030, UTF8, Lines, encoding_of, known
from ingest.streams import MAX_UNPACKED


def read(data: bytes, encoding: str = UTF8) -> tuple[list[str], dict[int, str]]:
    lines = Lines(BytesIO(data), encoding)
    return list(lines), lines.faults


def test_lines_keep_their_ends() -> None:
    assert read("a\r\n评论\nz".encode()) == (["a\r\n", "评论\n", "z"], {})


def test_only_newlines_end_a_line() -> None:
    text = "a\u2028b\x0bc\x85d\n"
    assert read(text.encode())[0] == [text]


def test_a_file_of_carriage_returns() -> None:
    assert read(b"a\rb\rc")[0] == ["a\r", "b\r", "c"]


def test_a_byte_order_mark_is_dropped() -> None:
    assert read(BOM + "评论\n".encode())[0] == ["评论\n"]


def test_nothing_gives_no_line() -> None:
    assert read(b"") == ([], {})
    assert read(BOM) == ([], {})


def test_a_stray_byte_marks_its_line_with_its_offset() -> None:
    data = "评论\n好".encode("gb18030") + b"\xff" + "的,x\n行\n".encode("gb18030")
    lines, faults = read(data, GB18030)
    assert faults == {2: "undecodable:7"}
    assert data[7] == 0xFF
    assert lines == ["评论\n", "好\udcff的,x\n", "行\n"]


def test_offsets_count_the_byte_order_mark() -> None:
    data = BOM + b"ab\xff\n"
    assert read(data)[1] == {1: "undecodable:5"}


def test_a_nul_marks_its_line() -> None:
    lines, faults = read(b"a\nb\0c\n")
    assert (lines, faults) == (["a\n", "b\0c\n"], {2: "nul:3"})


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"第{n}行的评论内容\n" for n in range(200))
    data = text.encode() + b"\xffend\n" + text.encode()
    whole = read(data)
    monkeypatch.setattr(lines_module, "BLOCK", 7)
    assert read(data) == whole
    assert whole[1] == {201: f"undecodable:{len(text.encode())}"}


def test_an_endless_line_stops_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "LINE_LIMIT", 2**20)
    with pytest.raises(CorruptFileError) as caught:
        read(b"a\n" + b"x" * 2**22)
    assert (caught.value.code, caught.value.line) == ("line_too_long", 2)


@pytest.mark.parametrize("name", ["utf-8", "UTF8", "utf-8-sig", "utf_8"])
def test_names_of_utf8(name: str) -> None:
    assert known(name) == UTF8


@pytest.mark.parametrize("name", ["gb18030", "GBK", "gb2312", "GB-18030", "cp936"])
def test_names_of_gb18030(name: str) -> None:
    assert known(name) == GB18030


def test_other_encodings_are_refused_by_name() -> None:
    with pytest.raises(UnsupportedFileError, match="big5"):
        known("big5")


Write = Callable[..., Path]
TEXT = "商品ID,评论内容\n1,味道很好，物流也快\n2,有异味\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("gz", [False, True])
def test_utf8_is_recognised(write: Write, encoding: str, gz: bool) -> None:
    assert encoding_of(write(TEXT, encoding=encoding, gz=gz), MAX_UNPACKED) == UTF8


@pytest.mark.parametrize("gz", [False, True])
def test_gb18030_is_recognised(write: Write, gz: bool) -> None:
    assert encoding_of(write(TEXT, encoding="gb18030", gz=gz), MAX_UNPACKED) == GB18030


def test_plain_ascii_is_utf8(write: Write) -> None:
    assert encoding_of(write("a,b\n1,2\n"), MAX_UNPACKED) == UTF8


def test_gb18030_is_recognised_when_only_the_header_is_chinese(write: Write) -> None:
    path = write("商品ID,日期,销量\n" + "1,2026-01-01,3\n" * 1000, encoding="gbk")
    assert encoding_of(path, MAX_UNPACKED) == GB18030


def test_gb18030_is_recognised_when_chinese_comes_late(write: Write) -> None:
    path = write("id,text\n" + "1,ok\n" * 200_000 + "2,最后一行才有中文", encoding="gbk")
    assert encoding_of(path, MAX_UNPACKED) == GB18030


@pytest.mark.parametrize("stray", [b"\xff", b"\x80", b"\xc4\n"])
def test_a_stray_byte_does_not_hide_gb18030(write: Write, stray: bytes) -> None:
    data = TEXT.encode("gb18030") + b"3," + stray + TEXT.encode("gb18030")
    assert encoding_of(write(data), MAX_UNPACKED) == GB18030


@pytest.mark.parametrize("stray", [b"\xff", b"\x80", b"\xe8\xaf"])
def test_a_stray_byte_does_not_hide_utf8(write: Write, stray: bytes) -> None:
    assert encoding_of(write(TEXT.encode() + b"3," + stray + b"\n" + TEXT.encode()), MAX_UNPACKED) == UTF8


def test_a_long_file_is_settled_by_its_first_lines(write: Write) -> None:
    line = "1,味道很好\n".encode("gbk")
    assert encoding_of(write(line * 200_000), MAX_UNPACKED) == GB18030


def test_an_endless_line_does_not_stop_the_guess(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "LINE_LIMIT", 2**19)
    assert encoding_of(write("好" * 2**20, encoding="gbk"), MAX_UNPACKED) in (UTF8, GB18030)
