"""Synthetic inputs: made where no public figures exist, so that a method can be shown whole.

Belongs here: seeded generators of the files of `data/` whose delivery notes call them synthetic:
`certificates`, and `surveys`, which draws from `recipes` its `plants` and their `answers`.
Does not belong here: anything that fills a gap in real figures (dbt_project does that, and says
so). No reader and no derivation imports this package.
"""
