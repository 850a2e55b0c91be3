"""Notifications to users, and the schema version that the system's own migrations write."""

from __future__ import annotations

from sqlalchemy import and_, false, func, select

from db.declare import entity, naive_now, since, view
from db.figures import count_if, figure, percentage
from db.trustsphere.shared import HAND_LINKS, KEPT, audit_link, by_text, by_value, of_user
from db.trustsphere.tables import notifications, schema_version

_n = notifications.c
_STATUSES = {"SENT": "Sent."}
_CHANNELS = {"EMAIL": "By e-mail.", "SMS": "By text message.", "PUSH": "By push message."}

_VIEWS = (
    view("all", "Every notification, the newest first.", "-created_at"),
    view("pending", "Waiting to be sent, the oldest first.", "created_at", _n.status == "PENDING"),
    view("failed", "That could not be sent, the latest first.", "-created_at", _n.status == "FAILED"),
    view(
        "stuck",
        "Waiting to be sent for more than an hour, the oldest first.",
        "created_at",
        and_(_n.status == "PENDING", _n.created_at < since("notification_seconds", 3600)),
    ),
    *by_value(_n.status, _STATUSES, "-created_at"),
    view(
        "unread",
        "Sent and not read, the latest first.",
        "-created_at",
        and_(_n.status == "SENT", _n.read == false()),
    ),
    *by_value(_n.type, _CHANNELS, "-created_at"),
    view("recent", "Made within 24 hours.", "-created_at", _n.created_at > naive_now(days=-1)),
)

_BY_STATUS = figure(
    "by-status",
    "How many notifications there are in each status, and how many of them are read.",
    select(
        _n.status,
        func.count().label("notifications"),
        count_if(_n.read != false()).label("read"),
        func.min(_n.created_at).label("first"),
        func.max(_n.created_at).label("last"),
    )
    .group_by(_n.status)
    .order_by(by_text(_n.status)),
)
_FAILED = count_if(_n.status == "FAILED")
_BY_TYPE = figure(
    "by-type",
    "How many notifications go each way, and how many of them fail.",
    select(
        _n.type,
        func.count().label("notifications"),
        count_if(_n.status == "PENDING").label("pending"),
        count_if(_n.status == "SENT").label("sent"),
        _FAILED.label("failed"),
        percentage(_FAILED, func.count()).label("failed_percent"),
    )
    .group_by(_n.type)
    .order_by(by_text(_n.type)),
)

NOTIFICATIONS = entity(
    notifications,
    listed="created_at recipient type status read title sent_at",
    views=_VIEWS,
    groups={
        "Notification": "id type status read title message sent_at",
        "Recipient": "user_id recipient",
        "History": KEPT,
    },
    computed=(of_user(_n.user_id, "recipient", notifications, "Recipient"),),
    figures=(_BY_STATUS, _BY_TYPE),
    search="id user_id",
    links=(audit_link("NOTIFICATION"), *HAND_LINKS),
    aliases="notification n",
    title="title",
)

SCHEMA_VERSION = entity(
    schema_version,
    listed="version applied_at description",
    views=(view("all", "The versions of the schema that the system recorded, the last first.", "-version"),),
    aliases="schema",
    title="version",
)
