/** A port whose calls go over a link that may fail, to a synchronous implementation on the other side. */
import type { Service } from './network-model.js';
import type { StackLink } from './stack-link.js';

export type Synchronous<Port> = {
  readonly [Name in keyof Port]: Port[Name] extends (...values: infer Values) => Promise<infer Result>
    ? (...values: Values) => Result
    : never;
};

/** @param what names the subject of the calls in the trace */
export function overLink<Port extends object>(
  link: StackLink,
  service: Service,
  what: string,
  there: Synchronous<Port>,
): Port {
  return new Proxy(there, {
    get: (_there, name) => {
      const does: unknown = Reflect.get(there, name);
      if (typeof does !== 'function') return does;
      return (...values: unknown[]): Promise<unknown> =>
        link.call(service, [String(name), what, ...values.flatMap(describeArgument)].join(' '), (): unknown =>
          Reflect.apply(does, there, values),
        );
    },
  }) as object as Port;
}

function describeArgument(value: unknown): string | number | [] {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (Array.isArray(value)) return value.length;
  if (typeof value !== 'object' || value === null) return [];
  const { id, key, rev } = value as { readonly id?: unknown; readonly key?: unknown; readonly rev?: unknown };
  return [id ?? key, rev].flatMap((each) => describeArgument(each)).join(' ');
}
