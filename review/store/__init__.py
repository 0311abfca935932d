"""The store of a review: its tables, the log of operations, and what is asked of them."""
