"""Invented people, addresses, amounts, moments and hostile texts, for the synthetic rows of every system.

Everything comes from a ``Random`` and the plan's ``now``, so that the same plan gives the same rows; what
is needed by the million comes in bulk.
"""

from __future__ import annotations

import base64
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random


@dataclass(frozen=True, slots=True)
class Person:
    """A person who does not exist."""

    given: str
    family: str
    country: str
    latin: str
    """The name as it stands in an email address: ``zoe.angstrom``."""

    @property
    def name(self) -> str:
        """In the order of the country."""
        return f"{self.family}{self.given}" if self.country in ("CN", "JP") else f"{self.given} {self.family}"


_NAMES = {
    "US": ("Alice Marcus Denise Tyrell Hannah Wyatt", "Johnson Whitfield Carter Okafor-Reed Delgado Nguyen"),
    "GB": ("Imogen Callum Priya Rhys Eleanor Desmond", "Ashworth O'Neill Patel Llewellyn Achebe Smyth-Jones"),
    "DE": (
        "Jürgen Käthe Lukas Anneliese Björn Friederike",
        "Müller Großmann Schäfer Weiß von-der-Heide Özdemir",
    ),
    "CH": ("Reto Zoë Ursina Flurin Noémie Gian", "Ängström Bünzli Caduff Favre Rüegg Bernasconi"),
    "FR": ("Hélène Benoît Maëlle François Inès Théo", "Lefèvre D'Aubigné Garçon N'Diaye Crépin Le-Goff"),
    "ES": ("Íñigo María-José Núria Álvaro Begoña Joaquín", "Muñoz García-Peña Ibáñez Puig Cañizares Ordóñez"),
    "SE": ("Åsa Björn Märta Östen Linnéa Håkan", "Sjögren Åkerström Lindqvist Öberg Hällström Nyqvist"),
    "PL": (
        "Łukasz Małgorzata Zbigniew Żaneta Grażyna Świętopełk",
        "Wójcik Łęcki Żółkiewska Dąbrowski Śliwa Zieliński",
    ),
    "TR": ("Çağlar Gülşen İbrahim Şule Ömer Işıl", "Yıldız Öztürk Çelik Şahin Güneş Kılıç"),
    "IN": ("Ravi Ananya Karthik Meenakshi Arjun Lakshmi", "Menon Iyer Chattopadhyay Singh Venkataraman Rao"),
    "NG": ("Chidi Ngozi Oluwaseun Adaeze Babatunde Ifeoma", "Oduya Adébáyò Okonkwo Ẹniọlá Nwosu Balogun"),
    "VN": ("Hương Đức Thảo Quốc Nguyệt Tuấn", "Nguyễn Trần Đặng Phạm Huỳnh Võ"),
    "BR": ("João Conceição Thiago Luíza Antônio Beatriz", "Gonçalves Araújo Sá Magalhães Brandão Falcão"),
}
_OTHER_SCRIPTS = (
    ("CN", "伟:wei 秀英:xiuying 敏:min 强:qiang", "李:li 王:wang 张:zhang 欧阳:ouyang"),
    (
        "JP",
        "さくら:sakura 健太:kenta 陽子:yoko 大輔:daisuke",
        "佐藤:sato 鈴木:suzuki 髙橋:takahashi 渡邉:watanabe",
    ),
    ("KR", "서연:seoyeon 민준:minjun 지우:jiwoo", "김:kim 박:park 최:choi"),
    ("UA", "Олена:olena Тарас:taras Ярослава:yaroslava", "Шевченко:shevchenko Коваль:koval Гнатюк:hnatiuk"),
    ("GR", "Ελένη:eleni Γιώργος:giorgos Θεοδώρα:theodora", "Παπαδόπουλος:papadopoulos Οικονόμου:oikonomou"),
    ("EG", "فاطمة:fatima محمد:mohamed نور:nour", "الشناوي:elshennawy حسين:hussein منصور:mansour"),
    ("IL", "נועה:noa איתן:eitan תמר:tamar", "כהן:cohen לוי:levi מזרחי:mizrahi"),
    ("TH", "สมชาย:somchai มาลี:malee", "ศรีสุข:srisuk วงศ์ไทย:wongthai"),
)
_UNDECOMPOSED = str.maketrans("łŁđĐıßøØ", "lLdDisoO")


def _latin(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.translate(_UNDECOMPOSED))
    return "".join(sign for sign in folded.lower() if "a" <= sign <= "z" or sign == "-")


def _people() -> tuple[Person, ...]:
    found = [
        Person(
            given,
            family.replace("-der-", " der ").replace("Le-", "Le "),
            country,
            f"{_latin(given)}.{_latin(family)}",
        )
        for country, (givens, families) in _NAMES.items()
        for given in givens.split()
        for family in families.split()
    ]
    for country, givens, families in _OTHER_SCRIPTS:
        for given, latin in (word.split(":") for word in givens.split()):
            found += [
                Person(given, family, country, f"{latin}.{romanised}")
                for family, romanised in (word.split(":") for word in families.split())
            ]
    return tuple(found)


PEOPLE = _people()
"""Every pair of a given and a family name of one culture."""

