/** Cuts the stack's container off its network, and connects it again under the name that everybody knows it by. */
import type Docker from 'dockerode';
import { ChaosError, type Target } from '../system/system.js';
import type { FoundContainer } from './engine.js';

type Found = ReadonlyMap<Target, FoundContainer>;

export function isCut(found: Found): boolean {
  const stack = found.get('stack');
  return stack !== undefined && stack.networks.length === 0;
}

export async function cutStack(docker: Docker, found: Found): Promise<void> {
  const stack = stackOf(found);
  await Promise.all(
    stack.networks.map((name) => docker.getNetwork(name).disconnect({ Container: stack.id, Force: true })),
  );
}

export async function connectStack(docker: Docker, found: Found): Promise<void> {
  const stack = stackOf(found);
  const wanted = found.get('coordinator')?.networks ?? [];
  await Promise.all(
    wanted
      .filter((name) => !stack.networks.includes(name))
      .map((name) =>
        docker
          .getNetwork(name)
          .connect({ Container: stack.id, EndpointConfig: { Aliases: [stack.service] } }),
      ),
  );
}

function stackOf(found: Found): FoundContainer {
  const stack = found.get('stack');
  if (stack === undefined) throw new ChaosError('the stack runs in no container of ours');
  return stack;
}
