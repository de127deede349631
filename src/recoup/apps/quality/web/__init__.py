"""Pages of the room: reviewer, supervisor, and whoever was reviewed."""
