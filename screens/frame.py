"""The frame around every screen: a banner that says where one is, a footer that says what one can do."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime

from rich.color import Color, ColorParseError
from rich.style import Style

from db.profile import Mode
from screens import arming, keys, themes
from screens.bar import Bar, Part, clean, length
from screens.desk import Link, Standing
from screens.formats import span
from screens.settings import Settings

PATIENCE = 0.15
"""Seconds before it is said that something is being read."""
SAID = 8.0
"""Seconds that a message stays."""


class Banner(Bar):
    """System, host and role, mode, tenant, age of the data, clock, lag; in the profile's colour."""

    def __init__(self) -> None:
        super().__init__(ground="banner", id="banner")
        self.link: Link | None = None
        self.settings = Settings()
        self.operator = ""
        """Who is at the keyboard, where the server does not tell."""
        self.paused = False
        self.reading_since: float | None = None
        """Since when a read has been running, on the monotonic clock."""

    def renew(self) -> None:
        """Show how things are now."""
        if self.link is not None:
            self.paint = ground(self.link.profile.colour)
        self.show(self._left_parts(), self._right_parts())

    def _left_parts(self) -> Iterable[Part]:
        link = self.link
        if link is None:
            yield " quaestor", "banner-name"
            return
        yield f" {link.name}", "banner-name"
        yield (f"  {link.profile.label}" if link.profile.label else ""), "banner-name"
        yield from self._armed(link)
        yield from self._standing(link)
        session = link.session
        if session is not None:
            walls = session.proof.banner if session.proof is not None else "READ-ONLY"
            yield (f"   {walls}" if session.mode is Mode.AUDIT else ""), "banner-name"
            yield (f"   tenant {link.tenant}" if link.tenant else ""), "banner-name"
            name = session.server.user or self.operator
            who = f" as {name}" if name else ""
            yield f"   {session.system.title}  {session.server.dialect} {session.server.host}{who}", ""
            if not session.server.tls and link.profile.tls != "verify":
                yield "   NO TLS", "banner-name"

    @staticmethod
    def _armed(link: Link) -> Iterable[Part]:
        armed = link.arming.now
        if armed is not None:
            yield f"   ARMED {arming.left(armed)} {armed.ticket}", "error"

    @staticmethod
    def _standing(link: Link) -> Iterable[Part]:
        if link.standing is Standing.LOST:
            wait = " now" if link.again is None else f" in {max(0, round(link.again - time.monotonic()))} s"
            yield f"   LOST, again{wait}", "banner-name"
        elif link.standing in (Standing.CONNECTING, Standing.FAILED):
            yield f"   {link.standing}", "banner-name"

    def _right_parts(self) -> Iterable[Part]:
        since = self.reading_since
        if since is not None and time.monotonic() - since >= PATIENCE:
            yield f"reading {int(time.monotonic() - since)} s, ctrl+c cancels   ", "banner-name"
        link = self.link
        if link is not None and link.read_at is not None:
            seconds = max(0, int((datetime.now(UTC) - link.read_at).total_seconds()))
            yield f"data {span(_coarse(seconds))} old   ", ""
        if self.paused:
            yield "paused   ", "banner-name"
        yield clock(self.settings), ""
        if link is not None and link.lag is not None and link.standing is Standing.OPEN:
            yield f"   link {max(1, round(link.lag * 1000))} ms", ""
        yield " ", ""


def _coarse(seconds: int) -> int:
    """In steps, so that an idle screen sends little."""
    return seconds - seconds % (5 if seconds < 60 else 60)


def clock(settings: Settings) -> str:
    """The time with its offset; without seconds where bytes are dear."""
    now = datetime.now().astimezone() if settings.local else datetime.now(UTC)
    text = now.strftime("%H:%M" if settings.bastion else "%H:%M:%S")
    offset = now.strftime("%z")
    return f"{text} {offset[:3]}:{offset[3:5]}"


def ground(colour: str) -> Style | None:
    """The banner in a profile's colour, with letters that can be read on it; None for one that is no colour."""
    if not colour or not themes.current().colours:
        return None
    try:
        parsed = Color.parse(colour)
    except ColorParseError:
        return None
    red, green, blue = parsed.get_truecolor()
    dark = 0.299 * red + 0.587 * green + 0.114 * blue < 140
    return Style(color="bright_white" if dark else "black", bgcolor=parsed)


class Footer(Bar):
    """The keys that work here, or what was said last."""

    def __init__(self) -> None:
        super().__init__(id="footer")
        self._hints: list[list[Part]] = []
        self._said: Part | None = None
        self._until = 0.0

    def hint(self, hints: Iterable[tuple[str, bool]]) -> None:
        """Show the keys of these verbs; those that do not work now are dim."""
        self._hints = [
            [
                (f" {keys.sign(keys.keys_of(name)[0])}", "key" if works else "off"),
                (f" {keys.VERBS[name].label} ", "label" if works else "off"),
            ]
            for name, works in hints
        ]
        self._renew()

    def say(self, text: str, tone: str = "note") -> None:
        """Say something for a while; no timer of its own, or it would hold a screen that was left."""
        self._said, self._until = (f" {text}", tone), time.monotonic() + SAID
        self._renew()

    def tick(self) -> None:
        """Once a second: what was said long enough goes."""
        if self._said is not None and time.monotonic() >= self._until:
            self.hush()

    def hush(self) -> None:
        """Show the keys again."""
        self._said = None
        self._renew()

    def _renew(self) -> None:
        command, help_ = keys.sign(keys.keys_of("command")[0]), keys.sign(keys.keys_of("help")[0])
        right: list[Part] = [
            (f" {help_}", "key"),
            (" help ", "label"),
            (f" {command}", "key"),
            (" command ", "label"),
        ]
        if self._said is not None:
            whole = length(clean([self._said])) + length(right[:2]) < self.size.width
            self.show(
                [self._said],
                right[:2] if whole else [(f" {command}messages", "key"), (" all of it ", "label")],
            )
        else:
            self.show(self._fitting(self.size.width - length(right) - 1), right)

    def _fitting(self, room: int) -> list[Part]:
        """As many whole hints as there is room for."""
        parts: list[Part] = []
        for hint in self._hints:
            room -= length(hint)
            if room < 0:
                break
            parts += hint
        return parts

    def on_resize(self) -> None:
        """More hints, or fewer."""
        self._renew()
