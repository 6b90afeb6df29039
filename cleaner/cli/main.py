"""The command `cleaner`: gathers the commands, and turns errors into messages and exit status."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from cleaner import __version__
from cleaner.cli.stops import STATUS as INTERRUPTED
from cleaner.cli.terminal import let_go, say
from cleaner.errors import CleanerError, ModelError, UsageError

COMMANDS = {
    "adapt": "Teach the models what was corrected on pages of your sites.",
    "clean": "Put out the clean text of pages.",
    "evaluate": "Measure models on labelled pages.",
    "explain": "Say why paragraphs have their labels.",
    "label": "Label each paragraph of pages.",
    "models": "List the models that are installed.",
    "review": "Make a page in which to look at labels and correct them.",
    "run": "Clean many files into a folder; can be stopped, and goes on.",
    "train": "Train models on labelled pages.",
}
"""Every command with its line in `cleaner --help`; its module and function have its name."""

FAILED, MISUSED, PIPE_CLOSED = 1, 2, 141
"""Exit status; the last is a shell's for a program that SIGPIPE ended."""


class Commands(click.Group):
    """The group of all commands: imports a command's module only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"cleaner.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def make_context(self, *args: Any, **settings: Any) -> click.Context:
        """Read the command line; the help is shown here."""
        with _reader_may_go():
            return super().make_context(*args, **settings)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        with _reader_may_go():
            status = super().invoke(ctx)
            if sys.stdout:
                sys.stdout.flush()
            return status

    def main(self, args: Sequence[str] | None = None, *_: Any, **settings: Any) -> Any:
        """Run the command line and exit; every error that people can mend is told in one line."""
        settings |= {"prog_name": "cleaner", "standalone_mode": False}
        try:
            status = super().main(args, **settings)
        except click.Abort:
            status = INTERRUPTED
        except click.ClickException as error:
            status = _fail(_usage(error), MISUSED)
        except (UsageError, ModelError) as error:
            status = _fail(str(error), MISUSED)
        except CleanerError as error:
            status = _fail(str(error), FAILED)
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            status = _fail(f"{where}{error.strerror or error}", FAILED)
        except MemoryError:
            status = _fail("out of memory", FAILED)
        let_go(sys.stdout)
        sys.exit(status)


@contextmanager
def _reader_may_go() -> Iterator[None]:
    """End the command quietly when the reader of its output has gone."""
    try:
        yield
    except BrokenPipeError:
        raise click.exceptions.Exit(PIPE_CLOSED) from None


def _usage(error: click.ClickException) -> str:
    message = error.format_message().rstrip(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{message}; see `{context.command_path} --help`" if context else message


def _fail(message: str, status: int) -> int:
    say(message)
    return status


@click.group(cls=Commands, invoke_without_command=True)
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Take the story out of a scraped news page, and say what the rest is.

    \b
    Examples:
      cleaner clean page.html                   the clean text of a page
      curl -s https://example.com | cleaner clean
      cleaner clean --keep article pages.jsonl > clean.jsonl
      cleaner label --to table page.txt         each paragraph with its label

    \b
    Exit status: 0 all went well; 1 some of the input failed, and the rest was
    processed; 2 wrong use, or no usable model.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main() -> None:
    """Run the command line."""
    # The blocks of a batch of pages are young and many, and none is part of a cycle: looking for
    # cycles all the time took a tenth of the time of HTML.
    gc.set_threshold(100_000, 20, 20)
    _hold_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):  # what its encoding lacks is shown escaped
        sys.stdout.reconfigure(errors="backslashreplace")
    cli()


def _hold_streams() -> None:
    """Take the places of standard streams that are closed, so that no file of ours gets one, and
    what is meant for the stream with it. To use them fails."""
    for stream, flags in enumerate((os.O_WRONLY, os.O_RDONLY, os.O_RDONLY)):
        try:
            os.fstat(stream)
        except OSError:
            os.open(os.devnull, flags)
