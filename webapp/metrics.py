"""What Prometheus reads at /metrics."""

import time

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from webapp.gauges import WorkCollector

METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}

blueprint = Blueprint("metrics", __name__)


class RequestMetrics:
    """Counts requests and times them, by route rather than by address."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter(
            "fengping_requests_total", "Requests answered.", labels, registry=self.registry
        )
        self._seconds = Histogram(
            "fengping_request_seconds", "Time to answer.", labels[:2], registry=self.registry
        )

    def start(self) -> None:
        """Note when the request began."""
        g.began = time.perf_counter()

    def finish(self, response: Response) -> Response:
        """Count the answered request."""
        route = request.url_rule.rule if request.url_rule else "(none)"
        method = request.method if request.method in METHODS else "(other)"
        self._requests.labels(method, route, response.status_code).inc()
        self._seconds.labels(method, route).observe(time.perf_counter() - g.get("began", time.perf_counter()))
        return response

    def of_all_processes(self) -> CollectorRegistry:
        """Return the counts of all processes that share `PROMETHEUS_MULTIPROC_DIR`, else of this one."""
        shared = CollectorRegistry()
        try:
            MultiProcessCollector(shared)
        except ValueError:  # no such folder is named
            return self.registry
        return shared


def init_app(app: Flask) -> None:
    """Add /metrics to `app` and start counting."""
    measured = RequestMetrics()
    app.extensions["request_metrics"] = measured
    app.before_request(measured.start)
    app.after_request(measured.finish)
    app.register_blueprint(blueprint)


@blueprint.get("/metrics")
def show() -> Response:
    """Show requests, jobs and workers."""
    work = CollectorRegistry()
    work.register(WorkCollector())
    measured: RequestMetrics = current_app.extensions["request_metrics"]
    body = generate_latest(measured.of_all_processes()) + generate_latest(work)
    return Response(body, content_type=CONTENT_TYPE_LATEST)
