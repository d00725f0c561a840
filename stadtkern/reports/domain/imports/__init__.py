"""Imports: bring another system's record in. A mapping says how; a row is kept, skipped or rejected with a reason.

mapping.py reads the mapping, reading.py the file, preparing.py checks a row, running.py writes in batches.
"""
