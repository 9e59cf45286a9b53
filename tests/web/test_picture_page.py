"""The page of a picture in a real browser: copying, changing, deleting."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from pictures import png
from serving import Server
from web.tabs import Tab, copied, loaded
from web.visitors import Visitor

pytestmark = pytest.mark.browser


class TestPicturePage:
    """``/i/<id>`` of one's own picture."""

    @pytest.fixture
    def document(self, site: Server) -> dict[str, Any]:
        return site.upload(png(1700, 900), "paged.png")

    def test_copy_buttons_copy(self, tab: Tab, document: dict[str, Any]) -> None:
        page = tab.page
        page.goto(document["page_url"])
        for label, text in (
            ("Page", document["page_url"]),
            ("Original size", document["url"]),
            ("Large", document["links"]["large"]),
            ("Markdown", document["links"]["markdown"]),
            ("HTML", document["links"]["html"]),
        ):
            button = page.get_by_role("button", name=f"Copy {label}", exact=True)
            button.click()
            expect(button).to_have_text("Copied")
            expect(page.locator("#status")).to_have_text(f"{label}: copied")
            assert copied(page, text)
        expect(button).to_have_text("Copy")  # again, after a while

    def test_copying_works_without_the_clipboard_api(
        self, tab: Tab, document: dict[str, Any]
    ) -> None:
        page = tab.page
        page.add_init_script("delete Navigator.prototype.clipboard")
        page.goto(document["page_url"])
        button = page.get_by_role("button", name="Copy Small")
        button.click()
        expect(button).to_have_text("Copied")
        selected = page.evaluate("document.activeElement.value")
        assert selected == document["links"]["small"]

    def test_title_and_description_are_changed(
        self, tab: Tab, site: Server, document: dict[str, Any]
    ) -> None:
        page = tab.page
        page.goto(document["page_url"])
        page.get_by_label("Title").fill("The <login> page")
        page.get_by_label("Description").fill("A red message over the form.")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#result")).to_have_text("Saved")
        expect(page.get_by_role("heading", level=1)).to_have_text("The <login> page")
        expect(page).to_have_title("The <login> page · Helpa")
        expect(page.locator("[data-link=markdown]")).to_have_value(
            re.compile(r"^!\[A red message over the form\.\]")
        )
        expect(page.locator("#picture")).to_have_attribute("alt", "A red message over the form.")
        page.reload()
        expect(page.get_by_label("Title")).to_have_value("The <login> page")
        expect(page.get_by_label("Description")).to_have_value("A red message over the form.")
        assert "red message" in site.get(f"/i/{document['id']}").text

    def test_visibility_is_changed(self, tab: Tab, site: Server, document: dict[str, Any]) -> None:
        page = tab.page
        page.goto(document["page_url"])
        page.get_by_label("Who may see it").select_option("private")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".badge")).to_have_text("private")
        assert site.get(f"/i/{document['id']}").status_code == 404
        assert site.get(f"/img/{document['id']}?w=400").status_code == 404
        page.reload()
        assert loaded(page, "#picture")

    def test_refusals_are_shown(self, tab: Tab, site: Server, document: dict[str, Any]) -> None:
        tab.refusals.add(404)
        page = tab.page
        page.goto(document["page_url"])
        with site.client() as client:
            client.delete(f"/api/images/{document['id']}")
        page.get_by_label("Title").fill("Too late")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#result")).to_have_text("There is no such image.")

    def test_deleting_asks_first(self, tab: Tab, site: Server, document: dict[str, Any]) -> None:
        page = tab.page
        page.goto(document["page_url"])
        dialog = page.get_by_role("dialog", name="Delete this picture?")
        for way_out in ("Escape", "Enter"):  # Enter presses what has the focus: Keep it
            page.get_by_role("button", name="Delete…").click()
            expect(dialog).to_be_visible()
            page.keyboard.press(way_out)
            expect(dialog).to_be_hidden()
        assert site.get(f"/i/{document['id']}").status_code == 200
        page.get_by_role("button", name="Delete…").click()
        dialog.get_by_role("button", name="Delete").click()
        expect(page.locator("#notice")).to_have_text("The picture is deleted.")
        assert page.url == f"{site.url}/"
        assert site.get(f"/i/{document['id']}").status_code == 404
        page.reload()
        expect(page.locator("#notice")).to_be_hidden()

    def test_a_stranger_sees_the_picture_and_no_controls(
        self, stranger: Tab, document: dict[str, Any]
    ) -> None:
        page = stranger.page
        page.goto(document["page_url"])
        assert loaded(page, "#picture")
        expect(page.get_by_role("button", name="Copy Markdown")).to_be_visible()
        expect(page.get_by_role("button", name="Save")).to_have_count(0)

    def test_a_stranger_gets_no_private_picture(
        self, stranger: Tab, somebody: Visitor, document: dict[str, Any]
    ) -> None:
        stranger.refusals.add(404)
        with somebody.client() as client:
            client.patch(f"/api/images/{document['id']}", json={"visibility": "private"})
        stranger.page.goto(document["page_url"])
        expect(stranger.page.get_by_role("heading", level=1)).to_have_text("Not found")
