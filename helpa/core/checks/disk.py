"""The disk under the data directory."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from helpa.core.checks.finding import Finding, size
from helpa.core.checks.installation import Installation, data_dir, nearest_folder

MOUNTS = Path("/proc/self/mountinfo")

REMOTE = re.compile(
    r"nfs\d?|cifs|smb\w*|9p|afs|ceph|glusterfs|lustre|beegfs|gpfs|ocfs2|gfs2|ncpfs|davfs"
    r"|fuse\.(sshfs|s3fs|rclone|glusterfs|ceph\w*|goofys|gcsfuse|mount-s3|juicefs|blobfuse\w*)"
)
"""File systems whose locks and shared memory SQLite's WAL cannot trust (sqlite.org/wal.html)."""

AMPLE = 10
"""Times limits.free_bytes below which it is time to make room."""


def check(installation: Installation) -> Iterator[Finding]:
    """Say how much room there is, and whether the disk is one that a database can live on."""
    settings = installation.settings
    if settings is None:
        return
    folder = nearest_folder(data_dir(settings).root)
    free, limit = shutil.disk_usage(folder).free, settings.limits.free_bytes
    text = f"{size(free)} free at {folder}; uploads stop below {size(limit)}"
    if free < limit:
        yield Finding("fail", "disk", text, "Uploads answer 507; make room.")
    elif free < limit * AMPLE:
        yield Finding("warn", "disk", text, "Make room soon.")
    else:
        yield Finding("ok", "disk", text)
    kind = file_system(folder, MOUNTS.read_text(encoding="utf-8")) if MOUNTS.is_file() else None
    if settings.database is None and kind is not None and REMOTE.fullmatch(kind):
        advice = "SQLite loses data on network file systems; keep data_dir on a local disk."
        yield Finding("warn", "disk", f"{folder} is on {kind}", advice)


def file_system(folder: Path, mounts: str) -> str | None:
    """Return the type of the file system a folder is on.

    Args:
        folder: an absolute path.
        mounts: text in the format of ``/proc/self/mountinfo`` (proc(5)).
    """
    best, found = -1, None
    path = folder.resolve()
    for line in mounts.splitlines():
        fields, _, rest = line.partition(" - ")
        point = Path(re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), fields.split(" ")[4]))
        # Of two mounts on one point, the later covers the earlier.
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, found = len(point.parts), rest.split(" ")[0]
    return found
