"""Signed links as strangers use and attack them."""

from __future__ import annotations

import json
import math
import re
import time
from typing import Any

import httpx2
import pytest

from api.asking import metric, problem, timed
from api.signing import ask, by_hand, make, path_of, signature
from core.language import VOCABULARY
from helpa.core import tokens
from pictures import opened, png
from serving import Server

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
UNKNOWN = "AAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture(scope="module")
def image(server: Server) -> str:
    """A picture that needs a signature; tests that end its links take one of their own."""
    return str(server.upload(png(220, 140), visibility="signed")["id"])


def statuses(server: Server, path: str, **headers: str) -> list[int]:
    with server.client(None) as client:
        return [
            client.request(method, path, headers={k.replace("_", "-"): v for k, v in more.items()})
            .status_code
            for method in ("GET", "HEAD")
            for more in ({}, headers, {"If-None-Match": "*"})
        ]  # fmt: skip


def test_an_exact_link_shows_what_was_asked_and_nothing_else(server: Server, image: str) -> None:
    path, _ = make(server, image, params={"w": 80, "fmt": "png"})
    reply = server.get(path)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "image/png")
    assert opened(reply.content).width == 80
    for other in ("w=81", "w=80&h=10", "h=80"):
        problem(server.get(path.replace("w=80", other)), 403)


@pytest.mark.parametrize("value", ["rect=0,0,50%25,50%25", "rot=90", "pad=3", "trim=10", "flip=h"])
def test_an_exact_link_allows_whatever_it_names(server: Server, image: str, value: str) -> None:
    name, _, text = value.replace("%25", "%").partition("=")
    path, _ = make(server, image, params={name: text, "w": 50})
    assert server.get(path).status_code == 200


def test_a_view_link_allows_sizes_formats_and_how_they_are_handed_on(
    server: Server, image: str
) -> None:
    path, _ = make(server, image, grant="view", params={"w": 90})
    assert server.get(path).status_code == 200
    sig = path.rpartition("sig=")[2]
    asked = {
        "w": "70", "h": "60", "ar": "4:3", "dpr": "2", "fit": "cover", "enlarge": "1",
        "g": "top", "fp": "0.1,0.2", "fmt": "webp", "q": "50", "lossless": "1",
        "progressive": "1", "bg": "red", "meta": "copyright", "anim": "0", "page": "0",
        "dl": "1", "v": "1", "max_bytes": "90000",
    }  # fmt: skip
    shown = VOCABULARY.view_names - {"sig", "exp", "p"}
    assert shown <= asked.keys(), "say here what a new parameter of the view looks like"
    for name in sorted(shown):
        beside = {"ar": "&w=40", "enlarge": "&w=400", "fit": "&w=40&h=40", "g": "&w=40&h=40",
                  "fp": "&w=40&h=40", "progressive": "&fmt=jpg", "q": "&fmt=webp",
                  "max_bytes": "&fmt=jpg"}.get(name, "")  # fmt: skip
        if name in ("g", "fp"):
            beside += "&fit=cover"
        reply = server.get(f"/img/{image}?{name}={asked[name]}{beside}&sig={sig}")
        assert reply.status_code == 200, (name, reply.text)
        assert reply.headers["cache-control"].startswith("private, max-age=")
    assert server.get(f"/img/{image}.webp?sig={sig}").headers["content-type"] == "image/webp"


@pytest.mark.parametrize(
    ("query", "field", "given"),
    [
        ("rect=0,0,9,9", "rect", "0,0,9,9"),
        ("rot=90", "rot", "90"),
        ("rotate=90", "rotate", "90"),
        ("flip=h", "flip", "h"),
        ("trim=10", "trim", "10"),
        ("pad=2", "pad", "2"),
        ("fmt=json", "fmt", "json"),
        ("format=json", "format", "json"),
    ],
)
def test_a_view_link_refuses_what_changes_the_picture_and_names_it(
    server: Server, image: str, query: str, field: str, given: str
) -> None:
    path = by_hand(server, image, "v")
    members = problem(server.get(path.replace("?", f"?w=40&{query}&")), 403)
    assert (members["field"], members["given"]) == (field, given)
    assert ("webp" if given == "json" else "dpr") in members["allowed"]
    name = VOCABULARY.names[field].name
    refused = problem(ask(server, image, grant="view", params={name: given}), 400)
    assert refused["field"] == name, "a link was promised that would not work"


