"""The audit screen: patterns, pivots, filters, following and evidence on the line of time of all open systems."""

from __future__ import annotations

from dataclasses import replace

from textual import work

from db.errors import Cancelled, QuaestorError, Usage, unknown
from db.timeline import TIMELINE, Follow, parse
from screens import completion, keys, pivots, proving
from screens.base import COMMON
from screens.commands import Listed
from screens.formats import short
from screens.pages import distinct
from screens.places import Place
from screens.proving import Proof
from screens.timeline import LineScreen

VERBS = (
    "filter", "next_view", "previous_view", "pivot", "follow", "rate", "verify", "pause", "detail", "wide", "export",
    "copy", "copy_row",
)  # fmt: skip


class Audit(LineScreen):
    """What one does with the line of time."""

    VERBS = (*COMMON, *VERBS)
    BINDINGS = [*keys.bindings(*VERBS)]
    FOOTER = (
        "open",
        "filter",
        "next_view",
        "pivot",
        "follow",
        "rate",
        "verify",
        "detail",
        "export",
        "pause",
        "back",
    )

    def why_not(self, verb: str) -> str | None:
        """Why a verb does not work now."""
        if verb in ("filter", "export", "follow", "rate", "verify") and self._line is None:
            return "No system is open."
        if verb in ("pivot", "copy", "copy_row") and self.table.current is None:
            return "There is no row."
        return super().why_not(verb)

    def action_follow(self) -> None:
        """Show new rows as they come, or stop."""
        if self.following is not None or self._line is None or self.query_ is None:
            self.following = None
        elif not self.query_.sort.descending:
            self.say("The oldest come first here; new rows are at the other end.", "wait")
            return
        else:
            self.following = Follow(self._line, self.query_, "-5s")
            self.table.action_first()
            self.table.reread()
        self._draw_sources()

    def action_pause(self) -> None:
        """Keep everything where it is, or go on."""
        self.banner.paused = not self.banner.paused
        self.tick()
        self._show_new()
        self._draw_sources()

    def action_next_view(self) -> None:
        """The next view or pattern."""
        self._turn(1)

    def action_previous_view(self) -> None:
        """The one before."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        names = [*(view.name for view in TIMELINE.views), *self.views]
        here = self.place.view or "all"
        at = names.index(here) if here in names else -by
        self.leave(replace(self.place, view=names[(at + by) % len(names)]))

    def action_rate(self) -> None:
        """The histogram, or not."""
        self.toggle_class("-rate")
        self.count()

    def action_verify(self) -> None:
        """What of all this can be proven."""
        self.go(Place("checks", self.link.name if self.link is not None else ""))

    def action_refresh(self) -> None:
        """Read anew, with the systems that were opened meanwhile."""
        self.begin()

    async def action_pivot(self) -> None:
        """Choose what the rows shall have in common with this one."""
        row, query = self.table.current, self.query_
        if row is not None and query is not None:
            chooser = pivots.Pivot(self.table.columns, row, pivots.times(query.filters))
            await self.app.push_screen(chooser, self._pivoted)

    def _pivoted(self, text: str | None) -> None:
        if text is not None:
            self.go(replace(self.place, view="", filter=text))

    async def action_filter(self) -> None:
        """Type a filter."""
        seen = distinct(self.table.columns, [row.values for row in self.table.window.rows])
        await self.ask("/", self.place.filter, lambda text: completion.complete_filter(TIMELINE, text, seen))

    async def action_export(self) -> None:
        """Type where the evidence goes."""
        await self.ask("evidence ", str(proving.proposed()))

    def typed(self, sign: str, text: str) -> None:
        """A filter, or where the evidence goes; raises Usage."""
        if sign == "/":
            self._filter(text)
        elif sign == "evidence ":
            self.export("jsonl", text)
        else:
            super().typed(sign, text)

    def _filter(self, text: str) -> None:
        """Check it, and what it would cost, before going there."""
        parse(text, self.zone)
        place = replace(self.place, filter=text)
        cost = self._line.served(self.asked(place)) if self._line is not None else None
        if cost and self._warned != text:
            self._warned = text
            raise Usage(f"{cost} Enter once more reads it all the same.")
        self._warned = ""
        self.go(place)

    # Commands on a list

    def listed(self, command: str) -> Listed:
        """The line."""
        return self

    def choose_columns(self, names: list[str]) -> None:
        """They are what all sources have; raises Usage."""
        raise Usage("The columns of the line of time are what all sources have in common.")

    def save_view(self, name: str) -> None:
        """Keep view and filter under a name; raises Usage."""
        if TIMELINE.by_name.get(name) or any(view.name == name for view in TIMELINE.views):
            raise Usage(f"{name} is a view of the line of time already.")
        if not name.replace("-", "").replace("_", "").isalnum():
            raise Usage("A view's name is of letters, digits, - and _.")
        base, _, kept = self.views.get(self.place.view, self.place.view).partition(" /")
        self.views[name] = f"{base} /{kept} {self.place.filter}".rstrip()
        self.desk.save()
        self.leave(replace(self.place, view=name, filter=""))

    def drop_view(self, name: str) -> None:
        """Forget a saved view; raises Usage."""
        if name not in self.views:
            raise unknown("saved view", name, self.views)
        del self.views[name]
        self.desk.save()
        self.leave(replace(self.place, view=""))

    def export(self, format_: str, file: str) -> None:
        """Write the selection as evidence; raises Usage."""
        if self.query_ is None:
            raise Usage("No system is open.")
        path, operators = proving.checked(file), self.desk.operators
        profile = self.sessions()[0].profile
        asked = f"{self.place.view} /{self.place.filter}".strip(" /")
        self.prove(
            Proof(self.sessions(), self.query_, asked, path, operators.claims(), operators.signer(profile))
        )

    @work(exclusive=True, group="export")
    async def prove(self, job: Proof) -> None:
        """Write it, and say how far it is; ctrl+c leaves nothing of it."""
        timer = self.set_interval(
            0.5, lambda: self.footer.say(f"evidence, {job.rows} rows; ctrl+c stops", "note")
        )
        try:
            written = await self.load(job.run)
        except Cancelled:
            self.say("The evidence was cancelled; nothing is left of it.", "wait")
        except QuaestorError as error:
            self.complain(error)
        else:
            by = (
                f"signed by {short(written.signed_by)}"
                if written.signed_by
                else "not signed: there is no key"
            )
            self.say(f"{written.rows} rows and a manifest are in {job.path}, {by}.")
        finally:
            timer.stop()
