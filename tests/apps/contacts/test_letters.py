"""Letters on paper: made with the ledger's figures, judged again at print, followed by the post."""

import csv
import hashlib
import io
import re
import subprocess
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from recoup.apps.cases.bringing import Day, bring_all
from recoup.apps.cases.queries import timeline_of
from recoup.apps.contacts.actions import (
    Intended,
    Letter,
    NothingToPrint,
    make_batch,
    queue_message,
    take_post,
)
from recoup.apps.contacts.letter_making import LetterNotMade
from recoup.apps.contacts.letters import batch_letters, letters_of, letters_to_print
from recoup.apps.contacts.models import Contact, Message, PostalLetter, PrintBatch
from recoup.apps.ledger.actions import post_receipt
from recoup.apps.people.models import Staff
from recoup.apps.people.permissions import MACHINE, NotAllowed, NotFound
from recoup.apps.portfolio.models import ContactPoint, Guarantor, Publication
from recoup.channels.print_file import BadList, PostTold, read_list
from recoup.web.house import strategy
from recoup.web.kept_files import kept_path

HOME = "上海市示例路8号"
BODY = "尊敬的李小明：\n您的贷款已逾期，请与我们联系。\n如果一次归还有困难，可以商量分期。"
PAPER = Letter(body=BODY, language="zh-hans", answer_by=date(2026, 12, 5))
ON_PAPER = Intended(debtor_id="D1", channel="letter")
HEADS = {
    "zh": {"name": "示例银行", "address": "上海市示例路1号", "phone": "95000", "unit": "贷后部"},
    "en": {"name": "Example Bank", "address": "1 Road", "phone": "95000", "unit": "Collections"},
}


@pytest.fixture
def house(person, night_result, at, settings, tmp_path):
    """A house with a letterhead, a night, a folder of its print house, and the person's address."""
    settings.LETTERHEAD = HEADS
    settings.KEPT_FILES = tmp_path / "files"
    settings.WAYS = {**settings.WAYS, "letter": {"url": f"folder://{tmp_path}", "price_minor": 120}}
    Publication.objects.create(
        as_of=at.date(), published_at=at, result_folder=str(night_result), is_current=True
    )
    ContactPoint.objects.create(debtor=person, kind="address", value=HOME, source="contract")
    bring_all(Day(on=at.date(), at=at, strategy=strategy()))
    return tmp_path


def written(at, *, key="k1", letter=PAPER, intended=ON_PAPER):
    return queue_message(actor=MACHINE, intended=intended, letter=letter, client_key=key, at=at)


def said_in(pdf: bytes) -> str:
    """The text of a PDF, without spaces."""
    read = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return re.sub(r"[ \t]+", "", read.stdout.decode())


def kept(sha256: str) -> bytes:
    return kept_path(sha256=sha256, folder=Path(settings.KEPT_FILES)).read_bytes()


def _dies(**_):
    raise RuntimeError("died")


@pytest.fixture
def clerk(act_as):
    """Somebody of the team who prints."""
    return act_as("supervisor")


def test_a_queued_letter_is_a_pdf_with_the_ledgers_figures_and_a_file_number(house, at):
    written(at)

    row = PostalLetter.objects.get()
    said = said_in(kept(row.sha256))
    for part in (
        *("回款函〔2026〕第0001号", HOME, "李小明先生/女士", "催收函", "示例银行", "贷后部"),
        "C1消费贷款2026-01-102027-01-10",
        *("2026年12月5日", "第1页，共1页"),
    ):
        assert part in said, part
    # Ten instalments of 10,000 and 300 were due by 20 November and nothing was paid.
    assert "合计100,000.003,000.000.000.00103,000.00" in said
    assert "人民币壹拾万叁仟元整" in said
    assert hashlib.sha256(kept(row.sha256)).hexdigest() == row.sha256
    assert letters_of("D1")[0].state == Message.State.QUEUED


def test_without_an_address_or_a_letterhead_no_letter_is_made(house, at, settings):
    settings.LETTERHEAD = {**HEADS, "zh": {**HEADS["zh"], "phone": ""}}
    with pytest.raises(LetterNotMade, match="RECOUP_BANK_PHONE_ZH"):
        written(at)

    settings.LETTERHEAD = HEADS
    ContactPoint.objects.filter(kind="address").update(is_valid=False)
    with pytest.raises(LetterNotMade, match="postal address"):
        written(at)

    assert not Message.objects.exists()
    assert not PostalLetter.objects.exists()


