"""Which firmware is older than the newest of its model, found without reading every pass."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, func, select, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from db.multipass.tables import hardware_passes


class version_key(GenericFunction[str]):  # noqa: N801 - a SQL construct
    """A version as text that sorts by its numbers, ``1.10.2`` after ``1.9``; NULL where it is no version.

    What follows a ``-`` or ``+`` counts nothing, nor does a ``v`` before it.
    """

    inherit_cache = True
    type = Text()


@compiles(version_key, "postgresql")
def _version_key_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    text = compiler.process(element.clauses, **kw)
    numbers = f"split_part(split_part(ltrim({text}, 'v'), '-', 1), '+', 1)"
    parts = f"unnest(string_to_array({numbers}, '.')) WITH ORDINALITY AS parts(part, place)"
    key = f"(SELECT string_agg(lpad(part, 12, '0'), '.' ORDER BY place) FROM {parts})"  # noqa: S608 - compiled
    return f"CASE WHEN {numbers} SIMILAR TO '[0-9.]+' THEN {key} END COLLATE \"C\""


@compiles(version_key, "sqlite")
def _version_key_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    numbers = f"ltrim({compiler.process(element.clauses, **kw)}, 'v')"
    for mark in "-+":
        numbers = f"substr({numbers}, 1, instr({numbers} || '{mark}', '{mark}') - 1)"
    part = "substr(rest, 1, instr(rest, '.') - 1)"
    key = (
        f"(WITH RECURSIVE parts(rest, done) AS (SELECT {numbers} || '.', '' UNION ALL "  # noqa: S608 - compiled
        f"SELECT substr(rest, instr(rest, '.') + 1), done || '.' || substr('000000000000' || {part}, -12) "
        "FROM parts WHERE rest <> '') SELECT substr(done, 2) FROM parts WHERE rest = '')"
    )
    return f"CASE WHEN {numbers} GLOB '*[0-9.]*' AND {numbers} NOT GLOB '*[^0-9.]*' THEN {key} END"


def outdated() -> ColumnElement[bool]:
    """That a pass's firmware is older than the newest one among the passes of its model.

    The pairs of model and version are few: they are collected by leaps over the index on both, from each
    value to the next one, so that the cost does not grow with the passes.
    """
    every = hardware_passes.alias("every_pass")
    models = select(func.min(every.c.model).label("model")).cte("models", recursive=True)
    next_model = select(func.min(every.c.model)).where(every.c.model > models.c.model).scalar_subquery()
    models = models.union_all(select(next_model).where(models.c.model.is_not(None)))

    def lowest(*conditions: ColumnElement[bool]) -> ColumnElement[str]:
        return select(func.min(every.c.firmware_version)).where(*conditions).scalar_subquery()

    pairs = (
        select(models.c.model, lowest(every.c.model == models.c.model).label("version"))
        .where(models.c.model.is_not(None))
        .cte("versions", recursive=True)
    )
    following = lowest(every.c.model == pairs.c.model, every.c.firmware_version > pairs.c.version)
    pairs = pairs.union_all(select(pairs.c.model, following).where(pairs.c.version.is_not(None)))
    newer = pairs.alias("newer")
    older = select(pairs.c.model, pairs.c.version).where(
        select(newer.c.model)
        .where(newer.c.model == pairs.c.model, version_key(newer.c.version) > version_key(pairs.c.version))
        .exists()
    )
    return tuple_(hardware_passes.c.model, hardware_passes.c.firmware_version).in_(older)
