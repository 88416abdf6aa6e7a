import { fractionOf } from './decimal.ts';

/** The numerators of P(Bin(n, p) = i), i = 0 … n, over the common denominator `total`, in exact integers. */
export function exactBinomial(n: number, p: number): { terms: bigint[]; total: bigint } {
  const { numerator: success, denominator } = fractionOf(p);
  const failure = denominator - success;
  const terms: bigint[] = [];
  let choose = 1n;
  for (let i = 0; i <= n; i += 1) {
    terms.push(choose * success ** BigInt(i) * failure ** BigInt(n - i));
    choose = (choose * BigInt(n - i)) / BigInt(i + 1);
  }
  return { terms, total: denominator ** BigInt(n) };
}

/** Σᵢ₌ₖⁿ terms[i] for every k = 0 … n + 1. */
export function upperTails(terms: readonly bigint[]): bigint[] {
  const tails = Array.from({ length: terms.length + 1 }, () => 0n);
  for (let k = terms.length - 1; k >= 0; k -= 1) tails[k] = tails[k + 1] + terms[k];
  return tails;
}

/** Whether numerator/total ≤ level, exactly. */
export function atMost(numerator: bigint, total: bigint, level: number): boolean {
  const limit = fractionOf(level);
  return numerator * limit.denominator <= limit.numerator * total;
}
