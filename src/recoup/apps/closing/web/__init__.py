"""The room's pages: nights and their history, one night, its rejects, schedule and catch-up."""
