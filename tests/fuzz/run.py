"""Fuzzes one target for a while; an input that breaks it is kept in inputs/<target>.

Called by ``make fuzz``; needs atheris (requirements/fuzz.txt).
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

HERE = Path(__file__).parent
LONGEST = 4096


def main() -> None:
    """Fuzz the target named by the first argument, for the seconds of the second."""
    name, seconds = sys.argv[1:3]
    sys.path[:0] = [str(HERE.parent)]
    dialects = ("cloudflare", "imgix", "imgproxy", "thumbor", "weserv")
    ours = ["helpa", "helpa_basics", *(f"helpa_{name}" for name in dialects)]
    with atheris.instrument_imports(include=[*ours, "python_multipart"]):
        from fuzz import targets

    known = HERE / "inputs" / name
    found = HERE.parent / ".fuzz" / name  # what reaches new code, from run to run
    for folder in (known, found):
        folder.mkdir(parents=True, exist_ok=True)
    words = HERE / "words.txt"
    atheris.Setup(
        [
            sys.argv[0],
            f"-max_total_time={seconds}",
            f"-max_len={LONGEST}",
            f"-timeout={int(targets.SECONDS) * 5}",
            "-rss_limit_mb=1024",
            f"-dict={words}",
            f"-artifact_prefix={known}/",
            "-print_final_stats=0",
            str(found),
            str(known),
        ],
        lambda data: targets.run(name, data),
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
