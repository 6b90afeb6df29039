"""Find the words that tell pages apart with scikit-learn: python examples/sklearn_pipeline.py"""

from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline

from cleaner.integrations.sklearn import NewsCleaner

SEEDS = Path(__file__).parents[1] / "seeds"
NAMES = ["harbour.txt", "observatory.html"]

pipeline = make_pipeline(NewsCleaner(), TfidfVectorizer(min_df=1, max_df=1))
weights = pipeline.fit_transform([(SEEDS / name).read_bytes() for name in NAMES]).toarray()
words = pipeline[-1].get_feature_names_out()
for name, row in zip(NAMES, weights, strict=True):
    print(name, *words[row.argsort()[::-1][:10]])
