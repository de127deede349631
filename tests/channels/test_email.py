"""E-mail over a real SMTP server: what leaves, what a refusal is, what remains in doubt."""

import smtplib
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from urllib.parse import unquote

import pytest
from tests.channels.conftest import AT
from tests.channels.imap_server import ImapPeer

from recoup.channels.email import Email, Relay, Sender
from recoup.channels.email_reading import read_mail
from recoup.channels.mailbox import Imap, ImapServer, Maildir
from recoup.channels.way_out import Attachment, NotHandedOver, Receipt, Reply

SENDER = Sender(address="collections@bank.example", name="某某银行", bounces="bounces@bank.example")


@pytest.fixture
def way(mail_port):
    relay = Relay(host="127.0.0.1", port=mail_port, security="none", seconds_to_answer=5)
    return Email(relay=relay, sender=SENDER, clock=lambda: AT, price_minor=1)


def test_a_mail_arrives_with_its_id_and_a_way_to_unsubscribe(way, send, mail_handler):
    sheet = Attachment(name="对账单.pdf", media_type="application/pdf", content=b"%PDF-1.7")

    handed = send(
        way, body="您好：\n.\n请于周五前还款。\n", message_id="k.1/张", attachments=(sheet,)
    )

    mail = message_from_bytes(mail_handler.got[0], policy=default)
    assert mail["Message-ID"] == handed.reference == "<k%2E1%2F%E5%BC%A0@bank.example>"
    ask = unquote(mail["List-Unsubscribe"])
    assert ask == f"<mailto:bounces@bank.example?subject=unsubscribe {handed.reference}>"
    assert (str(mail["From"]), mail["To"]) == (
        "某某银行 <collections@bank.example>",
        "zhang@example.com",
    )
    assert mail.get_body().get_content().splitlines() == ["您好：", ".", "请于周五前还款。"]
    assert [one.get_filename() for one in mail.iter_attachments()] == ["对账单.pdf"]
    assert mail_handler.returns_to == ["bounces@bank.example"]
    assert handed.said == "250 OK queued as 1"
    assert handed.cost_minor == 1


def test_a_line_with_a_dot_does_not_end_the_mail(way, send, mail_handler):
    send(way, body="a")
    plain = EmailMessage()
    plain.set_content("x\n..\n.\n.hidden\n", cte="8bit")

    with smtplib.SMTP("127.0.0.1", way._relay.port) as smtp:
        way._transfer(smtp, plain, to="a@example.com")

    assert mail_handler.got[1].endswith(b"x\r\n..\r\n.\r\n.hidden\r\n")


@pytest.mark.parametrize(("answer", "retry"), [("451 later", True), ("554 never", False)])
def test_the_relays_answer_decides_whether_to_try_again(way, send, mail_handler, answer, retry):
    mail_handler.answer = answer
    with pytest.raises(NotHandedOver) as at_the_end:
        send(way)
    mail_handler.to_recipient = answer
    with pytest.raises(NotHandedOver) as at_the_recipient:
        send(way)

    assert at_the_end.value.retry is at_the_recipient.value.retry is retry
    assert at_the_end.value.said == answer
    assert len(mail_handler.got) == 1


def test_a_relay_that_is_away_has_certainly_not_taken_it(send):
    way = Email(
        relay=Relay(host="127.0.0.1", port=1, security="none"), sender=SENDER, clock=lambda: AT
    )

    with pytest.raises(NotHandedOver) as away:
        send(way)

    assert away.value.retry


def test_a_relay_without_tls_gets_nothing_where_tls_is_asked_for(mail_port, send, mail_handler):
    way = Email(relay=Relay(host="127.0.0.1", port=mail_port), sender=SENDER, clock=lambda: AT)

    with pytest.raises(NotHandedOver):
        send(way)

    assert not mail_handler.got


def test_a_connection_lost_after_the_text_leaves_it_in_doubt(way, send, mail_handler):
    mail_handler.answer = None

    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(way)

    assert len(mail_handler.got) == 1


def test_an_address_that_is_none_is_never_tried_again(way, send, mail_handler):
    with pytest.raises(NotHandedOver) as refused:
        send(way, address="zhang@example.com\nBcc: all@example.com")

    assert not refused.value.retry
    assert not mail_handler.got


BOUNCE = """\
From: MAILER-DAEMON@mx.example
To: bounces@bank.example
Date: Mon, 2 Mar 2026 09:59:00 +0800
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 2 Mar 2026 09:58:00 +0800

Final-Recipient: rfc822; zhang@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: {original}

From: collections@bank.example
Message-ID: <k%201@bank.example>
Subject: x

--b--
"""


