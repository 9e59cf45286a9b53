"""The method in words: what is compared, how, and what differs all the same."""

from typing import Any

from bench.cached import CONNECTIONS
from bench.cases import QUALITY
from bench.costs import BLOCK, PLAIN
from bench.sizes import LADDERS, WIDTH

TEXT = """\
## Method

**Pictures.** {made} The photograph: “Dune” from Debian's mate-backgrounds, the middle of it scaled
2.1 times to 2725×2225 and saved as JPEG 4:2:0, quality 85, because no package was found to carry
a real photograph of 6 MP. Its reductions weigh what those of the photograph weigh that most
libvips benchmarks use (JPEG, 400 and 1200 wide: 28 and 166 KB against 25 and 169); the full file is
lighter (650 against 746 KB), so decoding it is a little cheaper.

**Servers.** All run at once on this machine, as their users start them, and listen on loopback:
Helpa by `helpa serve` with a fresh data folder and its defaults{settings};
thumbor 7 with its file loader, two processes, no storage of sources or results, Pillow engine;
ipx by its own `ipx serve` on a folder, one Node process with sharp's defaults (it keeps no
results). Nothing stands in front of any of them. Idle servers stay loaded while another is asked.

**Cold.** Every request is work: decode, resize, encode. thumbor and ipx keep nothing, so they get
the same URL again and again. Helpa keeps every result, so each request names another upload of the
same picture: a new id, a new key, never a hit. These copies share one stored file and its prepared
levels, as equal bytes of one owner do. The client is one Python process with as many threads as
the table says; each request opens its own connection (kept connections may all sit on one of
thumbor's processes), and the client shares the cores with the server it asks, which costs the
fastest server most. Servers are asked in turn: one rendition at one concurrency goes round all
servers before the next, the order turns each round; the numbers are medians over {rounds} rounds,
the ratios medians of each round's own ratio, the summary their geometric mean. Processor time is
that of the server's process tree over all bursts of a rendition; noise moves it least.

**What differs.** Helpa decodes a picture once, at upload, and writes smaller levels of it; a
request then opens the nearest level. Its peers open the original each time. That is the design and
not a trick of the measurement, but it has a price, given in its own table: the time of an upload
of bytes never seen before, until 201, one at a time; that of a first rendition asked for right
after it; and the processor time of both and of all levels together. A picture of which a single
size is asked for once gains nothing from it. Helpa also writes each cold result to disk; its peers
write nothing. Encoders are at their servers' own settings: the same quality number ({quality}), not
the same effort (WebP: Helpa 2, its peers 4) nor the same kind of JPEG (thumbor and ipx answer
progressive ones). The bytes and scores show what that does.

**Bytes and looks.** The score is SSIMULACRA2 (the PyPI package; 100 is identical, above 90 nobody
sees a difference, 70 is high, 50 medium quality; it was within 1.7 points of the Rust
implementation on twelve trial pairs) of each server's answer against the original reduced to that
size by Pillow's Lanczos. There is more than one right way to reduce a picture, so each answer is
scored against all of them and keeps the best: the whole original in gamma space, the same in
linear light, and, for a JPEG, the reduced decode that libjpeg offers (it shifts edges by up to
half a pixel, which nobody sees but which would cost thumbor some twenty points).
All scores are in `results.json`. Differences under two points mean little.

**Operations.** Helpa alone, one client. Every parameter of every operation that is enabled by
default is asked of the photograph beside the plain render `{plain}`, with the value
the reference shows it with (`docs/effects.py`; where the photograph does not allow it, its
example), and every other format in place of JPEG at its own
quality. Boxes of two sides are made as large as the plain render, so that the operation is seen
and not the area; where the answer is larger or smaller all the same, the table's size says so, and
encoding it is part of the difference. What JPEG cannot do is compared with a plain WebP. Each
request names another copy, so each is work; the plain render is measured again after every {block}
samples. A number is the median over {cost_rounds} rounds of {cost_requests} requests; a difference
is taken within its round. A measure that is taken of the pixels before planning (`trim`, `g=smart`)
is part of the cost, even where it found nothing to do. Where waiting grows
by much more than processor time, a process that has ended since did the work, which is not counted.

**Bytes at equal looks.** Quality numbers mean other things in other encoders, so each server
renders each picture {judged} wide in each format at {rungs} qualities of one ladder (JPEG
{jpeg}; WebP {webp}; AVIF {avif}), all
other settings its own, and each answer is scored as above. The bytes at a score lie on the line
between the two neighbours, score against the logarithm of the bytes; outside of the measured range
nothing is said. A server reduces alike at all qualities, so its best answer finds which reference
it is nearest to and the others are scored against that one. The reduction itself costs points:
a lossless answer of Pillow, which makes the references, scores 100, and one of libvips some 94, so
thumbor is a little better off. PNG is asked for without
a quality, which some take as leave to reduce the colours. The formats chosen are asked for with no
format and no quality (ipx: `f_auto`, which it needs; thumbor: one started with `AUTO_WEBP` and
`AUTO_AVIF`, of which it tries WebP first) under the same Accept headers: Chrome's, that of a
browser with WebP but no AVIF, `*/*` as curl sends, and none.

**Cached.** Two JPEG renditions are taken from Helpa, then the same bytes are answered by a bare
ASGI callable (a dictionary and two headers, under the same Python, uvicorn, uvloop and httptools,
no access log: the least any Python server can do) and by nginx (Debian's, one worker, sendfile,
access log off, connections kept without limit). Helpa is asked with its full set of headers. wrk
with one thread and {connections} connections on the other core; order turning each round.

**Memory.** PSS and RSS of the server's whole process tree, from the kernel's smaps_rollup; RSS
counts shared pages once for each process. “Idle” is after the start and before any picture
(ipx, which has no health check: one tiny rendition); “after the cold renders” once the processor
use has died down. Helpa's tree holds the web process, the workers' fork server and the workers; its
memory after a run includes the finished renditions it keeps, which its peers do not.

**Noise.** The machine is virtual and its cores are shared: single numbers move by 20 %, ratios by
less. Load is on loopback only.
"""


def text(results: dict[str, Any]) -> str:
    """The method as it was in this run."""
    rounds = len({row["round"] for row in results.get("cold", [])})
    costs = results.get("operations", {}).get("rows", [])
    ladders = results.get("bytes", {}).get("ladders", [])
    used = {form: sorted({r["quality"] for r in ladders if r["form"] == form}) for form in LADDERS}
    changed = results.get("helpa_settings") or {}
    settings = ", except " + ", ".join(f"`{n}={v}`" for n, v in changed.items()) if changed else ""
    how = results["pictures"]["pictures"]
    made = (
        "Given by the caller, so what follows on the photograph does not hold."
        if how.startswith("given")
        else f"Made on the spot, the same in every run. Both screenshots are {how}."
    )
    return TEXT.format(
        made=made,
        settings=settings,
        rounds=rounds,
        quality=QUALITY,
        connections=CONNECTIONS,
        plain="&".join(f"{name}={value}" for name, value in PLAIN.items()),
        block=BLOCK,
        cost_rounds=len({row["round"] for row in costs}),
        cost_requests=max((row["requests"] for row in costs), default=0),
        judged=WIDTH,
        rungs=max(map(len, used.values())),
        **{form: ", ".join(map(str, qualities)) for form, qualities in used.items()},
    )
