"""What Prometheus is told about the work: read from the database, so that any web process tells all of it."""

from collections.abc import Iterable, Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from storage import gauges, heartbeats, jobs
from webapp.database import session

Row = tuple[Sequence[str], float | None]


class WorkCollector(Collector):
    """Reads what is to do, who does it, how fast, and whether forecasts hold."""

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges; with the database away only that it is."""
        try:
            found = [*_work(), *_pace(), *_quality()]
        except SQLAlchemyError:
            session.rollback()
            found = []
        yield _gauge("fengping_database_up", "Whether the database answered.", (), [((), float(bool(found)))])
        yield from found


def _work() -> Iterator[Metric]:
    counts = sorted(jobs.job_counts(session).items())
    yield _gauge("fengping_jobs", "Jobs by kind and state.", ("kind", "state"), counts)
    queues = [queue for worker in heartbeats.live_workers(session) for queue in worker.queues]
    alive = [((queue,), float(queues.count(queue))) for queue in sorted(set(queues))]
    yield _gauge("fengping_workers", "Workers heard of within a minute.", ("queue",), alive)
    stages = gauges.waiting(session)
    chunks = [((w.stage, "pending"), float(w.pending)) for w in stages]
    chunks += [((w.stage, "running"), float(w.running)) for w in stages]
    yield _gauge("fengping_chunks", "Chunks that wait or are in hand.", ("stage", "state"), chunks)
    oldest = [((w.stage,), w.oldest_seconds) for w in stages]
    yield _gauge("fengping_oldest_chunk_seconds", "Wait of the oldest chunk.", ("stage",), oldest)


def _pace() -> Iterator[Metric]:
    stages = gauges.pace(session)
    latency = [((p.stage, "mean"), p.mean_seconds) for p in stages]
    latency += [((p.stage, "p95"), p.p95_seconds) for p in stages]
    said = "Seconds from being there to done, of chunks of the last ten minutes."
    yield _gauge("fengping_chunk_seconds", said, ("stage", "measure"), latency)
    rows = [((p.stage,), p.rows_per_second) for p in stages]
    yield _gauge("fengping_rows_per_second", "Rows done, over the last ten minutes.", ("stage",), rows)


def _quality() -> Iterator[Metric]:
    share = gauges.abstained(session)
    yield _gauge("fengping_abstain_ratio", "Newest reviews that are uncertain.", (), [((), share)])
    kept = gauges.kept(session)
    said = "Forecast days of the last four weeks that have come."
    yield _gauge("fengping_forecast_days", said, (), [((), float(kept.days))])
    said = "Share of those days inside the 80% band."
    yield _gauge("fengping_interval_coverage", said, ("level",), [(("80",), kept.coverage_80)])
    said = "Error as a share of sales, on those days and in the backtest: apart, the models drift."
    errors = [(("recent",), kept.wape), (("backtest",), kept.backtest_wape)]
    yield _gauge("fengping_forecast_wape", said, ("when",), errors)


def _gauge(name: str, said: str, labels: Sequence[str], rows: Iterable[Row]) -> Metric:
    """Return a gauge of the rows that have a value."""
    gauge = GaugeMetricFamily(name, said, labels=labels)
    for values, value in rows:
        if value is not None:
            gauge.add_metric(values, value)
    return gauge
