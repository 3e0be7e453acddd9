"""The modules of `layerbridge.torch` beside PyTorch's own dropout.

Each way gives facts that do not depend on which numbers were drawn, and they must be
those of `torch.nn.Dropout2d`.
"""

import copy
import csv
import doctest
import inspect
import pickle
import subprocess
import sys
from pathlib import Path

import keras
import pytest
from modes import BACKEND

import layerbridge

pytestmark = pytest.mark.backends

FIXTURES = Path(__file__).parents[2] / "fixtures"
SHAPES = {1: (16, 6, 9), 2: (16, 6, 5, 7), 3: (16, 6, 4, 3, 5)}

if BACKEND != "torch":

    def test_importing_it_says_what_to_do():
        with pytest.raises(ImportError, match=f"'{BACKEND}' here.*KERAS_BACKEND=torch"):
            import layerbridge.torch  # noqa: F401

else:
    import torch
    from torch import func
    from torch._dynamo.testing import CompileCounter
    from torch.fx.experimental.proxy_tensor import make_fx
    from torch.utils.checkpoint import checkpoint

    import layerbridge.torch as lbt
    from layerbridge.masks.backends._torch_host import on_host

    MODULES = {
        "DropBlock2d": lambda **more: lbt.DropBlock2d(0.5, 3, **more),
        "DropBlock2d-shared": lambda **more: lbt.DropBlock2d(
            0.5, 3, per_channel=False, **more
        ),
        "DropBlock2d-scheduled": lambda **more: lbt.DropBlock2d(
            layerbridge.LinearRamp(0.4, 0.6, 100), 3, **more
        ),
        "DropPath": lambda **more: lbt.DropPath(0.5, **more),
    }
    each_module = pytest.mark.parametrize("make", MODULES.values(), ids=MODULES)

    def numbers(*shape, **more):
        draw = torch.rand(*shape, generator=torch.Generator().manual_seed(0))
        return (draw + 0.5).to(**more) if more else draw + 0.5

    def nested(layout):
        return torch.nested.nested_tensor([numbers(3, 4), numbers(5, 4)], layout=layout)

    class TooHigh(keras.optimizers.schedules.LearningRateSchedule):
        """Returns a rate that is none."""

        def __call__(self, step):
            return 1.5

        def get_config(self):
            return {}

    def dropped(y):
        return 0 < torch.count_nonzero(y) < y.numel()

    # The ways: functions of a module that return facts.

    def in_training(module):
        x = numbers(*SHAPES[2])
        y, again = module(x), module(x)
        return dropped(y), bool((y != again).any()), y.dtype, y.shape

    def in_evaluation(module):
        x = numbers(*SHAPES[2])
        return module.eval()(x) is x, bool(dropped(module.train()(x)))

    def in_float16(module):
        y = module(numbers(*SHAPES[2], dtype=torch.float16))
        return y.dtype, dropped(y)

    def in_bfloat16(module):
        y = module(numbers(*SHAPES[2], dtype=torch.bfloat16))
        return y.dtype, dropped(y)

    def in_float64(module):
        y = module(numbers(*SHAPES[2], dtype=torch.float64))
        return y.dtype, dropped(y)

    def under_autocast(module):
        net = torch.nn.Sequential(torch.nn.Conv2d(6, 6, 1), module)
        with torch.autocast("cpu", torch.bfloat16):
            y = net(numbers(*SHAPES[2]))
        return y.dtype, dropped(y)

    def in_a_net_of_half_precision(module):
        net = torch.nn.Sequential(torch.nn.Conv2d(6, 6, 1), module).to(torch.bfloat16)
        y = net(numbers(*SHAPES[2], dtype=torch.bfloat16))
        return y.dtype, dropped(y)

    def channels_last(module):
        x = numbers(*SHAPES[2]).to(memory_format=torch.channels_last)
        return dropped(module(x)), module(x).shape

    def gradient(module):
        x = numbers(*SHAPES[2]).requires_grad_()
        y = module(x)
        y.sum().backward()
        return torch.equal(x.grad == 0, y == 0)

    def without_gradient(module):
        x = numbers(*SHAPES[2])
        with torch.no_grad():
            first = dropped(module(x))
        with torch.inference_mode():
            return first, dropped(module(x))

    def recomputed(module, reentrant=False):
        x = numbers(*SHAPES[2]).requires_grad_()
        y = checkpoint(lambda x: module(x * x), x, use_reentrant=reentrant)
        y.sum().backward()
        return torch.equal(x.grad == 0, y == 0), dropped(y)

    def recomputed_reentrantly(module):
        return recomputed(module, reentrant=True)

    def compiled(module):
        net = torch.compile(torch.nn.Sequential(module), fullgraph=True)
        x = numbers(*SHAPES[2]).requires_grad_()
        y, again = net(x), net(x)
        y.sum().backward()
        return (
            dropped(y),
            bool((y != again).any()),
            torch.equal(x.grad == 0, y == 0),
            net.eval()(x).equal(x),
        )

    def exported_for_prediction(module):
        program = torch.export.export(module.eval(), (numbers(*SHAPES[2]),))
        x = numbers(*SHAPES[2])
        return torch.equal(program.module()(x), x)

    def exported(module):
        sizes = ({0: torch.export.Dim("batch")},)
        x = numbers(*SHAPES[2])
        program = torch.export.export(module, (x,), dynamic_shapes=sizes, strict=True)
        net = program.run_decompositions().module()
        x = x[1:].requires_grad_()
        y, again = net(x), net(x)
        y.sum().backward()
        return (
            dropped(y),
            bool((y != again).any()),
            torch.equal(x.grad == 0, y == 0),
        )

    def traced_by_make_fx(module):
        x = numbers(*SHAPES[2])
        traced = make_fx(lambda x: module(x))(x)
        return dropped(traced(x)), bool((traced(x) != traced(x)).any())

    def by_vmap_over_copies(module):
        nets = [torch.nn.Sequential(copy.deepcopy(module)) for _ in range(3)]
        parameters, buffers = func.stack_module_state(nets)
        xs = numbers(*SHAPES[2]).expand(3, *SHAPES[2])

        def call(x, *states):
            return func.functional_call(nets[0], states, (x,))

        axes = (0, 0 if parameters else None, 0 if buffers else None)
        y = func.vmap(call, axes, randomness="different")(xs, parameters, buffers)
        return dropped(y), bool((y[0] != y[1]).any())

    def by_functional_call(module):
        state = dict(module.named_buffers())
        return dropped(func.functional_call(module, state, (numbers(*SHAPES[2]),)))

    def by_grad(module):
        x = numbers(*SHAPES[2])
        slope = func.grad(lambda x: module(x).sum())(x)
        return dropped(slope)

    def by_vmap_different(module):
        x = numbers(3, *SHAPES[2])
        y = func.vmap(module, randomness="different")(x)
        return dropped(y), bool(((y[0] == 0) != (y[1] == 0)).any())

    def by_vmap_same(module):
        x = numbers(3, *SHAPES[2])
        y = func.vmap(module, randomness="same")(x)
        return dropped(y), bool(((y[0] == 0) != (y[1] == 0)).any())

    def by_vmap_error(module):
        try:
            func.vmap(module, randomness="error")(numbers(3, *SHAPES[2]))
        except RuntimeError as error:
            return "randomness" in str(error)
        return None

    def gradients_by_sample(module):
        weight = torch.ones(6, 1, 1)

        def loss(weight, x):
            return module((x * weight)[None]).sum()

        by_sample = func.vmap(func.grad(loss), (None, 0), randomness="different")
        return by_sample(weight, numbers(*SHAPES[2])).shape

    def pickled(module):
        return dropped(pickle.loads(pickle.dumps(module))(numbers(*SHAPES[2])))

    def copied(module):
        x = numbers(*SHAPES[2])
        other = copy.deepcopy(module)
        return dropped(other(x)), bool(((other(x) == 0) != (module(x) == 0)).any())

    def averaged(module):
        net = torch.nn.Sequential(torch.nn.Conv2d(6, 6, 1), module)
        average = torch.optim.swa_utils.AveragedModel(net)
        average.update_parameters(net)
        return average.eval()(numbers(*SHAPES[2])).shape

    def built_on_meta(module):
        net = copy.deepcopy(module).to("meta").to_empty(device="cpu")
        for part in net.modules():
            if hasattr(part, "reset_parameters"):
                part.reset_parameters()
        return dropped(net(numbers(*SHAPES[2])))

    def loaded_strictly(module):
        plain = torch.nn.Sequential(torch.nn.Conv2d(6, 6, 1), torch.nn.Identity())
        net = torch.nn.Sequential(torch.nn.Conv2d(6, 6, 1), module)
        said = net.load_state_dict(plain.state_dict(), strict=True)
        return said, dropped(net(numbers(*SHAPES[2])))

    def made_on_meta(module):
        net = torch.nn.Sequential(torch.nn.Conv2d(6, 6, 1), module).to("meta")
        shape = net(numbers(*SHAPES[2]).to("meta")).shape
        return shape, dropped(net.to_empty(device="cpu")[1](numbers(*SHAPES[2])))

    def traced_by_fx(module):
        net = torch.fx.symbolic_trace(torch.nn.Sequential(module))
        y = dropped(net(numbers(*SHAPES[2])))
        return y, net.eval()(numbers(*SHAPES[2])).tolist()

    def by_compiled_grad(module):
        def loss(x):
            y = module(x)
            return y.sum(), y

        step = torch.compile(func.grad(loss, has_aux=True), backend="aot_eager")
        x = numbers(*SHAPES[2])
        slope, y = step(x)
        return torch.equal(slope == 0, y == 0), torch.equal(y, step(x)[1])

    def with_another_default_device(module):
        x = numbers(8, 24, 32, 32)
        with torch.device("meta"):
            few = module(x[..., :8, :8])
            return dropped(few), dropped(module(x)), bool(few.is_cpu)

    def of_integers(module):
        return module.eval()(torch.ones(SHAPES[2], dtype=torch.int64)).tolist()

    def gives_no_parameters(module):
        return list(module.parameters())

    WAYS = [
        *(in_training, in_evaluation, in_float16, in_bfloat16, in_float64),
        *(under_autocast, in_a_net_of_half_precision, channels_last, gradient),
        *(without_gradient, recomputed, recomputed_reentrantly, compiled),
        *(exported_for_prediction, by_functional_call, by_grad, by_vmap_different),
        *(by_vmap_same, by_vmap_error, gradients_by_sample, pickled, copied),
        *(averaged, built_on_meta, made_on_meta, loaded_strictly, traced_by_fx),
        *(by_compiled_grad, of_integers, gives_no_parameters, exported),
        *(traced_by_make_fx, by_vmap_over_copies),
        with_another_default_device,
    ]

    @each_module
    @pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
    def test_what_works_with_pytorchs_own_works(way, make):
        torch._dynamo.reset()
        torch.manual_seed(1)
        theirs = way(torch.nn.Dropout2d(0.5))
        assert way(make()) == theirs

    def test_the_page_of_ways_has_each():
        with (FIXTURES / "ways_torch.tsv").open(encoding="utf-8") as file:
            described = [row["way"] for row in csv.DictReader(file, delimiter="\t")]
        assert {way.__name__ for way in WAYS} <= set(described) <= set(globals())

    @pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
    @pytest.mark.parametrize("name", [n for n in MODULES if "scheduled" not in n])
    def test_torch_script(name, tmp_path):
        module = MODULES[name]()
        net = torch.jit.script(torch.nn.Sequential(module))
        x = numbers(*SHAPES[2]).requires_grad_()
        for _ in range(3):  # the first calls are those that it learns from
            x.grad = None
            y, again = net(x), net(x)
            y.sum().backward()
            assert dropped(y)
            assert (y != again).any()
            assert torch.equal(x.grad == 0, y == 0)
        assert module.seed_state[1] == 6
        torch.jit.save(net, tmp_path / "net.pt")
        loaded = torch.jit.load(tmp_path / "net.pt")
        assert torch.equal(loaded(x), net(x))
        assert net.eval()(x).equal(x)

    @pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
    @pytest.mark.parametrize(
        "make", [lambda rate: lbt.DropBlock2d(rate, 3), lambda rate: lbt.DropPath(rate)]
    )
    def test_torch_script_takes_what_the_module_takes(make):
        module, integers = make(0.5), torch.ones(2, 4, 8, 8, dtype=torch.int64)
        for x in (torch.ones(4), integers):
            with pytest.raises(ValueError, match="must be called on"):
                module(x)
            with pytest.raises(torch.jit.Error, match=f"{type(module).__name__} .* be"):
                torch.jit.script(module)(x)
        assert torch.jit.script(make(0.0))(integers).equal(integers)

    def test_a_schedules_rate_beyond_1_is_refused_or_shows():
        def module():
            return lbt.DropBlock2d(TooHigh(), 3)

        x = numbers(2, 4, 8, 8)
        refusing = [
            lambda: module()(x),
            lambda: torch.func.jvp(module(), (x,), (x,)),
            lambda: torch.vmap(module(), randomness="different")(x[None]),
        ]
        for act in refusing:
            with pytest.raises(ValueError, match=r"received 1\.5"):
                act()
        compiled = torch.compile(module(), backend="eager", fullgraph=True)
        assert compiled(x).isnan().all()

    def test_nested_tensors():
        samples = [numbers(n, 4) for n in (3, 5, 2, 4, 3, 2)]
        x = torch.nested.nested_tensor(samples, layout=torch.jagged, requires_grad=True)
        y = x + lbt.DropPath(0.5, seed=1)(x)
        ratios = [(of_y / of_x).unique() for of_y, of_x in zip(y, samples, strict=True)]
        assert {tuple(ratio.tolist()) for ratio in ratios} == {(1,), (3,)}
        y.sum().backward()
        slopes = [slope.unique().tolist() for slope in x.grad.unbind()]
        assert slopes == [ratio.tolist() for ratio in ratios]

    def test_the_masks_are_those_of_the_keras_layers():
        for rank, shape in SHAPES.items():
            theirs = getattr(layerbridge, f"DropBlock{rank}D")(
                0.4, 2, data_format="channels_first", seed=3
            )
            ours = getattr(lbt, f"DropBlock{rank}d")(0.4, 2, seed=3)
            ours.seed_state.copy_(theirs.seed_generator.state.value)
            x = numbers(*shape)
            for _ in range(2):
                assert torch.equal(ours(x), theirs(x, training=True))

    @each_module
    def test_resumed_training_goes_on_with_the_same_masks(make):
        x = numbers(*SHAPES[2])
        net = torch.nn.Sequential(make(), make())
        for _ in range(3):
            net(x)
        state = copy.deepcopy(net.state_dict())
        again = torch.nn.Sequential(make(), make())
        again.load_state_dict(state)
        for module, other in zip(net, again, strict=True):
            assert module.current_rate == other.current_rate
        for _ in range(3):
            assert torch.equal(net(x), again(x))

    @pytest.mark.parametrize("swaps", [False, True])
    def test_what_is_loaded_counts_where_the_state_was_read(swaps, monkeypatch):
        """As on a GPU, of whose state the host has a copy."""
        name = "get_swap_module_params_on_conversion"
        monkeypatch.setattr(torch.__future__, name, lambda: swaps)
        module, other = (lbt.DropPath(0.5, seed=seed) for seed in (1, 2))
        on_host(module.seed_state)
        module.load_state_dict(other.state_dict())
        assert torch.equal(on_host(module.seed_state), other.seed_state)

    @each_module
    def test_seeds(make):
        def run(of_all, **more):
            torch.manual_seed(of_all)
            return make(**more)(numbers(*SHAPES[2]))

        assert torch.equal(run(1), run(1))
        assert not torch.equal(run(1), run(2))
        assert torch.equal(run(1, seed=3), run(2, seed=3))
        module = make(seed=3)
        x = numbers(*SHAPES[2])
        module(x)
        assert torch.equal(copy.deepcopy(module)(x), module(x))
        assert torch.equal(pickle.loads(pickle.dumps(module))(x), module(x))
        module.reset_parameters()
        assert torch.equal(module(x), run(1, seed=3))

    def test_a_rate_that_is_set_takes_effect_and_compiles_nothing_again():
        torch._dynamo.reset()
        counter = CompileCounter()
        module = lbt.DropBlock2d(0.1, 3)
        net = torch.compile(module, backend=counter)
        x = numbers(*SHAPES[2])
        for rate, kept in ((0.0, 1), (1.0, 0), (0.5, None), (0, 1)):
            module.rate = rate
            share = float((net(x) != 0).float().mean())
            assert share == kept or (kept is None and 0 < share < 1)
        assert counter.frame_count == 1

    @pytest.mark.parametrize("rank", SHAPES)
    def test_the_rate_is_exact(rank):
        module = getattr(lbt, f"DropBlock{rank}d")(0.3, 2, seed=1, normalize="none")
        y = module(torch.ones(256, 64, *SHAPES[rank][2:]))
        assert float((y == 0).float().mean()) == pytest.approx(0.3, abs=0.01)

    def test_a_schedule_counts_training_calls():
        module = lbt.DropPath(layerbridge.LinearRamp(0, 0.5, 3))
        rates = []
        for _ in range(4):
            rates.append(module.current_rate)
            module.eval()(torch.ones(2, 2))
            module.train()(torch.ones(2, 2))
        assert rates == [0, 0.25, 0.5, 0.5]

    def test_a_scheduler_sets_the_rate_of_all_and_is_resumed():
        def make():
            net = torch.nn.Sequential(lbt.DropPath(0), torch.nn.ReLU(), lbt.DropPath(1))
            return net, lbt.DropRateScheduler(net, lambda step: step / 8)

        net, scheduler = make()
        for step in range(3):
            scheduler.step()
            assert [net[0].rate, net[2].rate] == [step / 8] * 2
        net, again = make()
        again.load_state_dict(scheduler.state_dict())
        again.step()
        assert net[0].rate == 3 / 8

    @pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
    @pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
    @pytest.mark.parametrize(
        ("act", "message"),
        [
            (
                lambda: lbt.DropBlock2d(p=0.1, block_size=7),
                "DropBlock2d: the argument `p` is `rate` here",
            ),
            (
                lambda: lbt.DropBlock2d(0.1, 7, gamma_scale=1.0),
                "DropBlock2d: the argument `gamma_scale` multiplies the rate",
            ),
            (
                lambda: lbt.DropPath(drop_prob=0.1),
                "DropPath: the argument `drop_prob` is `rate` here",
            ),
            (
                lambda: lbt.DropPath(0.1, scale_by_keep=False),
                "DropPath: the argument `scale_by_keep` is `normalize` here: "
                "'expected' for True, 'none' for False",
            ),
            (lambda: lbt.DropBlock1d(0.1), "missing a required argument: 'block_size'"),
            (
                lambda: lbt.DropBlock2d(0.1, blocksize=7),
                "Did you mean `block_size`, not 'blocksize'?",
            ),
            (
                lambda: lbt.DropBlock2d(1.5, 7),
                "`rate` must be a number between 0 and 1; received 1.5",
            ),
            (
                lambda: lbt.DropBlock2d(0.1, (3, 3, 3)),
                "`block_size` must be a positive integer, or 2 positive integers",
            ),
            (
                lambda: lbt.DropPath(0.1, normalize="mean"),
                "`normalize` must be one of 'batch', 'sample', 'expected', 'none'; "
                "received 'mean'",
            ),
            (
                lambda: lbt.DropBlock2d(0.1, 3)(torch.ones(2, 3, 4)),
                "DropBlock2d must be called on a tensor of 4 axes, (N, C, H, W); "
                "received one of shape (2, 3, 4)",
            ),
            (
                lambda: lbt.DropBlock3d(0.1, 3).eval()(torch.ones(2, 3)),
                "DropBlock3d must be called on a tensor of 5 axes, (N, C, D, H, W)",
            ),
            (
                lambda: lbt.DropPath(0.1)(torch.ones(2)),
                "DropPath must be called on a tensor of at least 2 axes",
            ),
            (
                lambda: lbt.DropPath(0.1)(torch.ones(2, 2, dtype=torch.int32)),
                "DropPath must be called on floating-point numbers in training; "
                "received torch.int32. Convert them first: `x.float()`.",
            ),
            (
                lambda: lbt.DropBlock1d(0.1, 2)(nested(torch.jagged)),
                "only whole samples or channels of a nested tensor can drop",
            ),
            (
                lambda: lbt.DropPath(0.1)(nested(torch.strided)),
                "DropPath takes nested tensors of the layout torch.jagged; received "
                "one of torch.strided",
            ),
            (
                lambda: torch.jit.script(lbt.DropPath(layerbridge.LinearRamp(0, 1, 9))),
                "torch.jit.script needs a number as `rate`",
            ),
            (
                lambda: lbt.DropPath(0.1)([1.0]),
                "DropPath must be called on a tensor; received [1.0]",
            ),
            (
                lambda: lbt.DropRateScheduler(torch.nn.ReLU(), lambda step: 0.1),
                "`net` must have modules of layerbridge.torch, such as DropBlock2d; "
                "received a ReLU that has none",
            ),
            (
                lambda: lbt.DropRateScheduler(lbt.DropPath(0), 0.1),
                "`schedule` must be a schedule or a function of the step; received 0.1",
            ),
            (
                lambda: lbt.DropRateScheduler(lbt.DropPath(0), lambda s: 2).step(),
                "received 2",
            ),
        ],
    )
    def test_errors(act, message):
        with pytest.raises((TypeError, ValueError)) as error:
            act()
        assert message in str(error.value)

    def test_a_state_that_is_none_is_refused():
        net = torch.nn.Sequential(lbt.DropPath(0.1))
        for bad in (torch.tensor([0.5, 1.5]), torch.tensor([-1, 0]), torch.zeros(3)):
            with pytest.raises(RuntimeError, match=r"0\.seed_state must be two integ"):
                net.load_state_dict({"0.seed_state": bad})

    @pytest.mark.parametrize(
        ("module", "text"),
        [
            (lambda: lbt.DropBlock2d(0.1, 7), "DropBlock2d(rate=0.1, block_size=7)"),
            (
                lambda: lbt.DropBlock1d(0.1, (7,), False, "none", False, 3),
                "DropBlock1d(rate=0.1, block_size=(7,), per_channel=False, "
                "normalize='none', exact_rate=False, seed=3)",
            ),
            (lambda: lbt.DropPath(0.1), "DropPath(rate=0.1)"),
            (
                lambda: lbt.DropPath(layerbridge.LinearRamp(0, 0.1, 5), 3, "none"),
                "DropPath(rate=<LinearRamp start=0, stop=0.1, steps=5>, "
                "normalize='none', seed=3)",
            ),
        ],
    )
    def test_what_is_printed(module, text):
        assert repr(module()) == text

    @pytest.mark.parametrize("name", lbt.__all__)
    def test_examples_run_and_arguments_are_documented(name):
        thing = getattr(lbt, name)
        (test,) = doctest.DocTestFinder(recurse=False).find(thing, name, lbt)
        assert test.examples
        assert not doctest.DocTestRunner().run(test).failed
        for argument in inspect.signature(thing).parameters:
            assert f"{argument}: " in thing.__doc__, argument
        assert not doctest.testmod(lbt, exclude_empty=True).failed

    SHARDED = """
import os, sys
os.environ.update(MASTER_ADDR="localhost", MASTER_PORT=sys.argv[1])
os.environ.update(GLOO_SOCKET_IFNAME="lo")
import torch, torch.distributed as dist
from torch.distributed.fsdp import fully_shard
from torch.nn.parallel import DistributedDataParallel
import layerbridge, layerbridge.torch as lbt

def work(rank, world):
    dist.init_process_group("gloo", rank=rank, world_size=world)
    torch.manual_seed(1)
    drop = lbt.DropBlock2d(layerbridge.LinearRamp(0.5, 0.5, 9), 3)
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 1), drop)
    masks = []
    for wrapped in (DistributedDataParallel(net), fully_shard(net)):
        y = wrapped(torch.ones(4, 3, 8, 8))
        y.sum().backward()
        masks.append((y == 0).sum() / y.numel())
        mask = (y == 0).float().detach()
        every = [torch.empty_like(mask) for _ in range(world)]
        dist.all_gather(every, mask)
        assert 0 < mask.sum() < mask.numel()
        assert not torch.equal(every[0], every[1])
    assert drop.seed_state[1] == 2
    dist.destroy_process_group()

if __name__ == "__main__":
    torch.multiprocessing.start_processes(work, (2,), 2, start_method="fork")
    print("trained")
"""

    def test_processes_that_train_together_drop_differently(tmp_path):
        """With DistributedDataParallel, and sharded by `fully_shard()`."""
        import socket

        with socket.socket() as free:
            free.bind(("localhost", 0))
            port = free.getsockname()[1]
        script = tmp_path / "sharded.py"
        script.write_text(SHARDED, "utf-8")
        run = subprocess.run(
            [sys.executable, script, str(port)], capture_output=True, text=True
        )
        assert run.stdout.endswith("trained\n"), run.stderr
