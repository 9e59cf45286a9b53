"""Permissions of plugins: who has them by default, who by settings, and what is refused."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from helpa.core import tokens
from helpa.core.accounts import Accounts
from helpa.core.actor import COMMAND_LINE
from helpa.core.audit.journal import Journal
from helpa.core.errors import SettingsError
from helpa.core.permissions import CORE, ROLES, Permission, Permissions, above
from plugins.workshop import Workshop
from serving import running_server

LISTENER = """
from helpa import Permission, Route, hookimpl
from starlette.responses import PlainTextResponse

async def hear(request):
    return PlainTextResponse("heard")

@hookimpl
def register_permissions():
    return [Permission("bells:ring", "ring the bells", ("ROLE",))]

@hookimpl
def register_routes(services):
    return [Route("GET", "/api/bells", hear, "PERMISSION", "Ring.")]
"""


def plugin(role: str = "helper", permission: str = "bells:ring") -> str:
    return LISTENER.replace("ROLE", role).replace("PERMISSION", permission)


def test_register_permissions_gives_the_default_roles_and_those_above_them_a_permission(
    workshop: Workshop, tmp_path: Path
) -> None:
    workshop.install("bells", plugin())
    with running_server(tmp_path / "var", plugins=workshop.plugins) as server:
        accounts = Accounts(Journal())
        statuses = {}
        for role in ("admin", *(each for each in ROLES if each != "admin")):
            member = partial(
                accounts.create, actor=COMMAND_LINE, email=f"{role}@a.org", name=role, role=role
            )
            owner = server.database.write(member).id
            given = partial(tokens.create, name="x", scopes=["bells:ring"], owner=owner)
            token = server.database.write(given).text
            with server.client(token) as client:
                statuses[role] = client.get("/api/bells").status_code
    allowed = {"helper", "agent", "moderator", "mediator", "admin"}
    assert statuses == {role: 200 if role in allowed else 403 for role in ROLES}


def test_a_route_whose_permission_nobody_registered_stops_the_start(workshop: Workshop) -> None:
    workshop.install("bells", plugin(permission="bells:rang"))
    message = workshop.refused()
    assert "'bells'" in message
    assert "nobody registered the permission 'bells:rang'" in message


def test_a_permission_that_is_taken_is_refused_and_its_owner_is_named(workshop: Workshop) -> None:
    workshop.install("bells", plugin().replace('"bells:ring", "ring', '"images:read", "ring'))
    assert "'images:read' is registered by the core already" in workshop.refused_at_once()


def test_a_role_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no role 'ringer'"):
        Permission("bells:ring", "ring", ("ringer",))
    with pytest.raises(ValueError, match="expected a name as in images:read"):
        Permission("Bells", "ring")


def test_settings_name_the_roles_of_a_permission_in_place_of_the_default_ones() -> None:
    permissions = Permissions(CORE, {"originals:read": ["moderator"]})
    having = {role for role in ROLES if "originals:read" in permissions.of(role)}
    assert having == {"moderator", "admin"}


@pytest.mark.parametrize("granted", [{"original:read": ["agent"]}, {"originals:read": ["agents"]}])
def test_settings_that_name_no_permission_or_no_role_are_refused(
    granted: dict[str, list[str]],
) -> None:
    with pytest.raises(SettingsError, match=r"permissions\.original"):
        Permissions(CORE, granted)


def test_everything_a_role_may_those_above_it_may_too() -> None:
    permissions = Permissions()
    for role in ROLES:
        for upper in above(role):
            assert permissions.of(role) <= permissions.of(upper), (role, upper)
    assert permissions.of("nobody") == frozenset()


def test_the_auditor_reads_the_log_and_no_pictures() -> None:
    of_auditor = Permissions().of("auditor")
    assert "audit:read" in of_auditor
    assert not any(name.startswith(("images:", "originals:", "links:")) for name in of_auditor)


def test_a_token_may_no_more_than_its_account() -> None:
    permissions = Permissions()
    assert permissions.effective(["admin"], "guest") == permissions.of("guest")
    assert permissions.effective(["images:read", "originals:read"], "member") == {"images:read"}
    assert permissions.effective(["audit:read"], "admin") == {"audit:read"}


PERSONAL = """
from helpa import PersonalData, hookimpl

@hookimpl
def register_personal_data(services):
    return [PersonalData("NAME", lambda c, account: {"account": account}, lambda c, account: None)]
"""


def test_register_personal_data_refuses_a_name_that_is_taken(workshop: Workshop) -> None:
    workshop.install("bells", PERSONAL.replace("NAME", "rings"))
    workshop.install("gongs", PERSONAL.replace("NAME", "rings"))
    assert "'rings' is registered by 'bells' already" in workshop.refused()


def test_register_personal_data_refuses_what_is_none(workshop: Workshop) -> None:
    workshop.install(
        "bells",
        PERSONAL.replace("PersonalData(", "dict(x=").replace(
            '"NAME", lambda c, account: {"account": account}, lambda c, account: None', "1"
        ),
    )
    assert "is no PersonalData" in workshop.refused()
