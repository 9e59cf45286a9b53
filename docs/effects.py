"""The page of each operation, with pictures of what its parameters do, made by a real server.

A picture is made anew where its query or the version of an operation has changed; what they were is
noted beside the pictures.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

import httpx2
import scene

from helpa.core.control import CONTROL, control
from helpa.core.parameters import Definition
from helpa.core.reference import CONTROL_PAGE, markdown_table
from helpa.core.vocabulary import Vocabulary
from helpa.testing import app, encode

FOLDER = Path(__file__).parent / "operations"
NOTES = FOLDER / "made.json"

ON = {"ann": "annotated", "trim": "framed", "anim": "waves", "page": "waves", "redact": "signed"}
"""What else than the scene a parameter is shown on."""

NO_PIXELS = frozenset({"dl", "exp", "explain", "p", "sig", "v"})
"""Parameters that say how an answer is handed on, or stand for others."""

SAMPLES = {
    "ann": "w=320&ann=1",
    "ar": "w=320&ar=16:9",
    "bg": "w=240&h=240&fit=contain&bg=fff0d0",
    "dpr": "w=120&dpr=2",
    "enlarge": "rect=60,150,140,140&w=280&enlarge=1",
    "fmt": "w=320&fmt=gif",
    "fit": "w=200&h=200&fit=cover",
    "fp": "w=160&h=280&fit=cover&fp=0.7,0.4",
    "max_bytes": "w=320&fmt=jpg&max_bytes=3k",
    "g": "w=160&h=280&fit=cover&g=left",
    "border": "w=300&border=10,7a1f2b",
    "radius": "w=320&radius=40",
    "shadow": "w=280&shadow=20&bg=fff",
    "h": "h=160",
    "lossless": "w=320&lossless=1",
    "meta": "w=320&meta=copyright",
    "pad": "w=320&pad=10,40&bg=fff0d0",
    "progressive": "w=320&fmt=jpg&progressive=1",
    "q": "w=320&fmt=jpg&q=10",
    "redact": "w=320&redact=10p,10p,30p,20p",
    "rot": "w=320&rot=12&bg=fff0d0",
    "txt": "w=320&txt=Draft&txt_size=40",
    "txt_align": "w=320&txt=Two%20lines%0Aof%20text&txt_align=right",
    "txt_bg": "w=320&txt=Draft&txt_bg=0008",
    "txt_color": "w=320&txt=Draft&txt_size=60&txt_color=7a1f2b",
    "txt_font": "w=320&txt=Draft&txt_size=40&txt_font=mono-bold",
    "txt_g": "w=320&txt=Draft&txt_g=top-left",
    "txt_pad": "w=320&txt=Draft&txt_g=bottom-right&txt_pad=40",
    "txt_size": "w=320&txt=Draft&txt_size=80",
    "txt_w": "w=320&txt=A%20longer%20text%20that%20is%20wrapped&txt_w=0.5",
    "w": "w=200",
    "wm": "w=320&wm={picture}&wm_s=0.3",
    "wm_g": "w=320&wm={picture}&wm_s=0.3&wm_g=top-right",
    "wm_o": "w=320&wm={picture}&wm_s=0.6&wm_o=40",
    "wm_pad": "w=320&wm={picture}&wm_s=0.3&wm_pad=40",
    "wm_s": "w=320&wm={picture}&wm_s=0.6",
    "wm_tile": "w=320&wm={picture}&wm_s=0.2&wm_o=50&wm_tile=1",
}
"""Queries that show what a parameter does, where its example alone does not; ``{picture}`` is the
id of another picture."""


def pages(vocabulary: Vocabulary) -> dict[str, str]:
    """Return the page of each operation in Markdown, by its name."""
    control_doc = (control.__doc__ or "").strip()
    listed = [(o.name, o.doc.replace("``", "`"), o.parameters) for o in vocabulary.operations]
    found = {}
    for title, text, definitions in [(CONTROL_PAGE, control_doc, CONTROL), *listed]:
        lines = [
            f"# {title}",
            "",
            "Made from the code by `make docs`. [All operations](../operations.md)",
            "",
            text,
            "",
            *markdown_table(definitions, vocabulary),
        ]
        for definition in definitions:
            if definition.name in NO_PIXELS:
                lines += [f"## `{definition.name}`", "", definition.parameter.doc, ""]
                lines += [f"`/img/<id>?{sample(definition)}` changes no pixels.", ""]
                continue
            query = sample(definition).replace("{picture}", "<another id>")
            lines += [f"## `{definition.name}`", "", definition.parameter.doc, ""]
            lines += [f"`/img/<id>?{query}`", ""]
            lines += [f"![{definition.name}]({definition.name}.webp)", ""]
        lines += ["What it is done to:", "", "![the picture before](scene.webp)"]
        found[title] = "\n".join(lines) + "\n"
    return found


def sample(definition: Definition) -> str:
    """Return the query that shows what a parameter does."""
    return SAMPLES.get(definition.name, f"{definition.name}={definition.parameter.example}")


def wanted(vocabulary: Vocabulary) -> dict[str, str]:
    """Return what each picture is made of, by the name of its parameter."""
    groups = [(o.name, o.version, o.parameters) for o in vocabulary.operations]
    return {
        d.name: f"{ON.get(d.name, 'scene')}?{sample(d)} ({name} {version})"
        for name, version, definitions in [(CONTROL_PAGE, 1, CONTROL), *groups]
        for d in definitions
        if d.name not in NO_PIXELS
    }


def drifted(vocabulary: Vocabulary) -> list[str]:
    """Return the names of pictures that are missing, or were made of something else."""
    noted = json.loads(NOTES.read_text(encoding="utf-8")) if NOTES.exists() else {}
    now = wanted(vocabulary)
    names = [n for n in now if noted.get(n) != now[n] or not (FOLDER / f"{n}.webp").exists()]
    return names + [path.stem for path in FOLDER.glob("*.webp") if path.stem not in {*now, "scene"}]


def make(vocabulary: Vocabulary, plugins: tuple[str, ...]) -> None:
    """Make every picture."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.webp"):
        old.unlink()
    made = wanted(vocabulary)
    with app(*plugins) as server:
        ids = subjects(server)
        (FOLDER / "scene.webp").write_bytes(draw(server, ids, "scene? ("))
        for name, text in made.items():
            (FOLDER / f"{name}.webp").write_bytes(draw(server, ids, text))
    NOTES.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


