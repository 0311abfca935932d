"""Files as bytes, text and rows: decoding, hashing, archives, and writing so that nothing is lost."""