def test_a_view_link_refuses_the_description_by_extension_too(server: Server, image: str) -> None:
    path = by_hand(server, image, "v").replace(image, f"{image}.json")
    assert problem(server.get(path), 403)["field"] == "extension"


def test_exp_without_sig_is_400(server: Server, image: str) -> None:
    public = server.upload(png(31, 31))["id"]
    for name in ("exp", "expires"):
        assert problem(server.get(f"/img/{public}?{name}=4102444800"), 400)["field"] == name
    problem(server.get(f"/img/{image}?exp=4102444800"), 404)


@pytest.mark.parametrize("grant", ["e", "v"])
def test_an_expired_link_is_410_and_kept_by_nobody(server: Server, image: str, grant: str) -> None:
    path = by_hand(server, image, grant, w=40, exp=int(time.time()) - 1)
    reply = server.get(path)
    assert problem(reply, 410)["field"] == "exp"
    assert reply.headers["cache-control"] == "private, no-store"
    assert set(statuses(server, path)) == {410}
    problem(server.get(re.sub(r"exp=\d+", "exp=4102444800", path)), 403)
    problem(server.get(re.sub(r"exp=\d+&?", "", path)), 403)


def test_a_link_hot_a_thousand_times_is_410_one_second_after_it_expires(server: Server) -> None:
    image = server.upload(png(222, 140), visibility="signed")["id"]
    lasting, _ = make(server, image, params={"w": 43})
    with server.client(None) as client:
        pace = timed(lambda: [client.get(lasting) for _ in range(100)]) / 100
    # Long enough for a thousand, on a busy machine too.
    path, _ = make(server, image, params={"w": 41}, expires_in=3 + min(60, int(1500 * pace)))
    expires = int(re.findall(r"exp=(\d+)", path)[0])
    tag = ""
    before = metric(server, "helpa_requests_total", tier="ready")
    with server.client(None) as client:
        for _ in range(1000):
            asked = time.time()
            if asked > expires - 0.2:
                break
            reply = client.get(path)
            assert reply.status_code == 200
            tag = reply.headers["etag"]
            age = int(reply.headers["cache-control"].removeprefix("private, max-age="))
            assert asked + age <= expires, "it may be kept beyond its end"
        assert client.get(path, headers={"If-None-Match": tag}).status_code in (304, 410)
        hot = metric(server, "helpa_requests_total", tier="ready") - before
        assert hot > 300
        time.sleep(max(0.0, expires + 1 - time.time()))
        for method in ("GET", "HEAD"):
            for headers in ({}, {"If-None-Match": tag}, {"If-None-Match": "*"}):
                assert client.request(method, path, headers=headers).status_code == 410


@pytest.mark.parametrize("lives", [None, 20, 299, 310, 5000])
def test_what_a_signature_shows_is_kept_at_most_five_minutes_and_never_beyond_its_end(
    server: Server, image: str, lives: int | None
) -> None:
    path, _ = make(server, image, params={"w": 42}, expires_in=lives)
    expires = math.inf if lives is None else int(re.findall(r"exp=(\d+)", path)[0])
    assert lives is None or abs(expires - time.time() - lives) < lives / 2
    for _ in range(3):
        asked = time.time()
        reply = server.get(path)
        kind, _, age = reply.headers["cache-control"].partition(", max-age=")
        assert kind == "private"
        assert min(300, expires - time.time() - 2) <= int(age) <= min(300, expires - asked)
        again = server.get(path, If_None_Match=reply.headers["etag"])
        assert again.status_code == 304
        assert again.headers["cache-control"].startswith("private, max-age=")


