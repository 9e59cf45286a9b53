"""Where finished renditions are kept: one small protocol, and those that follow it."""

from helpa.core.stores.disk import DiskStore
from helpa.core.stores.memory import MemoryStore
from helpa.core.stores.protocol import Store, join

__all__ = ["DiskStore", "MemoryStore", "Store", "join"]
