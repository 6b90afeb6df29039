"""Clean the pages of a folder with Spark, on two cores: python examples/spark_job.py"""

import os
import sys
from pathlib import Path

from pyspark.sql import SparkSession

from cleaner import Options
from cleaner.integrations.spark import clean_column

SEEDS = Path(__file__).parents[1] / "seeds"

os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # workers need cleaner too
spark = SparkSession.builder.master("local[2]").getOrCreate()
pages = spark.read.format("binaryFile").load([str(SEEDS / "*.html"), str(SEEDS / "*.txt")])
cleaned = clean_column(pages, "content", Options(only_articles=True)).select("path", "text")
for row in cleaned.collect():
    print(f"{row.path}\n\n{row.text}\n")
spark.stop()
