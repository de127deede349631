"""Work that the demo bank has done already, so that no page of the desk is empty at first sight."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from importlib import import_module
from types import ModuleType
from typing import Any

#: Persons of the demo bank whose postal address the desk holds, and where the town lies.
ADDRESSES = 400
TOWN = (30_250_000, 120_160_000)
LETTERS_SENT, LETTERS_WAITING, VISITS = 4, 3, 8
CALLS_EACH, REVIEWED = 3, 9
BODY = (
    "尊敬的客户：\n"
    "您在本行的贷款已经逾期，明细见下表。请在下列日期前归还逾期部分。\n"
    "如果一次归还有困难，请与我们联系，可以商量延期、分期或者其他适合您的办法；请不要为此另外借钱。\n"
    "您有权要求我们说明每一笔金额的计算；如对金额有异议，请致电本行，核实清楚之前不催收有异议的部分。\n"
    "感谢您的配合。"
)
ENGLISH = (
    "Dear customer,\n"
    "a payment to this bank is overdue; the table below has the details. Please pay the overdue "
    "part by the day named below.\n"
    "If that is hard to do in one sum, please speak with us about more time or instalments. Please "
    "do not borrow for it.\n"
    "You may ask how each amount was counted. If you think that an amount is wrong, please call "
    "us; it is not collected until it has been checked.\n"
    "Thank you."
)


def do_work(*, at: datetime) -> None:
    """Give the demo bank addresses, letters, visits and reviews. Its people are there already."""
    people = import_module("recoup.apps.people.models").Staff
    every = {one.username: one for one in people.objects.all()}
    head, officer = every["head"].pk, every["officer"]
    signing = {one.pk for one in every.values() if one.has_usable_password()}
    give_addresses(staff_id=head, at=at)
    plan_visits(head_id=head, officer=officer, busy=signing, at=at)
    write_letters(head_id=head, busy=signing, at=at)
    review_calls(
        reviewers=(head, every["compliance"].pk),
        callers={every["senior"].pk, *(one.pk for one in every.values() if one.pk not in signing)},
        at=at,
    )


def _actor(staff_id: int, at: datetime) -> Any:
    return import_module("recoup.apps.people.queries").actor_of(staff_id=staff_id, at=at)


def give_addresses(*, staff_id: int, at: datetime) -> None:
    """Note invented addresses of persons with cases, and where some of them lie."""
    cases = import_module("recoup.apps.cases.models").Case
    portfolio = import_module("recoup.apps.portfolio.models")
    visits = import_module("recoup.apps.visits.models")
    wanted = cases.objects.filter(queue__lt=9).order_by("-priority", "pk")
    ids = list(wanted.values_list("pk", flat=True)[:ADDRESSES])
    points, places = [], []
    for number, debtor_id in enumerate(ids):
        address = f"示例市样本区示例路{number + 1}号"
        points.append(
            portfolio.ContactPoint(
                debtor_id=debtor_id,
                kind="address",
                value=address,
                source="contract",
                added_by_id=staff_id,
                added_at=at,
            )
        )
        if number % 4:
            places.append(
                visits.AddressPlace(
                    debtor_id=debtor_id,
                    address=address,
                    latitude_e6=TOWN[0] + number * 7919 % 60_000,
                    longitude_e6=TOWN[1] + number * 104_729 % 60_000,
                    noted_at=at,
                )
            )
    portfolio.ContactPoint.objects.bulk_create(points)
    visits.AddressPlace.objects.bulk_create(places)


def write_letters(*, head_id: int, busy: set[int], at: datetime) -> None:
    """Write letters to people of colleagues who do not sign in; print some, let one come back."""
    contacts = import_module("recoup.apps.contacts.actions")
    post = import_module("recoup.channels.print_file").PostTold
    letters = import_module("recoup.apps.contacts.letters")
    head = _actor(head_id, at)
    people = _for_letters(busy)
    sent = sum(1 for _ in _written(contacts, people, LETTERS_SENT, at=at))
    if sent:
        made = contacts.make_batch(actor=head, at=at)
        found = letters.batch_letters(head, made.batch_id)
        told = [
            post(file_number=one.file_number, tracking_number=f"RP{one.letter_id:09d}CN")
            for one in found
        ]
        fates = ("delivered", "unknown_address")
        told += [
            post(file_number=one.file_number, fate=fate, on=at.date())
            for one, fate in zip(found, fates, strict=False)
        ]
        contacts.take_post(actor=head, told=told, at=at)
    for _ in _written(contacts, people, LETTERS_WAITING, at=at):
        pass


def _for_letters(busy: set[int]) -> Iterator[tuple[str, int]]:
    """Yield persons for whom a letter is written, and who has their case."""
    cases = import_module("recoup.apps.cases.models").Case
    rows = cases.objects.filter(queue__lt=9).exclude(collector=None).exclude(collector__in=busy)
    wanted = rows.order_by("-worst_dpd", "pk").values_list("pk", "collector_id")
    yield from wanted[:ADDRESSES]


def _written(
    contacts: ModuleType, people: Iterator[tuple[str, int]], many: int, *, at: datetime
) -> Iterator[str]:
    """Write so many letters; people to whom none may be written are passed over."""
    refused = import_module("recoup.kernel.refusal").Refused
    done = 0
    for debtor_id, staff_id in people:
        english = done == many - 1
        letter = contacts.Letter(
            body=ENGLISH if english else BODY,
            language="en" if english else "zh-hans",
            answer_by=at.date() + timedelta(days=14),
        )
        try:
            contacts.queue_message(
                actor=_actor(staff_id, at),
                intended=contacts.Intended(debtor_id=debtor_id, channel="letter"),
                letter=letter,
                client_key=f"demo-letter-{debtor_id}",
                at=at,
            )
        except refused:
            continue
        yield debtor_id
        done += 1
        if done == many:
            return


def plan_visits(*, head_id: int, officer: Any, busy: set[int], at: datetime) -> None:
    """Give a loan officer some cases of the branch, and plan the officer's visits of the day."""
    cases = import_module("recoup.apps.cases.models").Case
    queries = import_module("recoup.apps.visits.queries")
    rows = cases.objects.filter(queue__lt=9, branch=officer.branch.code).exclude(collector__in=busy)
    own = list(rows.order_by("-priority", "pk").values_list("pk", flat=True)[: VISITS + 2])
    if own:
        import_module("recoup.apps.cases.actions").assign(
            actor=_actor(head_id, at), debtor_ids=own, staff_id=officer.pk, at=at
        )
    officer = _actor(officer.pk, at)
    found = queries.candidates(actor=officer, on=at.date())
    chosen: Sequence[str] = [one.case.debtor_id for one in found][:VISITS]
    if chosen:
        import_module("recoup.apps.visits.actions").plan_visits(
            actor=officer, debtor_ids=chosen, at=at
        )


