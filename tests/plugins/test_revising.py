"""What plugins may do to pictures: jobs, revisions, layers, screenings, and saying no."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image

from api.asking import contents, wait_until
from plugins.workshop import Workshop
from serving import Server, running_server

VEIL = """
from typing import Annotated
from starlette.responses import JSONResponse
from helpa import (
    Parameter, Affine, Drawing, Job, Layer, LayerKind, NotFound, Operation, Retention, Route,
    Screened, Screening, Size, Stage, Step, Work, hookimpl,
)
from helpa.api import actor_of, new_id

async def work(run):
    done = run.payload["steps"]
    for step in range(done):
        await run.progress(step + 1, done)
    if run.payload.get("fails"):
        raise ValueError("it does not work")

@hookimpl
def register_jobs(services):
    return [Job("veil.count", work)]

def moved(content, transform, before, after):
    x, y = transform.apply(content["x"], content["y"])
    return {"x": x, "y": y}

@hookimpl
def register_layers(services):
    return [LayerKind("dots", moved)]

def dot(frame, *, dot: Annotated[bool, Parameter("Dot.")] = True):
    return Step({}, frame.size) if frame.layer is not None else None

def layer(picture, *, dot):
    return next((each for each in picture.layers if each.current), None) if dot else None

@hookimpl
def register_operations():
    return [Operation("dot", stage=Stage.LAYER, plan=dot, draw="ext_veil.drawing:dot", layer=layer)]

@hookimpl
def register_screenings(services):
    return [Screening("veil", lambda c, a: Screened(held=HELD, guarded=False))]

@hookimpl
async def permission_allowed(services, identity, permission, target):
    SAYS

@hookimpl
def register_routes(services):
    images, database = services.images, services.database

    async def mine(request):
        viewer = request.state.identity
        return await images.managed(request.path_params["id"], viewer, "images:write")

    async def count(request):
        payload = {"steps": 3, "fails": "fails" in request.query_params}
        job = await database.write(lambda c: services.jobs.enqueue(c, "veil.count", payload))
        services.jobs.wake()
        return JSONResponse({"job": job})

    async def veil(request):
        image = await mine(request)
        given = dict(request.query_params)
        def plan(now):
            size = now.size
            crop = int(given.get("crop", 0))
            steps = [Drawing("ext_veil.drawing:fill", {"rect": [8, 8, 16, 16]}, size)]
            if crop:
                left = Size(size.width - crop, size.height)
                steps.append(Drawing("ext_veil.drawing:crop", {"x": crop}, left, Affine(c=-crop)))
            return Work(tuple(steps), {"why": "test"})
        retention = Retention(given.get("original", "destroy"), int(given.get("days", 0)))
        now, seq = await images.revise(
            image.id, plan, actor=actor_of(request), reason="redaction", retention=retention
        )
        return await services.narrowed(seq, {"revision": now.revision}, 201)

    async def dots(request):
        image = await mine(request)
        content = await request.json()
        layer = Layer(new_id(), "dots", True)
        version, seq = await database.write(
            lambda c: images.save_layer(c, image, layer, content, actor_of(request))
        )
        return await services.narrowed(seq, {"version": version}, 200)

    async def shown(request):
        found = await database.read(lambda c: images.layers(c, request.path_params["id"]))
        return JSONResponse([[each.name, each.version, each.content] for each in found])

    async def release(request):
        seq = await database.write(lambda c: images.release(c, request.path_params["id"]))
        return await services.narrowed(seq, {}, 200)

    async def look(request):
        found, body = await images.look(
            request.path_params["id"], "ext_veil.drawing:look", {"more": 1}, seconds=10
        )
        return JSONResponse([found, len(body)])

    return [
        Route("POST", "/api/veil/count", count, "images:write", "Count."),
        Route("POST", "/api/veil/{id}", veil, "images:write", "Veil."),
        Route("POST", "/api/veil/{id}/dots", dots, "images:write", "Dot."),
        Route("GET", "/api/veil/{id}/dots", shown, "images:write", "Dots."),
        Route("POST", "/api/veil/{id}/release", release, "images:write", "Release."),
        Route("GET", "/api/veil/{id}/look", look, "images:read", "Look."),
    ]
"""

DRAWING = """
import pyvips

def _over(image, x, y, w, h, colour):
    ink = (pyvips.Image.black(w, h, bands=3) + colour).cast("uchar").copy(interpretation="srgb")
    image = image.colourspace("srgb") if image.bands < 3 else image
    if image.hasalpha():
        ink = ink.bandjoin(255)
    return image.insert(ink, x, y)

def fill(image, args, context):
    return _over(image, *args["rect"], [1, 2, 3])

def crop(image, args, context):
    return image.crop(args["x"], 0, image.width - args["x"], image.height)

def dot(image, args, context):
    scale = image.width / context.before.width
    x, y = context.transform.apply(context.layer["x"], context.layer["y"])
    return _over(image, round(x * scale), round(y * scale), 2, 2, [255, 0, 0])

def look(image, args):
    found = {"size": [image.width, image.height], "more": args["more"]}
    return found, bytes(image.write_to_memory())
