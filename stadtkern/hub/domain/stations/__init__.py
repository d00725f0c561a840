"""Stations: things as people meet them, with their newest values, what is usual, and how it went.

Everything is read by plain SQL with the reader's rights in each statement; a page costs the same number of
statements however many stations it shows.
"""
