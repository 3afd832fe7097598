from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import fisher_exact

from nlp.emerging import FEWEST_TEXTS, FEWEST_USES, Dated, Emergence, emerging_words

END = date(2026, 6, 30)
WORDS = [f"词{number}" for number in range(60)]


def texts(generator: np.random.Generator, days: range, each: int = 3) -> list[Dated]:
    """Texts of the days before END, each word in one of ten."""
    return [
        Dated(END - timedelta(days=day), [word for word in WORDS if generator.random() < 0.1])
        for day in days
        for _ in range(each)
    ]


def test_a_word_that_came_up_is_found_with_counts_and_its_first_day() -> None:
    generator = np.random.default_rng(1)
    recent, before = texts(generator, range(30)), texts(generator, range(30, 210))
    leaking = [Dated(text.day, [*text.words, "漏水"]) for text in recent[::3]]
    early = Dated(END - timedelta(days=400), ["漏水"])
    found = emerging_words([early, *before, *recent, *leaking])
    [word] = found.words
    assert (word.word, word.recent, word.baseline) == ("漏水", 30, 0)
    assert word.first_seen == early.day
    assert word.ratio > 100
    assert word.p_value <= word.q_value <= 0.05
    assert (found.recent.texts, found.baseline.texts) == (120, 540)
    assert (found.recent.start, found.recent.end) == (END - timedelta(days=29), END)
    assert found.baseline.end == END - timedelta(days=30)
    assert found.baseline.start == END - timedelta(days=209)


def test_the_p_value_is_that_of_fishers_exact_test() -> None:
    uses = {"recent": (20, 40), "baseline": (6, 60)}
    days = {"recent": 0, "baseline": 60}
    given = [
        Dated(END - timedelta(days=days[period]), ["掉色"] if number < count else [])
        for period, (count, size) in uses.items()
        for number in range(size)
    ]
    [word] = emerging_words(given).words
    assert word.p_value == pytest.approx(fisher_exact([[20, 20], [6, 54]], alternative="greater").pvalue)


def test_where_nothing_changed_hardly_anything_is_found() -> None:
    level, runs = 0.05, 200
    found = 0
    for seed in range(runs):
        generator = np.random.default_rng(seed)
        found += bool(emerging_words(texts(generator, range(120)), level=level).words)
    assert found <= level * runs


def test_a_word_that_grew_rarer_is_not_emerging() -> None:
    generator = np.random.default_rng(2)
    before = [Dated(text.day, [*text.words, "发货慢"]) for text in texts(generator, range(30, 210))]
    assert emerging_words([*texts(generator, range(30)), *before]).words == []


def test_rare_words_are_not_tested() -> None:
    given = texts(np.random.default_rng(3), range(60))
    rare = [Dated(END, [*given[0].words, "罕见"])] * (FEWEST_USES - 1)
    assert emerging_words([*given, *rare]).tested == emerging_words(given).tested == len(WORDS)


def enough(recent: int, baseline: int) -> Emergence:
    days = [0] * recent + [60] * baseline
    return emerging_words([Dated(END - timedelta(days=day), ["词"]) for day in days])


def test_too_few_texts_are_not_compared() -> None:
    assert enough(FEWEST_TEXTS, FEWEST_TEXTS).enough
    for few in (enough(FEWEST_TEXTS - 1, 100), enough(100, FEWEST_TEXTS - 1)):
        assert not few.enough
        assert (few.tested, few.words) == (0, [])


def test_no_texts_are_an_error() -> None:
    with pytest.raises(ValueError, match="no texts"):
        emerging_words([])
