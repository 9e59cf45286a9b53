"""Finds names of people beside labels such as "Name:"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from helpa_redaction.detect.labels import above, beside, column
from helpa_redaction.detect.lines import level
from helpa_redaction.detect.page import Finding, Page
from helpa_redaction.detect.text import finding, folded, plain
from helpa_redaction.detect.words import Box, Line

LABELS = (
    "name", "full name", "first name", "last name", "surname", "family name", "given name",
    "customer", "customer name", "client", "client name",
    "contact", "contact person", "contact name", "account holder", "cardholder", "cardholder name",
    "card holder", "name on card", "holder", "owner", "requester",
    "requested by", "reporter", "reported by", "assignee", "assigned to", "assigned", "agent",
    "user", "username", "user name", "employee", "manager", "patient", "recipient", "sender",
    "attn", "bill to", "ship to", "billed to", "shipped to", "deliver to", "created by",
    "updated by", "signed by", "author", "display name", "beneficiary", "payee", "your name",
    "submitted by", "from", "to", "student", "guest", "applicant", "tenant", "member", "caller",
    "spoke with",
    "vorname", "nachname", "kunde", "kundin", "kundenname", "ansprechpartner", "ansprechpartnerin",
    "kontakt", "inhaber", "kontoinhaber", "karteninhaber", "bearbeiter", "empfänger", "absender",
    "mitarbeiter", "benutzer", "familienname", "zuständig", "gemeldet von", "vollständiger name",
    "nom", "prénom", "nom complet", "nom de famille", "client", "cliente", "contact", "titulaire",
    "destinataire", "expéditeur", "utilisateur", "responsable", "nom du client",
    "nombre", "nombre completo", "apellido", "apellidos", "cliente", "contacto", "titular",
    "usuario", "destinatario", "remitente", "responsable",
    "nome", "cognome", "nome e cognome", "contatto", "intestatario", "utente", "destinatario",
    "mittente", "referente", "nome completo", "sobrenome", "apelido", "contato", "titular",
    "usuário", "utilizador", "destinatário", "remetente", "responsável",
    "naam", "voornaam", "achternaam", "klant", "klantnaam", "contactpersoon", "houder",
    "rekeninghouder", "gebruiker", "ontvanger", "afzender", "medewerker", "volledige naam",
)  # fmt: skip

PERSONAL = frozenset(LABELS) - {
    "name", "user", "username", "user name", "owner", "from", "to", "member", "client",
    "assigned", "agent", "author", "display name", "contact", "contacto", "contatto", "kontakt",
    "contato", "customer", "cliente", "kunde", "klant", "recipient", "sender", "holder",
    "usuario", "gebruiker", "benutzer", "nom", "nome", "nombre", "naam",
}  # fmt: skip
"""Labels that are those of people even without a colon."""

PART = r"(?:[A-ZÀ-ÖØ-Þ][A-Za-zÀ-ÿ'|\-]*[a-zÀ-ÿ|]\.?|[A-ZÀ-Þ]\.|[A-ZÀ-Þ]{2,})"
BETWEEN = r"(?:von|van|de|der|den|del|della|di|da|dos|das|du|la|le|el|al|bin|ibn|zu|ten|ter|y|e)"
PERSON = re.compile(rf"{PART}(?:,?\s(?:{BETWEEN}\s){{0,2}}{PART}){{0,3}}")
CAMEL = re.compile(r"^(?!(?:Mc|Mac|De|Di|Du|La|Le|Van|Fitz)[A-Z][a-z]+$).*[a-z][A-Z]")
"""Of names of products and of columns, which begin as no name of a person does."""

TITLE = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Hr|Fr|M|Mme|Mlle|Sr|Sra|Srta|Sig|Sig\.ra|Dott|Dhr|Mevr|Dña|Don)\.?\s)+"
)

NO_NAME = frozenset(map(folded, (
    "correo", "teléfono", "dirección", "pedido", "tarjeta", "factura", "fecha", "importe", "saldo",
    "estado", "idioma", "ciudad", "país", "asunto", "empresa", "notas", "móvil", "domicilio",
    "telefon", "adresse", "bestellung", "karte", "kartennummer", "rechnung", "datum", "betrag",
    "sprache", "stadt", "land", "betreff", "firma", "notizen", "handy", "priorität", "konto",
    "courriel", "téléphone", "commande", "carte", "facture", "montant", "solde", "état", "langue",
    "ville", "pays", "sujet", "société", "portable", "priorité", "compte",
    "telefoon", "adres", "bestelling", "kaart", "kaartnummer", "factuur", "bedrag", "taal", "stad",
    "onderwerp", "bedrijf", "prioriteit", "rekening", "telefono", "indirizzo", "ordine", "fattura",
    "telefone", "endereço", "locale", "expires", "expiry", "statement", "balance", "dev", "ok",
    "swift", "organization", "organisation", "language", "timezone", "priority", "subscription",
    "telephone", "mobile", "iban", "bic", "paid", "with", "due", "bill", "ship", "tel", "fax",
    "e-mail", "mail", "city", "country", "zip", "street", "state", "title", "login", "logout",
    "the", "a", "an", "and", "not", "new", "add", "edit", "all", "any", "none", "unknown",
    "default", "production", "staging", "development", "test", "demo", "workspace", "project",
    "server", "service", "company", "corp", "inc", "gmbh", "ltd", "llc", "ag", "team", "group",
    "support", "sales", "billing", "admin", "administrator", "department", "office", "details",
    "information", "info", "number", "name", "email", "phone", "address", "id", "type", "status",
    "date", "since", "view", "open", "closed", "pending", "active", "page", "file", "folder",
    "document", "settings", "account", "via", "portal", "required", "optional", "search",
    "select", "enter", "please", "yes", "no", "english", "german", "french", "spanish", "windows",
    "mac", "linux", "chrome", "firefox", "safari", "january", "february", "march", "april", "may",
    "june", "july", "august", "september", "october", "november", "december", "monday", "tuesday",
    "wednesday", "thursday", "friday", "saturday", "sunday", "today", "yesterday", "device",
    "browser", "plan", "order", "invoice", "product", "item", "payment", "card", "bank", "user",
    "users", "customer", "customers", "client", "contact", "total", "amount", "price", "quantity",
    "version", "build", "release", "main", "master", "branch", "repository", "public", "private",
    "internal", "external", "general", "other", "us", "you", "your", "my", "our", "this", "that",
    "from", "to", "re", "fwd", "subject", "message", "reply", "note", "notes", "last", "first",
    "full", "owner", "role", "member", "manager", "engineer", "developer", "set", "unassigned",
    "nobody", "automatic", "system", "bot", "api", "key", "token", "password", "url",
)))  # fmt: skip

BEFORE = ("von", "an", "de", "para", "à", "pour", "da", "per", "van", "aan", "a")
"""Labels as long as they are marked by a colon, and words of a sentence otherwise."""

LABEL_SET = frozenset(map(folded, (*LABELS, *BEFORE)))
UNMARKED = LABEL_SET - set(map(folded, BEFORE))
COLUMNS = UNMARKED - {"from", "to"}
"""Labels without a colon, and those at the head of a column."""

FIRST = re.compile(r"[a-zà-ÿ]{3,}(?= [A-ZÀ-Þ])")
"""A first name with a small first letter."""

DOUBT = 0.8
"""How sure the reader is at most of a first letter that is taken for a capital."""

WHY = "a name beside a label for one"
SMALL = re.compile(r"(?<=[a-zà-ÿ]{3} )[cosuvwxz](?=[a-zà-ÿ]{3,}$)")
"""The first letter of a last name that looks like a small one."""

ADDRESSED = re.compile(rf"(?<![\w@.])((?:{PART}\s){{1,3}}{PART})(?=\s?[<(\[«‹][^\s@]{{2,}}@\S+\.)")
MARKED = re.compile(r"(?<![\w@.])([A-Za-zÀ-ÿ]+(?:[ ][A-Za-zÀ-ÿ]+){0,2})[\"']?\s?[:=]\s?[\"']{0,2}")


def find(page: Page) -> Iterator[Finding]:
    """Return the names of people that stand beside a label."""
    for place, line in enumerate(page.lines):
        text = _restored(line.text)
        taken = False
        for match in MARKED.finditer(text):
            if _label(match.group(1)) is None:
                continue
            found = _person(text, match.end()) or _misread(line, text, match.end())
            if found:
                taken = True
                yield finding(line, found[0], found[1], "name", _sure(found, 0.85), WHY)
        for match in ADDRESSED.finditer(text):
            found = _person(text, match.start())
            if found and found[1] == match.end(1):
                taken = True
                why = "a name before an e-mail address in brackets"
                yield finding(line, found[0], found[1], "name", _sure(found, 0.85), why)
        if taken:
            continue
        if text[:1].isalpha() and (sure := _beside(page, place)):
            found = _person(text, 0)
            if found and (found[2] > 1 or sure > 0.8) and _ends(text[found[1] :]):
                yield finding(line, found[0], found[1], "name", sure, WHY, _rest(page, place, text))
                continue
        yield from _in_table(page, place, text)


def _restored(text: str) -> str:
    """Return the text with letters of names put back that are often misread; places are kept."""
    text = SMALL.sub(lambda match: match.group().upper(), plain(text))
    text = re.sub(r"(?<=[a-zà-ÿ]{3})[06](?!\w)", "o", text)  # with an accent
    return re.sub(r"(?<![^\s\"'])\|(?=[a-zà-ÿ]{2})", "I", text)


def _misread(line: Line, text: str, at: int) -> tuple[int, int, int] | None:
    """Return a name right behind a label whose first capital has an accent that was not read so."""
    first = FIRST.match(text, at)
    if first is None or line.confidence(*first.span()) > DOUBT:
        return None
    found = _person(text[:at] + first.group().capitalize() + text[first.end() :], at)
    return found if found and found[2] > 1 else None


def _sure(found: tuple[int, int, int], most: float) -> float:
    return most if found[2] > 1 else most - 0.15


def _ends(behind: str) -> bool:
    """Return whether nothing follows a name that makes it part of a sentence."""
    return not behind.strip(" ,.()|") or bool(re.match(r"\s*[<(|·•,;–-]", behind))


def _rest(page: Page, place: int, text: str) -> tuple[Box, ...]:
    """Return the box of the last part of a name that goes on in the row beneath."""
    following = page.below.get(place)
    if following is None or len(text.split()) > 2:
        return ()
    line = page.lines[following]
    cut = (place, following) in page.cuts
    return (line.box,) if cut and re.fullmatch(PART, plain(line.text)) else ()


def _in_table(page: Page, place: int, text: str) -> Iterator[Finding]:
    """Return the name in a cell whose column has a head for names, perhaps behind a portrait."""
    line = page.lines[place]
    # What stands before it is what the reader made of a portrait or of initials.
    for skip in re.finditer(r"(?:^|\s)(?=[A-ZÀ-Þ])", text[:12]):
        at = skip.end()
        if at and re.search(r"[a-zà-ÿ]{4}", text[:at]):
            return
        found = _person(text, at)
        if found is None or (found[2] > 2 and text[at : at + 3].endswith(" ")):
            continue
        box = line.part(found[0], found[1])
        sure = _column(page, place, box.x)
        if not sure:
            continue
        second = _beneath(page, line, box) if found[2] == 1 else None
        if second is not None:
            yield finding(line, found[0], found[1], "name", sure, WHY, second[:1], second[1])
        elif found[2] > 1:
            yield finding(line, found[0], found[1], "name", sure, WHY)
        else:
            continue
        return


def _beneath(page: Page, line: Line, box: Box) -> tuple[Box, str] | None:
    """Return the last part of a name in the row beneath its first, with its text."""
    x, aside = line.box.x, 3 * line.height
    for other in page.near(x - aside, box.y, x + aside, box.y + 3 * box.h):
        down = other.box.y - box.y
        if not 0.6 * box.h < down < 3 * box.h or abs(other.box.x - line.box.x) > 3 * line.height:
            continue
        match = re.search(rf"(?:^|\s)({PART})$", plain(other.text))
        if match and match.group(1).lower() not in NO_NAME:
            second = other.part(*match.span(1))
            if abs(second.x - box.x) < 0.8 * box.h:
                return second, match.group(1)
    return None


def _column(page: Page, place: int, at: float) -> float:
    """Return how sure it is that a cell stands in a column of names."""
    for top in islice(column(page, place, at), 40):
        label = _label(top.text)
        if label is not None:
            return 0.7 if label in COLUMNS else 0.0
    return 0.0


def _beside(page: Page, place: int) -> float:
    """Return how sure a label to the left, above, or at the head of the column is one of a name."""
    for near, much in ((beside(page, place), 0.05), (above(page, place), 0.0)):
        if near is None or near is page.lines[place]:
            continue
        label = _label(near.text)
        if label is None:
            continue
        marked = plain(near.text).rstrip().endswith((":", "="))
        if marked and much == 0 and _answered(page, near):
            continue
        if not marked and label not in UNMARKED:
            continue
        return (0.85 if marked else 0.75 if label in PERSONAL else 0.65) + (much if marked else 0)
    return 0.0


def _answered(page: Page, near: Line) -> bool:
    """Return whether something stands to the right of a label, so that it is not one of below."""
    box = near.box
    behind = page.near(box.right - 2, box.y, page.width, box.bottom)
    return any(level(near, other) for other in behind if other is not near)


def _label(text: str) -> str | None:
    words = re.sub(r"[^a-z ]", " ", folded(plain(text))).split()
    for count in (3, 2, 1):
        label = " ".join(words[-count:])
        marked = len(words) == count or text.rstrip()[-1:] in ":="
        if len(words) >= count and label in LABEL_SET and marked:
            return label
    return None


def _person(text: str, at: int) -> tuple[int, int, int] | None:
    """Return where a name begins and ends, and how many parts it has."""
    if title := TITLE.match(text, at):
        at = title.end()
    match = PERSON.match(text, at)
    if match is None:
        return None
    end = match.end()
    parts = re.findall(PART, match.group())
    if re.match(r"[\w@/\\]|\(\)", text[end:]):
        return None
    for number, part in enumerate(parts):
        if folded(part).strip(".") in NO_NAME:
            if number < 2:
                return None
            parts = parts[:number]  # the next label begins there
            end = at + match.group().index(part)
            end = at + len(text[at:end].rstrip(" ,"))
            break
    low = [part.lower().strip(".") for part in parts]
    if all(len(part) < 3 for part in low) or any(map(CAMEL.match, parts)):
        return None
    behind = text[end:].split()
    if len(parts) == 1 and behind and re.match(r"[a-zà-ÿ0-9]", behind[0]):
        return None
    if all(part.isupper() for part in parts) and len(parts) == 1:
        return None
    return at, end, len(parts)
