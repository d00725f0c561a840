"""`make bench`: what a page costs, as a ratio to an empty page of the same server in the same run.

Absolute figures of a shared machine say little; ratios survive the machine. The floor F is an empty Django page
through the same front, the same middleware and the same number of worker processes, measured again before and after
every page.
Start reading at __main__.py. The hub has benches of its own: hub_ingest.py and hub_csv.py against C (a binary COPY of
the same rows), hub_reads.py and hub_mixed.py in milliseconds per question.
"""
