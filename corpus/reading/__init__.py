"""Reading documents: which there are (entries), and their texts, from files and from tables."""
