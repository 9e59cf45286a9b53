"""Words of labels beside which names of people stand, and words that are in no name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpa_redaction.detect.text import folded, plain


def _set(*words: str) -> frozenset[str]:
    return frozenset(folded(word) for each in words for word in each.split())


OF_ALL = _set("name names nom nome nombre naam namn navn nazwa username nickname")
"""Words for a name that things have, too."""

OF_ONE_PART = _set(
    "surname forename lastname firstname vorname nachname familienname zuname prénom apellido "
    "apellidos cognome sobrenome apelido voornaam achternaam imię imig nazwisko förnamn efternamn "
    "fornavn etternavn efternavn příjmení etunimi sukunimi soyad prenume priezvisko",
)
"""Words for a part of a name, as "first name" is."""

NAMES = OF_ALL | OF_ONE_PART | _set("fullname jméno nimi név isim nume")
"""Words for a name itself; of what, another word says."""

PARTS = _set("first last given middle family maiden próprio primeiro último primer segundo")
"""What stands beside a word for a name and makes it one for a part of it."""

ROLES = _set(
    "gestor gestora patientin empfängerin absenderin mieterin inhaberin kontoinhaberin "
    "käuferin taxpayer partner pupil doctor gp foreman caretaker vermieter vermieterin "
    "verpächter steuerpflichtiger steuerpflichtige ehepartner lehrer lehrerin klassenlehrer "
    "klassenlehrerin erziehungsberechtigter hausarzt steuerberater makler bailleur preneur "
    "contribuable conjoint enseignant professeur arrendador contribuyente cónyuge profesor "
    "tutor locatore locatario contribuente coniuge insegnante docente senhorio locador "
    "contribuinte cônjuge professor verhuurder belastingplichtige docent leraar echtgenoot "
    "wynajmujący podatnik małżonek nauczyciel customer client contact holder cardholder "
    "accountholder owner requester requestor reporter assignee agent user employee manager "
    "patient recipient sender attn attention author beneficiary payee payer student guest "
    "applicant tenant member caller passenger traveller traveler organizer organiser host "
    "attendee participant invitee driver courier doctor physician teacher parent guardian "
    "supervisor approver reviewer signatory witness debtor creditor borrower subscriber buyer "
    "seller purchaser shipper consignee addressee resident landlord insured policyholder "
    "representative operator technician consultant kin spouse handler adjuster lead mentor "
    "coach advisor adviser broker dealer lawyer attorney nurse dentist therapist surgeon "
    "visitor maintainer committer contributor creator editor uploader referrer interviewer "
    "interviewee candidate instructor trainer donor renter lessee claimant nominee registrant "
    "colaborador colaboradora collaborateur collaboratore medarbejder medarbetare anställd",
    "kunde kundin kundenname ansprechpartner ansprechpartnerin kontakt kontaktperson inhaber "
    "kontoinhaber karteninhaber bearbeiter bearbeiterin sachbearbeiter empfänger absender "
    "mitarbeiter benutzer zuständig betreuer passagier fahrgast reisender gast organisator "
    "veranstalter gastgeber teilnehmer vorgesetzter vorgesetzte notfallkontakt auftraggeber "
    "zahlungsempfänger begünstigter versicherter versicherte mieter eigentümer "
    "versicherungsnehmer versicherungsnehmerin fahrer fahrerin zusteller kurier "
    "fahrzeughalter gläubiger schuldner zahler unterzeichner verfasser autor autorin arzt "
    "ärztin schüler vertreter bevollmächtigter arbeitnehmer arbeitnehmerin angestellter "
    "besucher begleiter mandant rechnungsempfänger besteller käufer verkäufer antragsteller "
    "melder",
    "cliente titulaire destinataire expéditeur utilisateur responsable passager voyageur "
    "bénéficiaire organisateur hôte interlocuteur locataire propriétaire assuré émetteur "
    "auteur médecin élève visiteur chauffeur livreur conseiller gestionnaire souscripteur "
    "preneur demandeur acheteur vendeur salarié employé invité conducteur",
    "contacto titular usuario destinatario remitente pasajero viajero organizador anfitrión "
    "huésped participante beneficiario ordenante solicitante empleado paciente inquilino "
    "asegurado autor autora médico alumno visitante chófer repartidor asesor trabajador "
    "tomador arrendatario gerente encargado comprador vendedor conductor",
    "contatto intestatario utente mittente referente passeggero viaggiatore organizzatore "
    "ospite autore medico studente visitatore autista corriere consulente lavoratore "
    "contraente conduttore partecipante ordinante richiedente dipendente paziente assicurato "
    "responsabile titolare acquirente assegnatario conducente",
    "contato usuário utilizador destinatário remetente responsável passageiro hóspede médico "
    "aluno visitante motorista estafeta consultor trabalhador tomador arrendatário "
    "beneficiário funcionário inquilino segurado",
    "klant klantnaam contactpersoon houder rekeninghouder kaarthouder gebruiker ontvanger "
    "afzender auteur huisarts leerling bezoeker chauffeur bezorger adviseur verzekeringnemer "
    "patiënt medewerker reiziger deelnemer begunstigde aanvrager werknemer huurder verzekerde "
    "leidinggevende noodcontact opdrachtgever koper verkoper bestuurder",
    "klient klienta klientka posiadacz posiadacza pasażer podróżny organizator gość uczestnik "
    "autor lekarz uczeń kierowca kurier doradca ubezpieczony ubezpieczający odbiorca odbiorcy "
    "nadawca nadawcy zleceniodawca pracownik pacjent przełożony właściciel użytkownik "
    "kontaktowa kupujący najemca",
    "kund kontohavare kontohaver passagerare mottagare modtager avsändare afsender kortinnehavare "
    "användare ägare ansvarig handläggare beställare gäst kortholder bruger ejer ansvarlig "
    "sagsbehandler gæst passager innehaver mottaker avsender bruker eier pasient saksbehandler "
    "ansatt",
    "zákazník uživatel držitel majitel pacient příjemce odesílatel vlastník řešitel zadavatel "
    "plátce zaměstnanec cestující řidič vedoucí lékař",
    "asiakas käyttäjä haltija kortinhaltija omistaja potilas vastaanottaja lähettäjä tilaaja "
    "maksaja työntekijä yhteyshenkilö matkustaja vieras lääkäri vastuuhenkilö käsittelijä",
)
"""Words for somebody."""

MANY = _set(
    "user owner member client customer contact contacto contatto kontakt contato cliente "
    "kunde klant klient klienta kund recipient sender holder usuario gebruiker benutzer agent "
    "author host organizer organiser operator manager seller buyer absender empfänger shipper "
    "consignee",
)
"""Of those what a company, a machine or an account may be, too."""

BESIDE_ROLES = _set(
    "emergency line account billing shipping card legal sales primary main secondary current "
    "person persona personne persoon osoba pessoa case ticket assigned support on direct next "
    "conta cuenta compte conto konta rachunku rekening carte carta tarjeta cartao cartão "
    "karty urgence emergencia emergenza emergência urgência contacter clients customer s new "
    "additional third second first hiring account's urgent technical policy claim claims "
    "order delivery site project store property vehicle fleet shift duty regional general "
    "senior junior deputy chief device asset tech administrative",
)
"""What stands beside a word for somebody in a label."""

BESIDE_NAMES = PARTS | _set(
    "full your display print legal complet complète "
    "completo completa famille vollständiger volledige pełne contact person on card admin tech "
    "technical administrative billing",
)
"""What stands beside a word for a name where that is one of somebody."""

LINKS = _set(
    "of the de du des la le el da do dos del della di van von der den het e i y et und and a "
    "à d l for pour para per na na's",
)

PHRASES = frozenset(folded(phrase) for phrase in (
    "requested by", "reported by", "assigned to", "assigned", "bill to", "ship to", "billed to",
    "shipped to", "deliver to", "delivered to", "sold to", "issued to", "invoice to", "created by",
    "updated by", "signed by", "submitted by", "prepared by", "approved by", "reviewed by",
    "handled by", "booked by", "ordered by", "paid by", "from", "to", "spoke with", "care of",
    "c o", "gemeldet von", "erstellt von", "zugewiesen an", "zugewiesen", "assigné à", "assigné",
    "asignado a", "assegnato a", "atribuído a", "toegewezen aan", "przypisane do", "przypisano do",
    "przypisany do", "tilldelad", "tildelt", "donneur d ordre", "lead passenger",
    "on call", "on duty",
))  # fmt: skip

BEFORE = frozenset(folded(word) for word in (
    "von", "an", "de", "para", "à", "pour", "da", "per", "van", "aan", "a", "od", "do"
))  # fmt: skip
"""Labels as long as they are marked by a colon, and words of a sentence otherwise."""

LONGEST = 4
"""Words of a label."""


def label(text: str, *, marked: bool | None = None) -> str | None:
    """Return the label that a text is, in small letters; None where it is none of a person's.

    Args:
        text: of a line, or what stands before a colon.
        marked: whether a colon follows, so that the text may have other words before the label;
            where not given the text itself says.
    """
    words = re.sub(r"[^a-zß\-øłđ ]", " ", folded(plain(text))).replace("-", " ").split()
    ends = text.rstrip()[-1:] in ":=" if marked is None else marked
    for count in range(min(LONGEST, len(words)), 0, -1):
        if count < len(words) and not ends:
            return None
        said = words[-count:]
        if count < len(words) and OF_ALL.issuperset(said) and words[-count - 1] not in LINKS:
            return None  # the name of what the word before it says
        whole = " ".join(said)
        if (
            whole in PHRASES
            or DONE.fullmatch(whole)
            or (ends and whole in BEFORE)
            or _is_label(said)
        ):
            return whole
    return None


def personal(said: str) -> bool:
    """Return whether a label is one of people even without a colon."""
    words = said.split()
    if len(words) == 1:
        return words[0] not in MANY | OF_ALL
    return said not in PHRASES


def one_part(said: str) -> bool:
    """Return whether a label is one of a first or a last name alone."""
    words = said.split()
    return OF_ONE_PART.issuperset(words) or (len(words) == 2 and not PARTS.isdisjoint(words))


def bare(said: str) -> bool:
    """Return whether a label is one without a colon, too."""
    return said not in BEFORE


def of_column(said: str) -> bool:
    """Return whether a label at the head of a column is one of names."""
    return bare(said) and said not in ("from", "to")


def _spelt(word: str) -> Iterator[str]:
    """Return a word with any one letter replaced by a sign."""
    return (f"{word[:at]}?{word[at + 1 :]}" for at in range(len(word)))


LONG = 8
"""Letters of a word from which on one of them may have been read wrongly."""

ALIKE = frozenset(each for word in ROLES if len(word) >= LONG for each in _spelt(word))


def _is_role(word: str) -> bool:
    if word.endswith("name") and word[:-4] in ROLES:
        return True  # the space between them was not seen
    return word in ROLES or (len(word) >= LONG and any(each in ALIKE for each in _spelt(word)))


DONE = re.compile(
    r"[a-z]{2,}ed by|(?:written|drawn|sent|taken|made|seen|sold) by|"
    r"(?:ge|emp|er|ver|be|ent|aus|ab|an|unter)[a-z]+(?:t|en) von|[a-zç]+[eiut]s? par|"
    r"[a-z]+(?:d|t|s|rit|ert)o por|[a-z]+(?:t|s)o da|[a-z]+(?:d|t|en) door|"
    r"[a-z]+(?:ne|te|ny|ty) przez|[a-z]+(?:d|t) av"
)
"""What somebody has done, in front of who did: "prepared by"."""


def _is_label(words: list[str]) -> bool:
    roles = sum(_is_role(word) for word in words)
    names = sum(word in NAMES for word in words)
    if not roles and not names:
        return False
    beside = BESIDE_ROLES | BESIDE_NAMES if roles else BESIDE_NAMES
    if words[-1] in LINKS or words[0] in LINKS:
        return False
    others = [w for w in words if not (_is_role(w) or w in NAMES or w in beside or w in LINKS)]
    if not others:
        return True
    # "Tax adviser name", but not "Customer number".
    sure = any(_is_role(word) and word not in MANY for word in words)
    return sure and len(others) == 1 and len(others[0]) > 2 and others[0] not in NO_NAME


COMPANY = _set(
    "retail tools works motors industries outfitters brewing roasters builders plumbing "
    "electric hotel hotels logistics dental textiles foods freight software energy energie "
    "bau industries partners consulting solutions systems studio studios labs media clinic "
    "pharmacy bakery cafe restaurant bookshop supermarket market store shop bistro garage "
    "travel airlines airways insurance capital ventures holdings trading supplies robotics "
    "analytics cycles health pharma hospital school university college institute foundation "
    "association council ministry agency avenue street road lane drive boulevard straße "
    "strasse platz weg allee gmbh ltd llc inc corp co ag lda sarl srl bv oy ab plc kg spa nv "
    "sas limited corporation limitada company bank services technologies group international "
    "hub",
)
"""Words in names of companies and of streets: a name that holds one is not that of somebody."""

NO_NAME = COMPANY | _set(
    "old laptop tablet deploy mon tue wed thu fri sat sun jan feb mar apr jun jul aug sep oct "
    "nov gross net wages salary income tax dns suffix connection cookie user-agent source "
    "destination verlauf when uk usa accept referer origin header host location recovery link "
    "gate backup copy policy claim numero número nummer numéro numer carta brand colour color "
    "correo teléfono dirección pedido tarjeta factura fecha importe saldo estado idioma "
    "ciudad país asunto empresa notas móvil domicilio telefon adresse bestellung karte "
    "kartennummer rechnung datum betrag sprache stadt land betreff firma notizen handy "
    "priorität konto courriel téléphone commande carte facture montant solde état langue "
    "ville pays sujet société portable priorité compte telefoon adres bestelling kaart "
    "kaartnummer factuur bedrag taal stad onderwerp bedrijf prioriteit rekening telefono "
    "indirizzo ordine fattura telefone endereço locale expires expiry statement balance dev "
    "ok swift organization organisation language timezone priority subscription telephone "
    "mobile iban bic paid with due bill ship tel fax e-mail mail city country zip state title "
    "login logout the a an and not new add edit all any none unknown default production "
    "staging development test demo workspace project server service team support sales "
    "billing admin administrator department office details information info number name email "
    "phone address id type status date since view open closed pending active page file folder "
    "document settings account via portal required optional search select enter please yes no "
    "english german french spanish windows mac linux chrome firefox safari january february "
    "march april may june july august september october november december monday tuesday "
    "wednesday thursday friday saturday sunday today yesterday device browser plan order "
    "invoice product item payment card user users customer customers client contact total "
    "amount price quantity version build release main master branch repository public private "
    "internal external general other us you your my our this that from to re fwd subject "
    "message reply note notes last first full owner role member manager engineer developer "
    "set unassigned nobody automatic system bot api key token password url metro press news "
    "maps webhook webhooks actions cloud console gateway web ios android desktop square court "
    "rue calle plaza suite floor am im zum zur github gitlab google docker openai stripe "
    "slack amazon aws azure microsoft apple twilio sendgrid zendesk salesforce hubspot "
    "shopify paypal cloudflare heroku vercel linear notion figma sentry datadog jira "
    "confluence trello asana dropbox zoom hugging face restricted read write access secret "
    "viewer share wlan hasło hasto haslo companies dial-in apikey mailgun nr deal deals pipeline "
    "permanent temporary full-time part-time regular morada telemóvel "
    "direccion azienda stato ruolo reparto standard premium basic pro enterprise business "
    "starter free trial checking savings visa mastercard debit credit online offline "
    "completed failed refunded succeeded processing shipped delivered cancelled unpaid "
    "overdue draft urgent low medium high critical normal europe asia africa america london "
    "paris berlin madrid rome lisbon warsaw munich vienna amsterdam brussels dublin hello hi "
    "dear thanks thank regards sincerely viele grüße freundliche cordialement saludos saluti "
    "atentamente",
)
"""Words of products, columns and sentences, with which no name begins and none goes on."""
