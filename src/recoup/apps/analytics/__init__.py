"""Room: the supervisor's board and the manager's dashboard; it reads and moves nothing itself."""
