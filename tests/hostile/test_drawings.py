"""SVG: drawn or refused within its deadline, and nothing beside it is ever read."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hostile.attacking import DEADLINE, Attack
from hostile.cases import Case
from hostile.drawings import all_drawings, loading, svg
from pictures import encode, opened

pytestmark = pytest.mark.hostile

SECRET = (255, 0, 255)


@pytest.fixture
def trap() -> Iterator[tuple[str, list[str]]]:
    """The address of a server on this machine, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listener.server_port}/secret", asked
        listener.shutdown()
        thread.join()


def test_costly_and_broken_drawings_end_within_the_deadline(attack: Attack) -> None:
    cases = all_drawings()
    assert len(cases) > 70
    slow = []
    with attack.unharmed():
        for first in range(0, len(cases), 2):
            began = time.monotonic()
            outcomes = attack.upload(cases[first : first + 2], files=1)
            attack.draw(outcomes, 1)
            # A drawing that kills its worker is tried twice; and it is drawn once more.
            if time.monotonic() - began > 3 * DEADLINE + 2 + 10 * attack.usual:
                slow.append([case.name for case in cases[first : first + 2]])
    assert not slow


def test_nothing_is_loaded_from_addresses_in_a_drawing(
    attack: Attack, trap: tuple[str, list[str]]
) -> None:
    address, asked = trap
    with attack.unharmed():
        cases = [Case(f"{name} from {address}", data) for name, data in loading(address)]
        attack.draw(attack.upload(cases), 2)
        time.sleep(0.2)
    assert not asked


def dark(attack: Attack, data: bytes, colour: tuple[int, ...]) -> bool:
    """Whether a drawing is refused or shows nothing near a colour."""
    outcome = attack.upload([Case("a drawing", data)])[0]
    if not outcome.accepted:
        return True
    reply = attack.server.get(f"/img/{outcome.answer['id']}?fmt=png&bg=fff")
    pixels = np.asarray(opened(reply.content).convert("RGB")).astype(int)
    return bool((np.abs(pixels - colour).sum(axis=2) > 60).all())


def test_files_of_the_machine_are_in_no_drawing(attack: Attack, tmp_path: Path) -> None:
    picture, text = tmp_path / "secret.png", tmp_path / "secret.txt"
    picture.write_bytes(encode(Image.new("RGB", (80, 60), SECRET), "PNG"))
    text.write_text("MMMM")
    shown = svg(f"<rect width='80' height='60' fill='rgb{SECRET}'/>")
    assert not dark(attack, shown, SECRET), "this test could not fail"
    assert not dark(attack, svg("<text y='50' font-size='40'>MMMM</text>"), (0, 0, 0))
    with attack.unharmed():
        for form in (f"file://{picture}", str(picture), f"file://localhost{picture}", "secret.png"):
            for name, data in loading(form):
                assert dark(attack, data, SECRET), (name, form)
        for form in (f"file://{text}", str(text)):
            for name, data in loading(form):
                if "style" not in name and name != "a font":
                    assert dark(attack, data, (0, 0, 0)), (name, form)


def test_a_drawing_is_never_answered_as_a_drawing(attack: Attack) -> None:
    document = attack.server.upload(svg("<rect width='9' height='9'/>"), "a.svg")
    for accept in ("image/svg+xml", "*/*", "image/*", "text/html,image/svg+xml,*/*;q=0.8"):
        reply = attack.server.get(f"/img/{document['id']}", Accept=accept)
        assert reply.headers["content-type"] == "image/png"
    for path in (f"/img/{document['id']}.svg", f"/img/{document['id']}?fmt=svg"):
        assert attack.server.get(path).status_code == 400
