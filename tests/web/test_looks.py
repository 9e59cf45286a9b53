"""How the pages look and whether everybody can use them, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pictures import png
from serving import Server
from web.tabs import PDF, Tab, card, choose, file

pytestmark = pytest.mark.browser

CONTRAST = """() => {
    const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const luminance = (colour) => {
        const [r, g, b] = channels(colour).map((c) => {
            const s = c / 255;
            return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const colour = getComputedStyle(each).backgroundColor;
            const [, , , alpha = 1] = channels(colour);
            if (alpha === 1) return colour;
        }
        return getComputedStyle(document.documentElement).backgroundColor;
    };
    const poor = [];
    for (const element of document.querySelectorAll("body *")) {
        const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
        if (!(own || element.matches("input, textarea, select"))) continue;
        if (!element.checkVisibility()) continue;
        const [a, b] = [getComputedStyle(element).color, ground(element)].map(luminance);
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) poor.push(`${element.tagName} ${element.className}: ${ratio.toFixed(2)}`);
    }
    return poor;
}"""


@pytest.fixture(scope="module")
def pages(site: Server) -> list[str]:
    wide = site.upload(png(1600, 500), "wide.png", title="Averylongword" * 20)
    tall = site.upload(png(300, 2000), "tall.png", alt="A tall one")
    return ["/", "/signin", "/i/nope", f"/i/{wide['id']}", f"/i/{tall['id']}"]


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_nothing_scrolls_sideways(tab: Tab, site: Server, pages: list[str], width: int) -> None:
    tab.refusals.add(404)
    page = tab.page
    page.set_viewport_size({"width": width, "height": 740})
    for path in pages:
        page.goto(f"{site.url}{path}")
        if path == "/":
            choose(page, file(f"{'long-name-' * 12}.png", png(500, 300)))
            card(page, "long-name")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(
    tab: Tab, site: Server, pages: list[str], scheme: Any, tmp_path: Path
) -> None:
    tab.refusals |= {404, 415}
    page = tab.page
    page.emulate_media(color_scheme=scheme)
    for number, path in enumerate(pages):
        page.goto(f"{site.url}{path}")
        if path == "/":
            choose(
                page,
                file("seen.png", png(500, 300)),
                file("not.pdf", PDF, "application/pdf"),
            )
            card(page, "seen.png")
            card(page, "not.pdf", "failed")
        assert page.evaluate(CONTRAST) == [], path
        shot = tmp_path / f"{number}.png"
        page.screenshot(path=shot)
        with Image.open(shot) as image:
            ground = image.convert("L").tobytes()[400 * image.width + 4]
        assert ground > 220 if scheme == "light" else ground < 40


def test_reduced_motion_stops_what_moves(tab: Tab, site: Server) -> None:
    page = tab.page
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{site.url}/")
    moving = """() => [...document.querySelectorAll("*")].filter((element) => {
        const style = getComputedStyle(element);
        return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
    }).length"""
    assert page.evaluate(moving) == 0


def test_every_field_has_a_name(tab: Tab, site: Server, pages: list[str]) -> None:
    tab.refusals.add(404)
    page = tab.page
    for path in pages:
        page.goto(f"{site.url}{path}")
        nameless = page.evaluate(
            """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
                .filter((each) => !each.labels.length).map((each) => each.outerHTML)"""
        )
        assert nameless == [], path
        assert page.locator("h1").count() == 1, path
        assert page.evaluate("document.querySelectorAll('img:not([alt])').length") == 0, path
