"""Training translation models: adapting a checkpoint to a published corpus, or a small Marian from nothing.

``settings`` is what a config says; ``pairs`` reads and splits the corpus; ``starting`` prepares the model that training
starts from; ``loop`` trains by the library's ``Seq2SeqTrainer``; ``checkpoints`` keeps what a killed run goes on from;
``result`` writes the folder that engines load; ``run`` leads through these steps.
"""