def test_a_signature_with_any_character_changed_is_refused(server: Server, image: str) -> None:
    path = by_hand(server, image, w=43)
    start, _, sig = path.partition("sig=")
    assert server.get(path).status_code == 200
    with server.client(None) as client:
        for at, old in enumerate(sig):
            new = ALPHABET[(ALPHABET.find(old) + 1) % len(ALPHABET)]
            reply = client.get(f"{start}sig={sig[:at]}{new}{sig[at + 1 :]}")
            # What has no signature's form any more is a bad value; every other one is wrong.
            broken = old == "." or sig[at - 1 : at + 2] == f".{old}."
            problem(reply, 403 if not broken or new == "v" else 400)
        for other in (sig[:-1], sig + "A", sig + "=", sig.upper(), "", "x"):
            assert client.get(f"{start}sig={other}").status_code in (400, 403)


def test_a_signature_holds_for_one_picture_one_grant_and_one_epoch(
    server: Server, image: str
) -> None:
    other = server.upload(png(223, 140), visibility="signed")["id"]
    exact, view = by_hand(server, image, w=44), by_hand(server, image, "v", w=44)
    problem(server.get(exact.replace(image, other)), 403)
    problem(server.get(view.replace(image, other)), 403)
    problem(server.get(exact.replace(".e.", ".v.")), 403)
    problem(server.get(view.replace(".v.", ".e.")), 403)
    problem(server.get(by_hand(server, image, epoch=2, w=44)), 403)
    problem(server.get(by_hand(server, image, UNKNOWN, w=44)), 403)
    problem(server.get(exact.replace(image, UNKNOWN)), 404)


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.replace("w=45", "w=46"),
        lambda p: p.replace("w=45", "w=045"),
        lambda p: p.replace("w=45&", ""),
        lambda p: p.replace("w=45", "h=45"),
        lambda p: p.replace("w=45", "w=45&h=45"),
        lambda p: p.replace("w=45", "w=45&dl=1"),
        lambda p: p.replace("w=45", "w=45&v=1"),
        lambda p: p.replace("fmt=jpg", "fmt=jpeg"),
        lambda p: p.replace("?", ".webp?").replace("fmt=jpg&", ""),
        lambda p: p.replace("q=40", "q=41"),
        lambda p: p + "&exp=4102444800",
    ],
)
def test_a_changed_added_or_dropped_parameter_is_403(
    server: Server, image: str, change: Any
) -> None:
    path = by_hand(server, image, w=45, fmt="jpg", q=40)
    assert server.get(path).status_code == 200
    assert change(path) != path
    problem(server.get(change(path)), 403)


@pytest.mark.parametrize(
    "spelling",
    [
        "/img/{id}?w=46&fmt=webp&fp=0.5%2C0.25&h=30&fit=cover&sig={sig}",
        "/img/{id}?sig={sig}&fit=cover&h=30&fp=0.5,0.25&fmt=webp&w=46",
        "/img/{id}?width=46&height=30&format=webp&fp-x=0.5&fp-y=0.25&fit=cover&sig={sig}",
        "/img/{id}.webp?w=46&h=30&fpy=0.25&fpx=0.5&fit=cover&sig={sig}",
        "/img/{id}.webp?w=46&h=30&fp=0.5,0.25&fit=cover&f=webp&sig={sig}",
        "/img/{id}.webp?%77=4%36&h=30&fp=0.5,0.25&fit=cover&&s%69g={sig}",
        "/img/{id}?utm_source=mail&w=46&fmt=webp&h=30&fp=0.5,0.25&fit=cover&sig={sig}&gclid=1",
    ],
)
def test_order_other_names_extension_and_what_mail_tools_append_do_not_matter(
    server: Server, spelling: str
) -> None:
    # Public: where a picture needs a signature, one that is spelt with escapes is not looked for.
    image = server.upload(png(224, 140))["id"]
    texts = {"w": "46", "h": "30", "fmt": "webp", "fp": "0.5,0.25", "fit": "cover"}
    sig = signature(server, image, texts, "e", 1)
    reply = server.get(spelling.format(id=image, sig=sig))
    assert reply.status_code == 200, reply.text
    assert reply.headers["cache-control"].startswith("private, max-age=")


