"""``python -m bench.redaction [folder] [count] [seed] [set]``: counts what is found in screenshots.

Sets are ``harsh``, the default, ``windows`` and ``office``.
"""

import sys
from pathlib import Path

from bench.redaction.render import render
from bench.redaction.score import main

given = sys.argv[1:]
folder = Path(given[0] if given else "bench/.work/redaction")
if not list(folder.glob("*.png")):
    count = int(given[1]) if len(given) > 1 else 96
    seed = int(given[2]) if len(given) > 2 else 1
    render(folder, seed, count, given[3] if len(given) > 3 else "harsh")
main(folder)
