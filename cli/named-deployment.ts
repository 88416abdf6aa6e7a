/** The deployment that the environment names, as Temporal's own controllers set it; an empty name is none. */
export function namedDeployment(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env.TEMPORAL_DEPLOYMENT_NAME || undefined;
}