def review_calls(*, reviewers: tuple[int, int], callers: set[int], at: datetime) -> None:
    """Let callers have called some people last week; draw the week, score some, tell one."""
    quality = import_module("recoup.apps.quality.actions")
    queries = import_module("recoup.apps.quality.queries")
    monday = queries.monday_of(import_module("recoup.web.shown").local(at).date())
    _call(callers, days_ago=(at.date() - monday).days + 4, at=at)
    first, second = (_actor(one, at) for one in reviewers)
    quality.draw_week(actor=first, begins=monday - timedelta(days=7), at=at)
    policy = quality.plan()
    for number, one in enumerate(queries.to_review(first)[:REVIEWED]):
        answers = {item.id: "yes" for item in policy.sheet.weights(one.channel)}
        if number % 3 == 0:
            answers["options"] = "no"
        given = {"sample_id": one.sample_id, "remark": "", "at": at}
        quality.score_contact(actor=first, answers=answers, **given)
        if one.is_calibrated:
            quality.score_contact(actor=second, answers={**answers, "options": "yes"}, **given)
        if number % 3 == 0:
            quality.open_finding(
                actor=first,
                sample_id=one.sample_id,
                feedback="先问清对方的难处，再谈金额；可以主动提到分期。",
                correction="听两段示范录音，下周的电话里用上。",
                due_on=at.date() + timedelta(days=14),
                at=at,
            )


def _call(callers: set[int], *, days_ago: int, at: datetime) -> None:
    """Log a call of last week to a few people of each caller."""
    cases = import_module("recoup.apps.cases.models").Case
    record = import_module("recoup.apps.contacts.actions").record_contact
    called: dict[int, int] = {}
    rows = cases.objects.filter(queue__lt=9, collector__in=callers).order_by("pk")
    for debtor_id, staff_id in rows.values_list("pk", "collector_id")[:ADDRESSES]:
        called[staff_id] = called.get(staff_id, 0) + 1
        if called[staff_id] > CALLS_EACH:
            continue
        record(
            actor=_actor(staff_id, at),
            debtor_id=debtor_id,
            at=at - timedelta(days=days_ago, minutes=called[staff_id]),
            recorded_at=at,
            channel="call",
            outcome="right_party" if called[staff_id] % 2 else "no_answer",
            note="说明了逾期金额和还款方式。" if called[staff_id] % 2 else "",
            recording=f"REC-{debtor_id}" if called[staff_id] % 2 else "",
        )
