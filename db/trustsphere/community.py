"""A community: fifty customers, their accounts, and the history of bookings that their balances follow from.

The whole bank is a row of communities that trade among themselves. Each follows from the plan and its own
number alone, so that the rows of ten million transactions need no memory: a community is played once for
its accounts and once more for its transactions. It is played in the order of time by the booking rule, so
that every balance is the sum of the completed bookings, and no floor or limit of an active account was
broken on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from db.seed import Plan
from db.trustsphere import cast
from db.trustsphere.invented import DAY, REASONS, in_rhythm

PEOPLE = 50
"""In a community; the last one may have fewer."""
EACH = 6
"""Transactions a person."""
MILLION = 1_000_000
FUNDS, LIMIT, FROZEN, DECLINED = REASONS
CURRENCIES = (("EUR", 1_083_400), ("GBP", 1_271_250), ("CHF", 1_123_500), ("JPY", 6_712), ("SGD", 741_900))
"""Foreign ones, with their rates in millionths."""


class Event(NamedTuple):
    """A transaction as it is meant: accounts by their place in the community, cents, millionths."""

    at: int
    source: int | None
    target: int | None
    amount: int
    type: str
    status: str
    fee: int = 0
    currency: str = "USD"
    rate: int = MILLION
    delay: int = 5
    """Seconds from the order to the booking."""
    reason: str = ""


@dataclass(slots=True)
class Account:
    """An account while its history is played; money in cents, moments in seconds."""

    owner: int
    kind: str
    status: str
    opened: int
    limit: int
    rate: int = 0
    minimum: int = 0
    overdraft: int = 0
    quiet: bool = False
    """Takes part in nothing but what the cast has it do."""
    balance: int = 0
    today: int = 0
    last: int = 0
    touched: int = 0
    interest: int = 0
    days: dict[int, int] = field(default_factory=dict)
    """What went out on the latest days."""

    @property
    def floor(self) -> int:
        """How low the balance may go."""
        return -self.overdraft if self.overdraft > 0 else self.minimum


@dataclass(frozen=True, slots=True)
class Person:
    """A customer or a member of staff."""

    joined: int
    part: cast.Part
    """The state that the cast or chance gave to them."""


def half_even(amount: int, rate: int) -> int:
    """Cents times millionths, rounded half-even to cents; both positive."""
    cents, rest = divmod(amount * rate, MILLION)
    return cents + (rest * 2 > MILLION or (rest * 2 == MILLION and cents % 2))


class Community:
    """One of the communities of a plan."""

    def __init__(self, plan: Plan, number: int, size: int) -> None:
        self.plan = plan
        self.number = number
        self.first = number == 0
        self.now = int(plan.now.timestamp())
        self.midnight = self.now - self.now % DAY
        self.people = list(self._people(size))
        self.accounts = list(self._accounts())

    def _random(self, of: str) -> Random:
        return self.plan.random(f"trustsphere/{of}/{self.number}")

    def _people(self, size: int) -> Iterator[Person]:
        random = self._random("people")
        for place in range(size):
            part = cast.PEOPLE.get(place) if self.first else None
            days = part.joined if part and part.joined else 20 + int(2900 * random.random() ** 1.5)
            joined = in_rhythm(self.now - days * DAY - random.randrange(DAY), self.midnight)
            yield Person(joined, part or cast.by_chance(random))

    def _accounts(self) -> Iterator[Account]:
        random = self._random("accounts")
        if self.first:
            yield from self._cast_accounts()
        for place, person in enumerate(self.people):
            if not (self.first and place in cast.WITHOUT_MORE):
                for _ in range(accounts_of(place)):
                    yield self._account(random, place, person)

    def _cast_accounts(self) -> Iterator[Account]:
        for part in cast.ACCOUNTS:
            opened = self.now - part.opened * DAY
            yield Account(
                owner=part.owner,
                kind=part.kind,
                status=part.status,
                opened=max(opened, self.people[part.owner].joined),
                limit=part.limit,
                rate=part.rate,
                minimum=part.minimum,
                overdraft=part.overdraft,
                quiet=True,
                interest=0 if part.interest_due else self.midnight - 3 * DAY,
            )

    def _account(self, random: Random, owner: int, person: Person) -> Account:
        kind = random.choices(("CHECKING", "SAVINGS", "BUSINESS"), (55, 33, 12))[0]
        status = random.choices(("ACTIVE", "FROZEN", "CLOSED"), (91, 4, 5))[0]
        opened = self.now - int((self.now - person.joined) * (0.4 + 0.6 * random.random()))
        account = Account(
            owner,
            kind,
            status,
            opened=max(in_rhythm(opened, self.midnight), person.joined),
            limit=random.choice((2, 5, 10, 10, 20)) * 100_000,
        )
        account.quiet = status == "CLOSED" or random.random() < 0.04
        if kind == "SAVINGS":
            account.rate = random.choice((0, 25, 50, 125, 210, 375))
            account.minimum = random.choice((0, 0, 2_500, 10_000))
            account.interest = self.midnight - random.choice((1, 4, 9, 16, 40)) * DAY
        else:
            account.overdraft = random.choice((0, 0, 50_000, 100_000, 250_000))
            account.limit *= 10 if kind == "BUSINESS" else 1
        return account

    def played(self) -> Iterator[Event]:
        """The history in the order of time, each event as it ended; the accounts change on the way."""
        for event in sorted(self._events(), key=lambda event: event.at):
            yield self._settle(event)

    def _events(self) -> Iterator[Event]:
        random = self._random("events")
        left = EACH * len(self.people)
        for place, account in enumerate(self.accounts):
            for event in self._openings(random, place, account):
                left -= 1
                yield event
        if self.first:
            for fields in cast.events(self.now, self.midnight):
                left -= 1
                yield Event(*fields)
        yield from self._trade(random, left)

    def _openings(self, random: Random, place: int, account: Account) -> Iterator[Event]:
        """The first deposit, and for what is closed the last withdrawal."""
        if self.first and place < len(cast.ACCOUNTS):
            amount = cast.ACCOUNTS[place].opening
        elif account.quiet and account.status == "ACTIVE":
            amount = 0
        else:
            amount = 10_000 + int(random.lognormvariate(12.4, 1.1)) * (
                12 if account.kind == "BUSINESS" else 1
            )
        if not amount:
            return
        yield Event(account.opened, None, place, amount, "DEPOSIT", "COMPLETED")
        if account.status == "CLOSED" and not (self.first and place in cast.CLOSED_WITH_BALANCE):
            closed = account.opened + (self.now - account.opened) // 2
            yield Event(closed, place, None, amount, "WITHDRAWAL", "COMPLETED")

    def _trade(self, random: Random, count: int) -> Iterator[Event]:
        """What happens every day, most of it lately."""
        able = [place for place, account in enumerate(self.accounts) if not account.quiet]
        if not able:
            return
        for _ in range(count):
            bits = random.getrandbits(64)
            source = able[bits % len(able)]
            account = self.accounts[source]
            wish = _WISHES[bits >> 8 & 63]
            age = (self.now - account.opened) * random.random() ** 3
            if wish == "PENDING":
                age = min(age, 4 * DAY * random.random() ** 3)
            moment = max(in_rhythm(self.now - int(age), self.midnight), account.opened + 1)
            yield self._event(random, bits >> 16, min(moment, self.now), source, able, wish)

    def _event(self, random: Random, bits: int, at: int, source: int, able: list[int], wish: str) -> Event:
        kind = _TYPES[bits & 31]
        amount = 100 + int(random.lognormvariate(8.6, 1.25))
        if self.accounts[source].kind == "BUSINESS":
            amount *= 10
        currency, rate = "USD", MILLION
        if bits >> 5 & 15 == 0:
            currency, rate = CURRENCIES[(bits >> 9) % len(CURRENCIES)]
            rate += (bits >> 12) % 2001 - 1000
            amount *= 150 if currency == "JPY" else 1
        fee = _FEES[bits >> 24 & 15] if kind != "DEPOSIT" else 0
        if currency != "USD":
            fee += 50 + half_even(amount, rate) // 200
        other = able[(bits >> 28) % len(able)]
        if other == source:
            kind = "WITHDRAWAL" if kind == "TRANSFER" else kind
        paid_in, paid_out = kind == "DEPOSIT", kind == "WITHDRAWAL"
        return Event(
            at,
            None if paid_in else source,
            None if paid_out else (source if paid_in else other),
            amount,
            kind,
            wish,
            min(fee, half_even(amount, rate)) if paid_in else fee,
            currency,
            rate,
            2 + (bits >> 40) % 55,
            DECLINED if wish == "FAILED" else "",
        )

    def _settle(self, event: Event) -> Event:
        """The event as it ends: booked, or failed with the reason."""
        if event.status != "COMPLETED":
            return event
        cents = half_even(event.amount, event.rate)
        done = min(event.at + event.delay, self.now)
        if event.source is not None and (reason := self._refusal(event.source, cents, event.fee, done)):
            return event._replace(status="FAILED", reason=reason)
        if event.target is not None and self._frozen(event.target, done):
            return event._replace(status="FAILED", reason=FROZEN)
        if event.source is not None:
            self._book(event.source, -(cents + event.fee), cents, done)
        if event.target is not None:
            self._book(event.target, cents - (event.fee if event.type == "DEPOSIT" else 0), 0, done)
        return event

    def _frozen(self, place: int, done: int) -> bool:
        """Accounts that are frozen now were so for three weeks."""
        account = self.accounts[place]
        return account.status == "FROZEN" and done > self.now - 21 * DAY and done > account.opened + DAY

    def _refusal(self, place: int, cents: int, fee: int, done: int) -> str:
        account = self.accounts[place]
        if self._frozen(place, done):
            return FROZEN
        closing = account.status == "CLOSED" and account.balance == cents + fee
        if account.balance - cents - fee < account.floor and not closing:
            return FUNDS
        if account.days.get(done // DAY, 0) + cents > account.limit and not closing:
            return LIMIT
        return ""

    def _book(self, place: int, change: int, spent: int, done: int) -> None:
        account = self.accounts[place]
        account.balance += change
        account.touched += 1
        account.last = max(account.last, done)
        if spent:
            day = done // DAY
            account.days = {d: s for d, s in account.days.items() if d >= day - 1}
            account.days[day] = account.days.get(day, 0) + spent
        if spent and done >= self.midnight:
            account.today += spent


_WISHES = ("COMPLETED",) * 52 + ("PENDING",) * 4 + ("FAILED",) * 4 + ("CANCELLED",) * 4
_TYPES = ("TRANSFER",) * 17 + ("WITHDRAWAL",) * 8 + ("DEPOSIT",) * 7
_FEES = (0,) * 10 + (50, 100, 150, 250, 250, 500)


def accounts_of(place: int) -> int:
    """How many accounts the person at this place of a community has, beside those of the cast."""
    return 1 + (place % 3 == 1) + (place % 7 == 3)
