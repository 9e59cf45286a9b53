"""``g=smart``, ``entropy`` and ``face``: the crop goes where the interest is."""

from __future__ import annotations

import numpy as np
import psutil
import pytest
from PIL import Image, ImageDraw

from operations.faces import wall
from operations.seeing import difference, show, upload
from pictures import encode, photograph
from serving import Server

SIZE = (900, 600)
SPOT = (620, 410, 700, 490)


@pytest.fixture(scope="module")
def spot() -> Image.Image:
    """A flat picture with one bright spot with a pattern, right of the middle and below."""
    image = Image.new("RGB", SIZE, (70, 80, 85))
    draw = ImageDraw.Draw(image)
    draw.ellipse(SPOT, fill=(250, 60, 40))
    for x in range(SPOT[0], SPOT[2], 8):
        draw.line((x, SPOT[1] + 10, x, SPOT[3] - 10), fill=(255, 240, 90), width=3)
    return image


@pytest.fixture(scope="module")
def spot_id(server: Server, spot: Image.Image) -> str:
    return str(upload(server, encode(spot, "PNG"))["id"])


def reds(image: Image.Image) -> tuple[float, float, int]:
    """Return the middle of what is red, in fractions, and how many pixels that are."""
    pixels = np.asarray(image.convert("RGB")).astype(int)
    y, x = np.nonzero((pixels[..., 0] > 180) & (pixels[..., 2] < 120))
    assert len(x), "the spot was cropped away"
    return float(x.mean() / image.width), float(y.mean() / image.height), len(x)


@pytest.mark.parametrize("word", ["smart", "attention", "auto", "entropy"])
@pytest.mark.parametrize(
    "query", ["w=200&h=600&fit=cover", "w=100&h=300&fit=cover", "w=900&h=150&fit=cover",
              "ar=1:4", "ar=5:1&w=300", "rect=300,0,600,600&w=60&h=300&fit=cover",
              "w=300&h=60&fit=cover&rot=90", "w=50&h=150&fit=cover&flip=hv&dpr=2"],
)  # fmt: skip
def test_the_spot_is_kept_whole(server: Server, spot_id: str, query: str, word: str) -> None:
    shown = show(server, spot_id, f"{query}&g={word}&fmt=png")
    whole = show(server, spot_id, f"{query.replace('cover', 'outside')}&g=center&fmt=png")
    if "ar=" in query:
        scale = shown.width / (150 if "1:4" in query else 900)
        area = reds(show(server, spot_id, "fmt=png"))[2] * scale**2
    else:
        area = reds(whole)[2]
    assert reds(shown)[2] == pytest.approx(area, rel=0.06)


def test_attention_stands_in_the_middle_as_near_as_the_edges_allow(
    server: Server, spot_id: str
) -> None:
    x, y, _ = reds(show(server, spot_id, "w=300&h=600&fit=cover&g=smart&fmt=png"))
    assert x == pytest.approx(0.5, abs=0.15)
    x, y, _ = reds(show(server, spot_id, "w=900&h=200&fit=cover&g=smart&fmt=png"))
    assert y == pytest.approx(0.5, abs=0.15)
    # 800 px wide, there are only 100 px to move by.
    x, _, _ = reds(show(server, spot_id, "w=800&h=600&fit=cover&g=smart&fmt=png"))
    assert x == pytest.approx((660 - 100) / 800, abs=0.01)


def test_any_format_dpr_and_level_crops_at_the_same_place(server: Server) -> None:
    image = photograph(1500, 900)
    ImageDraw.Draw(image).ellipse((1100, 400, 1250, 550), fill=(255, 40, 20))
    image_id = upload(server, encode(image, "JPEG", quality=92))["id"]
    box = "fit=cover&g=smart&fmt=png"
    large = show(server, image_id, f"w=400&h=900&{box}")
    assert reds(large)[0] == pytest.approx(0.5, abs=0.1)
    for query in (f"w=200&h=450&{box}", f"w=100&h=225&dpr=2&{box}", f"w=200&h=450&{box}&fmt=jpg"):
        small = show(server, image_id, query.replace("&fmt=png&fmt=jpg", "&fmt=jpg&q=95"))
        assert difference(small, large.resize((200, 450), Image.Resampling.LANCZOS)) <= 2.5, query


def test_where_nothing_is_interesting_the_middle_is_kept(server: Server) -> None:
    for image in (Image.new("RGB", (90, 60), (9, 99, 200)), Image.new("RGBA", (90, 60))):
        image_id = server.upload(encode(image, "PNG"))["id"]
        for g in ("smart", "entropy", "face"):
            box = f"/img/{image_id}?w=30&h=60&fit=cover&fmt=png"
            found, centre = server.get(f"{box}&g={g}"), server.get(box)
            assert found.status_code == 200
            assert found.headers["etag"] == centre.headers["etag"]


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA"])
def test_grey_and_transparent_pictures_have_interest_too(server: Server, mode: str) -> None:
    image = Image.new("RGBA", (600, 200), (0, 0, 0, 0) if "A" in mode else (128, 128, 128, 255))
    ImageDraw.Draw(image).rectangle((480, 80, 520, 120), fill=(0, 0, 0, 255))
    image_id = server.upload(encode(image.convert(mode), "PNG"))["id"]
    for g in ("smart", "entropy"):
        shown = show(server, image_id, f"w=200&h=200&fit=cover&g={g}&fmt=png&bg=888")
        dark = np.asarray(shown.convert("L")) < 40
        assert dark.sum() == 41 * 41, g


