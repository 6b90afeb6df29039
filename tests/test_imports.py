"""Who imports whom: the contracts of pyproject.toml, and what a run loads."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_imports_run_down_the_data_flow():
    # In a process of its own: what Scrapy brings changes classes that import-linter looks at.
    code = "import sys; from importlinter import cli; sys.exit(cli.lint_imports(cache_dir=None))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 0, result.stdout


def test_labelling_a_text_loads_numpy_and_no_framework(seeds):
    code = (
        "import json, sys\n"
        "from cleaner import Cleaner\n"
        f"document = Cleaner().label(open({str(seeds / 'harbour.txt')!r}).read(), kind='text')\n"
        "document.text()\n"
        "loaded = sorted({name.partition('.')[0] for name in sys.modules})\n"
        "print(json.dumps([len(document), loaded]))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 0, result.stderr
    paragraphs, loaded = json.loads(result.stdout)
    assert paragraphs > 0
    assert "numpy" in loaded
    others = {"sklearn", "scipy", "joblib", "click", "rich", "trafilatura", "lxml", "markdown_it"}
    assert not others & set(loaded)