def test_one_link_is_revoked_at_once_and_the_others_live_on(server: Server) -> None:
    image = server.upload(png(225, 140), visibility="signed")["id"]
    made = [make(server, image, params={"w": 47}, grant=g) for g in ("exact", "exact", "view")]
    loose = by_hand(server, image, w=47)
    tag = ""
    for path, _ in made:
        for _ in range(3):
            tag = server.get(path).headers["etag"]
    with server.client() as client:
        listed = client.get(f"/api/images/{image}/links").json()
        assert {each["id"] for each in listed["links"]} == {link for _, link in made}
        assert (listed["epoch"], listed["links"][0]["params"]) == (1, "w=47")
        assert "url" not in listed["links"][0]
        gone = f"/api/images/{image}/links/{made[0][1]}"
        assert client.delete(gone).status_code == 204
        assert set(statuses(server, made[0][0], If_None_Match=tag)) == {410}
        problem(client.delete(gone), 404)
        problem(client.delete(f"/api/images/{image}/links/{UNKNOWN}"), 404)
        problem(client.delete(f"/api/images/{image}/links/x"), 404)
        listed = client.get(f"/api/images/{image}/links").json()
        assert {each["id"] for each in listed["links"]} == {link for _, link in made[1:]}
    for path in (made[1][0], made[2][0], loose):
        assert server.get(path).status_code == 200
    problem(server.get(made[2][0].replace("w=47", "rot=90")), 403)


def test_a_link_of_another_picture_is_not_revoked_by_way_of_this_one(server: Server) -> None:
    one, other = (server.upload(png(n, 9), visibility="signed")["id"] for n in (60, 61))
    path, link = make(server, other, params={"w": 5})
    with server.client() as client:
        problem(client.delete(f"/api/images/{one}/links/{link}"), 404)
    assert server.get(path).status_code == 200
    moved = signature(server, one, {"w": "5"}, link, 1)
    problem(server.get(f"/img/{one}?w=5&sig={moved}"), 410)


def test_all_links_are_revoked_by_the_epoch_those_made_elsewhere_too(server: Server) -> None:
    image = server.upload(png(226, 140), visibility="signed")["id"]
    paths = [
        make(server, image, params={"w": 48})[0],
        by_hand(server, image, w=48),
        by_hand(server, image, "v", w=48),
    ]
    for path in paths:
        assert [server.get(path).status_code for _ in range(3)] == [200] * 3
    with server.client() as client:
        url = f"/api/images/{image}/links"
        headers = {"Idempotency-Key": f"all-{image}"}
        assert client.post(f"{url}/revoke", headers=headers).status_code == 204
        for path in paths:
            assert set(statuses(server, path)) == {403}
        assert client.get(url).json() == {"epoch": 2, "links": []}
        fresh, _ = make(server, image, params={"w": 48})
        again = client.post(f"{url}/revoke", headers=headers)
        assert (again.status_code, again.headers["idempotency-replayed"]) == (204, "true")
    assert server.get(fresh).status_code == 200
    assert server.get(by_hand(server, image, epoch=2, w=48)).status_code == 200


def test_revoking_one_link_twice_under_one_key_answers_alike(server: Server, image: str) -> None:
    _, link = make(server, image)
    with server.client() as client:
        for _ in range(2):
            reply = client.delete(
                f"/api/images/{image}/links/{link}", headers={"Idempotency-Key": f"one-{link}"}
            )
            assert reply.status_code == 204


