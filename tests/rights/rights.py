"""What every address asks; in the order of the rooms."""

from tests.rights.right import OPEN, SIGNED_IN, Right

#: Sign-in, one-time codes, the bank's provider: allauth's own pages, tested in tests/apps/sign_in;
#: Django's own administration, for technicians, which asks for ``configure people`` at its door.
LEFT_TO_OTHERS = (
    "account_",
    "mfa_",
    "socialaccount_",
    "openid_connect_",
    "account/",
    "technician",
    "admin:",
)
PERSON = {"debtor_id": "debtor"}
LOAN = {"contract_id": "contract"}


def _scoped(duty: str, arguments: dict[str, str], method: str = "get", **data: str) -> Right:
    return Right(duty=duty, scoped=True, arguments=arguments, method=method, data=data)


def _page(duty: str, method: str = "get", arguments: dict[str, str] | None = None) -> Right:
    return Right(duty=duty, method=method, arguments=arguments or {})


def _receipt() -> Right:
    data = {"contract": "{contract}", "paid_on": "2026-11-20", "amount": "1"}
    return Right(duty="post ledger", scoped=True, method="post", data=data)


SITE = {
    "healthz": Right(duty=OPEN),
    # Providers sign what they post; without settings no channel is there to post to.
    "way-told": Right(duty=OPEN, method="post", arguments={"channel": "nothing"}),
    "set_language": Right(duty=OPEN, method="post", data={"language": "en"}),
    "home": Right(duty=SIGNED_IN),
    "tokens": Right(duty=SIGNED_IN),
    "add-token": Right(duty=SIGNED_IN, method="post"),
    "end-token": Right(duty=SIGNED_IN, method="post", arguments={"token_id": "token"}),
}

PEOPLE = {
    "people:staff": _page("view people"),
    "people:new-staff": _page("configure people"),
    "people:one-staff": _page("view people", arguments={"staff_id": "staff"}),
    "people:give-scope": Right(
        duty="configure people",
        method="post",
        arguments={"staff_id": "staff"},
        data={"kind": "bank"},
    ),
    "people:take-scope": _page(
        "configure people", "post", {"staff_id": "staff", "scope_id": "scope"}
    ),
    "people:initial-password": _page("configure people", "post", {"staff_id": "staff"}),
    "people:unlock-sign-in": _page("configure people", "post", {"staff_id": "staff"}),
    "people:reset-second-step": _page("configure people", "post", {"staff_id": "staff"}),
    "people:new-absence": _page("assign people", "post", {"staff_id": "staff"}),
    "people:offer-portfolio": _page("assign people", "post", {"staff_id": "staff"}),
    "people:cancel-absence": _page("assign people", "post", {"absence_id": "absence"}),
    "people:accept-portfolio": _page(SIGNED_IN, "post", {"hand_over_id": "nothing"}),
    "people:decline-portfolio": _page(SIGNED_IN, "post", {"hand_over_id": "nothing"}),
    "people:return-portfolio": _page(SIGNED_IN, "post", {"hand_over_id": "nothing"}),
    "people:roles": _page("view people"),
    "people:new-role": _page("configure people"),
    "people:one-role": _page("configure people", "post", {"role_id": "role"}),
    "people:places": _page("view people"),
    "people:new-branch": _page("configure people"),
    "people:one-branch": _page("configure people", arguments={"branch_id": "branch"}),
    "people:new-team": _page("configure people"),
    "people:one-team": _page("configure people", arguments={"team_id": "team"}),
    "people:me": _page(SIGNED_IN),
    "people:language": Right(duty=SIGNED_IN, method="post", data={"language": "en"}),
    "people:borrow": _page("configure people"),
    "people:return-access": _page("configure people", "post"),
}

COMPLIANCE = {
    "compliance:approvals": _page(SIGNED_IN),
    "compliance:one-approval": _page(SIGNED_IN, arguments={"approval_id": "nothing"}),
    "compliance:decide-approval": _page(SIGNED_IN, "post", {"approval_id": "nothing"}),
    "compliance:withdraw-approval": _page(SIGNED_IN, "post", {"approval_id": "nothing"}),
    "compliance:trail": _page("view compliance"),
    "compliance:bundle": _page("view compliance", "post"),
    "compliance:record": _page(
        "view compliance",
        arguments={"room": "room", "record": "record", "record_id": "debtor"},
    ),
    "compliance:reveals": _page("view compliance"),
    "compliance:exports": _page("view compliance"),
}

