"""Settings of originals, and of what must outlive a backup."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from helpa.core.settings_base import Group


class Originals(Group):
    """What is kept of pictures besides what is shown."""

    keys: Path | None = Field(
        None,
        description="Folder of the keys of sealed originals, best not in the backup that holds "
        "the data directory; unset takes keys in the data directory.",
    )
    ledger: Path | None = Field(
        None,
        description="Folder of the ledger of deletions and revisions, which a restored database "
        "is told again, so best not in its backup; unset takes ledger in the data directory.",
    )
