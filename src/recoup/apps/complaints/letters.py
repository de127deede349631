"""The letter that answers a complaint: the bank's text, filled, as PDF/A with its letterhead."""

from collections.abc import Mapping
from datetime import date, datetime

from django.conf import settings

from recoup.apps.complaints.models import Complaint
from recoup.apps.complaints.refusals import NoLetterhead
from recoup.apps.contacts.queries import figures_to_name
from recoup.documents.letter import Deadline, Letter, Letterhead, Signature, letter_pdf
from recoup.kernel.texts.filling import amount_in_words
from recoup.web.house import texts

PURPOSE = "complaint_answer"
LETTER = "letter"
_SUBJECT = {"zh": "投诉答复函", "en": "Answer to your complaint"}
_RECEIVED = {"zh": "收到投诉", "en": "Complaint received"}
_DUE = {"zh": "答复期限", "en": "To be answered by"}
_ANSWERED = {"zh": "答复日期", "en": "Answered on"}
_GIVEN = {"zh": "退还或减免金额：{amount}。", "en": "Amount given back or waived: {amount}."}
_SIR = {"zh": "客户", "en": "customer"}


def answer_letter(row: Complaint, *, handler: str, on: date, at: datetime) -> bytes:
    """Yield the letter of answer as PDF, in the complainant's language.

    The words stand in the strategy's texts (purpose ``complaint_answer``) and are held against the
    rules on words; amounts must be the person's own, or the one that is given back.
    Errors: NoLetterhead; NoText, ValuesMissing, TextForbidden; DocumentRefused.
    """
    language = row.language
    house = _house(language)
    currency = row.redress_currency or texts().currency
    figures = [*(figures_to_name(debtor_id=row.debtor_id) if row.debtor_id else ())]
    redress = row.redress_words
    if row.redress_minor:
        figures.append(row.redress_minor)
        amount = amount_in_words(minor=row.redress_minor, currency=currency, language=language)
        gap = "" if language == "zh" else " "
        redress = f"{redress}{gap}{_GIVEN[language].format(amount=amount)}"
    name = row.complainant or _SIR[language]
    written = texts().write(
        purpose=PURPOSE,
        channel=LETTER,
        on=on,
        language=language,
        values={
            "bank": house["name"],
            "debtor": name,
            "complained_on": row.received_on,
            "complaint_number": row.number or "",
            "findings_made": row.answer,
            "redress": redress,
            "complaint_phone": settings.COMPLAINT_PHONE,
            "handler": handler,
        },
        figures=figures,
    )
    days = [(_RECEIVED, row.received_on), (_DUE, row.due_on), (_ANSWERED, on)]
    return letter_pdf(
        letter=Letter(
            language=language,
            letterhead=Letterhead(
                name=house["name"], address=house["address"], phone=house["phone"]
            ),
            file_number=row.number or "",
            recipient=tuple(one for one in (name, row.reach_at) if one),
            subject=_SUBJECT[language],
            paragraphs=tuple(part.text for part in written.parts),
            signature=Signature(institution=house["name"], signatory=house["unit"], on=on),
            deadlines=tuple(
                Deadline(label=label[language], on=day) for label, day in days if day is not None
            ),
        ),
        at=at,
    )


def _house(language: str) -> Mapping[str, str]:
    """Yield the letterhead in a language. Errors: NoLetterhead."""
    given: Mapping[str, str] = settings.LETTERHEAD[language]
    missing = [
        f"RECOUP_BANK_{name.upper()}_{language.upper()}"
        for name in ("name", "address", "phone", "unit")
        if not given[name]
    ]
    if not settings.COMPLAINT_PHONE:
        missing.append("RECOUP_COMPLAINT_PHONE")
    if missing:
        raise NoLetterhead(names=tuple(missing))
    return given
