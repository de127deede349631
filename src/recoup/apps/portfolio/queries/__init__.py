"""Reading of debtors, contracts and profiles; to other rooms as frozen records.

``debtor``, ``contract``, ``proof`` and ``search`` ask who reads; the others take ids of records
that the caller has shown to be within scope.
"""

from recoup.apps.portfolio.queries.addresses import PersonAtAddress, people_at
from recoup.apps.portfolio.queries.cards import (
    BookReceiptCard,
    CircumstanceCard,
    CollateralCard,
    ContactPointCard,
    ContractCard,
    DebtorCard,
    GuarantorCard,
    HoldCard,
    IncomeCard,
    IncomeLine,
    InstalmentCard,
    ProofCard,
    PublicationCard,
    SearchHit,
)
from recoup.apps.portfolio.queries.debtors import (
    DayHolds,
    collectors_debtors,
    contact_points_of,
    day_holds,
    debtor,
    debtor_cards,
    debtors_in_arrears,
    hidden_value,
    holds_of,
    ids_in_arrears,
    people_with_complaint,
)
from recoup.apps.portfolio.queries.explained import (
    PaidInstalment,
    PaidSchedule,
    explanation_of,
    paid_schedule,
)
from recoup.apps.portfolio.queries.loans import (
    ReceiptInBook,
    book_receipts_of,
    book_receipts_with,
    collateral_of,
    contract,
    contract_cards,
    contracts_of,
    guarantors_of,
    latest_receipts,
    schedule_of,
)
from recoup.apps.portfolio.queries.page import DebtorPage, Rights, affordability_of, debtor_page
from recoup.apps.portfolio.queries.person import WholePerson, whole_person
from recoup.apps.portfolio.queries.profile import circumstances_of, income_of, proof, proofs_of
from recoup.apps.portfolio.queries.publications import (
    current_publication,
    current_result,
    publications,
)
from recoup.apps.portfolio.queries.searching import Found, find, search

__all__ = [
    "BookReceiptCard",
    "CircumstanceCard",
    "CollateralCard",
    "ContactPointCard",
    "ContractCard",
    "DayHolds",
    "DebtorCard",
    "DebtorPage",
    "Found",
    "GuarantorCard",
    "HoldCard",
    "IncomeCard",
    "IncomeLine",
    "InstalmentCard",
    "PaidInstalment",
    "PaidSchedule",
    "PersonAtAddress",
    "ProofCard",
    "PublicationCard",
    "ReceiptInBook",
    "Rights",
    "SearchHit",
    "WholePerson",
    "affordability_of",
    "book_receipts_of",
    "book_receipts_with",
    "circumstances_of",
    "collateral_of",
    "collectors_debtors",
    "contact_points_of",
    "contract",
    "contract_cards",
    "contracts_of",
    "current_publication",
    "current_result",
    "day_holds",
    "debtor",
    "debtor_cards",
    "debtor_page",
    "debtors_in_arrears",
    "explanation_of",
    "find",
    "guarantors_of",
    "hidden_value",
    "holds_of",
    "ids_in_arrears",
    "income_of",
    "latest_receipts",
    "paid_schedule",
    "people_at",
    "people_with_complaint",
    "proof",
    "proofs_of",
    "publications",
    "schedule_of",
    "search",
    "whole_person",
]
