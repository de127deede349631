"""Room: visits: planned for a day, made with the gate's permit, recorded on a telephone."""
