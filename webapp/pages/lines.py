"""Charts as data: what `lines.js` draws, and what the table behind each chart shows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Values = Sequence[float | None]
Bands = Mapping[str, tuple[Values, Values]]
DIGITS = 2


def series(
    name: str,
    values: Values,
    tone: str,
    *,
    kind: str = "line",
    dashed: bool = False,
    off: bool = False,
    panel: int = 0,
    bands: Bands | None = None,
) -> dict[str, Any]:
    """Return one curve.

    Parameters
    ----------
    tone
        A colour of `tokens.css`: sales, forecast, series-1 …
    kind
        line or bar.
    off
        Whether it shows only once the reader asks for it.
    panel
        Which of the chart's panels it is in, from above.
    bands
        What a band is called -> its lower and upper bounds; the widest first.
    """
    return {
        "name": name,
        "data": rounded(values),
        "tone": tone,
        "kind": kind,
        "dashed": dashed,
        "off": off,
        "panel": panel,
        "bands": [
            {"name": of, "low": rounded(low), "high": rounded(high)}
            for of, (low, high) in (bands or {}).items()
        ],
    }


def lines(
    over: str,
    x: Sequence[str],
    drawn: Iterable[Mapping[str, Any]],
    *,
    panels: Sequence[str] = ("",),
    marks: Iterable[tuple[str, str]] = (),
    zoom: bool = False,
) -> dict[str, Any]:
    """Return a chart.

    Parameters
    ----------
    over
        What the values of `x` are, the head of the table's first column.
    drawn
        Curves as `series` returns them.
    panels
        The unit of each panel's axis, from above.
    marks
        Values of `x` where something begins, and what.
    zoom
        Whether the reader may look at a part.
    """
    return {
        "over": over,
        "x": list(x),
        "series": list(drawn),
        "panels": list(panels),
        "marks": [{"at": at, "name": name} for at, name in marks],
        "zoom": zoom,
    }


def rounded(values: Values) -> list[float | None]:
    """Round values for JSON; unknown ones stay unknown."""
    return [None if value is None else round(value, DIGITS) for value in values]
