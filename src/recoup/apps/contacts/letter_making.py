"""Makes the paper of a message of the channel ``letter``: its number, its figures, its PDF.

Made in the transaction that queues the message, so that a letter that cannot be made is refused to
whoever writes it; what is printed later is what was made here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings

from recoup.apps.contacts.facts import DEBTOR
from recoup.apps.contacts.models import GateDecision, LetterSeries, Message, PostalLetter
from recoup.apps.ledger.queries import statement
from recoup.apps.people.permissions import MACHINE
from recoup.apps.portfolio.queries import (
    ContractCard,
    contracts_of,
    debtor_cards,
    guarantors_of,
)
from recoup.channels.print_file import PDF
from recoup.channels.way_out import Attachment
from recoup.documents.letter import (
    Deadline,
    Debt,
    DebtLine,
    Letter,
    Letterhead,
    Signature,
    content_pdf,
    letter_content,
)
from recoup.documents.typesetting import pages_in
from recoup.kernel.refusal import Refused
from recoup.kernel.statement import Parts
from recoup.web.kept_files import keep, kept_path
from recoup.web.shown import local
from recoup.web.words import WORDS

#: Purposes of letters that are about a debt and show it.
ABOUT_DEBT = ("collect", "notice")
#: What stands above a letter that names no subject, by purpose: in Chinese and English.
SUBJECTS = {
    "collect": {"zh": "催收函", "en": "Overdue payment"},
    "notice": {"zh": "通知函", "en": "Notice"},
    "service": {"zh": "致客户函", "en": "A letter from your bank"},
}
ANSWER_BY = {"zh": "请还款或与我们联系，最迟", "en": "Please pay or speak with us by"}
LETTER = "letter"
GUARANTOR = "guarantor"


class LetterNotMade(Refused):
    """The letter cannot be made; the sentence says what is missing."""


@dataclass(frozen=True, kw_only=True)
class _House:
    """Whose letters they are, in the letter's language."""

    letterhead: Letterhead
    unit: str
    prefix: str


def make_paper(
    *,
    message: Message,
    decision: GateDecision,
    answer_by: date | None,
    at: datetime,
) -> PostalLetter:
    """Make the paper of a letter that is being queued; the caller holds the person.

    Errors: LetterNotMade; DocumentRefused, without the fonts; CannotCount and NoNight, when the
    account behind the figures cannot be counted.
    """
    language = "zh" if message.language.startswith("zh") else "en"
    house = _house(language)
    on = local(at).date()
    addressee = _addressee(decision, on=on)
    number = _next_number(prefix=house.prefix, year=on.year)
    subject = message.subject or SUBJECTS.get(decision.purpose, SUBJECTS["service"])[language]
    content = letter_content(
        letter=Letter(
            language=language,
            letterhead=house.letterhead,
            file_number=number,
            recipient=_recipient(addressee, decision.number, language),
            subject=subject,
            paragraphs=tuple(line for line in message.body.splitlines() if line.strip()),
            signature=Signature(institution=house.letterhead.name, signatory=house.unit, on=on),
            debt=_debt(decision, addressee, at=at, language=language),
            deadlines=(Deadline(label=ANSWER_BY[language], on=answer_by),) if answer_by else (),
        )
    )
    pdf = content_pdf(content=content, at=at)
    return PostalLetter.objects.create(
        message=message,
        debtor_id=decision.debtor_id,
        file_number=number,
        recipient=addressee.name,
        address=decision.number,
        content=dict(content),
        sha256=keep(content=pdf, folder=Path(settings.KEPT_FILES)),
        pages=pages_in(pdf=pdf),
        made_at=at,
    )


def attachment_of(message: Message) -> tuple[Attachment, ...]:
    """Yield the PDF that goes along with a message: one for a letter, none for others.

    Errors: LetterNotMade, when the kept file is gone.
    """
    if message.channel != LETTER:
        return ()
    paper = PostalLetter.objects.filter(message=message).first()
    if paper is None:
        return ()
    path = kept_path(sha256=paper.sha256, folder=Path(settings.KEPT_FILES))
    if not path.is_file():
        raise LetterNotMade(
            zh=f"信函“{paper.file_number}”的文件不在存档中。",
            en=f"The file of letter '{paper.file_number}' is not in the archive.",
        )
    name = f"{paper.file_number}.pdf"
    return (Attachment(name=name, media_type=PDF, content=path.read_bytes()),)


def _house(language: str) -> _House:
    """Errors: LetterNotMade, without a letterhead in that language."""
    given: Mapping[str, str] = settings.LETTERHEAD[language]
    missing = [name for name in ("name", "address", "phone", "unit") if not given[name]]
    if missing:
        names = ", ".join(f"RECOUP_BANK_{one.upper()}_{language.upper()}" for one in missing)
        raise LetterNotMade(
            zh=f"信函没有生成：信头缺少设置 {names}，请联系系统管理员。",
            en=f"The letter was not made: the letterhead lacks the settings {names}; "
            "the administrator can set them.",
        )
    return _House(
        letterhead=Letterhead(name=given["name"], address=given["address"], phone=given["phone"]),
        unit=given["unit"],
        prefix=settings.LETTER_SERIES,
    )


