"""How models that run here are opened: laid out, quantized, by another attention, from GGUF; or why they are not."""

import importlib.util
import json
import shutil

import pytest

pytest.importorskip("torch", reason="the extra 'mt' is not installed")
pytest.importorskip("transformers", reason="the extra 'mt' is not installed")

import tiny_profiles
from pydantic import ValidationError

from qosmatin.corpus.errors import InputError
from qosmatin.translate.ctranslate2_engine import CTranslate2Settings
from qosmatin.translate.engine import TranslationRequest
from qosmatin.translate.opening import open_engine
from qosmatin.translate.settings import Decoding
from qosmatin.translate.transformers_engine import TransformersSettings


@pytest.fixture(scope="module")
def llama(tmp_path_factory):
    return tiny_profiles.build_chat("house", tmp_path_factory.mktemp("llama"))


@pytest.fixture(scope="module")
def nllb(tmp_path_factory):
    return tiny_profiles.build_seq2seq("nllb", tmp_path_factory.mktemp("nllb"))


def settings(folder, **more):
    return TransformersSettings(
        engine="transformers", model=str(folder), device="cpu", dtype="float32", threads=1,
        decoding=Decoding(beams=1, max_tokens=6), **more,
    )  # fmt: skip


def generated(folder, **more):
    """The ids that the model goes on with, whatever they say."""
    engine = open_engine(settings(folder, **more), "kk", "en").get()
    return engine.write([engine.prompts.ids([TranslationRequest("Сот өтті.")])], [30])


@pytest.mark.parametrize("device_map", ["auto", {"": "cpu"}, {"": 0}])
def test_a_model_that_is_laid_out_answers_the_same_under_the_same_key(llama, device_map):
    pytest.importorskip("accelerate", reason="the extra 'train' is not installed")
    assert (
        open_engine(settings(llama, device_map=device_map), "kk", "en").spec
        == open_engine(settings(llama), "kk", "en").spec
    )
    if device_map == {"": 0}:
        with pytest.raises(InputError, match=r"^[^\n]*cannot be opened[^\n]*$"):
            generated(llama, device_map=device_map)
    else:
        assert generated(llama, device_map=device_map) == generated(llama)


def test_one_model_over_several_gpus_has_one_process(llama, monkeypatch):
    monkeypatch.setattr("qosmatin.translate.torch_models.count_gpus", lambda: 8)
    auto = {"device": "auto"}
    assert settings(llama).model_copy(update=auto).gpus() == 8
    assert settings(llama, device_map="auto").model_copy(update=auto).gpus() == 0


def test_another_attention_has_another_key(llama):
    assert generated(llama, attn_implementation="eager") == generated(llama)
    plain, eager = (
        open_engine(settings(llama, **more), "kk", "en").spec for more in ({}, {"attn_implementation": "eager"})
    )
    assert plain != eager


