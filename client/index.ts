export {
  BoomerangClient,
  type CallOptions,
  type ClientOptions,
  type Inferred,
  type InferOptions,
  type RawReply,
} from './client.js';
export {
  BoomerangClientError,
  ConnectionError,
  NotFinishedError,
  ProblemError,
  UnreadableAnswerError,
} from './errors.js';
