"""The room's pages: promises of the day, recording one, withdrawing one."""
