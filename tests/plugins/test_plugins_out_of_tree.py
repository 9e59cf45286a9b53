"""Plugins of strangers at work: operations, measures, other pictures, routes, settings, guards."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from api.asking import encodes, files_in, problem, wait_until
from pictures import encode, opened, photograph, png
from plugins.workshop import Workshop
from serving import Server, run_helpa, running_server

INVERT = """
from typing import Annotated
from pydantic import BaseModel, ConfigDict, Field
from helpa import Frame, Operation, Parameter, Stage, Step, hookimpl

class InvertSettings(BaseModel):
    '''How colours are turned round.'''

    model_config = ConfigDict(extra="forbid")
    white: int = Field(255, ge=1, le=255, description="What black becomes.")

def invert(
    frame: Frame,
    *,
    inv: Annotated[bool, Parameter("Turns colours round.", aliases=("negative",))] = False,
) -> Step | None:
    '''Turn colours round.'''
    return Step({"white": frame.settings.white}, frame.size) if inv else None

@hookimpl
def register_settings():
    return InvertSettings

@hookimpl
def register_operations():
    return [
        Operation(
            "inv", stage=Stage.EFFECT, version=VERSION, plan=invert, draw="ext_invert.draw:invert"
        )
    ]
"""

INVERT_DRAW = """
def invert(image, args, context):
    assert (context.after.width, context.after.height) == (image.width, image.height)
    bands = image[:3] if image.hasalpha() else image
    return (args["white"] - bands).cast("uchar").copy(interpretation=image.interpretation)
"""

STAMP = """
from typing import Annotated
from helpa import Frame, ImageId, Operation, Parameter, Stage, Step, hookimpl

def stamp(
    frame: Frame,
    *,
    st: Annotated[ImageId | None, Parameter("A picture for the corner.")] = None,
) -> Step | None:
    '''Put another picture into the corner.'''
    if st is None:
        return None
    other = frame.pictures[st.text]
    return Step({"id": st.text, "of": [other.size.width, other.size.height]}, frame.size)

@hookimpl
def register_operations():
    return [Operation("stamp", stage=Stage.OVERLAY, plan=stamp, draw="ext_stamp.draw:stamp")]
"""

STAMP_DRAW = """
def stamp(image, args, context):
    over = context.pictures[args["id"]]
    assert [over.width, over.height] == args["of"]
    image, over = (each.colourspace("srgb") for each in (image, over))
    over = over[:3] if over.hasalpha() else over
    return image.insert(over.crop(0, 0, min(20, over.width), min(20, over.height)), 0, 0)
"""

MEAN = """
from typing import Annotated
from helpa import Frame, Measure, Operation, Parameter, Stage, Step, hookimpl

def mean(
    frame: Frame, *, mean: Annotated[bool, Parameter("Paints all in the mean.")] = False
) -> Step | Measure | None:
    '''Paint everything in the mean of all pixels.'''
    if not mean:
        return None
    if frame.measured is None:
        return Measure({"plus": 0})
    return Step({"mean": frame.measured["mean"]}, frame.size)

@hookimpl
def register_operations():
    return [
        Operation(
            "mean",
            stage=Stage.EFFECT,
            plan=mean,
            draw="ext_mean.draw:paint",
            measure="ext_mean.draw:look",
        )
    ]
"""

MEAN_DRAW = """
def look(image, args):
    return {"mean": image.avg() + args["plus"], "width": image.width}

def paint(image, args, context):
    return (image * 0 + args["mean"]).cast("uchar").copy(interpretation=image.interpretation)
