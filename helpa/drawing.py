"""Public helpers for drawing code. Importing it loads libvips: do so only where pixels are drawn.

A plugin's ``draw`` functions live in modules of their own, which only workers load; those modules
may import this one, the plugin's other modules may not.
"""

from helpa.core.pixels.bare import bare
from helpa.core.pixels.deadline import seconds_left
from helpa.core.pixels.failures import refusal
from helpa.core.pixels.resample import on_colours, resample
from helpa.core.pixels.summary import palette, thumbhash

__all__ = ["bare", "on_colours", "palette", "refusal", "resample", "seconds_left", "thumbhash"]
