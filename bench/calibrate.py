"""What low, medium, high and auto mean: ``python -m bench.calibrate [--add FILE …]``.

Encodes pictures at several sizes and qualities, exactly as Helpa does, scores each against the
same pixels unencoded, and finds the quality at which each target is met: by format and kind of
picture, the median over pictures and sizes. Prints the table of plugins/helpa_basics/qualities.py
and, with ``--write``, writes it.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

import pyvips

from bench.__main__ import pictures as made
from bench.servers import PEERS
from helpa import Frame, Picture, Size
from helpa.core.pixels.inspect import is_graphic
from helpa.core.pixels.opening import Source, open_source
from helpa.core.pixels.render import load_function
from helpa.drawing import resample
from helpa_basics.encoders import ENCODERS
from helpa_basics.output import output
from helpa_basics.settings import OutputSettings

HERE = Path(__file__).parent
TABLE = HERE.parent / "plugins" / "helpa_basics" / "qualities.py"
TARGETS = {
    "photograph": {"low": 50, "medium": 65, "high": 82, "auto": 74},
    "graphic": {"low": 60, "medium": 74, "high": 86, "auto": 82},
}
"""SSIMULACRA2: 50 is medium quality, 70 high, 90 not to be told apart. Small text loses its
edges first, so graphics aim higher."""
WIDTHS = (400, 960)
"""Below some 360 px the score itself falls by ten points, for it has fewer scales to look at."""
QUALITIES = (15, 30, 45, 60, 75, 85, 95)
FORMATS = ("jpg", "webp", "avif")
Row = dict[str, str | int | float]


def encoded(files: Iterable[Path], folder: Path) -> list[Row]:
    """Encode every picture at every size, format and quality; return what was made."""
    settings = OutputSettings()
    encoders = {encoder.name: encoder for encoder in ENCODERS}
    rows: list[Row] = []
    for number, file in enumerate(files):
        kind = {".jpg": "jpg", ".png": "png"}[file.suffix]
        image = open_source(Source(str(file), kind, alpha=False)).copy_memory()
        graphic = is_graphic(image)
        for width in WIDTHS:
            size = Size(width, round(image.height * width / image.width))
            small = resample(image, size).copy_memory()
            plain = folder / f"{number}-{width}.png"
            small.pngsave(str(plain), compression=1)
            picture = Picture("", "", 1, size, kind, graphic=graphic)
            for name, quality in itertools.product(FORMATS, QUALITIES):
                encoder = encoders[name]
                frame = Frame(size, False, 1, picture, encoder, settings=settings)
                step = output(frame, q=quality)
                target = folder / f"{number}-{width}-{quality}.{name}"
                target.write_bytes(load_function(encoder.encode)(small, dict(step.args)))
                rows.append(
                    {
                        "kind": "graphic" if graphic else "photograph",
                        "file": file.name,
                        "width": width,
                        "format": name,
                        "quality": quality,
                        "bytes": target.stat().st_size,
                        "picture": str(plain),
                        "rendition": str(target),
                    }
                )
    return rows


def scored(rows: list[Row]) -> None:
    """Add to each row the score that the tools' own Python finds."""
    pairs = [
        {"picture": row["picture"], "rendition": row["rendition"], "references": ["gamma"]}
        for row in rows
    ]
    argv = [str(PEERS / "tools" / "bin" / "python"), "-m", "bench.quality"]
    run = subprocess.run(
        argv, input=json.dumps(pairs), capture_output=True, text=True, cwd=HERE.parent, check=True
    )
    for row, found in zip(rows, json.loads(run.stdout), strict=True):
        row["score"] = found["ssimulacra2"]


def quality_for(points: Sequence[tuple[int, float]], target: float) -> float:
    """Return the quality at which a rising line through (quality, score) meets a score."""
    if target <= points[0][1]:
        return points[0][0]
    for (q, low), (next_q, high) in itertools.pairwise(points):
        if low < target <= high:
            return q + (next_q - q) * (target - low) / (high - low)
    return points[-1][0]


def table(rows: list[Row]) -> dict[str, dict[str, dict[str, int]]]:
    """Return the quality by format, kind of picture and word; print what it was drawn from."""
    lines: dict[tuple[str, str], dict[tuple[str, int], list[tuple[int, float]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for row in rows:
        line = lines[str(row["format"]), str(row["kind"])]
        line[str(row["file"]), int(row["width"])].append((int(row["quality"]), float(row["score"])))
    found: dict[str, dict[str, dict[str, int]]] = {}
    for (name, kind), line in lines.items():
        words = found.setdefault(name, {}).setdefault(kind, {})
        for word, target in TARGETS[kind].items():
            by_width = {
                width: [quality_for(sorted(p), target) for (_, w), p in line.items() if w == width]
                for width in WIDTHS
            }
            every = [q for qualities in by_width.values() for q in qualities]
            words[word] = round(median(every))
            sizes = ", ".join(f"{w} px {median(qs):.0f}" for w, qs in by_width.items())
            print(f"{name:5} {kind:11} {word:7} {target}: {words[word]:3}  "
                  f"({min(every):.0f}–{max(every):.0f}; {sizes})")  # fmt: skip
    return found


def module(found: dict[str, dict[str, dict[str, int]]], pictures: int) -> str:
    """Return the text of the module that holds the table."""
    targets = "\n".join(
        f"{kind}s " + ", ".join(f"{word} {score}" for word, score in words.items()) + ";"
        for kind, words in TARGETS.items()
    )
    body = "\n".join(
        f'    "{name}": {{\n'
        + "".join(
            f'        "{kind}": {{'
            + ", ".join(f'"{word}": {number}' for word, number in found[name][kind].items())
            + "},\n"
            for kind in TARGETS
        )
        + "    },"
        for name in FORMATS
    )
    return f'''"""What low, medium, high and auto mean by format and kind of picture.

Numbers of equal look. Written by ``python -m bench.calibrate``, from {pictures} pictures at
{len(WIDTHS)} sizes: the qualities at which SSIMULACRA2 meets
{targets.removesuffix(";")}.
"""

from __future__ import annotations

QUALITIES: dict[str, dict[str, dict[str, int]]] = {{
{body}
}}
'''


def main() -> None:
    """Encode, score, and print or write the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.calibrate", description=__doc__)
    parser.add_argument("--pictures", type=Path, help="as of python -m bench")
    parser.add_argument("--add", type=Path, nargs="*", default=[], help="further JPEG and PNG")
    parser.add_argument("--scores", type=Path, help="keep every score in this JSON file")
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name}")
    given = parser.parse_args()
    os.environ.setdefault("VIPS_CONCURRENCY", "1")
    pyvips.cache_set_max(0)
    source, how = made(given.pictures)
    files = [*sorted(source.glob("*.[jp][pn]g")), *given.add]
    print(f"{len(files)} pictures ({how})", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        rows = encoded(files, Path(folder))
        scored(rows)
    if given.scores:
        given.scores.write_text(json.dumps(rows))
    found = table(rows)
    text = module(found, len(files))
    if given.write:
        TABLE.write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
