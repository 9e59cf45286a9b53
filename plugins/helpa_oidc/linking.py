"""Which account somebody has that a provider vouches for."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from helpa import Actor, Conflict, InvalidValue, Services
from helpa_oidc.failure import Failure
from helpa_oidc.person import Person
from helpa_oidc.settings import ProviderSettings
from helpa_oidc.tables import identities

ACTIVE = "active"


@dataclass(frozen=True)
class Known:
    """An account, as far as it matters here.

    Args:
        id: of the account.
        role: it has.
        state: ``active`` or otherwise.
    """

    id: str
    role: str
    state: str


@dataclass(frozen=True)
class Admitted:
    """Somebody who may sign in.

    Args:
        account: id of theirs.
        narrowed: invalidation that every instance has to apply before they go on, or None.
    """

    account: str
    narrowed: int | None


class Linking:
    """Finds, links and makes accounts.

    Args:
        services: what the server offers.
    """

    def __init__(self, services: Services) -> None:
        self._accounts = services.accounts
        self._journal = services.journal

    def admit(
        self,
        connection: Connection,
        actor: Actor,
        person: Person,
        provider: str,
        settings: ProviderSettings,
    ) -> Admitted:
        """Return the account of somebody, linked or made where that is allowed.

        Args:
            connection: a writing connection.
            actor: the browser, so far nobody.
            person: what the provider says.
            provider: its name in the settings.
            settings: of the provider.

        Raises:
            Failure: there is none that they may use.
        """
        role = person.role(settings)
        account = self._known(connection, person)
        if account is None:
            account = self._by_email(connection, actor, person, provider, settings)
        if account is None:
            wanted = role or settings.default_role
            account = self._made(connection, actor, person, provider, settings, wanted)
        if account.state != ACTIVE:
            raise Failure(
                "account_disabled",
                "Your account here is disabled. An administrator can enable it.",
                account=account.id,
            )
        narrowed = None
        if role is not None and role != account.role:
            # The last administrator stays one, whatever the groups say.
            with contextlib.suppress(Conflict):
                narrowed = self._accounts.set_role(connection, actor, account.id, role)
        return Admitted(account.id, narrowed)

    def _known(self, connection: Connection, person: Person) -> Known | None:
        """Return the account that this identity was linked to before."""
        same = (identities.c.issuer == person.issuer) & (identities.c.subject == person.subject)
        found = connection.execute(select(identities.c.account).where(same)).scalar_one_or_none()
        if found is None:
            return None
        account = self._accounts.get(connection, found)
        if account is None or account.state == "erased":
            connection.execute(delete(identities).where(same))
            return None
        return Known(account.id, account.role, account.state)

    def _by_email(
        self,
        connection: Connection,
        actor: Actor,
        person: Person,
        provider: str,
        settings: ProviderSettings,
    ) -> Known | None:
        """Return the account that has the person's address, now linked, or None."""
        found = self._accounts.by_email(connection, person.email) if person.email else None
        if found is None:
            return None
        account = Known(found.id, found.role, found.state)
        if not (settings.link_by_email and person.email_verified):
            raise Failure(
                "email_taken",
                "There is an account with your e-mail address, and this identity provider may not "
                "vouch for it. Sign in the way you did before.",
                "link_by_email is off" if person.email_verified else "the address is not verified",
            )
        another = (identities.c.account == account.id) & (identities.c.issuer == person.issuer)
        if connection.execute(select(identities.c.subject).where(another)).first() is not None:
            # An address that was given to somebody else gives them nobody's account.
            raise Failure(
                "email_taken",
                "The account with your e-mail address belongs to somebody else at this identity "
                "provider. An administrator can change its address.",
            )
        self._link(connection, actor, person, provider, account)
        return account

    def _made(
        self,
        connection: Connection,
        actor: Actor,
        person: Person,
        provider: str,
        settings: ProviderSettings,
        role: str,
    ) -> Known:
        """Return a new account."""
        if not settings.create_accounts:
            raise Failure(
                "no_account", "You have no account here yet. An administrator can invite you."
            )
        if not (person.email and person.email_verified):
            # Taken unseen, an address could be one that its holder will be linked by later.
            raise Failure(
                "email_not_verified",
                "An account needs an e-mail address, and the identity provider does not say that "
                "it has verified yours.",
            )
        try:
            made = self._accounts.create(
                connection, actor, email=person.email, name=person.name, role=role
            )
        except (Conflict, InvalidValue) as error:
            raise Failure("no_account", f"No account can be made for you: {error.detail}") from None
        account = Known(made.id, made.role, made.state)
        self._link(connection, actor, person, provider, account)
        return account

    def _link(
        self,
        connection: Connection,
        actor: Actor,
        person: Person,
        provider: str,
        account: Known,
    ) -> None:
        connection.execute(
            insert(identities).values(
                issuer=person.issuer,
                subject=person.subject,
                account=account.id,
                created_at=time.time_ns() // 1_000_000,
            )
        )
        self._journal.record(
            connection,
            actor,
            "identity.link",
            f"account:{account.id}",
            details={"provider": provider},
            personal={"subject": person.subject},
        )
