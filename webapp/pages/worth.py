"""Does sentiment help this product's forecast? The measured answer, said plainly."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _


@dataclass(frozen=True)
class Worth:
    """The verdict and the figures it rests on; shares are fractions, `gain` is positive when error falls."""

    verdict: str
    word: str
    sentence: str
    without: float | None
    with_sentiment: float | None
    gain: float | None
    interval: tuple[float, float] | None
    p_value: float | None
    q_value: float | None

    @property
    def doubt(self) -> str:
        """What to say where the interval seems to say something else than the verdict."""
        if self.interval is None:
            return ""
        holds_zero = self.interval[0] <= 0 <= self.interval[1]
        if self.verdict != "none" and holds_zero:
            return _(
                "It holds 0: that reviews point to where the forecast errs is shown, "
                "how much that is worth is not."
            )
        if self.verdict == "none" and not holds_zero:
            return _(
                "That it does not hold 0 shows nothing by itself: some products of many look that way "
                "by chance, and reviews must point to where the forecast errs."
            )
        return ""


@dataclass(frozen=True)
class Coverage:
    """A nominal level and the share of backtest days that really fell into the band, both in percent."""

    level: int
    realised: float

    @property
    def close(self) -> bool:
        """Whether the promise is kept within five points."""
        return abs(self.realised - self.level) <= 5


def worth(lift: Mapping[str, Any] | None) -> Worth | None:
    """Read a stored lift (the LIFT.json shape of one product); None where nothing was measured."""
    if not lift or lift.get("verdict") not in ("helps", "none", "harms"):
        return None
    without, with_sentiment = lift.get("wape_without"), lift.get("wape_with")
    interval = lift.get("ci")
    return Worth(
        verdict=lift["verdict"],
        word=_word(lift["verdict"]),
        sentence=_sentence(lift["verdict"]),
        without=without,
        with_sentiment=with_sentiment,
        gain=1 - with_sentiment / without if without and with_sentiment is not None else None,
        interval=(interval[0], interval[1]) if interval and None not in interval else None,
        p_value=lift.get("p_value"),
        q_value=lift.get("q_value"),
    )


def coverages(stored: Mapping[str, float | None] | None) -> list[Coverage]:
    """Read realised coverage {level: share of days} into percent, narrow bands first."""
    known = {int(level): share for level, share in (stored or {}).items() if share is not None}
    return [Coverage(level, share * 100) for level, share in sorted(known.items())]


def _word(verdict: str) -> str:
    return {"helps": _("Helps"), "none": _("No significant difference"), "harms": _("Harms")}[verdict]


def _sentence(verdict: str) -> str:
    return {
        "helps": _("For this product, reviews foretell sales: with sentiment the backtest erred less."),
        "none": _(
            "For this product, sentiment does not measurably change the forecast. "
            "That is a finding, not a fault: sales, price and calendar already say what there is to know."
        ),
        "harms": _(
            "For this product, sentiment made the backtest worse. Read the reviews for what they say, "
            "not for what will be sold."
        ),
    }[verdict]
