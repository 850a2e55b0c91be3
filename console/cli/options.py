"""Arguments and options that several commands share."""

from __future__ import annotations

import click

from console.headless.output import FORMATS

target = click.argument("target")
format_ = click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="How rows are written.",
)