def test_a_picture_that_needs_a_signature_is_404_to_strangers_without_one(server: Server) -> None:
    image = server.upload(png(227, 140), visibility="signed")["id"]
    plain = f"/img/{image}?w=49"
    before = metric(server, "helpa_requests_total", tier="ready")
    with server.client() as client:
        for _ in range(3):
            reply = client.get(plain)
            assert reply.status_code == 200
            assert reply.headers["cache-control"] == "private, no-store"
    assert metric(server, "helpa_requests_total", tier="ready") == before
    assert set(statuses(server, plain, If_None_Match=reply.headers["etag"])) == {404}
    for query in ("", "?fmt=json", "?w=x", "?nosuch=1", "?p=x", "?%73ig=x", "?exp=1"):
        problem(server.get(f"/img/{image}{query}"), 404)
    problem(server.get(f"/api/images/{image}"), 404)
    with server.client(server.make_token("images:write", "links:write")) as client:
        problem(client.get(plain), 404)
    assert server.get(by_hand(server, image, w=49)).status_code == 200
    assert set(statuses(server, plain)) == {404}


def test_the_ready_made_links_of_a_picture_that_needs_a_signature_work_for_strangers(
    server: Server,
) -> None:
    document = server.upload(png(1300, 40), visibility="signed", alt='A "dog" & cat')
    links = document["links"]
    urls = [links[name] for name in ("thumb", "small", "medium", "large", "download")]
    urls += [part.split()[0] for part in links["srcset"].split(", ")]
    urls += re.findall(r"\((http[^)]+)\)", links["markdown"])
    urls += [u.replace("&amp;", "&") for u in re.findall(r'src="([^"]+)"', links["html"])]
    assert len(urls) == 10
    for url in urls:
        assert server.get(path_of(url)).status_code == 200, url


def test_a_token_that_may_not_make_links_is_shown_none_that_are_signed(server: Server) -> None:
    headers = {"Idempotency-Key": "signed-document"}
    body: dict[str, Any] = {
        "files": {"file": ("a.png", png(228, 140))},
        "data": {"visibility": "signed"},
    }
    with server.client() as client:
        first = client.post("/api/images", headers=headers, **body)
        assert "sig=" in first.json()["links"]["srcset"]
    image = first.json()["id"]
    with server.client(server.make_token("images:read", "images:write")) as client:
        assert "sig=" not in client.get(f"/api/images/{image}").text
        again = client.post("/api/images", headers=headers, **body)
        assert (again.status_code, again.json()["id"]) == (201, image)
        assert "sig=" not in again.text
        assert f"{image}?v=1&w=400" in again.json()["links"]["small"]


@pytest.mark.parametrize("grant", ["e", "v"])
def test_a_private_picture_is_404_even_with_a_right_signature(server: Server, grant: str) -> None:
    image = server.upload(png(229, 140), visibility="signed")["id"]
    path = by_hand(server, image, grant, w=50)
    assert [server.get(path).status_code for _ in range(3)] == [200] * 3
    with server.client() as client:
        client.patch(f"/api/images/{image}", json={"visibility": "private"})
        assert set(statuses(server, path)) == {404}
        wrong = server.get(path[:-1] + ("A" if path[-1] != "A" else "B"))
        problem(wrong, 404)
        assert client.get(path).headers["cache-control"] == "private, no-store"
        client.patch(f"/api/images/{image}", json={"visibility": "signed"})
    assert server.get(path).status_code == 200


def test_a_deleted_picture_is_404_even_with_a_right_signature(server: Server) -> None:
    image = server.upload(png(230, 140), visibility="signed")["id"]
    path, _ = make(server, image, params={"w": 51})
    assert [server.get(path).status_code for _ in range(3)] == [200] * 3
    with server.client() as client:
        assert client.delete(f"/api/images/{image}").status_code == 204
        problem(client.get(f"/api/images/{image}/links"), 404)
    assert set(statuses(server, path)) == {404}
    problem(ask(server, image), 404)


def test_a_public_picture_with_a_wrong_signature_is_403(server: Server) -> None:
    image = server.upload(png(231, 140))["id"]
    path = by_hand(server, image, w=52)
    assert server.get(path).headers["cache-control"].startswith("private, max-age=")
    problem(server.get(path.replace("w=52", "w=53")), 403)


