"""What authors of plugins test with; needs the extra ``testing``.

Servers to call (:func:`app` in this process, :func:`serve` in one of its own), pictures to upload,
a measure of likeness, contracts to inherit, and a check of the whole plugin. pytest offers the
servers as fixtures ``helpa_app`` and ``helpa_serve``, too.
"""

from helpa.testing.check import check_plugin
from helpa.testing.pictures import KINDS, Kind, encode, picture
from helpa.testing.problem import Problem
from helpa.testing.serving import App, Served, Server, app, serve
from helpa.testing.similar import Difference, assert_similar, difference
from helpa.testing.sources import SourceContract
from helpa.testing.stores import StoreContract

__all__ = [
    "KINDS",
    "App",
    "Difference",
    "Kind",
    "Problem",
    "Served",
    "Server",
    "SourceContract",
    "StoreContract",
    "app",
    "assert_similar",
    "check_plugin",
    "difference",
    "encode",
    "picture",
    "serve",
]
