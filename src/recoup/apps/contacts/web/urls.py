"""Where the pages of this room live. Ids are the bank's own and may have strokes in them."""

from django.urls import path

from recoup.apps.contacts.web import breaches, gate, letters, messages, reaching, replies, seat

app_name = "contacts"
urlpatterns = [
    path("breaches/", breaches.breaches, name="breaches"),
    path("gate/", gate.decisions, name="decisions"),
    path("gate/<int:decision_id>/", gate.decision, name="decision"),
    path("telephone/", seat.seat, name="seat"),
    path("letters/", letters.letters, name="letters"),
    path("letters/print", letters.print_batch, name="print-letters"),
    path("letters/told", letters.take_list, name="letters-told"),
    path("letters/<int:letter_id>/told", letters.take_one, name="letter-told"),
    path("letters/<int:letter_id>/file", letters.letter_file, name="letter-file"),
    path("letters/batches/<int:batch_id>/", letters.batch, name="letter-batch"),
    path("letters/batches/<int:batch_id>/file", letters.batch_file, name="letter-batch-file"),
    path("messages/", messages.messages, name="messages"),
    path("replies/", replies.replies, name="replies"),
    path("replies/<int:reply_id>/", replies.reply, name="reply"),
    path("replies/<int:reply_id>/assign", replies.assign, name="assign-reply"),
    path("consents/<int:consent_id>/end", reaching.end_consent, name="end-consent"),
    path("hours/<int:hours_id>/end", reaching.end_hours, name="end-hours"),
    path("stops/<int:stop_id>/lift", reaching.lift_stop, name="lift-stop"),
    path("reaching/<path:debtor_id>/consents", reaching.add_consent, name="add-consent"),
    path("reaching/<path:debtor_id>/hours", reaching.add_hours, name="add-hours"),
    path("reaching/<path:debtor_id>/preference", reaching.prefer, name="prefer"),
    path("reaching/<path:debtor_id>/stops", reaching.add_stop, name="add-stop"),
    path("reaching/<path:debtor_id>/", reaching.reaching, name="reaching"),
]
