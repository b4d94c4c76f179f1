"""One comparison with datacompy's Polars engine: the yardstick of common practice.

Belongs here: what runs in the environment of `peers.lock`, which cannot import this project. Does
not belong here: anything else. Arguments: old Parquet file, new Parquet file, key column.
"""

import json
import sys
import time

import polars as pl
from datacompy import PolarsCompare  # type: ignore[import-not-found]

begun = time.perf_counter()
old, new = (pl.read_parquet(path) for path in sys.argv[1:3])
found = PolarsCompare(old, new, join_columns=[sys.argv[3]], abs_tol=0, rel_tol=0)
counts = {
    "added": found.df2_unq_rows.height,
    "removed": found.df1_unq_rows.height,
    "changed": found.intersect_rows.height - found.count_matching_rows(),
}
print(json.dumps({"found": counts, "seconds": time.perf_counter() - begun}))
