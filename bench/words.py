"""What the reports of the bench are about: products, people, and errors with their causes and cures."""

from __future__ import annotations

from dataclasses import dataclass

CUSTOMERS = (
    ("Acme GmbH", "ops@acme.example", "gold", "de", "Europe/Berlin"),
    ("Bergström AB", "it@bergstrom.example", "silver", "sv", "Europe/Stockholm"),
    ("Cobalt Health", "helpdesk@cobalt.example", "gold", "en", "America/Chicago"),
    ("Delta Freight", "dispatch@delta.example", "bronze", "en", "America/New_York"),
    ("Éditions Lumière", "support@lumiere.example", "silver", "fr", "Europe/Paris"),
    ("Fuji Parts 株式会社", "system@fujiparts.example", "gold", "ja", "Asia/Tokyo"),
    ("Gran Sasso Energia", "assistenza@gransasso.example", "bronze", "it", "Europe/Rome"),
    ("Harbour Council", "web@harbour.example", "bronze", "en", "Australia/Sydney"),
    ("Ibérica Seguros", "sistemas@iberica.example", "silver", "es", "Europe/Madrid"),
    ("Jutland Dairy", "drift@jutland.example", "bronze", "da", "Europe/Copenhagen"),
    ("Kestrel Bank", "servicedesk@kestrel.example", "gold", "en", "Europe/London"),
    ("Lotus Clinics", "edv@lotus.example", "silver", "de", "Europe/Vienna"),
)
CONTACTS = ("Maria Okafor", "Jens Holm", "Yuki Tanaka", "Paul O'Brien", "Zoë Marchetti", "Ravi Menon", "Ewa Nowak")
PEOPLE = tuple(
    f"{name} <{name.split()[0].lower()}@tracker.example>"
    for name in ("Ana Reyes", "Kim Lee", "Tom Weber", "Nadia Haddad", "Sven Lund", "Grace Mbeki")
)
COMPONENTS = {
    "billing-web": ("export", "invoices", "login", "search"),
    "billing-api": ("auth", "rates", "webhooks"),
    "warehouse": ("sync", "labels", "stock", "import"),
    "mobile": ("camera", "offline", "push"),
    "reporting": ("export", "scheduler", "charts"),
}
SYSTEMS = ("Windows 11 24H2", "macOS 15.3", "Ubuntu 24.04", "Android 15", "iOS 18.4")
BROWSERS = ("Firefox 141.0", "Chrome 139.0.7258.66", "Edge 139.0", "Safari 18.5")


@dataclass(frozen=True)
class Trouble:
    """One kind of error, from what the customer meets to what keeps it from coming back. `{n}` is a number."""

    title: str
    message: str
    steps: tuple[str, ...]
    expected: str
    actual: str
    consequences: str
    kind: str
    cause: str
    cure: str
    whys: tuple[str, str, str]
    ends_in: str
    measure: str


