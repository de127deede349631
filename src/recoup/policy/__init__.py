"""Law and bank policy as dated data: what applied on that day, with its citation, or a refusal."""