def test_a_guarantor_is_shown_the_loans_they_stand_for_and_no_other(
    house, person, at, make_contract
):
    make_contract("C2", debtor=person, dpd=20)
    ContactPoint.objects.create(
        debtor=person, kind="address", party="guarantor", value="杭州市示例路3号", source="contract"
    )
    facts = {"guarantee_kind": "joint", "as_of": at.date(), "source_row": 1}
    to_guarantor = Intended(debtor_id="D1", channel="letter", party="guarantor")
    with pytest.raises(LetterNotMade, match="no guarantor"):
        written(at, intended=to_guarantor)

    Guarantor.objects.create(contract_id="C1", guarantor_id="G1", name="赵六", **facts)
    written(at, intended=to_guarantor)

    row = PostalLetter.objects.get()
    said = said_in(kept(row.sha256))
    assert (row.recipient, row.address) == ("赵六", "杭州市示例路3号")
    assert "赵六收" in said
    assert "C1消费贷款" in said
    assert "C2消费贷款" not in said

    Guarantor.objects.create(contract_id="C2", guarantor_id="G2", name="钱七", **facts)
    with pytest.raises(LetterNotMade, match="more than one guarantor"):
        written(at, key="k2", intended=to_guarantor)


def test_a_batch_is_one_file_with_every_letter_and_a_list(house, at, clerk, make_contract):
    written(at)
    other = make_contract("C2").debtor
    ContactPoint.objects.create(debtor=other, kind="address", value="=北京路9号", source="contract")
    written(at, key="k2", intended=Intended(debtor_id=other.pk, channel="letter"))

    made = make_batch(actor=clerk, at=at + timedelta(days=1))

    batch = PrintBatch.objects.get(pk=made.batch_id)
    said = said_in(kept(batch.pdf_sha256))
    assert (made.letters, batch.letters, batch.pages) == (2, 2, 2)
    assert said.count("第1页，共1页") == 2
    assert "第0001号" in said
    assert "第0002号" in said
    lines = list(csv.DictReader(io.StringIO(kept(batch.list_sha256).decode("utf-8-sig"))))
    assert [one["first_page"] for one in lines] == ["1", "2"]
    assert lines[0]["sha256"] == PostalLetter.objects.earliest("pk").sha256
    assert lines[1]["address"] == "'=北京路9号"
    folder = house / f"batch-{batch.pk}"
    assert (folder / "batch.pdf").read_bytes() == kept(batch.pdf_sha256)
    assert len(list(folder.glob("letter-*.pdf"))) == 2
    message = Message.objects.get(message_id="k1")
    assert (message.state, message.cost_minor) == (Message.State.SENT, 120)
    assert message.contact.channel == "letter"
    assert message.decision.at == at + timedelta(days=1)


def test_what_a_payment_overtook_is_not_printed(house, at, clerk):
    written(at)
    post_receipt(
        actor=MACHINE,
        idempotency_key="p",
        contract_id="C1",
        paid_on=at.date(),
        amount_minor=100,
        channel="card",
        at=at + timedelta(minutes=1),
    )

    with pytest.raises(NothingToPrint, match="None of the 1"):
        make_batch(actor=clerk, at=at + timedelta(minutes=2))

    assert Message.objects.get().state == Message.State.STOPPED
    assert not Contact.objects.filter(channel="letter").exists()
    assert not PrintBatch.objects.exists()


def test_a_batch_that_died_before_its_file_was_made_is_finished_first(
    house, at, clerk, monkeypatch
):
    written(at)
    with monkeypatch.context() as dying:
        dying.setattr("recoup.apps.contacts.actions.printing.batch_pdf", _dies)
        with pytest.raises(RuntimeError):
            make_batch(actor=clerk, at=at)
    left = PrintBatch.objects.get()
    assert (left.pdf_sha256, Message.objects.get().state) == ("", Message.State.SENT)

    with pytest.raises(NothingToPrint, match="No letter waits"):
        make_batch(actor=clerk, at=at + timedelta(minutes=1))

    assert PostalLetter.objects.get().batch_id == left.pk
    assert PrintBatch.objects.get().letters == 1


