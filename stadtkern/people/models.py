"""Persons, organisations, memberships."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from stadtkern.people.words import OrganisationKind, Role


class Organisation(models.Model):
    """The city, a company, a department: whoever can own a matter. Departments hang below their house."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    short = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=OrganisationKind)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    url = models.URLField(blank=True)
    open311_url = models.URLField(blank=True)
    open311_key = models.CharField(max_length=200, blank=True)
    about = models.JSONField(default=dict, help_text="one sentence for citizens, by language code")
    takes_rest = models.BooleanField(default=False, help_text="gets what no routing rule catches; one house has it")
    unit_member = models.BooleanField(default=False, help_text="sends people to the Innovation Unit")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["takes_rest"], condition=models.Q(takes_rest=True), name="one_organisation_takes_the_rest"
            ),
        ]

    def __str__(self) -> str:
        return self.short or self.name


class People(BaseUserManager["Person"]):
    def create_user(self, email: str, password: str | None = None, **given: object) -> "Person":
        person = Person(email=self.normalize_email(email).lower(), **given)
        if password:
            person.set_password(password)
        else:
            person.set_unusable_password()
        person.save()
        return person

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """Somebody with an account: a citizen, or a member of an organisation."""

    email = models.EmailField(_("E-Mail-Adresse"), max_length=254)
    name = models.CharField(_("Name"), max_length=120, blank=True)
    language = models.CharField(max_length=12, default="de")
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[People] = People()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_person_per_address")]

    def __str__(self) -> str:
        return self.name or self.email


class Membership(models.Model):
    """A person's role in an organisation. One of a person's memberships is the home organisation."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)
    home = models.BooleanField(default=True)
    share = models.PositiveSmallIntegerField(default=100, help_text="share of working time in percent")
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "organisation", "role"], name="one_role_once"),
            models.CheckConstraint(condition=models.Q(share__lte=100), name="share_is_percent"),
            models.CheckConstraint(
                condition=models.Q(since__isnull=True)
                | models.Q(until__isnull=True)
                | models.Q(until__gte=models.F("since")),
                name="membership_ends_after_it_began",
            ),
        ]
