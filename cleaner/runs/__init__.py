"""Long runs: pages over several processes, and whole inputs into an output folder.

Imports `review`, `formats` and `cleaner.py`, and what lies below them; click and rich never.

- `work.py` says what is done with a batch of pages, here or in a worker; `reading.py` reads files
  whose failures are records, too.
- `worker.py` is a worker, with what a page may do to it; `pool.py` is the pool of them: order kept,
  look-ahead bounded, and a page that hangs, eats the memory or kills its worker costs only itself.
- `manifest.py` finds the inputs, and holds what a folder was made with; `corpus.py` says what these
  are to what was given before; `shards.py` cuts them into shards.
- `dedupe.py` knows the pages that came out, `near.py` how alike two are.
- `store.py` is the output folder; `state.py` what it knows of a shard; `plan.py` says what is done
  and what is left; `run.py` is the run over all.
- `lists.py` has the rows of the pages that failed, were dropped, or are to be looked at;
  `summary.py` adds up what became of the pages, `samples.py` chooses those that are looked at,
  `report.py` shows both as HTML.
"""
