/** UTF-16 units of a text, and texts of a request and of a batch. */
export const MAX_TEXT_LENGTH = 10_000;
export const MAX_TEXTS = 256;
