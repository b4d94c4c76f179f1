"""Methods that SQL cannot say, as pure functions of frames and arrays.

What belongs here: linear algebra and optimisation with its equation and source. What does not:
reading or writing files (but for `hourly_files`, whose tables need not fit in memory), dbt,
settings. Each module's public function takes and returns Polars frames, and names columns, units
and errors in its docstring.
"""
