"""Industry surveys: questionnaires out, filled workbooks in, receipts back.

Belongs here: the way of one questionnaire - template, reading, typing, checks, receipt - and of
many at once.
Does not belong here: what an industry is (ingestion/industry.py), what is derived from accepted
submissions (dbt_project).
"""
