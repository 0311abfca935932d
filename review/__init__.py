"""The review of a corpus by people: the store of what they said, the operations, and the pages in the browser."""
