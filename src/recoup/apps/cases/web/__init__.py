"""Pages of the room: my day, the list of cases, the case on one page."""
