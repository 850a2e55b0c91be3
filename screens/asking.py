"""What a list is asked for: a place, read against what the system has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from db.errors import Usage, unknown
from db.model import Entity, Figure, Filter, Order, Query, View
from screens import later
from screens.places import Place

if TYPE_CHECKING:
    from db.session import Session

LINKED = "linked"
"""The view of what a link leads to: no condition but the filter's."""


@dataclass(frozen=True)
class Asked:
    """An entity's view or figure, narrowed and ordered."""

    entity: Entity
    part: View | Figure
    name: str
    """The tab: a view, a figure, or a view that the operator saved."""
    typed: str = ""
    """The filter as typed."""
    filters: tuple[Filter, ...] = ()
    search: str = ""
    order: Order | None = None
    columns: tuple[str, ...] = ()
    parameters: Mapping[str, str] | None = None
    """What a figure was given."""

    @property
    def query(self) -> Query:
        """The query; only for views."""
        assert isinstance(self.part, View)
        return Query(self.entity, self.part, self.filters, self.search, self.order, self.columns)

    @property
    def path(self) -> str:
        """``entity/tab``."""
        return f"{self.entity.name}/{self.name}"


def ask(session: Session, place: Place, saved: Mapping[str, str], columns: Sequence[str] = ()) -> Asked:
    """What a place asks for; raises Usage, with the position where the filter cannot be read."""
    found = path(session, place)
    entity = session.entity(found[0])
    name, typed = found[1] or entity.views[0].name, place.filter
    if name in saved and not place.filter:
        name, _, typed = saved[name].partition(" /")
    part = _part(entity, name, saved)
    made = Asked(entity, part, found[1] or name, typed)
    if isinstance(part, Figure):
        return replace(made, parameters=_parameters(part, typed))
    filters, search = later.filters.parse(entity, typed)
    order = Order.parse(place.order) if place.order else None
    return replace(made, filters=filters, search=search, order=order, columns=tuple(columns))


def path(session: Session, place: Place) -> tuple[str, str]:
    """Entity and view; an area's name means its first list, nothing at all that of the accounts."""
    system = session.system
    if place.entity in system.by_name:
        return place.entity, place.view
    paths = system.areas.get(place.entity or "accounts", ())
    if paths and not place.view:
        entity, _, view = paths[0].partition("/")
        return entity, view
    return place.entity or system.entities[0].name, place.view


def _part(entity: Entity, name: str, saved: Mapping[str, str]) -> View | Figure:
    if name == LINKED:
        order = entity.views[0].order if entity.views[0].where is None else Order(entity.key[0])
        return View(LINKED, f"{entity.name} that a link leads to", None, order)
    found = entity.view(name) or entity.figure(name)
    if found is None:
        known = [*(v.name for v in entity.views), *(f.name for f in entity.figures), *saved]
        raise unknown(f"view of {entity.name}", name, known)
    return found


def _parameters(figure: Figure, typed: str) -> Mapping[str, str]:
    """``since=-30d limit=10``: what a figure is given; raises Usage."""
    words = typed.split()
    if wrong := next((word for word in words if "=" not in word), None):
        known = ", ".join(f"{p.name}={p.default}" for p in figure.parameters) or "nothing"
        raise Usage(f"'{wrong}' is no parameter; {figure.name} takes {known}.")
    return dict(word.split("=", 1) for word in words)


def tabs_of(entity: Entity, saved: Mapping[str, str]) -> list[str]:
    """The names of all tabs: views, saved ones, figures."""
    return [*(view.name for view in entity.views), *saved, *(figure.name for figure in entity.figures)]


def written(filters: Sequence[Filter]) -> str:
    """Filters as they are typed."""
    return " ".join(
        f'{text[: -len(f.value)]}"{f.value}"' if " " in f.value else text
        for f in filters
        for text in (str(f),)
    )
