"""Pages of this room: search, a debtor, a contract; and parts that other rooms' pages include."""
