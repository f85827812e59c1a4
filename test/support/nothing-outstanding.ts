/** For statistics of a coordinator that has accepted nothing. */
export const NOTHING_OUTSTANDING = { outstandingTasks: 0, outstandingBytes: 0 };
