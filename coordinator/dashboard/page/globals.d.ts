/** Declares what the contracts use of Node, whose types the page reads along with its own; it never runs there. */
declare const Buffer: { byteLength(text: string): number };
