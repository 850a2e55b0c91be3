"""The operator's key in an encrypted file: its passphrase is asked for once, and nothing of it is kept but the key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from db.errors import Missing, QuaestorError
from screens.reading import in_thread

if TYPE_CHECKING:
    from screens.base import Frame
    from screens.dialogs import Question
    from screens.lines import Line


class Sealed(Missing):
    """The key is in a file that waits for its passphrase; ``open`` takes it, in a thread, and raises Refused."""

    def __init__(self, name: str, open_: Callable[[str], None]) -> None:
        super().__init__(f"Your key {name} is closed: ':arm' asks for its passphrase, once.")
        self.name = name
        self.open = open_


async def unseal(frame: Frame, sealed: Sealed) -> bool:
    """Ask until the key is open, or nobody wants it any more; whether it is."""
    from screens.dialogs import Form  # noqa: PLC0415 - the sheets: 8 ms
    from screens.lines import Line  # noqa: PLC0415 - with the sheets: 1 ms

    said: Sequence[Line] = ()
    while (decision := await frame.app.push_screen_wait(Form(_question(sealed, said)))) is not None:
        try:
            await in_thread(partial(sealed.open, decision.secret))
        except QuaestorError as error:
            said = [Line(((f"   {error}", "bad"),))]
            continue
        return True
    return False


def _question(sealed: Sealed, said: Sequence[Line]) -> Question:
    from screens.dialogs import SECRET, Question  # noqa: PLC0415 - the sheets: 8 ms
    from screens.inputs import Asked  # noqa: PLC0415 - with the sheets

    asked = [Asked(SECRET, "passphrase", secret=True)]
    title = f"Your key {sealed.name}"
    return Question(title, "", "Open", asked, lambda form, cancel: [], brief=True, notes=said, bare=True)