class Asked(Protocol):
    """A server that pictures are asked of."""

    def client(self) -> httpx2.Client:
        """Return a client that may do what the owner of pictures may."""

    def upload(self, data: bytes) -> dict[str, Any]:
        """Upload a picture and return its document."""

    def get(self, path: str, **headers: str) -> httpx2.Response:
        """Get a path."""


def subjects(server: Asked) -> dict[str, str]:
    """Upload what effects are shown on; return the ids."""
    drawn = {
        "scene": encode(scene.scene()),
        "annotated": encode(scene.scene()),
        "framed": encode(scene.framed()),
        "signed": encode(scene.scene()),
        "logo": encode(scene.logo()),
        "waves": scene.waves(),
    }
    ids = {name: str(server.upload(data)["id"]) for name, data in drawn.items()}
    with server.client() as client:
        path = f"/api/images/{ids['annotated']}/annotations"
        client.put(path, json={"shapes": scene.ANNOTATION}).raise_for_status()
        path = f"/api/images/{ids['signed']}"
        client.patch(path, json={"visibility": "signed"}).raise_for_status()
    return ids


def draw(server: Asked, ids: dict[str, str], text: str) -> bytes:
    """Return the picture that :func:`wanted` names, as WebP."""
    subject, _, query = text.rpartition(" (")[0].partition("?")
    asked = query.replace("{picture}", ids["logo"])
    path = f"/img/{ids[subject]}?{asked}"
    if subject == "signed":
        path = _signed(server, ids[subject], asked)
    reply = server.get(path, Accept="image/webp")
    assert reply.status_code == 200, f"{text}: {reply.text}"
    if reply.headers["content-type"] == "image/webp":
        return reply.content
    # What shows is that answer's pixels, whatever format it came in.
    shown = server.upload(reply.content)["id"]
    return server.get(f"/img/{shown}?fmt=webp&lossless=0&q=85").content


def _signed(server: Asked, picture: str, query: str) -> str:
    """Return the path of a link that grants exactly one query."""
    params = dict(httpx2.QueryParams(query))
    with server.client() as client:
        body = {"params": params, "grant": "exact"}
        made = client.post(f"/api/images/{picture}/links", json=body).raise_for_status().json()
    return str(httpx2.URL(made["url"]).raw_path.decode())
