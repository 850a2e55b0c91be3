"""What is typed at a list: filters, patterns, columns, saved views, exports."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import work

from db.errors import Cancelled, QuaestorError, Usage, unknown
from db.model import Figure
from screens import asking, later
from screens.asking import Asked
from screens.beside import Beside
from screens.commands import Listed
from screens.pages import distinct, session_of
from screens.places import Place

if TYPE_CHECKING:
    from screens.completion import Known
    from screens.export import Export
    from screens.prompt import Choices


class Typed(Beside):
    """A list that filters, commands and patterns are typed at."""

    asked: Asked | None = None
    """What is shown; None until the system is open."""
    anyway = False
    """Whether what no index serves is read, because it was asked for twice."""
    _warned = ""

    def show_tabs(self) -> None:
        """Say what is shown."""

    def listed(self, command: str) -> Listed:
        """This list; raises Usage where nothing is listed yet."""
        if self.asked is None or self.link is None or self.link.session is None:
            raise Usage(f"{command}: the list is not open yet.")
        return self

    def known(self) -> Known:
        """Also what is on screen."""
        known = super().known()
        if self.asked is None:
            return known
        seen = distinct(self.table.columns, [row.values for row in self.table.window.rows])
        return replace(known, entity=self.asked.entity, seen=seen)

    async def action_filter(self) -> None:
        """Type a filter."""
        from screens import completion  # noqa: PLC0415 - typed at after the first rows: 4 ms

        assert self.asked is not None
        entity, part, seen = self.asked.entity, self.asked.part, self.known().seen
        if isinstance(part, Figure):
            await self.ask("/", self.asked.typed, lambda text: _parameters(part, text))
        else:
            await self.ask("/", self.asked.typed, lambda text: completion.complete_filter(entity, text, seen))

    async def action_mark_pattern(self) -> None:
        """Type a pattern."""
        await self.ask("*", "")

    async def action_export(self) -> None:
        """Type where to."""
        from screens.export import proposed  # noqa: PLC0415 - exported after the first rows: 1 ms

        assert self.asked is not None
        assert self.link is not None
        session = session_of(self.link)
        await self.ask("export ", f"csv {proposed(self.asked, session.system.name)}")

    def typed(self, sign: str, text: str) -> None:
        """A filter, a pattern, or where to export to; raises Usage."""
        if sign == "/":
            self._filter(text)
        elif sign == "*":
            self._mark(text)
        elif sign == "export ":
            format_, _, file = text.partition(" ")
            self.export(format_, file.strip())
        else:
            super().typed(sign, text)

    def _filter(self, text: str) -> None:
        """Check it, and what it would cost, before going there."""
        assert self.link is not None
        session = session_of(self.link)
        place = replace(self.here(), filter=text, row="", offset=0)
        asked = asking.ask(session, place, {})
        cost = None if isinstance(asked.part, Figure) else later.read.served(session, asked.query)
        if cost and self._warned != text:
            self._warned = text
            raise Usage(f"{cost} Enter once more reads it all the same.")
        self.anyway, self._warned = bool(cost), ""
        self.go(place)

    def _mark(self, pattern: str) -> None:
        if not pattern:
            self.table.unmark()
            return
        number = self.table.mark_matching(pattern)
        self.say(f"{number} of the rows at hand fit {pattern}.")

    # Columns, saved views, exports

    def choose_columns(self, names: list[str]) -> None:
        """Show these columns, in this order; the view's own without names; raises Usage."""
        assert self.asked is not None
        assert self.link is not None
        if isinstance(self.asked.part, Figure):
            raise Usage("The columns of a figure are what it computes.")
        by_name = self.asked.entity.by_name
        if wrong := next((name for name in names if name not in by_name), None):
            raise unknown(f"column of {self.asked.entity.name}", wrong, by_name)
        self.desk.columns(self.link, self.asked.path, names)
        self.turn_to(self.here())

    def save_view(self, name: str) -> None:
        """Keep view and filter under a name; raises Usage."""
        assert self.asked is not None
        assert self.link is not None
        if name in asking.tabs_of(self.asked.entity, {}):
            raise Usage(f"{name} is a view of {self.asked.entity.name} already.")
        saved = self.desk.saved_views(self.link, self.asked.entity.name)
        base = saved.get(self.asked.name, self.asked.name).partition(" /")[0]
        self.desk.save_view(self.link, self.asked.entity.name, name, f"{base} /{self.asked.typed}")
        self.leave(Place("list", self.place.at, self.asked.entity.name, name))

    def drop_view(self, name: str) -> None:
        """Forget a saved view; raises Usage."""
        assert self.asked is not None
        assert self.link is not None
        self.desk.drop_view(self.link, self.asked.entity.name, name)
        if self.asked.name == name:
            self.leave(replace(self.place, entity=self.asked.entity.name, view="", filter=""))
        self.say(f"The view {name} is forgotten.")
        self.show_tabs()

    def export(self, format_: str, file: str) -> None:
        """Write the whole view to a file; raises Usage."""
        from screens.export import prepare  # noqa: PLC0415 - exported after the first rows: 1 ms

        assert self.asked is not None
        assert self.link is not None
        self.run_export(prepare(session_of(self.link), self.asked, format_, file))

    @work(exclusive=True, group="export")
    async def run_export(self, job: Export) -> None:
        """Write it, and say how far it is."""
        timer = self.set_interval(0.5, lambda: self.footer.say(f"exporting, {job.rows} rows", "note"))
        try:
            path = await self.load(job.run)
        except Cancelled:
            self.say("The export was cancelled; nothing is left of it.", "wait")
        except QuaestorError as error:
            self.complain(error)
        else:
            self.say(f"{job.rows} rows are in {path}.")
        finally:
            timer.stop()


def _parameters(figure: Figure, text: str) -> Choices:
    """The parameters of a figure, with what holds without them."""
    from screens.prompt import Choice, Choices  # noqa: PLC0415 - typed at after the first rows: 4 ms

    word = text.rpartition(" ")[2]
    named = [Choice(f"{p.name}={p.default}", str(p.kind)) for p in figure.parameters]
    return Choices(len(text) - len(word), [choice for choice in named if choice.text.startswith(word)])
