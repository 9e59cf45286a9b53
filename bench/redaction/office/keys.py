"""Draws credentials: keys of well-known vendors, tokens, private keys and URLs with secrets.

None stands here whole: patterns say what is drawn at run time, as ``<a24>`` for 24 letters and
digits, ``<h32>`` for hexadecimal ones, ``<u16>`` for capitals and digits, ``<d10>`` for digits,
``<b43>`` for what URLs hold and ``<s40>`` for base64.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from random import Random
from string import ascii_letters, ascii_lowercase, digits

from bench.redaction.office import values

LETTERS = {
    "a": ascii_letters + digits,
    "l": ascii_lowercase + digits,
    "h": "0123456789abcdef",
    "u": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    "U": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "d": digits,
    "b": ascii_letters + digits + "-_",
    "s": ascii_letters + digits + "+/",
}

VENDORS = (
    ("Stripe", "STRIPE_SECRET_KEY", "sk_live_<a24>"),
    ("Stripe", "STRIPE_SECRET_KEY", "sk_live_51<a97>"),
    ("Stripe test", "STRIPE_API_KEY", "sk_test_<a24>"),
    ("Stripe restricted", "STRIPE_RESTRICTED_KEY", "rk_live_<a24>"),
    ("Stripe webhook", "STRIPE_WEBHOOK_SECRET", "whsec_<a32>"),
    ("GitHub", "GITHUB_TOKEN", "ghp_<a36>"),
    ("GitHub Actions", "GH_TOKEN", "ghs_<a36>"),
    ("GitHub OAuth", "GITHUB_OAUTH_TOKEN", "gho_<a36>"),
    ("GitHub fine-grained", "GITHUB_PAT", "github_pat_<U11><a11>_<a59>"),
    ("AWS", "AWS_ACCESS_KEY_ID", "AKIA<u16>"),
    ("AWS session", "AWS_ACCESS_KEY_ID", "ASIA<u16>"),
    ("AWS", "AWS_SECRET_ACCESS_KEY", "<s40>"),
    ("Slack bot", "SLACK_BOT_TOKEN", "xoxb-<d12>-<d13>-<a24>"),
    ("Slack user", "SLACK_USER_TOKEN", "xoxp-<d12>-<d12>-<d13>-<h32>"),
    ("Slack app", "SLACK_APP_TOKEN", "xapp-1-A<U10>-<d13>-<h64>"),
    ("Google Maps", "GOOGLE_MAPS_API_KEY", "AIza<b35>"),
    ("Google OAuth", "GOOGLE_CLIENT_SECRET", "GOCSPX-<b28>"),
    ("OpenAI", "OPENAI_API_KEY", "sk-<a20>T3BlbkFJ<a20>"),
    ("OpenAI project", "OPENAI_API_KEY", "sk-proj-<b48>"),
    ("Anthropic", "ANTHROPIC_API_KEY", "sk-ant-api03-<b93>AA"),
    ("Twilio", "TWILIO_API_KEY", "SK<h32>"),
    ("Twilio", "TWILIO_AUTH_TOKEN", "<h32>"),
    ("SendGrid", "SENDGRID_API_KEY", "SG.<b22>.<b43>"),
    ("GitLab", "GITLAB_TOKEN", "glpat-<b20>"),
    ("npm", "NPM_TOKEN", "npm_<a36>"),
    ("Telegram bot", "TELEGRAM_BOT_TOKEN", "<d10>:AA<b33>"),
    ("Mailgun", "MAILGUN_API_KEY", "key-<h32>"),
    ("Shopify", "SHOPIFY_ACCESS_TOKEN", "shpat_<h32>"),
    ("DigitalOcean", "DIGITALOCEAN_TOKEN", "dop_v1_<h64>"),
    ("Hugging Face", "HF_TOKEN", "hf_<a34>"),
    ("Docker Hub", "DOCKERHUB_TOKEN", "dckr_pat_<b27>"),
    ("Databricks", "DATABRICKS_TOKEN", "dapi<h32>"),
    ("New Relic", "NEW_RELIC_API_KEY", "NRAK-<U27>"),
    ("Linear", "LINEAR_API_KEY", "lin_api_<a40>"),
    ("Figma", "FIGMA_TOKEN", "figd_<b40>"),
    ("Vault", "VAULT_TOKEN", "hvs.<b24>"),
    ("Postman", "POSTMAN_API_KEY", "PMAK-<h24>-<h34>"),
    ("Grafana", "GRAFANA_TOKEN", "glsa_<a32>_<h8>"),
    ("Supabase", "SUPABASE_ACCESS_TOKEN", "sbp_<h40>"),
    ("Airtable", "AIRTABLE_API_KEY", "pat<a14>.<h64>"),
    ("Square", "SQUARE_ACCESS_TOKEN", "sq0atp-<b22>"),
    ("Datadog", "DD_API_KEY", "<h32>"),
    ("Cloudflare", "CLOUDFLARE_API_TOKEN", "<b40>"),
)

GENERIC = (
    ("API_KEY", "<a32>"),
    ("SECRET_KEY", "<b50>"),
    ("APP_SECRET", "<h40>"),
    ("ACCESS_TOKEN", "<a40>"),
    ("CLIENT_SECRET", "<b32>"),
    ("SESSION_SECRET", "<h64>"),
    ("ENCRYPTION_KEY", "<s43>="),
    ("INTERNAL_API_KEY", "<a36>"),
    ("AUTH_TOKEN", "<b36>"),
    ("SIGNING_SECRET", "<h32>"),
)

STORES = (
    "postgres://{user}:<a16>@db.{host}:5432/{word}",
    "postgresql://{user}:<a14>@{word}-prod.<l12>.eu-west-1.rds.amazonaws.com/{word}",
    "mysql://{user}:<a12>@mysql.{host}:3306/{word}",
    "mongodb+srv://{user}:<a16>@cluster0.<l5>.mongodb.net/{word}",
    "redis://:<a24>@cache.{host}:6379/0",
    "amqps://{user}:<b32>@rabbit.{host}/{word}",
)

URLS = (
    "https://{user}:<a16>@git.{host}/{word}/app.git",
    "https://hooks.slack.com/services/T<U8>/B<U10>/<a24>",
    "https://discord.com/api/webhooks/<d18>/<b68>",
    "https://{host}/reset-password?token=<b43>",
    "https://app.{host}/invite/accept?token=<h40>",
    "https://{host}/unsubscribe?u=<d6>&token=<a32>",
    "https://api.{host}/v2/{word}?api_key=<a32>",
    "https://maps.{host}/geocode/json?address=Leeds&key=AIza<b35>",
    "https://api.{host}/export.csv?access_token=<b40>",
    ("https://{word}.s3.eu-central-1.amazonaws.com/2024/report.pdf?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=AKIA<u16>%2F20240611%2Feu-central-1%2Fs3%2Faws4_request"
    "&X-Amz-Expires=3600&X-Amz-Signature=<h64>"),
    "https://{word}.blob.core.windows.net/backup/db.bak?sv=2022-11-02&sr=b&sp=r&sig=<a40>%3D",
    ("https://storage.googleapis.com/{word}-uploads/scan.png?GoogleAccessId={word}-sa"
    "&Expires=1718100000&Signature=<a64>%3D"),
    "https://cdn.{host}/files/contract.pdf?expires=1718100000&sig=<h40>",
)  # fmt: skip


def fill(random: Random, pattern: str) -> str:
    """Return a pattern with its characters drawn."""
    return re.sub(
        r"<(\w)(\d+)>",
        lambda m: "".join(random.choices(LETTERS[m[1]], k=int(m[2]))),
        pattern,
    )


def vendor(random: Random, longest: int = 110) -> tuple[str, str, str]:
    """Return a vendor, the variable that holds its key, and the key."""
    while True:
        name, variable, pattern = random.choice(VENDORS)
        key = fill(random, pattern)
        if len(key) <= longest and not (key[:1].isdigit() and name != "Telegram bot"):
            return name, variable, key


def prefixed(random: Random, longest: int = 110) -> tuple[str, str, str]:
    """Return one as ``vendor`` that is known by its look, without a label."""
    while True:
        name, variable, key = vendor(random, longest)
        if not {"Datadog", "Cloudflare"} & {name} and variable not in {
            "TWILIO_AUTH_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
        }:
            return name, variable, key


def generic(random: Random) -> tuple[str, str]:
    """Return a variable and a value that only its label tells to be secret."""
    variable, pattern = random.choice(GENERIC)
    return variable, fill(random, pattern)


def url(random: Random, lang: str, longest: int, patterns: Sequence[str]) -> str:
    """Return a URL that holds a secret."""
    host = values.company(random, lang)[1]
    user = random.choice(("app", "svc_billing", "readonly", "deploy", "admin"))
    word = random.choice(("orders", "billing", "inventory", "crm", "helpdesk"))
    while True:
        made = random.choice(patterns).format(user=user, host=host, word=word)
        made = fill(random, made)
        if len(made) <= longest:
            return made


def packed(facts: object) -> str:
    """Return facts as JSON in base64 for URLs."""
    raw = json.dumps(facts, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def jwt(random: Random) -> str:
    """Return a token of three parts."""
    alg, length = random.choice((("HS256", 43), ("HS256", 43), ("ES256", 86), ("RS256", 128)))
    body: dict[str, object] = {
        "sub": values.digits(random, 6),
        "iat": random.randint(1_700_000_000, 1_720_000_000),
    }
    extra = {"role": "agent", "iss": "auth", "admin": False, "scope": "read"}
    for name in random.sample(sorted(extra), random.randint(1, 3)):
        body |= {name: extra[name]}
    head = packed({"alg": alg, "typ": "JWT"})
    return f"{head}.{packed(body)}.{fill(random, f'<b{length}>')}"


def pem(random: Random, rows: int = 14) -> str:
    """Return a private key's block of lines, of no more than ``rows``."""
    kinds = (
        ("EC", 2, b"\x30\x77\x02\x01\x01\x04\x20"),
        ("", 3, b"\x30\x81\x87\x02\x01\x00\x30\x13\x06\x07"),
        ("OPENSSH", 5, b"openssh-key-v1\0\0\0\0\4none\0\0\0\4none"),
        ("RSA", 8, b"\x30\x82\x02\x5c\x02\x01\x00\x02\x81\x81\x00"),
        ("RSA", 12, b"\x30\x82\x04\xa4\x02\x01\x00\x02\x82\x01\x01\x00"),
    )
    kind, count, start = random.choice([k for k in kinds if k[1] + 2 <= rows] or [kinds[0]])
    raw = start + random.randbytes(48 * count - len(start) - random.randint(1, 20))
    body = base64.b64encode(raw).decode()
    title = f"{kind} PRIVATE KEY".strip()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return "\n".join(("-----BEGIN " + title + "-----", *lines, "-----END " + title + "-----"))
