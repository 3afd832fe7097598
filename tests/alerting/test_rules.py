import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from alerting import KINDS, LEVELS, SENSITIVITIES, Days, Rule, signals
from tests.alerting.factories import START, quiet, step

N = 200
# What makes each kind speak on the last day.
TROUBLE = {
    "negative_share": {"negative": step(N, 1, 5, N - 7)},
    "aspect_complaints": {"complaints:物流": step(N, 0, 3, N - 7)},
    "net_sentiment": {"negative": step(N, 1, 5, N - 7), "positive": step(N, 7, 3, N - 7)},
    "below_band": {"units": step(N, 20, 9, N - 7)},
    "forecast_falls": {"ahead": step(N, 280, 100, N - 1)},
    "forecast_rises": {"ahead": step(N, 280, 500, N - 1)},
    "stockout": {"stockout": step(N, 0, 1, N - 6)},
    "suspect_burst": {"suspects": step(N, 0, 6, N - 3)},
}


def fires(kind: str, days: Days, sensitivity: int = 3) -> list[int]:
    return sorted(
        {
            int(place)
            for signal in signals(Rule(kind, sensitivity), days)
            for place in np.flatnonzero(signal.fires)
        }
    )


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_speaks_of_its_trouble_and_is_silent_without(kind: str) -> None:
    assert fires(kind, quiet()) == []
    assert (N - 1) in fires(kind, quiet(**TROUBLE[kind]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_higher_sensitivity_speaks_on_more_days(kind: str) -> None:
    rng = np.random.default_rng(7)
    days = quiet(
        600,
        negative=rng.binomial(10, 0.1, 600),
        positive=rng.binomial(10, 0.5, 600),
        suspects=rng.binomial(10, 0.08, 600),
        units=rng.poisson(20, 600),
        stockout=rng.binomial(1, 0.2, 600),
        ahead=rng.normal(280, 60, 600),
        **{"complaints:物流": rng.binomial(10, 0.05, 600)},
    )
    spoken = [set(fires(kind, days, sensitivity)) for sensitivity in SENSITIVITIES]
    assert all(less <= more for less, more in pairwise(spoken))
    assert len(spoken[-1]) > 0
    levels = LEVELS[kind]
    assert list(levels) == sorted(levels, reverse=True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_day_is_judged_by_what_was_known_at_its_end(kind: str) -> None:
    """Days to come may hold anything: what was seen before them is the same."""
    whole = quiet(**TROUBLE[kind])
    rng = np.random.default_rng(1)
    for cut in (60, 120, N - 3):
        changed = {
            name: np.concatenate([values[:cut], rng.integers(0, 10, N - cut)])
            for name, values in whole.columns.items()
        }
        # The calendar is known ahead, and compares the forecast with days alike.
        changed |= {name: whole[name] for name in ("special", "special_ahead")}
        for seen, known in zip(
            signals(Rule(kind), whole), signals(Rule(kind), Days(START, changed)), strict=True
        ):
            for part in ("fires", "now", "before", "low", "high", "n", "n_before"):
                np.testing.assert_array_equal(getattr(seen, part)[:cut], getattr(known, part)[:cut])


def test_few_reviews_prove_little() -> None:
    """The same share, 30% against 10%, of seven times as many reviews."""
    small = quiet(reviews=np.full(N, 1.0), negative=step(N, 0.1, 0.3, N - 7))
    large = quiet(reviews=np.full(N, 10.0), negative=step(N, 1, 3, N - 7))
    assert fires("negative_share", small, 5) == []
    assert N - 1 in fires("negative_share", large, 3)


def test_two_complaints_are_no_rise_however_rare_they_were() -> None:
    assert fires("negative_share", quiet(negative=step(N, 0, 2, N - 1)), 5) == []
    assert fires("negative_share", quiet(negative=step(N, 0, 4, N - 1)), 5) == [N - 1]


def test_an_aspect_may_be_the_only_one_looked_at() -> None:
    both = quiet(**{"complaints:物流": step(N, 0, 3, N - 7), "complaints:包装": step(N, 0, 3, N - 7)})
    assert [signal.aspect for signal in signals(Rule("aspect_complaints"), both)] == ["包装", "物流"]
    [only] = signals(Rule("aspect_complaints", aspect="物流"), both)
    assert only.fires[-1]


def test_promotions_and_empty_shelves_are_no_sales_below_the_band() -> None:
    low = step(N, 20, 9, N - 7)
    assert fires("below_band", quiet(units=low, special=step(N, 0, 1, N - 7))) == []
    assert fires("below_band", quiet(units=low, stockout=step(N, 0, 1, N - 7))) == []
    # They do not interrupt either: three days before and one after make four.
    broken = step(N, 20, 9, N - 6)
    gap = step(N, 0, 1, N - 3, N - 1)
    assert fires("below_band", quiet(units=broken, stockout=gap)) == [N - 1]


def test_days_below_the_band_are_counted_in_a_row() -> None:
    units = np.where(np.arange(N) % 2, 9.0, 20.0)
    assert fires("below_band", quiet(units=units), 5) == []


def test_a_forecast_over_a_promotion_is_not_compared_with_days_without() -> None:
    falls = quiet(ahead=step(N, 280, 100, N - 20), special=step(N, 0, 1, N - 25, N - 23))
    spoken = fires("forecast_falls", falls)
    # Until its last day, N - 24, has left the last 14 days.
    assert spoken == list(range(N - 24 + 14, N))


def test_unknown_kinds_and_sensitivities_are_refused() -> None:
    with pytest.raises(ValueError, match="known are negative_share"):
        Rule("typo")
    with pytest.raises(ValueError, match="1 to 5"):
        Rule("stockout", 6)


def test_a_product_without_days_is_silent() -> None:
    for kind in set(KINDS) - {"aspect_complaints"}:
        [signal] = signals(Rule(kind), Days(START, {}))
        assert not signal.fires.any()
        [signal] = signals(Rule(kind), Days(START, {"special": np.zeros(60)}))
        assert not signal.fires.any()


def test_the_library_knows_no_numbers_that_the_page_does_not_tell() -> None:
    page = (Path(__file__).parents[2] / "docs/alerts.md").read_text(encoding="utf-8")
    for kind, levels in LEVELS.items():
        row = re.search(rf"^\| `{kind}` \|.*$", page, re.MULTILINE)
        assert row is not None, f"docs/alerts.md has no row for {kind}"
        told = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", row[0].rpartition("| ")[2] or "")]
        wanted = [level * 100 if level < 1 and "forecast" in kind else level for level in levels]
        assert told[-5:] == pytest.approx(wanted)
