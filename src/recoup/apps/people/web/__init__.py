"""The room's pages: staff, roles and duties, places, one's own page, borrowed access."""
