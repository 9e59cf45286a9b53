"""The counters, as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from helpa.core.counters import BUCKETS, Counters, Seconds
from helpa.core.ready import ReadyTable
from helpa.core.workers.supervisor import Supervisor

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics(Collector):
    """Reads the counters when asked; nothing is added to the hot path.

    Args:
        counters: what is counted.
        supervisor: the workers.
        table: ready answers.
        stores: bytes held, by tier.
    """

    def __init__(
        self,
        counters: Counters,
        supervisor: Supervisor,
        table: ReadyTable,
        stores: dict[str, Callable[[], int]],
    ) -> None:
        self._counters = counters
        self._supervisor = supervisor
        self._table = table
        self._stores = stores
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def render(self) -> bytes:
        """Return the numbers in Prometheus' text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        counters = self._counters
        requests = CounterMetricFamily(
            "helpa_requests", "Image requests by outcome and tier.", labels=["outcome", "tier"]
        )
        requests.add_metric(["ok", "ready"], counters.ready_hits)
        for (outcome, tier), count in counters.requests.items():
            requests.add_metric([outcome, tier], count)
        yield requests
        yield CounterMetricFamily(
            "helpa_not_modified", "Answers 304 from the table.", value=counters.not_modified
        )
        yield CounterMetricFamily(
            "helpa_sent_bytes", "Bytes of image answers.", value=counters.bytes_sent
        )
        uploads = CounterMetricFamily("helpa_uploads", "Uploads by outcome.", labels=["outcome"])
        for outcome, count in counters.uploads.items():
            uploads.add_metric([outcome], count)
        yield uploads
        yield CounterMetricFamily(
            "helpa_uploaded_bytes", "Bytes of accepted uploads.", value=counters.bytes_uploaded
        )
        yield _histogram(
            "helpa_queue_wait_seconds", "Wait for a worker.", [((), counters.queue_wait)], []
        )
        yield _histogram("helpa_open_seconds", "Opening and drawing.", [((), counters.opening)], [])
        yield _histogram(
            "helpa_encode_seconds",
            "Encoding, by format.",
            [((name,), seconds) for name, seconds in counters.encoding.items()],
            ["format"],
        )
        yield from self._workers()
        stored = GaugeMetricFamily("helpa_cache_bytes", "Bytes held, by tier.", labels=["tier"])
        stored.add_metric(["ready"], self._table.bytes)
        for tier, size in self._stores.items():
            stored.add_metric([tier], size())
        yield stored
        jobs = CounterMetricFamily(
            "helpa_jobs", "Background jobs by kind and outcome.", labels=["kind", "outcome"]
        )
        for (kind, outcome), count in counters.jobs.items():
            jobs.add_metric([kind, outcome], count)
        yield jobs
        events = CounterMetricFamily(
            "helpa_events", "Events by plugin and outcome.", labels=["plugin", "outcome"]
        )
        for (plugin, outcome), count in counters.events.items():
            events.add_metric([plugin, outcome], count)
        yield events
        refused = CounterMetricFamily(
            "helpa_refused", "Renditions refused, by budget used up.", labels=["budget"]
        )
        for budget in ("picture", "address"):
            refused.add_metric([budget], counters.refused[budget])
        yield refused
        limited = CounterMetricFamily(
            "helpa_limited", "Requests refused, by rate exceeded.", labels=["rate"]
        )
        for rate in ("token", "address", "failures"):
            limited.add_metric([rate], counters.limited[rate])
        yield limited

    def _workers(self) -> Iterator[Metric]:
        restarts = CounterMetricFamily(
            "helpa_worker_restarts", "Workers replaced, by reason.", labels=["reason"]
        )
        for reason, count in self._supervisor.restarts.items():
            restarts.add_metric([reason], count)
        yield restarts
        yield GaugeMetricFamily(
            "helpa_workers", "Workers that are up.", value=self._supervisor.alive
        )
        yield GaugeMetricFamily(
            "helpa_workers_busy", "Workers that have a job.", value=self._supervisor.busy
        )
        yield GaugeMetricFamily(
            "helpa_queue_length", "Jobs waiting for a worker.", value=len(self._supervisor.queue)
        )


def _histogram(
    name: str, text: str, rows: list[tuple[tuple[str, ...], Seconds]], labels: list[str]
) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, text, labels=labels)
    for values, seconds in rows:
        total = 0
        buckets: list[tuple[str, float]] = []
        for bound, count in zip([*BUCKETS, float("inf")], seconds.counts, strict=True):
            total += count
            buckets.append(("+Inf" if bound == float("inf") else str(bound), total))
        family.add_metric(list(values), buckets, seconds.total)
    return family
