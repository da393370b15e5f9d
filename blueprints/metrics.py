"""Counts and latencies a route, for Prometheus; summed over the workers when PROMETHEUS_MULTIPROC_DIR is set."""
import os

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

blp = Blueprint("metrics", __name__)

_LATENCY = Histogram("purser_request_seconds", "Requests and their latency", ["method", "route", "status"],
                     buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10))
_IN_FLIGHT = Gauge("purser_requests_in_flight", "Requests being answered", multiprocess_mode="livesum")
_children: dict[tuple[str, str, int], Histogram] = {}
"""Looking a labelled child up costs more than observing with it."""


@blp.get("/metrics")
def metrics() -> Response:
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def register(app: Flask) -> None:
    """Count every request of this application while it runs."""

    @app.before_request
    def enter() -> None:
        g.counted = True
        _IN_FLIGHT.inc()

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        if g.pop("counted", False):
            _IN_FLIGHT.dec()


def observe(status: int, seconds: float) -> None:
    """Count one answer; unknown paths share one label, or a scanner would fill the memory."""
    key = (request.method, str(request.url_rule or "unknown"), status)
    child = _children.get(key)
    if child is None:
        child = _children[key] = _LATENCY.labels(*key)
    child.observe(seconds)
