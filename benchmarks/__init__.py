"""Measurements of speed, each beside a floor that says what the machine could do at best.

Belongs here: what `make bench` measures and prints. Does not belong here: tests of behaviour, and
limits that fail a build: a time depends on the machine, a ratio to a floor much less.
"""