PORTFOLIO = {
    "portfolio:search": Right(duty="view portfolio", data={"q": "138"}),
    "portfolio:found": Right(duty="view portfolio", data={"q": "138"}),
    "portfolio:debtor": _scoped("view portfolio", PERSON),
    "portfolio:contract": _scoped("view portfolio", LOAN),
    "portfolio:why": _scoped("view portfolio", LOAN),
    "portfolio:reveal": _scoped("reveal portfolio", PERSON, "post", field="phone", reason="call"),
    "portfolio:add-point": _scoped("work portfolio", PERSON, "post"),
    "portfolio:judge-point": _scoped("work contacts", {"point_id": "point"}, "post", version="1"),
    "portfolio:add-hold": _scoped("work portfolio", PERSON, "post"),
    "portfolio:lift-hold": _scoped("work portfolio", {"hold_id": "hold"}, "post"),
    "portfolio:add-statement": _scoped("work cases", PERSON, "post", version="0"),
    "portfolio:add-circumstance": _scoped("work portfolio", PERSON, "post"),
    "portfolio:add-proof": _scoped("work portfolio", PERSON, "post"),
    "portfolio:proof": _scoped("view portfolio", {"proof_id": "proof"}),
}

LEDGER = {
    "ledger:postings": _page("view ledger"),
    "ledger:new": _page("post ledger"),
    "ledger:find": Right(duty="post ledger", data={"q": "C1"}),
    "ledger:preview": _receipt(),
    "ledger:post": _receipt(),
    "ledger:reverse": Right(
        duty="post ledger",
        scoped=True,
        method="post",
        data={"payment": "{payment}", "contract": "{contract}"},
    ),
    "ledger:posting": _scoped("view ledger", {"payment_id": "payment"}),
    "ledger:statement": _scoped("view ledger", LOAN),
    "ledger:statement-pdf": _scoped("view ledger", LOAN, "post"),
}

ARRANGEMENTS = {
    "arrangements:promises": _page("view arrangements"),
    "arrangements:new": _scoped("work arrangements", PERSON),
    "arrangements:person": _scoped("view arrangements", PERSON),
    "arrangements:withdraw": _scoped("work arrangements", {"promise_id": "promise"}, "post"),
}

CONTACTS = {
    "contacts:breaches": _page("view compliance"),
    "contacts:decisions": _page("view compliance"),
    "contacts:decision": _scoped("view compliance", {"decision_id": "decision"}),
    "contacts:messages": _page("view compliance"),
    "contacts:seat": _page("work contacts"),
    "contacts:letters": _page("export contacts"),
    "contacts:print-letters": _page("export contacts", "post"),
    "contacts:letters-told": _page("export contacts", "post"),
    "contacts:letter-told": _scoped("export contacts", {"letter_id": "letter"}, "post"),
    "contacts:letter-file": _scoped("view contacts", {"letter_id": "letter"}),
    "contacts:letter-batch": _scoped("export contacts", {"batch_id": "print_batch"}),
    "contacts:letter-batch-file": _scoped("export contacts", {"batch_id": "print_batch"}, "post"),
    "contacts:replies": _page("assign contacts"),
    "contacts:reply": _page("assign contacts", arguments={"reply_id": "reply"}),
    "contacts:assign-reply": Right(
        duty="assign contacts",
        scoped=True,
        method="post",
        arguments={"reply_id": "reply"},
        data={"debtor": "{debtor}", "party": "debtor"},
    ),
    "contacts:reaching": _scoped("view contacts", PERSON),
    "contacts:add-consent": _scoped("work contacts", PERSON, "post"),
    "contacts:end-consent": _scoped("work contacts", {"consent_id": "consent"}, "post"),
    "contacts:add-hours": _scoped("work contacts", PERSON, "post"),
    "contacts:end-hours": _scoped("work contacts", {"hours_id": "hours"}, "post"),
    "contacts:prefer": _scoped("work contacts", PERSON, "post", version="0"),
    "contacts:add-stop": _scoped("work contacts", PERSON, "post"),
    "contacts:lift-stop": _scoped("work portfolio", {"stop_id": "stop"}, "post"),
}

