"""What each figure means, in one line, and how it is computed: the one place that says so."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from webapp.auth import login_required_page


@dataclass(frozen=True)
class Term:
    """A figure: its name in a table's head, one line for the tooltip, and how it is computed."""

    code: str
    name: str
    line: str
    how: str


def add_routes(pages: Blueprint) -> None:
    """Put the page at /method."""
    pages.add_url_rule("/method", "method", method)


@login_required_page
def method() -> ResponseReturnValue:
    """Show every definition."""
    return render_template("pages/definitions.html", groups=groups())


def groups() -> list[tuple[str, list[Term]]]:
    """Return all terms in the reader's language, by subject, in the order of the method page."""
    return [
        (_("What is sold"), list(_sales())),
        (_("How wrong a forecast was"), list(_errors())),
        (_("How sure a forecast is"), list(_bands())),
        (_("What reviews say"), list(_reviews())),
        (_("Does sentiment help?"), list(_worth())),
        (_("Time series"), list(_series())),
    ]


def term(code: str) -> Term:
    """Return a term by its code.

    Raises
    ------
    KeyError
        When no term has this code; names those there are.
    """
    known = _known(str(get_locale()))
    if code not in known:
        raise KeyError(f"no term {code!r}, only {', '.join(known)}")
    return known[code]


@cache
def _known(_locale: str) -> dict[str, Term]:
    """Return all terms by code, made once a language: a report names twenty, each time of all of them."""
    return {found.code: found for _name, terms in groups() for found in terms}


def _errors() -> Iterator[Term]:
    yield Term(
        "wape",
        _("WAPE"),
        _("Sum of the errors over the sum of the sales (20%: one unit in five was missed)."),
        _(
            "Weighted absolute percentage error over all days of the backtest windows. Days without sales "
            "count; a mean of daily percentages would drop them."
        ),
    )
    yield Term(
        "mase",
        _("MASE"),
        _("Error against repeating the last week on the history before: below 1 is better than that."),
        _(
            "Mean absolute scaled error (Hyndman & Koehler, 2006): the mean error divided by the seasonal "
            "naive's mean error within the history known at the cutoff, averaged over the windows."
        ),
    )
    yield Term(
        "rmsse",
        _("RMSSE"),
        _("Like MASE, but large misses count more."),
        _("Root mean squared scaled error: squares instead of absolute values, and the root of their ratio."),
    )
    yield Term(
        "mae",
        _("MAE"),
        _("Units by which a day's forecast was off, on average."),
        _("Mean absolute error over all days of the backtest windows, in units a day."),
    )
    yield Term(
        "bias",
        _("Bias"),
        _("Whether the forecast is too high (+) or too low (−) over all days, as a share of sales."),
        _("Sum of forecast minus sales, divided by the sum of sales."),
    )
    yield Term(
        "gain",
        _("against naive"),
        _("How much smaller the WAPE is than that of repeating the last week."),
        _("One minus the model's WAPE divided by the seasonal naive's. Negative: worse than naive."),
    )
    yield Term(
        "naive",
        _("Seasonal naive"),
        _("The last known week, repeated. What does not beat it does not speak."),
        _("Each day is forecast as the newest known day of the same weekday."),
    )
    yield Term(
        "cutoff",
        _("Cutoff"),
        _("The last day whose data a backtest forecast knew."),
        _(
            "The backtest moves the cutoff through the past. At each, models see what was known then and "
            "forecast the days after, which are then compared with what was sold."
        ),
    )
    yield Term(
        "residual",
        _("Residual"),
        _("Sales minus forecast on a day of the backtest: above zero more was sold than forecast."),
        _("Residuals of a good forecast have a mean near zero and no pattern left in them."),
    )
    yield Term(
        "autocorrelation",
        _("Autocorrelation"),
        _("Whether one day's miss foretells that of 1 or 7 days later; inside the bounds it does not."),
        _("Correlation of the residuals with themselves k days later; bounds are ±1.96/√n (Bartlett, 1946)."),
    )


def _bands() -> Iterator[Term]:
    yield Term(
        "band",
        _("Band"),
        _("Where a day's sales will lie with the probability in its name (80%, 95%)."),
        _(
            "Conformal bands: from how wrong the forecasts were at earlier cutoffs, wider where a product "
            "sells unsteadily and on special days."
        ),
    )
    yield Term(
        "coverage",
        _("Coverage"),
        _("Share of backtest days that really fell into the band; it should be near the band's own level."),
        _("Days inside divided by days, with Wilson's interval (95%) for so many days."),
    )
    yield Term(
        "width",
        _("Band width"),
        _("Units between the band's bounds, on average: narrower is better at the same coverage."),
        _("Mean of upper minus lower bound over all days of the backtest windows."),
    )
    yield Term(
        "p_up",
        _("Probability of a rise"),
        _("How likely the next days sell more than as many before."),
        _("Learned from how often the forecast's direction came true, scored beside the base rate (Brier)."),
    )
    yield Term(
        "stockout",
        _("Out of stock"),
        _("A day on which there was nothing to sell; its sales understate demand."),
        _(
            "Days marked out of stock are treated as censored: models do not learn from them that nobody "
            "wanted it."
        ),
    )


