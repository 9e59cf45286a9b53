"""The command line."""

from helpa.core.cli.main import main

__all__ = ["main"]
