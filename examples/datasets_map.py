"""Clean the pages of a data set with Hugging Face datasets: python examples/datasets_map.py"""

from pathlib import Path

from datasets import load_dataset

from cleaner import Options
from cleaner.integrations.datasets import NewsCleaner

SEEDS = Path(__file__).parents[1] / "seeds"

pages = load_dataset("json", data_files=str(SEEDS / "pages.jsonl"), split="train")
pages = pages.select_columns(["url", "html"])
cleaned = pages.map(NewsCleaner(Options(only_articles=True)), batched=True, remove_columns=["html"])
for page in cleaned:
    print(f"{page['url']}\n\n{page['text']}\n")
