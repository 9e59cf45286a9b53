"""A server with the sample plugin, and somebody signed in to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving import Server, running_server
from web.conftest import browser
from web.visitors import Visitor, other_visitor, visitor

__all__ = ["browser"]

PLUGINS = '["basics", "accounts", "web", "sample"]'


@pytest.fixture(scope="session")
def sample_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The sample on PYTHONPATH, as if it were installed."""
    folder = tmp_path_factory.mktemp("installed")
    info = folder / "helpa_sample-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: helpa-sample\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[helpa]\nsample = helpa_sample\n")
    earlier = os.environ.get("PYTHONPATH")
    parts = [str(folder), str(Path(__file__).parent), *([earlier] if earlier else [])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(parts))
        yield


@pytest.fixture(scope="session")
def sampled(sample_path: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the sample plugin."""
    with running_server(tmp_path_factory.mktemp("sampled"), plugins=PLUGINS) as running:
        yield running


@pytest.fixture(scope="session")
def reader(sampled: Server) -> Visitor:
    """A member signed in to ``sampled``."""
    visitor(sampled)
    return other_visitor(sampled, "member")
