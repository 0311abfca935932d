"""What a translator is offered beside a pair: what was translated like it before, in memories and in this review."""
