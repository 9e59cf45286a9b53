"""Redactions, edits, manifests, suggestions and policies through HTTP."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image, ImageDraw, ImageFont

from api.asking import contents
from readers_of_pictures import need_tesseract
from redaction.pairs import SCOPES
from serving import Server, run_helpa, running_server

SECRET = "ada.lovelace@example.org"
COVERED = (200, 40, 360, 40)


def screenshot(text: str = SECRET) -> bytes:
    image = Image.new("RGB", (640, 200), "white")
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(18)
    pen.text((40, 48), "Customer since 2019:", "black", font)
    pen.text((240, 48), text, "black", font)
    pen.text((40, 120), "The parcel has not arrived.", "black", font)
    into = io.BytesIO()
    image.save(into, "PNG")
    return into.getvalue()


def shown(server: Server, path: str) -> Image.Image:
    answer = server.get(path)
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content)).convert("RGB")


def redact(client: httpx2.Client, image: str, **more: Any) -> httpx2.Response:
    x, y, w, h = COVERED
    body = {"regions": [{"x": x, "y": y, "w": w, "h": h}], **more}
    return client.post(f"/api/images/{image}/redactions", json=body)


def looked(client: httpx2.Client, image: str) -> dict[str, Any]:
    started = client.post(f"/api/images/{image}/suggestions", json={})
    assert started.status_code == 202, started.text
    return settled(client, image)


def settled(client: httpx2.Client, image: str) -> dict[str, Any]:
    for _ in range(600):
        document: dict[str, Any] = client.get(f"/api/images/{image}/suggestions").json()
        if document["scan"] and document["scan"]["state"] != "queued":
            return document
        time.sleep(0.1)
    raise AssertionError(document)


def test_a_redaction_is_a_new_revision_that_every_rendition_shows(
    server: Server, client: httpx2.Client
) -> None:
    image = server.upload(screenshot())["id"]
    before = server.get(f"/img/{image}?fmt=png")
    answer = redact(client, image, colour="1e90ff", category="email", reason="test it")
    assert answer.status_code == 201
    assert answer.json()["image"]["revision"] == 2
    assert answer.json()["covered"] == [[198, 38, 364, 44]]
    whole = shown(server, f"/img/{image}?fmt=png")
    assert {whole.getpixel((x, y)) for x in (198, 561) for y in (38, 81)} == {(30, 144, 255)}
    assert whole.getpixel((197, 60)) == (255, 255, 255)
    half = shown(server, f"/img/{image}?w=320&fmt=webp&lossless=1")
    assert half.getpixel((190, 30)) == (30, 144, 255)
    stale = {"If-None-Match": before.headers["etag"]}
    assert server.get(f"/img/{image}?fmt=png", **stale).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"regions": []}, "regions"),
        ({"regions": [{"x": 1, "y": 1, "w": 0, "h": 5}]}, "regions.0.w"),
        ({"regions": [{"x": 9000, "y": 1, "w": 5, "h": 5}]}, "regions.0"),
        ({"regions": [{"x": 1, "y": 1, "w": 5, "h": 5}], "style": "blur"}, "style"),
        ({"regions": [{"x": 1, "y": 1, "w": 5, "h": 5}], "colour": "0008"}, "colour"),
        ({"regions": [{"x": 1, "y": 1, "w": 5, "h": 5}], "colours": "000"}, "colours"),
    ],
)
def test_what_cannot_be_redacted_is_refused_by_its_name(
    server: Server, client: httpx2.Client, body: dict[str, Any], field: str
) -> None:
    image = server.upload(screenshot("refused"))["id"]
    answer = client.post(f"/api/images/{image}/redactions", json=body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert client.get(f"/api/images/{image}").json()["revision"] == 1


def test_a_revision_that_was_not_looked_at_is_not_redacted(
    server: Server, client: httpx2.Client
) -> None:
    image = server.upload(screenshot("twice"))["id"]
    assert redact(client, image, revision=1).status_code == 201
    answer = redact(client, image, revision=1)
    assert (answer.status_code, answer.json()["field"]) == (409, "revision")


def test_equal_keys_redact_once(server: Server, client: httpx2.Client) -> None:
    image = server.upload(screenshot("keyed"))["id"]
    client.headers["Idempotency-Key"] = f"redact-{image}"
    first, again = redact(client, image), redact(client, image)
    assert first.status_code == again.status_code == 201
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.json() == again.json()
    assert client.get(f"/api/images/{image}").json()["revision"] == 2


def test_whoever_may_not_change_a_picture_does_not_redact_it(server: Server) -> None:
    image = server.upload(screenshot("others"))["id"]
    with server.client(server.make_token("images:read")) as reader, server.client(None) as stranger:
        assert redact(reader, image).status_code == 403
        assert redact(stranger, image).status_code == 401


def test_an_edit_cuts_and_turns_for_good(server: Server, client: httpx2.Client) -> None:
    image = server.upload(screenshot("edited"))["id"]
    body = {"crop": {"x": 0, "y": 0, "w": "50%", "h": "50%"}, "rotate": 90}
    answer = client.post(f"/api/images/{image}/edits", json=body)
    document = answer.json()["image"]
    assert (answer.status_code, document["width"], document["height"]) == (201, 100, 320)
    assert shown(server, f"/img/{image}?fmt=png").size == (100, 320)
    nothing = client.post(f"/api/images/{image}/edits", json={"rotate": 0})
    assert (nothing.status_code, nothing.json()["field"]) == (400, "body")


def test_a_manifest_says_what_was_done_and_verifies_what_was_served(
    server: Server, client: httpx2.Client, tmp_path: Path
) -> None:
    image = server.upload(screenshot("manifest"))["id"]
    whole = server.get(f"/img/{image}?fmt=png").content
    redact(client, image, category="email", reason="a reason that stays in the log")
    client.post(f"/api/images/{image}/edits", json={"flip": "h"}).raise_for_status()
    document = client.get(f"/api/images/{image}/manifest").json()
    manifest = document["manifest"]
    assert [change["change"] for change in manifest["changes"]] == ["redaction", "edit"]
    assert manifest["covered"] == [
        {"rect": [78, 38, 364, 44], "style": "solid", "colour": "000000"}
    ]
    assert manifest["original"] == "destroyed"
    assert "a reason" not in json.dumps(document)
    (tmp_path / "manifest.json").write_text(json.dumps(document))
    forged = {**document, "manifest": {**manifest, "covered": []}}
    (tmp_path / "forged.json").write_text(json.dumps(forged))

    def verify(named: str, served: bytes) -> int:
        (tmp_path / "picture").write_bytes(served)
        paths = (str(tmp_path / named), str(tmp_path / "picture"))
        done = run_helpa("redaction", "verify", *paths, data_dir=server.data_dir)
        return done.returncode

    for query in ("fmt=png", "w=400&fmt=webp", "fmt=jpg&q=60"):
        assert verify("manifest.json", server.get(f"/img/{image}?{query}").content) == 0, query
    assert verify("manifest.json", whole) == 1
    assert verify("forged.json", server.get(f"/img/{image}?fmt=png").content) == 1


def test_suggestions_are_found_accepted_and_dismissed(
    server: Server, client: httpx2.Client
) -> None:
    need_tesseract()
    image = server.upload(screenshot())["id"]
    document = looked(client, image)
    (found,) = (each for each in document["suggestions"] if each["category"] == "email")
    assert SECRET not in json.dumps(document)
    assert found["box"]["x"] <= 242
    assert found["box"]["x"] + found["box"]["w"] >= 440
    path = f"/api/images/{image}/suggestions"
    assert client.post(f"{path}/{found['id']}", json={}).status_code == 400
    answer = client.post(f"{path}/{found['id']}", json={"accept": True})
    assert answer.status_code == 201
    assert client.post(f"{path}/{found['id']}", json={"dismiss": True}).status_code == 409
    again = [each for each in looked(client, image)["suggestions"] if each["state"] == "pending"]
    assert "email" not in {each["category"] for each in again}
    assert SECRET.encode() not in b"".join(contents(server.data_dir).values())


def test_a_policy_that_applies_holds_an_upload_until_nothing_can_be_read(
    server: Server, client: httpx2.Client
) -> None:
    need_tesseract()
    policy = {"look_for": ["email"], "action": "apply", "confidence": 0.5, "originals": ["admin"]}
    answer = client.put("/api/redaction-policies/default", json=policy)
    assert answer.status_code == 200, answer.text
    try:
        image = server.upload(screenshot("grace.hopper@example.org"), visibility="public")
        assert (image["held"], image["visibility"]) == (True, "private")
        with server.client(None) as stranger:
            assert stranger.get(f"/img/{image['id']}").status_code in (404, 200)
            document = settled(client, image["id"])
            assert document["scan"]["report"]["applied"] == 1
            for _ in range(100):
                if not client.get(f"/api/images/{image['id']}").json()["held"]:
                    break
                time.sleep(0.1)
            assert stranger.get(f"/img/{image['id']}").status_code == 200
        whole = shown(server, f"/img/{image['id']}?fmt=png")
        assert {whole.getpixel((x, 58)) for x in range(245, 430)} == {(0, 0, 0)}
        refused = server.get(f"/img/{image['id']}?blur=8")
        assert (refused.status_code, refused.json()["field"]) == (400, "blur")
    finally:
        client.delete("/api/redaction-policies/default").raise_for_status()


def test_redact_in_a_link_needs_a_signature_of_exactly_that(
    server: Server, client: httpx2.Client
) -> None:
    image = server.upload(screenshot("linked"), visibility="signed")["id"]
    params = {"redact": "200,40,360,40", "fmt": "png"}
    body = {"params": params, "grant": "exact"}
    url = client.post(f"/api/images/{image}/links", json=body).json()["url"]
    path = url.removeprefix(server.url)
    assert shown(server, path).getpixel((300, 60)) == (0, 0, 0)
    assert client.get(f"/img/{image}?redact=200,40,360,40").status_code == 400
    client.patch(f"/api/images/{image}", json={"visibility": "public"}).raise_for_status()
    answer = server.get(path)
    assert (answer.status_code, answer.json()["field"]) == (400, "redact")


def test_what_cannot_be_read_is_said_and_stays_held_until_somebody_releases_it(
    tmp_path: Path,
) -> None:
    need_tesseract()
    unread = '{"redaction": {"languages": "xyz"}}'
    with (
        running_server(tmp_path / "var", plugin=unread) as server,
        server.client(server.make_token(*SCOPES)) as client,
    ):
        policy = {"look_for": ["email"], "action": "apply"}
        client.put("/api/redaction-policies/default", json=policy).raise_for_status()
        image = server.upload(screenshot("held"), visibility="public")["id"]
        scan = settled(client, image)["scan"]
        assert scan["state"] == "failed"
        assert "xyz" in scan["report"]["error"]
        with server.client(None) as stranger:
            assert stranger.get(f"/img/{image}").status_code == 404
            client.post(f"/api/images/{image}/release").raise_for_status()
            assert stranger.get(f"/img/{image}").status_code == 200
        assert client.post(f"/api/images/{image}/release").status_code == 409


def test_an_animation_plays_as_before(server: Server, client: httpx2.Client) -> None:
    frames = [Image.new("RGB", (120, 80), colour) for colour in ("red", "green", "blue")]
    into = io.BytesIO()
    more = {"save_all": True, "append_images": frames[1:], "duration": [80, 160, 240], "loop": 2}
    frames[0].save(into, "GIF", **more)
    image = server.upload(into.getvalue(), "played.gif")["id"]
    body = {"regions": [{"x": 20, "y": 20, "w": 40, "h": 20}]}
    client.post(f"/api/images/{image}/redactions", json=body).raise_for_status()
    shown_now = Image.open(io.BytesIO(server.get(f"/img/{image}?fmt=gif").content))
    played = []
    for number in range(getattr(shown_now, "n_frames", 1)):
        shown_now.seek(number)
        played.append(shown_now.info["duration"])
        assert shown_now.convert("RGB").getpixel((30, 30)) == (0, 0, 0)
    assert (played, shown_now.info["loop"]) == ([80, 160, 240], 2)


def test_a_region_that_covers_a_suggestion_settles_it(
    server: Server, client: httpx2.Client
) -> None:
    need_tesseract()
    image = server.upload(screenshot("linus@example.org"))["id"]
    assert any(each["category"] == "email" for each in looked(client, image)["suggestions"])
    redact(client, image).raise_for_status()
    left = client.get(f"/api/images/{image}/suggestions").json()["suggestions"]
    assert {each["state"] for each in left if each["category"] == "email"} == {"accepted"}


def test_a_look_of_ones_own_lets_nothing_go_that_its_policy_wants_hidden(
    server: Server, client: httpx2.Client
) -> None:
    need_tesseract()
    policy = {"look_for": ["email"], "action": "apply", "confidence": 0.5}
    client.put("/api/redaction-policies/default", json=policy).raise_for_status()
    try:
        image = server.upload(screenshot("mary@example.org"), visibility="public")["id"]
        # Before the upload's own is queued, perhaps; then this one takes its place.
        path = f"/api/images/{image}/suggestions"
        client.post(path, json={"look_for": ["iban"]}).raise_for_status()
        for _ in range(300):
            document = client.get(f"/api/images/{image}").json()
            if not document["held"]:
                break
            time.sleep(0.1)
        assert document["held"] is False
        whole = shown(server, f"/img/{image}?fmt=png")
        assert {whole.getpixel((x, 58)) for x in range(245, 380)} == {(0, 0, 0)}
    finally:
        client.delete("/api/redaction-policies/default").raise_for_status()


def test_a_picture_of_which_a_part_was_not_looked_at_stays_held(
    server: Server, client: httpx2.Client
) -> None:
    need_tesseract()
    policy = {"look_for": ["email"], "action": "apply"}
    client.put("/api/redaction-policies/default", json=policy).raise_for_status()
    try:
        frames = [Image.new("RGB", (60, 40), (9 * n, 0, 0)) for n in range(14)]
        into = io.BytesIO()
        frames[0].save(into, "GIF", save_all=True, append_images=frames[1:], duration=50)
        image = server.upload(into.getvalue(), "long.gif")["id"]
        scan = settled(client, image)["scan"]
        assert scan["report"]["frames"] == {"looked_at": 12, "of": 14}
        assert client.get(f"/api/images/{image}").json()["held"] is True
    finally:
        client.delete("/api/redaction-policies/default").raise_for_status()
