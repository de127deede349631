"""Room: who works here, in which team and branch, with which duties, over which debtors."""
