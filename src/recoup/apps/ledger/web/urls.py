"""Where the pages of this room live. Ids are the bank's own and may have strokes in them."""

from django.urls import path

from recoup.apps.ledger.web import posting, statements

app_name = "ledger"
urlpatterns = [
    path("", posting.postings, name="postings"),
    path("new", posting.new_receipt, name="new"),
    path("find", posting.find, name="find"),
    path("preview", posting.preview, name="preview"),
    path("post", posting.post, name="post"),
    path("reverse", posting.reverse_entry, name="reverse"),
    path("postings/<path:payment_id>/", posting.posting, name="posting"),
    path("contracts/<path:contract_id>/statement", statements.statement, name="statement"),
    path(
        "contracts/<path:contract_id>/statement.pdf",
        statements.statement_pdf,
        name="statement-pdf",
    ),
]
