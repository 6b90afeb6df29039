import os
import subprocess
import sys

CODE = """
from cleaner.features.markup import markup_features
from cleaner.pages import Page, split_page
page = "<div class='teaser story-list big'><p id='a-lead'>One <b class='x hot new-item'>two</b></p>"
numbers, marks = markup_features([split_page(Page(page, "html")).markup])
print(numbers.tolist(), marks.buckets.tolist(), marks.offset.tolist())
"""


def test_marks_are_the_same_in_every_process():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", CODE],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1
