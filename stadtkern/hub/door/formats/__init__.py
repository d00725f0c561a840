"""Bodies of requests, one file per format. Each becomes groups of rows with named columns (rows.py), then samples."""