TROUBLES = (
    Trouble(
        "Export of {n} invoices stops at half",
        "EXPORT-{n}: worker terminated",
        ("Open Reports", "Choose the month and {n} invoices", "Press Export"),
        "A CSV file with all invoices is offered",
        "The bar stops at half, then a red box with the message",
        "The month-end run is blocked until we have the file",
        "code",
        "The worker keeps all {n} rows in memory and is killed at its limit",
        "Rows are written to the file as they are read",
        ("The worker was killed for its memory", "It kept every row", "No test has more than 100 rows"),
        "process",
        "A test with 100,000 rows runs on every merge",
    ),
    Trouble(
        "Log-in fails after the password was changed",
        "AUTH-401: session {n} is not valid",
        ("Change the password", "Log out", "Log in with the new password"),
        "The start page appears",
        "The log-in page comes back, with a short red message",
        "{n} colleagues cannot work since this morning",
        "config",
        "One of the nodes kept the old key because its clock was {n} seconds slow",
        "The nodes take their time from one source, and the key's age is checked",
        ("One node refused new sessions", "Its clock was slow", "Nobody is told when a clock drifts"),
        "tooling",
        "An alarm when a node's clock differs by more than one second",
    ),
    Trouble(
        "Stock shows {n} pieces after the delivery was cancelled",
        "none_shown",
        ("Enter a delivery of {n} pieces", "Cancel it the same day", "Look at the stock the day after"),
        "The stock is what it was before",
        "The stock still holds the {n} pieces",
        "We promised goods that we do not have to two shops",
        "data",
        "The nightly sum counts a cancelled delivery that was printed before",
        "The sum leaves out what was cancelled, and the past {n} days were summed again",
        ("The sum counted a cancelled delivery", "It looks at the print, not at the state", "The rule is unwritten"),
        "design",
        "A check every night that compares the sum with the count of the shelves",
    ),
    Trouble(
        "Ärger mit Umlauten: label {n} prints '�' for 'ü'",
        "LABEL-{n}: glyph not found\nfont: Helvetica\ncode point: U+00FC",
        ("Open an address with an umlaut", "Print the label"),
        "The label reads 'Müller'",
        "The label reads 'M�ller', and the parcel came back",
        "Parcels come back, {n} of them last week",
        "code",
        "The printer's font is chosen before the text is known",
        "The font is chosen for the text, and a label without a glyph is refused before it is printed",
        ("The font lacks the letter", "It is chosen too early", "Labels are tested with English names alone"),
        "process",
        "The test data has names in twelve scripts",
    ),
    Trouble(
        "The app closes when the camera is opened for the {n}th time",
        "none_shown",
        ("Open a job", "Press the camera", "Take a picture", "Do it again, {n} times or so"),
        "The camera opens",
        "The app is gone, without a word",
        "Our drivers cannot prove the state of the goods",
        "vendor",
        "The phone's library keeps a buffer for each picture, {n} MB in all",
        "The library was replaced with the maker's corrected version",
        ("The phone ended the app", "The library kept buffers", "New versions of libraries are not tried for long"),
        "policy",
        "A new library runs for a day on real phones before it is released",
    ),
    Trouble(
        "Webhook arrives {n} times",
        "HOOK-409: delivery {n} was seen before",
        ("Register a webhook", "Pay an invoice", "Look at the log of the receiver"),
        "One delivery for one payment",
        "The same delivery comes again and again, with the same number",
        "Our book-keeping has each payment {n} times",
        "infrastructure",
        "The receiver's answer is lost at the proxy after {n} ms, so the sender tries again",
        "The proxy waits longer than the sender does",
        ("The sender tried again", "The proxy cut the answer off", "Its limit is set by hand, apart from the sender's"),
        "tooling",
        "Both limits come from one file, and a test compares them",
    ),
    Trouble(
        "The scheduled report {n} is empty on the first of the month",
        "none_shown",
        ("Schedule a report for the first, 00:05", "Wait for the mail"),
        "The report of the month that has ended",
        "An empty page with the right head",
        "The board had no figures for its meeting",
        "code",
        "The month is taken from the server's clock, which is {n} minutes behind the customer's midnight",
        "The month is taken in the customer's time zone",
        ("The wrong month was asked for", "It came from the server's clock", "Time zones are left to each report"),
        "design",
        "One function gives the month, and a rule refuses any other way",
    ),
    Trouble(
        "The manual says {n} users, the page says fewer",
        "LICENCE-{n}: no seat left",
        ("Open Users", "Add one more"),
        "The user is added, as the manual says",
        "A message that no seat is left",
        "A new colleague cannot begin",
        "docs",
        "The manual tells of the old limit",
        "The manual tells of the limit that the contract has",
        ("The manual was wrong", "It was not changed with the limit", "No one owns its pages"),
        "process",
        "Each page of the manual names its owner and is read again twice a year",
    ),
)

STORY = (
    "Since this morning we see this several times an hour.",
    "Yesterday it still worked, and as far as we know nothing was changed on our side.",
    "A restart helped for some minutes, then it was back.",
    "Two colleagues in the other office see the same, one does not.",
    "I have tried another browser and another computer, with the same result.",
    "Please tell us what we can do until it is solved; we have to deliver on Friday.",
    "It happens with large files more than with small ones, but I cannot swear to it.",
    "The message is gone before I can copy it, so I typed it from a photograph.",
    "We had something like it in spring; at that time you changed a setting for us.",
    "I can show it to you on a call, any day before noon.",
)
UPDATES = (
    "Confirmed so far: the error shows with your data on our side too.\nBeing checked now: since which version.",
    "Confirmed so far: it began with the last update.\nBeing checked now: how to give you a way round it.",
    "Confirmed so far: the cause lies in one service.\nBeing checked now: a correction, on a copy of your data.",
)
ANSWERS = (
    "It happens every time, on all our machines.",
    "Thank you, that helps us over the week-end.",
    "We waited until noon as you asked. Is there any news?",
    "The version is the one I wrote; the page at the bottom says so as well.",
    "No, there was no update on our side. The proxy was changed in March.",
)
NOTES = (
    "The staging cluster was down from 9 to 10, attempts in that time say nothing.",
    "Spoke with the team of the proxy; they send their log until tonight.",
    "The customer's contact is away until Monday; the second contact answers.",
    "Same pattern in the monitoring of two other customers, see the graph of the week.",
)
