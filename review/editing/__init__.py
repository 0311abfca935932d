"""What people do to pairs, as operations on the store."""
