"""Plain numbers that the hot path counts in; :mod:`helpa.core.metrics` exports them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@dataclass
class Seconds:
    """A histogram of durations."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.total += seconds
        for number, bound in enumerate(BUCKETS):
            if seconds <= bound:
                self.counts[number] += 1
                return
        self.counts[-1] += 1


@dataclass
class Counters:
    """What has happened since the start."""

    ready_hits: int = 0
    not_modified: int = 0
    bytes_sent: int = 0
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By outcome (``ok``, or the class of the error) and tier."""
    bytes_uploaded: int = 0
    uploads: Counter[str] = field(default_factory=Counter)
    queue_wait: Seconds = field(default_factory=Seconds)
    opening: Seconds = field(default_factory=Seconds)
    encoding: dict[str, Seconds] = field(default_factory=dict)
    jobs: Counter[tuple[str, str]] = field(default_factory=Counter)
    events: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By plugin and outcome: delivered, retried, dead."""
    refused: Counter[str] = field(default_factory=Counter)
    """Renditions refused, by the budget that was used up."""
    limited: Counter[str] = field(default_factory=Counter)
    """Requests refused, by the rate that was exceeded."""
