"""Config: settings, addresses and processes. The only place that knows every module."""
