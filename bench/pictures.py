"""The pictures measured on; run by the tools' own Python, which has Pillow.

The photograph comes from a Debian package; the screenshots are a page rendered by Chromium, or,
where there is no Chromium, a similar page drawn with Pillow.
"""

import argparse
import random
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

PHOTO = (2725, 2225)
# Name, window in CSS pixels, device pixels to one CSS pixel.
SCREENSHOTS = (
    ("screenshot-1440x900.png", (1440, 900), 1),
    ("screenshot-3840x2400.png", (1920, 1200), 2),
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 60


def photograph(source: Path, target: Path) -> None:
    """Cut the middle of ``source`` to the shape wanted, scale it, save it as cameras do."""
    with Image.open(source) as opened:
        picture = opened.convert("RGB")
    width, height = picture.size
    scale = min(width / PHOTO[0], height / PHOTO[1])
    cut_width, cut_height = PHOTO[0] * scale, PHOTO[1] * scale
    left, top = (width - cut_width) / 2, (height - cut_height) / 2
    box = (left, top, left + cut_width, top + cut_height)
    scaled = picture.resize(PHOTO, Image.Resampling.LANCZOS, box=box)
    scaled.save(target, "JPEG", quality=85, subsampling="4:2:0")


def browser() -> str | None:
    """The command of a Chromium, if there is one."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def rendered(command: str, page: Path, target: Path, window: tuple[int, int], scale: int) -> bool:
    """Have Chromium photograph ``page``; false when it could not."""
    with tempfile.TemporaryDirectory(prefix="bench-chromium-") as profile:
        argv = [
            command,
            *FLAGS,
            f"--user-data-dir={profile}",
            f"--window-size={window[0]},{window[1]}",
            f"--force-device-scale-factor={scale}",
            f"--screenshot={target}",
            page.as_uri(),
        ]
        try:
            subprocess.run(argv, capture_output=True, timeout=PATIENCE, check=True)
        except (subprocess.SubprocessError, OSError):
            return False
    if not target.exists():
        return False
    with Image.open(target) as picture:
        return picture.size == (window[0] * scale, window[1] * scale)


def drawn(photo: Path, target: Path, window: tuple[int, int], scale: int) -> None:
    """Draw a page like the dashboard without a browser, in Pillow's own typeface."""
    # The same words in every run.
    words = random.Random(42)
    width, height = window[0] * scale, window[1] * scale
    picture = Image.new("RGB", (width, height), "#f3f5f8")
    draw = ImageDraw.Draw(picture)
    body, head = ImageFont.load_default(15 * scale), ImageFont.load_default(23 * scale)
    for x in range(width):
        part = x / width
        colour = (int(27 + 31 * part), int(40 + 72 * part), int(69 + 115 * part))
        draw.line((x, 0, x, 66 * scale), fill=colour)
    draw.text((20 * scale, 18 * scale), "Support dashboard", "white", head)
    draw.rectangle((0, 67 * scale, 230 * scale, height), fill="white", outline="#d5dae2")
    for i in range(36):
        y = (80 + 31 * i) * scale
        draw.text((16 * scale, y), f"Queue {i} ({words.randrange(90)})", "#18202c", body)
    for i in range(60):
        top = (85 + 31 * i) * scale
        cells = (
            f"#{1000 + i}",
            f"customer{i}@example.com",
            words.choice(("open", "pending", "solved")),
            f"{words.randrange(99)} min",
            f"Cannot upload screenshot, error 0x{words.randrange(16**8):08x}",
        )
        left = 248
        for text, space in zip(cells, (60, 200, 70, 60, 350), strict=True):
            box = (left * scale, top, (left + space) * scale, top + 31 * scale)
            draw.rectangle(box, fill="white", outline="#c9d0da", width=scale)
            draw.text((box[0] + 7 * scale, top + 6 * scale), text, "#18202c", body)
            left += space
    with Image.open(photo) as opened:
        inset = opened.resize((380 * scale, 310 * scale), Image.Resampling.LANCZOS)
    picture.paste(inset, (width - 398 * scale, 85 * scale))
    picture.save(target)


def main() -> None:
    """Write all pictures into a folder, and into ``method`` there how they were made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photo", type=Path, required=True, help="the photograph to start from")
    parser.add_argument("--page", type=Path, required=True, help="the page to render")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write into")
    given = parser.parse_args()
    out: Path = given.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    photo = out / "photo-6mp.jpg"
    photograph(given.photo, photo)
    page = out / "page.html"
    shutil.copyfile(given.page, page)
    command = browser()
    methods = set()
    for name, window, scale in SCREENSHOTS:
        if command and rendered(command, page, out / name, window, scale):
            methods.add("a page rendered by headless Chromium")
        else:
            drawn(photo, out / name, window, scale)
            methods.add("a page drawn with Pillow (no Chromium here)")
    page.unlink()
    (out / "method").write_text(" and ".join(sorted(methods)))


if __name__ == "__main__":
    main()
