"""Training translation models: adapting a checkpoint to a published corpus, or a small Marian from nothing.

``settings`` is what a config says; ``pairs`` reads and splits the corpus; ``seq2seq`` and ``decoder`` know the two
kinds of models (``kinds``); ``loop`` trains by the library's ``Trainer``; ``checkpoints`` keeps what a killed run goes
on from; ``result`` writes the folder that engines load, ``measuring`` measures it; ``run`` leads through these steps.
"""
