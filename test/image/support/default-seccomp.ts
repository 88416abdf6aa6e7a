import { readFileSync } from 'node:fs';

/** The profile that Debian's container engines take by default, as Kubernetes' `RuntimeDefault` does. */
const PROFILE = '/usr/share/containers/seccomp.json';
const ARCHITECTURE = 'SCMP_ARCH_X86_64';

interface Profile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly archMap: readonly { readonly architecture: string; readonly subArchitectures: readonly string[] }[];
  readonly syscalls: readonly Rule[];
}

interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly args?: readonly unknown[];
  readonly errnoRet?: number;
  readonly includes?: Condition;
  readonly excludes?: Condition;
}

interface Condition {
  readonly caps?: readonly string[];
  readonly arches?: readonly string[];
}

/** That profile for a container without capabilities on x86-64, as the OCI's runtime specification has it. */
export function defaultSeccomp() {
  const { defaultAction, defaultErrnoRet, archMap, syscalls } = JSON.parse(readFileSync(PROFILE, 'utf8')) as Profile;
  const { subArchitectures = [] } = archMap.find(({ architecture }) => architecture === ARCHITECTURE) ?? {};
  const applies = ({ includes = {}, excludes = {} }: Rule) =>
    (includes.caps ?? []).length === 0 &&
    ((includes.arches ?? []).length === 0 || includes.arches?.includes('amd64') === true) &&
    excludes.arches?.includes('amd64') !== true;
  return {
    defaultAction,
    ...(defaultErrnoRet !== undefined && { defaultErrnoRet }),
    architectures: [ARCHITECTURE, ...subArchitectures],
    syscalls: syscalls.filter(applies).map(({ names, action, args, errnoRet }) => ({
      names,
      action,
      ...(args && args.length > 0 && { args }),
      ...(errnoRet !== undefined && { errnoRet }),
    })),
  };
}
