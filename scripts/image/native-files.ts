import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

const NATIVE = /\.(?:node|dylib|dll|exe|so)(?:\.[\d.]+)?$/;
/** The first bytes of an ELF file of 64 bits, little-endian, and at byte 18 its machine: x86-64 (System V ABI). */
const ELF_64 = '7f454c460201';
const MACHINE_AT = 18;
const X86_64 = 0x3e;

/** Files under a folder that hold machine code, by their names. */
export function nativeFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => NATIVE.test(name))
    .map((name) => join(folder, name))
    .sort();
}

/** Whether a file is machine code of Linux (or another ELF system) on x86-64. */
export function isLinuxX64(file: string): boolean {
  const head = Buffer.alloc(MACHINE_AT + 2);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, head, 0, head.length, 0);
  } finally {
    closeSync(descriptor);
  }
  return head.subarray(0, ELF_64.length / 2).toString('hex') === ELF_64 && head.readUInt16LE(MACHINE_AT) === X86_64;
}
