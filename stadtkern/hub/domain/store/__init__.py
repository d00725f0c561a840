"""Where measured values live: a port, PostgreSQL behind it, closed months in Parquet."""
