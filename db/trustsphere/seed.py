"""TrustSphere's synthetic rows: a bank whose balances are the sums of its bookings, and its audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice
from random import Random
from typing import Any

from db.invent import AGENTS, addresses, bcrypt
from db.invent import PEOPLE as NAMES
from db.invent import epoch as at
from db.seed import Batch, Plan
from db.trustsphere import cast
from db.trustsphere.community import EACH, PEOPLE, Account, Community, Event, Person
from db.trustsphere.invented import DAY, DESCRIPTIONS, YEAR, hostile, identities, in_rhythm
from db.trustsphere.trail import BATCH, Population, lately, long_ago, session_of, trail

Row = tuple[Any, ...]
LEAST_PEOPLE = 40

ROLE_COLUMNS = (
    "id", "name", "description", "created_at", "updated_at", "created_by", "updated_by", "version",
)  # fmt: skip
USER_COLUMNS = (
    "id", "email", "password_hash", "full_name", "status", "failed_login_attempts", "account_locked_until",
    "password_expires_at", "last_login_at", "created_at", "updated_at", "created_by", "updated_by", "version",
)  # fmt: skip
GRANT_COLUMNS = ("user_id", "role_id", "created_at", "created_by")
ACCOUNT_COLUMNS = (
    "id", "account_number", "user_id", "account_type", "balance", "status", "interest_rate",
    "daily_transaction_limit", "daily_transaction_amount", "minimum_balance", "overdraft_limit",
    "last_transaction_at", "last_interest_calculation", "created_at", "updated_at", "created_by", "updated_by",
    "version",
)  # fmt: skip
TRANSACTION_COLUMNS = (
    "id", "source_account_id", "target_account_id", "amount", "type", "status", "description",
    "reference_number", "fee_amount", "currency", "exchange_rate", "ip_address", "user_agent", "session_id",
    "failure_reason", "timestamp", "processed_at", "created_at", "updated_at", "created_by", "updated_by",
    "version",
)  # fmt: skip
NOTIFICATION_COLUMNS = (
    "id", "user_id", "type", "title", "message", "status", "read", "sent_at", "created_at", "updated_at",
    "created_by", "updated_by", "version",
)  # fmt: skip
NOTICES = (
    ("Your statement is ready", "The statement of the last month can be read in the app."),
    ("New sign-in", "Somebody signed in from a new device. If that was not you, call us."),
    ("Payment received", "A payment arrived on your account."),
    ("Low balance", "Your balance is below the limit that you chose."),
    ("Password expires soon", "Your password expires in 14 days. Please choose a new one."),
    ("Über uns", "Neue Öffnungszeiten ab Montag."),
    ("お知らせ", "システムメンテナンスを行います。"),
)


def batches(plan: Plan) -> Iterator[Batch]:
    """Every row, tables in the order of their foreign keys; nothing that grows with the plan is kept in memory."""
    yield from Bank(plan).batches()


class Bank:
    """All communities of a plan, and the ids of what is in them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.now = int(plan.now.timestamp())
        self.people = max(LEAST_PEOPLE, plan.rows // 10)
        self.communities = -(-self.people // PEOPLE)
        self.person = identities(plan.seed, "users")
        self.account = identities(plan.seed, "accounts")
        self.role = identities(plan.seed, "roles")
        self.transaction = identities(plan.seed, "transactions")
        first, second = (len(self.community(n).accounts) for n in (0, 1))
        self.first_accounts, self.more_accounts = first, second

    def community(self, number: int) -> Community:
        """One of them, before anything happened in it."""
        left = self.people - number * PEOPLE
        return Community(self.plan, number, min(PEOPLE, left) if left > 0 else PEOPLE)

    def first_account(self, number: int) -> int:
        """How many accounts the communities before this one have."""
        return 0 if number == 0 else self.first_accounts + (number - 1) * self.more_accounts

    def all(self) -> Iterator[Community]:
        """One after the other."""
        return (self.community(number) for number in range(self.communities))

    def batches(self) -> Iterator[Batch]:
        """Every row."""
        plan = self.plan
        yield Batch("roles", ROLE_COLUMNS, list(self.roles()))
        yield from _cut("users", USER_COLUMNS, chain.from_iterable(map(self.users, self.all())))
        yield from _cut("user_roles", GRANT_COLUMNS, chain.from_iterable(map(self.grants, self.all())))
        yield from _cut("accounts", ACCOUNT_COLUMNS, chain.from_iterable(map(self.accounts, self.all())))
        for name, rows in (("transactions", self.transactions), ("transactions_archive", self.archived)):
            yield from _cut(name, TRANSACTION_COLUMNS, chain.from_iterable(map(rows, self.all())))
        population = self.population()
        yield from trail(plan, "audit_logs", plan.rows, population, lately(plan.now))
        yield from trail(plan, "audit_logs_archive", max(80, plan.rows // 10), population, long_ago(plan.now))
        yield from _cut("notifications", NOTIFICATION_COLUMNS, self.notifications())

    def population(self) -> Population:
        """Whom and what the audit trail may name."""
        last = self.communities - 1
        accounts = self.first_account(last) + len(self.community(last).accounts)
        return Population(
            self.people, accounts, EACH * self.people, self.person, self.account, self.transaction
        )

    def roles(self) -> Iterator[Row]:
        """The eight roles."""
        made = at(self.now - 9 * YEAR)
        for n, (name, description) in enumerate(cast.ROLES):
            yield self.role(n), name, description, made, made, None, None, 1

    def users(self, community: Community) -> Iterator[Row]:
        """The users of a community."""
        random = self.plan.random(f"trustsphere/users/{community.number}")
        for place, person in enumerate(community.people):
            yield self._user(random, community.number * PEOPLE + place, person)

    def _user(self, random: Random, n: int, person: Person) -> Row:
        who = random.choice(NAMES)
        name, address = who.name, who.latin
        if self.plan.hostile and n % 31 == 30:
            name = hostile(n // 31, 255)
        part, joined = person.part, person.joined
        login = None if part.login is None else max(self.now + part.login * 3600, joined)
        locked = None if part.locked is None else self.now + part.locked * 3600
        lately = self.now - random.randrange(1, 18) * 3600 if locked and locked > self.now else 0
        changed = max(joined, lately or min(self.now, joined + random.randrange(400) * DAY))
        by = self.person(0) if part.status == "SUSPENDED" else None
        return (
            self.person(n), f"{address}.{n}@example.{random.choice(('org', 'com', 'net'))}",
            bcrypt(random), name, part.status, part.attempts, _or_none(locked),
            at(self.now + part.password * 3600), _or_none(login), at(joined), at(changed), None, by,
            1 + random.randrange(9),
        )  # fmt: skip

    def grants(self, community: Community) -> Iterator[Row]:
        """Who holds which role."""
        for place, person in enumerate(community.people):
            n = community.number * PEOPLE + place
            for role in person.part.roles:
                by = None if n == 0 or (role == cast.CUSTOMER and n % 9 == 0) else self.person(0)
                late = role != cast.CUSTOMER and n % 4 == 0
                made = max(person.joined, self.now - 9 * DAY) if late else person.joined
                yield self.person(n), self.role(role), at(made), by

    def accounts(self, community: Community) -> Iterator[Row]:
        """The accounts of a community after all that happened."""
        for _ in community.played():
            pass
        first = self.first_account(community.number)
        for place, account in enumerate(community.accounts):
            yield self._account(first + place, community.number * PEOPLE + account.owner, account)

    def _account(self, n: int, owner: int, account: Account) -> Row:
        changed = max(account.last, account.opened)
        return (
            self.account(n), f"TS{(n * 70_368_760_954_881 + 31_415_926) % 10**14:014d}", self.person(owner), account.kind,
            _money(account.balance), account.status, Decimal(account.rate).scaleb(-4), _money(account.limit),
            _money(account.today), _money(account.minimum), _money(account.overdraft),
            _or_none(account.last), _or_none(account.interest if account.rate else 0), at(account.opened),
            at(changed), self.person(owner), None, 1 + account.touched,
        )  # fmt: skip

    def transactions(self, community: Community) -> Iterator[Row]:
        """The transactions of a community in the order of time."""
        random = self.plan.random(f"trustsphere/transactions/{community.number}")
        places = addresses(random, 64)
        first = EACH * PEOPLE * community.number
        for place, event in enumerate(community.played()):
            yield self._transaction(random, places, community, first + place, event)

    def _transaction(
        self, random: Random, places: list[str], community: Community, n: int, event: Event
    ) -> Row:
        bits = random.getrandbits(48)
        ends = [event.source, event.target]
        mine = next((place for place in ends if place is not None), None)
        who = None if mine is None else community.number * PEOPLE + community.accounts[mine].owner
        first = self.first_account(community.number)
        source, target = (None if place is None else self.account(first + place) for place in ends)
        made = at(event.at)
        done = None if event.status == "PENDING" else at(min(event.at + event.delay, self.now))
        description: str | None = DESCRIPTIONS[bits % len(DESCRIPTIONS)] if bits >> 8 & 7 else None
        agent, reason = AGENTS[(bits >> 24) % len(AGENTS)], event.reason or None
        if self.plan.hostile and n % 53 == 17:
            description, agent = hostile(n // 53, 500), hostile(n // 53 + 3)
            reason = reason and hostile(n // 53 + 1)
        return (
            self.transaction(n), source, target, _money(event.amount), event.type, event.status, description,
            f"TX-{made:%Y%m%d}-{n:09d}", _money(event.fee), event.currency, Decimal(event.rate).scaleb(-6),
            places[bits >> 16 & 63], agent, session_of(who or 0, event.at), reason, made, done, made, done or made,
            None if who is None else self.person(who), None, 1 if done is None else 2,
        )  # fmt: skip

    def archived(self, community: Community) -> Iterator[Row]:
        """Old transactions, whose completed ones cancel out: the live table alone still explains every balance."""
        random = self.plan.random(f"trustsphere/archive/{community.number}")
        places = addresses(random, 64)
        identity = identities(self.plan.seed, "transactions_archive")
        able = [n for n, account in enumerate(community.accounts) if account.opened < self.now - 2 * YEAR]
        for place, event in enumerate(self._old(random, community, able)):
            n = EACH * PEOPLE * community.number + place
            row = list(self._transaction(random, places, community, n, event))
            row[0], row[7] = identity(n), f"AR{row[7]}"
            yield tuple(row)

    def _old(self, random: Random, community: Community, able: list[int]) -> Iterator[Event]:
        for n in range(len(community.people) if able else 0):
            account = random.choice(able)
            opened = community.accounts[account].opened
            when = opened + int((self.now - 2 * YEAR - opened) * random.random())
            amount = 100 + int(random.lognormvariate(8.6, 1.2))
            if n % 4 == 3:
                status = random.choice(("FAILED", "CANCELLED"))
                yield Event(when, account, random.choice(able), amount, "TRANSFER", status)
            else:
                yield Event(when, None, account, amount, "DEPOSIT", "COMPLETED")
                yield Event(when + 7, account, None, amount, "WITHDRAWAL", "COMPLETED")

    def notifications(self) -> Iterator[Row]:
        """Messages to users: most of them sent, some read, a few stuck."""
        random = self.plan.random("trustsphere/notifications")
        identity = identities(self.plan.seed, "notifications")
        count = max(80, self.plan.rows // 5)
        midnight = self.now - self.now % DAY
        for n in range(count):
            age = int(400 * DAY * (1 - (n + random.random()) / count) ** 3)
            yield self._notification(random, identity(n), n, in_rhythm(self.now - age, midnight))

    def _notification(self, random: Random, identity: str, n: int, made: int) -> Row:
        bits = random.getrandbits(40)
        turn = n % 20
        status = "FAILED" if turn == 3 else "PENDING" if turn in (7, 19) else "SENT"
        title, message = NOTICES[bits % len(NOTICES)]
        if self.plan.hostile and n % 43 == 11:
            title, message = hostile(n // 43, 255), hostile(n // 43 + 2)
        sent = min(made + 1 + (bits >> 8 & 31), self.now) if status == "SENT" else None
        read = status == "SENT" and bool(bits >> 16 & 1)
        who = (bits >> 20 & 0xFFFFF) * self.people >> 20
        return (
            identity, self.person(who), ("EMAIL", "EMAIL", "SMS", "PUSH")[bits >> 4 & 3], title,
            message, status, read, _or_none(sent), at(made), at(sent or made), None, None, 1 + read,
        )  # fmt: skip


def _cut(table: str, columns: tuple[str, ...], rows: Iterator[Row]) -> Iterator[Batch]:
    """The rows in batches."""
    while batch := list(islice(rows, BATCH)):
        yield Batch(table, columns, batch)


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _or_none(second: int | None) -> datetime | None:
    """The moment; None where there is none."""
    return at(second) if second else None
