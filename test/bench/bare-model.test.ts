import { onTestFinished, describe, expect, it } from 'vitest';
import { startBareModel, type BareSetup } from '../../bench/bare-model.ts';
import { openBoundModel } from '../../bench/bound-model.ts';
import { cpu } from '../../certification/records/device.ts';
import { cnnModel, tinyCnn } from '../models/cnn-model.ts';

const model = cnnModel({ convolutions: tinyCnn });
const dims = [32, 3, 32, 32];
const setup: BareSetup = { model, input: { name: 'input', dims }, output: 'logits', threads: 1, device: cpu };

async function start(of: BareSetup) {
  const bare = await startBareModel(of);
  onTestFinished(() => {
    bare.close();
  });
  return bare;
}

describe('the bare model', () => {
  it('is run over and over, by the binding and with its data left where it is, at rates of one order', async () => {
    const binding = await start(setup);
    const bound = await start({ ...setup, onDevice: { arithmetic: undefined } });
    const copied = await binding.runsPerSecond(300);
    const left = await bound.runsPerSecond(300);
    expect(copied).toBeGreaterThan(10);
    expect(left / copied).toBeGreaterThan(0.1);
    expect(left / copied).toBeLessThan(10);
    expect(bound.runtime).toBe(binding.runtime);
  });

  it("is refused with the runtime's sentence", async () => {
    const broken = { ...setup, model: new Uint8Array([1, 2, 3]) };
    await expect(startBareModel(broken)).rejects.toThrow(/protobuf|ModelProto/i);
    const unheard = { ...setup, output: 'nothing', onDevice: { arithmetic: undefined } };
    await expect(startBareModel(unheard)).rejects.toThrow(/nothing/);
  });
});

describe('a bound model', () => {
  it('computes its output in every lane', async () => {
    const size = dims.reduce((product, side) => product * side, 1);
    const input = { name: 'input', dims, data: new Float32Array(size).fill(0.5) };
    const { runs } = openBoundModel(model, { threads: 1, input, output: 'logits', lanes: 3 });
    expect(runs).toHaveLength(3);
    await Promise.all(runs.map((run) => run()));
  });
});
