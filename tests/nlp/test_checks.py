from collections.abc import Callable, Sequence
from typing import Any

import pytest

import nlp.checks
from nlp.checks import CHECKS, check_all
from nlp.pipeline import Analyzer

Answers = list[dict[str, Any]]


def broken(analyzer: Analyzer, change: Callable[[Answers], Any]) -> Callable[..., Any]:
    """Return an analyser that spoils the answers of another."""

    def analyse(texts: Sequence[str], only: Sequence[str] | None = None) -> Any:
        answers = analyzer(texts, only=only)
        return change(answers) or answers

    return analyse


def spoil(part: str, name: str, value: Any) -> Callable[[Answers], None]:
    def change(answers: Answers) -> None:
        for answer in answers:
            found = answer.get(part, {})
            for one in found if isinstance(found, list) else [found]:
                if name in one:
                    one[name] = value(one) if callable(value) else value

    return change


@pytest.fixture(autouse=True)
def few_odd_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the long texts out: here the checks are tried, not an analyser."""
    monkeypatch.setattr(nlp.checks, "ODD", nlp.checks.ODD[:7])


def test_a_sound_analyser_passes(analyzer: Analyzer) -> None:
    check_all(analyzer)


@pytest.mark.parametrize(
    "change",
    [
        lambda answers: answers[:-1],
        lambda answers: answers[::-1],
        lambda answers: answers[-1].update(extra=1) if answers else None,
        lambda answers: [answer | {"batch": len(answers)} for answer in answers],
        lambda answers: [{"sentiment": answers[0].get("sentiment")} for _ in answers],
        spoil("sentiment", "positive", 0.9),
        spoil("sentiment", "negative", -0.1),
        spoil("sentiment", "score", 0.123),
        spoil("sentiment", "label", "joy"),
        spoil("sentiment", "label", "neutral"),
        spoil("sentiment", "neutral", {1}),
        spoil("aspects", "start", lambda one: one["start"] + 1),
        spoil("aspects", "opinion", ""),
        spoil("aspects", "polarity", "uncertain"),
        spoil("aspects", "end", lambda one: one["start"]),
    ],
)
def test_a_broken_one_is_caught(analyzer: Analyzer, change: Callable[[Answers], Any]) -> None:
    with pytest.raises((AssertionError, TypeError)):
        check_all(broken(analyzer, change))


def test_chance_is_caught(analyzer: Analyzer) -> None:
    count = iter(range(10**6))

    def change(answers: Answers) -> None:
        for answer in answers:
            answer["analyzer"] = str(next(count))

    with pytest.raises(AssertionError):
        check_all(broken(analyzer, change))


def test_every_check_is_run() -> None:
    written = {name for name in vars(nlp.checks) if name.startswith("check_")} - {"check_all"}
    assert {check.__name__ for check in CHECKS} == written