"""


def install_invert(workshop: Workshop, version: int = 1) -> None:
    workshop.install("invert", INVERT.replace("VERSION", str(version)), draw=INVERT_DRAW)


def pixels(server: Server, path: str) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    reply = server.get(path)
    assert reply.status_code == 200, reply.text
    return np.asarray(opened(reply.content).convert("RGB")).astype(np.int16)


def test_register_operations_adds_an_effect_without_a_change_to_the_core(
    workshop: Workshop,
) -> None:
    install_invert(workshop)
    with running_server(workshop.folder / "var", plugins=workshop.plugins) as server:
        url = f"/img/{server.upload(encode(photograph(400, 300), 'PNG'))['id']}"
        plain = pixels(server, f"{url}?w=200&fmt=png")
        for spelling in ("inv=1", "negative=1"):
            turned = pixels(server, f"{url}?w=200&fmt=png&{spelling}")
            assert np.array_equal(turned, 255 - plain)
        assert np.array_equal(pixels(server, f"{url}?w=200&fmt=png&inv=0"), plain)
        assert (
            server.get(f"{url}?w=200&fmt=png&inv=1").headers["etag"]
            != (server.get(f"{url}?w=200&fmt=png").headers["etag"])
        )
        cut = pixels(server, f"{url}?rect=0,0,100,100&w=50&rot=90&inv=1&fmt=png&fit=cover")
        assert cut.shape == (50, 50, 3)
        members = problem(server.get(f"{url}?inv=yes"), 400)
        assert (members["field"], members["allowed"]) == ("inv", "0 or 1")
        assert problem(server.get(f"{url}?negativ=1"), 400)["nearest"] == "negative"
        document = server.get("/api/openapi.json").json()
        named = {p["name"]: p for p in document["paths"]["/img/{id}"]["get"]["parameters"]}
        assert "Turns colours round. Also: negative." in named["inv"]["description"]


def test_register_settings_reach_the_operation_and_the_command_line(workshop: Workshop) -> None:
    install_invert(workshop)
    with running_server(
        workshop.folder / "var", plugins=workshop.plugins, plugin__invert__white="200"
    ) as server:
        url = f"/img/{server.upload(encode(photograph(60, 40), 'PNG'))['id']}?fmt=png"
        plain = np.minimum(pixels(server, url), 200)
        assert np.array_equal(pixels(server, f"{url}&inv=1"), 200 - plain)
    shown = run_helpa("config", plugins=workshop.plugins)
    assert "[plugin.invert]" in shown.stdout
    assert "# What black becomes.\n# white = 255" in shown.stdout
    listed = run_helpa("plugins", plugins=workshop.plugins)
    assert "invert: enabled (ext-invert 1.2)\n  operations: inv" in listed.stdout


def test_a_new_version_of_an_operation_has_new_keys(workshop: Workshop) -> None:
    install_invert(workshop)
    with running_server(workshop.folder / "var", plugins=workshop.plugins) as server:
        url = f"/img/{server.upload(png(60, 40))['id']}"
        first = server.get(f"{url}?inv=1").headers["etag"]
        plain = server.get(url).headers["etag"]
    package = workshop.folder / "ext_invert" / "__init__.py"
    package.write_text(package.read_text().replace("version=1,", "version=22,"))
    with running_server(workshop.folder / "var", plugins=workshop.plugins) as server:
        assert server.get(f"{url}?inv=1").headers["etag"] != first
        assert server.get(url).headers["etag"] == plain
        assert encodes(server) == 1


def test_an_operation_that_measures_plans_with_what_it_found_and_measures_once(
    workshop: Workshop,
) -> None:
    workshop.install("mean", MEAN, draw=MEAN_DRAW)
    with running_server(workshop.folder / "var", plugins=workshop.plugins) as server:
        picture = photograph(120, 80)
        url = f"/img/{server.upload(encode(picture, 'PNG'))['id']}"
        painted = pixels(server, f"{url}?mean=1&fmt=png")
        assert painted.min() == painted.max()
        assert abs(int(painted[0, 0, 0]) - float(np.asarray(picture).mean())) <= 2
        before = len(files_in(server.data_dir / "cache"))
        assert pixels(server, f"{url}?mean=1&fmt=webp&lossless=1").shape == (80, 120, 3)
        assert len(files_in(server.data_dir / "cache")) == before + 1


@pytest.fixture
def stamped(workshop: Workshop) -> Workshop:
    """A workshop with the stamp in it."""
    workshop.install("stamp", STAMP, draw=STAMP_DRAW)
    return workshop


def test_an_operation_may_draw_another_picture_in(stamped: Workshop) -> None:
    with running_server(stamped.folder / "var", plugins=stamped.plugins) as server:
        below = photograph(100, 80)
        url = f"/img/{server.upload(encode(below, 'PNG'))['id']}?fmt=png"
        stamp = server.upload(encode(photograph(50, 50, seed=9), "PNG"))["id"]
        got = pixels(server, f"{url}&st={stamp}")
        assert np.array_equal(got[:20, :20], np.asarray(photograph(50, 50, seed=9))[:20, :20])
        assert np.array_equal(got[30:], np.asarray(below)[30:])
        problem(server.get(f"{url}&st=AAAAAAAAAAAAAAAAAAAAAA"), 404)
        assert problem(server.get(f"{url}&st=x"), 400)["field"] == "st"


def test_a_picture_may_be_drawn_into_itself(stamped: Workshop) -> None:
    with running_server(stamped.folder / "var", plugins=stamped.plugins) as server:
        image = server.upload(encode(photograph(100, 80), "PNG"))["id"]
        plain = pixels(server, f"/img/{image}?fmt=png")
        assert np.array_equal(pixels(server, f"/img/{image}?fmt=png&st={image}"), plain)


def test_each_picture_drawn_in_must_be_allowed_to_the_viewer(stamped: Workshop) -> None:
    with running_server(stamped.folder / "var", plugins=stamped.plugins) as server:
        below = server.upload(png(100, 80))["id"]
        secret = server.upload(png(50, 50), visibility="private")["id"]
        path = f"/img/{below}?st={secret}"
        missing = problem(server.get(path), 404)
        unknown = problem(server.get(f"/img/{below}?st=AAAAAAAAAAAAAAAAAAAAAA"), 404)
        assert missing == unknown | {"given": secret}
        with server.client() as client:
            reply = client.get(path)
            assert reply.status_code == 200
            assert reply.headers["cache-control"] == "private, no-store"
        problem(server.get(path), 404)
        problem(server.get(path, If_None_Match=reply.headers["etag"]), 404)


@pytest.mark.parametrize("how", ["deleted", "private"])
def test_a_composite_goes_with_the_picture_drawn_into_it(stamped: Workshop, how: str) -> None:
    with running_server(stamped.folder / "var", plugins=stamped.plugins) as server:
        below = server.upload(png(100, 80))["id"]
        stamp = server.upload(png(50, 50))["id"]
        path = f"/img/{below}?st={stamp}&fmt=webp"
        first = server.get(path)
        assert server.get(path).content == first.content
        with server.client() as client:
            if how == "deleted":
                client.delete(f"/api/images/{stamp}")
            else:
                client.patch(f"/api/images/{stamp}", json={"visibility": "private"})
        problem(server.get(path), 404)
        problem(server.get(path, If_None_Match=first.headers["etag"]), 404)
        assert server.get(f"/img/{below}?fmt=webp").status_code == 200
        if how == "deleted":
            kept = server.data_dir / "cache"
            assert wait_until(
                lambda: all(first.content not in f.read_bytes() for f in files_in(kept)), 10
            ), "the deleted picture's pixels are still on the disk, inside the composite"


ROUTES = """
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, PlainTextResponse
from helpa import NotFound, Route, hookimpl

