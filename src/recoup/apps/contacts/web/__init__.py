"""Pages of the room: contacts made against a rule."""
