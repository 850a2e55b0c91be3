"""``:arm``, ``:disarm`` and ``:as``: leave to write for a while, and who is at the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.errors import QuaestorError, Usage
from screens import arming, operators
from screens.reading import in_thread
from screens.sealed import Sealed, unseal

if TYPE_CHECKING:
    from screens.base import Frame
    from screens.desk import Link


def arm(frame: Frame, rest: str) -> None:
    """``30m OPS-7``; of several systems those that can be armed are; raises Usage."""
    links = frame.to_arm() or [_link(frame)]
    seconds, ticket = arming.asked(rest)
    closed = [operators.why_closed(link) for link in links]
    if all(closed):
        raise Usage(str(closed[0]))
    for link, reason in zip(links, closed, strict=True):
        if reason:
            frame.desk.tell(reason, "wait")
        else:
            frame.app.run_worker(_arm(frame, link, seconds, ticket), group="writes", exclusive=False)


async def _arm(frame: Frame, link: Link, seconds: float, ticket: str) -> None:
    """What earlier runs left undecided is decided first; only who can write is armed."""
    desk = frame.desk
    try:
        writer = await in_thread(lambda: operators.writer_of(link, desk.operators))
    except Sealed as sealed:
        if await unseal(frame, sealed):
            await _arm(frame, link, seconds, ticket)
        return
    except QuaestorError as error:
        desk.tell(str(error), "error")
        return
    link.arming.arm(seconds, ticket)
    who = writer.who.name or writer.who.principal
    desk.tell(f"{link.name} is armed for {seconds / 60:g} minutes, {ticket}, as {who}.", "note")
    for resolved in link.resolved:
        desk.tell(operators.told(resolved), "wait")
    link.resolved.clear()
    if frame.drawn:
        frame.tick()
        frame.show_keys()


def disarm(frame: Frame, rest: str) -> None:
    """This system is safe again; raises Usage."""
    for link in frame.to_arm() or [_link(frame)]:
        frame.say(f"{link.name} is safe again." if link.arming.disarm() else f"{link.name} was not armed.")
    frame.tick()
    frame.show_keys()


def act_as(frame: Frame, rest: str) -> None:
    """Another operator of the demo sits down; raises Usage."""
    others = frame.desk.operators.others
    if others and not rest:
        raise Usage(f"as NAME: {' or '.join(others)}; {frame.desk.operators.name} is at the keyboard.")
    if frame.desk.runs:
        raise Usage("Operations are under way; wait for them.")
    frame.stand_up()
    frame.desk.become(rest)
    frame.say(f"{rest} is at the keyboard now; every system is safe.")
    frame.tick()
    frame.arrived()


def _link(frame: Frame) -> Link:
    if frame.link is None:
        raise Usage("Choose a system first.")
    return frame.link
