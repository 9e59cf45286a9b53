"""The exchange with one provider: authorization code with PKCE."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlencode

from helpa_oidc import id_token
from helpa_oidc.failure import Failure, untrusted, unusable
from helpa_oidc.metadata import Directory, Metadata
from helpa_oidc.outgoing import Outgoing
from helpa_oidc.person import Person, complete, joined
from helpa_oidc.settings import ProviderSettings

MAX_CODE = 4096
MAX_HINT = 4096
"""Characters of an ID token that fit into an address."""

PATH = "/signin/oidc"


class Client:
    """This server as a client of a provider.

    Args:
        name: of the provider in the settings.
        settings: of the provider.
        public_url: what addresses of this server begin with.
    """

    def __init__(self, name: str, settings: ProviderSettings, public_url: str) -> None:
        self.name = name
        self.settings = settings
        self.title = settings.title or name.replace("-", " ").capitalize()
        self.redirect_uri = f"{public_url}{PATH}/{name}/callback"
        self._back = f"{public_url}/signin"
        self._outgoing = Outgoing(settings.timeout)
        self._directory = Directory(settings.issuer, self._outgoing)

    async def authorization(self, *, state: str, nonce: str, verifier: str) -> str:
        """Return where a browser is sent to sign in.

        Args:
            state: comes back with the answer.
            nonce: comes back in the ID token.
            verifier: shown when the code becomes a token; only its hash is sent now.

        Raises:
            Failure: the provider cannot be used.
        """
        metadata = await self._directory.metadata()
        digest = hashlib.sha256(verifier.encode()).digest()
        return _with_query(
            metadata.authorization,
            {
                "response_type": "code",
                "client_id": self.settings.client_id,
                "redirect_uri": self.redirect_uri,
                "scope": " ".join(dict.fromkeys(("openid", *self.settings.scopes))),
                "state": state,
                "nonce": nonce,
                "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
                "code_challenge_method": "S256",
            },
        )

    async def person(self, answer: Mapping[str, str], *, nonce: str, verifier: str) -> Person:
        """Return who signed in.

        Args:
            answer: the query that the browser came back with, whose state has been checked.
            nonce: of this sign-in.
            verifier: of this sign-in.

        Raises:
            Failure: nobody did, or an answer did not pass the checks.
        """
        metadata = await self._directory.metadata()
        self._check_issuer(answer, metadata)
        if "error" in answer:
            raise _refused(answer["error"])
        code = answer.get("code", "")
        if not 0 < len(code) <= MAX_CODE:
            raise untrusted("wrong_answer", "the answer has no code")
        tokens = await self._redeem(code, verifier, metadata)
        text, access_token = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(text, str):
            raise untrusted("wrong_id_token", "the token endpoint gave no ID token")
        if not isinstance(access_token, str) or not (
            access_token.isascii() and access_token.isprintable()
        ):
            access_token = None
        claims = await id_token.check(
            text,
            settings=self.settings,
            metadata=metadata,
            directory=self._directory,
            nonce=nonce,
            access_token=access_token,
        )
        asked = self.settings.userinfo and not complete(claims, self.settings)
        if asked and metadata.userinfo and access_token:
            info = await self._outgoing.get(metadata.userinfo, bearer=access_token)
            claims = joined(claims, info)
        return Person.of(claims, self.settings, self._farewell(metadata, text))

    def _farewell(self, metadata: Metadata, text: str) -> str | None:
        """Return where a browser ends the session that an ID token is of, if there is a place."""
        if metadata.end_session is None:
            return None
        # Without the hint the provider asks who it is.
        query = {"id_token_hint": text} if len(text) <= MAX_HINT else {}
        query |= {"client_id": self.settings.client_id, "post_logout_redirect_uri": self._back}
        return _with_query(metadata.end_session, query)

    def _check_issuer(self, answer: Mapping[str, str], metadata: Metadata) -> None:
        """Insist that the answer is of this provider: RFC 9207."""
        given = answer.get("iss")
        if given is None and metadata.names_itself:
            raise untrusted("wrong_issuer", "the answer lacks iss, which the provider announces")
        if given is not None and given != self.settings.issuer:
            raise untrusted("wrong_issuer", f"the answer is of {given[:200]!r}")

    async def _redeem(self, code: str, verifier: str, metadata: Metadata) -> dict[str, Any]:
        """Return what the token endpoint gives for a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        headers = self._prove(form, metadata)
        status, tokens = await self._outgoing.post(metadata.token, form, headers)
        if status != 200:
            error = str(tokens.get("error", ""))[:60]
            if error == "invalid_grant":
                raise untrusted("wrong_code", "the token endpoint does not know the code")
            raise unusable(f"{metadata.token} answered {status} {error!r}")
        if str(tokens.get("token_type", "")).lower() != "bearer":
            raise unusable(f"{metadata.token} gave no bearer token")
        return tokens

    def _prove(self, form: dict[str, str], metadata: Metadata) -> dict[str, str]:
        """Add what proves who we are to a form; return headers that do."""
        client, secret = self.settings.client_id, self.settings.client_secret
        if secret is None:
            form["client_id"] = client
            return {}
        if "client_secret_basic" in metadata.client_authentication:
            # RFC 6749, 2.3.1: both are form-encoded before they are joined.
            pair = f"{quote_plus(client)}:{quote_plus(secret.get_secret_value())}"
            return {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        if "client_secret_post" in metadata.client_authentication:
            form["client_id"] = client
            form["client_secret"] = secret.get_secret_value()
            return {}
        raise unusable(
            f"{metadata.issuer} takes neither client_secret_basic nor client_secret_post"
        )


def _refused(error: str) -> Failure:
    if error == "access_denied":
        return Failure(
            "denied", "The sign-in was cancelled, or the identity provider does not let you in."
        )
    word = error if error.isascii() and error.replace("_", "").isalnum() else "error"
    return Failure(
        "provider_refused",
        f"The identity provider refused the sign-in ({word[:40]}).",
        f"the provider answered {error[:60]!r}",
    )


def _with_query(url: str, parameters: Mapping[str, str]) -> str:
    return url + ("&" if "?" in url else "?") + urlencode(parameters)
