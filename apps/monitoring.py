"""What Prometheus may scrape: how requests, jobs, queries and the disk are doing. No label names an organization."""

from collections.abc import Iterator

from anyio import CapacityLimiter, move_on_after
from anyio.to_thread import run_sync
from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from apps import health
from apps.health import WORST_FIRST
from apps.insight import may_look_inside
from warehouse.metrics.serving import readers
from warehouse.oltp.engine import reading
from warehouse.operations.errors import count_errors
from warehouse.operations.organization import count_jobs
from warehouse.release import release

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
FORBIDDEN = (
    "Metrics are for programs on this machine, or for those that show LONGHOUSE_METRICS_TOKEN as a bearer token.\n"
)
MOST_SECONDS = 8
_limiter = CapacityLimiter(2)

SECONDS = Histogram(
    "longhouse_http_request_seconds",
    "Time from a request to the end of its answer.",
    ["route", "method", "status"],
    buckets=BUCKETS,
)
IN_FLIGHT = Gauge("longhouse_http_requests_in_flight", "Requests being answered.")
SCREENS = Gauge("longhouse_open_screens", "Screens connected by a socket.")
UNFORESEEN = Counter("longhouse_http_unforeseen_failures", "Requests that ended in something nobody foresaw.")


def observe(route: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request under its route's template."""
    SECONDS.labels(route, method if method in METHODS else "other", str(status)).observe(seconds)


class Installation(Collector):
    """What is looked up when it is asked for; what cannot be looked up is left out."""

    def collect(self) -> Iterator[Metric]:
        """Every figure of the moment."""
        for look in (_about, _health, _workers, _freshness, _jobs):
            try:
                # All of it or nothing: half a family would read as if the rest were zero.
                yield from list(look())
            except Exception:  # noqa: S112 - the health gauge tells that the store or the lake does not answer
                continue


def _about() -> Iterator[Metric]:
    yield GaugeMetricFamily("longhouse_disk_free_bytes", "Room on the data folder's disk.", health.free_bytes())
    told = GaugeMetricFamily("longhouse_release", "Always 1; the label says which.", labels=["release"])
    told.add_metric([release()], 1)
    yield told


def _health() -> Iterator[Metric]:
    parts = GaugeMetricFamily("longhouse_health", "0 ok, 1 degraded, 2 down.", labels=["part"])
    for name, one in health.examine().parts.items():
        parts.add_metric([name], len(WORST_FIRST) - 1 - WORST_FIRST.index(one.state))
    yield parts


def _workers() -> Iterator[Metric]:
    counted = readers().count()
    workers = GaugeMetricFamily("longhouse_query_workers", "Processes that read extracts.", labels=["state"])
    workers.add_metric(["busy"], counted.busy)
    workers.add_metric(["idle"], counted.open - counted.busy)
    yield workers


def _freshness() -> Iterator[Metric]:
    found = health.freshness()
    if found is None:
        return
    age = found.age.total_seconds()
    yield GaugeMetricFamily("longhouse_refresh_age_seconds", "Since the last refresh that ended well.", age)
    yield GaugeMetricFamily("longhouse_build_lag_changes", "Changes the last build has not seen.", found.waiting)


def _jobs() -> Iterator[Metric]:
    with reading() as session:
        jobs, errors = count_jobs(session), count_errors(session)
    told = GaugeMetricFamily("longhouse_jobs", "Jobs on record by how they stand.", labels=["job", "outcome"])
    for (job, status), number in jobs.items():
        told.add_metric([job, status.value], number)
    yield told
    unforeseen = CounterMetricFamily("longhouse_errors", "Unforeseen failures on record.", labels=["source"])
    for source, number in errors.items():
        unforeseen.add_metric([source], number)
    yield unforeseen


REGISTRY.register(Installation())


async def metrics(request: Request) -> Response:
    """`/metrics`, in Prometheus' text format."""
    if not may_look_inside(request.scope):
        return PlainTextResponse(FORBIDDEN, 403)
    text = b""
    with move_on_after(MOST_SECONDS):
        text = await run_sync(generate_latest, REGISTRY, limiter=_limiter, abandon_on_cancel=True)
    if not text:
        return PlainTextResponse("The figures did not come together in time.\n", 503)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})
