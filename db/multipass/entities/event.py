"""What people were told, and what was reported."""

from __future__ import annotations

from sqlalchemy import and_, func, select

from db.declare import entity, now, since, view
from db.figures import count_if, figure, percentage
from db.model import Column, Kind, Queue
from db.multipass.entities.shared import PERIOD, any_of, holder, tally, within
from db.multipass.tables import generated_reports, notifications, report_definitions

_n = notifications.c
_d = report_definitions.c
_r = generated_reports.c

_RETRY = Queue(since="created_at", v="retry")

_NOTIFICATION_VIEWS = (
    view("failed", "Could not be sent, the oldest first.", "created_at", _n.status == "failed", queue=_RETRY),
    view("all", "Every notification, the newest first.", "-created_at"),
    view("queued", "Not sent yet, the oldest first.", "created_at", _n.status == "queued"),
    view(
        "stuck",
        "Queued for more than an hour, the longest first.",
        "created_at",
        and_(_n.status == "queued", _n.created_at < since("stuck_notification_seconds", 3600, now)),
    ),
    view("sent", "Sent, the latest first.", "-sent_at", _n.status == "sent"),
    view(
        "unread",
        "Sent and not read, the latest first.",
        "-sent_at",
        and_(_n.status == "sent", _n.read_at.is_(None)),
    ),
    view("recent", "Of the last 24 hours.", "-created_at", _n.created_at > now(days=-1)),
)

_failed, _sent = count_if(_n.status == "failed"), count_if(_n.status == "sent")

_NOTIFICATION_FIGURES = (
    tally(
        "by-status",
        "Notifications made in the period by channel and status.",
        notifications,
        "channel",
        "status",
        where=within(_n.created_at),
        oldest="created_at",
        parameters=PERIOD,
    ),
    figure(
        "by-channel",
        "Of the notifications made in the period, how many arrived and were read, by channel.",
        select(
            _n.channel,
            func.count().label("records"),
            _sent.label("sent"),
            _failed.label("failed"),
            count_if(_n.read_at.is_not(None)).label("read"),
            percentage(_failed, _sent + _failed).label("failure_rate"),
        )
        .where(within(_n.created_at))
        .group_by(_n.channel)
        .order_by(_n.channel),
        *PERIOD,
        kinds={"failure_rate": Kind.PERCENT},
    ),
)

NOTIFICATIONS = entity(
    notifications,
    listed="created_at holder channel subject status sent_at read_at",
    groups={
        "Notification": "channel subject body",
        "State": "status created_at sent_at read_at",
        "Details": "id profile_id metadata",
    },
    computed=(holder(notifications),),
    views=_NOTIFICATION_VIEWS,
    figures=_NOTIFICATION_FIGURES,
    search="id profile_id",
    title="channel subject",
)

_DEFINITION_VIEWS = (
    view("all", "Every definition, by name.", "name"),
    view("active", "In use, by name.", "name", _d.status == "active"),
    view("archived", "Given up, by name.", "name", _d.status == "archived"),
    view("never-run", "No report was ever made of it.", "name", ~any_of(_r.definition_id == _d.id)),
)

DEFINITIONS = entity(
    report_definitions,
    listed="name description parameters status updated_at",
    groups={
        "Definition": "name description parameters query_template",
        "State": "status created_at updated_at",
        "Details": "id",
    },
    views=_DEFINITION_VIEWS,
    figures=(tally("by-status", "Definitions by status.", report_definitions, "status"),),
    search="id name",
    aliases="definitions",
    title="name",
)

_FAILED = "created_at report holder error completed_at"

_REPORT_VIEWS = (
    view(
        "failed",
        "Could not be made, the oldest first.",
        "created_at",
        _r.status == "failed",
        listed=_FAILED,
        queue=_RETRY,
    ),
    view("all", "Every report, the newest first.", "-created_at"),
    view("queued", "Not begun yet, the oldest first.", "created_at", _r.status == "queued"),
    view("running", "Being made, the oldest first.", "created_at", _r.status == "running"),
    view(
        "stuck",
        "Queued or running for more than an hour, the longest first.",
        "created_at",
        and_(
            _r.status.in_(("queued", "running")),
            _r.created_at < since("stuck_report_seconds", 3600, now),
        ),
    ),
    view("ready", "Ready, the latest first.", "-completed_at", _r.status == "ready"),
    view(
        "anchored",
        "With a hash on a chain, which is not verified here.",
        "-created_at",
        _r.chain_anchor.is_not(None),
        listed="created_at report content_hash chain_anchor status",
    ),
    view(
        "unanchored",
        "Ready, and on no chain.",
        "-completed_at",
        and_(_r.status == "ready", _r.chain_anchor.is_(None)),
    ),
    view("without-profile", "Made for nobody in particular.", "-created_at", _r.profile_id.is_(None)),
)

_REPORT_FIGURES = (
    tally(
        "by-status",
        "Reports asked for in the period by status.",
        generated_reports,
        "status",
        where=within(_r.created_at),
        oldest="created_at",
        parameters=PERIOD,
    ),
    figure(
        "by-definition",
        "Reports asked for in the period by definition, and how many of them failed.",
        select(
            _d.name.label("report"),
            func.count().label("records"),
            count_if(_r.status == "ready").label("ready"),
            count_if(_r.status == "failed").label("failed"),
            func.max(_r.completed_at).label("latest"),
        )
        .join_from(generated_reports, report_definitions, _r.definition_id == _d.id)
        .where(within(_r.created_at))
        .group_by(_d.name)
        .order_by(_d.name),
        *PERIOD,
    ),
)

_report = select(_d.name).where(_d.id == _r.definition_id).scalar_subquery()

REPORTS = entity(
    generated_reports,
    listed="created_at report holder status completed_at location",
    groups={
        "Report": "parameters location content_hash chain_anchor",
        "State": "status created_at completed_at error",
        "Details": "id definition_id profile_id",
    },
    labels={"chain_anchor": "chain anchor (not verified here)"},
    computed=(Column("report", Kind.TEXT, _report, group="Report"), holder(generated_reports)),
    views=_REPORT_VIEWS,
    figures=_REPORT_FIGURES,
    search="id profile_id definition_id",
    aliases="reports",
    title="report created_at",
)
