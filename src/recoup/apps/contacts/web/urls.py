"""Where the pages of this room live."""

from django.urls import path

from recoup.apps.contacts.web import breaches, gate, letters, messages

app_name = "contacts"
urlpatterns = [
    path("breaches/", breaches.breaches, name="breaches"),
    path("gate/", gate.decisions, name="decisions"),
    path("gate/<int:decision_id>/", gate.decision, name="decision"),
    path("letters/", letters.letters, name="letters"),
    path("letters/print", letters.print_batch, name="print-letters"),
    path("letters/told", letters.take_list, name="letters-told"),
    path("letters/<int:letter_id>/told", letters.take_one, name="letter-told"),
    path("letters/<int:letter_id>/file", letters.letter_file, name="letter-file"),
    path("letters/batches/<int:batch_id>/", letters.batch, name="letter-batch"),
    path("letters/batches/<int:batch_id>/file", letters.batch_file, name="letter-batch-file"),
    path("messages/", messages.messages, name="messages"),
]