def test_links_to_a_picture_of_somebody_else_and_without_the_scope_are_403(server: Server) -> None:
    public, signed = (
        server.upload(png(n, 9), visibility=v)["id"] for n, v in ((62, "public"), (63, "signed"))
    )
    other = server.database.write(lambda c: tokens.create(c, "x", owner="someone else").text)
    lacking = server.make_token("images:read", "images:write", "images:delete")
    for token, image, status in (
        (other, public, 403), (other, signed, 404), (lacking, public, 403), (lacking, signed, 403)
    ):  # fmt: skip
        problem(ask(server, image, token), status)
        with server.client(token) as client:
            problem(client.get(f"/api/images/{image}/links"), status)
            problem(client.post(f"/api/images/{image}/links/revoke"), status)
            problem(client.delete(f"/api/images/{image}/links/{UNKNOWN}"), status)


def test_a_link_asked_for_again_under_one_key_is_the_same_link(server: Server, image: str) -> None:
    headers = {"Idempotency-Key": "a-link"}
    first = ask(server, image, headers=headers, params={"w": 54})
    again = ask(server, image, headers=headers, params={"w": 54})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    problem(ask(server, image, headers=headers, params={"w": 55}), 422)
    assert ask(server, image, params={"w": 54}).json()["id"] != first.json()["id"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"params": {"widht": 40}}, "widht"),
        ({"params": {"w": "x"}}, "w"),
        ({"params": {"w": 10, "width": 10}}, "width"),
        ({"params": {"sig": "x"}}, "sig"),
        ({"params": {"exp": 5}}, "exp"),
        ({"params": {"expires": 5}}, "expires"),
        ({"params": {"p": "nosuch"}}, "p"),
        ({"params": {"dl": "a/b"}}, "dl"),
        ({"params": {"w": None}}, "params.w"),
        ({"params": {"w": float("inf")}}, "w"),
        ({"expires_in": 0}, "expires_in"),
        ({"expires_in": 10**10}, "expires_in"),
        ({"grant": "all"}, "grant"),
        ({"parms": {}}, "parms"),
    ],
)
def test_what_a_link_cannot_be_is_refused_when_it_is_made(
    server: Server, image: str, body: dict[str, Any], field: str
) -> None:
    with server.client() as client:
        reply = client.post(
            f"/api/images/{image}/links",
            content=json.dumps(body),
            headers={"Content-Type": "application/json"},
        )
    assert problem(reply, 400)["field"].startswith(field)


@pytest.mark.parametrize(
    "text", [r"{'params': {'dl': '\ud800'}}", r"{'params': {'\ud800': '1'}}", "{'params': 5}",
             "{'params': {'w': 1" + "0" * 6000 + "}}", "{'params': {'dl': '" + "a" * 5000 + "'}}"],
)  # fmt: skip
def test_no_body_of_a_link_is_an_accident(server: Server, image: str, text: str) -> None:
    with server.client() as client:
        reply = client.post(
            f"/api/images/{image}/links",
            content=text.replace("'", '"').encode(),
            headers={"Content-Type": "application/json"},
        )
    problem(reply, 400)


def test_numbers_and_truths_of_json_are_spelt_as_urls_do(server: Server, image: str) -> None:
    path, _ = make(server, image, params={"enlarge": True, "w": 300, "dpr": 1.5, "lossless": False})
    assert "dpr=1.5&enlarge=1&lossless=0&w=300&sig=" in path
    assert server.get(path).status_code == 200


def test_a_wrong_signature_is_no_secret_of_how_wrong(server: Server, image: str) -> None:
    path = by_hand(server, image, w=56)
    start, _, sig = path.partition("sig=")
    replies: list[httpx2.Response] = []
    for wrong in (sig[:-2] + "AA", "nokey" + sig[sig.index(".") :], sig.replace(".e.", ".v.")):
        replies.append(server.get(f"{start}sig={wrong}"))
        problem(replies[-1], 403)
    assert len({reply.json()["detail"] for reply in replies}) == 1
