"""Read models published from the night, and the profile that staff keep of a debtor.

Rows of the first kind carry ``source_row`` (the row of the bank's file; where the normal form keeps
none, the place in the normal form's table, from 1), ``as_of`` (the business date of the night that
last changed them) and ``row_hash`` (what publishing compares; 0 is unlike every row, so that the
next night writes it anew). Amounts are integers in minor units of the row's currency;
``*_base_minor`` of the base currency.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Right
from django.utils.translation import gettext_lazy as _


class Publication(models.Model):
    """One night's result brought into the records."""

    as_of = models.DateField(_("business date"))
    published_at = models.DateTimeField(_("published at"))
    #: Relative to the folder of nights where it lies inside, so that the folder may move.
    result_folder = models.CharField(max_length=500)
    #: SHA-256 over what the manifest says of inputs, policy and results.
    result_hash = models.CharField(max_length=64)
    #: {table: {"new": n, "changed": n, "gone": n, "same": n}}
    counts = models.JSONField(default=dict)
    is_current = models.BooleanField(default=False)

    class Meta:
        ordering = ("-published_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("is_current",), condition=Q(is_current=True), name="one_current_publication"
            ),
        )
        verbose_name = _("publication")


class Published(models.Model):
    """What every published row carries."""

    as_of = models.DateField(_("as of"))
    source_row = models.BigIntegerField(_("source row"))

    class Meta:
        abstract = True


