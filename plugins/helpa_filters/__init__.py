"""Effects: colours, blur, mosaic, sharpness, rounded corners, border and shadow."""

from helpa_filters.plugin import register_operations

__all__ = ["register_operations"]
