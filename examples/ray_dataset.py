"""Clean the pages of JSON Lines with Ray Data, on two cores: python examples/ray_dataset.py"""

import os
from pathlib import Path

import ray

from cleaner import Options
from cleaner.integrations.ray import NewsCleaner

SEEDS = Path(__file__).parents[1] / "seeds"

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray tells its makers of its use otherwise
ray.init(num_cpus=2, ignore_reinit_error=True)
pages = ray.data.read_json(str(SEEDS / "pages.jsonl")).select_columns(["url", "html"])
cleaned = pages.map_batches(
    NewsCleaner,
    fn_constructor_kwargs={"options": Options(only_articles=True)},
    batch_format="pyarrow",
    compute=ray.data.ActorPoolStrategy(min_size=1, max_size=2),
)
for page in cleaned.drop_columns(["html"]).iter_rows():
    print(f"{page['url']}\n\n{page['text']}\n")