"""


EVERYTHING = ("images:read", "images:write", "originals:read")


def installed(workshop: Workshop, *, held: bool = False, says: str = "return None") -> None:
    code = VEIL.replace("held=HELD", f"held={held}")
    workshop.install("veil", code.replace("SAYS", says), drawing=DRAWING)


@pytest.fixture
def server(workshop: Workshop, tmp_path: Path) -> Iterator[Server]:
    installed(workshop)
    with running_server(tmp_path / "var", plugins=workshop.plugins) as running:
        yield running


def picture(
    secret: tuple[int, int, int] = (200, 30, 30), size: tuple[int, int] = (64, 48)
) -> bytes:
    image = Image.new("RGB", size, (250, 250, 250))
    image.paste(secret, (10, 10, 20, 20))
    return png(image)


def png(image: Image.Image) -> bytes:
    into = io.BytesIO()
    image.save(into, "PNG")
    return into.getvalue()


def pixels(answer: httpx2.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content)).convert("RGB")


def job_of(client: httpx2.Client, job: str) -> dict[str, Any]:
    for _ in range(200):
        document: dict[str, Any] = client.get(f"/api/jobs/{job}").json()
        if document["state"] in ("done", "dead") or document["error"]:
            return document
        time.sleep(0.1)
    raise AssertionError(document)


def test_register_jobs_are_done_and_tell_how_far_they_are(server: Server) -> None:
    with server.client() as client:
        done = job_of(client, client.post("/api/veil/count").json()["job"])
        failed = job_of(client, client.post("/api/veil/count?fails").json()["job"])
    assert (done["state"], done["done"], done["total"]) == ("done", 3, 3)
    assert failed["error"] == "ValueError: it does not work"


def test_a_revision_shows_new_pixels_at_once_and_takes_the_old_away(server: Server) -> None:
    image = server.upload(picture())
    url = f"/img/{image['id']}?fmt=png"
    assert pixels(server.get(url)).getpixel((12, 12)) == (200, 30, 30)
    with server.client(server.make_token(*EVERYTHING)) as client:
        client.get(f"/api/images/{image['id']}/original?reason=test").raise_for_status()
        answer = client.post(f"/api/veil/{image['id']}")
        assert (answer.status_code, answer.json()) == (201, {"revision": 2})
        after = pixels(server.get(url))
        assert after.getpixel((12, 12)) == (1, 2, 3)
        assert after.getpixel((30, 30)) == (250, 250, 250)
        listed = client.get(f"/api/images/{image['id']}/revisions").json()["revisions"]
        assert [(r["reason"], r["original"]) for r in listed] == [
            ("upload", "destroyed"),
            ("redaction", None),
        ]
        gone = client.get(f"/api/images/{image['id']}/original?reason=test")
        assert (gone.status_code, gone.json()["detail"]) == (
            404,
            "The original of this image was destroyed.",
        )
        found = client.get(f"/api/veil/{image['id']}/look").json()
    assert found == [{"size": [64, 48], "more": 1}, 64 * 48 * 3]


@pytest.mark.parametrize("mode", ["keep", "seal&days=3"])
def test_an_original_that_is_kept_is_handed_out_for_a_reason(server: Server, mode: str) -> None:
    data = picture()
    image = server.upload(data)
    with server.client(server.make_token(*EVERYTHING)) as client:
        client.post(f"/api/veil/{image['id']}?original={mode}").raise_for_status()
        answer = client.get(f"/api/images/{image['id']}/original?reason=test")
        assert answer.content == data
    # The file in the open goes by a job that the answer does not wait for.
    kept = mode == "keep"
    assert wait_until(lambda: (data in contents(server.data_dir).values()) == kept)


def test_register_layers_are_drawn_and_move_with_their_picture(server: Server) -> None:
    image = server.upload(picture())
    url = f"/img/{image['id']}?fmt=png"
    with server.client() as client:
        answer = client.post(f"/api/veil/{image['id']}/dots", json={"x": 40, "y": 30})
        assert answer.json() == {"version": 1}
        assert pixels(server.get(url)).getpixel((40, 30)) == (255, 0, 0)
        half = pixels(server.get(f"{url}&w=32"))
        assert half.getpixel((20, 15)) == (255, 0, 0)
        client.post(f"/api/veil/{image['id']}?crop=8").raise_for_status()
        assert client.get(f"/api/veil/{image['id']}/dots").json() == [
            ["dots", 2, {"x": 32, "y": 30}]
        ]
        cut = pixels(server.get(url))
        assert cut.size == (56, 48)
        assert cut.getpixel((32, 30)) == (255, 0, 0)
        document = client.get(f"/api/images/{image['id']}").json()
    assert (document["revision"], document["layer"]) == (3, 2)


def test_register_screenings_hold_a_picture_until_it_is_released(
    workshop: Workshop, tmp_path: Path
) -> None:
    installed(workshop, held=True)
    with running_server(tmp_path / "var", plugins=workshop.plugins) as server:
        image = server.upload(picture(), visibility="public")
        assert (image["visibility"], image["held"]) == ("private", True)
        with server.client() as client, server.client(None) as stranger:
            url = f"/img/{image['id']}?fmt=png"
            assert stranger.get(url).status_code == 404
            assert client.get(url).status_code == 200
            client.post(f"/api/veil/{image['id']}/release").raise_for_status()
            assert stranger.get(url).status_code == 200
            document = client.get(f"/api/images/{image['id']}").json()
            assert (document["visibility"], document["held"]) == ("public", False)


@pytest.mark.parametrize(
    ("says", "status"),
    [
        ("return None", 200),
        ("return True", 200),
        ("return permission != 'originals:read' or not target.startswith('image:')", 403),
        ("raise ValueError('broken')", 403),
    ],
)
def test_permission_allowed_denies_what_a_role_has(
    workshop: Workshop, tmp_path: Path, says: str, status: int
) -> None:
    installed(workshop, says=says)
    with running_server(tmp_path / "var", plugins=workshop.plugins) as server:
        image = server.upload(picture())
        token = server.make_token("originals:read", "images:read")
        with server.client(token) as client:
            answer = client.get(f"/api/images/{image['id']}/original?reason=test")
    assert answer.status_code == status