def test_returned_mail_marks_the_address_and_says_so_in_the_timeline(house, at, clerk):
    written(at)
    batch = make_batch(actor=clerk, at=at)
    number = PostalLetter.objects.get().file_number
    sent = PostTold(file_number=number, tracking_number="EM123456789CN")
    back = PostTold(file_number=number, fate="unknown_address", on=at.date(), remark="查无此人")

    assert take_post(actor=clerk, told=[sent], at=at).tracked == 1
    assert take_post(actor=clerk, told=[back], at=at + timedelta(days=3)).ended == 1
    again = take_post(actor=clerk, told=[sent, back], at=at + timedelta(days=4))

    assert (again.tracked, again.ended, again.not_taken) == (0, 0, ())
    letter = batch_letters(clerk, batch.batch_id)[0]
    assert (letter.tracking_number, letter.fate) == ("EM123456789CN", "unknown_address")
    assert letter.is_returned
    assert Contact.objects.get(channel="letter").outcome == "invalid"
    assert ContactPoint.objects.get(kind="address").is_valid is False
    assert ContactPoint.objects.get(kind="phone").is_valid is None
    steps = [
        one.facts["step"] for one in timeline_of(debtor_id="D1").entries if "step" in one.facts
    ]
    assert steps == ["unknown_address", "tracked", "made"]


def test_a_delivered_letter_cannot_come_back(house, at, clerk):
    written(at)
    make_batch(actor=clerk, at=at)
    number = PostalLetter.objects.get().file_number
    take_post(actor=clerk, told=[PostTold(file_number=number, fate="delivered")], at=at)

    other = [
        PostTold(file_number=number, fate="refused"),
        PostTold(file_number="?", fate="refused"),
    ]
    taken = take_post(actor=clerk, told=other, at=at)

    assert taken.not_taken == (number, "?")
    assert Contact.objects.get(channel="letter").outcome == "delivered"


def test_who_does_not_see_the_person_sees_no_letter(house, at, clerk, act_as):
    written(at)
    stranger = act_as("supervisor", team="T9")

    assert letters_to_print(stranger) == ()
    with pytest.raises(NothingToPrint):
        make_batch(actor=stranger, at=at)
    with pytest.raises(NotAllowed):
        make_batch(actor=act_as("collector"), at=at)
    batch = make_batch(actor=clerk, at=at)
    with pytest.raises(NotFound):
        batch_letters(stranger, batch.batch_id)
    taken = take_post(
        actor=stranger,
        told=[PostTold(file_number=PostalLetter.objects.get().file_number, fate="refused")],
        at=at,
    )
    assert len(taken.not_taken) == 1


def test_the_list_that_comes_back_is_read_as_spreadsheets_write_it():
    text = "place,file_number,tracking_number,fate,on,remark\n"
    text += "1,甲1号,EM1,delivered,2026/11/25,\n2,甲2号,,,,\n3,甲3号,EM3,,,\n"

    for encoding in ("utf-8-sig", "gb18030"):
        first, third = read_list(text.encode(encoding))
        assert (first.fate, first.on) == ("delivered", date(2026, 11, 25))
        assert (third.file_number, third.tracking_number) == ("甲3号", "EM3")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("number\n1\n", "no column 'file_number'"),
        ("file_number,fate\n甲,lost\n", "Line 2: the fate 'lost'"),
        ("file_number,fate,on\n甲,refused,soon\n", "Line 2: the day 'soon'"),
        ("file_number,fate\n,refused\n", "Line 2: no file number"),
    ],
)
def test_a_list_that_cannot_be_read_says_which_line(text, said):
    with pytest.raises(BadList, match=re.escape(said)):
        read_list(text.encode())


def test_the_back_office_prints_and_follows_on_its_pages(house, at, clerk, client, monkeypatch):
    monkeypatch.setattr("recoup.site.presence.now", lambda: at)
    written(at)
    client.force_login(
        Staff.objects.get(pk=clerk.staff_id),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    client.cookies["django_language"] = "en"
    number = PostalLetter.objects.get().file_number

    listed = client.get("/contacts/letters/").content.decode()
    moved = client.post("/contacts/letters/print")
    page = client.get(moved.url)
    pdf = client.post(f"{urlsplit(moved.url).path}file", {"part": "pdf"})
    sent = io.BytesIO(f"file_number,tracking_number\n{number},EM9\n".encode())
    sent.name = "list.csv"
    told = client.post("/contacts/letters/told", {"list": sent}, follow=True)

    assert "Print 1 letter" in listed
    assert number in listed
    assert "李小明" not in listed
    assert "1 letter went to print." in page.content.decode()
    assert b"".join(pdf.streaming_content).startswith(b"%PDF-1.7")
    assert "Taken: 1 tracking numbers" in told.content.decode()
    assert PostalLetter.objects.get().tracking_number == "EM9"
    case = client.get("/cases/D1/").content.decode()
    assert case.count(number) >= 2
    assert "EM9" in case
