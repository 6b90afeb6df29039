"""Long runs: pages over several processes, and whole inputs into an output folder.

Imports `formats` and `cleaner.py`, and what lies below them; click and rich never. `pool.py` alone
knows pebble.

- `work.py` says what is done with a batch of pages, here or in a worker; `reading.py` reads files
  whose failures are records, too.
- `pool.py` is the pool of workers: order kept, look-ahead bounded, and a page that hangs, eats the
  memory or kills its worker costs only itself.
- `shards.py` cuts the inputs into shards; `manifest.py` holds what a folder was made with;
  `shard.py` writes one shard and what is known of it; `run.py` is the run over all.
- `summary.py` adds up what became of the pages, `report.py` shows it as HTML.
"""
