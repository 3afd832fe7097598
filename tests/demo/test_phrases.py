import re
from collections.abc import Iterator
from itertools import product
from string import Formatter

import pytest

from demo import phrases
from demo.items import ITEMS
from demo.phrases import ASPECTS, CLOSERS, COMMON, CONCESSIONS, DEGREES, EMOJI, OPENERS, TEMPLATES, Polarity
from nlp import privacy

POLARITIES: tuple[Polarity, ...] = ("positive", "negative", "neutral")
ALL_ASPECTS = {**COMMON, **ASPECTS}
HAN = re.compile(r"[\u4e00-\u9fff]")
SLOTS = {"who": phrases.WHO, "event": phrases.EVENTS, "n": tuple(map(str, range(2, 30)))}


def slots(phrase: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(phrase) if name is not None]


def clauses() -> Iterator[tuple[str, Polarity, str]]:
    for aspect, table in ALL_ASPECTS.items():
        for polarity in POLARITIES:
            for clause in table[polarity]:
                yield aspect, polarity, clause


def tables() -> dict[str, tuple[str, ...]]:
    """Return every table whose phrases reach a reader, by name; the empty ones are weights, not phrases."""
    found = {f"{aspect} {polarity}": ALL_ASPECTS[aspect][polarity] for aspect, polarity, _ in clauses()}
    for name, by_polarity in (("degrees", DEGREES), ("openers", OPENERS), ("closers", CLOSERS)):
        found |= {f"{name} {polarity}": tuple(filter(None, by_polarity[polarity])) for polarity in POLARITIES}
    found |= {f"concessions {polarity}": options for polarity, options in CONCESSIONS.items()}
    return found | {"who": phrases.WHO, "events": phrases.EVENTS, "templates": TEMPLATES}


TABLES = tables()


def filled(phrase: str, degrees: tuple[str, ...] = ("",)) -> Iterator[str]:
    """Yield a phrase with every word that its slots can take."""
    names = list(dict.fromkeys(slots(phrase)))
    for words in product(*({"": degrees, **SLOTS}[name] for name in names)):
        text = phrase
        for name, word in zip(names, words, strict=True):
            text = text.replace("{" + name + "}", word)
        yield text


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_no_blank_and_no_phrase_twice(name: str) -> None:
    table = TABLES[name]
    assert table
    assert all(phrase == phrase.strip() and phrase for phrase in table)
    assert [phrase for phrase in table if table.count(phrase) > 1] == []


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_chinese_with_chinese_punctuation(name: str) -> None:
    for phrase in TABLES[name]:
        assert HAN.search(phrase), phrase
        assert not set(phrase) & set(",.!?;:()\"'|\t\n\ufffd\u3000"), phrase


def test_every_aspect_can_be_praised_and_blamed_in_several_ways() -> None:
    for aspect, table in ALL_ASPECTS.items():
        assert set(table) == set(POLARITIES), aspect
        assert len(table["positive"]) >= 3, aspect
        assert len(table["negative"]) >= 3, aspect


def test_no_clause_of_an_aspect_says_two_things() -> None:
    for aspect, table in ALL_ASPECTS.items():
        for one, other in (("positive", "negative"), ("positive", "neutral"), ("negative", "neutral")):
            assert not set(table[one]) & set(table[other]), aspect  # type: ignore[index]


def test_a_clause_of_praise_is_blame_nowhere_else() -> None:
    said = {polarity: {clause for _, p, clause in clauses() if p == polarity} for polarity in POLARITIES}
    assert not said["positive"] & said["negative"]


def test_own_aspects_and_common_ones_have_different_names() -> None:
    assert not set(ASPECTS) & set(COMMON)


def test_no_aspect_is_without_a_product() -> None:
    used = {aspect for item in ITEMS for aspect in item.aspects}
    assert set(ASPECTS) - used == set()


def test_a_clause_has_one_degree_at_most_and_no_other_slot() -> None:
    for aspect, _, clause in clauses():
        assert slots(clause) in ([], [""]), (aspect, clause)