def _sales() -> Iterator[Term]:
    yield Term(
        "units",
        _("Units sold"),
        _("Units of the chosen days, as imported, beside those it is compared with."),
        _("Sums of daily sales, or of orders counted on the shop's own days; returns are not taken off."),
    )
    yield Term(
        "ahead",
        _("Next days"),
        _("Units forecast for the days after the data ends, with the band of their total."),
        _("The daily bounds are added up, which makes the band of the total wider than needed."),
    )


def _reviews() -> Iterator[Term]:
    yield Term(
        "reviews",
        _("Reviews"),
        _("Reviews that arrived on the chosen days."),
        _("A review counts on the day it arrived, whenever bought; suspected fakes can be left out."),
    )
    yield Term(
        "net_sentiment",
        _("Net sentiment"),
        _("Share of positive reviews minus share of negative ones, −100 to +100."),
        _(
            "Of the scored reviews that arrived on the days; its interval is that of a difference of two "
            "shares of one sample."
        ),
    )
    yield Term(
        "positive_share",
        _("Positive share"),
        _("Share of scored reviews that are positive."),
        _("With Wilson's interval (95%); unsure reviews count as reviews, not as positive."),
    )
    yield Term(
        "negative_share",
        _("Negative share"),
        _("Share of scored reviews that are negative."),
        _("With Wilson's interval (95%); unsure reviews count as reviews, not as negative."),
    )
    yield Term(
        "interval",
        _("Interval (95%)"),
        _("Where the true figure lies in 19 of 20 such samples; few reviews make it wide."),
        _("Wilson's interval (1927) for shares, which holds for small samples too."),
    )
    yield Term(
        "n",
        _("n"),
        _("How many reviews or days a figure rests on."),
        _("Differences are claimed only where both sides have at least 30 reviews."),
    )
    yield Term(
        "f1",
        _("F1"),
        _("How well a model names classes: the balance of missing none and inventing none, 0 to 1."),
        _("Harmonic mean of precision and recall on labelled texts that were not trained on."),
    )


def _worth() -> Iterator[Term]:
    yield Term(
        "lift",
        _("Lift"),
        _("How much smaller the error is when the models may use what reviews say."),
        _("One minus the WAPE with sentiment divided by that without, on the same days of the backtest."),
    )
    yield Term(
        "p_value",
        _("p-value"),
        _("How often chance alone would show such a gain; below 0.05 is taken for real."),
        _(
            "Test of forecast encompassing over the backtest windows, which errors of neighbouring days do "
            "not fool."
        ),
    )
    yield Term(
        "q_value",
        _("q-value"),
        _("The p-value corrected for having tested many products."),
        _("False-discovery control (Benjamini & Hochberg, 1995) over all products of the workspace."),
    )
    yield Term(
        "verdict",
        _("Verdict"),
        _("Helps, no significant difference, or harms: what the test says of sentiment for this product."),
        _("Only where it helps do reviews correct the product's forecast."),
    )


def _series() -> Iterator[Term]:
    yield Term(
        "trend",
        _("Trend"),
        _("The level of sales without week and chance."),
        _("Smoothed by LOESS (STL; Cleveland et al., 1990)."),
    )
    yield Term(
        "week",
        _("Week"),
        _("What the day of the week adds or takes."),
        _("The repeating part of seven days found by STL; it may change slowly."),
    )
    yield Term(
        "rest",
        _("Rest"),
        _("What neither trend nor week explains: promotions, chance, and everything else."),
        _("Sales minus trend minus week; the parts add up to the sales."),
    )
    yield Term(
        "adf",
        _("ADF test"),
        _("Whether the level wanders: below 0.05 it returns to its mean."),
        _("Augmented Dickey–Fuller test (1979) for a unit root."),
    )
    yield Term(
        "kpss",
        _("KPSS test"),
        _("The opposite question: below 0.05 the level does not stay where it is."),
        _(
            "Kwiatkowski et al. (1992). Differences are taken only where both tests ask for it. "
            "Its p-value is tabled from 0.01 to 0.1."
        ),
    )
    yield Term(
        "weekday_test",
        _("Weekday test"),
        _("Whether weekdays sell differently: below 0.05 they do."),
        _("Kruskal & Wallis (1952) on the deviations from the centred week."),
    )
    yield Term(
        "aicc",
        _("AICc"),
        _("Fit of an ARIMA, with a price on every coefficient: the lowest wins."),
        _("Akaike's criterion corrected for few days; compared between orders with the same differences."),
    )
