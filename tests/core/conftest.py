"""How Hypothesis works here: no deadlines, for other work shares the cores."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "helpa",
    deadline=None,
    database=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("helpa")