HOSTILE = (
    "\x1b[2J\x1b[1;1Happroved \x1b[31mred\x1b[0m",
    "\x1b]52;c;cm0gLXJmIH4=\x07",
    "\x1b]0;title taken\x07\x1bP+q544e\x1b\\",
    "\x9b31m C1 \x9d52;c;AAAA\x9c",
    "[@click=app.simulate_key('y')]press me[/]",
    '[/] [bold red]alert[/bold red] ["k=v"] [link=file:///etc/passwd]here[/link]',
    "\u202etxt.exe\u202c \u2066isolated\u2069 \u200fright",
    "zero\u200bwidth\u200d joined \ufeff\u2060 \u00ad",
    "Z̷̧̢͎̫̖̲̗͓̳̝̃̏̽́̍̈́͝a̴̡̛̤̰̼̝̿̾͗l̸̢̰̈́̏̑̚g̶̢̛̟̈́̐͘o̴̡͙̠͛̕",
    "漢字かな交じり文　全角スペース ㍿ 👩‍👩‍👧‍👦 🇨🇭 e\u0301",
    "ﷺ مرحبا שלום नमस्ते ไทยคำยาว",
    "=cmd|'/C calc'!A0",
    "+1+1; @SUM(A1:A9); -2+3",
    "line one\r\nline two\tand a tab\x08\x08\x08\x7f",
    "'; DROP TABLE audit_logs; --",
    "\u3164\u115f\u2800 looks empty \u034f",
    "<script>alert(1)</script> ${jndi:ldap://x} {{7*7}}",
    "x" * 5000,
)
"""Texts that a terminal, a markup parser, a spreadsheet or a shell would act on; each fits a text column."""

AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "okhttp/4.12.0",
    "python-requests/2.32.3",
)


def hexes(random: Random, octets: int, count: int) -> list[str]:
    """So many random texts of hexadecimal digits."""
    digits = random.randbytes(octets * count).hex()
    width = 2 * octets
    return [digits[at : at + width] for at in range(0, width * count, width)]


def uuids(random: Random, count: int) -> list[str]:
    """So many UUIDs of version 4 as text."""
    return [
        f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{'89ab'[int(h[16], 16) & 3]}{h[17:20]}-{h[20:]}"
        for h in hexes(random, 16, count)
    ]


class Ids:
    """UUIDs of version 4 by number: no two alike, and none that must be remembered."""

    _MASK = (1 << 122) - 1

    def __init__(self, random: Random) -> None:
        self._start = random.getrandbits(122)
        self._step = random.getrandbits(122) | 1

    def at(self, number: int) -> str:
        """The UUID of a number."""
        h = f"{(self._start + number * self._step) & self._MASK:031x}"
        return f"{h[1:9]}-{h[9:13]}-4{h[13:16]}-{'89ab'[int(h[0])]}{h[16:19]}-{h[19:]}"


def addresses(random: Random, count: int) -> list[str]:
    """So many IP addresses of the ranges that are kept for documentation, one in eight of version 6."""
    return [
        f"2001:db8:{n >> 16:x}::{n & 0xFFFF or 1:x}" if n & 7 == 0 else f"{_NETS[n % 3]}.{(n >> 8) % 254 + 1}"
        for n in (random.getrandbits(32) for _ in range(count))
    ]


_NETS = ("192.0.2", "198.51.100", "203.0.113")


def bcrypt(random: Random) -> str:
    """A text in the form of a bcrypt hash that no password has."""
    return "$2b$12$" + _letters(random, 40).replace("+", ".")[:53]


def argon2id(random: Random) -> str:
    """A text in the form of an Argon2id hash that no password has."""
    return f"$argon2id$v=19$m=65536,t=3,p=4${_letters(random, 16).rstrip('=')}${_letters(random, 32).rstrip('=')}"


def _letters(random: Random, octets: int) -> str:
    return base64.b64encode(random.randbytes(octets)).decode()


def amount(random: Random, median: float, spread: float = 0.9) -> Decimal:
    """A log-normal amount of at least a cent, to the cent."""
    return Decimal(max(1, round(random.lognormvariate(0.0, spread) * median * 100))).scaleb(-2)


_BUSY = (1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 19, 17, 15, 17, 18, 17, 15, 12, 10, 9, 8, 6, 4, 2)
"""How many of 220 events fall into each hour of a day."""
_CLOCK = (*(hour + n / weight for hour, weight in enumerate(_BUSY) for n in range(weight)), 24.0)
"""The hour at which each of them comes."""
_EVENTS = len(_CLOCK) - 1


class Moments:
    """Moments of the past: most of them recent, each day with its busy hours."""

    def __init__(self, now: datetime, days: float, skew: float = 3.0) -> None:
        self.now = now
        self.days = days
        self.skew = skew
        self._midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)

    def at(self, share: float) -> datetime:
        """The moment that this share (0 the oldest, 1 now) of all events comes before; it rises with the share."""
        age = self.days * (1.0 - share) ** self.skew
        if age < 2.0:
            return self.now - timedelta(days=age)
        whole = int(age)
        place = (1.0 + whole - age) * _EVENTS
        event = min(int(place), _EVENTS - 1)
        hour = _CLOCK[event] + (place - event) * (_CLOCK[event + 1] - _CLOCK[event])
        return self._midnight - timedelta(days=whole + 1, hours=-hour)


def epoch(seconds: float) -> datetime:
    """A moment from its seconds since 1970, aware UTC."""
    return datetime.fromtimestamp(seconds, UTC)
