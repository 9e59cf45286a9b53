"""The gate before a rendition: the picture, the query, and the right to that rendition of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from helpa.core import unsigned
from helpa.core.access import is_public, may_manage, may_see
from helpa.core.database.images import Record
from helpa.core.database.links import Link
from helpa.core.errors import Forbidden, Gone, NotFound, invalid
from helpa.core.identity import Identify
from helpa.core.mounts import Mounted
from helpa.core.operations import Needs, Operation
from helpa.core.permit import Permit, Sharing
from helpa.core.plan import layer_of, values_of
from helpa.core.query import Grammar, Query
from helpa.core.records import Records
from helpa.core.settings import Settings
from helpa.core.signing import Grant, Keyring, Signature, matches, signed_texts
from helpa.core.vocabulary import EXPLAIN, JSON_FORMAT, Vocabulary


@dataclass(frozen=True, slots=True)
class _Signed:
    kind: Grant
    link: Link | None
    not_after: float


def check_view(query: Query, vocabulary: Vocabulary) -> None:
    """Insist that a grant of a view allows a query; what a preset supplies it always does.

    Raises:
        Forbidden: names the parameter, what was given and what is allowed.
    """
    allowed = vocabulary.view_names
    for name, value in query.values.items():
        if name in query.preset:
            continue
        if name not in allowed:
            spelt = query.spelling[name]
            raise Forbidden(
                f"This link is for viewing: it allows sizes, formats and presets, not {spelt}.",
                field=spelt,
                given=query.texts[name],
                allowed=", ".join(sorted(allowed)),
            )
        if name == "fmt" and value.text == JSON_FORMAT:
            formats = sorted(set(vocabulary.formats.values()) - {JSON_FORMAT})
            raise Forbidden(
                f"This link is for viewing: it shows the picture, not {JSON_FORMAT}.",
                field=query.spelling[name],
                given=query.texts[name],
                allowed="one of " + ", ".join(formats),
            )


FIRST_EPOCH = 1
"""Where the epochs of links begin."""


def check_foreign(epoch: int, not_after: float) -> None:
    """Insist that a dialect's signature still opens a picture; it names no epoch of its own.

    Raises:
        Forbidden: all links to the picture were revoked since.
        Gone: it has expired.
    """
    if epoch != FIRST_EPOCH:
        raise Forbidden(
            "All links to this picture were revoked; a signature of this form opens it no more.",
            allowed="a link signed by Helpa",
        )
    if not_after <= time.time():
        raise Gone("This link has expired.")


class Gate:
    """Decides about requests for renditions.

    Args:
        records: images and links.
        grammar: parses queries.
        keyring: checks signatures.
        settings: what is allowed without a signature.
    """

    def __init__(
        self, *, records: Records, grammar: Grammar, keyring: Keyring, settings: Settings
    ) -> None:
        self._records = records
        self._grammar = grammar
        self._keyring = keyring
        self._unsigned = settings.unsigned
        self._widths = settings.unsigned_widths
        self._asking = [o for o in grammar.vocabulary.operations if o.needs is not None]

    async def admit(
        self,
        image_id: str,
        extension: str | None,
        raw_query: bytes,
        identify: Identify,
        signed_as: tuple[str, int] | None = None,
        granted: float | None = None,
    ) -> Permit:
        """Return the right to what an image URL asks for.

        Args:
            image_id: the picture.
            extension: of the path, or None.
            raw_query: as it came.
            identify: says who asks; called only where it matters.
            signed_as: what signatures call the picture and its epoch, where not by its record.
            granted: moment until which a dialect's signature grants exactly this, or None.

        Raises:
            NotFound: no such picture for this viewer.
            Forbidden: the signature is wrong or does not allow it, or it needs one.
            Gone: the link has expired or was revoked.
            InvalidValue: the query is refused.
        """
        args = (image_id, extension, raw_query, identify, signed_as, granted)
        permit = await self._admitted(*args)
        for operation in self._asking:
            assert operation.needs is not None
            needs = operation.needs(**values_of(operation, permit.query))
            permit = await self._needed(permit, operation, needs, identify)
        return permit

    @staticmethod
    async def _needed(
        permit: Permit, operation: Operation, needs: Needs, identify: Identify
    ) -> Permit:
        """Return the right narrowed to what an operation needs.

        Raises:
            Forbidden: it needs the right of a manager.
            InvalidValue: it needs a signature of exactly this URL, and a picture not public.
        """
        if needs is Needs.NOTHING:
            return permit
        query, record, exact = permit.query, permit.record, permit.grant is Grant.EXACT
        name = operation.parameters[0].name
        field, given = query.spelling.get(name, name), query.texts.get(name, "")
        if needs is Needs.GRANT:
            if not exact or is_public(record):
                allowed = "in a link that was signed for exactly this, to a picture not public"
                raise invalid(field, given, allowed, hint=operation.refusal)
            return permit
        if exact:
            shared = permit.sharing is Sharing.PUBLIC
            return replace(permit, sharing=Sharing.SIGNED) if shared else permit
        if not may_manage(record, await identify(), "images:read"):
            raise Forbidden(
                f"{field}={given} is for who manages the picture, or needs a link that was signed "
                "for exactly this.", field=field, given=given,
            )  # fmt: skip
        return replace(permit, sharing=Sharing.PRIVATE)

    async def _admitted(
        self,
        image_id: str,
        extension: str | None,
        raw_query: bytes,
        identify: Identify,
        signed_as: tuple[str, int] | None,
        granted: float | None,
    ) -> Permit:
        record = await self._records.get(image_id)
        # Who asks is found out for a picture that is not there as for one that is private: else a
        # broken credential would tell the two apart.
        if record is None or record.visibility == "private":
            viewer = await identify()
            if record is None or not may_see(record, viewer):
                raise NotFound("There is no such picture.")
            query = self._grammar.parse(raw_query, extension)
            verified = await self._verified(query, record, signed_as)
            grant = verified.grant if verified is not None else None
            return Permit(record, query, Sharing.PRIVATE, grant)
        if record.visibility == "signed" and b"sig=" not in raw_query and granted is None:
            if not may_see(record, await identify()):
                raise NotFound("There is no such picture.")
            query = self._grammar.parse(raw_query, extension)
            return Permit(record, query, Sharing.PRIVATE)
        query = self._grammar.parse(raw_query, extension)
        if granted is not None:
            check_foreign(signed_as[1] if signed_as else record.link_epoch, granted)
            sharing = self._foreign_sharing(record, query, granted)
            return Permit(record, query, sharing, Grant.EXACT, granted)
        permit = await self._verified(query, record, signed_as)
        if permit is not None:
            return permit
        if not is_public(record):
            raise NotFound("There is no such picture.")
        return await self._unsigned_permit(record, query, identify)

    async def _unsigned_permit(self, record: Record, query: Query, identify: Identify) -> Permit:
        try:
            unsigned.check(query, self._unsigned, self._widths)
        except Forbidden:
            if not may_manage(record, await identify(), "images:read"):
                raise
            # Where only ``explain`` needs the manager, it tells of what everybody is shown.
            shared = self._anybody_may(query.without(EXPLAIN))
            return Permit(record, query, Sharing.PUBLIC if shared else Sharing.PRIVATE)
        return Permit(record, query, Sharing.PUBLIC)

    def _foreign_sharing(self, record: Record, query: Query, granted: float) -> Sharing:
        """Return who else may be shown what a dialect's signature grants.

        Servers of that dialect sign every link, to public pictures too: what anybody may ask for
        without a signature stays what caches may share.
        """
        shared = is_public(record) and granted == float("inf") and self._anybody_may(query)
        return Sharing.PUBLIC if shared else Sharing.SIGNED

    def _anybody_may(self, query: Query) -> bool:
        try:
            unsigned.check(query, self._unsigned, self._widths)
        except Forbidden:
            return False
        return True

    async def bring(
        self,
        mounted: Mounted | None,
        path: str,
        raw_query: bytes,
        identify: Identify,
        granted: float | None = None,
    ) -> None:
        """Insist that a request may have a picture of a source brought.

        Args:
            mounted: the source, or None where there is none of that name.
            path: in the source.
            raw_query: as it came.
            identify: says who asks; called only where it matters.
            granted: moment until which a dialect's signature grants exactly this, or None.

        Raises:
            NotFound: no such source for this viewer.
            Forbidden: the signature is wrong, or it needs one.
            Gone: the link has expired.
            InvalidValue: the query is refused.
        """

        async def reads() -> bool:
            viewer = await identify()
            return viewer is not None and viewer.may("images:read")

        if mounted is None or mounted.visibility == "private":
            if mounted is None or not await reads():
                raise NotFound("There is no such picture.")
            return
        if granted is not None:
            self._grammar.parse(raw_query)
            check_foreign(mounted.link_epoch, granted)
            return
        if mounted.visibility == "signed" and b"sig=" not in raw_query:
            if not await reads():
                raise NotFound("There is no such picture.")
            return
        query = self._grammar.parse(raw_query)
        if query.get("sig") is not None:
            await self._checked(query, f"{mounted.name}/{path}", mounted.link_epoch)
            return
        if mounted.visibility == "signed":
            raise NotFound("There is no such picture.")
        try:
            unsigned.check(query, self._unsigned, self._widths)
        except Forbidden:
            if not await reads():
                raise

    async def _verified(
        self, query: Query, record: Record, signed_as: tuple[str, int] | None
    ) -> Permit | None:
        """Return the right that a signature gives, or None where there is none.

        Raises:
            Forbidden: it is wrong, or does not allow this.
            Gone: it has expired or was revoked.
        """
        if query.get("sig") is None:
            return None
        name, epoch = signed_as or (record.id, record.link_epoch)
        signed = await self._checked(query, name, epoch)
        if signed.link is not None and signed.link.image != record.id:
            raise Gone("This link was revoked.")
        return Permit(
            record,
            query,
            Sharing.SIGNED,
            grant=signed.kind,
            not_after=signed.not_after,
            link=signed.link.id if signed.link else None,
        )

    async def _checked(self, query: Query, name: str, epoch: int) -> _Signed:
        """Return what a query's signature says, once it is found right.

        Raises:
            Forbidden: it is wrong, or does not allow this.
            Gone: it has expired or was revoked.
        """
        signature: Signature = query.values["sig"]
        now = time.time()
        key = self._keyring.key(signature.key, now)
        link = await self._records.link(signature.link) if signature.link else None
        kind = Grant(signature.grant) if signature.link is None else link.kind if link else None
        texts = signed_texts(kind or Grant.EXACT, query.texts)
        right = key is not None and matches(key, signature, name, epoch, texts)
        if key is None or kind is None or not right:
            raise Forbidden(
                "The signature is not right for this URL, or its links were all revoked.",
                field=query.spelling["sig"],
                given=str(signature),
                allowed="the URL exactly as it was signed",
            )
        if link is not None and link.revoked:
            raise Gone("This link was revoked.")
        expires: int | None = query.get("exp")
        if expires is not None and expires <= now:
            raise Gone("This link has expired.", field=query.spelling["exp"], given=str(expires))
        if kind is Grant.VIEW:
            check_view(query, self._grammar.vocabulary)
        ends = [float(expires)] if expires is not None else []
        ends += [key.retires_at] if key.retires_at is not None else []
        return _Signed(kind, link, min(ends, default=float("inf")))

    async def drawn(self, permit: Permit, identify: Identify) -> tuple[Record, ...]:
        """Return the records of every picture the query draws in, all allowed to the viewer.

        Raises:
            NotFound: one is not there for this viewer.
        """
        found = {permit.record.id: permit.record}
        for wanted, name in self.named(permit).items():
            if wanted in found:
                continue
            other = await self._records.get(wanted)
            if other is None or not await self._may_draw(other, permit, identify):
                raise NotFound("There is no such picture.", field=name, given=wanted)
            found[other.id] = other
        return tuple(found.values())

    def named(self, permit: Permit) -> dict[str, str]:
        """Return the ids of the pictures that a query draws in, each with the parameter that does.

        Raises:
            InvalidValue: it names a layer that is not there.
        """
        vocabulary, query = self._grammar.vocabulary, permit.query
        found: dict[str, str] = {}
        for name in vocabulary.picture_parameters():
            wanted = query.get(name)
            if wanted is not None:
                found.setdefault(str(wanted), name)
        for operation in vocabulary.operations:
            if operation.layer is not None and permit.record.layers:
                owner = vocabulary.owner[operation.name]
                layer = layer_of(operation, query, permit.record.picture(), owner)
                for wanted in layer.pictures if layer is not None else ():
                    found.setdefault(wanted, operation.parameters[0].name)
        return found

    @staticmethod
    async def _may_draw(other: Record, permit: Permit, identify: Identify) -> bool:
        if is_public(other):
            return True
        # Whoever signed exactly this URL was the pictures' owner, and named the other one in it.
        same = other.owner == permit.record.owner and other.visibility == "signed"
        if permit.grant is Grant.EXACT and same:
            return True
        return may_see(other, await identify())
