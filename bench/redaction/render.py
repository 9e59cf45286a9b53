"""Takes screenshots of scenes, and writes beside each where its secrets stand."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from bench.redaction import office, windows
from bench.redaction.scenes import KINDS, Painter, Scene, scenes

WIDTH, HEIGHT = 1440, 900

FLAGS = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars")

TRUTHS = """() => [...document.querySelectorAll('[data-k]')].map(node => ({
  category: node.dataset.k, text: node.innerText,
  boxes: [...node.getClientRects()].map(r => [r.x, r.y, r.width, r.height])}))"""


def drawn(which: str, seed: int, count: int) -> list[Scene]:
    """Return scenes of a set: ``harsh``, ``windows``, or ``office`` to examine by."""
    if which == "office":
        return office.scenes(seed, count)
    if which == "windows":
        return scenes(seed, count, windows.KINDS, windows.Windows)
    return scenes(seed, count, KINDS, Painter)


def render(folder: Path, seed: int, count: int, which: str = "harsh") -> None:
    """Write ``count`` screenshots of a set as PNG and their truths as JSON into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    program = next(p for p in ("chromium", "chromium-browser", "google-chrome") if shutil.which(p))
    with sync_playwright() as playwright:
        for subpixel in (False, True):
            flags = [*FLAGS] if subpixel else [*FLAGS, "--disable-lcd-text"]
            browser = playwright.chromium.launch(executable_path=shutil.which(program), args=flags)
            for number, scene in enumerate(drawn(which, seed, count)):
                if (number % 3 == 0) != subpixel:
                    continue
                size = {"width": WIDTH // scene.scale, "height": HEIGHT // scene.scale}
                page = browser.new_page(viewport=size, device_scale_factor=scene.scale)  # type: ignore[arg-type]
                page.set_content(scene.html)
                page.evaluate("document.fonts.ready")
                path = folder / f"{number:04}-{scene.kind}.png"
                page.screenshot(path=path)
                truths = page.evaluate(TRUTHS)
                page.close()
                facts = asdict(scene) | {
                    "truths": scaled(truths, scene.scale),
                    "subpixel": subpixel,
                }
                facts.pop("html")
                path.with_suffix(".json").write_text(
                    json.dumps(facts, ensure_ascii=False, indent=1)
                )
            browser.close()


def scaled(truths: list[dict[str, Any]], scale: int) -> list[dict[str, Any]]:
    """Return the truths in pixels of the picture; one it does not hold whole is only ``part``."""
    made = []
    for truth in truths:
        boxes = [[scale * v for v in box] for box in truth["boxes"]]
        whole = bool(boxes) and all(x + w <= WIDTH and y + h <= HEIGHT for x, y, w, h in boxes)
        made.append(truth | {"boxes": boxes, "part": not whole})
    return made
