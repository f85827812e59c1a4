/** A bug between a coordinator and its ports. The checks must find it. */
import type { StackModel } from '../models/stack.js';
import type { SimPorts } from '../ports/coordinator-ports.js';

export interface Mutant {
  readonly name: string;
  /** Says what a coordinator with this bug does. */
  readonly description: string;
  /** @param stack offers what no port does, such as a write without a condition */
  apply(ports: SimPorts, stack: StackModel): SimPorts;
}