FAULTS = {
    "attention that is none": ({"attn_implementation": "nonsense"}, "leave out 'attn_implementation'"),
    "attention without its package": ({"attn_implementation": "flash_attention_2"}, "leave out 'attn_implementation'"),
    "4 bits without their package": ({"quantization": "4bit"}, "pip install bitsandbytes"),
    "8 bits without their package": ({"quantization": "8bit"}, "pip install bitsandbytes"),
    "a GGUF file that is not there": ({"gguf": "none.gguf"}, "none.gguf"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", ["llama", "nllb"])
def test_what_cannot_be_opened_is_a_line_with_a_remedy(request, kind, fault):
    more, remedy = FAULTS[fault]
    package = "bitsandbytes" if "quantization" in more else "flash_attn"
    if "gguf" not in more and importlib.util.find_spec(package):
        pytest.skip(f"{package} is installed")
    with pytest.raises(InputError) as caught:
        open_engine(settings(request.getfixturevalue(kind), **more), "kk", "en").get()
    assert remedy in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bits_that_nobody_has_are_refused(llama):
    with pytest.raises(ValidationError, match="quantization"):
        settings(llama, quantization="3bit")


def test_weights_come_out_of_a_gguf_file(llama, tmp_path):
    gguf = pytest.importorskip("gguf", reason="pip install gguf brings what this tries")
    folder = tmp_path / "Llama-GGUF"
    folder.mkdir()
    for path in llama.iterdir():
        if path.suffix != ".safetensors":
            (folder / path.name).write_bytes(path.read_bytes())
    write_gguf(gguf, llama, folder / "weights.gguf")
    assert generated(folder, gguf="weights.gguf") == generated(llama)


@pytest.mark.parametrize("kind", ["llama", "nllb"])
def test_a_checkpoint_that_lacks_weights_is_not_filled_up_with_noise(request, tmp_path, kind):
    from safetensors.torch import load_file, save_file

    folder = tmp_path / request.getfixturevalue(kind).name
    shutil.copytree(request.getfixturevalue(kind), folder)
    weights = load_file(folder / "model.safetensors")
    lost = sorted(name for name in weights if "layers.0" in name)[0]
    save_file(
        {name: one for name, one in weights.items() if name != lost}, folder / "model.safetensors", {"format": "pt"}
    )
    with pytest.raises(InputError, match=r"lacks 1 of the model's weights \(.*layers.0"):
        open_engine(settings(folder), "kk", "en").get()


@pytest.fixture(scope="module")
def madlad(tmp_path_factory):
    """A MADLAD with weights as they are published: the inputs' by the decoder's name alone, and the outputs' apart."""
    import torch
    from safetensors.torch import load_file, save_file

    folder = tiny_profiles.build_seq2seq("madlad", tmp_path_factory.mktemp("madlad"))
    weights = load_file(folder / "model.safetensors")
    weights["decoder.embed_tokens.weight"] = weights.pop("shared.weight")
    weights["lm_head.weight"] = torch.randn_like(weights["decoder.embed_tokens.weight"])
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    return folder


def test_inputs_and_outputs_of_a_madlad_are_not_mixed_up(madlad):
    import torch
    from safetensors.torch import load_file

    weights = load_file(madlad / "model.safetensors")
    model = open_engine(settings(madlad), "kk", "en").get()._model
    for part in (model.encoder, model.decoder):
        assert torch.equal(part.embed_tokens.weight, weights["decoder.embed_tokens.weight"])
    assert torch.equal(model.lm_head.weight, weights["lm_head.weight"])


def test_a_library_that_would_mix_them_up_is_refused(madlad, nllb, monkeypatch):
    monkeypatch.setattr("transformers.__version__", "5.19.1")
    with pytest.raises(InputError, match=r"transformers 5\.19\.1 misreads models like this one; pip install"):
        open_engine(settings(madlad), "kk", "en").get()
    open_engine(settings(nllb), "kk", "en").get()


@pytest.mark.parametrize("engine", ["transformers", "ctranslate2"])
def test_a_marian_that_was_converted_wrongly_is_refused(tmp_path, monkeypatch, engine):
    import torch
    from safetensors.torch import load_file, save_file

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tiny_profiles.build_seq2seq("marian", tmp_path / "marian")
    converted = {"device": "cpu", "compute_type": "float32"}
    opening = {
        "transformers": lambda: open_engine(settings(folder), "kk", "en").get(),
        "ctranslate2": lambda: open_engine(
            CTranslate2Settings(engine="ctranslate2", model=str(folder), **converted),
            "kk",
            "en",
        ).get(),
    }[engine]
    weights = load_file(folder / "model.safetensors")
    name = next(name for name in weights if "shared" in name)
    start = json.loads((folder / "config.json").read_text())["decoder_start_token_id"]
    weights[name][start] = 0
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    opening()
    weights["lm_head.weight"] = torch.randn_like(weights[name])
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(InputError, match=r"outputs are not its inputs.*another revision"):
        opening()


def write_gguf(gguf, folder, path):
    """Write a Llama as llama.cpp has it: its own names, and the rows of queries and keys in another order."""
    import transformers

    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    config = model.config
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_vocab_size(config.vocab_size)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
    for name, tensor in model.state_dict().items():
        kind = "q_proj" in name or "k_proj" in name
        heads = config.num_attention_heads if "q_proj" in name else config.num_key_value_heads
        rows = tensor.reshape(heads, 2, -1, tensor.shape[1]).swapaxes(1, 2).reshape(tensor.shape) if kind else tensor
        writer.add_tensor(names.get_name(name, try_suffixes=(".weight",)), rows.contiguous().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
