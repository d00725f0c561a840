"""Stadtkern: the open digital core of a city. Start reading at docs/handbook/developer.md."""
