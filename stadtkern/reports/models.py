"""Tables of reports: what the pack brings (groups, categories, rules, reasons) and what happens."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q

from stadtkern.media.models import Image
from stadtkern.people.models import Organisation
from stadtkern.reports.words import CLOSED, ForwardState, Kind, PhotoPart, Source, Status, Visibility
from stadtkern.threads.models import Contact, Thread

PERSON = settings.AUTH_USER_MODEL


class Group(models.Model):
    """A group of categories, as the citizen picks it first."""

    key = models.SlugField(max_length=60, primary_key=True)
    name = models.JSONField()
    icon = models.CharField(max_length=40)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order"]


class Category(models.Model):
    """A kind of matter: whose it is, how long it may take, what the technician must know."""

    key = models.SlugField(max_length=60, primary_key=True)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="categories")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.DEFECT)
    name = models.JSONField()
    hint = models.JSONField(default=dict)
    keywords = models.JSONField(default=list)
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    due_working_days = models.PositiveSmallIntegerField(default=10)
    publish_at_once = models.BooleanField(default=False)
    duplicate_radius_m = models.PositiveSmallIntegerField(default=40)
    point_barrier = models.BooleanField(default=False)
    emergency = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)
    closed_reason = models.JSONField(default=dict)
    referral = models.JSONField(default=list)
    questions = models.JSONField(default=list)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order"]


class Closing(models.Model):
    """The desk has closed a category: it stays closed, whatever the pack says, until the desk opens it again."""

    category = models.OneToOneField(Category, on_delete=models.CASCADE, related_name="closing")
    reason = models.JSONField(help_text="what everybody reads, by language")
    referral = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now=True)


class RoutingRule(models.Model):
    """First match wins; `when` as in the pack's routing.toml."""

    key = models.SlugField(max_length=60, unique=True)
    order = models.PositiveSmallIntegerField()
    note = models.TextField(blank=True)
    when = models.JSONField(default=dict)
    to = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["order"]


class Reason(models.Model):
    """A reason of a "no", with words for the citizen."""

    key = models.SlugField(max_length=60, primary_key=True)
    label = models.CharField(max_length=200)
    public = models.JSONField()
    referral = models.BooleanField(default=False)
    counts_as = models.CharField(max_length=12, default="declined")
    needs_words = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order"]


class CannedAnswer(models.Model):
    """A text block for staff; from the pack, or an organisation's own."""

    key = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    text = models.TextField()
    categories = models.JSONField(default=list)
    groups = models.JSONField(default=list)
    status = models.JSONField(default=list)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["title"]


