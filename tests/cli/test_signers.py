"""The signers in the documents: each makes the vectors, and links that a real server takes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest

from helpa.core.keyfile import read
from helpa.core.signing import (
    Grant,
    Key,
    Keyring,
    Signature,
    canonical_query,
    matches,
    message,
    signed_texts,
)
from pictures import png
from serving import Server

SIGNERS = Path(__file__).parents[2] / "docs" / "signers"
DOCUMENT = json.loads((SIGNERS / "vectors.json").read_text(encoding="utf-8"))
VECTORS: list[dict[str, Any]] = DOCUMENT["vectors"]

RUNNERS = {
    "sign.py": ["python3"],
    "sign.mjs": ["node"],
    "sign.php": ["php"],
    "sign.rb": ["ruby"],
    "sign.go": ["go", "run"],
}


def run(signer: str, links: list[dict[str, Any]], folder: Path) -> list[str]:
    """Return the URLs that a signer makes."""
    runner = RUNNERS[signer]
    if shutil.which(runner[0]) is None:
        assert not os.environ.get("CI"), f"{runner[0]} is not installed; .ci/install does it"
        pytest.skip(f"NO {runner[0].upper()} HERE: docs/signers/{signer} was not run")
    done = subprocess.run(
        [*runner, str(SIGNERS / signer)],
        input=json.dumps(links),
        env={**os.environ, "GOCACHE": str(folder), "GO111MODULE": "off", "GOFLAGS": ""},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_every_file_of_a_signer_is_run_by_a_test() -> None:
    assert {path.name for path in SIGNERS.iterdir()} == {*RUNNERS, "vectors.json"} | {
        path.name for path in SIGNERS.iterdir() if path.name == "__pycache__"
    }


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["title"]))
def test_the_server_makes_and_takes_the_vectors(vector: dict[str, Any]) -> None:
    key = Key(vector["key_id"], vector["secret"])
    name, epoch, grant = vector["name"], vector["epoch"], vector["grant"]
    kind = Grant.VIEW if grant == "v" else Grant.EXACT
    texts = signed_texts(kind, vector["params"])
    assert message(grant, name, epoch, texts).decode() == vector["message"]
    assert str(Keyring([key]).sign(grant, name, epoch, texts)) == vector["sig"]
    assert matches(key, Signature.parse(vector["sig"]), name, epoch, texts)
    query = "&".join(filter(None, [canonical_query(vector["params"]), f"sig={vector['sig']}"]))
    assert vector["url"] == f"{DOCUMENT['base_url']}/img/{quote(name, safe='/')}?{query}"


@pytest.mark.parametrize("signer", RUNNERS)
def test_a_signer_makes_the_vectors_and_a_link_that_a_server_takes(
    server: Server, signer: str, tmp_path: Path
) -> None:
    image = server.upload(png(90, 60), visibility="signed")["id"]
    key = read(server.data_dir / "signing.key")[0]
    asked = ("key_id", "secret", "name", "params", "grant", "epoch")
    links = [
        {"base_url": DOCUMENT["base_url"], **{name: vector[name] for name in asked}}
        for vector in VECTORS
    ]
    params = {"w": "40", "fmt": "png", "dl": "Ünder (1) it's*!~+&.png", "exp": "4102444800"}
    links.append(
        {"base_url": server.url, "key_id": key.id, "secret": key.secret, "name": image,
         "params": params, "grant": "e", "epoch": 1}
    )  # fmt: skip
    *made, real = run(signer, links, tmp_path)
    assert made == [vector["url"] for vector in VECTORS]
    reply = server.get(real.removeprefix(server.url))
    assert reply.status_code == 200, reply.text
    assert unquote(reply.headers["content-disposition"].partition("''")[2]) == params["dl"]
    assert server.get(real.removeprefix(server.url).replace("w=40", "w=41")).status_code == 403


def test_the_page_shows_the_first_vectors_as_they_are() -> None:
    page = (SIGNERS.parent / "signing.md").read_text(encoding="utf-8")
    for vector in (VECTORS[1], VECTORS[7]):
        assert vector["message"] in page
        assert vector["sig"] in page
    for signer in RUNNERS:
        assert f"signers/{signer}" in page
