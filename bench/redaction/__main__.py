"""``python -m bench.redaction [folder] [count] [seed]``: counts what is found in screenshots."""

import sys
from pathlib import Path

from bench.redaction.render import render
from bench.redaction.score import main

given = sys.argv[1:]
folder = Path(given[0] if given else "bench/.work/redaction")
if not list(folder.glob("*.png")):
    count = int(given[1]) if len(given) > 1 else 96
    render(folder, int(given[2]) if len(given) > 2 else 1, count)
main(folder)