class Greeting(BaseModel):
    '''A greeting.'''

    text: str = Field(description="What is said.")

@hookimpl
def register_routes(services):
    async def open_to_all(request):
        identity = request.state.identity
        return JSONResponse({"text": f"Hello {identity.name if identity else 'stranger'}"})

    async def guarded(request):
        recent = await services.images.recent(request.state.identity, 5)
        return JSONResponse({"text": recent[0]["id"]})

    async def missing(request):
        raise NotFound("There is no such greeting.", field="name", given="x")

    async def broken(request):
        raise RuntimeError("secret detail")

    async def page(request):
        return PlainTextResponse("a page")

    return [
        Route("GET", "/api/greeting", open_to_all, "public", "Greet.", replies={200: Greeting}),
        Route("POST", "/api/greeting", guarded, "images:read", "Show the newest.",
              replies={200: Greeting}),
        Route("GET", "/api/missing", missing, "public", "Miss."),
        Route("GET", "/api/broken", broken, "public", "Break."),
        Route("GET", "/greeting", page, "public", "Greet people.", page=True),
    ]
"""


def test_register_routes_adds_routes_with_rights_problems_and_documents(
    workshop: Workshop,
) -> None:
    workshop.install("greet", ROUTES)
    with running_server(workshop.folder / "var", plugins=workshop.plugins) as server:
        assert server.get("/api/greeting").json() == {"text": "Hello stranger"}
        image = server.upload(png(20, 20))["id"]
        with server.client() as client:
            assert client.get("/api/greeting").json() == {"text": "Hello test"}
            assert client.post("/api/greeting").json() == {"text": image}
            reply = client.delete("/api/greeting")
            problem(reply, 405)
            assert set(reply.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
        with server.client(None) as client:
            problem(client.post("/api/greeting"), 401)
        with server.client(server.make_token("metrics")) as client:
            problem(client.post("/api/greeting"), 403)
        assert problem(server.get("/api/missing"), 404)["field"] == "name"
        assert "secret detail" not in str(problem(server.get("/api/broken"), 500))
        assert server.get("/greeting").text == "a page"
        document = server.get("/api/openapi.json").json()
        assert document["paths"]["/api/greeting"].keys() == {"get", "post"}
        assert "Greeting" in document["components"]["schemas"]
        assert "/greeting" not in document["paths"]


SOURCES = """
import base64
from pydantic import BaseModel
from helpa import Fetched, Missing, SourceKind, Unchanged, hookimpl

