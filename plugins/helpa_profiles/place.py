"""Places: cells of H3, never coordinates.

A cell of resolution 8 is about 0.7 km², a neighbourhood; it is kept, and shown to its owner alone.
Others are shown one of resolution 7, about 5 km², or coarser.
"""

from __future__ import annotations

import h3

KEPT, SHOWN = 8, 7


def cell_of(lat: float, lng: float) -> str:
    """Return the cell that is kept of a point.

    Args:
        lat: degrees north, -90 to 90.
        lng: degrees east, -180 to 180.
    """
    return str(h3.latlng_to_cell(lat, lng, KEPT))


def kept_cell(cell: str) -> str | None:
    """Return the cell that is kept of a cell; None where it is none, or too coarse to be kept."""
    text = cell.lower()
    if not h3.is_valid_cell(text) or h3.get_resolution(text) < KEPT:
        return None
    return str(h3.cell_to_parent(text, KEPT))


def shown_cell(cell: str, resolution: int = SHOWN) -> str:
    """Return the cell that others are shown of a cell that is kept.

    Args:
        cell: of resolution 8.
        resolution: of the answer; 7 at the finest.

    Raises:
        ValueError: it is finer than 7, or none.
    """
    if not 0 <= resolution <= SHOWN:
        raise ValueError(f"others are shown cells of resolution 0 to {SHOWN}, not {resolution}")
    return str(h3.cell_to_parent(cell, resolution))
