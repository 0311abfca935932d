"""What comes into the store from a corpus folder, and the decisions that go out."""
