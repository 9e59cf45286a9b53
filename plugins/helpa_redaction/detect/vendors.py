"""How the keys of known vendors look, from the vendors' own documents."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Vendor:
    """How a vendor's keys look.

    Args:
        prefix: as it is written; what it may be read as is taken too.
        body: pattern of what follows, a letter.
        least: letters that must follow.
        usual: letters that do follow, so that a key is read on over the end of a line.
        name: of the vendor.
    """

    prefix: str
    body: str
    least: int
    usual: int
    name: str


WORD, UPPER = "[A-Za-z0-9|!@¢]", "[A-Z0-9a-z|@]"
DASHED, URL_SAFE = r"[A-Za-z0-9\-|!@¢~]", r"[A-Za-z0-9_\-|!@¢~]"
DOTTED, HEX = r"[A-Za-z0-9_\-|!@¢.~]", "[0-9a-fOolISFs|¢@A-F]"
UUID_LIKE = r"[0-9a-fA-FOol|@\-]"

VENDORS = (
    *(Vendor(kind, UPPER, 14, 16, "AWS") for kind in ("AKIA", "ASIA", "AROA")),
    *(Vendor(f"gh{kind}_", WORD, 28, 36, "GitHub") for kind in "pousr"),
    Vendor("github_pat_", URL_SAFE, 30, 82, "GitHub"),
    *(Vendor(f"gl{kind}-", URL_SAFE, 16, 20, "GitLab")
      for kind in ("pat", "rt", "dt", "cbt", "ptt", "ft", "imt", "soat", "oas", "agent")),
    *(Vendor(f"xox{kind}-", DASHED, 20, 50, "Slack") for kind in "abeoprs"),
    Vendor("xoxe.xox", DASHED, 20, 140, "Slack"), Vendor("xapp-", DASHED, 20, 98, "Slack"),
    *(Vendor(f"{kind}_{mode}", WORD, 14, 24, "Stripe")
      for kind in ("sk", "rk") for mode in ("live_", "test_")),
    Vendor("whsec_", WORD, 20, 32, "Stripe"), Vendor("AIza", URL_SAFE, 30, 35, "Google"),
    Vendor("ya29.", URL_SAFE, 30, 100, "Google"), Vendor("GOCSPX-", URL_SAFE, 20, 28, "Google"),
    Vendor("npm_", WORD, 28, 36, "npm"), Vendor("pypi-", URL_SAFE, 40, 160, "PyPI"),
    Vendor("SG.", DOTTED, 50, 66, "SendGrid"), Vendor("sk-ant-", URL_SAFE, 24, 100, "Anthropic"),
    *(Vendor(f"sk-{kind}-", URL_SAFE, 24, 60, "OpenAI") for kind in ("proj", "svcacct", "admin")),
    Vendor("sk-or-v1-", HEX, 40, 64, "OpenRouter"), Vendor("sk-lf-", UUID_LIKE, 30, 36, "Langfuse"),
    Vendor("sk-", WORD, 32, 48, "OpenAI"), Vendor("hf_", WORD, 28, 34, "Hugging Face"),
    Vendor("gsk_", WORD, 40, 52, "Groq"), Vendor("xai-", WORD, 60, 80, "xAI"),
    Vendor("pplx-", WORD, 40, 48, "Perplexity"), Vendor("r8_", WORD, 32, 37, "Replicate"),
    Vendor("nvapi-", URL_SAFE, 50, 64, "NVIDIA"), Vendor("lsv2_pt_", URL_SAFE, 36, 43, "LangSmith"),
    Vendor("pcsk_", URL_SAFE, 50, 70, "Pinecone"), Vendor("tvly-", URL_SAFE, 28, 32, "Tavily"),
    *(Vendor(f"do{kind}_v1_", HEX, 48, 64, "DigitalOcean") for kind in "por"),
    *(Vendor(f"shp{kind}_", HEX, 26, 32, "Shopify") for kind in ("at", "ca", "pa", "ss", "tka")),
    Vendor("glsa_", URL_SAFE, 30, 41, "Grafana"), Vendor("glc_", WORD, 32, 120, "Grafana"),
    *(Vendor(f"dckr_{kind}_", URL_SAFE, 20, 27, "Docker") for kind in ("pat", "oat")),
    Vendor("sq0csp-", URL_SAFE, 30, 43, "Square"), Vendor("sq0atp-", URL_SAFE, 20, 22, "Square"),
    Vendor("lin_api_", WORD, 28, 40, "Linear"), Vendor("ntn_", WORD, 30, 46, "Notion"),
    Vendor("secret_", WORD, 36, 43, "Notion"), Vendor("rubygems_", HEX, 40, 48, "RubyGems"),
    Vendor("key-", "[0-9a-fl|O@]", 32, 32, "Mailgun"),
    Vendor("PMAK-", r"[0-9a-f\-]", 50, 59, "Postman"),
    Vendor("AGE-SECRET-KEY-", UPPER, 40, 59, "age"), Vendor("hvs.", URL_SAFE, 24, 90, "Vault"),
    Vendor("hvb.", URL_SAFE, 80, 150, "Vault"), Vendor("dapi", HEX, 28, 32, "Databricks"),
    *(Vendor(f"NR{kind}-", UPPER, 24, 27, "New Relic") for kind in ("AK", "II", "JS", "RA")),
    *(Vendor(f"sntry{kind}_", DOTTED, 40, 64, "Sentry") for kind in "su"),
    Vendor("figd_", URL_SAFE, 30, 40, "Figma"), Vendor("pat-na1-", UUID_LIKE, 30, 36, "HubSpot"),
    Vendor("pat-eu1-", UUID_LIKE, 30, 36, "HubSpot"), Vendor("EAAG", WORD, 60, 160, "Facebook"),
    *(Vendor(f"AT{kind}TT3x", URL_SAFE, 60, 185, "Atlassian") for kind in "AC"),
    Vendor("ATBB", WORD, 28, 32, "Bitbucket"), Vendor("LTAI", WORD, 16, 20, "Alibaba Cloud"),
    Vendor("dp.pt.", WORD, 36, 43, "Doppler"), Vendor("dp.st.", DOTTED, 36, 50, "Doppler"),
    Vendor("phx_", WORD, 36, 43, "PostHog"), Vendor("pul-", HEX, 36, 40, "Pulumi"),
    Vendor("FLWSECK", URL_SAFE, 16, 36, "Flutterwave"),
    Vendor("tskey-", DASHED, 24, 50, "Tailscale"),
    Vendor("xkeysib-", DASHED, 60, 81, "Brevo"), Vendor("xsmtpsib-", DASHED, 60, 81, "Brevo"),
    Vendor("mlsn.", HEX, 56, 64, "MailerSend"), Vendor("rzp_live_", WORD, 12, 14, "Razorpay"),
    Vendor("CCIPAT_", URL_SAFE, 40, 64, "CircleCI"), Vendor("bkua_", HEX, 36, 40, "Buildkite"),
    *(Vendor(f"sq{kind}_", HEX, 36, 40, "SonarQube") for kind in "pua"),
    *(Vendor(f"pscale_{kind}_", DOTTED, 30, 43, "PlanetScale") for kind in ("tkn", "pw", "oauth")),
    Vendor("tfp_", DOTTED, 50, 59, "Typeform"), Vendor("CFPAT-", URL_SAFE, 40, 43, "Contentful"),
    Vendor("dt0c01.", DOTTED, 80, 89, "Dynatrace"), Vendor("sbp_", HEX, 36, 40, "Supabase"),
    Vendor("sgp_", HEX, 36, 40, "Sourcegraph"), Vendor("AKCp", WORD, 60, 69, "Artifactory"),
    Vendor("CLOJARS_", WORD, 50, 60, "Clojars"), Vendor("pnu_", WORD, 32, 36, "Prefect"),
    Vendor("shippo_live_", HEX, 36, 40, "Shippo"), Vendor("EZAK", WORD, 50, 54, "EasyPost"),
    Vendor("ATTA", HEX, 60, 72, "Trello"), Vendor("oy2", "[a-z0-9|@]", 40, 43, "NuGet"),
    Vendor("HRKU-", URL_SAFE, 32, 36, "Heroku"), Vendor("fo1_", URL_SAFE, 40, 43, "Fly.io"),
    Vendor("cio", WORD, 32, 32, "crates.io"),
)  # fmt: skip

EXACT = (
    (
        r"(?<![A-Za-z0-9])(?:AC|SK)(?:\s?[0-9a-fOolI|@]){32}(?![A-Za-z0-9])",
        "a key as Twilio makes them",
    ),
    (
        r"(?<![\w.:])\d{8,10}\s?[:;]\s?A\s?A(?:\s?[A-Za-z0-9_\-|!@¢~\]}é]){30,36}(?![A-Za-z0-9])",
        "a key as Telegram makes them",
    ),
    (r"(?:Account|SharedAccess)Key=[A-Za-z0-9+/|!@]{40,90}={0,2}", "a key as Azure makes them"),
    (r"(?<!\w)\w{3}\dQ[~\-][\w.~\-@]{28,36}(?!\w)", "a secret as Azure makes them"),
    (
        r"(?<!\w)[A-Za-z0-9@]{14}\s?[.,]\s?at[l1I|]asv[1lI|]\s?[.,]\s?(?:\s?[\w\-=@]){50,72}",
        "a key as Terraform makes them",
    ),
    (
        r"(?<!\w)[MNO][\w\-]{23,25}\s?\.\s?[\w\-]{6}\s?\.\s?[\w\-]{27,40}(?!\w)",
        "a key as Discord makes them",
    ),
    (
        r"(?<![\w+/=\-])(?:[A-Za-z0-9+/£|!@]\s?){82,90}(?:={1,2}|-)(?![\w+/=])",
        "a key as Azure makes them, in base64",
    ),
    (
        r"(?<=[kK]ey: )(?=(?:[a-zS ]*[2-7]){2})[a-z2-7]{4}(?: [a-z2-7SO1]{4}){3,15}(?! ?\w)",
        "a key of a second factor, in base32 and groups",
    ),
    (r"(?<!\w)re_[A-Za-z0-9@]{8}_[A-Za-z0-9@]{20,26}(?!\w)", "a key as Resend makes them"),
    (
        r"(?<!\w)pat[A-Za-z0-9@]{13,15}\s?\.\s?[0-9a-fOQIl@]{60,68}(?!\w)",
        "a key as Airtable makes them",
    ),
    (
        r"(?<![A-Za-z0-9])(?=(?:[A-Z]*[2-7]){3})[A-Z2-7]{32}(?![A-Za-z0-9])",
        "a key of a second factor, in base32",
    ),
    (
        (
            r"(?<![A-Za-z0-9] )(?<!\w)"
            r"(?=(?:[A-Za-z ]*[2-7]){3})[A-Za-z2-7]{4}(?: [A-Z2-7]{4}){3,15}(?! ?\w)"
        ),
        "a key of a second factor, in base32 and groups",
    ),
    (r"(?<=Basic )[A-Za-z0-9+/]{16,}={0,2}(?![\w+/=])", "a name and password, in base64"),
    (r"(?<!\w)[0-9a-fOl@]{32}-us\d{1,2}(?!\w)", "a key as Mailchimp makes them"),
    (r"(?<!\w)sk\.ey[\w\-]{50,120}\.[\w\-]{20,24}(?!\w)", "a key as Mapbox makes them"),
)
"""Patterns of keys that have no prefix of their own, and what is said of them."""
