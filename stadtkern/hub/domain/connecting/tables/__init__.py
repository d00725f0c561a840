"""Tables as files: delimited text of any habit, and workbooks (XLSX, ODS, XLS)."""
