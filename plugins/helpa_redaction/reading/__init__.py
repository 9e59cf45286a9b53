"""Reads letters, codes and faces in pictures, in programs of their own with deadlines."""

from helpa_redaction.reading.children import Failed
from helpa_redaction.reading.look import NOT_LETTERS, Seen, look
from helpa_redaction.reading.prepared import Plane, Prepared
from helpa_redaction.reading.shapes import codes, codes_missing, faces, faces_missing
from helpa_redaction.reading.tesseract import Read, ReaderMissing, check, languages, read

__all__ = [
    "NOT_LETTERS",
    "Failed",
    "Plane",
    "Prepared",
    "Read",
    "ReaderMissing",
    "Seen",
    "check",
    "codes",
    "codes_missing",
    "faces",
    "faces_missing",
    "languages",
    "look",
    "read",
]
