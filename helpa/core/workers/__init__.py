"""The supervised worker processes that pixels run in, seen from the web process."""
