"""The formats of an entry: what is hashed, and how; described in docs/audit.md for others."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

from helpa.core.actor import Actor
from helpa.core.audit import tree
from helpa.core.settings_audit import Addresses

PROVEN = (
    "seq", "at", "actor", "on_behalf", "action", "object", "result", "request", "details",
    "commitment",
)  # fmt: skip
"""The columns that a leaf is the hash of."""

NUMBERS = frozenset({"seq", "at"})

SALT_BYTES = 32
"""So much that nobody finds an address or a name by trying what would give the commitment."""

IPV4_KEPT, IPV6_KEPT = 24, 48

_HEX = re.compile(r"[0-9a-f]{64}")


def canonical(value: Mapping[str, Any]) -> str:
    """Return JSON in the one spelling that is hashed: RFC 8785, for there are no fractions.

    Raises:
        ValueError: a number is not finite.
    """
    text = json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    # What UTF-8 cannot say is left as JSON's own escape of it.
    return text.encode("utf-8", "backslashreplace").decode()


def new_salt() -> str:
    """Return a new salt, in hex."""
    return secrets.token_hex(SALT_BYTES)


def commitment_of(salt: str, personal: str) -> str:
    """Return what an entry holds of its personal part for ever.

    Args:
        salt: 32 bytes in hex.
        personal: the column's text.

    Raises:
        ValueError: the salt is not one of ours.
    """
    if not _HEX.fullmatch(salt):
        raise ValueError("the salt is not 64 hex digits")
    return hashlib.sha256(bytes.fromhex(salt) + personal.encode()).hexdigest()


def leaf_of(row: Mapping[str, Any]) -> bytes:
    """Return the leaf's hash of an entry's columns.

    Raises:
        ValueError: a column holds what is not its kind; names it.
    """
    proven = {name: row[name] for name in PROVEN}
    for name, value in proven.items():
        kind = int if name in NUMBERS else str
        if not isinstance(value, kind):
            raise ValueError(f"{name} is {type(value).__name__}, not {kind.__name__}")
    return tree.leaf_hash(canonical(proven).encode())


def personal_part(actor: Actor, personal: Mapping[str, Any] | None, policy: Addresses) -> str:
    """Return what of an entry belongs to a person, as JSON.

    Args:
        actor: whose address and device it holds.
        personal: further values.
        policy: how much of the address is kept.
    """
    parts: dict[str, Any] = {
        "address": kept_address(actor.address, policy),
        "device": actor.device,
        "personal": dict(personal or {}),
    }
    return canonical({name: value for name, value in parts.items() if value})


def kept_address(address: str, policy: Addresses) -> str:
    """Return so much of an address as is kept: ``203.0.113.0/24``; empty where it is none."""
    if policy == "none":
        return ""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if policy == "full":
        return str(parsed)
    kept = IPV4_KEPT if parsed.version == 4 else IPV6_KEPT
    return str(ipaddress.ip_network((parsed, kept), strict=False))
