import { z } from 'zod';

/** Far enough for any clock that is merely wrong, near enough for every date, database and index. */
export const MAX_EPOCH_MS = Date.UTC(2100, 0, 1);

/** A time that somebody wrote down, epoch milliseconds: anybody may have, so it must be one that can be shown. */
export const epochMsSchema = z.number().min(0).max(MAX_EPOCH_MS);
