"""Forms: reading them within limits, and knowing that they come from a page of ours."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import parse_qs

from starlette.requests import Request

from helpa.core.api.acting import confirm
from helpa.core.errors import (
    ContentTooLarge,
    Forbidden,
    InvalidValue,
    RequestTimeout,
    UnsupportedMedia,
)

MEDIA_TYPE = "application/x-www-form-urlencoded"

FORM_BYTES = 64 * 1024
FORM_FIELDS = 200
FORM_SECONDS = 30.0
"""How long a form may take to arrive."""

TOKEN_FIELD = "_csrf"  # noqa: S105  a name, no secret
SALT_BYTES = 16

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
CONTROL_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Form(Mapping[str, str]):
    """The fields of a form.

    As a mapping it has lines: stripped, without control characters, each field once.

    Args:
        values: as they came.
    """

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._plain(name, self.raw(name), CONTROL)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def text(self, name: str, default: str = "") -> str:
        """Return a field that may have several lines, parted by ``\\n``."""
        if name not in self._values:
            return default
        lines = self.raw(name).replace("\r\n", "\n").replace("\r", "\n")
        return self._plain(name, lines, CONTROL_IN_TEXT)

    def all(self, name: str) -> list[str]:
        """Return every value of a field: boxes that were ticked."""
        return [self._plain(name, value, CONTROL) for value in self._values.get(name, ())]

    def raw(self, name: str) -> str:
        """Return a field exactly as it was typed: a password.

        Raises:
            KeyError: there is none.
            InvalidValue: it is there twice.
        """
        values = self._values[name]
        if len(values) > 1:
            raise InvalidValue(f"The field {name} is there more than once.", field=name)
        return values[0]

    @staticmethod
    def _plain(name: str, value: str, unwanted: re.Pattern[str]) -> str:
        if unwanted.search(value):
            raise InvalidValue(f"The field {name} holds control characters.", field=name)
        return value.strip()


async def read_form(request: Request, max_bytes: int = FORM_BYTES) -> Form:
    """Return the fields of a form.

    Args:
        request: whose body it is.
        max_bytes: of the body.

    Raises:
        ContentTooLarge: it is longer.
        InvalidValue: it is no form, or has more than 200 fields.
        RequestTimeout: it did not arrive within 30 s.
        UnsupportedMedia: it is of another kind.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != MEDIA_TYPE:
        raise UnsupportedMedia(
            "This is not a form.", field="Content-Type", given=kind[:80], allowed=MEDIA_TYPE
        )
    body = bytearray()
    try:
        async with asyncio.timeout(FORM_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > max_bytes:
                    raise ContentTooLarge(
                        f"The form is longer than {max_bytes} bytes.", field="body"
                    )
    except TimeoutError:
        raise RequestTimeout("The form took too long to arrive.") from None
    await confirm(request)
    try:
        fields = parse_qs(
            body.decode("ascii"),
            keep_blank_values=True,
            max_num_fields=FORM_FIELDS,
            errors="strict",
        )
    except ValueError:
        raise InvalidValue("This is not a form.", field="body") from None
    return Form(fields)


def check_origin(request: Request, origin: str) -> None:
    """Refuse a form that does not come from a page of this server, as the browser tells.

    Stricter than what the server asks of every change with a cookie: a request that says nothing
    of where it comes from is refused as well.

    Args:
        request: with its headers.
        origin: scheme and host of ``public_url``.

    Raises:
        Forbidden: it comes from another site, or does not say.
    """
    site = request.headers.get("sec-fetch-site")
    given = request.headers.get("origin")
    here = f"{request.url.scheme}://{request.url.netloc}"
    if site is None and given is None:
        raise Forbidden("This form does not say which page it comes from.", field="Origin")
    if site not in (None, "same-origin", "none") or given not in (None, origin, here):
        raise Forbidden("This form comes from another site.", field="Origin", given=given or "")


def local_path(text: str, default: str = "/") -> str:
    """Return where to go on to after a form: a path of this server, or else the default.

    Args:
        text: what a request says: a path, perhaps with a query.
        default: taken where it is anything else, such as the address of another site.
    """
    # A browser reads a backslash as a slash, and drops tabs and line breaks.
    if re.fullmatch(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*", text):
        return text
    return default


class SessionTokens:
    """Tokens that a page gives its forms: only a page that this session was shown has one.

    A token is a salt and the HMAC-SHA-256 of it with the id of the session. The salt makes each
    page hold another one, so that its compressed length tells nothing of it.

    Args:
        keys: those of now; the first makes, all are taken.
    """

    def __init__(self, keys: Callable[[], Sequence[bytes]]) -> None:
        self._keys = keys

    def make(self, session: str) -> str:
        """Return a token for the pages of a session."""
        salt = secrets.token_bytes(SALT_BYTES)
        return base64.urlsafe_b64encode(salt + _mac(self._keys()[0], salt, session)).decode()

    def right(self, session: str, token: str) -> bool:
        """Whether a token was made for a session."""
        try:
            raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        except ValueError:
            return False
        salt, given = raw[:SALT_BYTES], raw[SALT_BYTES:]
        found = [hmac.compare_digest(_mac(key, salt, session), given) for key in self._keys()]
        return any(found)


def _mac(key: bytes, salt: bytes, session: str) -> bytes:
    return hmac.new(key, salt + session.encode(), hashlib.sha256).digest()
