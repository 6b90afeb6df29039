"""docs/coming-from-trafilatura.md names all that theirs has, and nothing that either has not."""

import argparse
import inspect
import re
from pathlib import Path

import click
import pytest
import trafilatura
from trafilatura.cli import add_args
from trafilatura.settings import DEFAULT_CONFIG
from trafilatura.settings import Document as TheirDocument

from cleaner import Options
from cleaner.cli.main import COMMANDS, cli

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "coming-from-trafilatura.md").read_text(encoding="utf-8")
SPANS = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL))
"""What stands as code between other words."""

COMMAND_LINES = [
    line.strip()
    for line in [*SPANS, *re.findall(r"^cleaner ([^#\n]+)", TEXT, re.MULTILINE)]
    if line.split()[0] in COMMANDS
]

OPTIONS = set(re.findall(r"--[A-Za-z][\w-]+", add_args(argparse.ArgumentParser()).format_help()))
PARAMETERS = {
    name
    for function in (trafilatura.extract, trafilatura.bare_extraction)
    for name in inspect.signature(function).parameters
}


@pytest.mark.parametrize(
    "theirs",
    [
        OPTIONS - {"--help", "--version"},
        PARAMETERS - {"filecontent"},
        set(trafilatura.__all__),
        {name.upper() for name in DEFAULT_CONFIG.defaults()},
        set(TheirDocument.__slots__),
    ],
    ids=["options", "parameters", "functions", "settings", "fields"],
)
def test_all_of_theirs_is_named(theirs):
    named = {re.split("[ =]", span)[0] for span in SPANS}
    assert len(theirs) > 8
    assert sorted(theirs - named) == []


def test_an_option_without_a_command_of_ours_is_theirs():
    named = {span.split()[0] for span in SPANS if span.startswith("--")}
    assert sorted(named - OPTIONS) == []


@pytest.mark.parametrize("line", sorted(set(COMMAND_LINES)))
def test_a_command_of_ours_has_the_options_that_are_named(line):
    name, *words = line.split()
    command = cli.get_command(click.Context(cli), name)
    options = {name: option for option in command.params for name in option.opts}
    for n, word in enumerate(words):
        if word.startswith("-"):
            assert word in options, f"{name} has no {word}"
            value = words[n + 1 : n + 2]
            if value and isinstance(options[word].type, click.Choice):
                assert value[0] in options[word].type.choices


def test_options_and_attributes_of_ours_are_there(cleaner):
    document = cleaner.label("The ferry returned.")
    options = [name for given in re.findall(r"Options\(([^)`]*)\)", TEXT)
               for name in re.findall(r"(\w+)=", given)]  # fmt: skip
    attributes = re.findall(r"\bdocument\.(\w+)", TEXT)
    assert len(options) > 4
    assert len(attributes) > 4
    assert all(hasattr(Options(), name) for name in options)
    assert all(hasattr(document, name) for name in attributes)