CASES = {
    "cases:my-day": _page("work cases"),
    "cases:claim": _page("work cases", "post"),
    "cases:person": _scoped("view cases", PERSON),
    "cases:task-done": _scoped("work cases", {"task_id": "task"}, "post"),
    "cases:reopen-task": _scoped("work cases", {"task_id": "task"}, "post"),
    "cases:cancel-task": _scoped("work cases", {"task_id": "task"}, "post"),
    "cases:undo-assignment": _page(SIGNED_IN, "post", {"move_id": "move"}),
    "cases:undo-contact": Right(
        duty="work contacts",
        scoped=True,
        arguments={"contact_id": "contact"},
        method="post",
        own=True,
    ),
    "cases:settle-hand-over": Right(
        duty="work cases",
        scoped=True,
        arguments={"hand_over_id": "hand_over"},
        method="post",
        own=True,
    ),
    "cases:withdraw-hand-over": Right(
        duty="work cases",
        scoped=True,
        arguments={"hand_over_id": "hand_over"},
        method="post",
        own=True,
    ),
    "cases:list": _page("view cases"),
    "cases:case": _scoped("view cases", PERSON),
    "cases:timeline": _scoped("view cases", PERSON),
    "cases:write": _scoped(
        "work contacts", PERSON, "post", text="您好，请与我们联系。", channel="sms"
    ),
    "cases:draft": _scoped("work contacts", PERSON, "post", channel="sms"),
    "cases:look-at": _scoped(
        "work contacts", PERSON, "post", text="您好，请与我们联系。", channel="sms"
    ),
    "cases:ask": _scoped("work contacts", PERSON, "post"),
    "cases:dial": _scoped("work contacts", PERSON, "post"),
    "cases:log": _scoped("work contacts", PERSON, "post"),
    "cases:promise": _scoped("work arrangements", PERSON, "post"),
    "cases:withdraw-promise": _scoped("work arrangements", PERSON, "post", promise="{promise}"),
    "cases:note": _scoped("work cases", PERSON, "post", text="a note"),
    "cases:withdraw-note": _scoped("work cases", {**PERSON, "place": "place"}, "post"),
    "cases:task": _scoped(
        "work cases", PERSON, "post", kind="send", title="a letter", due_at="2026-11-21T10:00"
    ),
    "cases:assign": _scoped("assign cases", PERSON),
    "cases:hand-over": _scoped("work cases", PERSON),
    "cases:review": _scoped("work cases", PERSON),
}

VISITS = {
    "visits:day": _page("work visits"),
    "visits:choose": _page("work visits"),
    "visits:plan": _scoped("work visits", {}, "post", debtor="{debtor}"),
    "visits:team": _page("view visits"),
    "visits:arrive": _scoped("work visits", {}, "post", debtor="{debtor}"),
    "visits:record": _scoped("work visits", {}, "post", debtor="{debtor}", seconds_ago="5"),
    "visits:photo": _page("work visits", "post"),
}

COMPLAINT = {"number": "complaint"}
COMPLAINTS = {
    "complaints:complain": Right(duty=OPEN),
    "complaints:list": _page("view complaints"),
    "complaints:new": _page("work complaints"),
    "complaints:figures": _page("view compliance"),
    "complaints:one": _scoped("view complaints", COMPLAINT),
    "complaints:match": _scoped("assign complaints", COMPLAINT, "post", debtor="{debtor}"),
    "complaints:owner": _scoped("assign complaints", COMPLAINT, "post", staff="{staff}"),
    "complaints:period": _scoped("work complaints", COMPLAINT, "post"),
    "complaints:told": _scoped("work complaints", COMPLAINT, "post"),
    "complaints:facts": _scoped("work complaints", COMPLAINT, "post"),
    "complaints:appraisal": _scoped("work complaints", COMPLAINT, "post"),
    "complaints:contacts": _scoped("work complaints", COMPLAINT, "post"),
    "complaints:note": _scoped("work complaints", COMPLAINT, "post"),
    "complaints:answer": _scoped("work complaints", COMPLAINT),
    "complaints:letter": _scoped("view complaints", {"number": "answered"}),
}

QUALITY = {
    "quality:queue": _page("work quality"),
    "quality:draw": _page("assign quality", "post"),
    "quality:week": _page("view quality", arguments={"begins": "week"}),
    "quality:sample": _scoped("view quality", {"sample_id": "sample"}),
    "quality:score": _scoped("work quality", {"sample_id": "sample"}, "post"),
    "quality:open-finding": _scoped("work quality", {"sample_id": "sample"}, "post"),
    "quality:figures": _page("view quality"),
    "quality:mine": _page(SIGNED_IN),
    "quality:findings": _page("view quality"),
    "quality:finding": _scoped("view quality", {"finding_id": "finding"}),
    "quality:move-finding": _scoped("view quality", {"finding_id": "finding"}, "post"),
}

