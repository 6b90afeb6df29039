"""`cleaner train`: labelled pages in, a folder of models out."""

from __future__ import annotations

import os
from pathlib import Path

import click

from cleaner.cli.options import MAX_WORKERS
from cleaner.cli.terminal import say

MAX_SEED = 2**32 - 1
"""What every generator of random numbers takes."""


models_output_option = click.option(
    "-o",
    "--output",
    metavar="MODEL_DIR",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write the models to; made where it is missing.",
)
"""The option of what makes models."""


@click.command()
@click.argument(
    "data", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="DATA..."
)
@models_output_option
@click.option(
    "--fit-words",
    is_flag=True,
    help="Fit word vectors to a sentence encoder, which needs the extra `encoder`, and does not "
    "take long. [default: those of the installed models]",
)
@click.option(
    "--seed",
    type=click.IntRange(0, MAX_SEED),
    default=0,
    show_default=True,
    help="Same data and seed give the same models, byte for byte.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, MAX_WORKERS),
    default=os.cpu_count() or 1,
    show_default="all processors",
    help="Processes to work with; they change the time, not the models.",
)
def train(data: tuple[Path, ...], output: Path, fit_words: bool, seed: int, jobs: int) -> int:
    """Train a model for text and one for HTML on labelled pages.

    DATA are files of labelled pages (.jsonl or .jsonl.gz), or folders that hold some. Each model
    gets a card, README.md in its folder. Progress is told on standard error.

    \b
    Examples:
      cleaner train seeds/ -o my-models
      cleaner train train.jsonl.gz -o my-models --seed 1 --jobs 2
      cleaner clean --model my-models page.txt

    \b
    Exit status: 0 all went well; 2 wrong use, or data that can't be used.
    """
    from cleaner.training import train as training  # scikit-learn is slow: not for --help

    training.train(list(data), output, fit_words=fit_words, seed=seed, jobs=jobs, progress=say)
    return 0