class Settings(BaseModel):
    pictures: dict[str, str]

class Kept:
    def __init__(self, settings):
        self.pictures = settings.pictures

    async def fetch(self, path, into, *, validator, max_bytes):
        if path == "broken":
            raise RuntimeError("secret detail")
        if path == "liar":
            return Unchanged()
        if path == "forgetful":
            return Fetched("")
        if path == "large":
            into.write_bytes(b"x" * (max_bytes + 1))
            return Fetched("")
        if path == "odd":
            return None
        text = self.pictures.get(path)
        if text is None:
            return Missing()
        into.write_bytes(base64.b64decode(text))
        return Fetched("")

@hookimpl
def register_sources(services):
    return [SourceKind("kept", Settings, Kept)]
"""


def test_register_sources_adds_a_kind_that_tables_may_name(workshop: Workshop) -> None:
    workshop.install("keeper", SOURCES)
    pictures = {"red": base64.b64encode(png(20, 10)).decode()}
    table = {"name": "paint", "kind": "kept", "pictures": pictures}
    with running_server(
        workshop.folder / "var", plugins=workshop.plugins, sources=json.dumps([table])
    ) as server:
        for path, status in (
            ("red", 200),
            ("blue", 404),
            ("broken", 502),
            ("liar", 502),
            ("forgetful", 502),
            ("large", 422),
            ("odd", 502),
        ):
            reply = server.get(f"/img/paint/{path}")
            assert reply.status_code == status, reply.text
            assert "secret detail" not in reply.text
        assert any("secret detail" in line for line in server.log)


LIFE = """
import contextlib
from pathlib import Path
from helpa import hookimpl

@hookimpl
def lifespan(services):
    @contextlib.asynccontextmanager
    async def life():
        folder = Path(__file__).parent
        (folder / "entered").write_text(services.public_url)
        services.announce("Of the plugin", "hello")
        try:
            yield
        finally:
            (folder / "left").write_text("x")
    return life()