@pytest.mark.parametrize("original", ["message/rfc822", "text/rfc822-headers"])
@pytest.mark.parametrize(
    ("action", "status", "outcome"),
    [
        ("failed", "5.1.1", "invalid"),
        ("failed", "5.2.2 (mailbox full)", "failed"),
        ("delivered", "2.0.0", "delivered"),
        ("delayed", "4.4.1", None),
    ],
)
def test_a_bounce_tells_of_the_message_by_its_id(action, status, outcome, original):
    text = BOUNCE.format(action=action, status=status, original=original)
    mail = message_from_bytes(text.encode(), policy=default)

    told = read_mail(mail, domain="bank.example", at=AT)

    assert (told.outcome if told else None) == outcome
    if told:
        assert (told.message_id, told.reference) == ("k 1", "<k%201@bank.example>")
        assert told.at.minute == 59


def test_a_bounce_of_somebody_elses_mail_tells_nothing():
    text = BOUNCE.format(action="failed", status="5.1.1", original="message/rfc822")
    mail = message_from_bytes(text.encode(), policy=default)

    assert read_mail(mail, domain="other.example", at=AT) is None


COMPLAINT = BOUNCE.replace("delivery-status", "feedback-report").replace(
    "Reporting-MTA: dns; mx.example\n", "Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n"
)


def test_a_complaint_is_read():
    text = COMPLAINT.format(action="", status="", original="message/rfc822")
    mail = message_from_bytes(text.encode(), policy=default)

    told = read_mail(mail, domain="bank.example", at=AT)

    assert isinstance(told, Receipt)
    assert (told.outcome, told.message_id) == ("complained", "k 1")


def answer(body: str, **more: str) -> EmailMessage:
    """A person's answer to the message k1."""
    mail = EmailMessage()
    headers = {"From": "张三 <zhang@example.com>", "Subject": "Re: 还款提醒", "Message-ID": "<a@x>"}
    for name, value in (headers | more).items():
        mail[name] = value
    mail.set_content(body)
    return mail


def test_an_answer_is_the_persons_own_words():
    mail = answer(
        "退订\n\n在 2026年3月2日，某某银行 写道：\n> 您好\n", **{"In-Reply-To": "<k1@bank.example>"}
    )

    told = read_mail(mail, domain="bank.example", at=AT)

    assert isinstance(told, Reply)
    assert (told.address, told.text) == ("zhang@example.com", "退订")
    assert (told.message_id, told.reply_id) == ("k1", "<a@x>")


def test_an_empty_mail_says_what_its_subject_says():
    asked = answer("", Subject="unsubscribe <k%2E1@bank.example>")

    told = read_mail(asked, domain="bank.example", at=AT)

    assert isinstance(told, Reply)
    assert (told.text, told.message_id) == ("unsubscribe <k%2E1@bank.example>", "k.1")


def test_an_out_of_office_note_is_no_answer():
    note = answer("我在休假，如需停止请联系同事", **{"Auto-Submitted": "auto-replied"})

    assert read_mail(note, domain="bank.example", at=AT) is None


def filled_maildir(folder):
    """A Maildir with a bounce and an answer."""
    box = Maildir(folder)
    bounce = BOUNCE.format(action="failed", status="5.1.1", original="message/rfc822")
    for octets in (bounce.encode(), answer("STOP").as_bytes()):
        box._box.add(octets)
    return box


def filled_imap(server: ImapPeer):
    """The same in a folder of an IMAP server."""
    bounce = BOUNCE.format(action="failed", status="5.1.1", original="message/rfc822")
    server.mails = [bounce.encode(), answer("STOP").as_bytes()]
    return Imap(
        ImapServer(host="127.0.0.1", port=server.port, secure=False, user="bank", password="secret")
    )


@pytest.fixture(params=["maildir", "imap"])
def box(request, tmp_path):
    if request.param == "maildir":
        yield filled_maildir(tmp_path / "box")
        return
    with ImapPeer() as server:
        yield filled_imap(server)


def test_what_was_told_is_told_again_until_it_was_heard(box, mail_port):
    relay = Relay(host="127.0.0.1", port=mail_port, security="none")
    way = Email(relay=relay, sender=SENDER, clock=lambda: AT, mailbox=box)

    first, second = way.told(at=AT), way.told(at=AT)
    way.heard()

    assert first == second
    assert sorted(type(one).__name__ for one in first) == ["Receipt", "Reply"]
    assert way.told(at=AT) == ()


def test_a_mailbox_that_does_not_let_us_in_says_so():
    with ImapPeer() as server:
        wrong = ImapServer(host="127.0.0.1", port=server.port, secure=False, user="x", password="y")

        with pytest.raises(OSError, match="IMAP"):
            Imap(wrong).unread()
