/** @returns the port with some methods replaced */
export function overrideMethods<Port extends object>(port: Port, overrides: Partial<Port>): Port {
  return new Proxy(port, {
    get: (_port, name) => {
      const owner = name in overrides ? overrides : port;
      const value: unknown = Reflect.get(owner, name);
      if (typeof value !== 'function') return value;
      return (...values: unknown[]): unknown => Reflect.apply(value, owner, values);
    },
  });
}