"""


def test_lifespan_is_entered_at_the_start_and_left_at_the_end(workshop: Workshop) -> None:
    workshop.install("life", LIFE)
    package = workshop.folder / "ext_life"
    with running_server(workshop.folder / "var", plugins=workshop.plugins) as server:
        assert (package / "entered").read_text() == server.url
        assert server.announced["Of the plugin"] == "hello"
        assert not (package / "left").exists()
    assert (package / "left").exists()


GUARD = """
from helpa import Identity, Refused, hookimpl

@hookimpl
async def authenticate(services, headers):
    card = headers.get("HEADER")
    if card is None:
        return None
    if card == "raise":
        raise RuntimeError("secret detail")
    if card == "refuse":
        return Refused("The card has run out.")
    if card == "nonsense":
        return 42
    return Identity(f"card:{card}", card, frozenset({"images:read"}))
"""


@pytest.fixture
def guarded(workshop: Workshop) -> Workshop:
    """A workshop with two guards."""
    for name in ("card", "badge"):
        workshop.install(name, GUARD.replace("HEADER", f"x-{name}"))
    return workshop


def test_authenticate_answers_who_somebody_is_and_fails_for_its_own_credential_alone(
    guarded: Workshop,
) -> None:
    with running_server(guarded.folder / "var", plugins=guarded.plugins) as server:
        private = server.upload(png(40, 30), visibility="private")["id"]
        public = server.upload(png(41, 30))["id"]

        def status(path: str, **headers: str) -> int:
            return server.get(path, **headers).status_code

        listing = "/api/images"
        for header in ("X_Card", "X_Badge"):
            assert status(listing, **{header: "ada"}) == 200
            assert status(f"/img/{private}", **{header: "ada"}) == 200
            for wrong in ("raise", "refuse", "nonsense"):
                reply = server.get(listing, **{header: wrong})
                members = problem(reply, 401)
                assert "secret detail" not in str(members)
                assert status(f"/img/{private}", **{header: wrong}) in (401, 404)
        assert "run out" in server.get(listing, X_Card="refuse").text
        # Neither guard's failing concerns the other's credential, a token, or nobody.
        assert status(listing, X_Badge="ada") == 200
        with server.client() as client:
            assert client.get(listing).status_code == 200
            assert client.get(listing, headers={"X-Card": "raise"}).status_code == 200
        assert status(f"/img/{public}") == 200
        assert status(f"/img/{public}", X_Card="raise") == 200
        assert status("/healthz", X_Card="raise") == 200
        assert status(listing) == 401
        with server.client(None) as client:
            upload = client.post(listing, files={"file": png()}, headers={"X-Card": "ada"})
        problem(upload, 403)
        assert wait_until(lambda: any('"card"' in line for line in server.log))


FORMAT = """
from helpa import Encoder, hookimpl

@hookimpl
def register_operations():
    return [
        Encoder("ppm", "image/x-portable-pixmap", ("ppm",), "ext_ppm.draw:encode", alpha=False,
                doc="For pipes.")
    ]
"""

FORMAT_DRAW = """
def encode(image, args):
    rgb = image.colourspace("srgb")
    return b"P6 %d %d 255 " % (rgb.width, rgb.height) + rgb[:3].write_to_memory()
"""


def test_a_plugin_may_bring_a_format(workshop: Workshop) -> None:
    workshop.install("ppm", FORMAT, draw=FORMAT_DRAW)
    with running_server(workshop.folder / "var", plugins=workshop.plugins) as server:
        url = f"/img/{server.upload(png(60, 40))['id']}"
        reply = server.get(f"{url}.ppm?w=30")
        assert reply.headers["content-type"] == "image/x-portable-pixmap"
        assert opened(reply.content).size == (30, 20)
        assert (
            server.get(f"{url}?fmt=ppm&dl=1")
            .headers["content-disposition"]
            .startswith('attachment; filename="picture.ppm"')
        )
        assert server.get(url).headers["content-type"] == "image/png"
