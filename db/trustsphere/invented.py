"""What synthetic rows are made of: names, texts, addresses, ids and moments; no row of anybody is in here."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

DAY = 86_400
YEAR = 365 * DAY

NAMES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = tuple(
    (tuple(given.split()), tuple(family.split()))
    for given, family in (
        ("Anna Lukas Zoë Matthias Ursula Jürgen", "Ångström Müller Vögeli Kaufmann Weiß Schröder"),
        ("Chiara Matteo Giulia Lorenzo Noemi Dario", "Bianchi Esposito Rinaldi Ferrari Conti Marino"),
        ("Camille Étienne Océane Loïc Inès Benoît", "Lefèvre Rousseau Gauthier Chevalier Noël Dubois"),
        ("María José Lucía Íñigo Ximena Álvaro", "Muñoz Ibáñez Quispe Fernández Peña Echeverría"),
        ("Agnieszka Łukasz Zuzanna Wojciech Bożena Paweł", "Wiśniewska Kowalczyk Zając Wójcik Mazur Król"),
        ("Oluwaseun Ngozi Chinedu Amara Folasade Kwame", "Adeyemi Okafor Mensah Oduya Nwosu Boateng"),
        ("Priya Ravi Ananya Arjun Lakshmi Vikram", "Menon Iyer Sharma Chatterjee Reddy Patel"),
        ("Mehmet Ayşe Çağla Emre Gülşen İbrahim", "Yılmaz Öztürk Şahin Doğan Kılıç Çelik"),
        ("Siobhán Oisín Niamh Cillian Aoife Pádraig", "O’Brien Ní-Dhomhnaill Kavanagh Doyle McCarthy Byrne"),
        ("Linh Minh Thảo Quân Hương Đức", "Nguyễn Trần Phạm Lê Đặng Vũ"),
        ("Leilani Kai Moana Tane Sefina Ioane", "Kahananui Tuiasosopo Faleafa Ngata Kealoha Apatu"),
    )
)
"""Given and family names that go together."""

WRITTEN: tuple[tuple[str, str], ...] = (
    ("李伟", "li.wei"),
    ("王芳", "wang.fang"),
    ("佐藤 花子", "sato.hanako"),
    ("高橋 健", "takahashi.ken"),
    ("김민준", "kim.minjun"),
    ("이서연", "lee.seoyeon"),
    ("Наталья Соколова", "natalya.sokolova"),
    ("Дмитро Шевченко", "dmytro.shevchenko"),
    ("Ελένη Παπαδοπούλου", "eleni.papadopoulou"),
    ("نور الهاشمي", "noor.alhashimi"),
    ("דניאל כהן", "daniel.cohen"),
    ("สมชาย ใจดี", "somchai.jaidee"),
)
"""Names in their own script, and how they are written in an address."""

HOSTILE: tuple[str, ...] = (
    "\x1b[2J\x1b[H\x1b[31mAPPROVED\x1b[0m",
    "\x1b]52;c;cm0gLXJmIC8=\x07",
    "\x1b]8;;https://example.invalid/\x1b\\click\x1b]8;;\x1b\\",
    "\x9b31mC1 control\x9bm",
    "[/]boom [bold red]not bold[/bold red]",
    "[@click=app.simulate_key('v')]press me[/]",
    '{"detail": ["k=v"], "n": NaN}',
    "\u202e000.01 DSU\u202c reversed",
    "z\u0337\u0322\u031ba\u0338\u0327\u0358l\u0335\u0354\u0354g\u0336\u031d\u0331o\u0334\u0349\u0343 combining",
    "全角テキスト\u3000と 👩‍👩‍👧‍👦 🇨🇭",
    "zero\u200bwidth\u2060and\ufeffmarks \u2800\u3164",
    "line one\r\nline two\tand a tab\x08\x7f",
    "'; DROP TABLE accounts; -- \" \\",
    '=HYPERLINK("https://example.invalid/","pay")',
    "%s %(name)s {0} ${HOME} `id`",
    "A" * 300,
)
"""Texts that try to act: escape sequences, markup, direction marks, widths, formulas."""

AGENTS: tuple[str, ...] = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605",
    "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "TrustSphere/4.12 (Android 15; Pixel 8)",
    "TrustSphere/4.11 (iOS 18.1; iPhone15,2)",
    "trustsphere-batch/2.3",
    "okhttp/4.12.0",
)

DESCRIPTIONS: tuple[str, ...] = (
    "Rent", "Loyer", "Miete November", "Salary", "Lön", "Invoice 2291", "Factura 40-118", "Groceries",
    "Utilities", "Gift for Ngozi", "Refund", "Tuition", "Taxi", "家賃", "货款", "Взнос", "School trip", "Insurance",
    "Car repair", "Holiday fund", "Dentist", "Gas bill", "Donation", "Remboursement prêt", "Card settlement",
    "Supplier payment", "Freelance work", "Börsen-Sparplan", "Rückzahlung", "Vet",
)  # fmt: skip

REASONS: tuple[str, ...] = (
    "Insufficient funds",
    "Daily limit exceeded",
    "Account is frozen",
    "Declined by the bank",
)
"""Why a transaction fails."""


def hostile(n: int) -> str:
    """One of the hostile texts."""
    return HOSTILE[n % len(HOSTILE)]


def identities(seed: int, kind: str) -> Callable[[int], str]:
    """A UUID for each number from 0: always the same, never twice, and nothing to be kept in memory."""
    digest = hashlib.sha256(f"{seed}/{kind}".encode()).digest()
    factor = int.from_bytes(digest[:16], "big") | 1
    shift = int.from_bytes(digest[16:], "big")
    mask = (1 << 128) - 1

    def identity(n: int) -> str:
        text = f"{(n * factor + shift) & mask:032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"

    return identity


def name_of(random: Random) -> tuple[str, str]:
    """A full name, and the same for an e-mail address."""
    if random.random() < 0.15:
        return random.choice(WRITTEN)
    given, family = (random.choice(part) for part in random.choice(NAMES))
    return f"{given} {family}", f"{_plain(given)}.{_plain(family)}"


_LETTERS = str.maketrans({"ł": "l", "ø": "o", "ß": "ss", "đ": "d", "ı": "i", "’": "", "-": ""})


def _plain(word: str) -> str:
    """The word in the letters of an e-mail address."""
    spread = unicodedata.normalize("NFKD", word.lower().translate(_LETTERS))
    return "".join(letter for letter in spread if letter.isascii() and letter.isalpha())


def addresses(random: Random, count: int) -> list[str]:
    """Addresses of clients, one in eight of them IPv6, from the ranges kept for documentation."""
    found = []
    for n in range(count):
        bits = random.getrandbits(32)
        if n % 8 == 7:
            found.append(f"2001:db8:{bits >> 16:x}::{bits & 0xFFFF:x}")
        else:
            net = ("192.0.2", "198.51.100", "203.0.113")[bits % 3]
            found.append(f"{net}.{1 + (bits >> 8) % 254}")
    return found


_BUSY = (1, 1, 1, 1, 1, 2, 4, 8, 12, 14, 14, 13, 12, 13, 14, 13, 12, 11, 9, 7, 5, 4, 3, 2)
"""How busy each hour of a day is."""


def _warp() -> tuple[int, ...]:
    """The second of the day for each of 1440 equal shares of a day's work."""
    seconds = []
    whole = sum(_BUSY)
    for share in range(1440):
        wanted, hour = share / 1440 * whole, 0
        while wanted >= _BUSY[hour]:
            wanted -= _BUSY[hour]
            hour += 1
        seconds.append(hour * 3600 + int(wanted / _BUSY[hour] * 3600))
    return tuple(seconds)


WARP = _warp()


def in_rhythm(moment: int, today: int) -> int:
    """A second since 1970, moved within its day to where people are awake; those of today stay."""
    if moment >= today:
        return moment
    day, second = divmod(moment, DAY)
    return day * DAY + WARP[second // 60] + second % 60


def at(second: int) -> datetime:
    """The moment of a second since 1970."""
    return datetime.fromtimestamp(second, UTC)
