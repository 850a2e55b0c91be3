"""The systems that there are; a fifth is a folder and one line here."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from sqlalchemy import ForeignKeyConstraint

from db.errors import Usage, unknown
from db.model import Entity, Figure, Link, System, View
from db.names import NAMES
from db.schema import Schema


@cache
def system(name: str) -> System:
    """The system of that name, its foreign keys as links; raises Usage with the nearest names."""
    if name not in NAMES:
        raise unknown("system", name, NAMES)
    declared: System = importlib.import_module(f"db.{name}.entities").SYSTEM
    return replace(declared, entities=tuple(_linked(declared.entities)))


def begin(name: str) -> None:
    """Import a system in a thread, if there is one of that name: 20 to 50 ms, while a server is connected to and asked."""
    module = f"db.{name}.entities"
    if name in NAMES and module not in sys.modules:
        threading.Thread(target=importlib.import_module, args=(module,), name="system", daemon=True).start()


def systems() -> tuple[System, ...]:
    """All of them, in the order of the keys."""
    return tuple(system(name) for name in NAMES)


def matches(candidate: System, schema: Schema) -> bool:
    """Whether every mark of the system is there."""

    def present(mark: str) -> bool:
        table, _, column = mark.partition(".")
        found = schema.table(table)
        return found is not None and (not column or column in found.columns)

    return all(present(mark) for mark in candidate.marks)


def recognise(schema: Schema, name: str) -> System:
    """The one system whose marks are all there; raises Usage where there is none or more than one."""
    found = [candidate for candidate in systems() if matches(candidate, schema)]
    if len(found) == 1:
        return found[0]
    such = "more than one system" if found else "none of the systems"
    raise Usage(
        f"{name}: by its tables this is {such} ({', '.join(NAMES)}); name one before the URL: finpass+postgresql://…"
    )


def find_entity(of: System, name: str) -> Entity:
    """The entity of a name or an alias; raises Usage with the nearest names."""
    found = of.by_name.get(name)
    if found is None:
        raise unknown(f"entity of {of.name}", name, (entity.name for entity in of.entities))
    return found


def resolve(of: System, path: str) -> tuple[Entity, View | Figure]:
    """What a path names: ``credentials/expiring`` or ``payments/analytics``, or an entity's first view."""
    name, _, part = path.partition("/")
    entity = find_entity(of, name)
    found = entity.view(part) or entity.figure(part)
    if found is None:
        raise unknown(
            f"view of {entity.name}", part, [v.name for v in entity.views] + [f.name for f in entity.figures]
        )
    return entity, found


def _linked(entities: Iterable[Entity]) -> Iterable[Entity]:
    """The entities with a link for each foreign key in both directions, after those that they declare."""
    listed = list(entities)
    by_table = {entity.table.name: entity for entity in reversed(listed)}
    for entity in listed:
        yield replace(
            entity, links=_unique([*entity.links, *_forward(entity, by_table), *_backward(entity, listed)])
        )


def _pairs(constraint: ForeignKeyConstraint) -> tuple[tuple[str, str], ...]:
    return tuple((element.parent.name, element.column.name) for element in constraint.elements)


def _forward(entity: Entity, by_table: dict[str, Entity]) -> Iterable[Link]:
    for constraint in sorted(entity.table.foreign_key_constraints, key=lambda c: tuple(c.column_keys)):
        target = by_table.get(constraint.referred_table.name)
        if target is not None:
            yield Link(constraint.column_keys[0].removesuffix("_id"), target.name, _pairs(constraint))


def _backward(entity: Entity, entities: Iterable[Entity]) -> Iterable[Link]:
    for other in entities:
        keys = [c for c in other.table.foreign_key_constraints if c.referred_table is entity.table]
        for constraint in sorted(keys, key=lambda c: tuple(c.column_keys)):
            suffix = f" ({constraint.column_keys[0].removesuffix('_id')})" if len(keys) > 1 else ""
            yield Link(
                other.name + suffix, other.name, tuple((b, a) for a, b in _pairs(constraint)), many=True
            )


def _unique(links: Iterable[Link]) -> tuple[Link, ...]:
    """The first of those that lead to the same place by the same columns."""
    seen: dict[tuple[object, ...], Link] = {}
    for link in links:
        seen.setdefault((link.entity, link.pairs, link.fixed), link)
    return tuple(seen.values())


__all__ = ["NAMES", "Usage", "begin", "find_entity", "matches", "recognise", "resolve", "system", "systems"]
