"""The kill harness: everything goes wrong from one seed, and an auditor counts what it cost."""
