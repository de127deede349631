"""The room's acts: staff, places, roles and duties, absence, hand-over, borrowed access."""

from recoup.apps.people.actions.absences import cancel_absence, record_absence
from recoup.apps.people.actions.borrowing import (
    BorrowingRefused,
    borrow_access,
    record_opening,
    return_access,
)
from recoup.apps.people.actions.changes import tell_change
from recoup.apps.people.actions.hand_overs import (
    accept_portfolio,
    decline_portfolio,
    offer_portfolio,
    return_portfolio,
)
from recoup.apps.people.actions.places import save_branch, save_team
from recoup.apps.people.actions.roles import give_standard_roles, save_role, set_duties
from recoup.apps.people.actions.sign_in import (
    reset_totp,
    set_initial_password,
    tell_sign_in,
    unlock_sign_in,
)
from recoup.apps.people.actions.staff import (
    FieldRefused,
    StaffFields,
    add_staff,
    give_scope,
    save_staff,
    set_language,
    take_scope,
)

__all__ = [
    "BorrowingRefused",
    "FieldRefused",
    "StaffFields",
    "accept_portfolio",
    "add_staff",
    "borrow_access",
    "cancel_absence",
    "decline_portfolio",
    "give_scope",
    "give_standard_roles",
    "offer_portfolio",
    "record_absence",
    "record_opening",
    "reset_totp",
    "return_access",
    "return_portfolio",
    "save_branch",
    "save_role",
    "save_staff",
    "save_team",
    "set_duties",
    "set_initial_password",
    "set_language",
    "take_scope",
    "tell_change",
    "tell_sign_in",
    "unlock_sign_in",
]
