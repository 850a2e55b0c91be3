"""How the tests start a program of their own: unprivileged, dead with its parent, in a folder that is removed."""

import contextlib
import fcntl
import functools
import os
import pwd
import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

PATIENCE = 60.0
"""Seconds for a server to start or stop; far more than any needs."""


class ServerError(RuntimeError):
    """A server is not installed, does not start or does not stop; the text ends with its log."""


def free_port() -> int:
    """A loopback port that is free now, below those that the kernel gives to clients."""
    while True:
        port = random.randrange(15_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def as_nobody(last_will: str) -> list[str]:
    """The words before a command: die with the parent and, for root, run as ``nobody``.

    The one capability that is kept lets the server pass through folders of root, such as pytest's.
    """
    words = ["setpriv", f"--pdeathsig={last_will}"]
    if os.geteuid() != 0:
        return words
    nobody = pwd.getpwnam("nobody")
    return [
        *words,
        *(f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"),
        *("--inh-caps=-all,+dac_override", "--ambient-caps=+dac_override"),
    ]


def spawn(command: list[str], log: IO[bytes], last_will: str) -> subprocess.Popen[bytes]:
    """Start a program away from the terminal, so that ctrl-c is for the tests to handle."""
    return subprocess.Popen(
        as_nobody(last_will) + command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
    )


def run(command: list[str]) -> None:
    """Run a program to its end; a failure shows what it said."""
    with tempfile.TemporaryFile() as log:
        with spawn(command, log, "KILL") as process:
            code = process.wait(PATIENCE)
        log.seek(0)
        if code:
            raise ServerError(f"{command[0]} failed:\n{log.read().decode(errors='replace')[-4000:]}")


def copy(source: Path, target: Path) -> None:
    """Copy a folder with its owners, sparse files and, where the disk can, without copying."""
    subprocess.run(["cp", "--archive", "--reflink=auto", str(source), str(target)], check=True)


def nobodys(folder: Path) -> Path:
    """Let the user that the servers run as have a folder."""
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
    return folder


@functools.cache
def home() -> Path:
    """This process's own folder with a short path; those of dead processes are removed on the way."""
    for left in Path(tempfile.gettempdir()).glob("quaestor-tests-*"):
        with locked(left) as dead:
            if dead:
                shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="quaestor-tests-"))
    folder.chmod(0o755)
    _held.enter_context(locked(folder))
    _held.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


_held = contextlib.ExitStack()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """Hold a folder's lock, which the kernel frees when this process ends; False if another holds it."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)
