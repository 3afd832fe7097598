import pytest
from flask import Flask

from tests.webapp.pages.factories import lift
from webapp.pages.worth import Coverage, coverages, worth


@pytest.mark.parametrize(("verdict", "word"), [("helps", "有效"), ("none", "无显著差异"), ("harms", "有害")])
def test_the_verdict_is_said_in_plain_words(chinese: None, verdict: str, word: str) -> None:
    found = worth(lift(verdict))
    assert found is not None
    assert found.word == word
    assert found.verdict == verdict


def test_the_gain_is_how_much_smaller_the_error_became(english: None) -> None:
    found = worth(lift("helps", wape_without=0.20, wape_with=0.18))
    assert found is not None
    assert found.gain == pytest.approx(0.1)
    assert found.interval == (-0.6, 0.4)


@pytest.mark.parametrize(
    ("verdict", "ci", "said"),
    [
        ("helps", [-0.6, 0.4], "It holds 0"),
        ("helps", [-0.6, -0.1], ""),
        ("none", [-0.6, 0.4], ""),
        ("none", [-0.6, -0.1], "shows nothing by itself"),
        ("harms", None, ""),
    ],
)
def test_an_interval_that_differs_from_the_verdict_is_explained(
    english: None, verdict: str, ci: list[float] | None, said: str
) -> None:
    found = worth(lift(verdict, ci=ci))
    assert found is not None
    assert said in found.doubt
    assert bool(found.doubt) == bool(said)


def test_three_verdicts_have_three_sentences(english: None) -> None:
    said = {found.sentence for verdict in ("helps", "none", "harms") if (found := worth(lift(verdict)))}
    assert len(said) == 3


@pytest.mark.parametrize("stored", [None, {}, {"verdict": "perhaps"}])
def test_nothing_measured_nothing_said(app: Flask, stored: dict[str, object] | None) -> None:
    assert worth(stored) is None


def test_missing_figures_stay_missing(english: None) -> None:
    found = worth({"verdict": "none", "ci": [None, None], "wape_without": 0.0, "wape_with": 0.1})
    assert found is not None
    assert (found.gain, found.interval, found.p_value) == (None, None, None)


def test_coverage_is_put_beside_the_promise() -> None:
    assert coverages({"95": 0.85, "80": 0.78}) == [Coverage(80, 78.0), Coverage(95, 85.0)]
    assert [coverage.close for coverage in coverages({"95": 0.85, "80": 0.78})] == [True, False]
    assert coverages(None) == coverages({"80": None}) == []
