"""What ``fmt=json`` answers: what a rendition is, and what it was made of."""

from __future__ import annotations

import json
from typing import Any

from helpa.core.database.images import Record
from helpa.core.moments import timestamp
from helpa.core.plan import Plan


def description(plan: Plan, record: Record, pixels: bytes) -> bytes:
    """Return the description of a rendition.

    Args:
        plan: how the rendition would be made.
        record: the picture it would be made of.
        pixels: what a worker says of the rendition's pixels, as JSON.
    """
    found: dict[str, Any] = json.loads(pixels)
    source = plan.picture
    kind = "graphic" if source.graphic else "photograph"
    told = {
        "width": plan.size.width,
        "height": plan.size.height,
        "format": plan.encoder.name,
        "frames": plan.frames,
        "kind": kind,
        "dominant_color": found["dominant_color"],
        "palette": found["palette"],
        "thumbhash": found["thumbhash"],
        "source": {
            "width": source.size.width,
            "height": source.size.height,
            "format": source.format,
            "bytes": record.bytes,
            "frames": source.frames,
            "alpha": source.alpha,
            "kind": kind,
            "embedded": record.facts["removed_metadata"],
            "created_at": timestamp(record.created_at),
        },
    }
    return json.dumps(told, separators=(",", ":")).encode()
