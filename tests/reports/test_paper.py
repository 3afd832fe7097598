"""The PDF is read by another library than the one that wrote it."""

import re
from pathlib import Path

import pypdfium2
import pytest
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_PATH

from reports.paper import write_paper
from tests.reports.factories import NAME, figures


def text_of(path: Path) -> str:
    """Return the words of all pages as a reader would copy them, blanks aside."""
    with pypdfium2.PdfDocument(path) as book:
        return "".join("".join(page.get_textpage().get_text_range() for page in book).split())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "a.pdf"
    write_paper(made, figures(), "zh")
    return made


def test_it_says_the_product_its_cut_off_and_its_figures(path: Path) -> None:
    words = text_of(path)
    for said in (
        NAME,
        "销量数据截止2026-11-20",
        "差评率20.0%",
        "模型对比",
        "ab" * 32,
        "00123456789012345678",
    ):
        assert said.replace(" ", "") in words, said


def test_the_font_is_inside_and_only_a_part_of_it(path: Path) -> None:
    body = path.read_bytes()
    assert set(re.findall(rb"/FontName /([\w+]+)", body)) == {b"MPDFAA+NotoSansSC"}
    assert b"/FontFile3" in body
    assert len(body) < 150_000, "the whole font has 8 MB"


def test_the_chart_is_drawn_as_lines(path: Path) -> None:
    with pypdfium2.PdfDocument(path) as book:
        kinds = [item.type for item in book[0].get_objects()]
    assert kinds.count(FPDF_PAGEOBJ_PATH) > 20
    assert FPDF_PAGEOBJ_IMAGE not in kinds


def test_english(tmp_path: Path) -> None:
    write_paper(tmp_path / "a.pdf", figures(), "en")
    assert "Salesupto2026-11-20" in text_of(tmp_path / "a.pdf")


def test_the_same_snapshot_is_the_same_file(path: Path, tmp_path: Path) -> None:
    write_paper(tmp_path / "b.pdf", figures(), "zh")
    assert (tmp_path / "b.pdf").read_bytes() == path.read_bytes()


def test_a_product_without_anything_is_written_too(tmp_path: Path) -> None:
    empty = {"scored": 0, "reviews": 0, "positive": 0, "negative": 0, "units": None}
    kpis = {part: empty | {"start": "2026-11-01", "end": "2026-11-20"} for part in ("current", "previous")}
    bare = {"champion": None, "metrics": {}, "lift": None, "coverage": {}}
    bare_figures = figures(kpis=kpis, days=[], forecast=None, backtest=bare, aspects=[], conclusion=[])
    write_paper(tmp_path / "a.pdf", bare_figures, "zh")
    assert NAME.replace(" ", "") in text_of(tmp_path / "a.pdf")
