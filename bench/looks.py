"""How renditions look, asked of the tools' own Python."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.servers import PEERS


def scores(pairs: Sequence[dict[str, Any]], seconds: float = 1200) -> list[dict[str, Any]]:
    """Size, format and SSIMULACRA2 of each pair of files, as ``bench.quality`` finds them."""
    result = subprocess.run(
        [PEERS / "tools" / "bin" / "python", "-m", "bench.quality"],
        cwd=Path(__file__).parent.parent,
        input=json.dumps(pairs),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=seconds,
    )
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found
