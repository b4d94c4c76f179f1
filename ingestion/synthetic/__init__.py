"""Synthetic inputs: made where no public figures exist, so that a method can be shown whole.

Belongs here: one module per table, each a seeded generator that writes the committed files of
`data/` with the delivery note that calls them synthetic.
Does not belong here: anything that fills a gap in real figures (dbt_project does that, and says
so). No reader and no derivation imports this package.
"""