class Compared(Published):
    """A published row that is compared by itself; instalments and receipts are by contract."""

    row_hash = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class Debtor(Compared):
    """A person or company who owes, with the night's (or the day's) decision for the person."""

    debtor_id = models.CharField(_("debtor"), max_length=64, primary_key=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=20)
    id_type = models.CharField(max_length=40, blank=True)
    id_number = models.CharField(_("id number"), max_length=64, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.CharField(_("e-mail"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=20, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)
    region = models.CharField(_("region"), max_length=120, blank=True)
    deceased_on = models.DateField(_("deceased on"), null=True)
    bankrupt_on = models.DateField(_("bankrupt on"), null=True)
    vulnerable = models.BooleanField(_("vulnerable"), null=True)
    branch = models.CharField(_("branch"), max_length=64, blank=True)
    team = models.CharField(_("team"), max_length=64, blank=True)
    products = models.CharField(max_length=300, blank=True)
    contracts = models.IntegerField(_("contracts"), default=0)
    overdue_contracts = models.IntegerField(_("overdue contracts"), default=0)
    undecided_contracts = models.IntegerField(_("undecided contracts"), default=0)
    overdue_base_minor = models.BigIntegerField(_("overdue"), null=True)
    exposure_base_minor = models.BigIntegerField(_("exposure"), null=True)
    worst_dpd = models.IntegerField(_("days past due"), null=True)
    worst_class = models.CharField(_("asset class"), max_length=20, blank=True)
    leading_contract_id = models.CharField(max_length=64, blank=True)
    segment = models.CharField(_("segment"), max_length=60, blank=True)
    treatment = models.CharField(_("treatment"), max_length=60, blank=True)
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    priority = models.BigIntegerField(_("priority"), null=True)
    permitted_channels = models.JSONField(default=list)
    blocked_by = models.JSONField(default=list)
    next_permitted_at = models.DateTimeField(null=True)
    reasons = models.JSONField(default=list)
    #: The line of the worklist: rank in the team, first day, the table rows and what they say.
    worklist_rank = models.IntegerField(_("rank"), null=True)
    worklist_due = models.DateField(_("falls due on"), null=True)
    worklist_why = models.JSONField(default=list)
    worklist_why_zh = models.TextField(blank=True)
    worklist_why_en = models.TextField(blank=True)
    #: The bank's book no longer has the person; the figures are not known any more.
    gone_on = models.DateField(_("gone from the book"), null=True)
    #: Schedules, receipts, guarantors, collateral and contact points of the person are in the
    #: records; of all others they are read from the night itself.
    is_detailed = models.BooleanField(default=False)
    #: The desk wants them in the records whatever the arrears: a case is open, a receipt posted.
    is_desk_kept = models.BooleanField(default=False)
    #: What name search is built from changed when this does.
    search_hash = models.BigIntegerField(default=0)
    #: The last four characters, for searches by a masked number.
    phone_end = models.GeneratedField(
        expression=Right("phone", 4), output_field=models.CharField(max_length=4), db_persist=True
    )
    id_number_end = models.GeneratedField(
        expression=Right("id_number", 4),
        output_field=models.CharField(max_length=4),
        db_persist=True,
    )
    #: The day's re-decision is wanted and has not been made yet.
    redecision_pending = models.BooleanField(default=False)
    redecided_at = models.DateTimeField(null=True)
    #: Whose portfolio the person is in; set by the cases room, never by publishing.
    collector = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        indexes = (
            models.Index(fields=("name",), name="debtor_by_name"),
            models.Index(fields=("phone",), name="debtor_by_phone"),
            models.Index(fields=("phone_end", "phone"), name="debtor_by_phone_end"),
            models.Index(fields=("id_number_end",), name="debtor_by_id_number_end"),
            models.Index(
                fields=("worst_dpd",), condition=Q(worst_dpd__gt=0), name="debtor_in_arrears"
            ),
            models.Index(fields=("id_number",), name="debtor_by_id_number"),
            models.Index(fields=("team", "worst_dpd"), name="debtor_by_team"),
            models.Index(fields=("branch",), name="debtor_by_branch"),
        )
        verbose_name = _("debtor")


class NameGram(models.Model):
    """A part of a debtor's name by which it is found: two neighbours, or ``^`` and the first."""

    gram = models.CharField(max_length=8)
    debtor = models.ForeignKey(
        Debtor,
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        indexes = (
            models.Index(fields=("gram", "debtor"), name="name_gram"),
            models.Index(fields=("debtor",), name="name_gram_by_debtor"),
        )
        verbose_name = _("part of a name")


class Contract(Compared):
    """A loan with the figures, class and treatment decided for it."""

    contract_id = models.CharField(_("contract"), max_length=64, primary_key=True)
    debtor = models.ForeignKey(Debtor, on_delete=models.CASCADE, related_name="+", db_index=False)
    product = models.CharField(_("product"), max_length=60)
    currency = models.CharField(_("currency"), max_length=3)
    principal_minor = models.BigIntegerField(_("principal"), null=True)
    annual_rate_ppm = models.BigIntegerField(_("annual rate"), null=True)
    penalty_rate_ppm = models.BigIntegerField(_("penalty rate"), null=True)
    start_on = models.DateField(_("start"), null=True)
    maturity_on = models.DateField(_("maturity"), null=True)
    branch = models.CharField(_("branch"), max_length=64, blank=True)
    team = models.CharField(_("team"), max_length=64, blank=True)
    officer = models.CharField(_("loan officer"), max_length=64, blank=True)
    security = models.CharField(_("security"), max_length=20, blank=True)
    status = models.CharField(_("status"), max_length=20)
    restructured_on = models.DateField(_("restructured on"), null=True)
    written_off_on = models.DateField(_("written off on"), null=True)
    #: Why the contract's own rows were refused; empty where they were not.
    bad_code = models.CharField(max_length=60, blank=True)
    dpd = models.IntegerField(_("days past due"), null=True)
    dpd_prev = models.IntegerField(null=True)
    max_dpd_12m = models.IntegerField(null=True)
    overdue_principal_minor = models.BigIntegerField(null=True)
    overdue_interest_minor = models.BigIntegerField(null=True)
    overdue_fee_minor = models.BigIntegerField(null=True)
    outstanding_principal_minor = models.BigIntegerField(null=True)
    exposure_minor = models.BigIntegerField(null=True)
    overdue_base_minor = models.BigIntegerField(null=True)
    exposure_base_minor = models.BigIntegerField(null=True)
    principal_base_minor = models.BigIntegerField(null=True)
    first_over_30_on = models.DateField(null=True)
    first_over_90_on = models.DateField(null=True)
    overdue_instalments = models.IntegerField(null=True)
    bucket = models.CharField(_("bucket"), max_length=20, blank=True)
    asset_class = models.CharField(_("asset class"), max_length=20)
    asset_class_rules = models.JSONField(default=list)
    asset_class_unexamined = models.JSONField(default=list)
    asset_class_unknown_why = models.CharField(max_length=60, blank=True)
    roll = models.CharField(max_length=10, blank=True)
    paid_ratio_3m_bp = models.IntegerField(null=True)
    paid_ratio_6m_bp = models.IntegerField(null=True)
    paid_ratio_12m_bp = models.IntegerField(null=True)
    broken_promises_6m = models.IntegerField(null=True)
    segment = models.CharField(_("segment"), max_length=60, blank=True)
    treatment = models.CharField(_("treatment"), max_length=60, blank=True)
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    priority = models.BigIntegerField(null=True)
    arm = models.CharField(max_length=40, blank=True)
    arm_probability_ppm = models.IntegerField(null=True)
    blocked_by = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    gone_on = models.DateField(_("gone from the book"), null=True)
    #: What the instalments and the receipts in the records are; 0: none of them are there.
    schedule_hash = models.BigIntegerField(default=0)
    receipts_hash = models.BigIntegerField(default=0)

    class Meta:
        indexes = (
            models.Index(fields=("debtor",), name="contract_by_debtor"),
            models.Index(fields=("product", "bucket"), name="contract_by_product"),
            models.Index(fields=("team", "bucket"), name="contract_by_team"),
        )
        verbose_name = _("contract")


class Instalment(Published):
    """One instalment of a schedule. Published for debtors whom the desk may meet."""

    contract = models.ForeignKey(
        Contract, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    seq = models.IntegerField(_("instalment"))
    due_on = models.DateField(_("falls due on"))
    principal_minor = models.BigIntegerField(_("principal"))
    interest_minor = models.BigIntegerField(_("interest"))
    fee_minor = models.BigIntegerField(_("fee"))

    class Meta:
        constraints = (models.UniqueConstraint(fields=("contract", "seq"), name="instalment_once"),)
        verbose_name = _("instalment")


class BookReceipt(Published):
    """A receipt (or waiver) as the bank's book has it; reversed ones stay and count for nothing."""

    payment_id = models.CharField(_("receipt"), max_length=64, primary_key=True)
    contract = models.ForeignKey(
        Contract, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    paid_on = models.DateField(_("paid on"))
    amount_minor = models.BigIntegerField(_("amount"))
    is_waiver = models.BooleanField(default=False)
    is_reversed = models.BooleanField(default=False)

    class Meta:
        indexes = (models.Index(fields=("contract", "paid_on"), name="receipt_by_contract"),)
        verbose_name = _("receipt")


class Guarantor(Compared):
    """Someone who stands for a contract."""

    contract = models.ForeignKey(
        Contract, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    guarantor_id = models.CharField(_("guarantor"), max_length=64)
    name = models.CharField(_("name"), max_length=200, blank=True)
    guarantee_kind = models.CharField(_("kind of guarantee"), max_length=20, blank=True)
    guaranteed_until = models.DateField(_("guaranteed until"), null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("contract", "guarantor_id"), name="guarantor_once"),
        )
        verbose_name = _("guarantor")


class CollateralItem(Compared):
    """A thing that secures a contract."""

    collateral_id = models.CharField(_("collateral"), max_length=64, primary_key=True)
    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=60)
    value_minor = models.BigIntegerField(_("appraised value"), null=True)
    valued_on = models.DateField(_("appraised on"), null=True)
    registered_on = models.DateField(_("registered on"), null=True)
    insured_until = models.DateField(_("insured until"), null=True)
    rank = models.IntegerField(_("rank"), null=True)

    class Meta:
        verbose_name = _("collateral")


class ContactPoint(models.Model):
    """A number or address at which a debtor may be met, its source, and whether it still serves."""

    class Kind(models.TextChoices):
        """What sort of contact point."""

        PHONE = "phone", _("phone")
        EMAIL = "email", _("e-mail")
        ADDRESS = "address", _("address")

    debtor = models.ForeignKey(Debtor, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    value = models.CharField(_("value"), max_length=300)
    #: Codes of the gate's facts: contract, debtor, authorised, public, told_by_contact ...
    source = models.CharField(_("source"), max_length=30)
    party = models.CharField(_("whose"), max_length=20, default="debtor")
    #: None: nobody has judged it yet.
    is_valid = models.BooleanField(_("in use"), null=True)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    checked_by = models.ForeignKey(
        "people.Staff", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    #: Traced, not given by contract or debtor: when it was found, and on what lawful basis.
    found_on = models.DateField(_("found on"), null=True, blank=True)
    basis = models.CharField(_("lawful basis"), max_length=300, blank=True, default="")
    #: The bank's book has it.
    from_night = models.BooleanField(default=False)
    added_by = models.ForeignKey(
        "people.Staff", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("debtor", "kind", "value", "party"), name="contact_point_once"
            ),
        )
        indexes = (models.Index(fields=("value",), name="contact_point_by_value"),)
        verbose_name = _("contact point")


class Hold(models.Model):
    """A hold from the bank's book or set at the desk: what may not be done meanwhile, and why.

    In force from ``from_on``, no longer on ``until_on``. A hold lifted at the desk stays, with the
    day; one from the book keeps that mark until the book no longer has the hold.
    """

    debtor = models.ForeignKey(Debtor, on_delete=models.CASCADE, related_name="+", db_index=False)
    contract_id = models.CharField(max_length=64, blank=True)
    kind = models.CharField(_("kind"), max_length=20)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True)
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    from_night = models.BooleanField(default=True)
    as_of = models.DateField(_("as of"), null=True)
    source_row = models.BigIntegerField(_("source row"), null=True)
    set_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField(null=True)
    why = models.TextField(_("reason"), blank=True)
    proof = models.ForeignKey(
        "portfolio.Proof", null=True, on_delete=models.PROTECT, related_name="+"
    )
    #: ``room:record`` of what the hold hangs on and is lifted with; empty: anybody with the duty.
    kept_by = models.CharField(max_length=60, blank=True)
    lifted_on = models.DateField(_("lifted on"), null=True)
    lifted_by = models.ForeignKey(
        "people.Staff", null=True, on_delete=models.PROTECT, related_name="+"
    )
    lift_why = models.TextField(blank=True)
    lift_proof = models.ForeignKey(
        "portfolio.Proof", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("from_on", "pk")
        indexes = (models.Index(fields=("debtor",), name="hold_by_debtor"),)
        verbose_name = _("hold")


class IncomeStatement(models.Model):
    """Income and expense of a debtor's household or business; versions, the latest counts.

    ``lines``: [{"side": "income" | "expense", "code", "amount_minor", "note"}], per month.
    """

    debtor = models.ForeignKey(Debtor, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.PositiveIntegerField(_("version"))
    stated_on = models.DateField(_("stated on"))
    currency = models.CharField(_("currency"), max_length=3)
    lines = models.JSONField(_("lines"))
    made_by = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("-version",)
        constraints = (models.UniqueConstraint(fields=("debtor", "version"), name="version_once"),)
        verbose_name = _("income and expense statement")


class Circumstance(models.Model):
    """Something in a debtor's life that matters to a plan: illness, unemployment, dependants."""

    debtor = models.ForeignKey(Debtor, on_delete=models.CASCADE, related_name="+")
    #: A code of ``recoup.apps.portfolio.circumstances``.
    code = models.CharField(_("circumstance"), max_length=40)
    is_cause = models.BooleanField(_("cause of the arrears"), default=False)
    from_on = models.DateField(_("from"), null=True, blank=True)
    until_on = models.DateField(_("until"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    made_by = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("-made_at",)
        verbose_name = _("circumstance")


class Proof(models.Model):
    """A file that proves something about a debtor; kept outside the web root, by its hash."""

    debtor = models.ForeignKey(Debtor, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(_("title"), max_length=200)
    file_name = models.CharField(_("file name"), max_length=200)
    media_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    circumstance = models.ForeignKey(
        Circumstance, null=True, blank=True, on_delete=models.SET_NULL, related_name="proofs"
    )
    made_by = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("-made_at",)
        verbose_name = _("proof")
