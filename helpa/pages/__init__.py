"""The page kit: plugins that serve pages by it look alike, and are safe alike.

Not imported by ``import helpa``: ``from helpa.pages import Pages``.
"""

from helpa.pages.assets import Assets
from helpa.pages.forms import Form, check_origin, local_path, read_form
from helpa.pages.page import Pages, byte_count, day

__all__ = [
    "Assets",
    "Form",
    "Pages",
    "byte_count",
    "check_origin",
    "day",
    "local_path",
    "read_form",
]
