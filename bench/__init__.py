"""Helpa, its peers and its upper bounds measured side by side, in one run, on the same pictures."""
