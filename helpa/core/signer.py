"""Making signed links: URLs with their signature, of pictures or of what sources hold."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from helpa.core.database.images import Record
from helpa.core.errors import Forbidden, InvalidValue
from helpa.core.gate import check_view
from helpa.core.query import Grammar, Query
from helpa.core.signing import Grant, Keyring, Signature, canonical_query, signed_texts

LATEST = 99_999_999_999
"""The last moment that ``exp`` can say."""

TEN_YEARS = 10 * 366 * 24 * 3600
"""Seconds that a link lives at the most, unless for ever."""


@dataclass(frozen=True, slots=True)
class SignedLink:
    """A signed link.

    Args:
        url: all of it.
        params: its query without the signature, as it was signed.
        expires_at: seconds since 1970, or None.
    """

    url: str
    params: str
    expires_at: int | None


class Signer:
    """Signs links.

    Args:
        grammar: checks what is asked, so that no link is handed out that does not work.
        keyring: the keys.
        base_url: what links begin with.
    """

    def __init__(self, grammar: Grammar, keyring: Keyring, base_url: str) -> None:
        self._grammar = grammar
        self._keyring = keyring
        self._base_url = base_url
        longest = Signature(keyring.current.id, "A" * 22, "A" * 43)
        self._longest = (f"exp={LATEST}", f"sig={longest}")

    def link(
        self,
        record: Record,
        params: Mapping[str, str],
        *,
        kind: Grant = Grant.EXACT,
        link_id: str | None = None,
        expires_in: float | None = None,
    ) -> SignedLink:
        """Return a signed link to a rendition of a picture.

        Args:
            record: the picture.
            params: what is asked of it; with a view grant, what the viewer is shown first.
            kind: what the link allows.
            link_id: of a link that can be revoked alone; else it ends with its key, its expiry or
                the picture's epoch.
            expires_in: seconds it lives; None for ever.

        Raises:
            InvalidValue: a parameter is unknown, its value not allowed, or not in a view.
        """
        return self.named(
            record.id,
            record.link_epoch,
            params,
            kind=kind,
            link_id=link_id,
            expires_in=expires_in,
        )

    def named(
        self,
        name: str,
        epoch: int,
        params: Mapping[str, str],
        *,
        kind: Grant = Grant.EXACT,
        link_id: str | None = None,
        expires_in: float | None = None,
    ) -> SignedLink:
        """Return a signed link to what signatures call ``name``.

        Args:
            name: id of a picture, or ``<source>/<path>``.
            epoch: of the picture's links, or the source's.
            params: as for :meth:`link`, like the others.
            kind: what the link allows.
            link_id: of a link that can be revoked alone.
            expires_in: seconds it lives; None for ever.

        Raises:
            InvalidValue: a parameter is unknown, its value not allowed, or not in a view.
        """
        parsed = self._parsed(params)
        if kind is Grant.VIEW:
            try:
                check_view(parsed, self._grammar.vocabulary)
            except Forbidden as error:
                raise InvalidValue(
                    error.detail, field=error.field, given=error.given, allowed=error.allowed
                ) from None
        texts = dict(parsed.texts)
        # Rounded up: a link for one second lives for one.
        expires_at = math.ceil(time.time() + expires_in) if expires_in is not None else None
        if expires_at is not None:
            texts["exp"] = str(expires_at)
        grant = link_id or kind.value
        signature = self._keyring.sign(grant, name, epoch, signed_texts(kind, texts))
        query = canonical_query(texts)
        path = quote(name, safe="/")
        url = f"{self._base_url}/img/{path}?{query}{'&' if query else ''}sig={signature}"
        return SignedLink(url, query, expires_at)

    def _parsed(self, params: Mapping[str, str]) -> Query:
        """Return what parameters ask for, without a signature."""
        for name in ("sig", "exp", "expires"):
            if name in params:
                raise InvalidValue(
                    f"{name} is made by signing.",
                    field=name,
                    given=params[name],
                    allowed="expires_in, in seconds" if name != "sig" else "nothing",
                )
        pairs = [f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in params.items()]
        # Parsed as long as it will be, signature and all, so that no link is over the limits.
        query = self._grammar.parse("&".join([*pairs, *self._longest]).encode())
        hidden = ("sig", "exp")
        return replace(
            query,
            values={n: v for n, v in query.values.items() if n not in hidden},
            texts={n: t for n, t in query.texts.items() if n not in hidden},
        )
