"""What ``helpa doctor`` looks at: a module a noun, each with one function ``check``."""

from helpa.core.checks.finding import Finding, State
from helpa.core.checks.installation import Installation
from helpa.core.checks.round import SECONDS, examine

__all__ = ["SECONDS", "Finding", "Installation", "State", "examine"]
