"""Make the README's picture, docs/helpa.png: Helpa at work.

Starts a server on a temporary folder, uploads a screenshot of a page made here, and takes a
picture of the image's page beside renditions of it, each under the URL that made it::

    python docs/picture.py [folder of screenshots to keep for looking]
"""

from __future__ import annotations

import contextlib
import html
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

OUTPUT = Path(__file__).with_name("helpa.png")
PUBLIC_URL = "https://pictures.example"
WIDTH, HEIGHT, SCALE = 1000, 625, 1.6
START_SECONDS = 30

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]

ROWS = (
    ("#4127", "Ines Moreau", "Cannot upload a screenshot", "open"),
    ("#4126", "Tomasz Lis", "Invoice shows the old address", "open"),
    ("#4125", "Amara Okafor", "Two-factor code never arrives", "waiting"),
    ("#4124", "Jonas Weber", "Export stops at 90 %", "waiting"),
    ("#4123", "Priya Nair", "Dark mode hides the cursor", "solved"),
    ("#4122", "Lucía Romero", "Where is my parcel?", "solved"),
    ("#4121", "Noah Smith", "Change of payment card", "solved"),
    ("#4120", "Chidi Eze", "Subtitles run ahead", "solved"),
    ("#4119", "Hana Sato", "Delete my old account", "solved"),
)

BARS = (34, 52, 41, 66, 58, 83, 71, 92, 64, 77, 49, 38)

SCREENSHOT = """<!doctype html><meta charset="utf-8"><style>
* { box-sizing: border-box; margin: 0 }
body { width: 1440px; height: 900px; display: grid; grid-template: 72px 1fr / 232px 1fr;
  font: 17px/1.4 "Liberation Sans", Arial, sans-serif; color: #1d2433; background: #f3f5fa }
header { grid-column: 1 / -1; display: flex; align-items: center; gap: 14px; padding: 0 28px;
  background: linear-gradient(100deg, #25326b, #4257b8 60%, #6a7fe0); color: #fff }
header b { font-size: 24px } header span { margin-left: auto; opacity: .85 }
nav { padding: 26px 18px; background: #fff; border-right: 1px solid #dfe4ef }
nav p { padding: 11px 14px; border-radius: 8px; color: #566079 }
nav p:first-child { background: #e8ecfb; color: #2e3f95; font-weight: bold }
main { padding: 26px 30px; display: grid; gap: 22px; align-content: start;
  grid-template-columns: 1fr 372px }
.alert { grid-column: 1 / -1; padding: 17px 22px; border: 1px solid #eda9a4; border-radius: 10px;
  background: #fdecea; color: #8c1d18; font-size: 20px }
.alert code { font: bold 19px "Liberation Mono", monospace }
.box { padding: 20px 24px; border: 1px solid #dfe4ef; border-radius: 12px; background: #fff }
h2 { font-size: 20px; margin-bottom: 12px }
table { width: 100%; border-collapse: collapse } td { padding: 16px 6px;
  border-top: 1px solid #e6eaf3 } td:first-child { color: #7a849c }
i { font-style: normal; padding: 3px 12px; border-radius: 20px; font-size: 15px }
.open { background: #ffe3b8; color: #7b4a00 } .waiting { background: #e4e8f4; color: #47506a }
.solved { background: #d3f0df; color: #0f5b37 }
.bars { display: flex; align-items: end; gap: 9px; height: 300px }
.bars s { flex: 1; border-radius: 4px 4px 0 0; background: linear-gradient(#7a8df0, #4257b8) }
.big { font-size: 46px; font-weight: bold } .big small { font-size: 17px; color: #14804a }
aside { display: grid; gap: 22px; align-content: start }
</style>
<header><b>Harbour Desk</b> Inbox<span>Mila Jansen</span></header>
<nav><p>Inbox<p>Assigned to me<p>Waiting<p>Solved<p>Reports<p>Team<p>Settings</nav>
<main>
<p class="alert">The upload failed: the server answered <code>0x8B529B4A</code>. Try again.</p>
<section class="box"><h2>Newest requests</h2><table>$rows</table></section>
<aside><section class="box"><h2>Answered today</h2><p class="big">128 <small>+12 %</small></p>
</section><section class="box"><h2>By hour</h2><div class="bars">$bars</div></section></aside>
</main>"""

PICTURE = """<!doctype html><meta charset="utf-8"><style>
* { box-sizing: border-box; margin: 0 }
body { width: 1000px; height: 625px; padding: 26px 30px; overflow: hidden;
  display: grid; grid-template: auto 1fr / 530px minmax(0, 1fr); gap: 20px 28px;
  font: 14px/1.4 "Liberation Sans", Arial, sans-serif; color: #e9ecea; background: #10211e }
.url { grid-column: 1 / -1; padding: 13px 18px; border-radius: 10px; background: #1a322d;
  font: bold 18px "Liberation Mono", monospace; color: #8fb5ab; white-space: nowrap }
.url b { color: #fff } .url em { font-style: normal; color: #ffd27a }
.window { align-self: start; border-radius: 10px; overflow: hidden; background: #fff }
.window p { display: flex; gap: 6px; padding: 9px 12px; background: #dfe5e2 }
.window s { width: 9px; height: 9px; border-radius: 9px; background: #b3bdb9 }
.window img { display: block; width: 530px }
ul { padding: 0; list-style: none; display: grid; gap: 18px;
  grid-template-columns: repeat(2, minmax(0, 1fr)); align-content: space-between }
li { display: grid; gap: 7px; align-content: start }
li img { display: block; width: 182px; max-height: 182px; border-radius: 7px }
.main { display: grid; gap: 18px; align-content: space-between }
.error { display: grid; gap: 7px }
.error img { display: block; width: 530px; border-radius: 7px }
code { font: bold 13.5px "Liberation Mono", monospace; color: #ffd27a }
small { font-size: 12.5px; color: #9dbdb4 }
</style>
<p class="url">pictures.example/img/<b>$id</b>?<em>w=400</em>&amp;<em>fmt=webp</em></p>
<div class="main"><div class="window"><p><s></s><s></s><s></s></p><img src="$page"></div>
<div class="error">$wide</div></div>
<ul>$renditions</ul>"""


