"""Reading of figures: the manager's dashboard and the supervisor's board, as frozen records."""

from recoup.apps.analytics.queries.board import Board, Column, board
from recoup.apps.analytics.queries.dashboard import Dashboard, dashboard

__all__ = ["Board", "Column", "Dashboard", "board", "dashboard"]
