"""What the dialects say is understood by the plugins that draw, and drawn."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import pytest

from helpa.core.plugins.manager import PluginManager
from helpa.core.query import Grammar
from helpa.core.settings import PluginName
from helpa.core.signing import canonical_query
from helpa.core.vocabulary import Vocabulary
from pictures import encode, opened, photograph, png
from plugins import test_cloudflare, test_imgix, test_imgproxy, test_thumbor, test_weserv
from plugins.moving import VOCABULARY, Moved

EXAMPLES: dict[str, list[tuple[str, dict[str, str]]]] = {
    "imgix": test_imgix.EXAMPLES,
    "cloudflare": test_cloudflare.EXAMPLES,
    "weserv": test_weserv.EXAMPLES,
    "thumbor": [*test_thumbor.TABLE.items(), *test_thumbor.VECTORS.items()],
    "imgproxy": list(test_imgproxy.TABLE.items()),
}


@pytest.fixture(scope="module")
def grammar() -> Grammar:
    manager = PluginManager([PluginName(name=name, optional=False) for name in VOCABULARY], {})
    vocabulary = Vocabulary(manager.operations(), manager.encoders())
    return Grammar(vocabulary, presets={"thumb": "w=30"})  # test_imgproxy names it


@pytest.mark.parametrize("dialect", EXAMPLES)
def test_every_example_is_a_query_that_helpa_takes(grammar: Grammar, dialect: str) -> None:
    for foreign, params in EXAMPLES[dialect]:
        query = grammar.parse(canonical_query(params).encode())
        assert query.texts == params, foreign


@dataclass(frozen=True)
class Drawn:
    """Two pictures of a server.

    Args:
        image: id of a photograph of 640 × 480.
        mark: id of a drawing of 64 × 40.
    """

    image: str
    mark: str

    def url(self, text: str) -> str:
        """Return a URL with the ids in it."""
        encoded = base64.urlsafe_b64encode(self.mark.encode()).decode().rstrip("=")
        return text.format(id=self.image, mark=self.mark, mark64=encoded)


@pytest.fixture(scope="module")
def drawn(migrated: Moved) -> Drawn:
    upload = migrated.server.upload
    image = upload(encode(photograph(640, 480), "PNG"))["id"]
    return Drawn(image, upload(png(64, 40))["id"])


URLS: list[tuple[str, str, tuple[int, int]]] = [
    # imgix
    ("/imgix/{id}?w=200&h=150&fit=crop&crop=edges", "w=200&h=150&fit=cover&g=smart", (200, 150)),
    ("/imgix/{id}?w=400&h=400&fit=crop&crop=entropy&sat=-100&fm=jpg",
     "w=400&h=400&fit=cover&g=entropy&sat=-100&fmt=jpg", (400, 400)),
    ("/imgix/{id}?w=300&blur=200&bri=25&fm=png", "w=300&blur=22&bri=25&fmt=png", (300, 225)),
    ("/imgix/{id}?w=300&mark={mark}&mark-align=top,left&mark-alpha=50&mark-scale=30",
     "w=300&wm={mark}&wm_g=top-left&wm_o=50&wm_s=0.3&wm_pad=5", (300, 225)),
    ("/imgix/{id}?w=300&txt64=SGVsbG8sIFdvcmxkIQ&txt-size=40&txt-color=ff2e4357",
     "w=300&txt=Hello,%20World!&txt_size=40&txt_color=2e4357&txt_g=bottom-right&txt_pad=10",
     (300, 225)),
    ("/imgix/{id}?h=120&px=8&sepia=80&auto=compress", "h=120&px=8&sepia=80&q=auto", (160, 120)),
    ("/imgix/{id}?w=200&h=100&fit=crop&border=10,FFAE00&border-radius=20",
     "w=200&h=100&fit=cover&border=10,ffae00&radius=20", (220, 120)),
    ("/imgix/{id}?w=900&h=300&fit=min", "w=640&h=213&fit=cover", (640, 213)),
    ("/imgix/{id}?w=200&mono=7A0099&sharp=15&fm=webp",
     "w=200&tint=7a0099&sharp=1.5&fmt=webp", (200, 150)),
    # Cloudflare
    ("/cdn-cgi/image/width=200,height=150,fit=cover,gravity=auto/{id}",
     "w=200&h=150&fit=cover&g=smart", (200, 150)),
    ("/cdn-cgi/image/w=300,blur=50,f=webp/{id}", "w=300&blur=25&fmt=webp", (300, 225)),
    ("/cdn-cgi/image/w=300,brightness=1.2,contrast=1.5,saturation=0.5/{id}",
     "w=300&bri=20&con=50&sat=-50", (300, 225)),
    ("/cdn-cgi/image/w=200,h=200,fit=pad,background=red/{id}",
     "w=200&h=200&fit=contain&bg=red", (200, 200)),
    ("/cdn-cgi/image/w=900,h=300,fit=aspect-crop/{id}", "w=640&h=213&fit=cover", (640, 213)),
    ("/cdn-cgi/image/w=200,border.width=5,border.color=red/{id}", "w=200&border=5,red", (210, 160)),
    ("/cdn-cgi/image/rotate=90,w=120,gamma=0.5/{id}", "rot=90&w=120&gam=0.5", (120, 160)),
    ("/cdn-cgi/image/w=200,sharpen=2,q=medium-high,f=baseline-jpeg/{id}",
     "w=200&sharp=2&q=high&fmt=jpg&progressive=0", (200, 150)),
    ("/cdn-cgi/image/trim.width=300,trim.height=200,trim.left=30,trim.top=40/{id}",
     "rect=30,40,300,200", (300, 200)),
    # weserv
    ("/weserv/?url={id}&w=200&h=150&fit=cover&a=attention",
     "w=200&h=150&fit=cover&g=smart", (200, 150)),
    ("/weserv/?url={id}&w=300&h=300&fit=cover&mask=circle&mbg=red",
     "w=300&h=300&fit=cover&radius=max&bg=red", (300, 300)),
    ("/weserv/?url={id}&w=300&blur=5&output=webp", "w=300&blur=5&fmt=webp", (300, 225)),
    ("/weserv/?url={id}&w=300&mod=1.2,0.5,90", "w=300&bri=20&sat=-50&hue=90", (300, 225)),
    ("/weserv/?url={id}&h=120&filt=sepia&q=40&output=jpg",
     "h=120&sepia=100&q=40&fmt=jpg", (160, 120)),
    ("/weserv/?url={id}&w=900&h=300&fit=cover&we", "w=640&h=213&fit=cover", (640, 213)),
    ("/weserv/?url={id}&w=300&tint=red&sharp=3", "w=300&tint=red&sharp=3", (300, 225)),
    ("/weserv/?url={id}&w=300&h=300&fit=contain&cbg=black",
     "w=300&h=300&fit=contain&bg=000", (300, 300)),
    ("/weserv/?url={id}&ro=90&w=120&con=25", "rot=90&w=120&con=25", (120, 160)),
    # thumbor
    ("/thumbor/unsafe/200x150/smart/{id}", "w=200&h=150&fit=cover&g=smart", (200, 150)),
    ("/thumbor/unsafe/fit-in/300x300/filters:fill(blue):quality(40):format(jpeg)/{id}",
     "w=300&h=300&fit=contain&bg=00f&q=40&fmt=jpg", (300, 300)),
    ("/thumbor/unsafe/300x200/filters:max_bytes(3000):format(jpeg)/{id}",
     "w=300&h=200&fit=cover&max_bytes=3000&fmt=jpg", (300, 200)),
    ("/thumbor/unsafe/300x/filters:watermark({mark},-10,-10,50,20)/{id}",
     "w=300&wm={mark}&wm_g=bottom-right&wm_pad=10&wm_o=50&wm_s=0.2", (300, 225)),
    ("/thumbor/unsafe/300x/filters:grayscale():blur(7)/{id}", "w=300&gray=1&blur=4", (300, 225)),
    ("/thumbor/unsafe/300x200/filters:round_corner(20,255,255,255)/{id}",
     "w=300&h=200&fit=cover&radius=20&bg=fff", (300, 200)),
    ("/thumbor/unsafe/900x300/filters:no_upscale()/{id}", "w=640&h=213&fit=cover", (640, 213)),
    ("/thumbor/unsafe/200x150/filters:rotate(90)/{id}", "rot=270&w=150&h=200&fit=cover",
     (150, 200)),
    ("/thumbor/unsafe/300x/filters:brightness(40):contrast(20):sharpen(2,1,true)/{id}",
     "w=300&bri=40&con=44&sharp=2", (300, 225)),
    # imgproxy
    ("/imgproxy/_/rs:fill:200:150/g:sm/{id}", "w=200&h=150&fit=cover&g=smart", (200, 150)),
    ("/imgproxy/_/rs:fit:300:300:0:1/bg:ff0000/{id}.jpg",
     "w=300&h=300&fit=contain&bg=red&fmt=jpg", (300, 300)),
    ("/imgproxy/_/w:300/max_bytes:3000/{id}.jpg", "w=300&max_bytes=3000&fmt=jpg", (300, 225)),
    ("/imgproxy/_/w:300/wm:0.5:soea:10:10:0.25/wmu:{mark64}/{id}",
     "w=300&wm={mark}&wm_g=bottom-right&wm_pad=10&wm_o=50&wm_s=0.25", (300, 225)),
    ("/imgproxy/_/w:300/bl:5/sh:0.5/{id}", "w=300&blur=5&sharp=1", (300, 225)),
    ("/imgproxy/_/rs:fill-down:900:300/{id}", "w=640&h=213&fit=cover", (640, 213)),
    ("/imgproxy/_/rs:force:900:300/{id}", "w=640&h=213&fit=fill", (640, 213)),
    ("/imgproxy/_/w:300/pix:20/mc:1/{id}", "w=300&px=20&gray=1", (300, 225)),
    ("/imgproxy/_/w:200/pd:10/bg:fff/{id}", "w=200&pad=10&bg=fff", (220, 170)),
    ("/imgproxy/_/h:120/a:51:1.5:0.5/{id}.webp", "h=120&bri=20&con=50&sat=-50&fmt=webp",
     (160, 120)),
]  # fmt: skip


@pytest.mark.parametrize(("foreign", "own", "size"), URLS, ids=[each for each, *_ in URLS])
def test_an_example_is_drawn(
    migrated: Moved, drawn: Drawn, foreign: str, own: str, size: tuple[int, int]
) -> None:
    url = drawn.url(foreign)
    anim = "&anim=0" if url.startswith("/weserv/") else ""
    migrated.same(url, f"/img/{drawn.image}?{drawn.url(own)}{anim}")
    content = migrated.server.get(url).content
    assert opened(content).size == size
    if "max_bytes" in own:
        freely = migrated.server.get(url.replace("3000", "30000")).content
        assert len(content) <= 3000 < len(freely)
