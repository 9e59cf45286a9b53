"""The only place that calls pluggy."""
