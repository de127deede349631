"""Where the pages of this room live. Ids are the bank's own and may have strokes in them."""

from django.urls import path

from recoup.apps.portfolio.web import entries, pages, proofs, revealing, searching

app_name = "portfolio"
urlpatterns = [
    path("search", searching.search_page, name="search"),
    path("search/found", searching.found, name="found"),
    path("proofs/<int:proof_id>", proofs.download_proof, name="proof"),
    path("contact-points/<int:point_id>/judge", entries.judge_point, name="judge-point"),
    path("holds/<int:hold_id>/lift", entries.lift, name="lift-hold"),
    path("contracts/<path:contract_id>/why", pages.why, name="why"),
    path("contracts/<path:contract_id>/schedule", pages.contract_page, name="contract"),
    path("debtors/<path:debtor_id>/reveal", revealing.reveal_field, name="reveal"),
    path("debtors/<path:debtor_id>/contact-points", entries.add_point, name="add-point"),
    path("debtors/<path:debtor_id>/holds", entries.add_hold, name="add-hold"),
    path("debtors/<path:debtor_id>/statements", entries.add_statement, name="add-statement"),
    path(
        "debtors/<path:debtor_id>/circumstances", entries.add_circumstance, name="add-circumstance"
    ),
    path("debtors/<path:debtor_id>/proofs", proofs.add_proof, name="add-proof"),
    path("debtors/<path:debtor_id>/", pages.debtor_page_view, name="debtor"),
]
