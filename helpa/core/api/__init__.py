"""The HTTP API: JSON under ``/api``, health, metrics."""
