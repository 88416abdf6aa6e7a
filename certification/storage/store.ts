/** What an object holds: its size in bytes, and its SHA-256 as 64 hexadecimal digits. */
export type ObjectDigest = { readonly size: number; readonly sha256: string };

export type WriteOptions = {
  contentType?: string;
  /** S3: bytes that are held before they are sent as a part of an upload; at least 5 MiB where there is more than one. */
  partBytes?: number;
};

/** An object that is being written in pieces: nobody sees any of it before `finish`, and nothing stays after `abort`. */
export type ObjectWriter = {
  /** Adds bytes, which are the caller's again when it resolves. One call at a time. */
  write: (bytes: Uint8Array) => Promise<void>;
  /**
   * Makes the object appear, with all that `putIfAbsent` promises.
   *
   * @returns what was written, and whether by this writer
   * @throws PerimeterError `DeterminismViolation` where an object with other bytes is there
   */
  finish: () => Promise<ObjectDigest & { outcome: 'created' | 'same' }>;
  /** Gives the object up, also after a `write` or `finish` that threw. After `finish` it does nothing. Never throws. */
  abort: () => Promise<void>;
};

/** An object as a listing has it. */
export type StoredObject = {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  /** When it was written, by the clock of the store. */
  readonly writtenAt: Date;
};

/**
 * A place for objects that are written once, all but a few (`update`): a folder, or a prefix of an S3 bucket. Keys are
 * relative paths with forward slashes (`checkKey`). Every method throws a PerimeterError: `StoreRefused` for a fault that stays until someone acts
 * (no permission, no bucket), `StoreUnavailable` for one that may pass, `InvalidRequest` for a key that can't be one.
 */
export type Store = {
  /** The object's bytes. Throws `NotFound` where there is none. */
  get: (key: string) => Promise<Uint8Array>;
  /** What `get` would give, read through and not held. Throws `NotFound` where there is none. */
  digest: (key: string) => Promise<ObjectDigest>;
  /** The object's size in bytes, or undefined where there is none. */
  head: (key: string) => Promise<{ size: number } | undefined>;
  has: (key: string) => Promise<boolean>;
  /** All keys that begin with `prefix` (`''` for every key), in the order of their UTF-8 bytes. */
  list: (prefix: string) => Promise<string[]>;
  /** The objects whose keys begin with `prefix`, in the order of `list`. */
  entries: (prefix: string) => Promise<StoredObject[]>;
  /**
   * The names of the folders right under a prefix, which is `''` or ends with a slash, in the order of their UTF-8 bytes;
   * what they hold isn't listed.
   */
  folders: (prefix: string) => Promise<string[]>;
  /**
   * Writes an object that isn't there yet, whole or not at all; of concurrent writers one wins.
   *
   * @returns `created`, or `same` where an object with these bytes is there already
   * @throws PerimeterError `DeterminismViolation` where an object with other bytes is there
   */
  putIfAbsent: (key: string, bytes: Uint8Array, options?: { contentType?: string }) => Promise<'created' | 'same'>;
  /** Begins an object that isn't there yet, of any size: it is written as it comes, whole or not at all. */
  writeIfAbsent: (key: string, options?: WriteOptions) => Promise<ObjectWriter>;
  /**
   * Changes an object, or makes it, by compare-and-swap: of concurrent changes none is lost. For the few objects that
   * aren't written once.
   *
   * @param change from the bytes that are there (undefined where none are) to those that shall be; called again where
   *   another writer came between, or an answer was lost, so that it has to find its own change made already.
   */
  update: (
    key: string,
    change: (there: Uint8Array | undefined) => Uint8Array,
    options?: { contentType?: string },
  ) => Promise<void>;
  /** Removes an object if it is there. Runs never do; `perimeter gc` does, and the start-up check removes what it tried with. */
  remove: (key: string) => Promise<void>;
  /**
   * Removes what is no object from a folder that is to go: halves of files whose writers died, and empty folders. A bucket
   * has none of these; there a lifecycle rule ends uploads that nobody goes on with.
   *
   * @param prefix ends with a slash
   */
  removeLeftovers: (prefix: string) => Promise<void>;
  /** `file:///…` or `s3://…` of the object, which `readObject` takes. */
  url: (key: string) => string;
};
