"""Redaction that cannot be undone: what is secret in a picture is found, covered and purged."""
