"""What is done with complaints."""

from recoup.apps.complaints.actions.answering import Answering, answer_complaint, read_letter
from recoup.apps.complaints.actions.escalating import escalate_late, escalate_on_new_day
from recoup.apps.complaints.actions.handling import (
    add_new_facts,
    begin_appraisal,
    choose_period,
    end_appraisal,
    execute_extension,
    link_contacts,
    name_owner,
    note_complaint,
    tell_complainant,
)
from recoup.apps.complaints.actions.taking import (
    Intake,
    match_person,
    take_in,
    take_in_from_web,
)

__all__ = [
    "Answering",
    "Intake",
    "add_new_facts",
    "answer_complaint",
    "begin_appraisal",
    "choose_period",
    "end_appraisal",
    "escalate_late",
    "escalate_on_new_day",
    "execute_extension",
    "link_contacts",
    "match_person",
    "name_owner",
    "note_complaint",
    "read_letter",
    "take_in",
    "take_in_from_web",
    "tell_complainant",
]
