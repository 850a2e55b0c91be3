"""What every screen can do: verbs and why they are dim, reads off the event loop, history, commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from textual import events
from textual.dom import DOMNode
from textual.widget import Widget
from textual.worker import Worker

from db.errors import Unreachable, Usage
from screens import commands, keys
from screens.chrome import Chrome
from screens.commands import Listed
from screens.desk import Desk, Link, Standing
from screens.frame import PATIENCE
from screens.places import Open, Place
from screens.reading import Reading, job

if TYPE_CHECKING:
    from db.read import Cancel
    from screens.completion import Known
    from screens.prompt import Complete, Prompt

Result = TypeVar("Result")

COMMON = (
    "back", "quit", "suspend", "cancel", "command", "palette", "systems", "help", "go_back", "go_forward", "go_last",
    "refresh", "zone", "redraw", *keys.AREAS,
)  # fmt: skip
"""Verbs of every screen."""

ACROSS: Mapping[str, str] = {
    "reviews": "review", "credentials": "credentials", "ledger": "ledger", "audit": "audit",
}  # fmt: skip
"""What shows all open systems at once, and the screens that do."""
OWN: Mapping[str, str] = {"fleet": "fleet", "database": "database"}
"""What has a screen of its own for one system."""
SCREENS: Mapping[str, str] = {**ACROSS, **OWN, "verify": "checks"}
"""Where one can begin besides lists: words of the keys and of ``:``, and the screens."""


class Frame(Chrome):
    """A screen with its verbs; the others add a body, and the verbs that work in it."""

    BINDINGS = [*keys.bindings(*COMMON)]
    VERBS: tuple[str, ...] = COMMON
    """What its keys do, besides those of the widgets in it."""
    FOOTER: tuple[str, ...] = ("help", "quit")
    """The verbs whose keys the footer shows, the most useful first."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self.prompt: Prompt | None = None
        """The line to type in, once something was typed."""
        self._readings: set[Reading[Any]] = set()
        self.left = False
        """Whether the app shows another place from now on."""

    def on_mount(self) -> None:
        """Show what this screen is for, if its system is open."""
        self.show_keys()
        if self.link is not None and self.link.session is not None:
            self.arrived()

    def arrived(self) -> None:
        """The session is there: show what this screen is for."""

    def to_arm(self) -> list[Link]:
        """The systems that ``:arm`` is for: the one that is looked at."""
        return [self.link] if self.link is not None else []

    def stand_up(self) -> None:
        """Whoever is at the keyboard makes room for another one."""

    def link_changed(self, link: Link) -> None:
        """A link of the desk stands differently."""
        if not self.drawn:
            return
        self.tick()
        if link is not self.link:
            return
        if link.standing is Standing.FAILED:
            self.say(f"{link.sentence}  {keys.sign(keys.keys_of('refresh')[0])} tries again.", "error")
        elif link.standing is Standing.LOST and not link.trying:
            self.say(link.sentence, "error")
        elif link.standing is Standing.OPEN:
            self.footer.hush()
            self.arrived()
        self.show_keys()

    def run_worker(self, *given: Any, **more: Any) -> Worker[Any]:
        """Work for this screen; nothing is begun any more once another place is shown, or its widgets are gone."""
        if not self.left:
            return super().run_worker(*given, **more)
        worker: Worker[Any] = Worker(self, given[0])
        worker.cancel()
        return worker

    # Verbs

    def why_not(self, verb: str) -> str | None:
        """Why a verb does not work now; None where it does."""
        if verb in ACROSS:
            return None if any(link.session for link in self.desk.links) else "No system is open."
        if verb in keys.AREAS and verb != "overview":
            return self._why_no_area(verb)
        if verb == "cancel" and not self._readings:
            return f"Nothing is running; {keys.sign(keys.keys_of('quit')[0])} leaves the program."
        return None

    def _why_no_area(self, area: str) -> str | None:
        if self.link is None:
            return "Choose a system first."
        if self.link.session is None:
            return f"{self.link.name} is not open."
        if area != "database" and not self.link.session.system.areas.get(area):
            return f"{self.link.session.system.title} has no {area}."
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim what does not work now."""
        verb = str(parameters[0]) if action == "area" else action
        return None if verb in keys.VERBS and self.why_not(verb) else True

    def on_key(self, event: events.Key) -> None:
        """A key that does nothing now: say why."""
        for verb in keys.by_key(event.key):
            if (reason := self.why_not(verb)) and verb in self.live_verbs():
                event.stop()
                self.say(reason)

    def _nodes_with_keys(self) -> Iterable[DOMNode]:
        return self.focused.ancestors_with_self if self.focused is not None else (self,)

    def live_verbs(self) -> list[str]:
        """The verbs of what has the focus and of this screen."""
        return list(dict.fromkeys(verb for n in self._nodes_with_keys() for verb in getattr(n, "VERBS", ())))

    def press(self, verb: str) -> None:
        """Do what a verb's key does; raises Usage where it does not work now."""
        if reason := self.why_not(verb):
            raise Usage(reason)
        self.refocus()
        self.call_later(self._press, keys.VERBS[verb].action)

    async def _press(self, action: str) -> None:
        name = action.partition("(")[0]
        node = next((n for n in self._nodes_with_keys() if hasattr(n, f"action_{name}")), self)
        await self.app.run_action(action, node)

    def show_keys(self) -> None:
        """Show in the footer what works here and now."""
        if self.drawn:
            self.footer.hint((verb, not self.why_not(verb)) for verb in self.FOOTER)

    # Reading

    async def load(self, work: Callable[[Cancel], Result], link: Link | None = None) -> Result:
        """Read in a thread, cancelled on the server when nobody waits any more; raises QuaestorError.

        What takes longer than 150 ms is told in the banner. A lost connection is noted there, and mended; it
        is that of ``link``, or else of the screen's own.
        """
        reading, link = Reading(work), link or self.link
        self._readings.add(reading)
        timer = self.set_timer(PATIENCE + 0.01, self.tick)
        try:
            return await reading.result()
        except Unreachable as error:
            if link is not None:
                self.desk.lost(link, error)
            raise
        finally:
            timer.stop()
            self._readings.discard(reading)
            if reading.seconds > PATIENCE and self.drawn:
                self.tick()
            if link is not None:
                link.measured(reading.seconds)

    def tick(self) -> None:
        """Also how long a read has been running."""
        self.banner.reading_since = min((reading.began for reading in self._readings), default=None)
        for link in self.desk.links:
            if why := link.arming.ended():
                self.say(f"{why}: {link.name} is safe again.", "wait")
                self.show_keys()
        super().tick()

    def action_cancel(self) -> None:
        """Stop on the server what this screen is reading."""
        for reading in self._readings:
            reading.stop()
        self.say("Cancelling.")

    def on_unmount(self) -> None:
        """Nobody waits any more."""
        for reading in self._readings:
            reading.stop()

    def action_refresh(self) -> None:
        """Read anew; or connect, where that failed."""
        if self.link is not None and self.link.standing in (Standing.FAILED, Standing.CLOSED):
            self.app.run_worker(job(self.desk.open, self.link))

    # Going elsewhere

    def takes(self, place: Place) -> bool:
        """Whether this screen can show that place itself, without another one being made."""
        return False

    def turn_to(self, place: Place) -> None:
        """Show that place; only where ``takes`` says so."""

    def here(self) -> Place:
        """This screen and where in it one is."""
        return self.place

    def go(self, place: Place) -> None:
        """Go there; ``[`` comes back."""
        self._open(Open(place))

    def leave(self, place: Place) -> None:
        """Go there without making it a step of the history."""
        self._open(Open(place, step=False))

    def _open(self, message: Open) -> None:
        """From now on keys wait until the place is open."""
        self.desk.going = self.post_message(message)

    def action_back(self) -> None:
        """To where this was opened from."""
        place = self.desk.history.back(self.here())
        if place is None and self.place.screen == "overview":
            self.say(f"{keys.sign(keys.keys_of('quit')[0])} leaves the program.")
        else:
            self.leave(place or Place())

    def action_go_back(self) -> None:
        """The place before."""
        self._travel(self.desk.history.back(self.here()), "There is no earlier place.")

    def action_go_forward(self) -> None:
        """The place after."""
        self._travel(self.desk.history.forward(self.here()), "There is no later place.")

    def action_go_last(self) -> None:
        """The last place, and back again."""
        self._travel(self.desk.history.last(self.here()), "There is no earlier place.")

    def _travel(self, place: Place | None, otherwise: str) -> None:
        if place is None:
            self.say(otherwise)
        else:
            self.leave(place)

    def action_area(self, area: str) -> None:
        """To an area of this system; again: to its next list."""
        if area == "overview":
            self.go(Place())
        elif area in ACROSS:
            self.go(Place(ACROSS[area], self.link.name if self.link is not None else ""))
        elif self.link is not None and area in OWN:
            self.go(Place(OWN[area], self.link.name))
        elif self.link is not None and self.link.session is not None:
            paths = self.link.session.system.areas[area]
            here = "/".join(filter(None, (self.here().entity, self.here().view)))
            at = next((n for n, path in enumerate(paths) if path == here), -1)
            entity, _, view = paths[(at + 1) % len(paths)].partition("/")
            self.go(Place("list", self.link.name, entity, view))

    def action_quit(self) -> None:
        """Leave the program; it begins here the next time."""
        self.desk.at(self.here())
        self.left = True
        self.app.exit()

    def action_suspend(self) -> None:
        """Back to the shell, until ``fg``."""
        self.app.action_suspend_process()

    async def action_redraw(self) -> None:
        """Paint the screen anew."""
        await self.app.run_action("app.redraw")

    def action_zone(self) -> None:
        """UTC or the operator's own zone."""
        self.desk.set("local", "off" if self.desk.settings.local else "on")
        self.settings_changed()
        self.say("Times are local." if self.desk.settings.local else "Times are in UTC.")

    def settings_changed(self) -> None:
        """A setting is another one now: show it."""
        self.dress()
        self.tick()
        for widget in self.walk_children(Widget):
            widget.refresh()

    # Choosing and typing; what is imported here saves 12 ms of start, as nobody types before the first frame

    async def action_systems(self) -> None:
        """The open systems."""
        from screens.systems import Systems  # noqa: PLC0415 - typed at after the first frame: 12 ms in all

        await self.app.push_screen(Systems(self.desk, self.link), self._chosen_system)

    def _chosen_system(self, name: str | None) -> None:
        if name is not None:
            commands.carry_out(self, f"at {name}")

    async def action_help(self) -> None:
        """The keys that work here and now."""
        from screens.help import Help, Hint  # noqa: PLC0415 - typed at after the first frame: 12 ms in all

        own_first = sorted(self.live_verbs(), key=lambda verb: verb in (*COMMON, *keys.MOVES))
        await self.app.push_screen(Help([Hint(verb, self.why_not(verb)) for verb in own_first]))

    def known(self) -> Known:
        """What can be named on the command line."""
        from screens import completion  # noqa: PLC0415 - typed at after the first frame: 12 ms in all

        return completion.known_of(self.desk, self.link)

    def saved_views(self, entity: str) -> Mapping[str, str]:
        """The views of an entity that the operator saved."""
        return self.desk.saved_views(self.link, entity) if self.link is not None else {}

    async def ask(
        self, sign: str, text: str = "", complete: Complete | None = None, *, first: bool = False
    ) -> None:
        """Let something be typed behind a sign; ``typed`` gets it."""
        from screens.prompt import Prompt  # noqa: PLC0415 - typed at after the first frame: 12 ms in all

        if self.prompt is None:
            self.prompt = Prompt()
            await self.mount(self.prompt)
        self.prompt.ask(sign, text, complete=complete, past=self.desk.typed.get(sign, ()), first=first)

    async def action_command(self) -> None:
        """Type a command."""
        from screens import completion  # noqa: PLC0415 - typed at after the first frame: 12 ms in all

        known = self.known()
        await self.ask(":", complete=lambda text: completion.complete(known, text))

    async def action_palette(self) -> None:
        """Choose from all commands."""
        from screens import completion  # noqa: PLC0415 - typed at after the first frame: 12 ms in all

        known, verbs = self.known(), self.live_verbs()
        await self.ask(":", complete=lambda text: completion.palette(known, verbs, text), first=True)

    def set_focus(
        self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False
    ) -> None:
        """While something is typed the keys stay there: who wanted them earlier may only now be heard."""
        if self.prompt is None or not self.prompt.is_open or widget is self.prompt:
            super().set_focus(widget, scroll_visible, from_app_focus)

    def on_prompt_closed(self) -> None:
        """Nothing is typed any more."""
        if self.prompt is not None:
            self.prompt.close()
        self.refocus()

    def refocus(self) -> None:
        """Give the keys back to the body."""

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        """Do what was typed; where that cannot be, the text stays and is told what is wrong with it."""
        try:
            self.typed(message.sign, message.text)
        except Usage as error:
            if self.prompt is not None:
                self.prompt.refuse(str(error), getattr(error, "position", None))
            return
        past = self.desk.typed.setdefault(message.sign, [])
        if message.text and past[-1:] != [message.text]:
            past.append(message.text)
            del past[:-100]
        if self.drawn:
            self.on_prompt_closed()

    def typed(self, sign: str, text: str) -> None:
        """Do what was typed behind a sign; raises Usage."""
        if sign == ":":
            commands.carry_out(self, text)

    def listed(self, command: str) -> Listed:
        """The list that a command is for; raises Usage where there is none."""
        raise Usage(f":{command} works in a list.")
