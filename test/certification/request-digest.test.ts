import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../certification/records/parse-request.ts';
import { claimDigest, claimSchema } from '../../certification/records/claim.ts';
import { requestDigest } from '../../certification/records/request.ts';
import { sampleClaim } from '../report/sample-certificates.ts';

describe("a request's digest", () => {
  it('is what it was before there were other keys: manifests of older runs state it', () => {
    const request = parseRequest({ model: '/m.onnx', dataset: '/d.npz', sigma: 0.25, run: 'r1', out: '/o' }, 'a test');
    expect(requestDigest(request)).toBe('aae4f22664f858d0198d1f2d8208d381be4c4a574a5845c708b3ca7438baf2c1');
  });
});

describe("a claim's digest", () => {
  it('is what it was before there were other norms and laws: certificates of older runs rest on it', () => {
    const claim = claimSchema.parse(sampleClaim({ examples: 10 }));
    expect(claimDigest(claim)).toBe('6ac8ce93bd4623895678124ec89cc3fddd0ec3482d7f2ca985213bf59b7c3926');
  });
});
