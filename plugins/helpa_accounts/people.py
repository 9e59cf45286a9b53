"""People, teams and credentials: the routes of the API and the pages."""

from __future__ import annotations

from helpa import Route, Services
from helpa.pages import Pages
from helpa_accounts.api.account import AccountApi
from helpa_accounts.api.teams import TeamsApi
from helpa_accounts.api.users import UsersApi
from helpa_accounts.credentials import Credentials
from helpa_accounts.letters import Letters
from helpa_accounts.links import Links
from helpa_accounts.pages.audit import AuditPages
from helpa_accounts.pages.credentials import CredentialPages
from helpa_accounts.pages.teams import TeamsPage
from helpa_accounts.pages.user import UserPage
from helpa_accounts.pages.users import UsersPage
from helpa_accounts.teams import Teams
from helpa_accounts.users import Users


def routes(services: Services, pages: Pages, links: Links, letters: Letters) -> list[Route]:
    """Return the routes.

    Args:
        services: what the server offers.
        pages: renders.
        links: invites people.
        letters: knows whether there is a mail server.
    """
    users = Users(services, links, letters)
    teams = Teams(services)
    credentials = Credentials(services)
    listing = UsersPage(services, pages, users)
    return [
        *UsersApi(users).routes(),
        *TeamsApi(teams).routes(),
        *AccountApi(credentials).routes(),
        *listing.routes(),
        *UserPage(services, pages, users, teams, listing).routes(),
        *TeamsPage(pages, teams).routes(),
        *AuditPages(services, pages).routes(),
        *CredentialPages(services, pages, credentials).routes(),
    ]
