"""Fetching from other servers: the one way out, guarded."""

from helpa.core.fetching.fetcher import Fetched, Fetcher, NotModified
from helpa.core.fetching.resolver import Resolver

__all__ = ["Fetched", "Fetcher", "NotModified", "Resolver"]
