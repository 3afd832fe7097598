"""How the house is doing, over all workspaces: what waits, how fast work goes, whether forecasts hold."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

NEWEST_REVIEWS = 10_000
NEWEST_RUNS = 1_000
MINUTES = 10


@dataclass(frozen=True)
class Waiting:
    """Chunks of a stage that could be worked on now, those in hand, and how long the oldest has waited."""

    stage: str
    pending: int
    running: int
    oldest_seconds: float


@dataclass(frozen=True)
class Pace:
    """How a stage went in the last minutes: seconds from a chunk being there to done, and rows a second."""

    stage: str
    mean_seconds: float
    p95_seconds: float
    rows_per_second: float


@dataclass(frozen=True)
class Kept:
    """How forecasts fared on days that have come since: over the newest runs, within four weeks.

    Attributes
    ----------
    days : int
        Days of products that were compared.
    wape, backtest_wape : float or None
        Error as a share of sales, then and in the backtest of the same models.
    coverage_80 : float or None
        Share of days inside the 80% band.
    """

    days: int
    wape: float | None
    backtest_wape: float | None
    coverage_80: float | None


def waiting(session: Session) -> list[Waiting]:
    """Count the chunks that wait or are in hand, by stage."""
    query = """
        SELECT stage, count(*) FILTER (WHERE state = 'pending'), count(*) FILTER (WHERE state = 'running'),
               coalesce(extract(epoch FROM max(now() - greatest(created_at, not_before))
                        FILTER (WHERE state = 'pending')), 0)
        FROM chunks
        WHERE state IN ('pending', 'running') AND coalesce(not_before, created_at) <= now()
        GROUP BY stage ORDER BY stage
    """
    return [
        Waiting(stage, pending, running, float(age))
        for stage, pending, running, age in session.execute(text(query))
    ]


def pace(session: Session, minutes: int = MINUTES) -> list[Pace]:
    """Tell how fast chunks went that were done in the last minutes, by stage."""
    query = """
        SELECT stage, avg(seconds), percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds), sum(done)
        FROM (SELECT stage, done,
                     extract(epoch FROM finished_at - greatest(created_at, not_before)) AS seconds
              FROM chunks
              WHERE state = 'done' AND finished_at > now() - make_interval(mins => :minutes)) AS few
        GROUP BY stage ORDER BY stage
    """
    return [
        Pace(stage, float(mean), float(p95), float(rows) / (60 * minutes))
        for stage, mean, p95, rows in session.execute(text(query), {"minutes": minutes})
    ]


def abstained(session: Session) -> float | None:
    """Return the share of the newest reviews that the analyser was not sure of; None without any."""
    query = """
        SELECT avg((label = 'uncertain')::int)
        FROM (SELECT label FROM reviews WHERE label IS NOT NULL ORDER BY id DESC LIMIT :newest) AS few
    """
    found = session.scalar(text(query), {"newest": NEWEST_REVIEWS})
    return None if found is None else float(found)


def kept(session: Session) -> Kept:
    """Compare the newest forecasts whose days have come with what was sold."""
    query = """
        WITH runs AS (
          SELECT id, product_id, cutoff, model_id FROM forecast_runs
          WHERE state = 'succeeded' AND scenario_hash = '' AND cutoff > current_date - 35
                AND cutoff < current_date
          ORDER BY created_at DESC LIMIT :newest)
        SELECT count(*), sum(abs(s.units - p.yhat)) / nullif(sum(abs(s.units)), 0),
               avg((m.metrics -> 'Fengping' ->> 'wape')::float),
               avg((s.units BETWEEN (p.bands ->> 'lo-80')::float AND (p.bands ->> 'hi-80')::float)::int)
        FROM runs AS r
        JOIN forecast_points AS p ON p.run_id = r.id AND p.ds > r.cutoff
        JOIN sales AS s ON s.product_id = r.product_id AND s.day = p.ds
        LEFT JOIN forecast_models AS m ON m.id = r.model_id
        WHERE s.units IS NOT NULL AND coalesce(s.stockout, 0) = 0
    """
    days, wape, before, covered = session.execute(text(query), {"newest": NEWEST_RUNS}).one()
    return Kept(days, _float(wape), _float(before), _float(covered))


def _float(value: object) -> float | None:
    return None if value is None else float(str(value))