@dataclass(frozen=True, kw_only=True)
class _Addressee:
    """To whom a letter goes. ``contracts`` None: all of the debtor's are theirs too."""

    name: str
    is_private: bool
    contracts: frozenset[str] | None = None


def _addressee(decision: GateDecision, *, on: date) -> _Addressee:
    """Errors: LetterNotMade, without an address, or where the records do not name who it is."""
    if decision.party == DEBTOR:
        person = debtor_cards((decision.debtor_id,))[decision.debtor_id]
        found = _Addressee(name=person.name, is_private=person.kind == "retail")
    elif decision.party == GUARANTOR:
        found = _guarantor(decision, on=on)
    else:
        raise LetterNotMade(
            zh="只能给借款人或保证人寄信：记录中没有其他人的姓名。",
            en="Letters are made to the debtor or a guarantor: the records name nobody else.",
        )
    if not decision.number or not found.name:
        raise LetterNotMade(
            zh="没有可用的通讯地址；请先在“联系方式”中登记地址。",
            en="There is no postal address in use; add one under 'Where to meet' first.",
        )
    return found


def _guarantor(decision: GateDecision, *, on: date) -> _Addressee:
    """Yield the one guarantor of the contracts meant, and which of them they stand for."""
    standing = [
        one
        for one in guarantors_of(decision.debtor_id)
        if decision.contract_id in ("", one.contract_id)
        and (one.guaranteed_until is None or one.guaranteed_until >= on)
    ]
    names = sorted({one.name for one in standing})
    if not names:
        raise LetterNotMade(
            zh="记录中没有保证期间内的保证人。",
            en="The records have no guarantor whose guarantee still runs.",
        )
    if len(names) > 1:
        raise LetterNotMade(
            zh="保证人不止一位，无法确定收件人；请选择信函所涉的合同。",
            en="There is more than one guarantor; choose the contract that the letter is about.",
        )
    return _Addressee(
        name=names[0],
        is_private=False,
        contracts=frozenset(one.contract_id for one in standing),
    )


def _next_number(*, prefix: str, year: int) -> str:
    """Yield the next file number of a year, such as 回款函〔2026〕第0318号."""
    LetterSeries.objects.get_or_create(year=year)
    series = LetterSeries.objects.select_for_update().get(year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return f"{prefix}〔{year}〕第{series.last:04d}号"


def _recipient(addressee: _Addressee, address: str, language: str) -> tuple[str, ...]:
    if language == "zh":
        return (address, f"{addressee.name}{' 先生/女士' if addressee.is_private else ''} 收")
    return (addressee.name, address)


def _debt(
    decision: GateDecision, addressee: _Addressee, *, at: datetime, language: str
) -> Debt | None:
    """Yield what is due and unpaid today by contract, as the statement of account counts it.

    A guarantor is shown the contracts that they stand for, and no other.
    """
    if decision.purpose not in ABOUT_DEBT:
        return None
    every = contracts_of((decision.debtor_id,)).get(decision.debtor_id, ())
    loans = [
        one
        for one in every
        if one.gone_on is None
        and decision.contract_id in ("", one.contract_id)
        and (addressee.contracts is None or one.contract_id in addressee.contracts)
    ]
    lines: dict[str, list[DebtLine]] = {}
    on = local(at).date()
    for loan in loans:
        if not (loan.dpd or decision.contract_id):
            continue
        counted = statement(actor=MACHINE, contract_id=loan.contract_id, at=at)
        on = counted.on
        if counted.account.closing.total_minor > 0:
            line = _line(loan, counted.account.closing, language)
            lines.setdefault(loan.currency, []).append(line)
    if len(lines) > 1:
        raise LetterNotMade(
            zh="此人在多个币种上欠款；请为每笔合同各写一封信。",
            en="This person owes in several currencies; write one letter for each contract.",
        )
    found = [Debt(as_of=on, currency=currency, lines=tuple(own)) for currency, own in lines.items()]
    return found[0] if found else None


def _line(loan: ContractCard, due: Parts, language: str) -> DebtLine:
    product = WORDS["product"].get(loan.product)
    named = (product.zh if language == "zh" else product.en) if product else loan.product
    return DebtLine(
        contract_id=loan.contract_id,
        product=named,
        started_on=loan.start_on,
        due_on=loan.maturity_on,
        principal_minor=due.principal_minor,
        interest_minor=due.interest_minor,
        # The account books no penalty of its own: what the bank charged stands among the fees.
        penalty_minor=0,
        fee_minor=due.fee_minor,
    )
