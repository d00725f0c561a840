"""Moments in answers for machines."""


def in_utc(moment: str) -> str:
    """SQL that writes a moment in UTC, to the second; `moment` is a column or an expression of ours.

    PostgreSQL does it: for a list, reading and writing moments in Python would cost more than all the rest.
    """
    return f"to_char({moment} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
