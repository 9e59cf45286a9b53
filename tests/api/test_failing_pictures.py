"""Pictures whose renditions keep failing, on a real server."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.asking import metric, problem, wait_until
from pictures import encode, photograph, png
from serving import Server, running_server

numbers = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two workers and little patience."""
    with running_server(
        tmp_path_factory.mktemp("failing"),
        limits__render_seconds="1",
        workers__count="2",
        plugin='{"basics": {"avif_max_pixels": 100000000}}',
    ) as running:
        yield running


@pytest.fixture(scope="module")
def heavy(server: Server) -> str:
    """A picture of which a large AVIF takes longer than a second."""
    data = encode(photograph(5000, 4000), "JPEG")
    image: str = server.upload(data, "p.jpg")["id"]
    return image


def overdue(image: str) -> str:
    """Return the URL of a rendition that takes too long, different each time."""
    return f"/img/{image}?w={5000 - next(numbers)}&h=4000&fit=fill&fmt=avif&q=95"


def test_a_picture_that_keeps_failing_is_tried_one_at_a_time_and_others_do_not_wait(
    server: Server, heavy: str
) -> None:
    for _ in range(3):
        assert "limits.render_seconds" in problem(server.get(overdue(heavy)), 422)["detail"]
    other = server.upload(png())["id"]
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(server.get, overdue(heavy)) for _ in range(6)]
        assert wait_until(lambda: metric(server, "helpa_workers_busy"))
        before = metric(server, "helpa_queue_wait_seconds_sum")  # of what succeeded
        assert server.get(f"/img/{other}?w=77").status_code == 200
        waited = metric(server, "helpa_queue_wait_seconds_sum") - before
        replies = [each.result() for each in asked]
    assert waited < 1.0
    assert {reply.status_code for reply in replies} <= {422, 429}
    refused = [reply for reply in replies if reply.status_code == 429]
    assert len(refused) >= 3
    for reply in refused:
        assert "only one is tried at a time" in problem(reply, 429)["detail"]
        assert int(reply.headers["retry-after"]) > 0
        assert reply.headers["cache-control"] == "private, no-store"
