"""Data made of a rendition's pixels: placeholders and palettes."""

from helpa_hashes.plugin import register_operations

__all__ = ["register_operations"]
