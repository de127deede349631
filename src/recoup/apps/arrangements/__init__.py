"""Room: promises to pay: recorded by people, matched with receipts by the kernel."""
