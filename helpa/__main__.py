"""``python -m helpa``."""

from helpa.core.cli import main

main()
