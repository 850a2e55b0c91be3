"""Applications: each state of decision, status and review among the newest ones, then ordinary ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from db.envelope import NONCE_BYTES
from db.invent import AGENTS, PEOPLE, addresses, amount
from db.paymentlinker.seed import evidence
from db.paymentlinker.seed.world import DECISIONS, SSN_KEY_ID, Member, Values, World, batched
from db.paymentlinker.ssn import encrypt
from db.seed import Batch

_COLUMNS = (
    "id tenant_id status decision reviewed_by review_reason reviewed_at created_at updated_at deleted_at "
    "full_legal_name ssn_encrypted annual_income employment_status requested_limit credit_score email phone address "
    "risk_score fraud_probability identity_match confidence processing_time_ms model_version shap_explanation "
    "risk_factors identity_verification credit_report kyc_documents stripe_account_id plaid_verification_id "
    "duoplus_device_id blockchain_tx_hash ip_address user_agent device_fingerprint"
)


@dataclass(frozen=True, slots=True)
class State:
    """What has become of an application; what is None is drawn."""

    decision: str = "approved"
    status: str = "approved"
    by_hand: bool = False
    risk: int | None = None
    limit: str = ""
    fraud: int | None = None
    match: int | None = None
    confidence: int | None = None
    deleted: bool = False
    erased: bool = False
    bare: bool = False
    """Without anything that may be left out."""


_CREATED = State("", "created")
_PROCESSING = State("", "processing")
_WITHDRAWN = State("", "withdrawn")
_APPROVED = State()
_DECLINED = State("declined", "declined")
_REVIEW = State("review", "review")
_APPROVED_BY_HAND = State(by_hand=True)
_DECLINED_BY_HAND = State("declined", "declined", by_hand=True)

_STATES = (
    _CREATED,
    replace(_REVIEW, risk=655, limit="42000.00"),
    replace(_REVIEW, risk=812, limit="18250.00"),
    replace(_REVIEW, decision="manual_review", risk=590, limit="75000.00"),
    _PROCESSING,
    replace(_REVIEW, decision="refer", risk=901, limit="120000.00"),
    replace(_REVIEW, bare=True),
    replace(_DECLINED, fraud=93, risk=951),
    replace(_DECLINED, match=41, risk=720),
    replace(_APPROVED, confidence=52),
    _APPROVED_BY_HAND,
    _DECLINED_BY_HAND,
    replace(_CREATED, bare=True),
    replace(_PROCESSING, risk=480),
    _WITHDRAWN,
    replace(_DECLINED, confidence=55),
    replace(_APPROVED, limit="64000.00"),
    replace(_APPROVED, deleted=True),
    replace(_DECLINED, deleted=True, erased=True),
    replace(_APPROVED_BY_HAND, risk=830, limit="90000.00"),
    replace(_REVIEW, deleted=True),
    replace(_APPROVED, bare=True),
)
"""Each once, the newest first, spread over the later part of the time."""
_SPREAD = 40
_USUAL = {
    _APPROVED: 52,
    _DECLINED: 20,
    _REVIEW: 7,
    replace(_REVIEW, decision="manual_review"): 1,
    _APPROVED_BY_HAND: 7,
    _DECLINED_BY_HAND: 5,
    _WITHDRAWN: 3,
    _CREATED: 2,
    _PROCESSING: 2,
    replace(_APPROVED, deleted=True): 1,
}
"""The others, of a hundred."""
_WAITING_DAYS, _OPEN_DAYS = 45, 10
"""No review and nothing undecided is older."""
_SCORES = {"approved": (340, 110), "declined": (735, 110), "": (500, 160)}
"""Mean and spread of the risk score; 610 and 120 for what goes to review."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """One application in the making."""

    number: int
    id: str
    tenant: int
    created: datetime
    reviewed: datetime | None
    reviewer: Member | None
    state: State
    risk: int | None
    """None before the model has run."""
    confidence: Decimal | None

    @property
    def full(self) -> bool:
        return not (self.state.bare or self.state.erased)


def batches(world: World) -> Iterator[Batch]:
    """All of them, the oldest first; what the audit trail tells of them is remembered."""
    random = world.plan.random("applications")
    nets = addresses(random, 1024)
    return batched(
        "applications", _COLUMNS, (_row(world, random, nets, n) for n in range(world.applications))
    )


def _row(world: World, random: Random, nets: list[str], number: int) -> Values:
    draft = _draft(world, random, number)
    _remember(world, draft)
    life = _life(world, random, draft)
    return (
        *life,
        *_applicant(world, random, draft),
        *_model(random, draft),
        *_origin(world, random, draft, nets),
    )


def _draft(world: World, random: Random, number: int) -> _Draft:
    created = _created(world, number)
    state = _state(world, random, number, created)
    tenant = world.tenant_at(number, created)
    reviewer = reviewed = None
    if state.by_hand:
        reviewer = world.reviewers[tenant][number % len(world.reviewers[tenant])]
        reviewed = min(world.now, created + timedelta(seconds=300 + int(random.expovariate(1 / 14_400))))
    risk = confidence = None
    if not state.bare and (state.risk is not None or state.status != "created"):
        mean, spread = _SCORES.get(state.decision, (610, 120))
        risk = state.risk or min(999, max(1, round(random.gauss(mean, spread))))
        confidence = Decimal(state.confidence or 55 + random.randrange(44)) + Decimal(number % 100) / 100
    id_ = world.application_ids.at(number)
    return _Draft(number, id_, tenant, created, reviewed, reviewer, state, risk, confidence)


def _created(world: World, number: int) -> datetime:
    """The first few came more than seven years ago, the others as moments come."""
    old = max(4, world.applications // 100)
    if number < old:
        return world.now - timedelta(days=3200 - 600 * number / old, hours=number % 9)
    return world.moments.at((number - old + 0.5) / (world.applications - old))


def _state(world: World, random: Random, number: int, created: datetime) -> State:
    step = max(1, world.applications // _SPREAD)
    place, rest = divmod(world.applications - 1 - number, step)
    if rest == 0 and place < len(_STATES):
        return _STATES[place]
    state = random.choices(*_CHOICES)[0]
    days = (world.now - created).days
    if state.status == "review" and days > _WAITING_DAYS:
        return (_APPROVED_BY_HAND, _DECLINED_BY_HAND)[number & 1]
    return _WITHDRAWN if state.status in ("created", "processing") and days > _OPEN_DAYS else state


_CHOICES = tuple(_USUAL), tuple(_USUAL.values())


def _remember(world: World, draft: _Draft) -> None:
    world.application_tenants[draft.number] = draft.tenant
    world.decisions[draft.number] = DECISIONS.index(draft.state.decision)
    world.created.append(draft.created.timestamp())
    world.reviewed.append(draft.reviewed.timestamp() if draft.reviewed else 0.0)
    world.scores.append(-1 if draft.risk is None else draft.risk)
    world.confidences.append(-1 if draft.confidence is None else int(draft.confidence * 100))


def _life(world: World, random: Random, draft: _Draft) -> Values:
    state = draft.state
    reason = None
    if draft.reviewer:
        reasons = evidence.DECLINING if state.decision == "declined" else evidence.APPROVING
        reason = world.hostile(draft.number, 11, 5, reasons[random.randrange(3)])
    deleted = (
        min(world.now, draft.created + timedelta(days=1 + random.randrange(30))) if state.deleted else None
    )
    return (
        draft.id,
        world.tenant_ids[draft.tenant],
        state.status,
        state.decision or None,
        draft.reviewer.email if draft.reviewer else None,
        reason,
        draft.reviewed,
        draft.created,
        deleted or draft.reviewed or min(world.now, draft.created + timedelta(seconds=90)),
        deleted,
    )


def _applicant(world: World, random: Random, draft: _Draft) -> Values:
    if draft.state.erased:
        return "erased", "erased", Decimal(0), "erased", Decimal(5000), None, None, None, None
    draw = random.getrandbits(60)
    person = PEOPLE[draw % len(PEOPLE)]
    # Numbers that begin with 9 are never given to anybody.
    number = f"9{draw % 100:02}-{draw % 89 + 10}-{draw % 10_000:04}"
    nonce = random.randbytes(NONCE_BYTES)
    owner = world.tenant_ids[draft.tenant]
    limit = (
        Decimal(draft.state.limit) if draft.state.limit else min(Decimal("49999.99"), amount(random, 9_000))
    )
    full = draft.full
    return (
        world.hostile(draft.number, 29, 25, person.name, 255),
        encrypt(number, draft.id, owner, SSN_KEY_ID, world.plan.ssn_key, nonce),
        amount(random, 58_000, 0.5),
        evidence.EMPLOYMENT[draw % 7],
        None if draft.state.bare else limit,
        300 + (draw >> 7) % 551 if full else None,
        f"{person.latin}{draw % 900}@example.org" if full else None,
        f"+1 555 {draw % 10_000_000:07}" if full else None,
        evidence.ADDRESSES[draw % 210] if full else None,
    )


def _model(random: Random, draft: _Draft) -> Values:
    if draft.risk is None:
        return (None,) * 11
    state, risk = draft.state, draft.risk
    fraud = state.fraud or risk * risk // 14_000 + random.randrange(5)
    match = state.match or max(71, 96 - risk // 40 + random.randrange(4))
    draw = random.getrandbits(30)
    cents = Decimal(draw % 100) / 100
    return (
        risk,
        fraud + cents,
        match + cents,
        draft.confidence,
        40 + draw % 1800 + (draft.number % 37 == 0) * 6000,
        evidence.MODELS[min(3, draw % 4 + draft.created.year % 2)],
        *evidence.explained(random, risk),
        *((evidence.IDENTITIES[draw % 58], evidence.REPORTS[draw % 60]) if draft.full else (None, None)),
        evidence.DOCUMENTS[draw % 5] if draft.full else None,
    )


def _origin(world: World, random: Random, draft: _Draft, nets: list[str]) -> Values:
    if not draft.full:
        return (None,) * 7
    draw = random.getrandbits(60)
    number = draft.number
    device = world.external_id(world.device_for(draft.tenant, draw >> 20))
    return (
        f"acct_{draw:015x}" if draft.state.decision == "approved" else None,
        f"plaid-{draw >> 9:013x}",
        device if number % 10 < 7 else None,
        world.transaction(number) if draft.risk is not None and number % 3 == 0 else None,
        nets[draw & 1023],
        world.hostile(number, 31, 17, AGENTS[draw % len(AGENTS)]),
        f'{{"hash": "{draw:015x}", "timezone": "America/Chicago", "seen_before": {draw % 5}}}',
    )
