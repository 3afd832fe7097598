"""Checks that any analyser must pass, whatever its parts; tests run them on every engine and on fakes."""

import json
from collections.abc import Callable, Sequence
from typing import Any

Analyse = Callable[..., list[dict[str, Any]]]

TEXTS = (
    "物流很快，包装完好，质量不错，会回购。",
    "有点掉色，客服爱理不理，很失望。",
    "一般般吧，没有想象中好",
    "The screen is great but the battery died in a week.",
    "联系我 13812345678，邮箱 someone@example.com",
    "此用户没有填写评价。",
)
ODD = (
    "",
    " \n\t ",
    "。。。！！！",
    "👍👍👍",
    "\x00\x01\ud800质量\udfff好",
    "<b>质量</b>好&nbsp;&lt;3",
    "ＡＢＣ１２３，质量好",
    "a好" * 50_000,
    "质量很好，" * 4_000,
    "ﷺ\u202e\ufeff\u0300" * 50,
)
TOLERANCE = 1e-4
"""By which probabilities may differ with the company a text keeps in a batch."""

_LABELS = {"negative", "neutral", "positive", "uncertain"}


def check_all(analyser: Analyse) -> None:
    """Run every check.

    Parameters
    ----------
    analyser : Analyzer
        Or anything called like one.

    Raises
    ------
    AssertionError
        Says which text broke which rule.
    """
    for check in CHECKS:
        check(analyser)


def check_answers_every_text(analyser: Analyse) -> None:
    """One answer a text, none for none, in order, JSON-serialisable, also for odd texts."""
    require(analyser([]) == [], "no texts must give no answers")
    texts = [*TEXTS, *ODD]
    answers = analyser(texts)
    require(len(answers) == len(texts), f"{len(texts)} texts, {len(answers)} answers")
    for text, answer in zip(texts, answers, strict=True):
        require(json.loads(json.dumps(answer)) == answer, f"no plain JSON for {shown(text)}: {answer}")


def check_sentiment(analyser: Analyse) -> None:
    """Probabilities are in [0, 1] and sum to 1; the score is positive minus negative; the label is known."""
    for text, answer in _each(analyser, "sentiment"):
        probabilities = [answer[name] for name in ("negative", "neutral", "positive")]
        require(all(0 <= value <= 1 for value in probabilities), f"{shown(text)}: {answer}")
        require(abs(sum(probabilities) - 1) < TOLERANCE, f"{shown(text)} sums to {sum(probabilities)}")
        require(
            abs(answer["score"] - (answer["positive"] - answer["negative"])) < TOLERANCE, f"{shown(text)}"
        )
        require(answer["label"] in _LABELS, f"{shown(text)}: {answer['label']}")
        likeliest = max(("negative", "neutral", "positive"), key=lambda name: answer[name])
        require(answer["label"] in (likeliest, "uncertain"), f"{shown(text)}: {answer}")


def check_spans(analyser: Analyse) -> None:
    """The span of an aspect is the aspect, or its opinion where it is only implied, in the original text."""
    for text, aspects in _each(analyser, "aspects"):
        for aspect in aspects:
            found = text[aspect["start"] : aspect["end"]]
            require(found != "", f"{shown(text)}: empty span in {aspect}")
            require(found == (aspect["aspect"] or aspect["opinion"]), f"{shown(text)}: {found!r} in {aspect}")
            require(aspect["polarity"] in _LABELS - {"uncertain"}, f"{shown(text)}: {aspect}")


def check_order(analyser: Analyse) -> None:
    """Moving the first text to the end moves its answer there."""
    first, *others = analyser(list(TEXTS))
    moved = analyser([*TEXTS[1:], TEXTS[0]])
    for text, one, other in zip([*TEXTS[1:], TEXTS[0]], [*others, first], moved, strict=True):
        _assert_same(text, one, other)


def check_batch_equals_single(analyser: Analyse) -> None:
    """A text alone gets the answer it gets among others, long ones too."""
    among = analyser([*TEXTS, "很长的评价，" * 100])
    for text, answer in zip(TEXTS, among, strict=False):
        _assert_same(text, answer, analyser([text])[0])


def check_deterministic(analyser: Analyse) -> None:
    """The same texts twice give the very same answers, and equal texts in a batch equal ones."""
    require(analyser(list(TEXTS)) == analyser(list(TEXTS)), "two runs differ")
    one, other = analyser([TEXTS[0], TEXTS[0]])
    require(one == other, f"equal texts differ: {one} {other}")
    one["sentiment"]["label"] = "changed"
    require(other["sentiment"]["label"] != "changed", "equal texts share one answer object")


def check_only(analyser: Analyse) -> None:
    """Asked for some parts, the analyser gives just those, as it does among all."""
    whole = analyser(list(TEXTS))
    for part in whole[0]:
        for text, all_parts, answer in zip(TEXTS, whole, analyser(list(TEXTS), only=[part]), strict=True):
            require(set(answer) == {part}, f"asked for {part}, got {sorted(answer)}")
            _assert_same(text, {part: all_parts[part]}, answer)


CHECKS: tuple[Callable[[Analyse], None], ...] = (
    check_answers_every_text,
    check_sentiment,
    check_spans,
    check_order,
    check_batch_equals_single,
    check_deterministic,
    check_only,
)


def _each(analyser: Analyse, part: str) -> list[tuple[str, Any]]:
    texts: Sequence[str] = [*TEXTS, *ODD]
    answers = analyser(texts, only=[part])
    for answer in answers:
        require(part in answer, f"asked for {part}, got {sorted(answer)}")
    return [(text, answer[part]) for text, answer in zip(texts, answers, strict=True)]


def require(holds: bool, otherwise: str) -> None:
    """Raise an AssertionError that says `otherwise`, also where Python leaves assertions out."""
    if not holds:
        raise AssertionError(otherwise)


def shown(text: str) -> str:
    """Return the beginning of a text in plain ASCII."""
    return ascii(text if len(text) < 40 else f"{text[:40]}…")


def _assert_same(text: str, one: Any, other: Any) -> None:
    """Compare answers, probabilities within the tolerance."""
    if isinstance(one, dict):
        require(one.keys() == other.keys(), f"{shown(text)}: {one} and {other}")
        for key in one:
            _assert_same(text, one[key], other[key])
    elif isinstance(one, float):
        require(abs(one - other) < TOLERANCE, f"{shown(text)}: {one} and {other}")
    else:
        require(one == other, f"{shown(text)}: {one} and {other}")
