"""The case of a person, its timeline, tasks, assignments, hand-overs and reviews.

A case holds copies of what lists show and sort by, so that a worklist is one query; the night and
the day's re-decisions keep them current.
"""

from typing import Any, NoReturn

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Case(models.Model):
    """One person with all loans, from the first day over the thresholds until nothing is left.

    The key is the debtor's: a person has one case; after it was closed it is opened anew, and
    ``spell`` counts how often. ``queue`` says where it stands for whoever has it: 0 to be worked
    now, 1 no channel open now, 2 resting (promise, plan, law, suspension), 9 closed.
    """

    class Queue(models.IntegerChoices):
        """Where a case stands in a worklist."""

        NOW = 0, _("to be worked now")
        LATER = 1, _("no channel open now")
        RESTING = 2, _("resting")
        CLOSED = 9, _("closed")

    debtor_id = models.CharField(_("debtor"), max_length=64, primary_key=True)
    status = models.CharField(_("status"), max_length=12, default="new")
    status_since = models.DateTimeField(_("since"))
    queue = models.SmallIntegerField(choices=Queue.choices, default=Queue.NOW)
    spell = models.PositiveIntegerField(default=1)
    opened_on = models.DateField(_("opened"))
    closed_on = models.DateField(_("closed"), null=True)
    #: The first business date on which nothing was overdue; closing counts its days from here.
    clear_since = models.DateField(null=True)
    as_of = models.DateField(_("as of"))

    collector = models.ForeignKey(
        "people.Staff",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("collector"),
    )
    assigned_at = models.DateTimeField(null=True)
    #: Why this collector: [{"zh", "en"}].
    assigned_why = models.JSONField(default=list)
    former_collector_id = models.BigIntegerField(null=True)

    shown_name = models.CharField(_("person"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=20, blank=True)
    branch = models.CharField(_("branch"), max_length=64, blank=True)
    team = models.CharField(_("team"), max_length=64, blank=True)
    products = models.CharField(max_length=300, blank=True)
    contracts = models.IntegerField(_("contracts"), default=0)
    worst_dpd = models.IntegerField(_("days past due"), null=True)
    bucket = models.CharField(_("bucket"), max_length=20, blank=True)
    worst_class = models.CharField(_("asset class"), max_length=20, blank=True)
    overdue_base_minor = models.BigIntegerField(_("overdue"), null=True)
    exposure_base_minor = models.BigIntegerField(_("exposure"), null=True)
    segment = models.CharField(_("segment"), max_length=60, blank=True)
    treatment = models.CharField(_("treatment"), max_length=60, blank=True)
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    priority = models.BigIntegerField(_("priority"), default=0)
    rank = models.IntegerField(_("rank"), null=True)
    reasons = models.JSONField(default=list)
    blocked_by = models.JSONField(default=list)
    next_permitted_at = models.DateTimeField(null=True)

    last_contact_at = models.DateTimeField(_("last contact"), null=True)
    last_outcome = models.CharField(_("outcome"), max_length=20, blank=True)
    last_channel = models.CharField(max_length=10, blank=True)
    #: The local day on which somebody last did something about it; a worked case leaves the list.
    worked_on = models.DateField(null=True)
    promise_due_on = models.DateField(_("promise due"), null=True)
    promise_minor = models.BigIntegerField(_("promised"), null=True)
    promise_broken_on = models.DateField(null=True)
    last_review_on = models.DateField(_("last review"), null=True)
    review_due_on = models.DateField(_("review due"), null=True)

    #: Head of the timeline's chain: how many entries there are, and the hash of the last one.
    entries = models.PositiveIntegerField(default=0)
    head_hash = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("case")
        indexes = (
            models.Index(
                fields=("collector", "queue", "-priority", "debtor_id"), name="case_worklist"
            ),
            models.Index(
                fields=("team", "-priority", "debtor_id"),
                name="case_pool",
                condition=Q(collector=None, queue__lt=2),
            ),
            models.Index(
                fields=("-priority", "debtor_id"),
                name="case_free_by_rank",
                condition=Q(collector=None, queue=0),
            ),
            models.Index(fields=("queue", "-priority", "debtor_id"), name="case_by_rank"),
            models.Index(
                fields=("-priority", "debtor_id"),
                name="case_open_by_rank",
                condition=Q(queue__lt=9),
            ),
            models.Index(fields=("team", "queue", "-priority", "debtor_id"), name="case_by_team"),
            models.Index(fields=("branch", "queue"), name="case_by_branch"),
            models.Index(
                fields=("review_due_on",), name="case_by_review", condition=Q(queue__lt=9)
            ),
            models.Index(
                fields=("collector", "promise_due_on"),
                name="case_by_promise",
                condition=Q(promise_due_on__isnull=False),
            ),
            models.Index(fields=("closed_on",), name="case_by_closing"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(status="closed", closed_on__isnull=False, queue=9)
                | (~Q(status="closed") & Q(closed_on=None) & ~Q(queue=9)),
                name="case_closed_whole",
            ),
        )

    @property
    def is_open(self) -> bool:
        """Whether the case is open."""
        return self.status != "closed"

    @property
    def product_codes(self) -> tuple[str, ...]:
        """The products of the person's loans."""
        return tuple(code for code in self.products.split("|") if code)


class AppendOnly(RuntimeError):
    """Somebody tried to change or delete an entry of a timeline."""


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise AppendOnly(
        "时间线只能追加；更正请新增条目。A timeline is append-only; correct it by a new entry."
    )


class EntryRows(models.QuerySet["Entry"]):
    """Rows of timelines: they can be read and added, nothing else."""

    update = delete = bulk_update = update_or_create = _refuse


class Entry(models.Model):
    """One thing that happened to a case; append-only, chained by hash within the case.

    ``facts`` holds codes, amounts and keys as JSON knows them, never words: words are chosen when
    it is read. ``corrects`` names the place of the entry that this one corrects or takes back.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveIntegerField()
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("who")
    )
    kind = models.CharField(_("kind"), max_length=30)
    facts = models.JSONField(default=dict)
    text = models.TextField(blank=True, default="")
    corrects = models.PositiveIntegerField(null=True)
    hash_before = models.CharField(max_length=64)
    hash_own = models.CharField(max_length=64)

    objects = EntryRows.as_manager()

    class Meta:
        ordering = ("case", "-place")
        constraints = (
            models.UniqueConstraint(fields=("case", "place"), name="entry_place_once"),
            models.CheckConstraint(
                condition=Q(corrects=None) | Q(corrects__lt=F("place")), name="entry_corrects_older"
            ),
        )
        indexes = (models.Index(fields=("actor", "at"), name="entry_by_actor"),)
        verbose_name = _("entry of a timeline")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the entry; an entry that is there already cannot be saved again."""
        if not self._state.adding:
            _refuse()
        super().save(*args, **kwargs)

    delete = _refuse


class Task(models.Model):
    """Something that somebody has to do about a case by a time."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=30)
    title = models.CharField(_("what is to be done"), max_length=200)
    due_at = models.DateTimeField(_("due"))
    assignee = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(_("done"), null=True)
    done_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    cancelled_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("due_at", "pk")
        indexes = (
            models.Index(
                fields=("assignee", "due_at"),
                name="task_by_assignee",
                condition=Q(done_at=None, cancelled_at=None),
            ),
            models.Index(fields=("case", "due_at"), name="task_by_case"),
        )
        verbose_name = _("task")


class Move(models.Model):
    """One act that gave cases to somebody or took them away; the unit that undo takes back.

    ``cases``: [{"debtor_id", "before", "version"}], the collector before and the version after.
    """

    at = models.DateTimeField()
    actor = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    collector = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    cases = models.JSONField(default=list)
    why = models.TextField(blank=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name = _("move of cases")


class HandOver(models.Model):
    """A case offered to a colleague of another calling; it counts once accepted.

    An offer that nobody has answered by ``accept_by`` is overdue; that is a matter of the clock,
    not a state.
    """

    class Status(models.TextChoices):
        """Where a hand-over stands."""

        OFFERED = "offered", _("offered")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    giver = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    taker = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    #: Calling of the taker: collector, loan_officer, counsel ...
    role = models.CharField(_("to"), max_length=40)
    note = models.TextField(_("note"))
    offered_at = models.DateTimeField()
    accept_by = models.DateTimeField(_("to be accepted by"))
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default="offered")
    settled_at = models.DateTimeField(null=True)
    remark = models.TextField(_("remark"), blank=True)

    class Meta:
        ordering = ("-offered_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("case",), condition=Q(status="offered"), name="one_offer_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(giver=None) | ~Q(giver=F("taker")), name="giver_is_not_taker"
            ),
        )
        indexes = (models.Index(fields=("taker", "status"), name="hand_over_by_taker"),)
        verbose_name = _("hand-over of a case")


class Review(models.Model):
    """A review of the account: what was checked, what was found, what changes.

    ``checked``: {"contact_points" | "ability" | "collateral" | "legal_dates" | "strategy":
    {"result": "ok" | "change" | "not_applicable", "remark"}}.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(_("due"), null=True)
    done_at = models.DateTimeField(_("done"))
    done_by = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    bucket = models.CharField(_("bucket"), max_length=20, blank=True)
    checked = models.JSONField(default=dict)
    changes = models.TextField(_("what changes"), blank=True)
    next_due_on = models.DateField(_("next review"), null=True)

    class Meta:
        ordering = ("-done_at", "-pk")
        indexes = (models.Index(fields=("case",), name="review_by_case"),)
        verbose_name = _("review of an account")
