"""What is looked for in pictures."""

from __future__ import annotations

from collections.abc import Mapping

CATEGORIES: Mapping[str, str] = {
    "email": "e-mail addresses",
    "phone": "phone numbers",
    "card": "numbers of payment cards",
    "iban": "IBANs",
    "ip": "IP addresses",
    "url_secret": "URLs that hold a secret",
    "jwt": "JSON Web Tokens",
    "api_key": "API keys, passwords beside their label",
    "private_key": "private keys",
    "name": "names beside a label",
    "code": "QR codes and bar codes",
    "face": "faces",
}
"""Every category, in words."""
