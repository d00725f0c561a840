"""stadtkern manage api_key: issue, list and end keys of machines outside."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from stadtkern.core import apikeys
from stadtkern.core.models import ApiKey
from stadtkern.core.parts import api_scopes
from stadtkern.people.models import Organisation

USUAL = ("open311.file", "open311.update")


class Command(BaseCommand):
    help = "Keys of machines outside: create NAME, list, revoke PREFIX."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="Issue a key; its secret is shown this once.")
        create.add_argument("name", help="whose key it is, e.g. 'Bürger-App 2'")
        create.add_argument(
            "--scope", action="append", choices=[scope.key for scope in api_scopes], help="may be repeated"
        )
        create.add_argument("--organisation", default="", help="key of the organisation that uses it")
        create.add_argument("--days", type=int, help="end it after so many days")
        create.add_argument("--per-minute", type=int, help="requests it may send in a minute, where they are counted")
        verbs.add_parser("list", help="All keys, without their secrets.")
        verbs.add_parser("revoke", help="End a key.").add_argument("prefix")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['verb']}")(options)

    def _create(self, options: dict[str, Any]) -> None:
        house = options["organisation"]
        if house and not Organisation.objects.filter(key=house).exists():
            raise CommandError(f"There is no organisation {house!r}.")
        key, text = apikeys.issue(
            options["name"],
            scopes=options["scope"] or USUAL,
            organisation=house,
            expires_at=timezone.now() + timedelta(days=options["days"]) if options["days"] else None,
            per_minute=options["per_minute"],
        )
        self.stderr.write(f"{key.name}: {', '.join(key.scopes)}. Keep this; it is not shown again:")
        self.stdout.write(text)

    def _list(self, options: dict[str, Any]) -> None:
        for key in ApiKey.objects.all():
            ended = key.revoked_at or (key.expires_at if key.expires_at and key.expires_at < timezone.now() else None)
            state = f"ended {ended:%Y-%m-%d}" if ended else "lives"
            used = f"{key.last_used_at:%Y-%m-%d}" if key.last_used_at else "never"
            self.stdout.write(f"{key.prefix}  {state}  used {used}  {key.name}  [{' '.join(key.scopes)}]")

    def _revoke(self, options: dict[str, Any]) -> None:
        if not apikeys.revoke(options["prefix"]):
            raise CommandError(f"There is no living key {options['prefix']!r}.")
        self.stdout.write(f"{options['prefix']} has ended.")
