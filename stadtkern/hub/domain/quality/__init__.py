"""Quality: what is checked at a value, when it comes and again later; the value itself is never touched."""
