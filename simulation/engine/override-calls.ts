/** The port with some of its calls done otherwise; the others are handed on. */
export function instead<Port extends object>(port: Port, otherwise: Partial<Port>): Port {
  return new Proxy(port, {
    get: (_port, name) => {
      const owner = name in otherwise ? otherwise : port;
      const value: unknown = Reflect.get(owner, name);
      if (typeof value !== 'function') return value;
      return (...values: unknown[]): unknown => Reflect.apply(value, owner, values);
    },
  });
}
