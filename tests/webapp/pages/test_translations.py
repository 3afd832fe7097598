"""Every text that a reader may see is in the Chinese catalogue."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[3]
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "N_": None}


@pytest.fixture(scope="module")
def used() -> dict[str, str]:
    """Text to the file that uses it."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    inside = [(pattern.removeprefix("webapp/"), method) for pattern, method in methods]
    found = extract_from_dir(ROOT / "webapp", inside, options, KEYWORDS)
    return {message: name for name, _, message, _, _ in found}


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (ROOT / "webapp/translations/zh_Hans_CN/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="zh_Hans_CN")


def test_the_extraction_finds_texts_of_code_and_templates(used: dict[str, str]) -> None:
    assert used["No scored review"].endswith(".py")
    assert used["Log out"].endswith(".html")
    assert len(used) > 250


def test_each_text_is_translated(used: dict[str, str], catalogue: Catalog) -> None:
    translated = {message.id for message in catalogue if message.id and message.string}
    assert {text: name for text, name in used.items() if text not in translated} == {}


def test_no_translation_is_a_guess(catalogue: Catalog) -> None:
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


def test_nothing_translated_is_unused(used: dict[str, str], catalogue: Catalog) -> None:
    assert [message.id for message in catalogue if message.id and message.id not in used] == []


def test_placeholders_survive_translation(catalogue: Catalog) -> None:
    wrong = [(message.id, error) for message, errors in catalogue.check() for error in errors]
    assert wrong == []
