"""A TCP proxy that cuts a connection at a byte that the test chose: in front of a real server, seen from a real driver."""

import contextlib
import random
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass

_PIECE = 65_536


@dataclass(frozen=True)
class Cut:
    """Where the next connection that says something ends."""

    upwards: bool
    """Whether bytes to the server are counted, or those to the client."""
    after: int
    """So many bytes still pass."""
    reset: bool = False
    """By RST in place of FIN."""
    late: float = 0.0
    """Seconds after which what the client had said reaches the server nevertheless; the client is cut off at once."""
    away: float = 0.0
    """Seconds for which nobody is let in afterwards."""

    @classmethod
    def random(cls, dice: random.Random, up: int, down: int) -> "Cut":
        """One of all kinds, within so many bytes to the server or to the client."""
        upwards = dice.random() < 0.5
        late = dice.uniform(0.001, 0.25) if upwards and dice.random() < 0.3 else 0.0
        away = dice.uniform(0, 0.1) if dice.random() < 0.2 else 0.0
        return cls(upwards, dice.randrange((up if upwards else down) + 1), dice.random() < 0.5, late, away)


class Proxy:
    """Listens on a loopback port and passes everything on, until it is told to cut."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._guard = threading.Lock()
        self._cut: Cut | None = None
        self._left = 0
        self._away = threading.Event()
        self._open: set[socket.socket] = set()
        self.cuts = 0
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    def cut(self, cut: Cut | None) -> None:
        """Cut the next connection so, or none."""
        with self._guard:
            self._cut, self._left = cut, cut.after if cut else 0

    def close(self) -> None:
        """Listen no more, and cut everything."""
        self._listener.close()
        with self._guard:
            left = list(self._open)
        for each in left:
            _end(each, reset=True)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._guard:
                away = self._away.is_set()
            if away:
                _end(client, reset=True)
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                _end(client, reset=True)
                continue
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._open.add(each)
            for pair in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pump, args=pair, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, upwards: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_PIECE):
                passing, cut = self._through(data, upwards)
                if cut is None:
                    sink.sendall(data)
                    continue
                if cut.late:
                    _end(source, reset=cut.reset)
                    threading.Event().wait(cut.late)
                    sink.sendall(data)
                    sink.shutdown(socket.SHUT_WR)
                    return
                if passing:
                    sink.sendall(data[:passing])
                _end(source, reset=cut.reset)
                break
        _end(sink)
        _end(source)
        self._open -= {source, sink}

    def _through(self, data: bytes, upwards: bool) -> tuple[int, Cut | None]:
        """How many bytes pass, and the cut if it is now."""
        with self._guard:
            cut = self._cut
            if cut is None or cut.upwards is not upwards:
                return len(data), None
            if len(data) < self._left:
                self._left -= len(data)
                return len(data), None
            self._cut = None
            self.cuts += 1
            if cut.away:
                self._away.set()
                threading.Timer(cut.away, self._away.clear).start()
            return self._left, cut


def _end(end: socket.socket, *, reset: bool = False) -> None:
    with contextlib.suppress(OSError):
        if reset:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextlib.contextmanager
def proxies(port: int, count: int) -> Iterator[list[Proxy]]:
    """So many of them, in front of one server."""
    made = [Proxy(port) for _ in range(count)]
    try:
        yield made
    finally:
        for each in made:
            each.close()
