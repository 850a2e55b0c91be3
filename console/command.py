"""``password_command``: a program that prints a password, run without a shell, bounded in time and length."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time

from db.errors import Unreachable

SECONDS = 10.0
LIMIT = 8 * 1024
"""Bytes of output."""


def password(argv: tuple[str, ...], seconds: float = SECONDS) -> str:
    """What the program prints, less the newline at its end; raises Unreachable, never with its output."""
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise Unreachable(f"password_command: '{argv[0]}' does not start: {error.strerror}.") from None
    try:
        output = _output(process, time.monotonic() + seconds)
    finally:
        _end(process)
    if output is None:
        raise Unreachable(f"password_command: '{argv[0]}' gave no password within {seconds:g} s.")
    if len(output) > LIMIT:
        raise Unreachable(f"password_command: '{argv[0]}' printed more than {LIMIT // 1024} KiB.")
    if process.returncode:
        raise Unreachable(
            f"password_command: '{argv[0]}' ended with {process.returncode}; run it by hand to see why."
        )
    return _checked(argv[0], output)


def _output(process: subprocess.Popen[bytes], until: float) -> bytes | None:
    """Everything that it prints up to one byte more than allowed; None when it takes too long."""
    assert process.stdout is not None
    output = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while len(output) <= LIMIT:
            if not selector.select(max(0.0, until - time.monotonic())):
                return None
            piece = os.read(process.stdout.fileno(), LIMIT + 1)
            if not piece:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.0, until - time.monotonic()))
                return output if process.returncode is not None else None
            output += piece
    return output


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing of it running."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _checked(program: str, output: bytes) -> str:
    try:
        value = output.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        value = ""
    if not value or not value.isprintable():
        raise Unreachable(f"password_command: '{program}' did not print one line with a password.")
    return value
