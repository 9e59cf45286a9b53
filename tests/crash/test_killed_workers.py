"""Workers that are killed, and pictures that kill them: everybody else is served."""

from __future__ import annotations

import asyncio
import functools
import itertools
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest
from PIL import Image

from api.asking import metric, timed, wait_until
from pictures import encode, photograph, png
from serving import Server, running_server

KILLS = 10


@asynccontextmanager
async def clients(server: Server) -> AsyncIterator[httpx2.AsyncClient]:
    limits = httpx2.Limits(max_connections=100, max_keepalive_connections=100)
    async with httpx2.AsyncClient(base_url=server.url, timeout=60, limits=limits) as client:
        yield client


def children(server: Server) -> list[psutil.Process]:
    return psutil.Process(server.process.pid).children(recursive=True)


async def ask_for_sizes(
    client: httpx2.AsyncClient,
    image: str,
    widths: itertools.count[int],
    during: asyncio.Task[Any],
    answers: Counter[int],
) -> Counter[int]:
    while not during.done():
        reply = await client.get(f"/img/{image}?w={next(widths)}&fmt=webp")
        answers[reply.status_code] += 1
        if reply.status_code != 200:
            print(reply.text)  # noqa: T201  shown where the test fails
    return answers


async def kill_now_and_then(server: Server, asking: Sequence[Counter[int]], seed: int) -> int:
    """Kill one process after the other, each when all are back.

    A rendition is tried twice, so whoever may have lost a worker has an answer before the next.
    """
    chosen = random.Random(seed)
    killed = 0

    def whole() -> bool:
        return metric(server, "helpa_workers") == 2 and len(children(server)) == 3

    await asyncio.sleep(0.5)
    for _ in range(KILLS):
        assert await asyncio.to_thread(wait_until, whole)
        victim = chosen.choice(children(server))
        before = [each.total() for each in asking]
        with suppress(ProcessLookupError):
            os.kill(victim.pid, signal.SIGKILL)
            killed += 1
        await asyncio.sleep(1)
        while any(now.total() <= then for now, then in zip(asking, before, strict=True)):
            await asyncio.sleep(0.02)
    return killed


@pytest.mark.slow
def test_every_request_is_answered_200_while_children_are_killed(tmp_path: Path) -> None:
    with running_server(tmp_path / "var", workers__count="2") as server:
        image = server.upload(encode(photograph(1400, 1000), "JPEG"))["id"]

        async def go() -> tuple[Counter[int], int]:
            widths = itertools.count(100)
            async with clients(server) as client:
                counts = [Counter[int]() for _ in range(8)]
                killing = asyncio.create_task(kill_now_and_then(server, counts, 7))
                asking = [ask_for_sizes(client, image, widths, killing, each) for each in counts]
                answers = sum(await asyncio.gather(*asking), Counter[int]())
                return answers, await killing

        answers, killed = asyncio.run(go())
        assert killed >= 8
        assert set(answers) == {200}, answers
        assert answers[200] > 50
        assert wait_until(lambda: metric(server, "helpa_workers") == 2)
        assert metric(server, "helpa_worker_restarts_total", reason="died") >= killed / 2
        assert server.get(f"/img/{image}?w=99").status_code == 200


@pytest.mark.parametrize("which", ["workers", "nursery", "everything"])
def test_idle_workers_and_their_nursery_are_replaced_when_killed(
    tmp_path: Path, which: str
) -> None:
    with running_server(tmp_path / "var", workers__count="2") as server:
        image = server.upload(png())["id"]
        (nursery,) = psutil.Process(server.process.pid).children()
        workers = nursery.children()
        assert len(workers) == 2
        victims = {"workers": workers, "nursery": [nursery], "everything": [*workers, nursery]}
        for victim in victims[which]:
            victim.kill()
        for width in range(30, 36):
            assert server.get(f"/img/{image}?w={width}").status_code == 200
        assert wait_until(lambda: metric(server, "helpa_workers") == 2)
        assert wait_until(lambda: len(children(server)) == 3)
        if which != "workers":
            (successor,) = psutil.Process(server.process.pid).children()
            assert successor.pid != nursery.pid


def test_a_stopped_worker_costs_its_deadline_and_is_replaced(tmp_path: Path) -> None:
    with running_server(tmp_path / "var", workers__count="2", limits__render_seconds="2") as server:
        image = server.upload(png())["id"]
        (nursery,) = psutil.Process(server.process.pid).children()
        for worker in nursery.children():
            worker.suspend()

        async def go() -> list[int]:
            async with clients(server) as client:
                paths = [f"/img/{image}?w={width}" for width in range(40, 50)]
                replies = await asyncio.gather(*(client.get(path) for path in paths))
                return [reply.status_code for reply in replies]

        statuses = asyncio.run(go())
        assert sorted(statuses)[:8] == [200] * 8
        assert set(statuses) <= {200, 422}
        assert metric(server, "helpa_worker_restarts_total", reason="deadline") == 2
        assert wait_until(lambda: metric(server, "helpa_workers") == 2)


