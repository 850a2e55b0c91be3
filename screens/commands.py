"""What can be typed behind ``:``; what later work adds, it adds to the table at the end, by one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from db.errors import Usage, unknown
from screens import keys, permits, themes
from screens.places import Place

if TYPE_CHECKING:
    from db.model import Entity
    from screens.base import Frame


class Listed(Protocol):
    """What commands do to a list."""

    def choose_columns(self, names: list[str]) -> None:
        """Show these columns, in this order; the view's own without names; raises Usage."""

    def save_view(self, name: str) -> None:
        """Keep what is shown as a view; raises Usage."""

    def drop_view(self, name: str) -> None:
        """Forget a saved view; raises Usage."""

    def export(self, format_: str, file: str) -> None:
        """Write the whole view to a file; raises Usage."""


@dataclass(frozen=True, slots=True)
class Command:
    """Something that is typed behind ``:``."""

    name: str
    usage: str
    summary: str
    run: Callable[[Frame, str], None]
    """Does it; raises Usage."""


def carry_out(frame: Frame, text: str) -> None:
    """Do what was typed: an entity, a command, or a verb by its name; raises Usage."""
    name, _, rest = text.partition(" ")
    if not name:
        return
    path, _, view = name.partition("/")
    link = frame.link
    entities = link.session.system.entities if link is not None and link.session is not None else ()
    entity = next((e for e in entities if path in (e.name, *e.aliases)), None)
    if entity is not None:
        _open_entity(frame, entity, view, rest.strip())
    elif name in BY_NAME:
        BY_NAME[name].run(frame, rest.strip())
    elif name in keys.VERBS and name in frame.live_verbs():
        frame.press(name)
    else:
        raise unknown("command", name, [*BY_NAME, *(word for e in entities for word in (e.name, *e.aliases))])


def _open_entity(frame: Frame, entity: Entity, view: str, rest: str) -> None:
    """``payments``, ``payments failed``, ``payments /status=FAILED``, ``payments failed /amount>100``."""
    before, slash, filter_ = rest.partition("/")
    view = view or before.strip()
    names = [
        *(v.name for v in entity.views),
        *(f.name for f in entity.figures),
        *frame.saved_views(entity.name),
    ]
    if slash and not view and filter_ in names:
        view, filter_ = filter_, ""
    if view and view not in names:
        raise unknown(f"view of {entity.name}", view, names)
    at = frame.link.name if frame.link is not None else frame.place.at
    frame.go(Place("list", at, entity.name, view, filter=filter_.strip()))


def _at(frame: Frame, rest: str) -> None:
    link = frame.desk.named(rest)
    frame.go(frame.desk.kept.places.get(link.name) or Place("list", link.name))


def _tenant(frame: Frame, rest: str) -> None:
    link = frame.link
    if link is None or link.session is None:
        raise Usage("Choose a system first.")
    if not any(entity.tenant for entity in link.session.system.entities):
        raise Usage(f"{link.session.system.title} has no tenants.")
    link.choose_tenant(rest)
    frame.arrived()
    frame.tick()


def _view(frame: Frame, rest: str) -> None:
    what, _, name = rest.partition(" ")
    if what == "save":
        frame.listed("view").save_view(name.strip())
    elif what == "drop":
        frame.listed("view").drop_view(name.strip())
    else:
        raise Usage("view save NAME, or view drop NAME.")


def _columns(frame: Frame, rest: str) -> None:
    frame.listed("columns").choose_columns(rest.replace(",", " ").split())


def _export(frame: Frame, rest: str) -> None:
    format_, _, file = rest.partition(" ")
    frame.listed("export").export(format_ or "csv", file.strip())


def _set(frame: Frame, rest: str) -> None:
    name, _, value = rest.partition(" ")
    texts = frame.desk.settings.texts()
    if not name:
        frame.say("   ".join(f"{setting} {now}" for setting, now in texts.items()))
        return
    if not value and name in texts:
        raise Usage(f"{name} is {texts[name]}; set {name} VALUE changes it.")
    if name == "theme":
        themes.use(themes.load(value, *frame.desk.theme_folders))
    frame.desk.set(name, value.strip())
    frame.settings_changed()


def _overview(frame: Frame, rest: str) -> None:
    frame.go(Place())


def _timeline(frame: Frame, rest: str) -> None:
    frame.go(Place("audit", frame.link.name if frame.link is not None else "", filter=rest.lstrip("/")))


def _verify(frame: Frame, rest: str) -> None:
    frame.go(Place("checks", frame.link.name if frame.link is not None else ""))


def _who(frame: Frame, rest: str) -> None:
    if not rest:
        raise Usage(
            "who TEXT: an email, phone, DID, username, account, reference or serial number, or any id."
        )
    frame.go(Place("who", frame.link.name if frame.link is not None else "", filter=rest))


def _contain(frame: Frame, rest: str) -> None:
    if not rest:
        raise Usage("contain TEXT, as for :who; the plan is shown before anything is asked of anybody.")
    frame.go(Place("contain", frame.link.name if frame.link is not None else "", filter=rest))


def _access(frame: Frame, rest: str) -> None:
    frame.go(Place("credentials", frame.link.name if frame.link is not None else ""))


def _messages(frame: Frame, rest: str) -> None:
    # Saves 3 ms of start, as do the other popups.
    from screens.messages import Messages  # noqa: PLC0415

    frame.call_later(frame.app.push_screen, Messages(list(frame.desk.said)))


def _lock(frame: Frame, rest: str) -> None:
    frame.desk.lock()


def _quit(frame: Frame, rest: str) -> None:
    frame.press("quit")


COMMANDS = (
    Command("at", "at NAME", "look at another open system", _at),
    Command("tenant", "tenant [ID]", "see what one tenant sees; all without an id", _tenant),
    Command("view", "view save|drop NAME", "keep this filter as a view of its own, or forget one", _view),
    Command(
        "columns", "columns [NAME…]", "choose columns and their order; the view's own without names", _columns
    ),
    Command("export", "export [csv|jsonl] [FILE]", "write the whole view to a file", _export),
    Command("set", "set [NAME VALUE]", "change a setting for this run", _set),
    Command("arm", "arm TIME TICKET", "let this system be changed for a while: arm 30m OPS-7", permits.arm),
    Command("disarm", "disarm", "make this system safe again", permits.disarm),
    Command("as", "as NAME", "be another operator; only in the demo", permits.act_as),
    Command("overview", "overview", "all systems", _overview),
    Command(
        "timeline", "timeline [FILTER]", "the audit trails of all open systems on one line of time", _timeline
    ),
    Command("verify", "verify", "the ledgers, the audit rows against them, the retention rules", _verify),
    Command("who", "who TEXT", "one person in all systems: email, phone, DID, name, number or id", _who),
    Command("contain", "contain TEXT", "take all access of one person away, by two people", _contain),
    Command("access", "access", "what gives access, in all open systems", _access),
    Command("messages", "messages", "what was said in this run", _messages),
    Command("lock", "lock", "close all connections and cover the screen until you are back", _lock),
    Command("q", "q", "leave the program", _quit),
)
"""The commands."""

BY_NAME: Mapping[str, Command] = {command.name: command for command in COMMANDS}
"""The same by name."""
