"""Ending a session of the database: how far to go, and the sheet before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.dialogs import ID, REASON, Form, Question
from screens.formats import span
from screens.inputs import Asked
from screens.lines import Line, Lines
from screens.popup import Popup

if TYPE_CHECKING:
    from db.probes import Lock


class Endings(Popup[str]):
    """How far to go."""

    def __init__(self, lock: Lock) -> None:
        blocks = f", which blocks {lock.freed}" if lock.freed else ""
        self.TITLE_TEXT = f"Session {lock.session} of {lock.role}{blocks}"
        super().__init__(
            [
                Line(((" No ", "title"), ("leave it alone", "faint")), ""),
                Line(
                    (
                        (" Cancel its statement ", "wait"),
                        ("the session stays, and its transaction may", "faint"),
                    ),
                    "cancel-statement",
                ),
                Line(
                    ((" End the session ", "bad"), ("its transaction is rolled back", "faint")), "end-session"
                ),
            ]
        )

    def on_lines_chosen(self, message: Lines.Chosen) -> None:
        """That far."""
        _ = self.dismiss(str(message.line.target) or None)


def sheet(lock: Lock, how: str) -> Form:
    """What would be ended and who goes on then; to end a session its number has to be typed."""
    kill = how == "end-session"
    notes = [
        Line(
            (
                (f" session {lock.session}", "title"),
                (f"   {lock.role}   {lock.state} {span(int(lock.seconds))}", ""),
            )
        ),
        Line(((f"   {lock.statement or 'no statement is shown'}", "faint"),)),
        Line(((f"   {_freed(lock)}", "good" if lock.freed else "faint"),)),
        Line(
            (
                ("   Its transaction is rolled back; what it did not commit is lost.", "bad")
                if kill
                else ("   The session stays, and so may its transaction and its locks.", "wait"),
            )
        ),
    ]
    if lock.ours:
        notes.append(Line((("   ! It is a session of this program, of somebody at a keyboard.", "wait"),)))
    asked = [Asked(REASON, "reason"), *([Asked(ID, "its number", wanted=str(lock.session))] if kill else [])]
    verb = how.replace("-", " ")
    summary = "It is entered in the ledger first, and then the server is told. It cannot be taken back."
    return Form(
        Question(verb, summary, verb.capitalize(), asked, lambda form, cancel: [], notes=notes, bare=True)
    )


def _freed(lock: Lock) -> str:
    if not lock.freed:
        return "Nobody waits for it."
    sessions = ", ".join(str(blocked.session) for blocked in lock.blocked)
    return f"{lock.freed} wait for it and go on then: {sessions}" + (
        " and theirs." if lock.freed > len(lock.blocked) else "."
    )