@functools.cache
def heavy() -> bytes:
    """Return a picture whose large lossless WebPs take many seconds each."""
    size = (4000, 3000)
    image = Image.frombytes("RGB", size, random.Random(5).randbytes(size[0] * size[1] * 3))
    return encode(image, "JPEG", quality=60)


@pytest.mark.slow
def test_a_picture_whose_every_render_hits_the_deadline_does_not_hold_up_others(
    tmp_path: Path,
) -> None:
    with running_server(
        tmp_path / "var",
        workers__count="2",
        limits__render_seconds="1",
        limits__upload_bytes=str(2**26),
    ) as server:
        bad = server.upload(heavy(), "heavy.jpg")["id"]
        good = server.upload(encode(photograph(1600, 1200), "JPEG"))["id"]
        warm = [f"/img/{good}?w={width}&fmt=webp" for width in (91, 92, 93)]
        usual = max(timed(partial(server.get, path)) for path in warm)

        async def attack(
            client: httpx2.AsyncClient, widths: itertools.count[int], ends: float
        ) -> Counter[int]:
            answers: Counter[int] = Counter()
            while time.monotonic() < ends:
                path = f"/img/{bad}?w={next(widths)}&fmt=webp&lossless=1"
                answers[(await client.get(path)).status_code] += 1
            return answers

        async def visit(client: httpx2.AsyncClient, ends: float) -> list[tuple[int, float]]:
            await asyncio.sleep(0.5)
            taken = []
            for width in itertools.count(200):
                if time.monotonic() > ends:
                    break
                began = time.monotonic()
                reply = await client.get(f"/img/{good}?w={width}&fmt=webp")
                taken.append((reply.status_code, time.monotonic() - began))
                await asyncio.sleep(0.05)
            return taken

        async def go() -> tuple[Counter[int], list[tuple[int, float]]]:
            ends = time.monotonic() + 9
            widths = itertools.count(3200)
            async with clients(server) as client, clients(server) as visitor:
                attacking = [asyncio.create_task(attack(client, widths, ends)) for _ in range(32)]
                taken = await visit(visitor, ends)
                for each in attacking:
                    each.cancel()
                done = await asyncio.gather(*attacking, return_exceptions=True)
                counted = [each for each in done if isinstance(each, Counter)]
                return sum(counted, Counter[int]()), taken

        _, taken = asyncio.run(go())
        assert metric(server, "helpa_worker_restarts_total", reason="deadline") >= 4
        assert metric(server, "helpa_requests_total", outcome="ok") == len(warm) + len(taken), (
            "a render of the heavy picture finished: it proves nothing"
        )
        assert {status for status, _ in taken} == {200}
        quick = sum(seconds <= 2 + 10 * usual for _, seconds in taken)
        assert len(taken) >= 5
        assert quick >= 0.9 * len(taken), sorted(seconds for _, seconds in taken)[-10:]


def test_a_rendition_that_failed_is_remembered_and_not_tried_again_at_once(
    tmp_path: Path,
) -> None:
    with running_server(
        tmp_path / "var", limits__render_seconds="1", limits__upload_bytes=str(2**26)
    ) as server:
        path = f"/img/{server.upload(heavy(), 'heavy.jpg')['id']}?w=3900&fmt=webp&lossless=1"
        first = server.get(path)
        assert first.status_code == 422
        assert "limits.render_seconds" in first.json()["detail"]
        killed = metric(server, "helpa_worker_restarts_total", reason="deadline")
        assert killed == 1
        for _ in range(5):
            again = server.get(path)
            assert (again.status_code, again.json()) == (422, first.json())
            assert int(again.headers["retry-after"]) > 0
        assert metric(server, "helpa_worker_restarts_total", reason="deadline") == killed


def test_a_picture_that_needs_more_memory_than_a_worker_may_have_is_refused(
    tmp_path: Path,
) -> None:
    with running_server(
        tmp_path / "var",
        limits__memory=str(256 * 2**20),
        workers__count="2",
        plugin='{"basics": {"avif_max_pixels": 100000000}}',
    ) as server:
        small = server.upload(png())["id"]
        big = encode(Image.new("RGB", (7000, 7000), "white"), "PNG")
        with server.client() as client:
            reply = client.post("/api/images", files={"file": big})
        assert reply.status_code in (201, 413, 422), reply.text
        if reply.status_code == 201:
            lossless = server.get(f"/img/{reply.json()['id']}?w=6900&fmt=avif")
            assert lossless.status_code in (200, 422), lossless.text
        assert server.get(f"/img/{small}?w=44").status_code == 200
        assert wait_until(lambda: metric(server, "helpa_workers") == 2)
