"""Pages of the room: the list, one complaint, the figures, and the form for anybody."""