CLOSING = {
    "closing:nights": _page("view closing"),
    "closing:run": _page("work closing"),
    "closing:schedule": _page("configure closing"),
    "closing:catch-up": _page("work closing"),
    "closing:one-night": _page("view closing", arguments={"night_id": "night"}),
    "closing:progress": _page("view closing", arguments={"night_id": "night"}),
    "closing:again": _page("work closing", "post", {"night_id": "night"}),
    "closing:report": _page("view closing", arguments={"night_id": "night"}),
    "closing:rejects": _page("view closing", arguments={"night_id": "night"}),
    "closing:rejects-file": _page("export closing", "post", {"night_id": "night"}),
    "closing:pending": _scoped("view portfolio", PERSON),
}

EVIDENCE = {
    "evidence:seals": _page("view compliance"),
    "evidence:seal": _page("view compliance", arguments={"day": "sealed"}),
    "evidence:report": _page("view compliance"),
    "evidence:take-report": _page("view compliance", "post"),
    "evidence:panel": _scoped("view evidence", PERSON),
    "evidence:case": _scoped("view evidence", PERSON),
    "evidence:bundle": _scoped("view evidence", PERSON, "post"),
    "evidence:file-paper": _scoped("work cases", PERSON, "post", item="contract"),
}

ANALYTICS = {
    "analytics:board": _page("assign cases"),
    "analytics:move": Right(
        duty="assign cases",
        scoped=True,
        method="post",
        data={"debtor": "{debtor}", "to": "nobody"},
    ),
    "analytics:undo": _page(SIGNED_IN, "post", {"move_id": "move"}),
    "analytics:dashboard": _page("view analytics"),
    "analytics:export": _page("export analytics"),
}

API = {
    "api:api-root": Right(duty=OPEN),
    "api:openapi-json": Right(duty=OPEN),
    "api:openapi-view": Right(duty=OPEN),
    "api:me": Right(duty=SIGNED_IN),
    "api:list_hooks": _page("configure closing"),
    "api:add_hook": Right(
        duty="configure closing", method="post", data={"url": "https://bank.example/"}
    ),
    "api:end_hook": _page("configure closing", "delete", {"hook_id": "hook"}),
    "api:list_deliveries": _page("configure closing"),
    "api:again": _page("configure closing", "post", {"delivery_id": "delivery"}),
    "api:search_debtors": Right(duty="view portfolio", data={"q": "138"}),
    "api:one_debtor": _scoped("view portfolio", PERSON),
    "api:debtor_contracts": _scoped("view portfolio", PERSON),
    "api:contract_schedule": _scoped("view portfolio", LOAN),
    "api:post_one": Right(
        duty="post ledger",
        scoped=True,
        method="post",
        data={
            "contract_id": "{contract}",
            "paid_on": "2026-11-20",
            "amount_minor": "100",
            "channel": "counter",
        },
    ),
    "api:one_receipt": _scoped("view ledger", {"payment_id": "payment"}),
    "api:reverse_one": _scoped("post ledger", {"payment_id": "payment"}, "post", why="mistake"),
    "api:contract_statement": _scoped("view ledger", LOAN),
    "api:debtor_promises": _scoped("view arrangements", PERSON),
    "api:record_one": _scoped(
        "work arrangements",
        PERSON,
        "post",
        amount_minor="100",
        due_on="2026-11-21",
        channel="call",
        party="debtor",
    ),
    "api:withdraw_one": _scoped(
        "work arrangements", {"promise_id": "promise"}, "post", why="mistake", version="1"
    ),
    "api:debtor_contacts": _scoped("view contacts", PERSON),
    "api:log_contact": _scoped(
        "work contacts", PERSON, "post", channel="call", party="debtor", outcome="busy"
    ),
    "api:gate": _scoped("view contacts", PERSON),
    "api:list_cases": _page("view cases"),
    "api:claim": _page("work cases", "post"),
    "api:one_case": _scoped("view cases", PERSON),
    "api:case_timeline": _scoped("view cases", PERSON),
    "api:note": _scoped("work cases", PERSON, "post", text="a note"),
    "api:list_nights": _page("view closing"),
    "api:one_night": _page("view closing", arguments={"night_id": "night"}),
}

RIGHTS = {
    **SITE,
    **PEOPLE,
    **COMPLIANCE,
    **PORTFOLIO,
    **LEDGER,
    **ARRANGEMENTS,
    **CONTACTS,
    **CASES,
    **VISITS,
    **COMPLAINTS,
    **QUALITY,
    **CLOSING,
    **EVIDENCE,
    **ANALYTICS,
    **API,
}
