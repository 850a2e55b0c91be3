"""Files that only their owner may read: opened without following links, checked, replaced in one step."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from db.errors import Refused

LIMIT = 1 << 20
"""Bytes: nothing that is kept here is larger."""


def folder(path: Path) -> Path:
    """The folder, made with mode 0700 where it is missing; raises Refused where others could write into it."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    facts = path.stat()
    if facts.st_uid not in (os.geteuid(), 0) or facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise Refused(f"{path} can be written by others: chmod 700 it, or name another by QUAESTOR_HOME.")
    return path


def read(path: Path, *, secret: bool = True) -> bytes:
    """The file's bytes; raises FileNotFoundError, and Refused for what others own, may read or may write.

    A file that holds no ``secret`` may be read by others and be a link.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (os.O_NOFOLLOW if secret else 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise
    except OSError as error:
        reason = "it is a link" if path.is_symlink() else error.strerror
        raise Refused(f"{path} is not read: {reason}.") from None
    with os.fdopen(descriptor, "rb") as file:
        check(path, os.fstat(descriptor), secret=secret)
        content = file.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise Refused(f"{path} is not read: it is larger than {LIMIT >> 20} MiB.")
    return content


def check(path: Path, facts: os.stat_result, *, secret: bool = True) -> None:
    """Raise Refused unless it is a regular file of ours (or root's) that nobody else may read or write."""
    if not stat.S_ISREG(facts.st_mode):
        raise Refused(f"{path} is not read: it is no regular file.")
    if facts.st_uid not in (os.geteuid(), 0):
        raise Refused(f"{path} is not read: it belongs to another user.")
    if facts.st_mode & (0o077 if secret else 0o022):
        others = "read or change" if secret else "change"
        raise Refused(f"{path} is not read: others may {others} it; chmod 600 it.")


def replace(path: Path, content: bytes) -> None:
    """Write the file beside its place with mode 0600, flush it to the disk and rename it over the old one."""
    folder(path.parent)
    if path.is_symlink():
        raise Refused(f"{path} is not written: it is a link.")
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    _flush(path.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
