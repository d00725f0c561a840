"""Wiring of people."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "stadtkern.people"
    label = "people"