def test_one_frame_decides_for_all_of_an_animation(server: Server) -> None:
    frames = []
    for n in range(3):
        frame = Image.new("RGB", (300, 100), (40, 60, 70))
        ImageDraw.Draw(frame).ellipse((230, 30 + 9 * n, 270, 50 + 9 * n), fill=(250, 60, 40))
        frames.append(frame)
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=80, loop=0)
    image_id = server.upload(data)["id"]
    shown = show(server, image_id, "w=100&h=100&fit=cover&g=smart&fmt=gif")
    assert (shown.size, shown.n_frames) == ((100, 100), 3)  # type: ignore[attr-defined]
    assert reds(shown)[0] == pytest.approx(0.5, abs=0.1)


# Faces

PEOPLE = wall((1200, 500), (820, 90, 300))
HEAD = (820 + 150, 90 + 140)


def middle_of_head(shown: Image.Image, scale: float) -> tuple[float, float]:
    """Return where the middle of the head's skin stands, in fractions."""
    pixels = np.asarray(shown.convert("RGB")).astype(int)
    y, x = np.nonzero(pixels[..., 0] - pixels[..., 2] > 40)
    assert len(x) > 0.5 * 35_000 * scale**2, "the head was cropped away"
    return float(x.mean() / shown.width), float(y.mean() / shown.height)


@pytest.fixture(scope="module")
def people_id(server: Server) -> str:
    return str(upload(server, encode(PEOPLE, "JPEG", quality=92))["id"])


@pytest.mark.parametrize("g", ["face", "faces"])
def test_a_face_stands_in_the_middle(server: Server, people_id: str, g: str) -> None:
    shown = show(server, people_id, f"w=400&h=500&fit=cover&g={g}&fmt=png")
    x, y = middle_of_head(shown, 1.0)
    assert x == pytest.approx(0.5, abs=0.06)
    wide = show(server, people_id, f"w=600&h=110&fit=cover&g={g}&fmt=png")
    _, y = middle_of_head(wide, 0.5)
    assert 0.4 <= y <= 0.65  # eyes in the middle, so the rest of the head below


def test_a_face_is_found_in_any_upright_position_of_the_file(server: Server) -> None:
    turned = PEOPLE.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    image_id = server.upload(encode(turned, "JPEG", quality=92, exif=exif))["id"]
    shown = show(server, image_id, "w=200&h=250&fit=cover&g=face&fmt=png")
    assert middle_of_head(shown, 0.5)[0] == pytest.approx(0.5, abs=0.06)
    back = server.upload(encode(turned, "PNG"))["id"]
    shown = show(server, back, "rot=90&w=200&h=250&fit=cover&g=face&fmt=png")
    assert middle_of_head(shown, 0.5)[0] == pytest.approx(0.5, abs=0.06)


def test_two_faces_that_fit_are_both_seen(server: Server) -> None:
    image = wall((1600, 400), (560, 60, 240), (860, 60, 240))
    image_id = server.upload(encode(image, "PNG"))["id"]
    shown = show(server, image_id, "w=700&h=400&fit=cover&g=face&fmt=png")
    assert shown.size == (700, 400)
    around = (560 + 860 + 240) // 2
    near = [image.crop((around + by - 350, 0, around + by + 350, 400)) for by in range(-20, 21, 4)]
    assert min(difference(shown, each) for each in near) <= 1.5


def test_without_a_face_the_crop_is_that_of_smart(server: Server, spot_id: str) -> None:
    box = f"/img/{spot_id}?w=200&h=600&fit=cover&fmt=png"
    face, smart = (server.get(f"{box}&g={g}") for g in ("face", "smart"))
    assert face.status_code == smart.status_code == 200
    assert face.headers["etag"] == smart.headers["etag"]


def test_no_worker_keeps_what_finds_faces(server: Server) -> None:
    """OpenCV would take half of the memory that a worker may have for its next picture."""
    image = wall((640, 640), (100, 100, 400))
    for number in range(3):
        image.putpixel((0, 0), (number, 0, 0))
        image_id = server.upload(encode(image, "PNG"))["id"]
        assert show(server, image_id, "w=100&h=300&fit=cover&g=face&fmt=png").size == (100, 300)
    processes = psutil.Process(server.process.pid).children(recursive=True)
    assert len(processes) >= 3  # the nursery and its workers
    for process in processes:
        paths = {entry.path for entry in process.memory_maps()}
        assert any("libvips" in path for path in paths)
        assert not any("cv2" in path or "numpy" in path for path in paths)


def test_a_gravity_that_nothing_is_called_is_refused_with_the_words_there_are(
    server: Server, spot_id: str
) -> None:
    reply = server.get(f"/img/{spot_id}?w=9&h=5&fit=cover&g=smrt")
    assert reply.status_code == 400
    problem = reply.json()
    assert problem["field"] == "g"
    assert "smart, entropy, face" in problem["allowed"]
    assert "Did you mean smart?" in problem["detail"]
