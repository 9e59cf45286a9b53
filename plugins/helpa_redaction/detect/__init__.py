"""What is secret in words, codes and faces that were read: plain functions, no input or output."""

from helpa_redaction.detect.every import DETECTORS, find
from helpa_redaction.detect.page import CATEGORIES, Code, Detector, Finding, Page
from helpa_redaction.detect.words import Box, Line, Word

__all__ = [
    "CATEGORIES",
    "DETECTORS",
    "Box",
    "Code",
    "Detector",
    "Finding",
    "Line",
    "Page",
    "Word",
    "find",
]
