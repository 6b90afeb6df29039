"""Clean pages of JSON Lines with datatrove: python examples/datatrove_pipeline.py FOLDER"""

import sys
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter

from cleaner import Options
from cleaner.integrations.datatrove import NewsCleaner

SEEDS = Path(__file__).parents[1] / "seeds"

if __name__ == "__main__":
    folder = sys.argv[1]
    pipeline = [
        JsonlReader(str(SEEDS), glob_pattern="pages.jsonl", text_key="html"),
        NewsCleaner(JsonlWriter(f"{folder}/dropped"), Options(only_articles=True), kind="html"),
        JsonlWriter(f"{folder}/clean"),
    ]
    LocalPipelineExecutor(pipeline, logging_dir=f"{folder}/logs").run()