class Report(models.Model):
    """One matter. Its number is its id. Personal data are in threads.Contact, never here."""

    kind = models.CharField(max_length=8, choices=Kind)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="reports", db_index=False)
    text = models.TextField(blank=True)
    public_text = models.TextField(blank=True, help_text="as staff corrected it; empty: the text itself")
    language = models.CharField(max_length=12, blank=True)
    answers = models.JSONField(default=dict)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    address = models.CharField(max_length=200, blank=True)
    place_note = models.CharField(max_length=200, blank=True)
    asset_id = models.CharField(max_length=80, blank=True)
    district = models.CharField(max_length=60, blank=True)
    cell = models.CharField(max_length=16, blank=True, help_text="H3 cell, resolution 9")
    status = models.CharField(max_length=10, choices=Status, default=Status.RECEIVED)
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.CHECKING)
    source = models.CharField(max_length=8, choices=Source, default=Source.WEB)
    external_source = models.CharField(max_length=60, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    external_state = models.CharField(
        max_length=8, blank=True, default="", db_default="", help_text="what the other side said last: open or closed"
    )
    thread = models.OneToOneField(Thread, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    assignee = models.ForeignKey(
        PERSON, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    routed_by = models.CharField(max_length=60, blank=True, help_text="key of the rule that chose the owner")
    filed_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reason = models.ForeignKey(
        Reason, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    referred_to = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    duplicate_of = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="duplicates", db_index=False
    )
    part_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="shares", db_index=False)
    linked = models.ManyToManyField("self")
    support_count = models.PositiveIntegerField(default=0)
    photo_count = models.PositiveSmallIntegerField(default=0)
    solved = models.BooleanField(null=True)
    solved_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    search = models.GeneratedField(
        expression=SearchVector("text", "public_text", "address", config="german"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["external_source", "external_id"], condition=~Q(external_id=""), name="imported_once"
            ),
            models.CheckConstraint(
                condition=Q(lat__isnull=True, lon__isnull=True) | Q(lat__range=(-90, 90), lon__range=(-180, 180)),
                name="place_on_earth",
            ),
            models.CheckConstraint(condition=~Q(status="rejected") | Q(reason__isnull=False), name="a_no_has_a_reason"),
            models.CheckConstraint(
                condition=Q(status__in=sorted(CLOSED)) | Q(closed_at__isnull=True),
                name="closed_at_only_when_closed",
            ),
            models.CheckConstraint(condition=~Q(duplicate_of=F("id")), name="no_duplicate_of_itself"),
        ]
        indexes = [
            models.Index(fields=["-filed_at", "-id"], condition=Q(visibility="public"), name="public_newest"),
            models.Index(
                fields=["category", "-filed_at", "-id"],
                condition=Q(visibility="public"),
                name="public_by_category",
            ),
            models.Index(
                fields=["status", "-filed_at", "-id"],
                condition=Q(visibility="public"),
                name="public_by_status",
            ),
            models.Index(
                fields=["district", "-filed_at", "-id"],
                condition=Q(visibility="public"),
                name="public_by_district",
            ),
            models.Index(
                fields=["owner", "due_at", "id"], condition=Q(closed_at__isnull=True), name="desk_open_by_due"
            ),
            models.Index(fields=["due_at", "id"], condition=Q(closed_at__isnull=True), name="open_by_due"),
            models.Index(
                fields=["assignee", "due_at", "id"],
                condition=Q(closed_at__isnull=True),
                name="desk_mine_by_due",
            ),
            models.Index(fields=["lat", "lon"], name="report_by_place"),
            models.Index(fields=["category", "lat", "lon"], condition=Q(closed_at__isnull=True), name="open_near"),
            models.Index(fields=["-changed_at", "-id"], name="report_by_change"),
            # What most reports do not have is indexed for those that do: a new report enters none of these.
            models.Index(fields=["assignee"], condition=Q(assignee__isnull=False), name="report_by_assignee"),
            models.Index(fields=["reason", "-filed_at"], condition=Q(reason__isnull=False), name="report_by_reason"),
            models.Index(fields=["duplicate_of"], condition=Q(duplicate_of__isnull=False), name="report_by_original"),
            models.Index(fields=["part_of"], condition=Q(part_of__isnull=False), name="report_by_whole"),
            GinIndex(fields=["search"], name="report_search"),
        ]

    @property
    def shown_text(self) -> str:
        """What everybody may read."""
        return self.public_text or self.text

    @property
    def is_open(self) -> bool:
        return self.status not in CLOSED


class Handover(models.Model):
    """The report goes from one organisation to another; the clock runs until the new one takes it."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="handovers")
    old_owner = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    new_owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    person = models.ForeignKey(PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    words = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["new_owner", "due_at"], condition=Q(taken_at__isnull=True), name="clocks_running")
        ]


class Photo(models.Model):
    """A picture of a report, in the order they were sent."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="photos")
    image = models.OneToOneField(Image, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=8, choices=PhotoPart, default=PhotoPart.REPORT)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]


class Support(models.Model):
    """ "Me too": counted once per contact or device; the device is only a digest."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="supports")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+")
    device = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "device"], name="me_too_once")]


class SavedFilter(models.Model):
    """A desk filter that somebody keeps."""

    person = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=500)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="one_filter_per_name")]


class Forwarding(models.Model):
    """A report carried to a body outside, by Open311 or e-mail, and what it says."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="forwardings")
    to = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    way = models.CharField(max_length=8, choices=[("open311", "Open311"), ("email", "E-Mail")])
    state = models.CharField(max_length=8, choices=ForwardState, default=ForwardState.WAITING)
    remote_id = models.CharField(max_length=120, blank=True)
    remote_status = models.CharField(max_length=40, blank=True)
    remote_url = models.URLField(blank=True)
    error = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    polled_at = models.DateTimeField(null=True)


class Figure(models.Model):
    """A figure or chart worked out by a nightly job, kept so that its page is quick."""

    key = models.SlugField(max_length=60, primary_key=True)
    content = models.JSONField()
    made_at = models.DateTimeField()
