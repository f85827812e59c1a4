/** A bug that is put between a coordinator and its ports, to see whether it is found. */
import type { StackModel } from '../models/stack.js';
import type { SimPorts } from '../ports/coordinator-ports.js';

export interface Mutant {
  readonly name: string;
  /** What a coordinator with this bug does, in words. */
  readonly description: string;
  /** @param stack for what no port offers, such as a write without a condition */
  apply(ports: SimPorts, stack: StackModel): SimPorts;
}
