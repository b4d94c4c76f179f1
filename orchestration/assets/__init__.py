"""Assets: what the graph makes. One module for each boundary a number crosses.

Belongs here: asset definitions that call the lower packages. Does not belong here: the work itself.
"""
