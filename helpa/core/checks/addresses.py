"""How the world reaches the server, and who may say on whose behalf."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from helpa.core.checks.finding import Finding
from helpa.core.checks.installation import Installation
from helpa.core.settings import Settings


def check(installation: Installation) -> Iterator[Finding]:
    """Say whether links and addresses of clients will be right."""
    settings = installation.settings
    if settings is None:
        return
    yield _public_url(settings)
    # The setting came later than this check; a server without it trusts nobody.
    trusted: Iterable[object] = getattr(settings, "trusted_proxies", ())
    networks = [str(each) for each in trusted or ()]
    everybody = [each for each in networks if _is_everybody(each)]
    if everybody:
        yield Finding(
            "fail",
            "proxies",
            f"trusted_proxies has {', '.join(everybody)}: any client may name any address",
            "Name the addresses of your proxies alone.",
        )
    elif networks:
        yield Finding("ok", "proxies", f"trusted: {', '.join(networks)}")
    elif hasattr(settings, "trusted_proxies") and settings.public_url:
        yield Finding(
            "warn",
            "proxies",
            "trusted_proxies is empty, so all clients of a proxy count as one address",
            "If a proxy stands before this server, name its address.",
        )


def _public_url(settings: Settings) -> Finding:
    url = settings.public_url
    if url is None:
        if is_loopback(settings.host):
            return Finding("ok", "public_url", f"unset; links begin with {settings.base_url}")
        text = f"unset while host is {settings.host}; links begin with {settings.base_url}"
        return Finding("warn", "public_url", text, "Set it to what people type in a browser.")
    host = urlsplit(url).hostname or ""
    if urlsplit(url).scheme == "https" or is_loopback(host):
        return Finding("ok", "public_url", url)
    advice = "Tokens, sessions and pictures cross the net unencrypted; put TLS before it."
    return Finding("warn", "public_url", f"{url} is not https", advice)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine and no other."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_everybody(network: str) -> bool:
    try:
        return ipaddress.ip_network(network, strict=False).prefixlen == 0
    except ValueError:
        return network == "*"
