"""Give somebody a role from the command line: how the first administrator of a city comes to be."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from stadtkern.core.problems import Problem
from stadtkern.people.domain.belonging import add_membership, invite
from stadtkern.people.models import Organisation
from stadtkern.people.words import Role


class Command(BaseCommand):
    help = "Give the person with this e-mail address a role in an organisation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("organisation", help="key of the organisation, e.g. bochum")
        parser.add_argument("role", choices=Role.values)
        parser.add_argument("--name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        house = Organisation.objects.filter(key=options["organisation"]).first()
        if house is None:
            raise CommandError(f"There is no organisation {options['organisation']!r}.")
        try:
            validate_email(options["email"])
            person = invite(options["email"], name=options["name"], by=None)
            add_membership(person, house, Role(options["role"]), by=None)
        except (ValidationError, Problem) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{person.email} is now {options['role']} of {house.name}.")
