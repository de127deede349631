"""Where the room's pages live."""

from django.urls import path

from recoup.apps.people.web import borrowing, own, places, roles, staff

app_name = "people"

urlpatterns = [
    path("", staff.staff_list, name="staff"),
    path("new", staff.new_staff, name="new-staff"),
    path("<int:staff_id>/", staff.one_staff, name="one-staff"),
    path("<int:staff_id>/scopes", staff.give, name="give-scope"),
    path("<int:staff_id>/scopes/<int:scope_id>/take", staff.take, name="take-scope"),
    path("<int:staff_id>/password", staff.initial_password, name="initial-password"),
    path("<int:staff_id>/unlock", staff.unlock, name="unlock-sign-in"),
    path("<int:staff_id>/second-step", staff.reset_second_step, name="reset-second-step"),
    path("<int:staff_id>/absences", own.new_absence, name="new-absence"),
    path("<int:staff_id>/hand-overs", own.offer, name="offer-portfolio"),
    path("absences/<int:absence_id>/cancel", own.cancel, name="cancel-absence"),
    path("hand-overs/<int:hand_over_id>/accept", own.accept, name="accept-portfolio"),
    path("hand-overs/<int:hand_over_id>/decline", own.decline, name="decline-portfolio"),
    path("hand-overs/<int:hand_over_id>/return", own.give_back, name="return-portfolio"),
    path("roles/", roles.matrix, name="roles"),
    path("roles/new", roles.one_role, name="new-role"),
    path("roles/<int:role_id>/", roles.one_role, name="one-role"),
    path("places/", places.places, name="places"),
    path("places/branches/new", places.one_branch, name="new-branch"),
    path("places/branches/<int:branch_id>/", places.one_branch, name="one-branch"),
    path("places/teams/new", places.one_team, name="new-team"),
    path("places/teams/<int:team_id>/", places.one_team, name="one-team"),
    path("me/", own.me, name="me"),
    path("me/language", own.language, name="language"),
    path("borrow/", borrowing.borrow, name="borrow"),
    path("borrow/return", borrowing.give_back, name="return-access"),
]
