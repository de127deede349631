"""Where the pages of this room live. Ids are the bank's own and may have strokes in them."""

from django.urls import path

from recoup.apps.arrangements.web import pages

app_name = "arrangements"
urlpatterns = [
    path("", pages.promises, name="promises"),
    path("of/<path:debtor_id>/new", pages.new_promise, name="new"),
    path("of/<path:debtor_id>/", pages.person, name="person"),
    path("<path:promise_id>/withdraw", pages.withdraw, name="withdraw"),
]
