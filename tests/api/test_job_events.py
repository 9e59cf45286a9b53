"""A background job told of as server-sent events, while another process does it."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from sqlalchemy import Connection

from api.asking import problem
from helpa.core.database import jobs, schema
from serving import Server, running_server, start_server, stop_server

EVENTS = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("events")
    with running_server(folder / "var", jobs='{"embedded": false}') as running:
        yield running


def write(server: Server, *works: Callable[[Connection], Any]) -> Any:
    """Do to the database what a process that runs jobs does; return what the last one returns."""
    return [server.database.write(work) for work in works][-1]


def queued(server: Server) -> str:
    return str(write(server, lambda c: jobs.enqueue(c, "counting", {})))


def told(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    """Return the events of a stream by their fields; comments are no fields."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif fields:
            yield fields
            fields = {}


def test_each_change_is_an_event_until_it_is_done(server: Server) -> None:
    job = queued(server)

    def begin(connection: Connection) -> None:
        claimed = jobs.claim(connection, ["counting"], 60)
        assert claimed is not None
        assert claimed.id == job

    changes: list[Callable[[Connection], object]] = [
        begin,
        lambda c: jobs.progress(c, job, 1, 2),
        lambda c: jobs.progress(c, job, 2, 2),
        lambda c: jobs.finish(c, job),
    ]
    with server.client() as client, client.stream("GET", f"/api/jobs/{job}", headers=EVENTS) as got:
        assert got.status_code == 200
        assert got.headers["content-type"].startswith("text/event-stream")
        assert got.headers["cache-control"] == "private, no-store"
        assert got.headers["x-accel-buffering"] == "no"
        events = told(got.iter_lines())
        documents = []
        for event in events:
            assert event["event"] == "job"
            documents.append(json.loads(event["data"]))
            assert event["id"] == documents[-1]["state"]
            if changes:  # the next one only once this one was seen
                write(server, changes.pop(0))
    seen = [(each["state"], each["done"], each["total"]) for each in documents]
    assert seen == [
        ("queued", 0, 0), ("running", 0, 0), ("running", 1, 2), ("running", 2, 2), ("done", 2, 2),
    ]  # fmt: skip
    with server.client() as client:
        assert documents[-1] == client.get(f"/api/jobs/{job}").json()
        again = client.get(f"/api/jobs/{job}", headers={**EVENTS, "Last-Event-ID": "done"})
        assert (again.status_code, again.content) == (204, b"")
        late = client.get(f"/api/jobs/{job}", headers={**EVENTS, "Last-Event-ID": "running"})
        assert [each["id"] for each in told(late.iter_lines())] == ["done"]


def test_events_are_asked_for_by_name_and_by_those_who_may(server: Server) -> None:
    job = queued(server)
    with server.client() as client:
        for accept in ("*/*", "text/*", "application/json", "text/event-streams"):
            answer = client.get(f"/api/jobs/{job}", headers={"Accept": accept})
            assert answer.json()["state"] == "queued"
            assert answer.headers["vary"] == "Accept"
        problem(client.get("/api/jobs/AAAAAAAAAAAAAAAAAAAAAA", headers=EVENTS), 404)
        problem(client.get("/api/jobs/nothing", headers=EVENTS), 404)
        parts = "application/json;q=0.5, Text/Event-Stream;q=0.9"
        with client.stream("GET", f"/api/jobs/{job}", headers={"Accept": parts}) as got:
            assert got.headers["content-type"].startswith("text/event-stream")
    with server.client(None) as nobody:
        problem(nobody.get(f"/api/jobs/{job}", headers=EVENTS), 401)
    with server.client(server.make_token("images:write")) as other:
        problem(other.get(f"/api/jobs/{job}", headers=EVENTS), 403)


def test_a_job_that_is_swept_away_ends_its_stream(server: Server) -> None:
    job = queued(server)
    with server.client() as client, client.stream("GET", f"/api/jobs/{job}", headers=EVENTS) as got:
        events = told(got.iter_lines())
        assert next(events)["id"] == "queued"
        write(server, lambda c: c.execute(schema.jobs.delete().where(schema.jobs.c.id == job)))
        assert list(events) == []


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_stops_ends_its_streams_at_once(
    tmp_path_factory: pytest.TempPathFactory, sign: signal.Signals
) -> None:
    server = start_server(tmp_path_factory.mktemp("stopping") / "var", jobs='{"embedded": false}')
    try:
        job = queued(server)
        ended = threading.Event()

        def listen() -> None:
            with httpx2.Client(base_url=server.url, timeout=60) as client:
                headers = {**EVENTS, "Authorization": f"Bearer {server.token}"}
                with client.stream("GET", f"/api/jobs/{job}", headers=headers) as got:
                    events = told(got.iter_lines())
                    assert next(events)["id"] == "queued"
                    heard.set()
                    assert list(events) == []
                    ended.set()

        heard = threading.Event()
        thread = threading.Thread(target=listen)
        thread.start()
        assert heard.wait(60)
        server.process.send_signal(sign)
        assert server.process.wait(60) == 0
        thread.join(60)
        assert ended.is_set(), "the stream was torn off, not ended"
    finally:
        stop_server(server)
