"""Staff, teams, branches; roles made of duties; scopes; absences, hand-overs, borrowed access."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Branch(models.Model):
    """A branch of the lender, by the code that the book uses."""

    code = models.CharField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=120)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("code",)
        verbose_name = _("branch")

    def __str__(self) -> str:
        return self.name or self.code


class Team(models.Model):
    """A team, by the code that the book uses."""

    code = models.CharField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=120)
    branch = models.ForeignKey(Branch, null=True, blank=True, on_delete=models.PROTECT)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("code",)
        verbose_name = _("team")

    def __str__(self) -> str:
        return self.name or self.code


class Role(models.Model):
    """A set of duties under a name that staff know."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_zh = models.CharField(_("name in Chinese"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=60)
    #: The largest amount this role may approve alone, in minor units of the base currency.
    approves_up_to_minor = models.BigIntegerField(_("approves up to (minor units)"), default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("code",)
        verbose_name = _("role")

    def __str__(self) -> str:
        return f"{self.name_zh} {self.name_en}"


class Duty(models.Model):
    """One verb in one room that a role may do."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="duties")
    verb = models.CharField(_("verb"), max_length=20)
    room = models.CharField(_("room"), max_length=20)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("role", "verb", "room"), name="duty_once"),)
        verbose_name = _("duty")

    def __str__(self) -> str:
        return f"{self.verb} {self.room}"


class Staff(AbstractUser):
    """A member of staff; signs in, acts, and is named in every record of an act."""

    display_name = models.CharField(_("name"), max_length=80)
    staff_number = models.CharField(_("staff number"), max_length=40, unique=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    branch = models.ForeignKey(Branch, null=True, blank=True, on_delete=models.PROTECT)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT)
    roles = models.ManyToManyField(Role, blank=True, related_name="staff")
    #: Skills and spoken languages that assignment looks at, as codes.
    skills = models.JSONField(_("skills"), default=list, blank=True)
    spoken = models.JSONField(_("spoken languages"), default=list, blank=True)
    #: The most open cases this member of staff carries; 0 takes no new ones.
    case_capacity = models.PositiveIntegerField(_("most open cases"), default=150)
    #: Debtors this member of staff may not handle (relatives, own business), as debtor ids.
    conflicts = models.JSONField(_("conflicts of interest"), default=list, blank=True)
    #: The password was given by the administrator and is to be changed before anything else.
    must_change_password = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    #: Who changed this record last and when, for the colleague who comes too late.
    changed_by = models.CharField(max_length=80, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("staff_number",)
        verbose_name = _("member of staff")

    def __str__(self) -> str:
        return self.display_name or self.username


class Scope(models.Model):
    """Which debtors a member of staff may see: the bank, a branch, a product, a team, own ones."""

    class Kind(models.TextChoices):
        """What a scope is drawn by."""

        BANK = "bank", _("whole bank")
        BRANCH = "branch", _("branch")
        PRODUCT = "product", _("product")
        TEAM = "team", _("team")
        PORTFOLIO = "portfolio", _("portfolio of a colleague or one's own")

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="scopes")
    kind = models.CharField(_("drawn by"), max_length=20, choices=Kind.choices)
    #: Branch or team code, product code, or staff key for a portfolio; empty for the bank.
    value = models.CharField(_("value"), max_length=64, blank=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    #: The hand-over that gave this scope; it goes when the portfolio is returned.
    hand_over = models.ForeignKey(
        "people.PortfolioHandOver",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="scopes",
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("staff", "kind", "value"), name="scope_once"),
        )
        verbose_name = _("scope")

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class Absence(models.Model):
    """Days on which a member of staff is away, and who takes the portfolio meanwhile."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="absences")
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    stand_in = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="stands_in"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(until_on__gt=F("from_on")), name="absence_in_order"),
            models.CheckConstraint(
                condition=Q(stand_in=None) | ~Q(stand_in=F("staff")), name="absence_by_another"
            ),
        )
        ordering = ("-from_on", "-pk")
        indexes = (models.Index(fields=("stand_in", "until_on"), name="absence_by_stand_in"),)
        verbose_name = _("absence")


class PortfolioHandOver(models.Model):
    """A portfolio given to a colleague, with deadline and note; it counts once accepted."""

    class Status(models.TextChoices):
        """Where a hand-over stands."""

        OFFERED = "offered", _("offered")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        RETURNED = "returned", _("returned")
        LAPSED = "lapsed", _("lapsed")

    giver = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="given")
    taker = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="taken")
    note = models.TextField(_("note"))
    accept_by = models.DateTimeField(_("to be accepted by"))
    until = models.DateTimeField(_("until"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default="offered")
    offered_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    remark = models.TextField(_("remark"), blank=True)

    class Meta:
        ordering = ("-offered_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=~Q(taker=F("giver")), name="hand_over_to_another"),
            models.UniqueConstraint(
                fields=("giver", "taker"),
                condition=Q(status__in=("offered", "accepted")),
                name="hand_over_runs_once",
            ),
        )
        verbose_name = _("hand-over of a portfolio")


class BorrowedAccess(models.Model):
    """An hour of access to debtors' data for an administrator, with a written reason."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="borrowed")
    reason = models.TextField(_("reason"))
    begun_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ("-begun_at", "-pk")
        verbose_name = _("borrowed access")
