"""Alerts: values that go too far, change too fast or stay away, told once to those who asked."""
