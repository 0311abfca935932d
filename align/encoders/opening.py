"""Which encoder a user means, opened."""

from __future__ import annotations

from .encoder import E5_SMALL, Encoder, EncoderSpec


def open_encoder(spec: EncoderSpec) -> Encoder:
    """Return the encoder; raises ``MissingExtraError`` when the package that it needs is not installed."""
    if spec.server is not None:
        from .server import ServerEncoder  # noqa: PLC0415  (needs httpx, an extra)

        return ServerEncoder(spec)
    if spec.model == E5_SMALL:
        from .e5_small import E5SmallEncoder  # noqa: PLC0415

        return E5SmallEncoder(spec)
    from .checkpoint import CheckpointEncoder  # noqa: PLC0415  (loads torch)

    return CheckpointEncoder(spec)
