"""``helpa user …``."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import Connection

from helpa import Account, Actor, Command, NotFound, Parameter, Services
from helpa_accounts import passwords
from helpa_accounts.letters import Letters
from helpa_accounts.links import INVITATION, Links
from helpa_accounts.settings import AccountSettings

COMMAND_LINE = Actor("command-line")

Email = Annotated[str, Parameter("E-mail address of the account.")]


async def create(
    services: Services,
    email: Annotated[str, Parameter("E-mail address.")],
    *,
    name: Annotated[str, Parameter("What to call them.")] = "",
    role: Annotated[str, Parameter("What they may do: guest, member, agent, admin …")] = "member",
) -> str:
    """Make an account, and print the link by which its holder chooses a password.

    The first account is an administrator's: say --role admin.
    """
    links = _links(services)

    def work(connection: Connection) -> str:
        account = services.accounts.create(
            connection, COMMAND_LINE, email=email, name=name or email.partition("@")[0], role=role
        )
        return links.invite(connection, COMMAND_LINE, account.id)

    return await services.database.write(work)


async def listed(services: Services) -> str:
    """List the accounts: id, e-mail address, role, state, name."""

    def work(connection: Connection) -> list[str]:
        found: list[Account] = []
        while True:
            after = found[-1].id if found else None
            page = services.accounts.page(connection, limit=500, after=after)
            if not page:
                break
            found += page
        invited = {t.owner for t in services.tokens.held(connection, kind=INVITATION)}
        states = {each.id: _state(connection, each, invited) for each in found}
        return [
            f"{each.id}  {each.email}  {each.role}  {states[each.id]}  {each.name}"
            for each in found
        ]

    return "\n".join(await services.database.read(work))


def _state(connection: Connection, account: Account, invited: set[str]) -> str:
    waits = account.id in invited and passwords.stored(connection, account.id) is None
    return "invited" if waits and account.state == "active" else account.state


async def role(
    services: Services,
    email: Email,
    role: Annotated[str, Parameter("The new role.")],
) -> None:
    """Give an account another role."""
    seq = await services.database.write(
        lambda c: services.accounts.set_role(c, COMMAND_LINE, _found(services, c, email), role)
    )
    await services.settled(seq)


async def disable(services: Services, email: Email) -> None:
    """Keep somebody out: their sessions end, their tokens hold no longer."""
    seq = await services.database.write(
        lambda c: services.accounts.disable(c, COMMAND_LINE, _found(services, c, email))
    )
    await services.settled(seq)


async def enable(services: Services, email: Email) -> None:
    """Let somebody in again."""
    await services.database.write(
        lambda c: services.accounts.enable(c, COMMAND_LINE, _found(services, c, email))
    )


async def reset(services: Services, email: Email) -> str:
    """Print a link by which the holder of an account chooses a new password."""
    links = _links(services)
    return await services.database.write(
        lambda c: links.reset(c, COMMAND_LINE, _found(services, c, email))
    )


def _links(services: Services) -> Links:
    settings: AccountSettings = services.settings
    return Links(services, settings, Letters(services, settings))


def _found(services: Services, connection: Connection, email: str) -> str:
    account = services.accounts.by_email(connection, email)
    if account is None:
        raise NotFound(f"There is no account {email}; `helpa user list` shows those there are.")
    return account.id


COMMANDS = (
    Command("user create", create),
    Command("user list", listed),
    Command("user role", role),
    Command("user disable", disable),
    Command("user enable", enable),
    Command("user reset", reset),
)
