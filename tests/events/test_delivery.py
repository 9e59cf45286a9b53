"""Events reach plugins of real servers: in order, none lost, whatever dies or fails."""

from __future__ import annotations

import json

from sqlalchemy import select, update

from api.asking import metric, wait_until
from databases import Place
from events.listening import Ear, record
from helpa.core.database.engine import now_ms
from helpa.core.database.schema import event_consumers, event_dead_letters
from serving import helpa


def consumer(place: Place) -> tuple[int, int, int]:
    """Return attempts, due_at and lease_until of the plugin ``hear``."""
    row = place.read(
        lambda c: c.execute(select(event_consumers).where(event_consumers.c.plugin == "hear")).one()
    )
    return row.attempts, row.due_at, row.lease_until


def let_the_lease_run_out(place: Place) -> None:
    place.write(lambda c: c.execute(update(event_consumers).values(lease_until=1)) and None)


def test_events_reach_a_plugin_in_order_and_once(ear: Ear) -> None:
    with ear.server() as server:
        record(server.database, *range(60))
        assert wait_until(lambda: len(ear.lines()) >= 60)
        assert ear.heard() == list(range(60))
        first = ear.lines()[0]
        assert first[1:] == ["note.add", "note:0", "command-line", {"n": 0, "text": "ä"}]
        numbers = [line[0] for line in ear.lines()]
        assert numbers == sorted(numbers)
        assert wait_until(lambda: consumer(server.database) == (0, 0, 0))
        assert metric(server, "helpa_events_total", plugin="hear", outcome="delivered") == 60


def test_a_change_by_http_is_told_at_once_however_seldom_the_server_looks(ear: Ear) -> None:
    with ear.server(jobs__poll_seconds="3600") as server, server.client() as client:
        assert client.post("/api/hear").status_code == 201
        assert wait_until(lambda: ear.heard() == [7])
        assert ear.lines()[0][1:4] == ["note.add", "note:7", "account:local"]


def test_an_event_that_fails_is_tried_again_later_and_those_after_it_wait(ear: Ear) -> None:
    with ear.server() as server:
        failing = ear.bid("fails", 2)
        record(server.database, 1, 2, 3)
        assert wait_until(lambda: metric(server, "helpa_events_total", outcome="retried") >= 1)
        attempts, due_at, lease_until = consumer(server.database)
        assert attempts >= 1
        assert lease_until == 0
        assert due_at > now_ms()
        assert ear.heard() == [1]
        failing.unlink()
        assert wait_until(lambda: ear.heard() == [1, 2, 3])
        line = next(json.loads(each) for each in server.log if "event.failed" in each)
        assert (line["plugin"], line["dead"]) == ("hear", False)
        assert line["error"] == "RuntimeError: as bidden"


def test_an_event_that_always_fails_becomes_a_dead_letter_and_the_next_one_follows(
    ear: Ear,
) -> None:
    with ear.server(jobs__attempts="2") as server:
        ear.bid("fails", 1)
        record(server.database, 1, 2)
        assert wait_until(lambda: ear.heard() == [2])
        (dead,) = server.database.read(lambda c: list(c.execute(select(event_dead_letters))))
        assert (dead.plugin, dead.kind, dead.object) == ("hear", "note.add", "note:1")
        assert json.loads(dead.payload) == {"n": 1, "text": "ä"}
        assert dead.error == "RuntimeError: as bidden"
        assert metric(server, "helpa_events_total", plugin="hear", outcome="retried") == 1
        assert metric(server, "helpa_events_total", plugin="hear", outcome="dead") == 1


def test_one_plugin_that_fails_or_hangs_holds_up_no_other(ear: Ear) -> None:
    ear.another("also")
    with ear.server() as server:
        ear.bid("fails", 1)
        hanging = ear.bid("hangs", 2, "also")
        record(server.database, 1, 2, 3)
        assert wait_until(lambda: ear.began(1) and ear.began(2, "also"))
        assert ear.heard("also") == [1]
        hanging.unlink()
        assert wait_until(lambda: ear.heard("also") == [1, 2, 3])
        assert ear.heard() == []


def test_a_server_killed_in_the_middle_of_a_delivery_loses_none(ear: Ear) -> None:
    with ear.server() as server:
        hanging = ear.bid("hangs", 2)
        record(server.database, 1, 2, 3)
        assert wait_until(lambda: ear.began(2))
        server.kill()
        place = server.database
    assert ear.heard() == [1]
    assert consumer(place)[2] > now_ms()
    hanging.unlink()
    let_the_lease_run_out(place)
    with ear.server():
        assert wait_until(lambda: ear.heard() == [1, 2, 3])


def test_two_servers_share_what_one_plugin_is_told(ear: Ear) -> None:
    with ear.server() as one, ear.server() as other:
        record(one.database, *range(40))
        with one.client() as client, other.client() as second:
            client.post("/api/hear")
            second.post("/api/hear")
        assert wait_until(lambda: len(ear.lines()) >= 42)
        assert ear.heard() == [*range(40), 7, 7]


def test_a_plugin_hears_what_happens_from_its_first_start_on_and_while_it_is_disabled(
    ear: Ear,
) -> None:
    with ear.deaf_server() as server:
        record(server.database, 1)
    with ear.server() as server:
        record(server.database, 2)
        assert wait_until(lambda: ear.heard() == [2])
    with ear.deaf_server() as server:
        record(server.database, 3)
    with ear.server() as server:
        record(server.database, 4)
        assert wait_until(lambda: ear.heard() == [2, 3, 4])


def test_jobs_run_tells_plugins_where_the_server_does_not(ear: Ear) -> None:
    settings = ear.settings(jobs__embedded="false")
    with ear.server(jobs__embedded="false") as server:
        record(server.database, 1, 2)
        assert ear.heard() == []
        said = helpa("jobs", "run", "--once", data_dir=ear.data_dir, **settings)
        assert said.endswith("2 events delivered\n")
        assert ear.heard() == [1, 2]
