"""The figure on the page is that of the model's card, and of the model that ships."""

import hashlib
import re
from pathlib import Path

import pytest

from webapp.pages.measured import CARDS, measured

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", ["accurate", "fast"])
def test_the_figure_is_the_cards(name: str) -> None:
    config = (ROOT / "nlp/models" / name / "config.json").read_bytes()
    found = measured(f"{name}-{hashlib.sha256(config).hexdigest()[:12]}+aspects-1+code")
    assert found is not None
    card = (ROOT / found.card).read_text()
    row = re.search(r"^\| all of \S+ \| ([\d,]+) \| \S+ \([^)]*\) \| ([\d.]+) \|", card, re.MULTILINE)
    assert row is not None
    assert (found.texts, found.macro_f1) == (int(row[1].replace(",", "")), float(row[2]))


def test_a_model_of_the_shops_own_has_none() -> None:
    assert measured("accurate-ffffffffffff+code") is None
    assert measured("") is None
    assert len(CARDS) == 2