def test_a_clause_joins_others_without_punctuation_at_its_ends() -> None:
    for aspect, _, clause in clauses():
        assert clause[0] not in "，。；！、", (aspect, clause)
        assert clause[-1] not in "，。；！、~…", (aspect, clause)


def test_a_degree_is_never_said_twice_in_a_row() -> None:
    for aspect, polarity, clause in clauses():
        before, found, after = clause.partition("{}")
        if found:
            assert not after.startswith(DEGREES[polarity]), (aspect, clause)
            assert not before.endswith(DEGREES[polarity]), (aspect, clause)


def test_degrees_of_blame_are_not_all_those_of_praise() -> None:
    assert set(DEGREES["negative"]) - set(DEGREES["positive"])
    assert "太" not in DEGREES["positive"]
    assert "有点" not in DEGREES["positive"]


@pytest.mark.parametrize("table", [OPENERS, CLOSERS], ids=["openers", "closers"])
def test_slots_of_openers_and_closers_resolve(table: dict[Polarity, tuple[str, ...]]) -> None:
    for polarity in POLARITIES:
        for phrase in table[polarity]:
            assert set(slots(phrase)) <= set(SLOTS), phrase
            assert all("{" not in text and "}" not in text for text in filled(phrase))


def test_every_slot_is_used() -> None:
    named = {name for table in (OPENERS, CLOSERS) for p in POLARITIES for s in table[p] for name in slots(s)}
    assert named == set(SLOTS)


def test_many_reviews_open_and_close_without_a_formula() -> None:
    for table in (OPENERS, CLOSERS):
        for polarity in POLARITIES:
            assert 0.1 < table[polarity].count("") / len(table[polarity]) < 0.5


def test_an_opener_leads_on_and_a_closer_leaves_the_end_open() -> None:
    for polarity in POLARITIES:
        assert all(opener.endswith(("，", "结果")) for opener in OPENERS[polarity] if opener)
        assert not any(closer[-1] in "，。！~…" for closer in CLOSERS[polarity] if closer)


def test_closers_of_praise_and_blame_are_apart() -> None:
    assert not set(CLOSERS["positive"]) & set(CLOSERS["negative"]) - {""}
    assert not any("不推荐" in closer or "差评" in closer for closer in CLOSERS["positive"])


def test_only_praise_and_blame_concede() -> None:
    assert set(CONCESSIONS) == {"positive", "negative"}
    assert not set(CONCESSIONS["positive"]) & set(CONCESSIONS["negative"])


def test_faces_belong_to_one_polarity_and_hold_no_words() -> None:
    faces = [face for polarity in POLARITIES for face in EMOJI[polarity]]
    assert len(faces) == len(set(faces))
    assert not any(HAN.search(face) or face.isascii() for face in faces)


def test_a_template_takes_one_end() -> None:
    for template in TEMPLATES:
        assert slots(template) == [""]
        assert template.endswith("{}")
    assert len(set(phrases.TEMPLATE_ENDS)) == len(phrases.TEMPLATE_ENDS)
    copies = {template.format(end) for template in TEMPLATES for end in phrases.TEMPLATE_ENDS}
    assert len(copies) == len(TEMPLATES) * len(phrases.TEMPLATE_ENDS)


def test_the_words_of_silence_are_no_clause() -> None:
    assert HAN.search(phrases.EMPTY)
    assert phrases.EMPTY not in {clause for _, _, clause in clauses()}


def test_the_privacy_finder_leaves_every_clause_alone() -> None:
    for aspect, polarity, clause in clauses():
        for text in filled(clause, DEGREES[polarity]):
            assert privacy.mask(text) == text, (aspect, text)


def test_the_privacy_finder_leaves_openers_closers_and_templates_alone() -> None:
    texts = [text for table in (OPENERS, CLOSERS) for p in POLARITIES for s in table[p] for text in filled(s)]
    texts += [template.format(end) for template in TEMPLATES for end in phrases.TEMPLATE_ENDS]
    assert len(texts) > 100
    assert [text for text in [*texts, phrases.EMPTY] if privacy.find(text)] == []