@dataclass(frozen=True)
class Rendition:
    """A rendition to show.

    Args:
        query: that makes it.
        says: what it is.
    """

    query: str
    says: str


WIDE = Rendition("rect=262,98,1148,64", "the error alone, as sharp as it was")

RENDITIONS = (
    Rendition("w=400", "for a ticket"),
    Rendition("rect=1038,352,372,400", "the chart alone"),
    Rendition("w=300&ar=1:1", "a square, cropped"),
    Rendition("w=300&ar=1:1&fit=contain&bg=ffd27a", "a square, padded"),
)


def main() -> None:
    """Make the picture."""
    kept = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        uploaded = screenshot(browser)
        with server(Path(folder) / "var") as (url, token):
            image_id = upload(url, token, uploaded)
            page = image_page(browser, f"{url}/i/{image_id}")
            picture = compose(browser, url, image_id, page)
        browser.close()
    if kept is not None:
        for name, data in (("uploaded", uploaded), ("page", page), ("picture", picture)):
            (kept / f"{name}.png").write_bytes(data)
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").save(OUTPUT, optimize=True)
        print(f"{OUTPUT.name}: {image.width} × {image.height}, {OUTPUT.stat().st_size // 1024} KB")


def chromium() -> str:
    """Return the browser's path."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise SystemExit("There is no Chromium on PATH.")


def shot(browser: Browser, width: int, height: int, scale: float, *, text: str) -> bytes:
    """Return a page of our own, as PNG."""
    page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=scale)
    page.set_content(text, wait_until="networkidle")
    data = page.screenshot()
    page.close()
    return data


def screenshot(browser: Browser) -> bytes:
    """Return the screenshot to upload."""
    rows = "".join(
        f"<tr><td>{number}<td>{name}<td>{what}<td><i class={state}>{state}</i>"
        for number, name, what, state in ROWS
    )
    bars = "".join(f'<s style="height:{height}%"></s>' for height in BARS)
    text = SCREENSHOT.replace("$rows", rows).replace("$bars", bars)
    return shot(browser, 1440, 900, 1, text=text)


@contextlib.contextmanager
def server(data_dir: Path) -> Iterator[tuple[str, str]]:
    """Run a server; yield its address and a token."""
    helpa = [sys.executable, "-m", "helpa"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {k: v for k, v in os.environ.items() if not k.startswith("HELPA_")}
    env |= {"HELPA_PUBLIC_URL": PUBLIC_URL, "HELPA_DRAIN_SECONDS": "0", "HELPA_LOG_LEVEL": "error"}
    place = ["--data-dir", str(data_dir)]
    process = subprocess.Popen(
        [*helpa, "serve", "--port", str(port), *place], env=env, stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(url)
        command = [*helpa, "token", "create", "--name", "picture", *place]
        done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
        yield url, done.stdout.strip()
    finally:
        process.terminate()
        process.wait(30)


def wait_until_ready(url: str) -> None:
    """Wait for a server to answer."""
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        with contextlib.suppress(httpx2.TransportError):
            if httpx2.get(f"{url}/readyz").status_code == 200:
                return
        time.sleep(0.1)
    raise SystemExit("The server did not start.")


def upload(url: str, token: str, data: bytes) -> str:
    """Upload a picture and return its id."""
    reply = httpx2.post(
        f"{url}/api/images",
        files={"file": ("inbox.png", data)},
        data={"title": "The upload fails with 0x8B529B4A"},
        headers={"Authorization": f"Bearer {token}"},
    )
    reply.raise_for_status()
    return str(reply.json()["id"])


def image_page(browser: Browser, url: str) -> bytes:
    """Return the image's page, as PNG."""
    page = browser.new_page(viewport={"width": 1120, "height": 700}, device_scale_factor=1)
    page.goto(url, wait_until="networkidle")
    data = page.screenshot()
    page.close()
    return data


def captioned(url: str, image_id: str, rendition: Rendition) -> str:
    """Return a rendition and the query that made it, as HTML."""
    path = f"{url}/img/{image_id}?{rendition.query}"
    reply = httpx2.get(path, headers={"Accept": "image/webp"})
    reply.raise_for_status()
    size = max(1, round(len(reply.content) / 1024))
    query = html.escape(rendition.query).replace("&amp;", "<wbr>&amp;")
    return (
        f'<img src="{html.escape(path)}"><div><code>?{query}</code><br>'
        f"<small>{rendition.says} · {size} KB</small></div>"
    )


def compose(browser: Browser, url: str, image_id: str, page: bytes) -> bytes:
    """Return the picture, as PNG."""
    listed = "".join(f"<li>{captioned(url, image_id, each)}" for each in RENDITIONS)
    with tempfile.TemporaryDirectory() as folder:
        shown = Path(folder) / "page.png"
        shown.write_bytes(page)
        text = (
            PICTURE.replace("$id", image_id)
            .replace("$page", shown.name)
            .replace("$renditions", listed)
            .replace("$wide", captioned(url, image_id, WIDE))
        )
        written = Path(folder) / "picture.html"
        written.write_text(text, encoding="utf-8")
        view = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE
        )
        view.goto(written.as_uri(), wait_until="networkidle")
        data = view.screenshot()
        view.close()
    return data


if __name__ == "__main__":
    main()
