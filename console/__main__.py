"""The command line: ``quaestor``, and what is true of every way to start it."""

from __future__ import annotations

import os
import sys

import click

from console import crash, guard
from console.cli import quaestor
from db.errors import QuaestorError


def main() -> None:
    """Run the command and leave with its exit code; never with a traceback."""
    guard.process()
    crash.install()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """The exit code of a command; what went wrong is one sentence on stderr."""
    try:
        with quaestor.make_context("quaestor", arguments) as context:  # main() would end a broken pipe with 1
            code = quaestor.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        _say(error.format_message())
        return error.exit_code
    except QuaestorError as error:
        _say(str(error))
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _say("Cancelled.")
        return 130
    except BrokenPipeError:  # whoever read us has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code if isinstance(code, int) else 0


def _say(sentence: str) -> None:
    # Saves 25 ms of start: cells brings rich, and most runs have no error to clean.
    from console.headless.text import whole  # noqa: PLC0415

    click.echo(f"quaestor: {whole(sentence)}", err=True)


if __name__ == "__main__":
    main()
